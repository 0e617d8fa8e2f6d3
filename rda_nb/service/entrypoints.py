"""Where work enters the service: routes, gRPC methods, consumers, pollers, schedulers, loops and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rda_nb.core import Evidence, Quantity
from rda_nb.facts.vocabulary import CASE, FUNCTION, LOOP, Block, Expression, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.entry_forms import Forms
from rda_nb.service.flows import Graph, Reached
from rda_nb.service.program import Function
from rda_nb.service.route_tables import RouteTables
from rda_nb.service.route_wrappers import RouteWrappers
from rda_nb.service.routes import Prefixes
from rda_nb.service.values import Values

PER_ITEM = frozenset({"api_route", "grpc_method", "queue_consumer", "poller", "stream_processor"})
_NO_ITEMS = frozenset({"chan ", "chan bool", "chan error", "chan os.Signal", "chan struct{}", "chan context.?"})
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
    "pubsub.receive": "queue_consumer",
}


@dataclass(frozen=True, eq=False, slots=True)
class Entrypoint:
    """One way in: `title` for the reader, the function that runs, and the line where it is registered or begins.

    `interval` is set for scheduled work. `source` is the operation that registers or feeds it. `inside` is the part of the
    function that this way in is, where another way in is another part of it.
    """

    kind: str
    title: str
    function: Function
    evidence: Evidence
    source: Operation | None = None
    interval: Quantity | None = None
    handler_known: bool = True
    loop: Block | None = None
    places: tuple[Evidence, ...] = ()
    inside: Block | None = None

    @property
    def per_item(self) -> bool:
        """True when it runs once per request or message: what it reaches is hot."""
        return self.kind in PER_ITEM and self.handler_known and self.function.file.role == "product"

    def runs(self, reached: Reached) -> bool:
        """True unless this way in is one part of its function and the operation stands in another."""
        operation = reached.operation
        if self.inside is None or reached.edges or operation.function is not self.function:
            return True
        return self.inside.start <= operation.row.start < self.inside.end


class Entrypoints:
    """Finds every entrypoint of a program."""

    def __init__(self, calls: Calls, graph: Graph, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.graph = graph
        self.values = values
        self.forms = Forms(calls, graph)
        self._literal_spans: dict[str, set[tuple[int, int]]] = {}

    def all(self) -> tuple[Entrypoint, ...]:
        """Every entrypoint, in the order of their files and lines; one per function and kind."""
        found: dict[tuple[str, str, str], Entrypoint] = {}
        for entry in (
            *self._routes(),
            *self._registered(),
            *self._grpc(),
            *self._consumers(),
            *self._callbacks(),
            *self._loops(),
            *self._commands(),
            *self._goroutines(),
            *self._pooled(),
        ):
            key = (entry.kind, entry.title, entry.function.key)
            found.setdefault(key, entry)
        named = {e.function.root.key for e in found.values() if not e.title.startswith("goroutine: ")}
        found = {k: e for k, e in found.items() if not (e.title.startswith("goroutine: ") and e.function.key in named)}
        taken = {(e.function.key, id(e.loop)) for e in found.values() if e.kind in PER_ITEM and e.source is not None}
        kept = [e for e in found.values() if e.source is not None or (e.function.key, id(e.loop)) not in taken]
        return tuple(sorted(kept, key=lambda e: (e.evidence.path, e.evidence.line, e.kind, e.title)))

    # Routes and registered handlers

    def handler(self, node: Expression | None, file: FileFacts, block: int) -> Function | None:
        """The function that a handler argument runs: named, literal, wrapped in a call, or built by a constructor."""
        if node is None:
            return None
        found = self.names.function_value(file, (node.start, node.end), block)
        if found is not None:
            return found
        if node.kind == "call":
            for argument in node.parts[1:]:
                inner = self.handler(argument, file, block)
                if inner is not None:
                    return inner
            return self._returned_handler(node, file)
        kind = self.names.type_of(node, file, block)
        served = self.names.method(kind, "ServeHTTP") if kind else None
        return served.targets[0] if served and served.targets else None

    def _returned_handler(self, node: Expression, file: FileFacts) -> Function | None:
        """The literal that a constructor of the target returns, or the constructor itself."""
        index = file.call_at.get((node.start, node.end))
        if index is None:
            return None
        found = self.names.resolve(file, index)
        if found.kind != "resolved":
            return None
        maker = found.targets[0]
        for row in maker.file.rows.returns:
            if row.block >= 0 and maker.file.rows.blocks[row.block].function == maker.row.block:
                for span in row.values:
                    inner = self.names.function_value(maker.file, span, row.block)
                    if inner is not None:
                        return inner
        return maker

    def _routes(self) -> Iterator[Entrypoint]:
        prefixes = Prefixes(self.calls, self.graph, self.values)
        tables = RouteTables(self.calls, self.values, self.handler)
        wrappers = RouteWrappers(self.calls, self.values, self.handler)
        for operation in self.calls.role("http.route"):
            rows = tables.of(operation)
            for row in rows:
                title = f"{row.verb} {prefixes.of(operation)}{row.path}".strip()
                yield Entrypoint("api_route", title, row.function, row.evidence, operation)
            if rows:
                continue
            path = self.values.text_of(
                self.calls.argument(operation, operation.entry.message), operation.file, operation.block
            )
            arguments = self.calls.arguments(operation)
            node = self.calls.argument(operation, operation.entry.handler)
            handler = None
            for candidate in ([node] if node is not None else []) + list(reversed(arguments)):
                handler = self.handler(candidate, operation.file, operation.block)
                if handler is not None:
                    break
            wrapped = wrappers.of(operation) if handler is None else []
            for row in wrapped:
                yield Entrypoint("api_route", f"{row.verb} {row.path}".strip(), row.function, row.evidence, operation)
            function = handler or operation.function
            if wrapped or function is None or (path is None and handler is None):
                continue
            verb = _verb(operation)
            before = prefixes.of(operation)
            own = path if path is not None else "" if before and operation.entry.message is None else "…"
            title = f"{verb} {before}{own}".strip()
            yield Entrypoint(
                "api_route", title, function, self.calls.cite(operation), operation, handler_known=handler is not None
            )

    def _registered(self) -> Iterator[Entrypoint]:
        for role, kind, word in (
            ("lambda.start", "queue_consumer", "Lambda"),
            ("cron.schedule", "scheduled_job", "cron"),
        ):
            for operation in self.calls.role(role):
                node = self.calls.argument(operation, operation.entry.handler or 0)
                handler = self.handler(node, operation.file, operation.block) or operation.function
                if handler is not None:
                    text = self.values.text_of(
                        self.calls.argument(operation, operation.entry.message), operation.file, operation.block
                    )
                    title = f"{word} {text or handler.label}"
                    yield Entrypoint(kind, title, handler, self.calls.cite(operation), operation)

    def _grpc(self) -> Iterator[Entrypoint]:
        pattern = re.compile(r"Register(\w+)Server$")
        for file in self.program.files:
            if file.role == "generated" or "Server" not in file.text:
                continue
            for index, row in enumerate(file.rows.calls):
                callee = file.text[row.start : row.callee_end]
                match = pattern.search(callee) if callee.endswith("Server") else None
                if match is None:
                    continue
                call = Call(file, index, self.program.enclosing(file, row.block), self.names.resolve(file, index))
                arguments = self.calls.arguments(call)
                if len(arguments) < 2:
                    continue
                declared = self.program.types.get(self.names.type_of(arguments[1], file, row.block))
                for name, method in sorted(declared.methods.items()) if declared else ():
                    if self.calls.conventions.exported(name) and _serves(method):
                        evidence = self.calls.cite_at(method.file, method.row.start)
                        yield Entrypoint("grpc_method", f"gRPC {match[1]}.{name}", method, evidence)

    # Loops

    def _consumers(self) -> Iterator[Entrypoint]:
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

    def _callbacks(self) -> Iterator[Entrypoint]:
        """Handlers that a library calls back, and methods that it looks for by name."""
        for operation in self.calls.role("nats.subscribe", "rabbitmq.consume", "redis.subscribe"):
            node = self.calls.argument(operation, operation.entry.handler)
            handler = self.handler(node, operation.file, operation.block) if node is not None else None
            if handler is not None:
                yield Entrypoint(
                    "queue_consumer",
                    f"{operation.title}: {handler.label}",
                    handler,
                    self.calls.cite(operation),
                    operation,
                )
        for path in sorted({row.path for file in self.program.files for row in file.rows.imports}):
            package = self.names.libraries.package(path) if path not in self.program.scopes else None
            for name, kind in sorted(package.callbacks.items()) if package else ():
                if name.endswith(".*"):
                    yield from self._called_by_owner(name.removesuffix(".*"), kind)
                else:
                    yield from self._called_by_name(path, name, kind)
                    yield from self._called_by_field(path, name, kind)

    def _called_by_name(self, path: str, name: str, kind: str) -> Iterator[Entrypoint]:
        """Methods of the target that implement an interface's method: `Interface.Method/parameters`."""
        method, slash, count = name.rpartition(".")[2].partition("/")
        for function in self.program.by_name.get(method, ()) if slash else ():
            imports = self.program.imports(function.file).values()
            if function.owner_type and len(function.parameters) == int(count) and path in imports:
                at = self.calls.cite_at(function.file, function.row.start)
                yield Entrypoint(kind, f"{method}: {function.label}", function, at)

    def _called_by_owner(self, owner: str, kind: str) -> Iterator[Entrypoint]:
        """The exported methods of the target's types of a name that generated code calls: `Owner.*`."""
        for declared in self.program.types.values():
            if declared.name != owner or declared.file.role not in ("product", "generated"):
                continue
            for name, method in sorted(declared.methods.items()):
                if self.calls.conventions.exported(name) and method.file.role == "product":
                    at = self.calls.cite_at(method.file, method.row.start)
                    yield Entrypoint(kind, f"{owner}.{name}", method, at)

    def _called_by_field(self, path: str, name: str, kind: str) -> Iterator[Entrypoint]:
        """Functions that are given to a field of a library's type: the Run of a command."""
        type_name, _, field = name.partition(".")
        for file in self.program.files:
            if path not in self.program.imports(file).values():
                continue
            for entry in file.rows.entries:
                if file.text[slice(*entry.key)] != field or entry.literal < 0:
                    continue
                literal = file.rows.literals[entry.literal]
                if self.names.canonical(file.text[literal.start : literal.type_end], file) != f"{path}.{type_name}":
                    continue
                node = self.calls.conventions.expression(file.text[slice(*entry.value)], entry.value[0])
                handler = self.handler(node, file, entry.block)
                if handler is not None:
                    yield Entrypoint(
                        kind,
                        self._command_title(file, entry.literal, handler),
                        handler,
                        self.calls.cite_at(file, entry.start),
                    )

    def _command_title(self, file: FileFacts, literal: int, handler: Function) -> str:
        for entry in file.entries_of.get(literal, ()):
            if file.text[slice(*entry.key)] in ("Use", "Name"):
                name = self.values.of_span(file, entry.value, entry.block).text
                if name:
                    return f"command {name.split()[0]}"
        return f"command {handler.label}"

    def _goroutines(self) -> Iterator[Entrypoint]:
        """Named functions that run in goroutines of their own and wait for another process there."""
        for function in self.program.functions:
            if function.parent is not None or function.file.role == "generated":
                continue
            starts = [edge for edge in self.graph.into.get(function.key, ()) if edge.spawned and edge.kind == "call"]
            if starts and self.forms.waits_below(function):
                at = self.calls.cite_at(function.file, function.row.start)
                places = tuple(self.calls.cite_at(edge.source.file, edge.offset, role="caller") for edge in starts[:2])
                yield Entrypoint("background_loop", f"goroutine: {function.label}", function, at, places=places)

    def _pooled(self) -> Iterator[Entrypoint]:
        """Functions that a pool's workers run."""
        for form in self.forms.pooled():
            title = f"work of a pool: {form.function.label}"
            yield Entrypoint("background_loop", title, form.function, form.evidence, places=form.places)

    def _before(self, file: FileFacts, block: Block, function: Function) -> Iterator[Entrypoint]:
        """What a function goes through at start, before the loop that takes work."""
        for form in self.forms.at_start(file, block, function):
            title = f"at start: {function.label}"
            yield Entrypoint("background_loop", title, function, form.evidence, inside=form.loop)

    def _loops(self) -> Iterator[Entrypoint]:
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
        if header not in ("", "true") and not ranged:
            return
        made = [call for call in self.calls.calls_of.get(function.key, ()) if block.start <= call.row.start < block.end]
        if any(isinstance(call, Operation) and call.role in _CONSUMING for call in made):
            return
        ticks = self._ticks(file, block, function)
        received = self._receives_in(file, block)
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
            if kind.startswith("chan ") and self._made_here(file, row.values[0], block):
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
            ticker = self._ticker_of(written, file, row.start, function)
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

    # Commands

    def _commands(self) -> Iterator[Entrypoint]:
        for file in self.program.files:
            if file.rows.package not in self.calls.conventions.ROOT_NAMES:
                continue
            for name in self.calls.conventions.ROOT_NAMES:
                function = self.program.scope(file).functions.get(name)
                if function is not None and function.file is file:
                    at = self.calls.cite_at(file, function.row.start)
                    yield Entrypoint("cli_job", f"command {_command_name(file)}", function, at)


def _verb(operation: Operation) -> str:
    name = operation.client.rpartition(".")[2].upper()
    return name if name in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY") else ""


def _serves(method: Function) -> bool:
    """A unary or streaming gRPC method by its shape: a context first or a stream last, and an error as last result."""
    results, kinds = [kind for _, kind in method.results], [kind for _, kind in method.parameters]
    if not results or results[-1] != "error" or not 1 <= len(kinds) <= 2:
        return False
    streams = kinds[-1].rstrip("]").endswith("Server") or "Stream" in kinds[-1]
    return streams or (len(kinds) == 2 and kinds[0].endswith("Context"))


def _command_name(file: FileFacts) -> str:
    folder = file.path.rpartition("/")[0]
    return folder.rpartition("/")[2] or "main"


__all__ = ["FUNCTION", "PER_ITEM", "Entrypoint", "Entrypoints"]
