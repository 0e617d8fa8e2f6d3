"""Channels used as semaphores: whether one bounds a call or the process, and whether it lets anything run side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, SPAWN, FileFacts, Receive, Send
from rda_nb.service.calls import Call, Calls
from rda_nb.service.concurrency import Spawn
from rda_nb.service.iterations import ARRIVALS
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_PLACES = ("chan ", "chan bool", "chan int", "chan struct{}")
_MADE = re.compile(r"make\(chan\b")
# What a goroutine does after it has told its result: it gives its places back.
_LAST = re.compile(r"\b(?!(?:Done|Release|Unlock|RUnlock|close|cancel)\()[A-Za-z_]\w*\(")


def made_per_call(service: Service, spawn: Spawn) -> bool:
    """True when the semaphore before a start is made by the call that starts: other calls at the same time have their own.

    What takes work as it arrives runs once, as far as its own loop says.
    """
    if not spawn.loops or service.iterations.kind(spawn.file, spawn.loops[0]) == ARRIVALS:
        return False
    if not service.item_flows(spawn.function.root, spawn.start):
        return False
    taken = [send for send in _taken(service, spawn) if spawn.loops[0].start <= send.start]
    return bool(taken) and all(_made_in(service, spawn.file, send.channel, spawn.function.root) for send in taken)


def waited_for(service: Service, spawn: Spawn) -> tuple[Evidence, str] | None:
    """(where, in which function) a loop waits for each goroutine that it starts behind a semaphore made for that loop.

    The start stands in the loop itself, or in a function that every caller gives the semaphore, and does not start beside.
    """
    receive = _result(spawn)
    if receive is None:
        return None
    place = service.cite_at(spawn.file, receive, role="caller")
    for send in _taken(service, spawn):
        name = spawn.file.text[slice(*send.channel)]
        if re.search(rf"<-\s*{re.escape(name)}\b", spawn.file.text[spawn.start : spawn.end]) is None:
            continue
        if spawn.loops:
            if _made_in(service, spawn.file, send.channel, spawn.function.root):
                return place, spawn.function.label
            continue
        parameter = service.names.parameter(name, spawn.function)
        calls = service.calls.callers.get(spawn.function.key, ()) if parameter is not None else ()
        if parameter is None or parameter[0] is not spawn.function or parameter[1] < 0 or not calls:
            continue
        if all(_gives_its_own(service, call, parameter[1]) for call in calls):
            looped = next((call for call in calls if Calls.loops(call)), None)
            if looped is not None and looped.function is not None:
                return service.cite(looped, "caller"), looped.function.label
    return None


def _gives_its_own(service: Service, call: Call, index: int) -> bool:
    """True for a call that hands over a semaphore which its own function made, and runs in its caller's turn."""
    given = service.calls.argument(call, index)
    if given is None or given.kind != "name" or call.function is None or Calls.within(call, SPAWN) is not None:
        return False
    return call.function is call.function.root and _made_in(
        service, call.file, (given.start, given.end), call.function.root
    )


def _taken(service: Service, spawn: Spawn) -> Iterator[Send]:
    """The places that are taken in the function of a start before it, on every way to it."""
    file = spawn.file
    around = {number for number, _ in file.chain(spawn.block)}
    for send in file.rows.sends:
        if spawn.function.row.start <= send.start < spawn.start and send.block in around:
            if service.names.type_of_span(file, send.channel, send.block) in _PLACES:
                yield send


def _made_in(service: Service, file: FileFacts, channel: tuple[int, int], function: Function) -> bool:
    """True for a channel that is a local of the function, made in it."""
    name = file.text[slice(*channel)]
    found = service.names.local(name, file, channel[0]) if name.isidentifier() else None
    if found is None or found[1] >= len(found[0].values):
        return False
    inside = function.row.start <= found[0].start < function.row.end
    return inside and _MADE.match(file.text, found[0].values[found[1]][0]) is not None


def _result(spawn: Spawn) -> int | None:
    """Where the starter waits, on every way, for what its only goroutine sends last; None when it does not."""
    file = spawn.file
    others = (block for block in file.rows.blocks if block.kind == SPAWN and block.function == spawn.function.row.block)
    if any((block.start, block.end) != (spawn.start, spawn.end) for block in others):
        return None
    for send in file.rows.sends:
        if not spawn.start <= send.start < spawn.end or _LAST.search(file.text, send.value[1], spawn.end):
            continue
        name = file.text[slice(*send.channel)]
        for receive in file.rows.receives:
            if receive.start >= spawn.end and _always(file, receive, spawn.block):
                if file.text[slice(*receive.channel)] == name:
                    return receive.start
    return None


def _always(file: FileFacts, receive: Receive, block: int) -> bool:
    """True for a receive of a region's own level, that in the head of a branch included: `if err := <-errs; err != nil`."""
    own = file.rows.blocks[receive.block] if receive.block >= 0 else None
    head = own is not None and own.kind == BRANCH and own.parent == block and receive.start < own.header[1]
    return receive.block == block or head


__all__ = ["made_per_call", "waited_for"]
