"""How often a place on a hot path runs: for each item, once per request or message, or only when something is prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.service.calls import Call
from rda_nb.service.iterations import ITEMS, OTHER, loops_at
from rda_nb.service.words import Words

if TYPE_CHECKING:
    from rda_nb.service.iterations import Turn
    from rda_nb.service.model import Flow, Service

MESSAGES = ("queue_consumer", "stream_processor")
# What prepares, loads or restarts runs seldom, whatever path leads to it.
_SELDOM = Words("(?i)^(?:{prepares}|{prepares_or_ends})")


def often(service: Service, call: Call, kinds: tuple[str, ...] = ()) -> Flow | None:
    """A flow (of these kinds, if any are given) that makes a call per request or message by a way that prepares nothing."""
    function = call.function
    if function is None or call.file.role != "product" or _SELDOM.match(function.root.name):
        return None
    for flow in service.hot_calls(call):
        if kinds and flow.entrypoint.kind not in kinds:
            continue
        edges = flow.reach.edges_to(function)
        if not any(_SELDOM.match(edge.target.root.name) or _in_error(service, edge.via) for edge in edges):
            return flow
    return None


def _in_error(service: Service, via: Call | None) -> bool:
    return via is not None and service.iterations.handles_error(via.file, via.block, via.row.start)


def per_part(service: Service, call: Call) -> str:
    """What a call is repeated for within one request or message: a loop's range or header, or '' when nothing."""
    for turn in service.iterations.nearest(call, frozenset(service.hot)):
        if not turn.outer and _arriving(service, turn):
            return ""  # once per message
        if len(turn.edges) < 3:
            return "" if service.iterations.waits(turn) else turn.over[:60]
    for loop in loops_at(call.file, call.block):
        if loop.header[1] <= call.row.start and service.iterations.kind(call.file, loop) in (ITEMS, OTHER):
            return service.iterations.over(call.file, loop)[:60]
    return "each part that is visited" if _visited(service, call) else ""


def _arriving(service: Service, turn: Turn) -> bool:
    """True for the loop over the messages of one receive."""
    name = turn.over.rpartition(".")[2].lower()
    consuming = any(flow.entrypoint.kind in MESSAGES for flow in service.hot_flows(turn.function))
    return consuming and any(
        word in name for word in ("message", "msg", "record", "event", "entries", "deliver", "batch")
    )


def _visited(service: Service, call: Call) -> bool:
    """True in a function that is handed to a call outside the target, which runs it for each part of a value."""
    function = call.function
    if function is None or function.parent is None:
        return False
    for edge in service.graph.into.get(function.key, ()):
        if edge.kind != "literal" or edge.via is None or edge.spawned or edge.deferred:
            continue
        entry = edge.via.resolution.entry
        if edge.via.resolution.kind in ("external", "unknown") and (entry is None or not entry.role):
            return True
    return False
