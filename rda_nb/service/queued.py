"""Places of a semaphore that requests wait for without listening to their context: those that have expired still queue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import FUNCTION, LOOP, SELECT, SPAWN, FileFacts, Receive, Send
from rda_nb.service.body_limits import wraps
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.concurrency import Channel
    from rda_nb.service.model import Flow, Service

_PLACES = ("chan ", "chan bool", "chan int", "chan struct{}")
_PLACE = re.compile(r"make\(chan (?:struct\{\}|bool|u?int\d*|byte)\s*[,)]")
_CONTEXT = re.compile(r"(?:^|[.*])(?:Context|Request|Ctx)$")
_SERVING = ("api_route", "grpc_method")


@dataclass(frozen=True, eq=False, slots=True)
class Acquire:
    """One blocking send that takes a place, the title of the flow that it stands on, and where its channel is made."""

    file: FileFacts
    send: Send
    function: Function
    name: str
    on: str
    made: Evidence


def acquires(service: Service) -> Iterator[Acquire]:
    """One per semaphore: the first place that waits for it on the way of a request, in document order."""
    seen: set[tuple[str, str]] = set()
    for file in service.program.files:
        if file.role != "product":
            continue
        for send in file.rows.sends:
            found = _acquire(service, file, send)
            key = (service.program.package_of[file.path], found.name.rpartition(".")[2]) if found is not None else None
            if found is not None and key is not None and key not in seen:
                seen.add(key)
                yield found


def _acquire(service: Service, file: FileFacts, send: Send) -> Acquire | None:
    function = service.program.enclosing(file, send.block)
    if function is None or service.names.type_of_span(file, send.channel, send.block) not in _PLACES:
        return None
    if _inside(file, send.block, SELECT, SPAWN) or _starts(file, send):
        return None
    flows = [flow for flow in service.item_flows(function, send.start) if flow.entrypoint.kind in _SERVING]
    on = next(
        (one.entrypoint.title for one in flows if _same_request(one, function) and _has_context(one, function)), ""
    )
    callers = (edge.source for edge in service.graph.into.get(function.key, ()) if not edge.spawned)
    if not on and any(_in_middleware(service, one) for one in (function, *callers)):
        on = "each request"
    name = file.text[slice(*send.channel)]
    channel = _made(service, file, name, send.start) if on else None
    if channel is None or channel.capacity.upper in (0.0, 1.0):
        return None
    if channel.function is not None and any(channel.function in one.reach for one in flows):
        return None  # made for this request: it waits for its own work
    last = re.escape(name.rpartition(".")[2])
    if re.search(rf"\blen\([\w.]*\b{last}\)", file.text[function.root.row.start : function.root.row.end]):
        return None  # it is asked first whether there is room
    if not _given_back(service, file, function, name):
        return None
    return Acquire(file, send, function, name, on, channel.evidence)


def _in_middleware(service: Service, function: Function) -> bool:
    """True for the literal that a middleware in use makes: what it does, it does to each request."""
    taken = any(_CONTEXT.search(kind) for _, kind in function.parameters)
    root = function.root
    return taken and root is not function and wraps(root) and bool(service.calls.callers.get(root.key))


def _starts(file: FileFacts, send: Send) -> bool:
    """True for a place that is taken for a goroutine started after it: the fan-out of one request, told where it starts."""
    function = file.rows.blocks[send.block].function
    return any(
        block.kind == SPAWN and block.function == function and block.start > send.start for block in file.rows.blocks
    )


def _inside(file: FileFacts, block: int, *kinds: int) -> bool:
    for _, row in file.chain(block):
        if row.kind in kinds:
            return True
        if row.kind == FUNCTION and not _started(file, row.parent):
            return False
    return False


def _started(file: FileFacts, block: int) -> bool:
    """True for the literal that a start runs."""
    return block >= 0 and file.rows.blocks[block].kind == SPAWN


def _same_request(flow: Flow, function: Function) -> bool:
    """True when the request itself comes to a function, not a goroutine that it started."""
    return not any(edge.spawned for edge in flow.reach.edges_to(function))


def _has_context(flow: Flow, function: Function) -> bool:
    """True when the function, or the one that calls it, is given a context or a request."""
    callers = [edge.source for edge in flow.reach.edges_to(function)[-1:]]
    kinds = (kind for one in (function, *callers) for _, kind in one.parameters)
    return any(_CONTEXT.search(kind) for kind in kinds)


def _place(channel: Channel) -> bool:
    """True for a channel of places, which carry nothing; one of values is a queue."""
    return _PLACE.match(channel.file.text, channel.start) is not None


def _made(service: Service, file: FileFacts, name: str, at: int) -> Channel | None:
    """The channel of the package that a name or field stands for."""
    local = service.names.local(name, file, at) if name.isidentifier() else None
    if local is not None:
        made = local[0].values[min(local[1], len(local[0].values) - 1)][0] if local[0].values else -1
        return next((one for one in service.channels if one.file is file and one.start == made and _place(one)), None)
    last, package = name.rpartition(".")[2], service.program.package_of[file.path]
    return next(
        (
            channel
            for channel in service.channels
            if channel.name == last and _place(channel) and service.program.package_of[channel.file.path] == package
        ),
        None,
    )


def _given_back(service: Service, file: FileFacts, function: Function, name: str) -> bool:
    """True when a place is taken back in the same function, or by another method of its type, outside of any loop there.

    What a loop takes out of a channel is a signal or an item, not a place.
    """
    last, root = name.rpartition(".")[2], function.root
    for receive in file.rows.receives:
        other = service.program.enclosing(file, receive.block)
        if other is None or file.text[slice(*receive.channel)].rpartition(".")[2] != last:
            continue
        if other.root is root:
            return True
        if root.owner_type and other.root.owner_type == root.owner_type and not _looped(file, receive):
            return True
    return False


def _looped(file: FileFacts, receive: Receive) -> bool:
    for _, row in file.chain(receive.block):
        if row.kind == FUNCTION:
            return False
        if row.kind == LOOP:
            return True
    return False


__all__ = ["Acquire", "acquires"]
