"""Loops of the target that try again: how often, and how long they wait between two tries."""

from __future__ import annotations

import re
from dataclasses import replace

from rda_nb.capacity.backoff import Backoff, exponential
from rda_nb.core import Origin, Quantity, State, absent, unknown
from rda_nb.facts.vocabulary import BRANCH, LOOP, Block, FileFacts, Return
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.jumps import tries_again, waits_before, ways_out
from rda_nb.service.retry_layers import Layer
from rda_nb.service.taking import taken_before
from rda_nb.service.values import Values

_RETRY_WORDS = re.compile(r"(?i:retr(?!iev)|attempt|backoff)|(?<![A-Za-z])tries|Tries(?![a-z])")
_UP = re.compile(r"(\w+)\s*(<=|<)\s*([^;{&|]+)")
# `range` over a number counts; over a list it goes through items.
_RANGE = re.compile(r"\brange\s+([\w.]+)\s*$")
_DOWN = re.compile(r"^\s*([\w.]+)\s*>=?\s*(\d+)\s*$")
# A loop that compares the time with a moment it set before, or with how long it has tried
_BY_CLOCK = re.compile(r"\.(?:Before|After)\(|\bSince\(|\bUntil\(")
_COUNTS = re.compile(
    r"(?i)(?:retr|attempt|tries|count|times)\w*\s*(?:>=|>|==|<|<=)|(?:>=|>|==|<|<=)\s*\w*(?:retr|attempt|tries)"
)
# A loop that takes part after part of a list: what it repeats is done to other items.
_EATEN = re.compile(r"\s*len\((\w+)\)\s*(?:>|!=)\s*0\s*$")
_STARTS_AT_ONE = re.compile(r"\w+\s*:?=\s*1\s*;")
# A count that is compared with the most that it may be.
STOPS = re.compile(r"(\w+)\s*(>=|>)\s*([\w.]+)")
_FAILED = re.compile(r"(?i)\b\w*err\w*\s*!=\s*nil|\.Done\(\)|\berr(?:ors)?\.Is\(")
# Every failure but an answer: of a conflict, or that something is there already or not yet.
_ANSWERS = r"!\s*errors\.Is\(\w+,\s*[\w.]*(?:TxFailed|Conflict|Stale|Concurrent|Exists?|Duplicate|NotFound|Nil)\w*\)"
_BUT_ANSWERS = re.compile(_ANSWERS)
ANY_FAILURE = re.compile(rf"\w*[eE]rr\s*!=\s*nil|{_ANSWERS}")
_NUMBERS = frozenset({"int", "int32", "int64", "uint", "uint32", "uint64"})


class RetryLoops:
    """Reads the loops of one program."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.values = values

    def layer(self, call: Call, loop: Block) -> Layer | None:
        """The layer that a loop of the target makes when it is a retry loop: it counts attempts, waits and tries again."""
        file = call.file
        header = file.text[slice(*loop.header)] if loop.header != (0, 0) else ""
        body = self.calls.conventions.without_comments(file.text[loop.start : loop.end])
        eaten = _EATEN.match(header)
        if eaten is not None and re.search(rf"\b{eaten[1]}\s*=\s*{eaten[1]}\[", body):
            return None
        if len(body) > 8000 or ("range " in header and self._ranged(call, header, loop) is None):
            return None
        sleeps = [
            own
            for own in (self.calls.calls_of.get(call.function.key, ()) if call.function else ())
            if isinstance(own, Operation)
            and (own.role in ("sleep", "timer.after") or (own.role == "timer.once" and own.entry.handler is None))
            and loop.start <= own.row.start < loop.end
        ]
        pauses = [own.row.start for own in sleeps]
        by_words = _RETRY_WORDS.search(header) or (sleeps and _RETRY_WORDS.search(body))
        # Without its words a loop is one of attempts only around the call itself: a helper may have other callers that wait.
        again = isinstance(call, Operation) and tries_again(file, call.block, call.row.start, loop, pauses)
        if not by_words and not again:
            return None
        if "return" not in body and "break" not in body:
            return None
        if "break" not in body and self._left_on_failure_alone(file, loop, header):
            return None
        if left_by(file, loop, _BUT_ANSWERS):
            return None
        if not _RETRY_WORDS.search(header) and taken_before(self.calls, call, loop):
            return None
        evidence = self.calls.cite_at(file, loop.start, role="caller")
        backoff = self._pause(sleeps[0], loop, body) if sleeps else None
        extent = (file.path, file.line(loop.start), file.line(loop.end - 1))
        count = self._count(call, header, loop)
        return Layer(count, backoff, "loop", evidence, repeated=(extent,), until_success=not by_words)

    def _pause(self, own: Operation, loop: Block, body: str) -> Backoff | Quantity:
        """The pause between two tries: one length, or one that the loop multiplies, up to a limit that it compares with."""
        file = own.file
        node = self.calls.argument(own, own.entry.count or 0)
        delay = self.values.quantity(self.values.of(node, file, own.block), "s")
        if node is None or node.kind != "name":
            return delay
        name = re.escape(node.text)
        grows = re.search(rf"\b{name}\s*(?:\*=|=\s*{name}\s*\*)\s*([\w.]+)", body)
        if grows is None:
            if re.search(rf"\b{name}\s*(?:[-+*/]|<<|>>)?=[^=]", body):
                below = self._below(own, loop, name)
                if below is not None:
                    return below
                return unknown("the loop changes the pause in a way that is not followed", "s", *delay.origins)
            return delay
        if not re.fullmatch(r"\d+(?:\.\d+)?", grows[1]):
            return unknown("the factor by which the pause grows is no number", "s", *delay.origins)
        limit = re.search(rf"\b{name}\s*>=?\s*([\w.]+)|\bmin\([^()]*\)", body)
        if limit is None:
            return exponential(delay, multiplier=float(grows[1]))
        if limit[1] is None:
            return unknown("the limit of the growing pause is not followed", "s", *delay.origins)
        at = file.text.find(limit[1], loop.start)
        cap = self.values.quantity(
            self.values.of(self.calls.conventions.expression(limit[1], at), file, own.block), "s"
        )
        return exponential(delay, multiplier=float(grows[1]), cap=cap)

    def _below(self, own: Operation, loop: Block, name: str) -> Quantity | None:
        """The range of a pause that is made only below a limit: `if pause < most { sleep(pause) }`."""
        file, conventions = own.file, self.calls.conventions
        for _, region in file.chain(own.block):
            if region.start <= loop.start:
                return None
            head = file.text[slice(*region.header)]
            if region.kind != BRANCH or "||" in head or "!(" in head:
                continue
            found = re.search(rf"(?<![\w.]){name}\s*<=?\s*([^&;{{]+)", head)
            if found is None or own.row.start >= conventions.alternative(
                file.text, region.start, region.header[1], region.end
            ):
                continue
            written = found[1].strip()
            node = conventions.expression(written, region.header[0] + found.start(1))
            limit = self.values.quantity(self.values.of(node, file, region.parent), "s")
            if limit.upper is not None:
                return replace(limit, state=State.RANGE, number=None, low=0.0, high=limit.upper)
        return None

    @staticmethod
    def _left_on_failure_alone(file: FileFacts, loop: Block, header: str) -> bool:
        """True for a loop that goes on after success, as one that polls for work does: it repeats no attempt."""
        returns = own_returns(file, loop)
        for row in returns:
            around = []
            for _, region in file.chain(row.block):
                if region.start <= loop.start:
                    break
                # A case begins with its condition; a branch has a header.
                head = region.header if region.header != (0, 0) else (region.start, region.start + 80)
                around.append(file.text[slice(*head)])
            if not any(_FAILED.search(text) for text in around):
                return False
        return bool(returns) or header.strip() in ("", "true")

    def _ranged(self, call: Call, header: str, loop: Block) -> Quantity | None:
        """The number that a loop ranges over; None for a list, a channel, or what cannot be told from one."""
        written = _RANGE.search(header)
        if written is None:
            return None
        file, at = call.file, loop.header[0] + header.find(written[1], written.start(1))
        node = self.calls.conventions.expression(written[1], at)
        kind = self.calls.names.type_of(node, file, loop.parent)
        quantity = self.values.quantity(self.values.of(node, file, loop.parent), "count")
        return quantity if quantity.known or kind in _NUMBERS else None

    def _count(self, call: Call, header: str, loop: Block) -> Quantity:
        file = call.file
        ranged = self._ranged(call, header, loop)
        if ranged is not None:
            return ranged
        down = _DOWN.match(header)
        up = _UP.search(header)
        origin = Origin("constant", header.strip()[:120], self.calls.cite_at(file, loop.start))
        if down is None and up is None:
            counted = self._counted(file, loop)
            if counted is not None:
                return counted
            body = file.text[loop.start : loop.end]
            pause = waits_before(file, call.block, loop)
            if _BY_CLOCK.search(body.replace(pause, "") if pause else body):
                return unknown("the retry loop ends by the clock, not by a count", "count", origin)
            if header.strip() not in ("", "true") or _COUNTS.search(body):
                return unknown("what ends the retry loop is not a count that can be followed", "count", origin)
            return absent("the loop counts no attempts", "count", origin)
        written = up[3].strip() if up else (down[1] if down else "")
        at = loop.header[0] + header.find(written, up.start(3) if up else 0)
        block = file.rows.blocks[call.block].loop if call.block >= 0 else call.block
        outer = file.rows.blocks[block].parent if block >= 0 else call.block
        value = self.values.of(self.calls.conventions.expression(written, at), file, outer)
        quantity = self.values.quantity(value, "count")
        if up is not None and up[2] == "<=" and quantity.number is not None and not _STARTS_AT_ONE.search(header):
            quantity = replace(quantity, number=quantity.number + 1)
        if up is not None and up[2] == "<" and quantity.number is not None and _STARTS_AT_ONE.search(header):
            quantity = replace(quantity, number=quantity.number - 1)
        return quantity

    def _counted(self, file: FileFacts, loop: Block) -> Quantity | None:
        """The failures that an endless loop counts from none on, and gives up at: `if failed >= most { return }`."""
        for index in sorted({row.block for row in own_returns(file, loop)} | ways_out(file, loop)):
            region = file.rows.blocks[index]
            if region.kind != BRANCH or not loop.start < region.start < loop.end:
                continue
            found = STOPS.fullmatch(file.text[slice(*region.header)].strip())
            if found is None or not re.search(rf"\b{found[1]}(?:\+\+|\s*\+= 1)", file.text[loop.start : region.start]):
                continue
            start = file.rows.blocks[loop.function].start if loop.function >= 0 else 0
            if not re.search(rf"\b{found[1]}\s*:?=\s*0\b|\bvar {found[1]} int\b", file.text[start : region.start]):
                continue
            node = self.calls.conventions.expression(found[3], region.header[1] - len(found[3]))
            limit = self.values.quantity(self.values.of(node, file, region.parent), "count")
            if limit.number is not None:
                return replace(limit, number=limit.number + (found[2] == ">"))
        return None


def own_returns(file: FileFacts, loop: Block) -> list[Return]:
    """The returns that leave a loop; those of function literals in it leave nothing but the literal."""
    blocks = file.rows.blocks
    return [
        row
        for row in file.rows.returns
        if row.block >= 0 and loop.start <= row.start < loop.end and blocks[row.block].function == loop.function
    ]


def left_by(file: FileFacts, loop: Block, failures: re.Pattern[str]) -> bool:
    """True for a loop with a way out in its own body whose condition is one of these failures, and no way round it."""
    for index in sorted({row.block for row in own_returns(file, loop)}):
        block = file.rows.blocks[index]
        if block.kind != BRANCH or not loop.start < block.start < loop.end:
            continue
        own = next((one for _, one in file.chain(block.parent) if one.kind in (BRANCH, LOOP)), None)
        condition = file.text[slice(*block.header)].strip()
        if own is loop and failures.fullmatch(condition) and "continue" not in file.text[loop.start : block.end]:
            return True
    return False
