"""Retry layers that a function of the target puts around a function it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from rda_nb.facts.vocabulary import Expression
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.flows import Edge, Graph
from rda_nb.service.program import Function
from rda_nb.service.retriers import Held, Retriers
from rda_nb.service.retry_layers import Layer, optional, weight

_DEEPEST = 8


class Wrappers:
    """Follows a function value from the call that takes it to where it is called.

    `loops` gives the layers of the loops around a call, `library` that of a call of a retry library with the function that
    it runs.
    """

    def __init__(
        self,
        calls: Calls,
        graph: Graph,
        retriers: Retriers,
        loops: Callable[[Call], list[Layer]],
        library: Callable[[Operation, Function | None], Layer],
    ) -> None:
        self.calls = calls
        self.graph = graph
        self.retriers = retriers
        self._loops = loops
        self._library = library
        self._known: dict[tuple[str, int], list[Layer]] = {}

    def taker(self, edge: Edge) -> Call | None:
        """The call that takes the function an edge leads to: directly, or by the local name that it is bound to."""
        if edge.via is not None or edge.kind != "literal":
            return edge.via
        bound = edge.source.file.given.get((edge.target.row.start, edge.target.row.end))
        if bound is None:
            return None
        name = bound[0].names[bound[1]]
        for call in self.calls.calls_of.get(edge.source.key, ()):
            if call.row.start > edge.target.row.start and any(_is(one, name) for one in self.calls.arguments(call)):
                return call
        return None

    def around(self, call: Call, function: Function) -> list[Layer]:
        """The layers, innermost first, that a call puts around a function of the target among its arguments."""
        if isinstance(call, Operation) and call.role == "retry.run":
            return [self._library(call, function)]
        file, start = function.file, function.row.start
        bound = file.given.get((start, function.row.end))
        name = bound[0].names[bound[1]] if bound is not None else function.name
        for index, argument in enumerate(self.calls.arguments(call)):
            if (call.file is file and argument.start <= start < argument.end) or _is(argument, name):
                return self._through(call, index, 0)
        return []

    def _through(self, call: Call, index: int, depth: int) -> list[Layer]:
        """The layers that what is called puts around its parameter, without those that its receiver was not given."""
        found = _heaviest([(self._inside(target, index, depth), None) for target in call.resolution.targets[:3]])
        return [one for one in found if one.held is None or not self.retriers.lacks(call, one.held)]

    def _inside(self, function: Function, index: int, depth: int) -> list[Layer]:
        """The layers between a function and the calls of its parameter."""
        key = (function.key, index)
        if key in self._known or depth > _DEEPEST or index >= len(function.parameters):
            return self._known.get(key, [])
        self._known[key] = []
        name = function.parameters[index][0]
        ways: list[tuple[list[Layer], Held | None]] = []
        for call in self._calls_within.get(function.key, ()):
            if call.callee == name:
                ways.append((self._between(call, function, depth), None))
                continue
            for position, argument in enumerate(self.calls.arguments(call)):
                if not _is(argument, name):
                    continue
                if isinstance(call, Operation) and call.role == "retry.run":
                    inner = [self._library(call, None)]
                else:
                    inner = self._through(call, position, depth + 1)
                ways.append(([*inner, *self._between(call, function, depth)], self.retriers.held_by(call, function)))
        found = self._known[key] = _heaviest(ways)
        return found

    def _between(self, call: Call, outer: Function, depth: int) -> list[Layer]:
        """The layers between a call and the function that it stands in, through the literals between them."""
        found = self._loops(call)
        function = call.function
        while function is not None and function is not outer and depth <= _DEEPEST:
            edge = next((one for one in self.graph.into.get(function.key, ()) if one.kind == "literal"), None)
            via = self.taker(edge) if edge is not None else None
            if via is not None:
                found = [*found, *self.around(via, function), *self._loops(via)]
            function = function.parent
            depth += 1
        return found

    @cached_property
    def _calls_within(self) -> dict[str, list[Call]]:
        """Key of a named function -> the calls in it and in its literals."""
        found: dict[str, list[Call]] = {}
        for function in self.calls.names.program.functions:
            found.setdefault(function.root.key, []).extend(self.calls.calls_of.get(function.key, ()))
        return found


def _heaviest(ways: list[tuple[list[Layer], Held | None]]) -> list[Layer]:
    """The layers of the way that multiplies most; each way with the field of its receiver that makes it."""
    best, held = max(ways, key=lambda way: weight(way[0]), default=([], None))
    if all(way for way, _ in ways):
        return best
    # A way that calls without a retry leaves it open, whether there is one: what the receiver was given tells.
    return [replace(optional(layer), held=layer.held or held) for layer in best]


def _is(node: Expression, name: str) -> bool:
    """True for a name or member, also where it is converted to a named function type."""
    if node.kind in ("name", "select"):
        return node.text == name
    converted = (node.kind == "call" and len(node.parts) == 2) or (node.kind == "convert" and bool(node.parts))
    return converted and _is(node.parts[-1], name)
