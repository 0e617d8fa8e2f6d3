"""The call graph with labelled edges, and what an entrypoint reaches: ordered, with loops and goroutine boundaries."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from rda_nb.facts.vocabulary import SPAWN, Block, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.program import Function

_REFERENCE = re.compile(r"[(,\s&]([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(?=[,)])")
_CANDIDATES = 3


class Edge(NamedTuple):
    """From a function to one it calls, contains (a literal) or passes on (a reference).

    `via` is the call itself, or the call that takes the literal or reference as its argument. `loops` counts the loops of
    the source around the place. `spawned`: runs in a goroutine of its own; `deferred`: runs at the end.
    """

    source: Function
    target: Function
    offset: int
    kind: str
    confidence: str
    via: Call | None
    loops: int
    spawned: bool
    deferred: bool


class Graph:
    """Edges of the target's functions, built once."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.program = calls.names.program
        self.edges: dict[str, list[Edge]] = {}
        self._argument_calls: dict[tuple[str, int], Call] = {}
        for key, made in calls.calls_of.items():
            self.edges[key] = [edge for call in made for edge in self._from_call(call)]
        self._literals()
        for edges in self.edges.values():
            edges.sort(key=lambda edge: (edge.offset, edge.target.key))

    def _from_call(self, call: Call) -> Iterator[Edge]:
        source = call.function
        assert source is not None
        found = call.resolution
        row = call.row
        if found.targets and len(found.targets) <= _CANDIDATES:
            loops, spawned, deferred = len(Calls.loops(call)), self.calls.spawned(call), self.calls.deferred(call)
            for target in found.targets:
                yield Edge(source, target, row.start, "call", found.kind, call, loops, spawned, deferred)
        if not 3 <= row.end - row.callee_end <= 4000:
            return
        text, by_name, names = call.file.text, self.program.by_name, self.calls.names
        for match in _REFERENCE.finditer(text, row.callee_end, row.end):
            written = match[1]
            if written.rpartition(".")[2] not in by_name:
                continue
            start = match.start(1)
            named = names.function_value(call.file, (start, start + len(written)), row.block)
            if named is not None and named.parent is None:
                loops = len(Calls.loops(call))
                yield Edge(source, named, start, "reference", "resolved", call, loops, _starts(call), False)

    def _literals(self) -> None:
        """Link each literal to the function it stands in, and to the call that takes it."""
        for file in self.program.files:
            innermost = _Innermost(file)
            for row in file.rows.functions:
                literal = self.program.function_of[file.path, row.block]
                if literal.parent is None:
                    continue
                outer = file.rows.blocks[row.block].parent
                index = innermost.call_around(row.start, row.end)
                via = None
                if index is not None:
                    via = self.calls.operation(file, index) or Call(
                        file, index, literal.parent, self.calls.names.resolve(file, index)
                    )
                loops = 0
                number = file.rows.blocks[outer].loop if outer >= 0 else -1
                while number >= 0:
                    loops += 1
                    above = file.rows.blocks[number].parent
                    number = file.rows.blocks[above].loop if above >= 0 else -1
                region = file.rows.blocks[outer] if outer >= 0 else None
                spawned = (region is not None and region.kind == SPAWN) or (via is not None and _starts(via))
                deferred = region is not None and region.kind == 5
                edge = Edge(literal.parent, literal, row.start, "literal", "resolved", via, loops, spawned, deferred)
                self.edges.setdefault(literal.parent.key, []).append(edge)

    def of(self, function: Function) -> list[Edge]:
        """The edges that leave a function, in the order they stand."""
        return self.edges.get(function.key, [])

    @cached_property
    def into(self) -> dict[str, list[Edge]]:
        """Function key -> edges that lead to it."""
        found: dict[str, list[Edge]] = {}
        for edges in self.edges.values():
            for edge in edges:
                found.setdefault(edge.target.key, []).append(edge)
        return found

    @cached_property
    def waiting(self) -> frozenset[str]:
        """Keys of the functions that wait for another process, by themselves or by what they call."""
        pending = [
            one.function.key
            for one in self.calls.operations
            if one.blocking and one.system and one.function is not None
        ]
        found = set(pending)
        while pending:
            for edge in self.into.get(pending.pop(), ()):
                if edge.source.key not in found:
                    found.add(edge.source.key)
                    pending.append(edge.source.key)
        return frozenset(found)


def _starts(call: Call) -> bool:
    """True when the call runs its function argument in a goroutine."""
    entry = call.resolution.entry
    return entry is not None and entry.role in ("group.go", "pool.submit")


class _Innermost:
    """Finds the call whose arguments hold a span, by a sweep over the file's calls in order."""

    def __init__(self, file: FileFacts) -> None:
        self.calls = file.rows.calls
        self.upcoming = 0
        self.stack: list[int] = []

    def call_around(self, start: int, end: int) -> int | None:
        calls = self.calls
        while self.upcoming < len(calls) and calls[self.upcoming].start < start:
            while self.stack and calls[self.stack[-1]].end <= calls[self.upcoming].start:
                self.stack.pop()
            self.stack.append(self.upcoming)
            self.upcoming += 1
        while self.stack and calls[self.stack[-1]].end <= start:
            self.stack.pop()
        for index in reversed(self.stack):
            row = calls[index]
            if row.callee_end <= start and end <= row.end:
                return index
            if row.end > end and row.start < start < row.callee_end:
                return None
        return None


@dataclass(eq=False, slots=True)
class Reached:
    """An operation that an entrypoint reaches, with the edges that lead there, outermost first."""

    operation: Operation
    edges: tuple[Edge, ...]

    @property
    def loops(self) -> int:
        """Loops around it, summed over the path."""
        return sum(edge.loops for edge in self.edges) + len(Calls.loops(self.operation))

    @property
    def spawned(self) -> bool:
        """True when a goroutine boundary lies between the entrypoint and the operation."""
        return any(edge.spawned for edge in self.edges)

    @property
    def deferred(self) -> bool:
        """True when it runs in a deferred call."""
        return any(edge.deferred for edge in self.edges) or Calls.within(self.operation, 5) is not None

    @property
    def certain(self) -> bool:
        """True when every edge is resolved; a claim of RISK may rest on it."""
        return all(edge.confidence == "resolved" for edge in self.edges)


@dataclass(eq=False, slots=True)
class Reach:
    """Everything that one function reaches: the edge by which each function was first met, and distances."""

    start: Function
    by: dict[str, Edge] = field(default_factory=dict)
    order: list[Function] = field(default_factory=list)

    def edges_to(self, function: Function) -> tuple[Edge, ...]:
        """The shortest chain of edges from the start to a function."""
        found: list[Edge] = []
        key = function.key
        while key != self.start.key:
            edge = self.by[key]
            found.append(edge)
            key = edge.source.key
        return tuple(reversed(found))

    def __contains__(self, function: object) -> bool:
        return isinstance(function, Function) and (function is self.start or function.key in self.by)


def reach(graph: Graph, start: Function, stop: frozenset[str] = frozenset(), inside: Block | None = None) -> Reach:
    """Breadth-first from a function, certain edges first; functions in `stop` are not entered. Cycles end by themselves.

    With `inside`, only edges that leave the start within that region are followed.
    """
    found = Reach(start)
    seen = {start.key}
    pending = deque([start])
    while pending:
        function = pending.popleft()
        found.order.append(function)
        edges = graph.of(function)
        if inside is not None and function is start:
            edges = [edge for edge in edges if inside.start <= edge.offset < inside.end]
        for edge in sorted(edges, key=lambda edge: edge.confidence != "resolved") if len(edges) > 1 else edges:
            key = edge.target.key
            if key in seen or key in stop:
                continue
            seen.add(key)
            found.by[key] = edge
            pending.append(edge.target)
    return found


def reached_operations(graph: Graph, found: Reach, operations_of: dict[str, list[Operation]]) -> list[Reached]:
    """The operations in all reached functions, nearest first."""
    return [
        Reached(operation, found.edges_to(function))
        for function in found.order
        for operation in operations_of.get(function.key, ())
    ]
