"""Goroutine starts that repeat with a clock: one per turn of a loop that pauses or ticks, whether or not the last has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import Block
from rda_nb.service.calls import Operation
from rda_nb.service.concurrency import Spawn
from rda_nb.service.single_flight import single_flight
from rda_nb.service.spawned_work import ends_within, repeats, waits
from rda_nb.service.spawning import awaited, called_off, endless, follows, gated, guarded, limited, seldom

if TYPE_CHECKING:
    from rda_nb.service.flows import Edge
    from rda_nb.service.model import Flow, Service

_PAUSES = ("sleep", "timer.ticker", "timer.tick", "timer.after", "timer.once")
_ACCEPTS = "network.accept"


def each_turn(service: Service, spawn: Spawn) -> Flow | None:
    """The periodic loop that comes to a start on its turns, where nothing waits for what is started or limits it."""
    if spawn.bound in ("workers", "limit", "semaphore") or spawn.joined or not waits(service, spawn):
        return None
    if any(held(spawn) for held in (awaited, called_off, follows, gated, guarded, limited)):
        return None
    if any(endless(service, target) for target in spawn.targets) or single_flight(service, spawn) is not None:
        return None
    return next((flow for flow in service.flows if _comes_to(service, flow, spawn)), None)


def handed_items(service: Service, spawn: Spawn) -> bool:
    """True when what is started is handed a list: the items that have been collected until this turn."""
    own = (
        call for call in service.calls.calls_of.get(spawn.function.key, ()) if spawn.start <= call.row.start < spawn.end
    )
    started = next((call for call in own if call.resolution.targets), None)
    arguments = service.calls.arguments(started) if started is not None else ()
    kinds = (service.names.type_of(node, spawn.file, spawn.block) for node in arguments)
    return any(kind.startswith("[]") and kind != "[]byte" for kind in kinds)


def _comes_to(service: Service, flow: Flow, spawn: Spawn) -> bool:
    entry = flow.entrypoint
    loop = entry.loop
    if loop is None or entry.kind not in ("scheduled_job", "background_loop") or spawn.function not in flow.reach:
        return False
    edges = flow.reach.edges_to(spawn.function)
    file, place = entry.function.file, edges[0].offset if edges else spawn.start
    part = entry.inside or loop
    if not part.start <= place < part.end or not all(_plain(service, edge) for edge in edges):
        return False
    if any(around is not loop for around in spawn.loops) or not _paused(service, entry.function.key, loop, entry.kind):
        return False
    if any(place < receive.start < part.end for receive in file.rows.receives):
        return False  # the turn waits for something before it ends
    interval = entry.interval.number if entry.interval is not None else None
    ends = ends_within(service, spawn)
    return ends is None or repeats(service, spawn) or interval is None or ends > interval


def _plain(service: Service, edge: Edge) -> bool:
    """True for a call that is surely made here, in no branch that is seldom come to."""
    via = edge.via
    if edge.kind != "call" or edge.confidence != "resolved" or edge.spawned or via is None:
        return False
    return not seldom(via.file, via.block) and not service.iterations.handles_error(via.file, via.block, edge.offset)


def _paused(service: Service, key: str, loop: Block, kind: str) -> bool:
    """True for a loop of a clock, or one that pauses; what takes connections starts as many as there are peers."""
    roles = [
        call.role
        for call in service.calls.calls_of.get(key, ())
        if isinstance(call, Operation) and loop.start <= call.row.start < loop.end
    ]
    return _ACCEPTS not in roles and (kind == "scheduled_job" or any(role in _PAUSES for role in roles))


__all__ = ["each_turn", "handed_items"]
