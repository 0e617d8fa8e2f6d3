"""Deadlines for contexts that have none: `if _, ok := ctx.Deadline(); !ok { ctx, cancel = context.WithTimeout(ctx, d) }`."""

from __future__ import annotations

from rda_nb.core import unknown
from rda_nb.facts.vocabulary import BRANCH, Binding, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.deadline import OPEN, Deadline
from rda_nb.service.program import Function

_ASKED = "context.asked"


class AskedDeadlines:
    """Where a program asks a context whether it has a deadline, and sets one only where it has none."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.names = calls.names

    def fills_in(self, file: FileFacts, row: Binding, offset: int) -> bool:
        """True for an assignment before `offset` that is made only to a context without a deadline."""
        region = file.rows.blocks[row.block] if row.block >= 0 else None
        if region is None or region.kind != BRANCH or region.parent < 0 or region.end > offset:
            return False
        outer = file.rows.blocks[region.parent]
        if not outer.start <= offset < outer.end:
            return False
        conventions = self.calls.conventions
        condition = file.text[slice(*region.header)].strip()
        negated = conventions.NEGATED.fullmatch(condition)
        turn = conventions.alternative(file.text, region.start, region.header[1], region.end)
        if (row.start < turn) != (negated is not None):
            return False
        bound = self.names.local(negated[1] if negated else condition, file, region.header[0])
        if bound is None or bound[1] != 1 or len(bound[0].values) != 1:
            return False
        index = file.call_at.get(bound[0].values[0])
        asked = self.calls.operation(file, index) if index is not None else None
        return asked is not None and asked.role == _ASKED and asked.callee.partition(".")[0] == row.names[0]

    def hands_back(self, function: Function) -> bool:
        """True for a function that hands a context back as it was given, where that has a deadline of its own."""
        given = {name for name, _ in function.parameters}
        asks = any(
            operation.role == _ASKED
            for operation in self.calls.role(_ASKED)
            if operation.function is not None and operation.function.key == function.key
        )
        text = function.file.text
        return asks and any(row.values and text[slice(*row.values[0])] in given for row in function.returns)


def or_else(given: Deadline, own: Deadline) -> Deadline:
    """What holds where a deadline is set for callers without one: theirs where they bring one, else the one that is set."""
    if given.limit is not None:
        return given
    if given.origin in OPEN:
        return own._replace(places=(*own.places, *given.places), request=own.request or given.request)
    # Who calls is not known: with a deadline of its own, which may be any, or without one.
    limit = unknown("it is the caller's own deadline, and the one set here only where the caller brings none", "s")
    return Deadline(limit, "context", (*own.places, *given.places), given.request)


def loosest(made: list[Deadline]) -> Deadline:
    """The way that says most of a deadline which is set alone: another way may be cut short by its caller's."""
    return max(made, key=lambda way: way.limit.upper if way.limit and way.limit.upper is not None else float("inf"))
