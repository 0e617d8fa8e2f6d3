"""Deadlines that a handler finds on its context: those of what stands before it, and of the platform that invokes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.core import Evidence, Origin, known
from rda_nb.service.asked_deadlines import loosest
from rda_nb.service.calls import Call
from rda_nb.service.deadline import Deadline, distinct, tighter_of
from rda_nb.service.flows import Graph
from rda_nb.service.interceptors import Interceptors
from rda_nb.service.program import Function
from rda_nb.service.route_scopes import RouteScopes
from rda_nb.service.types import CONTEXT
from rda_nb.service.values import Values

if TYPE_CHECKING:
    from rda_nb.service.deadlines import Deadlines

# What a middleware is given to go on with: the next handler, or a framework's context that has it.
_CHAINED = frozenset({"Handler", "HandlerFunc", "Context", "Ctx"})


class OuterDeadlines:
    """What middlewares, interceptors and platforms put on a context before a handler of the target is called with it."""

    def __init__(self, deadlines: Deadlines, graph: Graph, values: Values, interceptors: Interceptors) -> None:
        """`deadlines` follows the contexts that middlewares and interceptors go on with."""
        self.deadlines = deadlines
        self.calls = deadlines.calls
        self.names = deadlines.names
        self.settings = deadlines.settings
        self.values = values
        self.interceptors = interceptors
        self.routes = RouteScopes(deadlines.calls, graph)
        self._request: tuple[Deadline, ...] | None = None
        self._intercepted: tuple[Deadline, ...] | None = None
        self._scoped: list[tuple[Deadline, frozenset[str]]] = []

    def of_request(self, here: Evidence, function: Function | None) -> tuple[Deadline, ...]:
        """A request's context has no deadline of its own; the timeout middlewares of the service give it one.

        One that stands before some routes alone bounds the handlers of these; of a function that is no handler it is not
        known whether it is reached by such a route or by another.
        """
        if self._request is None:
            # Meanwhile a request counts as one without a deadline.
            self._request, self._scoped = (), []
            with self.deadlines.apart({}):
                found = [*self._library_middlewares(), *self._own_middlewares()]
            self._request = distinct([way._replace(request=True) for way in found])
        everywhere = self._request or (Deadline(None, "request", (here,), True),)
        if not self._scoped or function is None:
            return everywhere
        keys = {function.key, function.root.key}
        own = tuple(way for way, behind in self._scoped if not keys.isdisjoint(behind))
        if own:
            return tuple(tighter_of(way, outer) for way in own for outer in everywhere)
        return (
            everywhere
            if not keys.isdisjoint(self.routes.handlers)
            else (*everywhere, *(way for way, _ in self._scoped))
        )

    def of_unary_methods(self) -> tuple[Deadline, ...]:
        """The deadlines that interceptors of the target give every unary method, where they give them on all their ways."""
        if self._intercepted is None:
            # Meanwhile no interceptor gives one.
            self._intercepted, set_ = (), []
            with self.deadlines.apart({}):
                for handed in self.interceptors.chain:
                    ways = [way for one in handed for way in self.deadlines.context(one.node, one.file, one.block)]
                    if ways and all(way.limit is not None for way in ways):
                        set_.append(loosest(ways)._replace(request=True))
            tightest = min(
                set_, key=lambda way: way.limit.upper if way.limit and way.limit.upper else float("inf"), default=None
            )
            self._intercepted = (tightest,) if tightest is not None else ()
        return self._intercepted

    def _library_middlewares(self) -> list[Deadline]:
        """Deadlines of a library's middlewares before all routes; those before some alone are kept with these."""
        found = []
        for operation in self.calls.role("http.timeout_middleware"):
            value = self.values.of(
                self.calls.argument(operation, operation.entry.count), operation.file, operation.block
            )
            limit = self.values.quantity(value, "s")
            way = Deadline(limit, "context", (self.calls.cite(operation, "default"),), True)
            behind = self.routes.behind(operation)
            if behind is None:
                found.append(way)
            else:
                self._scoped.append((way, behind))
        return found

    def _own_middlewares(self) -> list[Deadline]:
        """Deadlines that the target's middlewares put on the request that they hand on."""
        found = []
        for operation in self.calls.role("context.request"):
            function = operation.function
            if operation.file.role != "product" or function is None or not self._hands_on(function):
                continue
            node = self.calls.argument(operation, operation.entry.context)
            ways = self.deadlines.context(node, operation.file, operation.block) if node is not None else []
            found += [way for way in ways if way.limit is not None]
        return found

    def _hands_on(self, function: Function) -> bool:
        """True for a function that is given, or stands in one that is given, the next handler or the rest of the chain."""
        parts = [part for part in (function, function.parent) if part is not None]
        given = [self.names.canonical(kind, part.file) for part in parts for _, kind in part.parameters]
        return any(kind != CONTEXT and kind.rpartition(".")[2] in _CHAINED for kind in given)

    def of_invocation(self, call: Call) -> Deadline | None:
        """The deadline of what a platform invokes, of the call that registers it; None for any other call.

        Where work may be given a time of its own, the longest that is given anywhere counts.
        """
        package = self.names.libraries.package(call.resolution.package) if call.resolution.package else None
        for entry in package.budget if package is not None else ():
            if entry.means == "invocation_timeout" and isinstance(entry.default, int | float):
                own = [one for one in self.settings.meaning(entry.means) if one.package == call.resolution.package]
                given = [self.settings.quantity(one).upper for one in own]
                if None in given:
                    return None
                origin = Origin("library_default", f"{entry.default:g} s", None, f"{entry.source} ({entry.since})")
                limit = known(max([float(entry.default), *(one or 0.0 for one in given)]), "s", origin)
                return Deadline(limit, "context", (self.calls.cite(call, "default"),))
        return None
