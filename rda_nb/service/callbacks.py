"""Functions of the target that a library calls back: a server, a runtime, a queue, a command, or one that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts.vocabulary import Entry, Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.foreign import carries_values
from rda_nb.service.handlers import Handlers
from rda_nb.service.held import Held
from rda_nb.service.program import Function, Span
from rda_nb.service.values import Values

# The field of a server that is its handler, by package and type.
_SERVED = ("net/http", "Server.Handler")
# The fields that name a command.
_NAMES = ("Use", "Name")
# So many functions hand a server its handler, one after the other.
_HANDED = 2
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


class Callbacks:
    """Finds every function of a program that a library is given to call, or looks for by its name, and no route gives."""

    def __init__(self, calls: Calls, values: Values, handlers: Handlers) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values
        self.handlers = handlers
        self.held = Held(calls, values)

    def served(self) -> Iterator[Entrypoint]:
        """Types of the target that a server is given as its handler: their ServeHTTP is the way in."""
        for file, entry in self._given_to(*_SERVED):
            if file.role == "product":
                yield from self._serving(file, entry.value, entry.block)
        for operation in self.calls.role("http.serve"):
            node = (
                self.calls.argument(operation, operation.entry.handler) if operation.entry.handler is not None else None
            )
            if node is not None:
                yield from self._serving(operation.file, (node.start, node.end), operation.block)

    def _serving(self, file: FileFacts, span: Span, block: int, depth: int = 0) -> Iterator[Entrypoint]:
        """The ServeHTTP of a value of the target's own, also where a function is handed it."""
        kind = self.names.type_of_span(file, span, block)
        found = self.names.method(kind, "ServeHTTP") if kind else None
        if found is not None and found.kind == "resolved" and len(found.targets) == 1:
            handler = found.targets[0]
            yield Entrypoint("api_route", f"handler {handler.label}", handler, self.calls.cite_at(file, span[0]))
            return
        parameter = self.names.parameter(file.text[slice(*span)], self.program.enclosing(file, block))
        if parameter is None or parameter[1] < 0 or depth > _HANDED:
            return
        for call in self.calls.callers.get(parameter[0].key, ()):
            node = self.calls.argument(call, parameter[1])
            if node is not None and call.file.role == "product":
                yield from self._serving(call.file, (node.start, node.end), call.block, depth + 1)

    def registered(self) -> Iterator[Entrypoint]:
        """Functions that a runtime or a clock calls: of a Lambda, of a cron table."""
        for role, kind, word in (
            ("lambda.start", "queue_consumer", "Lambda"),
            ("cron.schedule", "scheduled_job", "cron"),
        ):
            for operation in self.calls.role(role):
                node = self.calls.argument(operation, operation.entry.handler or 0)
                handler = self.handlers.handler(node, operation.file, operation.block) or operation.function
                if handler is not None:
                    text = self.values.text_of(
                        self.calls.argument(operation, operation.entry.message), operation.file, operation.block
                    )
                    title = f"{word} {text or handler.label}"
                    invoked = _invoked_as(handler) if role == "lambda.start" else kind
                    yield Entrypoint(invoked, title, handler, self.calls.cite(operation), operation)

    def called_back(self) -> Iterator[Entrypoint]:
        """Handlers that a library calls back, and methods that it looks for by name."""
        given: set[str] = set()
        for operation in self.calls.role(*_SUBSCRIBES):
            node = self.calls.argument(operation, operation.entry.handler)
            served = self._subscribed(node, operation) if node is not None else None
            held = self.held.functions(node, operation.file, operation.block) if node and served is None else []
            for handler in held if served is None else [served]:
                # The tasks of a job queue may be one a day: how many come is for who queues them.
                package = self.names.libraries.package(operation.package)
                given.add(handler.key)
                jobs = package is not None and any(one.role == "task.enqueue" for one in package.calls.values())
                yield Entrypoint(
                    "background_loop" if jobs else "queue_consumer",
                    f"{operation.title}: {handler.label}",
                    handler,
                    self.calls.cite(operation)
                    if len(held) < 2
                    else self.calls.cite_at(handler.file, handler.row.start),
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
        return self.handlers.handler(node, operation.file, operation.block)

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
        for file, entry in self._given_to(path, name):
            node = self.calls.conventions.expression(file.text[slice(*entry.value)], entry.value[0])
            handler = self.handlers.handler(node, file, entry.block)
            if handler is not None:
                title = self._command_title(file, entry, handler)
                yield Entrypoint(kind, title, handler, self.calls.cite_at(file, entry.start))

    def _given_to(self, path: str, name: str) -> Iterator[tuple[FileFacts, Entry]]:
        """The entries that give a field of a library's type its value, in its literals: `Type.field`."""
        type_name, _, field = name.partition(".")
        for file in self.program.files:
            if path not in self.program.imports(file).values():
                continue
            for entry in file.rows.entries:
                if entry.literal < 0 or file.text[slice(*entry.key)] != field:
                    continue
                literal = file.rows.literals[entry.literal]
                if self.names.literal_owner(file, literal) == f"{path}.{type_name}":
                    yield file, entry

    def _command_title(self, file: FileFacts, given: Entry, handler: Function) -> str:
        """By the name beside the function; a list of commands has one name before each of them."""
        named = [entry for entry in file.entries_of.get(given.literal, ()) if file.text[slice(*entry.key)] in _NAMES]
        before = [entry for entry in named if entry.start < given.start]
        for entry in before[-1:] or named[:1]:
            name = self.values.of_span(file, entry.value, entry.block).text
            if name:
                return f"command {name.split()[0]}"
        return f"command {handler.label}"
