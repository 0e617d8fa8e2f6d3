"""Routes that go through a function of the target's own: a router type or helper that hands path and handler on."""

from __future__ import annotations

from collections.abc import Iterator

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.described import given_to
from rda_nb.service.flows import Graph
from rda_nb.service.program import Function
from rda_nb.service.route_tables import VERBS, Handler, TableRow, verb_in
from rda_nb.service.values import Values

_DEEPEST = 3
_LONGEST = 20


class RouteWrappers:
    """Answers for one program: the routes behind a registration whose handler is a parameter of its function."""

    def __init__(self, calls: Calls, graph: Graph, values: Values, handler: Handler) -> None:
        self.calls = calls
        self.graph = graph
        self.names = calls.names
        self.values = values
        self.handler = handler

    def hands_on(self, operation: Operation) -> bool:
        """True for a registration whose path and handler are both parameters of its function, by themselves or wrapped."""
        function = operation.function
        path = self.calls.argument(operation, operation.entry.message)
        if function is None or path is None or path.kind != "name" or not self._parameter(path, function):
            return False
        given = {function.root.parameters[index][0] for index in self._handler_parameters(function.root)}
        pending = [node for node in self.calls.arguments(operation) if node is not path]
        while pending:
            node = pending.pop()
            if node.kind == "name" and node.text in given and self._parameter(node, function):
                return True
            if node.kind == "function" and self._runs(node, operation, given):
                return True
            pending += node.parts if node.kind in ("call", "convert", "select") else ()
        return False

    def _runs(self, literal: Expression, operation: Operation, given: set[str]) -> bool:
        """True for a literal that calls one of the handlers which its function is given."""
        function = self.names.function_value(operation.file, (literal.start, literal.end), operation.block)
        made = self.calls.calls_of.get(function.key, ()) if function is not None else ()
        return any(call.callee in given for call in made)

    def _parameter(self, node: Expression, function: Function) -> bool:
        found = self.names.parameter(node.text, function)
        return found is not None and found[0] is function.root and found[1] >= 0

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
            declared = self.names.program.types.get(kind)
            function_type = declared is not None and self.names.canonical(declared.definition, declared.file)
            if (
                kind.startswith("func@")
                or (function_type and function_type.startswith("func@"))
                or kind.rpartition(".")[2] in ("Handler", "HandlerFunc")
            ):
                found.append(index)
        return found

    def _path(self, call: Call) -> str | None:
        texts = (self.values.text_of(node, call.file, call.block) for node in self.calls.arguments(call))
        return next((text for text in texts if text is not None and text.startswith("/")), None)

    def _verb(self, call: Call) -> str:
        name = call.callee.rpartition(".")[2].upper()
        if name in VERBS:
            return name
        nodes = self.calls.arguments(call)
        written = (call.file.slice((node.start, node.end)) for node in nodes)
        found = next((verb for text in written if (verb := verb_in(text))), "")
        return found or next((verb for node in nodes if (verb := self._described(node, call))), "")

    def _described(self, node: Expression, call: Call) -> str:
        """The method in the struct that describes a route, where a call gives one."""
        fields = {one.entry.verb_field for one in self.calls.role("http.route")} - {""}
        places = (given_to(self.calls, (node, call.file, call.block), field) for field in fields)
        return next((verb_in(file.slice((one.start, one.end))) for one, file, _ in filter(None, places)), "")

    def _before(self, call: Call, depth: int = 0) -> str:
        """What the groups that a receiver stands for put before the path."""
        node = self.calls.conventions.expression(call.callee, call.row.start)
        base = node.parts[0] if node.kind == "select" and node.parts else None
        return self._carried(base, call.file, call.block, depth + 1)

    def _carried(self, node: Expression | None, file: FileFacts, block: int, depth: int) -> str:
        """What the router or group that an expression stands for was given."""
        if node is None or depth > _LONGEST:
            return ""
        if node.kind == "call":
            index = file.call_at.get((node.start, node.end))
            function = self.names.program.enclosing(file, block)
            if index is None:
                return ""
            group = Call(file, index, function, self.names.resolve(file, index))
            return self._before(group, depth + 1) + (self._path(group) or "").rstrip("/")
        if node.kind != "name":
            return ""
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.names.program.enclosing(file, block))
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            if len(found[0].values) != 1:
                return ""
            start, end = found[0].values[0]
            value = self.calls.conventions.expression(file.text[start:end], start)
            return self._carried(value, file, found[0].block, depth + 1) if value.kind == "call" else ""
        return self._grouped(parameter[0], depth + 1) if parameter is not None else ""

    def _grouped(self, function: Function, depth: int) -> str:
        """Where the routes of a function hang that a grouping helper of the target is given: its path, and those before."""
        ways = set()
        for edge in self.graph.into.get(function.key, ()):
            if edge.via is None or edge.kind == "call" or edge.via.file.role == "test":
                continue
            path = self._group_path(edge.via)
            if path is not None:
                ways.add(self._before(edge.via, depth + 1) + path.rstrip("/"))
        return ways.pop() if len(ways) == 1 else ""

    def _group_path(self, call: Call) -> str | None:
        """The path that a call hands on to a group of its library; None when it makes no group."""
        for target in call.resolution.targets[:1]:
            for one in self.calls.calls_of.get(target.key, ()):
                if isinstance(one, Operation) and one.role == "http.group":
                    node = self.calls.argument(one, one.entry.message)
                    given = (
                        self.names.parameter(node.text, target) if node is not None and node.kind == "name" else None
                    )
                    if given is not None and given[0] is target and given[1] >= 0:
                        argument = self.calls.argument(call, given[1])
                        return self.values.text_of(argument, call.file, call.block) if argument is not None else None
        return None
