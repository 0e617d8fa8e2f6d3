"""Which handlers a middleware stands before: those of its router, of its group, or of the one route that it is given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from rda_nb.service.calls import Calls, Operation
from rda_nb.service.flows import Graph


class RouteScopes:
    """Answers for one program."""

    def __init__(self, calls: Calls, graph: Graph) -> None:
        self.calls = calls
        self.graph = graph

    @cached_property
    def handlers(self) -> frozenset[str]:
        """The functions that routes are registered for."""
        routes = self.calls.role("http.route")
        return frozenset(key for route in routes for key in self._registered(route))

    def _registered(self, route: Operation) -> Iterator[str]:
        """The functions that one registration is given."""
        for edge in self.graph.of(route.function) if route.function is not None else ():
            if edge.via is not None and edge.via.index == route.index and edge.via.file is route.file:
                yield edge.target.root.key if edge.kind == "reference" else edge.target.key

    def behind(self, operation: Operation) -> frozenset[str] | None:
        """The handlers that a timeout middleware stands before; None when it stands before all of its router's."""
        routes = self.calls.role("http.route")
        chained = [
            route
            for route in routes
            if route.file is operation.file and route.row.start <= operation.row.start < route.row.end
        ]
        if chained:
            return frozenset(key for route in chained for key in self._registered(route))
        group = operation.function
        if group is None or group.parent is None:
            return None
        inside = {edge.target.key for edge in self.graph.of(group) if edge.kind == "call"} | {group.key}
        own = [route for route in routes if route.function is not None and route.function.key in inside]
        return frozenset(key for route in own for key in self._registered(route)) or None


__all__ = ["RouteScopes"]
