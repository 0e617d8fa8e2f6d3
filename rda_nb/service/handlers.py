"""Handlers: which function of the target an argument runs, and the routes of its routers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.described import given_to
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.filled_routes import FilledRoutes
from rda_nb.service.flows import Graph
from rda_nb.service.program import Function, Span
from rda_nb.service.route_tables import VERBS, RouteTables, TableRow, verb_in
from rda_nb.service.route_wrappers import RouteWrappers
from rda_nb.service.routes import Prefixes
from rda_nb.service.value import SET_BY_NOTHING
from rda_nb.service.values import Values

# A pattern that begins with its method, as net/http reads it.
_PATTERN = re.compile(r"([A-Z]+)\s+(.*)$")


class Handlers:
    """Follows handlers to the functions that they run, and routes to their handlers."""

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
            return self._serving(node, file, block) or self._returned_handler(node, file)
        served = self._serving(node, file, block)
        if served is not None:
            return served
        return self._held(node, file, block) if node.kind == "name" else None

    def _serving(self, node: Expression, file: FileFacts, block: int) -> Function | None:
        """The method by which a value of the target's own type serves requests."""
        kind = self.names.type_of(node, file, block)
        served = self.names.method(kind, "ServeHTTP") if kind else None
        return served.targets[0] if served is not None and served.targets else None

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
        wrappers = RouteWrappers(self.calls, self.graph, self.values, self.handler)
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
            wrapped = wrappers.of(operation) if handler is None or wrappers.hands_on(operation) else []
            for row in wrapped:
                yield Entrypoint("api_route", f"{row.verb} {row.path}".strip(), row.function, row.evidence, operation)
            function = handler or operation.function
            if wrapped or function is None or (path is None and handler is None):
                continue
            verb = self._verb(operation)
            before = prefixes.of(operation)
            own = path if path is not None else "" if before and operation.entry.message is None else "…"
            if (written := _PATTERN.match(own)) is not None:
                verb, own = written[1], written[2]
            title = f"{verb} {before}{own}".strip()
            yield Entrypoint(
                "api_route", title, function, self.calls.cite(operation), operation, handler_known=handler is not None
            )

    def filled(self) -> Iterator[Entrypoint]:
        """Every place of a table of handlers that is filled by method and path."""
        for row in FilledRoutes(self.calls, self.values, self.handler).all():
            yield Entrypoint("api_route", f"{row.verb} {row.path}", row.function, row.evidence)

    def mounts(self) -> Iterator[Entrypoint]:
        """Values of the target's own types that a router hands all below a path, and that are no routers themselves."""
        prefixes = Prefixes(self.calls, self.graph, self.values)
        wrappers = RouteWrappers(self.calls, self.graph, self.values, self.handler)
        routing = {one.function.root.owner_type for one in self.calls.role("http.route", "http.group") if one.function}
        for operation in self.calls.role("http.group"):
            index = operation.entry.handler
            node = self.calls.argument(operation, index) if index is not None else None
            if node is None or operation.entry.message is None:
                continue
            served = self._serving(node, operation.file, operation.block)
            path = self._path(operation)
            if served is not None and path is not None:
                rows = [TableRow("", prefixes.of(operation) + path, served, self.calls.cite(operation))]
            else:
                rows = wrappers.of(operation)
            for row in rows:
                if row.function.name == "ServeHTTP" and row.function.owner_type not in routing:
                    yield Entrypoint("api_route", row.path, row.function, row.evidence, operation)

    def _path(self, operation: Operation) -> str | None:
        """The path a route is given; of a joined one, `…` stands for what is not known. None where nothing is."""
        node, file, block = self._described(operation, operation.entry.path_field)
        parts, pending = [], [node] if node is not None else []
        while pending:
            one = pending.pop(0)
            known = self.values.of(one, file, block)
            if known.text is None and one.kind == "binary":
                pending[:0] = one.parts
            else:
                # A prefix that nobody sets is none.
                parts.append("" if known.reason.endswith(SET_BY_NOTHING) else known.text)
        return "".join("…" if part is None else part for part in parts) if any(parts) else next(iter(parts), None)

    def _described(self, operation: Operation, field: str) -> tuple[Expression | None, FileFacts, int]:
        """What a route is registered by: an argument, or a field of the struct that describes it."""
        node = self.calls.argument(operation, operation.entry.message)
        place = (node, operation.file, operation.block)
        if node is None or not field:
            return place
        return given_to(self.calls, (node, *place[1:]), field) or (None, *place[1:])

    def _verb(self, operation: Operation) -> str:
        if operation.entry.verb_field:
            node, file, _ = self._described(operation, operation.entry.verb_field)
            return verb_in(file.slice((node.start, node.end))) if node is not None else ""
        name = operation.client.rpartition(".")[2].upper()
        return name if name in VERBS else ""
