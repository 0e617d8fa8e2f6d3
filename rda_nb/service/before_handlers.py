"""Middlewares on a route's way: what wraps its handler, stands in the chain that it is given, or is put on its router."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.service.calls import Call, Operation

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Expression
    from rda_nb.service.model import Service
    from rda_nb.service.paths import Flow

_CHAIN = 20


class BeforeHandlers:
    """Answers for the flows of one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.names = service.names

    def of(self, flow: Flow) -> list[Flow]:
        """The middlewares that wait for another process and that every request of a route goes through."""
        route = flow.entrypoint.source
        if flow.entrypoint.kind != "api_route" or flow.entrypoint.middleware or route is None or not self._waiting:
            return []
        put = {key for key in self._registered(route) if key in self._waiting}
        found = [one for key, one in self._waiting.items() if key in put or self._on_router(one, flow)]
        return [one for one in found if one.entrypoint.function is not flow.entrypoint.function]

    @cached_property
    def _waiting(self) -> dict[str, Flow]:
        """Middlewares by the function that runs, those of product code that wait."""
        return {
            flow.entrypoint.function.key: flow
            for flow in self.service.flows
            if flow.entrypoint.middleware and any(self.service.systems.of(one.operation) for one in flow.operations)
        }

    def _on_router(self, middleware: Flow, flow: Flow) -> bool:
        own = self.service.calls.calls_of.get(middleware.entrypoint.function.key, ())
        first = next((call for call in own if isinstance(call, Operation)), None)
        return first is not None and self.service.bodies.stands_before(first, flow)

    def _registered(self, route: Operation) -> Iterator[str]:
        """The functions that the calls in a registration's arguments give back: `access(h)`, and a chain made elsewhere."""
        if route.function is None:
            return
        for call in self.service.calls.calls_of.get(route.function.key, ()):
            if route.row.callee_end <= call.row.start and call.row.end < route.row.end:
                yield from self._given_back(call)
        for node in self.service.calls.arguments(route):
            made = self._made(node, route)
            if made is not None and len(made.resolution.targets) == 1:
                for call in self.service.calls.calls_of.get(made.resolution.targets[0].key, ())[:_CHAIN]:
                    yield from self._given_back(call)

    def _given_back(self, call: Call) -> Iterator[str]:
        for target in call.resolution.targets:
            yield target.key
            yield from (edge.target.key for edge in self.service.graph.of(target) if edge.kind == "literal")

    def _made(self, node: Expression, route: Operation) -> Call | None:
        """The call of the target that makes the local which an argument names."""
        bound = self.names.local(node.text, route.file, node.start) if node.kind == "name" else None
        if bound is None or len(bound[0].values) != 1:
            return None
        index = route.file.call_at.get(bound[0].values[0])
        if index is None:
            return None
        return Call(route.file, index, route.function, self.names.resolve(route.file, index))


__all__ = ["BeforeHandlers"]
