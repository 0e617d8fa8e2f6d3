"""The limit on a request's body that stands before a route: on its router, its group, or the route alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Operation
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service
    from rda_nb.service.setting import Setting

_DEEPEST = 8
_DEFAULT = "the default router"


class Routers(NamedTuple):
    """The routers that an expression stands for, and with them all that they hang on."""

    own: frozenset[str]
    all: frozenset[str]


class Before(NamedTuple):
    """What limits the body before a route; `followed` is False where that cannot be told."""

    limit: Operation | Setting | None
    followed: bool = True


class BodyLimits:
    """Answers for one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls
        self.names = service.names
        self._asked: dict[int, Before] = {}
        self._places: dict[tuple[str, int], list[frozenset[str]]] = {}

    def before(self, flow: Flow) -> Before:
        """The limit that stands before the route of a flow."""
        key = id(flow.entrypoint)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = self._before(flow.entrypoint.source)
        return found

    def _before(self, route: Operation | None) -> Before:
        if self._framework is not None:
            return Before(self._framework)
        if not self._put:
            return Before(None)
        hangs = self._receiver(route, 0) if route is not None else None
        if route is None or hangs is None:
            return Before(None, False)
        on = hangs.all | {_key(route.file, route.row.start)}
        for limit, routers in self._put:
            if routers is not None and routers & on:
                return Before(limit)
        return Before(None, all(routers is not None for _, routers in self._put))

    @cached_property
    def _framework(self) -> Setting | None:
        """The limit of a web framework that the target sets on its server."""
        for setting in self.service.settings.meaning("payload_limit"):
            package = self.names.libraries.package(setting.package)
            routes = package is not None and any(entry.role == "http.route" for entry in package.calls.values())
            # What a multipart form keeps in memory is no limit on what is sent.
            if (
                routes
                and "(" not in setting.key
                and setting.file.role == "product"
                and "multipart" not in setting.title
            ):
                return setting
        return None

    @cached_property
    def _put(self) -> list[tuple[Operation, frozenset[str] | None]]:
        """Each middleware that limits bodies with the routers that it is put on; None where that cannot be followed."""
        found: list[tuple[Operation, frozenset[str] | None]] = []
        for operation in self.service.operations("read.limit"):
            if operation.entry.count == 0:
                found.append((operation, self._around(operation)))
                continue
            found += [(operation, place) for place in self._of_middleware(operation)]
        return found

    def _of_middleware(self, operation: Operation) -> list[frozenset[str] | None]:
        """The routers that the middlewares around an operation are put on, by each place where one is."""
        places: list[frozenset[str] | None] = []
        at, wrapper = operation.function, False
        # A middleware written in place is put on by the call that takes it, any other by those that name it.
        while at is not None and not any(places):
            wrapper = wrapper or wraps(at)
            places = [self._around(call) for call in self._callers(at)] if wraps(at) else places
            at = at.parent
        return places or ([None] if wrapper else [])

    def stands_before(self, operation: Operation, flow: Flow) -> bool:
        """True for an operation of a middleware that every request of a flow's route goes through."""
        key = (operation.path, operation.index)
        if key not in self._places:
            self._places[key] = [place for place in self._of_middleware(operation) if place is not None]
        route = flow.entrypoint.source
        hangs = self._receiver(route, 0) if route is not None and self._places[key] else None
        if route is None or hangs is None:
            return False
        on = hangs.all | {_key(route.file, route.row.start)}
        return any(place & on for place in self._places[key])

    def _callers(self, function: Function) -> Iterator[Call]:
        """The calls that make a middleware, and those that are given it by name."""
        found: dict[tuple[str, int], Call] = {}
        for edge in self.service.graph.into.get(function.key, ()):
            if edge.via is None or edge.via.file.role != "product":
                continue
            # A name inside the literal of another call is given to the innermost of them.
            known = found.get((edge.via.path, edge.offset))
            if known is None or known.row.start < edge.via.row.start:
                found[edge.via.path, edge.offset] = edge.via
        yield from found.values()

    def _around(self, call: Call) -> frozenset[str] | None:
        """The routers that a middleware is put on by a call: it wraps one, or is given to one."""
        at: Call | None = call
        while at is not None:
            if isinstance(at, Operation) and at.role in ("http.route", "http.group"):
                return frozenset({_key(at.file, at.row.start)})
            if isinstance(at, Operation) and at.role == "http.middleware" and "." in at.resolution.name:
                hangs = self._receiver(at, 0)
                return hangs.own if hangs is not None else None
            for node in self.calls.arguments(at):
                wrapped = self._routers(node, at.file, at.block, 0)
                if wrapped is not None:
                    return wrapped.own
            at = self._enclosing(at)
        return None

    def _enclosing(self, call: Call) -> Call | None:
        """The innermost call that a call is an argument of."""
        row = call.row
        own = self.calls.calls_of.get(call.function.key, ()) if call.function is not None else ()
        outer = [one for one in own if one.row.callee_end <= row.start and row.end < one.row.end]
        return max(outer, key=lambda one: one.row.start, default=None)

    def _receiver(self, call: Call, depth: int) -> Routers | None:
        """The routers that a method is called on; a function of the library itself works on its default one."""
        node = self.calls.conventions.expression(call.callee, call.row.start)
        base = node.parts[0] if node.kind == "select" and node.parts else None
        if base is None:
            return None
        if base.kind == "name" and self.names.package_named(base.text, call.file, call.block, base.start):
            return Routers(frozenset({_DEFAULT}), frozenset({_DEFAULT}))
        return self._routers(base, call.file, call.block, depth + 1)

    def _routers(self, node: Expression, file: FileFacts, block: int, depth: int) -> Routers | None:
        if depth > _DEEPEST or node.kind not in ("name", "select", "call"):
            return None
        own: set[str] = set()
        above: set[str] = set()
        for made in self.service.settings.creations(file, (node.start, node.end), block):
            hangs = self._made(made.operation, depth) if made.operation is not None else None
            if hangs is None:
                return None
            own |= hangs.own
            above |= hangs.all
        if not own and node.kind == "name":
            group = self._grouped(node, file, block)
            return self._made(group, depth) if group is not None else None
        return Routers(frozenset(own), frozenset(own | above)) if own else None

    def _made(self, operation: Operation, depth: int) -> Routers | None:
        """The router that a call makes: a new one, or a part of the one that it is called on."""
        key = _key(operation.file, operation.row.start)
        if operation.role == "http.router":
            above = self._mounted.get(key, ())
            hangs = [self._receiver(mount, depth + 1) for mount in above]
            if any(one is None for one in hangs):
                return None
            return Routers(frozenset({key}), frozenset({key}).union(*(one.all for one in hangs if one is not None)))
        if operation.role not in ("http.group", "http.subrouter", "http.middleware", "http.route"):
            return None
        base = self._receiver(operation, depth + 1)
        return Routers(frozenset({key}), base.all | {key}) if base is not None else None

    @cached_property
    def _mounted(self) -> dict[str, list[Operation]]:
        """Router -> the calls that put it below another."""
        found: dict[str, list[Operation]] = {}
        for operation in self.calls.role("http.group", "http.route"):
            handler = operation.entry.handler
            node = self.calls.argument(operation, handler) if handler is not None else None
            if node is None or operation.file.role != "product":
                continue
            # What strips a prefix or wraps in another way is given the router.
            for part in (node, *(node.parts[1:] if node.kind == "call" else ())):
                for made in self.service.settings.creations(operation.file, (part.start, part.end), operation.block):
                    if made.operation is not None and made.operation.role == "http.router":
                        found.setdefault(_key(made.file, made.operation.row.start), []).append(operation)
        return found

    def _grouped(self, node: Expression, file: FileFacts, block: int) -> Operation | None:
        """The group whose function has a name as its parameter."""
        parameter = self.names.parameter(node.text, self.names.program.enclosing(file, block))
        for edge in self.service.graph.into.get(parameter[0].key, ()) if parameter is not None else ():
            if isinstance(edge.via, Operation) and edge.via.role == "http.group":
                return edge.via
        return None


def wraps(function: Function) -> bool:
    """True for a function that takes or gives handlers: what it does, it does to each request."""
    kinds = [kind for _, kind in (*function.parameters, *function.results)]
    return any("Handler" in kind or "Middleware" in kind for kind in kinds)


def _key(file: FileFacts, start: int) -> str:
    return f"{file.path}:{start}"


__all__ = ["Before", "BodyLimits"]
