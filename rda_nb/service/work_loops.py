"""Loops that take work: consumers, and loops without an end over channels, tickers or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from rda_nb.core import Evidence, Quantity
from rda_nb.facts.vocabulary import CASE, LOOP, Block, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.entry_forms import Forms
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.flows import Graph
from rda_nb.service.foreign import carries_values
from rda_nb.service.libraries import short
from rda_nb.service.program import Function
from rda_nb.service.types import split_type
from rda_nb.service.values import Values

_NO_ITEMS = frozenset({"chan ", "chan bool", "chan error", "chan os.Signal", "chan struct{}", "chan context.?"})
# The condition of a loop that goes on until something else clears it: `for running`, `for looping := true; looping;`.
_FLAG = re.compile(r"(?:\w+\s*:=\s*true\s*;\s*)?!?[A-Za-z_][\w.]*\s*;?|[\w.]+\.Err\(\)\s*==\s*nil")
# What a receive gives its item to.
_TAKEN = re.compile(r"(\w+)(?:\s*,\s*\w+)?\s*:?=\s*$")
# Channels on which no work comes.
_NO_WORK = re.compile(r"(?i)(?:err(?:or)?s?|done|clos\w*|quit|stop\w*|exit\w*|ready|init\w*|state|signals?)(?:\(\))?$")
_BROKER = re.compile(r"(?i)kafka|amqp|rabbit|sqs|nats|pubsub|queue|stream|event|broker|mq")
_CONSUMING = {
    "sqs.receive": "queue_consumer",
    "kafka.poll": "queue_consumer",
    "kafka.consume_group": "queue_consumer",
    "kinesis.get": "stream_processor",
    "rabbitmq.consume": "queue_consumer",
    "nats.fetch": "queue_consumer",
    "redis.blocking_pop": "queue_consumer",
    "redis.subscribe": "queue_consumer",
    "servicebus.receive": "queue_consumer",
    "pulsar.receive": "queue_consumer",
    "pubsub.receive": "queue_consumer",
}


class WorkLoops:
    """Finds every loop of a program that takes items or ticks, and what feeds it."""

    def __init__(self, calls: Calls, graph: Graph, values: Values, forms: Forms) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.graph = graph
        self.values = values
        self.forms = forms
        self._literal_spans: dict[str, set[tuple[int, int]]] = {}

    def consumers(self) -> Iterator[Entrypoint]:
        """Functions that read items from a queue or stream, with the loop that they or their nearest caller read in."""
        for operation in self.calls.role(*_CONSUMING):
            function = operation.function
            if function is None:
                continue
            loops = Calls.loops(operation)
            loop = loops[-1] if loops else None
            runner = function
            if loop is None:
                runner, loop = self._looping_caller(function) or (function, None)
            root = runner.root
            at = self.calls.cite_at(root.file, root.row.start)
            title = f"{operation.title}: {runner.label}"
            places = (self.calls.cite(operation, "caller"),)
            yield Entrypoint(_CONSUMING[operation.role], title, runner, at, operation, loop=loop, places=places)

    def _looping_caller(self, function: Function, depth: int = 0) -> tuple[Function, Block | None] | None:
        """The nearest caller that calls a function in a loop, and that loop when it is the caller's own work."""
        if depth > 3:
            return None
        for edge in self.graph.into.get(function.root.key, ()):
            if edge.loops:
                own = edge.kind == "call" and edge.via is not None and not edge.spawned
                return edge.source, Calls.loops(edge.via)[-1] if own and edge.via is not None else None
        for edge in self.graph.into.get(function.root.key, ()):
            found = self._looping_caller(edge.source, depth + 1)
            if found is not None:
                return found
        return None

    def _before(self, file: FileFacts, block: Block, function: Function) -> Iterator[Entrypoint]:
        """What a function goes through at start, before the loop that takes work."""
        for form in self.forms.at_start(file, block, function):
            title = f"at start: {function.label}"
            yield Entrypoint("background_loop", title, function, form.evidence, inside=form.loop)

    def loops(self) -> Iterator[Entrypoint]:
        """Loops without an end: over channels, tickers, or for ever."""
        for file in self.program.files:
            if file.role == "generated":
                continue
            for block in file.rows.blocks:
                if block.kind != LOOP or block.function < 0 or file.rows.blocks[block.parent].loop >= 0:
                    continue
                function = self.program.function_of[file.path, block.function]
                header = file.text[slice(*block.header)].strip() if block.header != (0, 0) else ""
                yield from self._loop(file, block, function, header)

    def _loop(self, file: FileFacts, block: Block, function: Function, header: str) -> Iterator[Entrypoint]:
        ranged = self._ranged_channel(file, block)
        flagged = _FLAG.fullmatch(header) is not None
        if header not in ("", "true") and not ranged and not flagged:
            return
        made = [call for call in self.calls.calls_of.get(function.key, ()) if block.start <= call.row.start < block.end]
        if any(isinstance(call, Operation) and call.role in _CONSUMING for call in made):
            return
        ticks = self._ticks(file, block, function)
        received = self._receives_in(file, block)
        if (ticks or ranged == "tick") and self._hands_ticks_on(file, block, made):
            return
        yield from self._brought(file, block, function)
        if flagged and not ranged and not received and not ticks:
            return
        if not ranged and not received and not ticks and self._gathers(file, block):
            return
        at = self._places(function, block)
        once = len(ticks) == 1 and ticks[0][1].role in ("timer.after", "timer.once")
        if once and not ranged and not received and not self._lasts(function):
            return  # a pause between two tries of a function that ends
        if ranged == "tick" or (ticks and not received and len(ticks) == 1):
            ticker = ticks[0][1] if ticks else self._ticker_in(function)
            interval = self._interval(ticker) if ticker is not None else None
            if ticker is not None:
                at = (*at, self.calls.cite(ticker, "default"))
            yield Entrypoint(
                "scheduled_job",
                f"every tick: {function.label}",
                function,
                at[0],
                ticker,
                interval,
                loop=block,
                places=at[1:],
            )
            return
        if ranged or received:
            yield from self._before(file, block, function)
            # A loop that minds several clocks, or runs the functions it is handed, steers or serves others.
            if len(ticks) > 1 or self._runs_functions(file, block):
                yield Entrypoint(
                    "background_loop", f"loop: {function.label}", function, at[0], loop=block, places=at[1:]
                )
            else:
                yield Entrypoint(
                    "stream_processor", f"channel loop: {function.label}", function, at[0], loop=block, places=at[1:]
                )
        elif made and self._lasts(function) and self._works(made, ticks):
            yield Entrypoint("background_loop", f"loop: {function.label}", function, at[0], loop=block, places=at[1:])
        if len(ticks) > 1:
            for offset, ticker in ticks:
                here = self.calls.cite_at(file, offset)
                yield Entrypoint(
                    "scheduled_job",
                    f"every tick of {ticker.callee.rpartition('.')[2]} at line {file.line(offset)}: {function.label}",
                    function,
                    here,
                    ticker,
                    self._interval(ticker),
                    loop=block,
                    places=(self.calls.cite(ticker, "default"),),
                    inside=self._case(file, block, offset),
                )

    def _brought(self, file: FileFacts, block: Block, function: Function) -> Iterator[Entrypoint]:
        """Messages that a library of which nothing is known hands out over a channel of its own, one way in for each."""
        for row in file.rows.receives:
            if not block.start <= row.start < block.end or file.rows.blocks[row.block].function != block.function:
                continue
            name = _TAKEN.search(file.text, max(0, row.start - 80), row.start)
            kind = self.names.type_of_span(file, row.channel, row.block)
            if name is None or not (kind == "" or kind.endswith((".?", ".!"))):
                continue
            module = self._holder(file, row.channel, row.block)
            if not module or _NO_WORK.search(file.text, *row.channel):
                continue
            kind = "queue_consumer" if _BROKER.search(module) else "stream_processor"
            title = f"{name[1]} of {short(module)}: {function.label}"
            at = self.calls.cite_at(file, row.start)
            inside = self._case(file, block, row.start)
            yield Entrypoint(kind, title, function, at, loop=block, inside=inside, module=module)

    def _holder(self, file: FileFacts, channel: tuple[int, int], block: int) -> str:
        """The module that made what a channel is a part of, where nothing is known of it: `consumer.Channels().Upstream`."""
        node = self.calls.conventions.expression(file.text[slice(*channel)], channel[0])
        while node.kind in ("select", "call") and node.parts:
            node = node.parts[0]
            path, _ = split_type(self.names.type_of(node, file, block).lstrip("*"))
            if path and path not in self.program.scopes and not carries_values(path):
                return path if self.names.libraries.package(path) is None else ""
        return ""

    def _hands_ticks_on(self, file: FileFacts, block: Block, made: list[Call]) -> bool:
        """True for a loop that does nothing at a tick but send it on: what receives it does the work."""
        sends = [row for row in file.rows.sends if block.start <= row.start < block.end]
        working = [call for call in made if not isinstance(call, Operation) or not call.role.startswith("timer.")]
        return bool(sends) and not [call for call in working if call.row.start > block.header[1]]

    @cached_property
    def _relays(self) -> dict[tuple[str, str], Operation]:
        """(file, channel) -> what made the ticker whose ticks a loop sends on over the channel."""
        found: dict[tuple[str, str], Operation] = {}
        for operation in (one for own in self._timers.values() for one in own if one.function is not None):
            for block in operation.file.rows.blocks:
                if block.kind != LOOP or block.function != operation.function.row.block:  # type: ignore[union-attr]
                    continue
                sends = [row for row in operation.file.rows.sends if block.start <= row.start < block.end]
                ranged = block.header[0] <= operation.row.start < block.header[1]
                if sends and (ranged or block.start <= operation.row.start < block.end):
                    for row in sends:
                        found[operation.path, operation.file.text[slice(*row.channel)].strip()] = operation
        return found

    @staticmethod
    def _case(file: FileFacts, loop: Block, offset: int) -> Block | None:
        """The case of a loop's select that a receive opens: what runs on that tick."""
        cases = [row for row in file.rows.blocks if row.kind == CASE and row.start <= offset < row.end]
        return next((row for row in reversed(cases) if row.function == loop.function), None)

    def _interval(self, ticker: Operation) -> Quantity:
        value = self.values.of(self.calls.argument(ticker, ticker.entry.count or 0), ticker.file, ticker.block)
        return self.values.quantity(value, "s")

    def _places(self, function: Function, block: Block) -> tuple[Evidence, ...]:
        """The named function's definition, then the loop when it stands apart from it."""
        root = function.root
        found = [self.calls.cite_at(root.file, root.row.start)]
        if root.file.line(block.start) - root.line > 2:
            found.append(self.calls.cite_at(root.file, block.start, role="caller"))
        return tuple(found)

    def _works(self, made: list[Call], ticks: list[tuple[int, Operation]]) -> bool:
        """True when an endless loop waits or calls into the target, so that it is work and not parsing."""
        return bool(ticks) or any(
            call.resolution.targets
            or (isinstance(call, Operation) and (call.blocking or call.role.startswith(("timer.", "lock.", "retry."))))
            for call in made
        )

    def _lasts(self, function: Function, depth: int = 0) -> bool:
        """True when the loop runs for the life of something: in a goroutine of its own, or below a program's start."""
        if depth > 4:
            return False
        edges = self.graph.into.get(function.key, ())
        if any(edge.spawned for edge in edges) or function.name in self.calls.conventions.ROOT_NAMES:
            return True
        if any(kind != "error" for _, kind in function.results):
            return False  # it hands something back, so its loop ends: pages are read, or something is tried again
        return any(self._lasts(edge.source, depth + 1) for edge in edges[:3] if edge.source is not function)

    def _ranged_channel(self, file: FileFacts, block: Block) -> str:
        """'tick' or 'item' when the loop ranges over a channel, '' otherwise."""
        for row in file.ranges.get(block.header[0], ()):
            kind = self.names.type_of_span(file, row.values[0], row.block)
            own = self._made_here(file, row.values[0], block) or self.names.received_at_once(file, row.values[0])
            if kind.startswith("chan ") and own:
                return ""
            if kind.startswith("chan "):
                return "tick" if "time." in kind else "" if kind in _NO_ITEMS else "item"
            if file.text[slice(*row.values[0])].endswith(".C"):
                return "tick"
        header = file.text[slice(*block.header)] if block.header != (0, 0) else ""
        return "tick" if header.startswith("range ") and header.endswith(".C") else ""

    def _receives_in(self, file: FileFacts, block: Block) -> bool:
        """True when the loop receives items from a channel of the target (not a done, signal or timer channel)."""
        for row in file.rows.receives:
            if not block.start <= row.start < block.end or file.rows.blocks[row.block].function != block.function:
                continue
            kind = self.names.type_of_span(file, row.channel, row.block)
            if kind.startswith("chan ") and kind not in _NO_ITEMS and "time." not in kind:
                if not self._made_here(file, row.channel, block):
                    return True
        return False

    def _gathers(self, file: FileFacts, block: Block) -> bool:
        """True when a loop receives from channels that its own function makes: it ends with what it waits for."""
        rows = [row for row in file.rows.receives if block.start <= row.start < block.end]
        kinds = {self.names.type_of_span(file, row.channel, row.block) for row in rows}
        return "chan os.Signal" not in kinds and any(
            file.rows.blocks[row.block].function == block.function and self._made_here(file, row.channel, block)
            for row in rows
        )

    def _runs_functions(self, file: FileFacts, block: Block) -> bool:
        """True when a loop ranges over a channel of functions."""
        rows = file.ranges.get(block.header[0], ())
        return any(self.names.type_of_span(file, row.values[0], row.block).startswith("chan func@") for row in rows)

    def _made_here(self, file: FileFacts, channel: tuple[int, int], block: Block) -> bool:
        """True for a channel, or its holder, that the loop's own function makes: it gathers results of its own."""
        name = file.text[slice(*channel)].partition(".")[0]
        local = self.names.local(name, file, channel[0])
        if local is None or local[1] >= len(local[0].values) or local[0].block < 0:
            return False
        value = file.text[slice(*local[0].values[local[1]])].lstrip("&")
        own = file.rows.blocks[local[0].block].function == block.function
        return own and (value.startswith("make(chan") or local[0].values[local[1]] in self._literals_at(file))

    def _literals_at(self, file: FileFacts) -> set[tuple[int, int]]:
        """Spans of the composite literals of a file, with and without the sign that takes their address."""
        found = self._literal_spans.get(file.path)
        if found is None:
            ends = [(row.start, row.end) for row in file.rows.literals]
            found = self._literal_spans[file.path] = {*ends, *((start - 1, end) for start, end in ends)}
        return found

    def _ticks(self, file: FileFacts, block: Block, function: Function) -> list[tuple[int, Operation]]:
        """(offset of the receive, what made the ticker) for every tick that a loop waits for."""
        found: dict[int, tuple[int, Operation]] = {}
        for row in file.rows.receives:
            if not block.start <= row.start < block.end or file.rows.blocks[row.block].function != block.function:
                continue
            written = file.text[slice(*row.channel)]
            ticker = self._ticker_of(written, file, row.start, function) or self._relays.get((file.path, written))
            if ticker is not None and not self._fires_once(ticker, file, block):
                found.setdefault(ticker.row.start, (row.start, ticker))
        return list(found.values())

    def _fires_once(self, timer: Operation, file: FileFacts, loop: Block) -> bool:
        """True for a timer that is made before a loop and not set again in it: the end of the wait, no schedule."""
        if timer.role not in ("timer.after", "timer.once") or timer.row.start >= loop.start or timer.file is not file:
            return False
        name = self._given_to(timer).rpartition(".")[2]
        again = rf"\b{re.escape(name)}\s*(?:=[^=]|\.Reset\()"
        return bool(name) and re.search(again, file.text[loop.start : loop.end]) is None

    def _ticker_of(self, written: str, file: FileFacts, offset: int, function: Function) -> Operation | None:
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

    def _ticker_in(self, function: Function) -> Operation | None:
        at: Function | None = function
        while at is not None:
            for operation in self._timers.get(function.file.path, ()):
                if operation.function is at:
                    return operation
            at = at.parent
        return None

    @cached_property
    def _timers(self) -> dict[str, list[Operation]]:
        found: dict[str, list[Operation]] = {}
        for operation in self.calls.role("timer.ticker", "timer.tick", "timer.after", "timer.once"):
            found.setdefault(operation.path, []).append(operation)
        return found
