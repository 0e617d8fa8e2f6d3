"""Work that one goroutine hands to another over a channel kept in a field: who sends, who stores, whether the sender waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.service.calls import Operation
from rda_nb.service.flows import Reached
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts, Send
    from rda_nb.service.model import Flow, Service

Span = tuple[int, int]


@dataclass(eq=False, slots=True)
class Handed(Reached):
    """An operation that another goroutine does for a flow. `place` is the send, `waits` whether the sender then waits for
    an answer; `edges` lead to the sender."""

    sender: Function
    place: tuple[FileFacts, int, int]
    waits: bool


class Handoffs:
    """Finds the operations behind a flow's sends; what stands behind a channel is worked out once."""

    def __init__(self, service: Service, roles: Iterable[str]) -> None:
        self.service = service
        self.roles = frozenset(roles)
        self._sends: dict[str, list[tuple[str, Send]]] = {}
        self._behind: dict[str, list[Operation]] = {}
        for file in service.program.files:
            if file.role == "product" and file.rows.sends:
                self._file(file)

    def of(self, flow: Flow) -> list[Handed]:
        """The operations that others do with what the flow sends, nearest sender first."""
        found = []
        for function in flow.reach.order:
            for holder, send in self._sends.get(function.key, ()):
                for operation in self._behind_of(holder):
                    edges = flow.reach.edges_to(function)
                    if operation.function is not None and operation.function.key in flow.reach.by:
                        continue
                    place = (function.file, send.block, send.start)
                    found.append(Handed(operation, edges, function, place, self._waits(function, send)))
        return found

    def sent(self, function: Function) -> list[tuple[str, Send]]:
        """(`Type.field`, the send) for each send of a function on a channel that a value of the service's own keeps."""
        return self._sends.get(function.key, [])

    def _file(self, file: FileFacts) -> None:
        for send in file.rows.sends:
            function = self.service.program.enclosing(file, send.block)
            holder = self._holder(file, send.channel, send.block)
            if function is not None and holder:
                self._sends.setdefault(function.key, []).append((holder, send))

    def _holder(self, file: FileFacts, span: Span, block: int) -> str:
        """`Type.field` of a channel that a value of the service's own keeps; '' for any other."""
        parts = file.slice(span).split(".")
        if len(parts) < 2 or not all(part.isidentifier() for part in parts):
            return ""
        owner = self.service.names.type_of_dotted(parts[:-1], file, block, span[0])
        return f"{owner}.{parts[-1]}" if owner in self.service.program.types else ""

    def _behind_of(self, holder: str) -> list[Operation]:
        """The operations that functions reach which take from a channel, as far as every call on the way is resolved."""
        if holder not in self._behind:
            self._behind[holder] = []
            found: dict[int, Operation] = {}
            for function in self._takers.get(holder, ()):
                reach = self.service.concurrency.reach_of(function)
                for operation in self.service.operations(*self.roles):
                    target = operation.function
                    if target is not None and target in reach:
                        if all(edge.confidence == "resolved" for edge in reach.edges_to(target)):
                            found.setdefault(id(operation), operation)
            self._behind[holder] = list(found.values())
        return self._behind[holder]

    @cached_property
    def _takers(self) -> dict[str, list[Function]]:
        """`Type.field` -> the functions that receive from it."""
        taken: dict[str, list[Function]] = {}
        for holder, function, _ in self.taken:
            taken.setdefault(holder, []).append(function)
        return taken

    @cached_property
    def taken(self) -> list[tuple[str, Function, int]]:
        """(`Type.field`, function, offset) for each place that receives from such a channel, in document order."""
        found: list[tuple[str, Function, int]] = []
        for file in self.service.program.files:
            if file.role != "product":
                continue
            spans = [(row.channel, row.block) for row in file.rows.receives]
            spans += [(row.values[0], row.block) for row in file.rows.bindings if row.form == "range" and row.values]
            for span, block in spans:
                holder = self._holder(file, span, block)
                function = self.service.program.enclosing(file, block)
                if holder and function is not None:
                    found.append((holder, function, span[0]))
        return found

    def _waits(self, sender: Function, send: Send) -> bool:
        """True when the sender receives from a channel after its send: it is told how the work fared."""
        file, row = sender.file, sender.row
        return any(
            send.value[1] <= receive.start < row.end
            for receive in file.rows.receives
            if not _done(file, receive.channel)
        )


def _done(file: FileFacts, span: Span) -> bool:
    """True for the end of a context, which answers nothing."""
    return file.slice(span).endswith("Done()")
