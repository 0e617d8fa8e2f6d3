"""HTTP servers: their timeouts, the routes behind them and how long a handler may take by its own stated limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.service.calls import Operation
from rda_nb.service.creations import Creation
from rda_nb.service.entrypoint import OPERATIONAL
from rda_nb.service.setting import Setting

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

TIMEOUTS = ("server_read_timeout", "server_header_timeout", "server_write_timeout", "server_idle_timeout")
# Words in the name of a server, of what starts it or of its package: it is there for operations.
_OPERATED = re.compile(r"(?i)telemetry|metrics|prometheus|pprof|profil|debug|health|liveness|readiness|diagnos")
_LOOPBACK = re.compile(r"""["'`](?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d*)?["'`]""")


@dataclass(frozen=True, slots=True)
class Listener:
    """A place that serves HTTP, with the timeouts of its server. `public` None when its routes cannot be told."""

    operation: Operation
    settings: tuple[Setting, ...]
    public: bool | None


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest limit that a handler states for itself: seconds, the flow, the operation and where it was set."""

    seconds: float
    flow: Flow
    operation: Operation
    evidence: tuple[Evidence, ...]


def listeners(service: Service) -> list[Listener]:
    """Every place of the product that serves HTTP."""
    found = []
    for operation in service.operations("http.serve"):
        creations = servers(service, operation)
        settings = [s for s in service.settings.of(creations) if s.means in TIMEOUTS]
        if not creations and operation.client.startswith("Server.") and operation.function is not None:
            # A server out of a map or a list: what its package sets on servers may be set on this one.
            package = operation.function.package
            own = [s for s in service.settings.all if service.program.package_of[s.file.path] == package]
            settings = [s for s in own if s.means in TIMEOUTS]
        found.append(Listener(operation, tuple(settings), _public(service, operation, creations)))
    if client_routes(service) and not any(listener.public for listener in found):
        # The clients' routes are mounted from elsewhere: only what says so of itself is for operations alone.
        found = [
            one
            if _operated(service, one.operation) or _default_router(service, one.operation)
            else replace(one, public=None)
            for one in found
        ]
    return found


def servers(service: Service, operation: Operation) -> list[Creation]:
    """What the served value is made from: the receiver, or the arguments of a plain function."""
    node = service.calls.conventions.expression(operation.callee, operation.row.start)
    parts = [node.parts[0]] if node.kind == "select" and node.parts else []
    parts += [part for part in service.calls.arguments(operation) if part.kind in ("name", "select")]
    found: list[Creation] = []
    for part in parts:
        found += service.settings.creations(operation.file, (part.start, part.end), operation.block)
    return found


def _public(service: Service, operation: Operation, creations: list[Creation]) -> bool | None:
    """True when a route for clients is registered on the way to the server, False when all are operational."""
    around = {operation.function.root.key} if operation.function is not None else set()
    for creation in creations:
        function = service.program.enclosing(creation.file, creation.block)
        around |= {function.root.key} if function is not None else set()
    routes = [
        (flow.entrypoint.title, flow.entrypoint.source.function.root)
        for flow in service.flows
        if flow.entrypoint.kind == "api_route"
        and flow.entrypoint.source is not None
        and flow.entrypoint.source.function is not None
    ]
    package = operation.function.package if operation.function is not None else ""
    titles = [title for title, function in routes if function.key in around]
    titles = titles or [title for title, function in routes if function.package == package]
    if _operated(service, operation):
        return False
    if titles:
        return not all(OPERATIONAL.search(title) or title == "/" for title in titles)
    return False if _default_router(service, operation) and (routes or client_routes(service)) else None


def _default_router(service: Service, operation: Operation) -> bool:
    """True for the process's default router, where nothing for clients is registered anywhere but on a server's own handler."""
    default = any(part.kind == "nil" for part in service.calls.arguments(operation))
    return default and all(flow.entrypoint.source is None for flow in client_routes(service))


def _operated(service: Service, operation: Operation) -> bool:
    """True for a listener on the host's own loopback, and for one whose own or package's name says that it is operations'."""
    function = operation.function
    holder = operation.callee.rpartition(".")[0]
    named = [holder]
    local = service.names.local(holder, operation.file, operation.row.start) if holder.isidentifier() else None
    if local is not None:
        named += [operation.file.text[start:end].partition("(")[0] for start, end in local[0].values]
    if function is not None:
        named += [function.label, function.package.rpartition("/")[2]]
    if any(_OPERATED.search(name) for name in named):
        return True
    written = [operation.file.text[operation.row.start : operation.row.end]]
    written += [made.file.text[made.start : made.end] for made in servers(service, operation)]
    return any(_LOOPBACK.search(text) for text in written)


def client_routes(service: Service) -> list[Flow]:
    """The routes that clients use."""
    return [
        flow
        for flow in service.flows
        if flow.entrypoint.kind == "api_route"
        and flow.entrypoint.per_item
        and OPERATIONAL.search(path_of(flow)) is None
        and flow.entrypoint.title != "/"
    ]


def path_of(flow: Flow) -> str:
    """The route's path; what the registration says of it where the path is put together."""
    title, source = flow.entrypoint.title, flow.entrypoint.source
    if not title.endswith("…") or source is None:
        return title
    return title + source.file.text[source.row.start : source.row.end].partition("\n")[0]


def longest(service: Service, flows: list[Flow]) -> Longest | None:
    """The longest limit that a call on these routes was given by the code, on a way that is certain and not detached."""
    best: Longest | None = None
    for flow in flows:
        for reached in flow.operations:
            if reached.spawned or not reached.certain:
                continue
            for deadline in service.budget(reached.operation).deadlines:
                limit = deadline.limit
                if limit is None or not limit.known or limit.number is None or deadline.origin != "context":
                    continue
                # A deadline counts for this route only where it was set on the way.
                if not _on_way(service, flow, deadline.places):
                    continue
                if best is None or limit.number > best.seconds:
                    best = Longest(limit.number, flow, reached.operation, deadline.places)
    return best


def longest_call(service: Service, flows: list[Flow]) -> Longest | None:
    """The call on these routes that may take longest by the limits and attempts that the code gives its client."""
    best: Longest | None = None
    for flow in flows:
        for reached in flow.operations:
            if reached.spawned or not reached.certain:
                continue
            budget = service.budget(reached.operation)
            worst = budget.worst_case.result
            # A bound that only the library or another flow's context gives is not what the code says of this route.
            if budget.timeout_source not in ("client", "call") or not budget.worst_case.bounded or worst is None:
                continue
            # One of several ways to make the client sets the limit, and another leaves it to the library.
            partly = any(origin.kind == "library_default" for origin in budget.timeout.origins)
            if not (budget.timeout.known or partly) or any(deadline.limit is not None for deadline in budget.deadlines):
                continue
            if best is None or worst > best.seconds:
                best = Longest(worst, flow, reached.operation, budget.evidence[1:2])
    return best


def _on_way(service: Service, flow: Flow, places: tuple[Evidence, ...]) -> bool:
    """True when the place that set the deadline lies in a function that the route reaches, or in its registration."""
    if not places:
        return False
    place = places[0]
    for function in flow.reach.order:
        file = function.file
        if file.path == place.path and file.line(function.row.start) <= place.line <= file.line(function.row.end):
            return True
    return False
