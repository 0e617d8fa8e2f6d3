"""Channels on which a broker's library delivers: the loops that take from the channel which a consume gives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from rda_nb.facts.vocabulary import LOOP, Block, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.creations import Creations
from rda_nb.service.iterations import loops_at
from rda_nb.service.program import Function, Span
from rda_nb.service.values import Values


class Deliveries:
    """Answers for one program; every channel is followed once, back to the calls that give it."""

    def __init__(self, calls: Calls, values: Values, roles: frozenset[str]) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.made = Creations(calls, values)
        self.roles = roles

    def of(self, operation: Operation) -> list[tuple[Function, Block]]:
        """The functions and loops that take what a consume delivers, in document order."""
        return self._loops.get((operation.path, operation.row.start), [])

    def taken(self, file: FileFacts, loop: Block) -> bool:
        """True for a loop that takes what a consume delivers."""
        return (file.path, loop.start) in self._taken

    @cached_property
    def _taken(self) -> frozenset[tuple[str, int]]:
        return frozenset((function.file.path, loop.start) for found in self._loops.values() for function, loop in found)

    @cached_property
    def _loops(self) -> dict[tuple[str, int], list[tuple[Function, Block]]]:
        """Place of a consume -> the loops that take from its channel and stand in no loop that consumes again."""
        found: dict[tuple[str, int], list[tuple[Function, Block]]] = {}
        for file in self.program.files if self._packages else ():
            if file.role == "generated":
                continue
            for span, block, loop in self._taking(file):
                if not self._brought(self.names.type_of_span(file, span, block)):
                    continue
                function = self.program.function_of[file.path, loop.function]
                for operation in self._sources(file, span, block):
                    again = operation.file is file and any(
                        around.start <= loop.start < around.end for around in loops_at(file, operation.block)
                    )
                    places = found.setdefault((operation.path, operation.row.start), [])
                    if not again and (function, loop) not in places:
                        places.append((function, loop))
        return found

    def _taking(self, file: FileFacts) -> Iterator[tuple[Span, int, Block]]:
        """(channel, block, outermost loop) for each loop that ranges over something or receives from a channel."""
        loops = {row.header[0]: row for row in file.rows.blocks if row.kind == LOOP}
        for header, rows in file.ranges.items():
            loop = loops.get(header)
            if loop is not None and loop.function >= 0 and rows[0].values:
                yield rows[0].values[0], rows[0].block, loop
        for receive in file.rows.receives:
            around = loops_at(file, receive.block)
            if around and around[-1].function >= 0:
                yield receive.channel, receive.block, around[-1]

    def _brought(self, kind: str) -> bool:
        """True for a channel of what a library with such calls delivers."""
        path = kind.removeprefix("chan ").lstrip("*").rpartition(".")[0]
        return kind.startswith("chan ") and path in self._packages

    @cached_property
    def _packages(self) -> frozenset[str]:
        return frozenset(operation.package for operation in self.calls.role(*self.roles))

    def _sources(self, file: FileFacts, span: Span, block: int) -> list[Operation]:
        made = (one.operation for one in self.made.at(file, span, block))
        return [operation for operation in made if operation is not None and operation.role in self.roles]
