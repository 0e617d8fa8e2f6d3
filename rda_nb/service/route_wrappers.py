"""Routes that go through a function of the target's own: a router type or helper that hands path and handler on."""

from __future__ import annotations

from collections.abc import Iterator

from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.program import Function
from rda_nb.service.route_tables import VERBS, Handler, TableRow, verb_in
from rda_nb.service.values import Values

_DEEPEST = 3


class RouteWrappers:
    """Answers for one program: the routes behind a registration whose handler is a parameter of its function."""

    def __init__(self, calls: Calls, values: Values, handler: Handler) -> None:
        self.calls = calls
        self.names = calls.names
        self.values = values
        self.handler = handler

    def of(self, operation: Operation) -> list[TableRow]:
        """One row per outermost call that gives a handler of the target; [] when the function is given none."""
        function = operation.function
        if function is None:
            return []
        return list(self._through(function.root, 0))

    def _through(self, function: Function, depth: int) -> Iterator[TableRow]:
        """The routes that the callers of a function register with it, through further functions of the same kind."""
        given = self._handler_parameters(function)
        if not given or depth > _DEEPEST:
            return
        for call in self.calls.callers.get(function.key, ()):
            if call.file.role in ("test", "generated") or call.function is None:
                continue
            nodes = [self.calls.argument(call, index) for index in given]
            found = [f for node in nodes if node is not None and (f := self.handler(node, call.file, call.block))]
            path = self._path(call)
            if found and path is not None:
                yield TableRow(self._verb(call), self._before(call) + path, found[0], self.calls.cite(call))
            elif not found and any(
                node is not None and self.names.parameter(node.text, call.function) is not None for node in nodes
            ):
                yield from self._through(call.function.root, depth + 1)

    def _handler_parameters(self, function: Function) -> list[int]:
        """Positions of the parameters that are handlers by their type: a function or an interface that serves."""
        found = []
        for index, (_, written) in enumerate(function.parameters):
            kind = self.names.canonical(written, function.file)
            if kind.startswith("func@") or kind.rpartition(".")[2] in ("Handler", "HandlerFunc"):
                found.append(index)
        return found

    def _path(self, call: Call) -> str | None:
        texts = (self.values.text_of(node, call.file, call.block) for node in self.calls.arguments(call))
        return next((text for text in texts if text is not None and text.startswith("/")), None)

    def _verb(self, call: Call) -> str:
        name = call.callee.rpartition(".")[2].upper()
        if name in VERBS:
            return name
        written = (call.file.slice((node.start, node.end)) for node in self.calls.arguments(call))
        return next((verb for text in written if (verb := verb_in(text))), "")

    def _before(self, call: Call) -> str:
        """What a group made for the receiver in the same function puts before the path."""
        node = self.calls.conventions.expression(call.callee, call.row.start)
        base = node.parts[0] if node.kind == "select" and node.parts else None
        if base is None or base.kind != "name":
            return ""
        found = self.names.local(base.text, call.file, base.start)
        if found is None or len(found[0].values) != 1:
            return ""
        start, end = found[0].values[0]
        index = call.file.call_at.get((start, end))
        if index is None:
            return ""
        group = Call(call.file, index, call.function, self.names.resolve(call.file, index))
        return (self._path(group) or "").rstrip("/")
