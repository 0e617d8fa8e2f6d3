"""Loops that take work: consumers, and loops without an end over channels, tickers or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from rda_nb.core import Evidence, Quantity
from rda_nb.facts.vocabulary import LOOP, Block, FileFacts
from rda_nb.service.brought import brought
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.deliveries import Deliveries
from rda_nb.service.entry_forms import Forms
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.flows import Graph
from rda_nb.service.program import Function
from rda_nb.service.tickers import Tickers, hands_on
from rda_nb.service.values import Values

_NO_ITEMS = frozenset({"chan ", "chan bool", "chan error", "chan os.Signal", "chan struct{}", "chan context.?"})
# The condition of a loop that goes on until something else clears it: `for running`, `for looping := true; looping;`.
_FLAG = re.compile(r"(?:\w+\s*:=\s*true\s*;\s*)?!?[A-Za-z_][\w.]*\s*;?|[\w.]+\.Err\(\)\s*==\s*nil")
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
        self.tickers = Tickers(calls)
        self.deliveries = Deliveries(calls, values, frozenset(_CONSUMING))
        self._literal_spans: dict[str, set[tuple[int, int]]] = {}

    def consumers(self) -> Iterator[Entrypoint]:
        """Functions that read items from a queue or stream, with the loop that they or their nearest caller read in."""
        for operation in self.calls.role(*_CONSUMING):
            function = operation.function
            if function is None:
                continue
            taken = self.deliveries.of(operation)
            yield from (self._delivered(operation, taker, loop) for taker, loop in taken)
            if taken:
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

    @cached_property
    def _consuming(self) -> frozenset[int]:
        """The loops that take from a queue or stream by way of a function that does."""
        return frozenset(id(entry.loop) for entry in self.consumers() if entry.loop is not None)

    def _delivered(self, operation: Operation, taker: Function, loop: Block) -> Entrypoint:
        """A loop that takes from the channel of a consume."""
        at = self.calls.cite_at(taker.root.file, taker.root.row.start)
        places = (self.calls.cite_at(taker.file, loop.start, role="caller"), self.calls.cite(operation, "caller"))
        title = f"{operation.title}: {taker.label}"
        return Entrypoint(_CONSUMING[operation.role], title, taker, at, operation, loop=loop, places=places)

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
        if id(block) in self._consuming or any(isinstance(one, Operation) and one.role in _CONSUMING for one in made):
            return
        if self.deliveries.taken(file, block):
            return
        ticks = self.tickers.of(file, block, function)
        received = self._receives_in(file, block)
        if (ticks or ranged == "tick") and hands_on(self.calls, function, block):
            return
        yield from brought(self.calls, file, block, function)
        if flagged and not ranged and not received and not ticks:
            return
        if not ranged and not received and not ticks and self._gathers(file, block):
            return
        at = self._places(function, block)
        once = len(ticks) == 1 and ticks[0][1].role in ("timer.after", "timer.once")
        if once and not ranged and not received:
            if not self._lasts(function) or self.tickers.tries(file, block, ticks[0][0]):
                return  # a pause between two tries of a function that ends
        if ranged == "tick" or (ticks and not received and len(ticks) == 1):
            ticker = ticks[0][1] if ticks else self.tickers.made_in(function)
            interval = self._interval(ticker) if ticker is not None else None
            if ticker is not None:
                at = (*at, self.calls.cite(ticker, "default"))
            offset = ticks[0][0] if ticks else block.start
            other = self._between(file, block, offset, made)
            yield Entrypoint(
                "scheduled_job",
                f"every tick: {function.label}",
                function,
                at[0],
                ticker,
                interval,
                loop=block,
                places=at[1:],
                inside=self.tickers.case(file, block, offset) if other is not None else None,
            )
            if other is not None:
                title = f"between ticks: {function.label}"
                here = self.calls.cite_at(file, other.start)
                yield Entrypoint("background_loop", title, function, here, loop=block, places=at[:1], inside=other)
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
                    inside=self.tickers.case(file, block, offset),
                )

    def _between(self, file: FileFacts, loop: Block, offset: int, made: list[Call]) -> Block | None:
        """What a loop does on each turn on which nothing has ticked, where that is work and all else waits or looks on."""
        other = self.tickers.between(file, loop, offset)
        tick = self.tickers.case(file, loop, offset)
        if other is None or tick is None:
            return None
        within = [call for call in made if other.start <= call.row.start < other.end]
        beside = [call for call in made if call not in within and not tick.start <= call.row.start < tick.end]
        works = any(self._leads_on(call) for call in within)
        return other if works and not any(self._leads_on(call) for call in beside) else None

    @staticmethod
    def _leads_on(call: Call) -> bool:
        """True for a call into the target, and for one that leaves the process."""
        return bool(call.resolution.targets) or (isinstance(call, Operation) and call.blocking and bool(call.system))

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
