"""Ways in that no library registers: what is gone through once at start, and functions that a pool of workers runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import LOOP, Block, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.flows import Graph
from rda_nb.service.program import Function

_HANDED = 3


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """One such way in: the function that runs, the loop that it stands in (None when all of it does), and its places."""

    function: Function
    loop: Block | None
    evidence: Evidence
    places: tuple[Evidence, ...]


class Forms:
    """Finds them in one program."""

    def __init__(self, calls: Calls, graph: Graph) -> None:
        self.calls = calls
        self.graph = graph
        self.names = calls.names
        self.program = calls.names.program

    def at_start(self, file: FileFacts, intake: Block, function: Function) -> Iterator[Form]:
        """Loops over items that a function runs through before its endless one, and that wait for another process."""
        for block in file.rows.blocks:
            if block.kind != LOOP or block.function != intake.function or block.end > intake.start:
                continue
            outer = file.rows.blocks[block.parent].loop if block.parent >= 0 else -1
            header = file.text[slice(*block.header)]
            if outer >= 0 or "range " not in header or not self._leaves(file, block, function):
                continue
            yield Form(function, block, self.calls.cite_at(file, block.start), ())

    def _leaves(self, file: FileFacts, loop: Block, function: Function) -> bool:
        for call in self.calls.calls_of.get(function.key, ()):
            if not loop.start <= call.row.start < loop.end:
                continue
            if isinstance(call, Operation) and call.blocking and call.system:
                return True
            if any(target.key in self.graph.waiting for target in call.resolution.targets[:1]):
                return True
        return False

    def pooled(self) -> Iterator[Form]:
        """Functions that are handed to a pool of the target: it sends them on a channel, and workers call what they take."""
        for file in self.program.files:
            if file.role == "generated":
                continue
            for row in file.rows.sends:
                kind = self.names.type_of_span(file, row.channel, row.block)
                if not kind.startswith("chan func@"):
                    continue
                function = self.program.enclosing(file, row.block)
                parameter = self.names.parameter(file.text[slice(*row.value)], function)
                if parameter is not None and parameter[1] >= 0:
                    yield from self._handed(parameter[0], parameter[1], 0)

    def _handed(self, taker: Function, index: int, depth: int) -> Iterator[Form]:
        """What product code hands a function at a position, through functions that only hand it on."""
        for call in self.calls.callers.get(taker.key, ()):
            node = self.calls.argument(call, index)
            if node is None or call.file.role != "product" or depth > _HANDED:
                continue
            given = self.names.function_value(call.file, (node.start, node.end), call.block)
            if given is not None and given.key in self.graph.waiting:
                yield self._form(given, call)
                continue
            passed = self.names.parameter(node.text, call.function) if node.kind == "name" else None
            if passed is not None and passed[1] >= 0:
                yield from self._handed(passed[0], passed[1], depth + 1)

    def _form(self, given: Function, call: Call) -> Form:
        place = self.calls.cite(call, "caller")
        named = given.parent is None
        at = self.calls.cite_at(given.file, given.row.start) if named else self.calls.cite(call)
        return Form(given, None, at, (place,) if named else ())


__all__ = ["Form", "Forms"]
