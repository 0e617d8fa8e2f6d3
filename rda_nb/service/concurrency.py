"""Goroutines, channels and locks: where they stand and what bounds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rda_nb.core import Evidence, Quantity, State, absent, known
from rda_nb.facts.vocabulary import CASE, DEFER, FUNCTION, LOOP, SELECT, SPAWN, Block, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.channel_makes import ChannelMakes
from rda_nb.service.flows import Graph, Reach, reach
from rda_nb.service.names import Names
from rda_nb.service.program import Function
from rda_nb.service.schedules import merged
from rda_nb.service.values import Values

_COUNTED = re.compile(r"(\w+)\s*(<=|<)\s*([^;{]+)")
_RANGE_COUNT = re.compile(r"range\s+([\w.]+|\d+)\s*$")
_SIGNALS = frozenset({"chan ", "chan bool", "chan error", "chan os.Signal", "chan struct{}"})


@dataclass(frozen=True, eq=False, slots=True)
class Spawn:
    """A goroutine start. `bound` is none, semaphore, limit, workers (a counted loop) or single (not in a loop).

    `count` is the number of workers a counted loop starts, when `bound` is workers; the group's limit when limit.
    """

    file: FileFacts
    start: int
    end: int
    block: int
    function: Function
    targets: tuple[Function, ...]
    loops: tuple[Block, ...]
    bound: str
    count: Quantity
    joined: bool
    evidence: Evidence


@dataclass(frozen=True, eq=False, slots=True)
class Channel:
    """A channel made: `capacity` 0 is unbuffered. `signal` when it carries no items (done, error, struct{})."""

    file: FileFacts
    start: int
    function: Function | None
    name: str
    element: str
    capacity: Quantity
    signal: bool
    evidence: Evidence


@dataclass(frozen=True, eq=False, slots=True)
class LockRegion:
    """The code under a lock in one function: from the acquire to the release (the function's end when deferred)."""

    operation: Operation
    start: int
    end: int
    deferred: bool
    released: bool


class Concurrency:
    """All of these for one program."""

    def __init__(self, calls: Calls, graph: Graph, values: Values) -> None:
        self.calls = calls
        self.names: Names = calls.names
        self.program = calls.names.program
        self.graph = graph
        self.values = values
        self._reaches: dict[str, Reach] = {}

    def _files(self) -> Iterator[FileFacts]:
        return (file for file in self.program.files if file.role != "generated")

    # Goroutines

    def spawns(self) -> tuple[Spawn, ...]:
        """Every goroutine start, in document order."""
        found: list[Spawn] = []
        for file in self._files():
            for number, block in enumerate(file.rows.blocks):
                if block.kind == SPAWN and block.function >= 0:
                    found.append(self._statement(file, number, block))
        for operation in self.calls.role("group.go", "pool.submit"):
            if operation.function is not None and operation.file.role != "generated":
                found.append(self._grouped(operation))
        return tuple(sorted(found, key=lambda spawn: (spawn.file.path, spawn.start)))

    def _statement(self, file: FileFacts, number: int, block: Block) -> Spawn:
        function = self.program.function_of[file.path, block.function]
        targets = tuple(
            edge.target for edge in self.graph.of(function) if edge.spawned and block.start <= edge.offset < block.end
        )
        loops = tuple(_loops(file, block.parent))
        bound, count = self._bound(file, function, block, loops)
        joined = self._joined(function)
        evidence = self.calls.cite_at(file, block.start)
        return Spawn(
            file, block.start, block.end, block.parent, function, targets, loops, bound, count, joined, evidence
        )

    def _grouped(self, operation: Operation) -> Spawn:
        function, row = operation.function, operation.row
        assert function is not None
        loops = tuple(Calls.loops(operation))
        targets = tuple(
            edge.target for edge in self.graph.of(function) if edge.via is operation and edge.kind != "call"
        )
        receiver = operation.callee.rpartition(".")[0]
        bound, count = self._bound(operation.file, function, None, loops, row.start)
        for limit in self.calls.role("group.limit"):
            if limit.callee.rpartition(".")[0] == receiver and limit.path == operation.path:
                value = self.values.of(self.calls.argument(limit, 0), limit.file, limit.block)
                bound, count = "limit", self.values.quantity(value, "count")
        if operation.role == "pool.submit":
            bound = "limit"
        evidence = self.calls.cite(operation)
        return Spawn(
            operation.file, row.start, row.end, operation.block, function, targets, loops, bound, count, True, evidence
        )

    def _bound(
        self, file: FileFacts, function: Function, block: Block | None, loops: tuple[Block, ...], start: int = 0
    ) -> tuple[str, Quantity]:
        start = block.start if block else start
        none = absent("nothing limits how many run at once", "count")
        if not loops:
            return "single", none
        loop = loops[0]
        for send in file.rows.sends:
            if loop.start <= send.start < start and file.rows.blocks[send.block].function == loop.function:
                kind = self.names.type_of_span(file, send.channel, send.block)
                if kind in ("chan ", "chan bool", "chan int", "chan struct{}"):
                    return "semaphore", self._capacity_of(file, send.channel, send.block)
        for operation in self.calls.calls_of.get(function.key, ()):
            if (
                isinstance(operation, Operation)
                and operation.role in ("semaphore.acquire", "ratelimit.wait")
                and operation.row.start < start
            ):
                return "semaphore", none
        header = file.text[slice(*loop.header)] if loop.header != (0, 0) else ""
        counted = _COUNTED.search(header) or (_RANGE_COUNT.search(header) if "," not in header else None)
        if counted is not None:
            written = counted[counted.lastindex or 1].strip()
            at = loop.header[0] + header.rfind(written)
            node = self.calls.conventions.expression(written, at)
            if not written.startswith("len(") and self.names.type_of(node, file, loop.parent) in (
                "int",
                "int64",
                "uint",
                "int32",
                "uint32",
                "",
            ):
                value = self.values.of(node, file, loop.parent)
                quantity = self.values.quantity(value, "count")
                if quantity.upper is not None or value.key or "range" not in header:
                    return "workers", quantity
        return "none", none

    def _capacity_of(self, file: FileFacts, span: tuple[int, int], block: int) -> Quantity:
        """How many places a channel has: of the channel that is meant, whatever others of its name there are."""
        made = set(self._makes.of(file, span, block))
        sizes = [channel.capacity for channel in self._made if (channel.file.path, channel.start) in made]
        return merged(sizes) if sizes else absent("the semaphore's size is not followed", "count")

    @cached_property
    def _makes(self) -> ChannelMakes:
        return ChannelMakes(self.calls, self.values)

    def _joined(self, function: Function) -> bool:
        """True when the starting function, the one around it or a literal of it waits for goroutines."""
        at: Function | None = function
        while at is not None:
            for call in self._calls_below(at):
                if isinstance(call, Operation) and call.role == "group.wait":
                    return True
            at = at.parent
        return False

    # Channels

    def channels(self) -> tuple[Channel, ...]:
        """Every `make` of a channel, in document order."""
        return self._made

    def capacity(self, file: FileFacts, span: tuple[int, int], block: int) -> Quantity | None:
        """What the channel at a span holds before a sender waits; None when it is not followed to where it is made."""
        found = self._capacity_of(file, span, block)
        return found if found.state is not State.ABSENT else None

    @cached_property
    def _made(self) -> tuple[Channel, ...]:
        found = []
        for file in self._files():
            text = file.text
            for index in file.callees.get("make", ()):
                row = file.rows.calls[index]
                if not text.startswith("(chan", row.callee_end):
                    continue
                arguments = self.calls.conventions.split_list(text[row.callee_end + 1 : row.end - 1])
                element = self.names.canonical(arguments[0], file)
                capacity = known(0, "items")
                if len(arguments) > 1:
                    at = row.callee_end + 1 + text[row.callee_end + 1 : row.end - 1].rfind(arguments[1])
                    value = self.values.of_span(file, (at, at + len(arguments[1])), row.block)
                    capacity = self.values.quantity(value, "items")
                name = self._given_to(file, row.start, row.end)
                signal = element in _SIGNALS or name.lower().endswith(
                    ("done", "quit", "stop", "closed", "exit", "ready", "err", "errs", "errch", "errc")
                )
                evidence = self.calls.cite_at(file, row.start)
                function = self.program.enclosing(file, row.block)
                found.append(
                    Channel(file, row.start, function, name, element.removeprefix("chan "), capacity, signal, evidence)
                )
        return tuple(found)

    def _given_to(self, file: FileFacts, start: int, end: int) -> str:
        """The name or field that an expression is assigned to."""
        given = file.given.get((start, end))
        if given is not None and given[1] < len(given[0].names):
            return given[0].names[given[1]].rpartition(".")[2]
        for entry in file.rows.entries:
            if entry.value[0] <= start and end <= entry.value[1] and entry.value[1] - end <= 1:
                return file.text[slice(*entry.key)]
        return ""

    # Locks

    def lock_regions(self) -> tuple[LockRegion, ...]:
        """Every lock region, in document order."""
        found = []
        for operation in self.calls.role("lock.acquire", "rlock.acquire"):
            # What is deferred takes the lock back for the caller when the function ends: nothing runs under it here.
            if operation.function is not None and operation.file.role != "generated":
                if not self.calls.deferred(operation):
                    found.append(self._region(operation))
        return tuple(found)

    def _region(self, operation: Operation) -> LockRegion:
        function, file = operation.function, operation.file
        assert function is not None
        holder = operation.callee.rpartition(".")[0]
        release = operation.role.replace("acquire", "release")
        scope_end = function.row.end
        candidates: list[int] = []
        deferred = scope_end
        for call in self._calls_below(function):
            if not isinstance(call, Operation) or call.role != release or call.row.start < operation.row.start:
                continue
            if call.callee.rpartition(".")[0] != holder:
                continue
            if self.calls.deferred(call) or self._in_deferred_literal(call, function):
                deferred = min(deferred, call.row.start)
            elif call.function is function:
                candidates.append(call.row.start)
        level = [start for start in candidates if self._block_at(function, start, release, holder) == operation.block]
        if deferred < scope_end and not (level and min(level) < deferred):
            return LockRegion(operation, operation.row.end, scope_end, True, True)
        if not candidates:
            return LockRegion(operation, operation.row.end, scope_end, False, False)
        # An early unlock before a return does not end the region for the code that goes on: the last release of the
        # innermost block that holds the lock does.
        block = file.rows.blocks[operation.block] if operation.block >= 0 else None
        own = [start for start in candidates if block is None or start < block.end]
        return LockRegion(operation, operation.row.end, min(level) if level else max(own or candidates), False, True)

    def _block_at(self, function: Function, start: int, release: str, holder: str) -> int:
        for call in self.calls.calls_of.get(function.key, ()):
            if call.row.start == start:
                return call.block
        return -1

    def _calls_below(self, function: Function) -> Iterator[Call]:
        yield from self.calls.calls_of.get(function.key, ())
        for edge in self.graph.of(function):
            if edge.kind == "literal":
                yield from self.calls.calls_of.get(edge.target.key, ())

    def _in_deferred_literal(self, call: Call, function: Function) -> bool:
        if call.function is None or call.function is function or call.function.parent is not function:
            return False
        above = call.file.rows.blocks[call.function.row.block].parent
        return above >= 0 and call.file.rows.blocks[above].kind == DEFER

    def reach_of(self, function: Function) -> Reach:
        """Everything that a function reaches, remembered."""
        found = self._reaches.get(function.key)
        if found is None:
            found = self._reaches[function.key] = reach(self.graph, function)
        return found


def _loops(file: FileFacts, block: int) -> Iterator[Block]:
    while block >= 0:
        row = file.rows.blocks[block]
        if row.kind == LOOP:
            yield row
        if row.kind == FUNCTION:
            return
        block = row.parent


__all__ = ["CASE", "SELECT", "Channel", "Concurrency", "LockRegion", "Spawn"]
