"""Claims that end by themselves: distributed locks with a time to live, and what is done while one is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rda_nb.core import Quantity, State
from rda_nb.facts.vocabulary import BRANCH, FUNCTION, SPAWN, FileFacts
from rda_nb.service.calls import Call, Operation
from rda_nb.service.concurrency import LockRegion
from rda_nb.service.enclosed import Limit, Work, limit_of, work
from rda_nb.service.flows import Edge
from rda_nb.service.iterations import detached
from rda_nb.service.locking import Held, held
from rda_nb.service.processing import EXTENDING, branches
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_RELEASING = {
    "lease.acquire": ("lease.release",),
    "redis.claim": ("redis.delete", "redis.script"),
}
_STORE = "redis"
# The expiry of any key may be set anew, not that of a claim alone.
_EXPIRY = "redis.expire"
# A type's own way of asking for more time, whatever it does for it.
_RENEWS = re.compile(r"(?i)extend|renew|refresh|keep_?alive|heartbeat|prolong")


@dataclass(frozen=True, eq=False, slots=True)
class Lease:
    """A claim and the code under it: `operation` takes it, `region` lies in the function that holds it.

    `given` is a function that one caller of the holder has it run under the claim, `caller` that call.
    """

    operation: Operation
    limit: Limit
    region: LockRegion
    given: Function | None = None
    caller: Call | None = None

    @property
    def holder(self) -> Function:
        """The function that holds it."""
        function = self.region.operation.function
        assert function is not None
        return function


def leases(service: Service) -> Iterator[Lease]:
    """Every claim of known length that is released where it can be seen and that nobody prolongs, in document order."""
    for operation in service.calls.role(*_RELEASING):
        if operation.function is None or operation.file.role != "product" or _prolonged(service, operation.function):
            continue
        region = _region(service, operation, operation)
        if region is not None:
            limit = _limit(service, operation, None)
            if limit is not None:
                yield from _with_callbacks(service, Lease(operation, limit, region))
            continue
        yield from _taken_for_callers(service, operation)


def held_work(service: Service, lease: Lease) -> list[Work]:
    """Every call that is made while a claim is held, each once, in document order."""
    found = {id(one.operation): one for one in _given_work(service, lease.given)} if lease.given is not None else {}
    own = branches(lease.region.operation.file, lease.region.operation.block, lease.region.operation.row.start)
    names = _names(lease.region.operation)
    for one in held(service, lease.region):
        operation = one.operation
        if operation is None or not _counts(operation) or id(operation) in found:
            continue
        around = list(_places(lease.holder, one))
        if any(_failed(service, names, place) for place in around):
            continue
        always = one.certain and not any(branches(*place) - own for place in around)
        found[id(operation)] = work(service, operation, None, None, certain=one.certain, always=always)
    return sorted(found.values(), key=lambda one: (one.operation.path, one.operation.row.start))


def _given_work(service: Service, given: Function) -> Iterator[Work]:
    """What a function does that is run under a claim."""
    reach = service.concurrency.reach_of(given)
    for function in reach.order:
        edges = reach.edges_to(function)
        if any(detached(edge) for edge in edges):
            continue
        certain = all(edge.confidence == "resolved" for edge in edges)
        around = [(edge.source.file, edge.via.block, edge.via.row.start) for edge in edges if edge.via is not None]
        for call in service.calls.calls_of.get(function.key, ()):
            if isinstance(call, Operation) and _counts(call) and service.calls.within(call, SPAWN) is None:
                places = [*around, (call.file, call.block, call.row.start)]
                always = certain and not any(branches(*place) for place in places)
                yield work(service, call, None, None, certain=certain, always=always)


def _counts(operation: Operation) -> bool:
    """False for calls to the store that keeps the claims: while it does not answer, nobody else can take one."""
    return operation.blocking and operation.system not in ("", _STORE)


# Where it is taken and given back


def _with_callbacks(service: Service, lease: Lease) -> Iterator[Lease]:
    """The claim once for each caller that gives its holder something to run; as it is where nothing is given."""
    holder, region = lease.holder.root, lease.region
    names = [name for name, _ in holder.parameters]
    run = {
        names.index(call.callee)
        for call in service.calls.calls_of.get(lease.holder.key, ())
        if region.start <= call.row.start < region.end and call.callee in names and call.resolution.kind == "dynamic"
    }
    if not run:
        yield lease
        return
    for edge in service.graph.into.get(holder.key, ()):
        call = edge.via
        if call is None or edge.kind != "call" or edge.confidence != "resolved" or call.file.role != "product":
            continue
        for index in sorted(run):
            node = service.argument(call, index)
            span = (node.start, node.end) if node is not None else (0, 0)
            given = service.names.function_value(call.file, span, call.block) if node is not None else None
            if given is not None and not _prolonged(service, given):
                yield replace(lease, given=given, caller=call)


def _taken_for_callers(service: Service, operation: Operation) -> Iterator[Lease]:
    """Claims that a function takes for whoever calls it: the release is another function of its type or of what it gives."""
    function = operation.function
    assert function is not None
    taker = function.root
    if function is not taker or _prolongs(service, taker.owner_type):
        return
    for edge in service.graph.into.get(taker.key, ()):
        call = edge.via
        if call is None or edge.kind != "call" or edge.confidence != "resolved" or call.function is None:
            continue
        if call.file.role != "product" or edge.source.root is taker or _prolonged(service, edge.source):
            continue
        taken = replace(operation, file=call.file, index=call.index, function=call.function)
        region = _region(service, operation, taken, taker)
        limit = _limit(service, operation, call) if region is not None else None
        if region is not None and limit is not None:
            yield from _with_callbacks(service, Lease(operation, limit, region))


def _region(
    service: Service, operation: Operation, taken: Operation, taker: Function | None = None
) -> LockRegion | None:
    """From where a claim is taken to its release in the same function; None when it is not released there."""
    function = taken.function
    assert function is not None
    start, last = taken.row.end, -1
    for call, target in _made_below(service, function):
        if call.row.start < start:
            continue
        releases = (
            _releases(service, operation, call) if taker is None else _gives_back(service, operation, taker, target)
        )
        if not releases:
            continue
        if service.calls.deferred(call) or call.function is not function:
            return LockRegion(taken, start, function.row.end, True, True)
        last = max(last, call.row.start)
    return LockRegion(taken, start, last, False, True) if last >= 0 else None


def _made_below(service: Service, function: Function) -> Iterator[tuple[Call, Function | None]]:
    """The calls of a function and of its literals, with the function of the target that each surely calls."""
    for maker in (function, *(edge.target for edge in service.graph.of(function) if edge.kind == "literal")):
        targets = {edge.offset: edge for edge in service.graph.of(maker) if edge.kind == "call"}
        for call in service.calls.calls_of.get(maker.key, ()):
            edge = targets.get(call.row.start) or _edge_of(service, maker, call)
            yield call, edge.target if edge is not None and edge.confidence == "resolved" else None


def _edge_of(service: Service, maker: Function, call: Call) -> Edge | None:
    return next((edge for edge in service.graph.of(maker) if edge.kind == "call" and edge.via is call), None)


def _releases(service: Service, operation: Operation, call: Call) -> bool:
    """True for a call that releases the claim; a deletion does when it deletes the same key."""
    if not isinstance(call, Operation) or call.role not in _RELEASING[operation.role]:
        return False
    if call.role != "redis.delete":
        return True
    keys = [_key(service, one) for one in (operation, call)]
    return bool(keys[0]) and keys[0] == keys[1]


def _key(service: Service, operation: Operation) -> str:
    node = service.argument(operation, operation.entry.message)
    return "" if node is None else service.source(node, operation.file)


def _gives_back(
    service: Service, operation: Operation, taker: Function, target: Function | None, deeper: bool = True
) -> bool:
    """True for a function beside the one that takes the claim, or of what that one returns, which releases it.

    Or for one that has such a function do it: `defer s.release(ctx, lock)`.
    """
    if target is None or target is taker:
        return False
    made = service.calls.calls_of.get(target.key, ())
    returned = {kind.strip("*").rpartition(".")[2] for _, kind in taker.results}
    if target.owner_type and (target.owner_type == taker.owner_type or target.owner_type in returned):
        return any(isinstance(call, Operation) and call.role in _RELEASING[operation.role] for call in made)
    inner = (one for call in made if call.resolution.kind == "resolved" for one in call.resolution.targets)
    return deeper and any(_gives_back(service, operation, taker, one, False) for one in inner)


# How long it lasts, and who prolongs it


def _limit(service: Service, operation: Operation, via: Call | None) -> Limit | None:
    """The time to live as given, for one caller when it is handed through; None when it is not known, or there is none."""
    if operation.entry.count is None:
        return limit_of(service, operation, "lease")
    value: Quantity = service.quantity(service.argument(operation, operation.entry.count), operation, "s", via)
    if value.state is not State.KNOWN or not value.number or value.number < 0:
        return None  # of several lives it is not known which one is this lock's
    place = next((origin.evidence for origin in value.origins if origin.evidence is not None), None)
    return Limit(value, place or service.cite(operation, "default"))


def _prolonged(service: Service, function: Function) -> bool:
    """True when a function, or what it calls or starts, asks for more time; a key's new expiry counts in the function alone."""
    reach = service.concurrency.reach_of(function.root)
    for operation in service.calls.role(*EXTENDING):
        maker = operation.function
        if maker is not None and (maker.root is function.root or (operation.role != _EXPIRY and maker in reach)):
            return True
    return False


def _prolongs(service: Service, owner: str) -> bool:
    """True when a type that takes claims for others has a way to ask for more time."""
    declared = service.program.types.get(owner)
    if declared is None:
        return False
    ways = [method for name, method in declared.methods.items() if _RENEWS.search(name)]
    makers = (operation.function for operation in service.calls.role(*EXTENDING))
    ways += [maker.root for maker in makers if maker is not None and maker.root.owner_type == owner]
    # A way that nobody takes prolongs nothing.
    calls = (call for way in ways for call in service.calls.callers.get(way.key, ()))
    return any(call.file.role != "test" for call in calls)


# What lies under it


def _places(holder: Function, one: Held) -> Iterator[tuple[FileFacts, int, int]]:
    """The places, in the holder and below, that lead to what is done under the claim."""
    assert one.operation is not None
    yield one.operation.file, one.operation.block, one.operation.row.start
    for edge in one.edges:
        if edge.via is not None and edge.kind == "call":
            yield edge.source.file, edge.via.block, edge.via.row.start


def _names(taken: Operation) -> frozenset[str]:
    """The names that the statement which takes the claim gives a value."""
    for row in taken.file.rows.bindings:
        if any(start <= taken.row.start < end for start, end in row.values):
            return frozenset(name for name in row.names if name != "_")
    return frozenset()


def _failed(service: Service, names: frozenset[str], place: tuple[FileFacts, int, int]) -> bool:
    """True for what is done because the claim was not had: an error's branch, or that of `!locked`."""
    file, block, start = place
    if service.iterations.handles_error(file, block, start):
        return True
    for _, region in file.chain(block):
        if region.kind == FUNCTION:
            return False
        if region.kind == BRANCH and region.header != (0, 0) and region.header[1] <= start:
            header = file.text[slice(*region.header)]
            if any(re.search(rf"!\s*{re.escape(name)}\b|\b{re.escape(name)}\s*==\s*false", header) for name in names):
                return True
    return False
