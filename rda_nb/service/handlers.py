"""Handlers: functions of the target that a router, a gRPC server, a queue or a command library calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.flows import Graph
from rda_nb.service.foreign import carries_values
from rda_nb.service.program import Function, Span
from rda_nb.service.route_tables import RouteTables
from rda_nb.service.route_wrappers import RouteWrappers
from rda_nb.service.routes import Prefixes
from rda_nb.service.values import Values

# A pattern that begins with its method, as net/http reads it.
_PATTERN = re.compile(r"([A-Z]+)\s+(.*)$")
# A parameter of such a type is one unit of the work that a library brings, or a batch of them.
_BROUGHT = re.compile(r"[\w./-]+\.\w*(?:Message|Msg|Delivery|Record|Event)s?$")
# Calls that tell a library which function its messages go to.
_SUBSCRIBES = ("nats.subscribe", "rabbitmq.consume", "redis.subscribe", "mqtt.subscribe", "message.handler")
# What a function that a platform invokes is given tells what invokes it.
_RECORDS = re.compile(
    r"\b(?:SQS|SNS|Kinesis\w*|DynamoDB|Kafka|ActiveMQ|RabbitMQ|S3|CloudwatchLogs)(?:Event|Message|EventRecord|Entity)?\b"
)
_SCHEDULED = re.compile(r"\b(?:CloudWatch|EventBridge|Scheduled)\w*Event\b")


def _invoked_as(handler: Function) -> str:
    """The kind of entrypoint that a Lambda's handler is, by the event that it takes."""
    given = " ".join(kind for _, kind in handler.parameters)
    if _SCHEDULED.search(given):
        return "scheduled_job"
    return "queue_consumer" if _RECORDS.search(given.replace("events.", " ")) else "api_route"


class Handlers:
    """Finds every function of a program that a library is given to call, or looks for by its name."""

    def __init__(self, calls: Calls, graph: Graph, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.graph = graph
        self.values = values

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
        if served and served.targets:
            return served.targets[0]
        return self._held(node, file, block) if node.kind == "name" else None

    def _held(self, node: Expression, file: FileFacts, block: int) -> Function | None:
        """The function that a local holds: of those it is given before the place, the first that is in no wrapper."""
        bound = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if bound is None or (parameter is not None and bound[0].start <= parameter[0].row.start):
            return None
        later = [
            row
            for row in file.assigned.get(node.text, ())
            if row.end <= node.start and self.names.local(node.text, file, row.start) == bound
        ]
        given = []
        for row in (bound[0], *later):
            if node.text in row.names and len(row.values) == len(row.names):
                span = row.values[row.names.index(node.text)]
                value = self.calls.conventions.expression(file.text[slice(*span)], span[0])
                given.append((value.kind == "call", self._given(value, span, file, row.block)))
        return next((function for _, function in sorted(given, key=lambda one: one[0]) if function is not None), None)

    def _given(self, value: Expression, span: Span, file: FileFacts, block: int) -> Function | None:
        """What a value that a local is given runs; what builds a router, and no function, is none."""
        found = self.names.function_value(file, span, block) or self.handler(value, file, block)
        index = file.call_at.get(span)
        made = self.names.resolve(file, index).targets if index is not None else ()
        if found is None or found not in made:
            return found
        for row in found.returns:
            for result in row.values:
                node = self.calls.conventions.expression(found.file.text[slice(*result)], result[0])
                for part in node.parts[1:] if node.kind == "call" else ():
                    inner = self.names.function_value(found.file, (part.start, part.end), row.block)
                    if inner is not None:
                        return inner
        return None

    def _returned_handler(self, node: Expression, file: FileFacts) -> Function | None:
        """The literal that a constructor of the target returns, or the constructor itself."""
        index = file.call_at.get((node.start, node.end))
        if index is None:
            return None
        found = self.names.resolve(file, index)
        if found.kind != "resolved":
            return None
        maker = found.targets[0]
        for row in maker.returns:
            for span in row.values:
                inner = self._converted(maker.file, span, row.block)
                if inner is not None:
                    return inner
        return maker

    def _converted(self, file: FileFacts, span: Span, block: int) -> Function | None:
        """The function that a value is, by itself or converted: `http.HandlerFunc(func(...) {...})`."""
        found = self.names.function_value(file, span, block)
        node = self.calls.conventions.expression(file.text[slice(*span)], span[0])
        if found is None and node.kind == "call" and len(node.parts) == 2:
            found = self.names.function_value(file, (node.parts[1].start, node.parts[1].end), block)
        return found

    def routes(self) -> Iterator[Entrypoint]:
        """Every path that a router is given, with its verb and the prefixes of its groups."""
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
            path = self._path(operation)
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
            if (written := _PATTERN.match(own)) is not None:
                verb, own = written[1], written[2]
            title = f"{verb} {before}{own}".strip()
            yield Entrypoint(
                "api_route", title, function, self.calls.cite(operation), operation, handler_known=handler is not None
            )

    def _path(self, operation: Operation) -> str | None:
        """The path a route is given; of a joined one, `…` stands for what is not known. None where nothing is."""
        node = self.calls.argument(operation, operation.entry.message)
        parts, pending = [], [node] if node is not None else []
        while pending:
            one = pending.pop(0)
            known = self.values.text_of(one, operation.file, operation.block)
            if known is None and one.kind == "binary":
                pending[:0] = one.parts
            else:
                parts.append(known)
        return "".join("…" if part is None else part for part in parts) if any(parts) else next(iter(parts), None)

    def served(self) -> Iterator[Entrypoint]:
        """Types of the target that a server is given as its handler: their ServeHTTP is the way in."""
        for file in self.program.files:
            if file.role != "product" or "net/http" not in self.program.imports(file).values():
                continue
            for entry in file.rows.entries:
                if entry.literal < 0 or file.text[slice(*entry.key)] != "Handler":
                    continue
                literal = file.rows.literals[entry.literal]
                if self.names.canonical(file.text[literal.start : literal.type_end], file) == "net/http.Server":
                    yield from self._serving(file, entry.value, entry.block)
        for operation in self.calls.role("http.serve"):
            node = (
                self.calls.argument(operation, operation.entry.handler) if operation.entry.handler is not None else None
            )
            if node is not None:
                yield from self._serving(operation.file, (node.start, node.end), operation.block)

    def _serving(self, file: FileFacts, span: Span, block: int) -> Iterator[Entrypoint]:
        kind = self.names.type_of_span(file, span, block)
        found = self.names.method(kind, "ServeHTTP") if kind else None
        if found is not None and found.kind == "resolved" and len(found.targets) == 1:
            handler = found.targets[0]
            yield Entrypoint("api_route", f"handler {handler.label}", handler, self.calls.cite_at(file, span[0]))

    def registered(self) -> Iterator[Entrypoint]:
        """Functions that a runtime or a clock calls: of a Lambda, of a cron table."""
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
                    invoked = _invoked_as(handler) if role == "lambda.start" else kind
                    yield Entrypoint(invoked, title, handler, self.calls.cite(operation), operation)

    def callbacks(self) -> Iterator[Entrypoint]:
        """Handlers that a library calls back, and methods that it looks for by name."""
        given: set[str] = set()
        for operation in self.calls.role(*_SUBSCRIBES):
            node = self.calls.argument(operation, operation.entry.handler)
            handler = self._subscribed(node, operation) if node is not None else None
            if handler is not None:
                # The tasks of a job queue may be one a day: how many come is for who queues them.
                package = self.names.libraries.package(operation.package)
                given.add(handler.key)
                jobs = package is not None and any(one.role == "task.enqueue" for one in package.calls.values())
                yield Entrypoint(
                    "background_loop" if jobs else "queue_consumer",
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
                    named = self._called_by_name(path, name, kind)
                    yield from (entry for entry in named if entry.function.key not in given)
                    yield from self._called_by_field(path, name, kind)

    def _subscribed(self, node: Expression, operation: Operation) -> Function | None:
        """The function that a subscription is given, or the method that its library calls on the value that it is given."""
        package = self.names.libraries.package(operation.package)
        kind = self.names.type_of(node, operation.file, operation.block)
        for name in package.callbacks if package is not None and kind in self.program.types else ():
            served = self.names.method(kind, name.rpartition(".")[2].partition("/")[0])
            if served.targets:
                return served.targets[0]
        return self.handler(node, operation.file, operation.block)

    def brought(self) -> Iterator[Entrypoint]:
        """Functions handed to a library that nothing is known of, and that take messages of that library."""
        for path, calls in self.calls.unknown_external.items():
            if carries_values(path) or self.names.libraries.package(path) is not None:
                continue
            for call in calls:
                if call.file.role != "product":
                    continue
                for node in self.calls.arguments(call):
                    handed = node.kind in ("name", "select", "function")
                    handler = (
                        self.names.function_value(call.file, (node.start, node.end), call.block) if handed else None
                    )
                    if handler is not None and self._takes_messages(handler, path):
                        name = call.callee.rpartition(".")[2]
                        at = self.calls.cite(call)
                        yield Entrypoint("stream_processor", f"{name}: {handler.label}", handler, at)

    def _takes_messages(self, handler: Function, path: str) -> bool:
        """True for a function with a parameter that is a message, or a batch of them, of a package."""
        kinds = (self.names.canonical(kind, handler.file).lstrip("[]*.") for _, kind in handler.parameters)
        return any(kind.rpartition(".")[0] == path and _BROUGHT.match(kind) for kind in kinds)

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


def _verb(operation: Operation) -> str:
    name = operation.client.rpartition(".")[2].upper()
    return name if name in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY") else ""
