"""Tickers that a loop waits for: which call made each, where the loop receives from it, and what runs on its tick."""

from __future__ import annotations

import re
from functools import cached_property

from rda_nb.facts.vocabulary import BRANCH, CASE, LOOP, SELECT, Block, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import Function

# The question whether an error came back, and no other beside it.
_FAILED = re.compile(r"(?i)^[^&|]*\b\w*err\w*\s*[!=]=\s*nil$")


class Tickers:
    """Finds the tickers of one program's loops."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def of(self, file: FileFacts, block: Block, function: Function) -> list[tuple[int, Operation]]:
        """(offset of the receive, what made the ticker) for every tick that a loop waits for."""
        found: dict[int, tuple[int, Operation]] = {}
        for row in file.rows.receives:
            if not block.start <= row.start < block.end or file.rows.blocks[row.block].function != block.function:
                continue
            written = file.text[slice(*row.channel)]
            ticker = self._made(written, file, row.start, function) or self._relays.get((file.path, written))
            if ticker is not None and not self._fires_once(ticker, file, block):
                found.setdefault(ticker.row.start, (row.start, ticker))
        return list(found.values())

    @staticmethod
    def case(file: FileFacts, loop: Block, offset: int) -> Block | None:
        """The case of a loop's select that a receive opens: what runs on that tick."""
        cases = [row for row in file.rows.blocks if row.kind == CASE and row.start <= offset < row.end]
        return next((row for row in reversed(cases) if row.function == loop.function), None)

    @staticmethod
    def between(file: FileFacts, loop: Block, offset: int) -> Block | None:
        """The case that the select around a receive comes to when nothing has ticked; None when it waits."""
        select = next((number for number, row in file.chain(_block_at(file, loop, offset)) if row.kind == SELECT), None)
        if select is None or file.rows.blocks[select].start < loop.start:
            return None
        cases = (row for row in file.rows.blocks if row.kind == CASE and row.parent == select)
        return next((row for row in cases if row.header == (0, 0)), None)

    def tries(self, file: FileFacts, loop: Block, offset: int) -> bool:
        """True for a loop that is left once what it does has succeeded: the wait is a pause between two tries."""
        tick = self.case(file, loop, offset) or loop
        for row in file.rows.returns:
            here = file.rows.blocks[row.block]
            if not loop.start <= row.start < loop.end or here.function != loop.function:
                continue
            if here in (loop, tick) or (
                file.rows.blocks[here.parent] in (loop, tick) and self._fine(file, here, row.start)
            ):
                return True
        return False

    def _fine(self, file: FileFacts, branch: Block, start: int) -> bool:
        """True for a place behind the question whether an error came back, on the side where none did."""
        header = file.text[slice(*branch.header)]
        if branch.kind != BRANCH or _FAILED.search(header) is None:
            return False
        other: int = self.calls.conventions.alternative(file.text, branch.start, branch.header[1], branch.end)
        return (start >= other) if "!=" in header else (start < other)

    def _fires_once(self, timer: Operation, file: FileFacts, loop: Block) -> bool:
        """True for a timer that is made before a loop and not set again in it: the end of the wait, no schedule."""
        if timer.role not in ("timer.after", "timer.once") or timer.row.start >= loop.start or timer.file is not file:
            return False
        name = self._given_to(timer).rpartition(".")[2]
        again = rf"\b{re.escape(name)}\s*(?:=[^=]|\.Reset\()"
        return bool(name) and re.search(again, file.text[loop.start : loop.end]) is None

    def _made(self, written: str, file: FileFacts, offset: int, function: Function) -> Operation | None:
        """The call that made the ticker a receive waits for: given in place, held in a local, or kept in a field."""
        index = file.call_at.get((offset + 2, offset + 2 + len(written)))
        at: Function | None = function
        made = [op for op in self._timers.get(file.path, ()) if op.function is not None]
        base = written.removesuffix(".C").removesuffix(".Chan()")
        while at is not None:
            for operation in made:
                if operation.function is not at or operation.row.start > offset + len(written):
                    continue
                if index == operation.index or self._given_to(operation) == base:
                    return operation
            at = at.parent
        tail = base.rpartition(".")[2]
        return next((op for op in made if "." in base and self._given_to(op).rpartition(".")[2] == tail), None)

    def _given_to(self, operation: Operation) -> str:
        given = operation.file.given.get((operation.row.start, operation.row.end))
        return given[0].names[given[1]] if given is not None and given[1] < len(given[0].names) else ""

    def made_in(self, function: Function) -> Operation | None:
        """The first ticker that a function makes, or one around it."""
        at: Function | None = function
        while at is not None:
            for operation in self._timers.get(function.file.path, ()):
                if operation.function is at:
                    return operation
            at = at.parent
        return None

    @cached_property
    def _relays(self) -> dict[tuple[str, str], Operation]:
        """(file, channel) -> what made the ticker whose ticks a loop does nothing with but send them on over the channel."""
        found: dict[tuple[str, str], Operation] = {}
        for operation in (one for own in self._timers.values() for one in own):
            function, file = operation.function, operation.file
            if function is None:
                continue
            for block in file.rows.blocks:
                if (
                    block.kind != LOOP
                    or block.function != function.row.block
                    or not hands_on(self.calls, function, block)
                ):
                    continue
                ranged = block.header[0] <= operation.row.start < block.header[1]
                if ranged or operation in (made for _, made in self._received(file, block, function)):
                    for row in file.rows.sends:
                        if block.start <= row.start < block.end:
                            found[file.path, file.text[slice(*row.channel)].strip()] = operation
        return found

    def _received(self, file: FileFacts, block: Block, function: Function) -> list[tuple[int, Operation]]:
        """(offset, what made the ticker) of the receives in a loop that wait for a ticker of the file."""
        rows = [row for row in file.rows.receives if block.start <= row.start < block.end]
        made = ((row.start, self._made(file.text[slice(*row.channel)], file, row.start, function)) for row in rows)
        return [(start, one) for start, one in made if one is not None]

    @cached_property
    def _timers(self) -> dict[str, list[Operation]]:
        found: dict[str, list[Operation]] = {}
        for operation in self.calls.role("timer.ticker", "timer.tick", "timer.after", "timer.once"):
            found.setdefault(operation.path, []).append(operation)
        return found


def _block_at(file: FileFacts, loop: Block, offset: int) -> int:
    """The block of the receive that stands at an offset in a loop."""
    return next((row.block for row in file.rows.receives if row.start == offset), loop.parent)


def hands_on(calls: Calls, function: Function, loop: Block) -> bool:
    """True for a loop that does nothing at a tick but send it on: what receives it does the work."""
    sends = any(loop.start <= row.start < loop.end for row in function.file.rows.sends)
    return sends and not any(
        loop.header[1] < call.row.start < loop.end
        and loop.start <= call.row.start
        and not (isinstance(call, Operation) and call.role.startswith("timer."))
        for call in calls.calls_of.get(function.key, ())
    )
