"""The loops around a call: the nearest one over items through its callers, and whether the call is made each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION, LOOP, Block, FileFacts
from rda_nb.service.calls import Call, Operation
from rda_nb.service.flows import Edge
from rda_nb.service.loop_kinds import ARRIVALS, FIXED, ITEMS, OTHER, RETRIES, LoopKinds
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

_CAUGHT = re.compile(r"\b(\w+)\s*:?=\s*recover\(\)\s*;?\s*(?:if\s+)?\1\s*!=\s*nil")
# A turn told by its index alone; beside an `or` it may be any turn.
_ONE_TURN = re.compile(r"(?<![\w.|])(\w+)\s*==\s*(?:0|len\([\w.]+\)\s*-\s*1)(?![\w.])(?![^{]*\|\|)")
_DEEPEST = 5
_WIDEST = 12
# Wrappers that start what they are given in a goroutine are named like those they wrap.
_STARTS = re.compile(r"\.(?:Go|TryGo|GoCtx|Async\w*|Enqueue\w*|Schedule\w*|Spawn\w*|Submit\w*)$")
_MAKES = re.compile(r"(?i)(?:new|make|create|build|open|connect|dial|init)")
_MISSING = re.compile(r"(?<!err) == nil|!(?:ok|found|exists?|has\w*|loaded|cached|present|hit)\b")
_FOUND = re.compile(r"(?:\b(?:ok|found|exists?|hit|loaded|cached)|(?<!err)(?<!Err) != nil)\s*\{[^{}]*\breturn\b")
_HAD = re.compile(r"(?<![!\w])(?:ok|found|exists?|hit|loaded|cached)\s*\{[^{}]*\breturn\b")
# A return that stands below a question about age: `if time.Now().Before(c.expiry) { return c.value }`.
_FRESH = re.compile(
    r"(?i)\b(?:before|after|since|until|sub)\([^{}\n]*(?:expir|ttl|fresh|stale|valid|refreshed|updated|fetched|loaded|deadline)"
    r"[^{}\n]*\{[^{}]*\breturn\b"
)
_CACHE = re.compile(r"(?i)cache|memo[iz]|\bonce\b|LoadOrStore|singleflight")


@dataclass(frozen=True, eq=False, slots=True)
class Turn:
    """A loop over items around a call: the place in it that leads there, and the edges from there on."""

    file: FileFacts
    function: Function
    start: int
    block: int
    loop: Block
    over: str
    edges: tuple[Edge, ...]
    outer: int

    @property
    def certain(self) -> bool:
        """True when every edge from the loop to the call is resolved."""
        return all(edge.confidence == "resolved" for edge in self.edges)

    @property
    def spawned(self) -> bool:
        """True when the items are worked on in goroutines of their own."""
        return any(detached(edge) for edge in self.edges)

    @property
    def chain(self) -> tuple[str, ...]:
        """The functions from the loop to the call."""
        labels = [self.function.label]
        for edge in self.edges:
            if edge.target.label != labels[-1]:
                labels.append(edge.target.label)
        return tuple(labels)


class Iterations:
    """Finds the nearest loop over items around a call, through its callers, and tells loops apart."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls
        self.kinds = LoopKinds(service.names, service.values)

    def over(self, file: FileFacts, loop: Block) -> str:
        """What a loop goes through, as written; its whole header when it is not a range."""
        return self.kinds.over(file, loop)

    def kind(self, file: FileFacts, loop: Block) -> str:
        """What kind of loop it is; OTHER when that cannot be told."""
        return self.kinds.kind(file, loop)

    # Around a call

    def nearest(self, call: Call, within: frozenset[str]) -> Iterator[Turn]:
        """The nearest loop over items on each way up from a call, through functions whose keys are in `within`.

        A way ends at a loop that takes work as it arrives, and where the code before runs at most once per loop.
        """
        if call.function is None or call.function.key not in within:
            return
        seen = {call.function.key}
        pending: list[tuple[FileFacts, Function, int, int, int, tuple[Edge, ...]]] = [
            (call.file, call.function, call.name_start, call.row.end, call.block, ())
        ]
        while pending:
            file, function, start, end, block, edges = pending.pop(0)
            outcome, turn = self._in_function(file, function, start, end, block, edges)
            if turn is not None:
                yield turn
            if outcome or len(edges) >= _DEEPEST:
                continue
            ways = [edge for edge in self.service.graph.into.get(function.key, ()) if edge.source.key in within]
            for edge in ways[:_WIDEST]:
                if edge.source.key in seen or (edge.kind == "literal" and edge.via is None and not _run_here(edge)):
                    continue
                seen.add(edge.source.key)
                above, offset, stop = _place(edge)
                pending.append((edge.source.file, edge.source, offset, stop, above, (edge, *edges)))

    def _in_function(
        self, file: FileFacts, function: Function, start: int, end: int, block: int, edges: tuple[Edge, ...]
    ) -> tuple[bool, Turn | None]:
        """(does the way end here, the turn found)."""
        if self.handles_error(file, block, start):
            return True, None
        loops = loops_at(file, block)
        for number, loop in enumerate(loops):
            if loop.header[0] <= start < loop.header[1]:
                continue  # what a loop ranges over is worked out once
            kind = self.kind(file, loop)
            if kind == ARRIVALS:
                return True, None
            if kind == ITEMS and not self.at_most_once(file, block, end, loop):
                outer = sum(self.kind(file, other) == ITEMS for other in loops[number + 1 :])
                return True, Turn(file, function, start, block, loop, self.over(file, loop), edges, outer)
        return False, None

    def handles_error(self, file: FileFacts, block: int, start: int) -> bool:
        """True for a place in a branch that handles an error; the statement that the branch tests is not in it."""
        for _, row in file.chain(block):
            if row.kind == FUNCTION:
                return False
            if row.kind == BRANCH and row.header[1] <= start:
                header = file.text[slice(*row.header)]
                failed, fine = "!= nil" in header, "== nil" in header
                # The value of a panic that was caught is a failure, whatever it is called.
                caught = failed and _CAUGHT.search(file.text, max(0, row.header[0] - 60), row.header[1]) is not None
                if (failed or fine) and ("err" in header.lower() or caught):
                    other = self.calls.conventions.alternative(file.text, row.start, row.header[1], row.end)
                    if (start < other) if failed else (start >= other):
                        return True
        return False

    def first_or_last(self, file: FileFacts, block: int, start: int, loop: Block) -> bool:
        """True for a place behind the question whether a turn is the loop's first or last: `if i == len(items)-1`."""
        written = file.text[slice(*loop.header)].partition("=")[0]
        counter = re.match(r"\s*([A-Za-z_]\w*)", written)
        ranged = next(iter(file.ranges.get(loop.header[0], ())), None)
        if counter is None or (ranged is not None and self._values_of(file, ranged.values[0], loop)):
            return False
        for _, row in file.chain(block):
            if row.start <= loop.start:
                return False
            if row.kind != BRANCH or row.header[1] > start:
                continue
            if start < self.calls.conventions.alternative(file.text, row.start, row.header[1], row.end):
                if counter[1] in _ONE_TURN.findall(file.text[slice(*row.header)]):
                    return True
        return False

    def _values_of(self, file: FileFacts, span: tuple[int, int], loop: Block) -> bool:
        """True when the first name of a range is a value, not an index or key: a channel hands those out."""
        return self.service.names.type_of_span(file, span, loop.parent).startswith(("chan ", "<-chan"))

    def at_most_once(self, file: FileFacts, block: int, end: int, loop: Block) -> bool:
        """True when the code after a place leaves the loop without a condition, or once it has succeeded."""
        if self.first_or_last(file, block, end - 1, loop):
            return True
        blocks = file.rows.blocks
        for row in file.rows.returns:
            if row.block == block and end <= row.start < loop.end:
                return True
        here = blocks[block] if block >= 0 else loop
        after = file.text[end : min(here.end, loop.end)]
        inner = here.kind in (BRANCH, CASE) and here.start > loop.start
        if inner and re.search(r"\n\s*break\b[^\n]*\n\s*\}?\s*$", after):
            return True
        return self.until_success(file, loop)

    def until_success(self, file: FileFacts, loop: Block) -> bool:
        """True for a loop that is left as soon as something has gone well."""
        return re.search(r"err\w* == nil \{[^{}]*\b(?:return|break)\b", file.text[loop.start : loop.end]) is not None

    # Work that is repeated

    def repeated(self, call: Call) -> Flow | None:
        """A per-request or per-message flow that does a call each time; None when a result is kept, or it runs once."""
        if (
            call.file.role != "product"
            or self.handles_error(call.file, call.block, call.row.start)
            or self._kept(call, call.block)
        ):
            return None
        for flow in self.service.hot_calls(call):
            assert call.function is not None
            if not any(self._first_time(edge) for edge in flow.reach.edges_to(call.function)):
                return flow
        return None

    def kept_below(self, turn: Turn, call: Call) -> bool:
        """True when a function between the loop and the call keeps what it got, and asks again when that is old."""
        ways = [edge.via for edge in turn.edges[1:] if edge.via is not None] + ([call] if turn.edges else [])
        return any(self._asked_when_old(way) for way in ways)

    def passed_by(self, function: Function, until: int) -> bool:
        """True when a function returns what it finds before it comes to a place."""
        before = function.file.text[function.row.start : until]
        return _HAD.search(before) is not None or _FRESH.search(before) is not None

    def _asked_when_old(self, call: Call) -> bool:
        """True for a call that is passed by as long as what an earlier one brought is fresh."""
        if call.function is None:
            return False
        text = call.file.text[call.function.row.start : call.row.start]
        return _FRESH.search(text) is not None

    def _first_time(self, edge: Edge) -> bool:
        entry = edge.via.resolution.entry if edge.via is not None else None
        if entry is not None and entry.role in ("once", "metric.callback"):
            return True
        if _MAKES.match(edge.target.root.name) and self._kept_in(edge.source):
            return True
        return edge.via is not None and (
            self.handles_error(edge.via.file, edge.via.block, edge.offset) or self._kept(edge.via)
        )

    def _kept(self, call: Call, block: int = -1) -> bool:
        """True when the call stands where a value was not there yet, or in a function that keeps what it makes."""
        for _, row in call.file.chain(call.block):
            if row.kind == FUNCTION:
                break
            if (
                row.kind == BRANCH
                and row.header[1] <= call.row.start
                and _MISSING.search(call.file.text[slice(*row.header)])
            ):
                return True
        return call.function is not None and block >= 0 and self._kept_in(call.function, call.row.start)

    def _kept_in(self, function: Function, until: int = 0) -> bool:
        text = function.file.text[function.row.start : function.row.end]
        if _CACHE.search(text):
            return True
        before = text[: until - function.row.start] if until else text
        return _FOUND.search(before) is not None or _FRESH.search(before) is not None

    def waits(self, turn: Turn) -> bool:
        """True when the loop's items each wait for another process: what else they cost is small beside that."""
        service, loop = self.service, turn.loop
        for call in self.calls.calls_of.get(turn.function.key, ()):
            if not loop.start <= call.row.start < loop.end:
                continue
            if isinstance(call, Operation) and call.blocking and call.system:
                return True
            for target in call.resolution.targets[:3]:
                reached = service.concurrency.reach_of(target).order[:200]
                below = (one for function in reached for one in self.calls.calls_of.get(function.key, ()))
                if any(isinstance(one, Operation) and one.blocking and one.system for one in below):
                    return True
        return False

    def place(self, turn: Turn) -> Evidence:
        """The turn's place as evidence."""
        return self.service.cite_at(turn.file, turn.start)


def loops_at(file: FileFacts, block: int) -> list[Block]:
    """The loops of one function around a block, innermost first."""
    found = []
    for _, row in file.chain(block):
        if row.kind == FUNCTION:
            break
        if row.kind == LOOP:
            found.append(row)
    return found


def detached(edge: Edge) -> bool:
    """True when what the edge leads to runs on its own: in a goroutine, or given to something named like a starter."""
    given = edge.kind != "call" and edge.via is not None
    return edge.spawned or (given and edge.via is not None and _STARTS.search(edge.via.callee) is not None)


def _run_here(edge: Edge) -> bool:
    return edge.spawned or edge.deferred


def _place(edge: Edge) -> tuple[int, int, int]:
    """(block, start, end) of the place in the source function that an edge leaves from."""
    file = edge.source.file
    if edge.kind == "literal":
        outer = file.rows.blocks[edge.target.row.block].parent
        if edge.via is not None:
            return outer, edge.via.name_start, edge.via.row.end
        return outer, edge.offset, edge.target.row.end
    assert edge.via is not None
    start = edge.via.name_start if edge.kind == "call" else edge.offset
    return edge.via.block, start, edge.via.row.end


__all__ = ["ARRIVALS", "FIXED", "ITEMS", "OTHER", "RETRIES", "Iterations", "Turn", "detached", "loops_at"]
