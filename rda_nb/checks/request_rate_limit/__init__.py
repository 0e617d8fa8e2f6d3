"""Routes that anybody may call as often as they like, and that make each call work for the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, absent
from rda_nb.records import Control, Page
from rda_nb.service.words import Words

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.model import Flow
    from rda_nb.service.program import Function

PAGE = Page(
    title="Nothing limits how often a client may call",
    topics=("backpressure", "concurrency-bounds"),
    consequence="unpredictability",
    rows=Control,
    why="One client in a loop takes the whole capacity of the service and of what stands behind it.",
    remedy="Limit requests per client where they come in, here or in a gateway that the deployment shows.",
    proof="A client that sends more than its share in the load harness is refused, and the others keep their latency.",
    impact="overload",
)

_LIMITS = Words("(?i){rate_limits}")
# Who must be known before a call is worked on can be told to stop.
_KNOWS = Words(r"(?im)^[^\n]*\b{registers}\w*\([^\n]*{credentials}")
_LOGIN = Words("(?i){logins}")
# Routes for operators and probes.
_OPERATING = Words("(?i)/{unlimited_routes}")
_COMMENT = re.compile(r"//[^\n]*")
_STEPS = 3
_SHOWN = 4


def assess(service: Service) -> Iterator[Control]:
    """One row per service whose open routes wait for other systems, when no code on their way in limits or knows the client."""
    flows = [
        flow
        for flow in service.flows
        if flow.entrypoint.kind == "api_route"
        and flow.entrypoint.per_item
        and flow.entrypoint.source is not None
        and not _OPERATING.search(flow.entrypoint.title)
        and any(not reached.deferred for reached in flow.operations)
    ]
    guards = _Guards(service)
    if not flows or any(guards.before(flow) for flow in flows):
        return
    places: dict[tuple[str, int], Evidence] = {}
    for flow in flows:
        for place in _ways_in(service, flow):
            places.setdefault((place.path, place.line), place)
    first = flows[0].entrypoint
    routes = first.title if len(flows) == 1 else f"{len(flows)} routes, {first.title} among them,"
    take = "takes" if len(flows) == 1 else "take"
    yield Control(
        control="requests of one client",
        kind="rate_limit",
        value=absent("no code on the way in counts a client's requests", "1/s"),
        bounded=False,
        configurable=False,
        evidence=tuple(places.values())[:_SHOWN],
        assessment=Assessment.CONCERN,
        claim=f"{routes} {take} any number of requests from anybody: no limit and no login stands before the work.",
        symbol=first.function.label,
        subject="requests of one client",
        hot=True,
        quiet=True,
    )


def _registering(service: Service, flow: Flow) -> list[Function]:
    """The functions that register the route and those that lead to them."""
    source = flow.entrypoint.source
    pending = [source.function.root] if source is not None and source.function else []
    found = {function.key: function for function in pending}
    for _ in range(_STEPS):
        edges = [edge for function in pending for edge in service.graph.into.get(function.key, ())]
        pending = [edge.source.root for edge in edges if edge.source.file.role == "product"]
        found |= {function.key: function for function in pending}
    return list(found.values())


class _Guards:
    """What stands before the work of a service's routes; each function and package is read once."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._functions: dict[str, bool] = {}
        self._packages: dict[tuple[str, bool], bool] = {}

    def before(self, flow: Flow) -> bool:
        """True when what registers the route puts a limit or a login before it, or a package on the way names one."""
        functions = _registering(self.service, flow)
        if any(self._registers(function) for function in functions):
            return True
        packages = self.service.program.package_of
        own = packages[flow.entrypoint.function.file.path]
        on_the_way = sorted({own, *(packages[function.file.path] for function in functions)})
        return any(self._names(package, package == own) for package in on_the_way)

    def _registers(self, function: Function) -> bool:
        known = self._functions.get(function.key)
        if known is None:
            text = _COMMENT.sub("", function.file.text[function.row.start : function.row.end])
            known = self._functions[function.key] = bool(_LIMITS.search(text) or _KNOWS.search(text))
        return known

    def _names(self, package: str, limits: bool) -> bool:
        known = self._packages.get((package, limits))
        if known is None:
            files = self.service.program.files_of.get(package, ())
            texts = [_COMMENT.sub("", file.text) for file in files if file.role == "product"]
            known = any(_LOGIN.search(text) or (limits and _LIMITS.search(text)) for text in texts)
            self._packages[package, limits] = known
        return known


def _ways_in(service: Service, flow: Flow) -> Iterator[Evidence]:
    """Where routers hand a route's registration on, else the route itself: a limit would stand there."""
    source = flow.entrypoint.source
    assert source is not None
    function = source.function
    calls = [edge.via for edge in service.graph.into.get(function.root.key, ())] if function else []
    product = [call for call in calls if call is not None and call.file.role == "product"]
    for call in product[:1]:
        yield service.cite(call, "absence")
    yield service.cite(source, "absence")
