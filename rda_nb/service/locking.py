"""What runs while a lock is held, and the ways out of a function that leave it held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import DEFER, FUNCTION, SELECT, SPAWN, FileFacts
from rda_nb.service.calls import Operation
from rda_nb.service.concurrency import LockRegion
from rda_nb.service.flows import Edge
from rda_nb.service.iterations import detached
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service


@dataclass(frozen=True, eq=False, slots=True)
class Held:
    """Something done under a lock: an operation, or a send on a channel (`channel` as written), and the way there.
    `start` is its offset, `block` the one it stands in."""

    region: LockRegion
    edges: tuple[Edge, ...]
    operation: Operation | None
    channel: str
    evidence: Evidence
    start: int
    block: int

    @property
    def certain(self) -> bool:
        """True when every edge to it is resolved."""
        return all(edge.confidence == "resolved" for edge in self.edges)

    @property
    def chain(self) -> tuple[str, ...]:
        """The functions from the lock's holder to it."""
        return tuple(edge.target.label for edge in self.edges)


def held(service: Service, region: LockRegion) -> Iterator[Held]:
    """Operations and channel sends between a lock and its release, in the function itself first."""
    function = region.operation.function
    assert function is not None
    yield from _in(service, region, function, (), region.start, region.end)
    for edge in service.graph.of(function):
        if not region.start <= edge.offset < region.end or detached(edge) or not _runs(edge):
            continue
        if edge.deferred and not region.deferred:
            continue
        reach = service.concurrency.reach_of(edge.target)
        for target in reach.order:
            edges = (edge, *reach.edges_to(target))
            if target is not function and not any(detached(e) or not _runs(e) for e in edges[1:]):
                yield from _in(service, region, target, edges, 0, target.row.end)


def _runs(edge: Edge) -> bool:
    """A literal that is handed to a call or deferred runs; one that is only stored may run later, or never."""
    return edge.kind != "literal" or edge.via is not None or edge.deferred


def _in(
    service: Service, region: LockRegion, function: Function, edges: tuple[Edge, ...], start: int, end: int
) -> Iterator[Held]:
    for call in service.calls.calls_of.get(function.key, ()):
        if not isinstance(call, Operation) or not start <= call.row.start < end:
            continue
        late = service.calls.within(call, DEFER) is not None and not (region.deferred or edges)
        if not late and service.calls.within(call, SPAWN) is None:
            yield Held(region, edges, call, "", service.cite(call), call.row.start, call.block)
    file = function.file
    for send in file.rows.sends:
        if start <= send.start < end and service.program.enclosing(file, send.block) is function:
            if not _in_select(file, send.block):
                evidence = service.cite_at(file, send.start)
                yield Held(region, edges, None, file.slice(send.channel), evidence, send.start, send.block)


def _in_select(file: FileFacts, block: int) -> bool:
    for _, row in file.chain(block):
        if row.kind == SELECT:
            return True
        if row.kind in (FUNCTION, SPAWN):
            return False
    return False


def own_to_a_call(service: Service, region: LockRegion) -> bool:
    """True for a lock that its function declares and takes: no other call of the function can wait for it."""
    operation, function = region.operation, region.operation.function
    name = operation.callee.rpartition(".")[0]
    found = service.names.local(name, operation.file, operation.row.start) if "." not in name else None
    return found is not None and service.program.enclosing(operation.file, found[0].block) is function


def handed_once(service: Service, found: Held) -> bool:
    """True for a send that finds room: its channel has a buffer, and is closed, or taken out of where it was kept, under
    the same lock, so that each channel is sent one item."""
    file = found.region.operation.file
    if found.edges or not found.channel.isidentifier():
        return False
    element = service.names.type_of_name(found.channel, file, found.block, found.start)
    made = [channel for channel in service.channels if f"chan {channel.element}" == element]
    if not made or not all((channel.capacity.number or 0) > 0 for channel in made):
        return False
    kept, name, at = {found.channel}, found.channel, found.start
    while (local := service.names.local(name, file, at)) is not None and local[0].values:
        row, position = local
        name = file.text[slice(*row.values[min(position, len(row.values) - 1)])].partition("[")[0].strip()
        if name in kept:
            break
        kept.add(name)
        at = row.start
    for ending in ("close", "delete"):
        for index in file.callees.get(ending, ()):
            call = file.rows.calls[index]
            given = file.text[call.callee_end + 1 : call.end - 1].partition(",")[0].strip()
            if found.region.start <= call.start < found.region.end and given in kept:
                return True
    return False


def left_locked(service: Service, region: LockRegion) -> int | None:
    """The offset of a return (or of the function's end) that is reached with the lock held for good; None when none is.

    Not told of functions that lock on behalf of their caller: some other function of the target releases the same lock
    without having taken it, or the release, or the lock itself, is handed on as a value.
    """
    operation, function = region.operation, region.operation.function
    if region.deferred or function is None:
        return None
    file = operation.file
    holder, _, _ = operation.callee.rpartition(".")
    release = operation.role.replace("acquire", "release")
    if holder.count(".") > 2 or "(" in holder or "[" in holder or _handed_over(service, region, holder, release):
        return None
    releases = [call for call in _own(service, function, release) if call.callee.rpartition(".")[0] == holder]
    if not region.released:
        return None if any(_own_at_all(service, function, release)) else operation.row.start
    chain = {number for number, _ in file.chain(operation.block)}
    for row in file.rows.returns:
        if not region.start < row.start < function.row.end:
            continue
        if service.program.enclosing(file, row.block) is not function:
            continue
        around = {number for number, _ in file.chain(row.block)}
        if operation.block not in around or not chain <= around:
            continue
        before = [call for call in releases if operation.row.start < call.row.start <= row.start]
        again = [
            call
            for call in _own(service, function, operation.role)
            if call is not operation and operation.row.start < call.row.start < row.start
        ]
        if not again and not before:
            return row.start
        if not again and not any(call.block in around or call.block == row.block for call in before):
            if not _released_between(file, before, around):
                return row.start
    return None


def _released_between(file: FileFacts, before: list[Operation], around: set[int]) -> bool:
    """True when a release in a sibling branch may have run: whether it did is not followed."""
    return any(file.rows.blocks[call.block].parent in around for call in before if call.block >= 0)


def _own(service: Service, function: Function, role: str) -> list[Operation]:
    made = service.calls.calls_of.get(function.key, ())
    return [call for call in made if isinstance(call, Operation) and call.role == role]


def _own_at_all(service: Service, function: Function, role: str) -> Iterator[Operation]:
    """Releases in the function or in a literal of it."""
    yield from _own(service, function, role)
    for edge in service.graph.of(function):
        if edge.kind == "literal":
            yield from _own(service, edge.target, role)


def _handed_over(service: Service, region: LockRegion, holder: str, release: str) -> bool:
    function = region.operation.function
    assert function is not None
    text = function.file.text[function.row.start : function.row.end]
    name = holder.rpartition(".")[2]
    if name == holder and re.search(rf"(?:[&,(:=]|return)\s*{re.escape(name)}\s*[,)}}\n]", text):
        return True  # whoever is given the lock itself may release it
    for other in service.calls.role(release):
        method = other.callee.rpartition(".")[2]
        if f"{holder}.{method}" in text.replace(f"{holder}.{method}(", ""):
            return True
        if other.function is None or other.callee.rpartition(".")[0].rpartition(".")[2] != name:
            continue
        taken = region.operation.role
        if other.function.root is not function.root and not any(
            one.callee.rpartition(".")[0].rpartition(".")[2] == name
            for one in _own_roots(service, other.function, taken)
        ):
            return True
    return False


def _own_roots(service: Service, function: Function, role: str) -> Iterator[Operation]:
    at: Function | None = function
    while at is not None:
        yield from _own(service, at, role)
        at = at.parent
