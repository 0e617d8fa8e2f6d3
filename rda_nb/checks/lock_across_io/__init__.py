"""Locks on hot paths: held while another process, time or a channel is waited for, left locked, or for memory only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_seconds
from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.iterations import ARRIVALS
from rda_nb.service.locking import Held, handed_once, held, left_locked, own_to_a_call

if TYPE_CHECKING:
    from rda_nb.core import Quantity
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.concurrency import LockRegion
    from rda_nb.service.model import Flow
    from rda_nb.service.program import Function

PAGE = Page(
    title="A lock is held while the code waits for something else",
    topics=("locks", "throughput-bottlenecks"),
    consequence="unpredictability",
    rows=Hotspot,
    why="All who need the lock wait for the slowest call under it, in turn: the n-th waits n times as long.",
    remedy="Take what is needed under the lock, release it, then make the call; or give each key a lock or one flight.",
    proof="A mutex profile under load with the dependency slowed to 1 s: no time is spent waiting for this lock.",
    references=("https://go.dev/doc/diagnostics#profiling",),
)

_FILES = ("read.file", "write.file", "list.directory")
_SETUP = ("close", "stop", "shutdown", "start", "init", "open", "connect", "reload", "setup", "reset", "flush")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per lock: what is waited for under it, a way out that leaves it locked, or that it is short."""
    short: set[tuple[str, str, str]] = set()
    for region in service.lock_regions:
        if region.operation.file.role != "product" or region.operation.function is None:
            continue
        left = left_locked(service, region)
        if left is not None:
            yield _left(service, region, left)
            continue
        if own_to_a_call(service, region):
            continue
        waits = [found for found in held(service, region) if _waits(service, found)]
        row = _waiting(service, region, waits) if waits else _nested(service, region) or _short(service, region)
        # A read lock and the exclusive one of the same function stop others at different times.
        key = (row.symbol, row.subject, region.operation.role) if row is not None else ("", "", "")
        if row is None or (row.assessment is Assessment.GOOD and key in short):
            continue
        short.add(key)
        yield row


def _waits(service: Service, found: Held) -> bool:
    operation = found.operation
    if operation is None:
        return not handed_once(service, found)
    if operation.client.startswith("?") or operation.role in ("http.server_shutdown", "network.dial", "sql.rollback"):
        return False
    return operation.role in ("sleep", *_FILES) or (operation.blocking and bool(service.systems.of(operation)))


def _waiting(service: Service, region: LockRegion, waits: list[Held]) -> Hotspot | None:
    hot = service.is_hot(region.operation)
    function = region.operation.function
    if function is None or (not hot and function.key not in service.background):
        return None
    buffered = False
    first = min(waits, key=lambda found: (not _outside(service, found), not found.certain, len(found.edges)))
    operation = first.operation
    exclusive = region.operation.role == "lock.acquire"
    once = function.root.name.lower() in _SETUP or function.root.name.lower().startswith("init")
    assessment = Assessment.RISK if hot and exclusive and first.certain and not once else Assessment.CONCERN
    if operation is None:
        capacity = _capacity(service, first)
        size = f"of {capacity.number:g}" if capacity and capacity.number else "without a buffer" if capacity else ""
        if buffered := capacity is None or capacity.number != 0:
            assessment = Assessment.CONCERN
        what = f"a send on channel {first.channel} {size}".rstrip() + ", which waits for its reader"
    elif operation.role in _FILES:
        assessment, what = Assessment.CONCERN, operation.label
    elif operation.role == "sleep":
        what = f"a sleep of {_seconds(service, first)}"
    else:
        worst = service.budgets.along(operation, first.edges).worst_case
        time = format_seconds(worst.result) if worst.result is not None else "a time that is not known here"
        length = f"for up to {time}" if worst.bounded else "without a deadline"
        what = f"{operation.label} {length}"
    if operation is not None and any("== nil" in text for text in service.conditions(operation)):
        assessment = Assessment.CONCERN
    idle = bool(hot) and _uncontended(service, region)
    via = f" by way of {' → '.join(first.chain)}" if first.edges else ""
    others = len({(found.evidence.path, found.evidence.line) for found in waits}) - 1
    also = f", and {others} more wait{'s' if others > 1 else ''}" if others else ""
    kind = "lock" if exclusive else "read lock"
    # A lock beside the file that it guards keeps the file's lines whole: it costs turns, and can hardly be let go.
    own = operation is not None and operation.role in _FILES and not first.edges and _beside(region, operation)
    claim = f"The {kind} is held over {what}{via} at {first.evidence.path}:{first.evidence.line}{also}."
    if idle:
        assessment = Assessment.CONCERN
        claim += f" Only {function.label}, in one loop, and code that sets up or ends take it."
    # What is set up or ends, and a file of this host, hold others up once, or for a moment.
    seldom = own or idle or once or buffered or (operation is not None and operation.role in _FILES)
    return _row(service, region, assessment, claim, (first,), "inefficiency" if seldom else "", bool(hot))


def _uncontended(service: Service, region: LockRegion) -> bool:
    """True when one loop that is started once takes the lock, and beside it only what sets up or ends; or when it is for
    reading, and only what sets up or ends takes it for writing."""
    function, name = region.operation.function, region.operation.callee.rpartition(".")[0].rpartition(".")[2]
    if function is None or not function.owner_type:
        return False
    takers: dict[str, Function] = {}
    reads = region.operation.role != "lock.acquire"
    for other in service.lock_regions:
        taker, writes = other.operation.function, other.operation.role == "lock.acquire"
        if taker is None or other.operation.callee.rpartition(".")[0].rpartition(".")[2] != name:
            continue
        if taker.owner_type != function.owner_type and writes and reads:
            return False  # perhaps the same lock, taken from outside its type
        if taker.owner_type == function.owner_type and (writes or not reads):
            if not taker.root.name.lower().startswith(_SETUP):
                takers[taker.key] = taker
    if reads:
        return not takers
    if not all(service.hot_flows(taker) for taker in takers.values()):
        return False
    flows = [(flow, taker) for taker in takers.values() for flow in service.hot_flows(taker)]
    loops = {flow.entrypoint.function.key for flow, _ in flows}
    return len(loops) == 1 and all(_one_loop(service, flow, taker) for flow, taker in flows)


def _one_loop(service: Service, flow: Flow, function: Function) -> bool:
    """True for a loop of the target's own that nothing starts several times, and whose way starts nothing."""
    entry = flow.entrypoint
    if entry.loop is None or any(edge.spawned for edge in flow.reach.edges_to(function)):
        return False
    if not service.graph.into.get(entry.function.key):
        return False  # a library calls it, for each of its partitions perhaps
    started = [spawn for spawn in service.spawns if entry.function in spawn.targets or entry.function is spawn.function]
    return not any(spawn.loops for spawn in started)


def _beside(region: LockRegion, operation: Operation) -> bool:
    """True when a lock and what is called under it are members of one value."""
    holder, _, member = region.operation.callee.rpartition(".")[0].rpartition(".")
    return bool(holder and member) and operation.callee.startswith(f"{holder}.")


def _outside(service: Service, found: Held) -> bool:
    return found.operation is not None and found.operation.blocking and bool(service.systems.of(found.operation))


def _seconds(service: Service, found: Held) -> str:
    assert found.operation is not None
    argument = service.argument(found.operation, found.operation.entry.count or 0)
    upper = service.quantity(argument, found.operation, "s").upper
    return f"up to {upper:g} s" if upper is not None else "a length set elsewhere"


def _left(service: Service, region: LockRegion, offset: int) -> Hotspot:
    line = region.operation.file.line(offset)
    hot = service.is_hot(region.operation)
    never = offset == region.operation.row.start
    way = "nothing in this function releases it" if never else f"line {line} returns without a release"
    claim = f"The lock taken here stays locked: {way}, and the next to take it waits for ever."
    title = "A lock is never released on one way out"
    assessment = Assessment.RISK if hot else Assessment.CONCERN
    row = _row(service, region, assessment, claim, (), "stuck pipeline", hot, title)
    name = row.subject
    return replace(
        row,
        remedy=f"Release {name} on every way out of {row.function}: put the release into a deferred call behind the lock.",
        proof=f"A test calls {row.function} twice, and then takes {name}: it ends within 1 s.",
    )


def _nested(service: Service, region: LockRegion) -> Hotspot | None:
    """A lock under which another one is waited for: its wait is at least as long as that one's longest hold."""
    if not service.is_hot(region.operation):
        return None
    holder = region.operation.callee.rpartition(".")[0].rpartition(".")[2]
    for found in held(service, region):
        operation = found.operation
        if operation is None or operation.role != "lock.acquire" or not found.edges or not found.certain:
            continue
        inner, outer = operation.function, region.operation.function
        apart = inner is not None and outer is not None and inner.owner_type != outer.owner_type
        if apart or operation.callee.rpartition(".")[0].rpartition(".")[2] != holder:
            claim = f"The lock is held while {found.chain[-1]} waits for another one at {found.evidence}."
            return _row(service, region, Assessment.GOOD, claim, (found,), "", True)
    return None


def _short(service: Service, region: LockRegion) -> Hotspot | None:
    if region.operation.role != "lock.acquire" or not service.is_hot(region.operation):
        return None
    claim = f"The lock is taken {_often(service, region)} and held for work in memory only."
    return _row(service, region, Assessment.GOOD, claim, (), "", True)


def _often(service: Service, region: LockRegion) -> str:
    """How often a lock is taken: what a request starts goes on in turns of its own."""
    operation, function = region.operation, region.operation.function
    loops = service.loops(operation)
    if function is not None and loops and service.iterations.kind(operation.file, loops[-1]) == ARRIVALS:
        flows = service.hot_flows(function)
        if flows and all(any(edge.spawned for edge in flow.reach.edges_to(function)) for flow in flows):
            return "in each turn of a loop that runs in a goroutine of its own"
    return "per request or message"


def _capacity(service: Service, found: Held) -> Quantity | None:
    """What the channel of a send holds; None when it is not followed to where it is made."""
    file = found.edges[-1].target.file if found.edges else found.region.operation.file
    return service.concurrency.capacity(file, (found.start, found.start + len(found.channel)), found.block)


def _row(
    service: Service,
    region: LockRegion,
    assessment: Assessment,
    claim: str,
    found: tuple[Held, ...],
    consequence: str,
    hot: bool | None,
    title: str = "",
) -> Hotspot:
    function = region.operation.function
    assert function is not None
    name = region.operation.callee.rpartition(".")[0]
    # All holds of one lock have one remedy; a lock that is left locked is mended where it is left.
    lock = f"{region.operation.path}|{function.owner_type}|{name.rpartition('.')[2]}"
    flows = sorted({flow.entrypoint.title for flow in service.hot_flows(function)})
    return Hotspot(
        pattern="lock_in_hot_path",
        function=function.label,
        why=claim,
        in_loop=len(service.loops(region.operation)),
        on_path=flows[0] if flows else "",
        evidence=(service.cite(region.operation), *(one.evidence for one in found)),
        assessment=assessment,
        claim=claim,
        title=title,
        consequence=consequence,
        symbol=function.label,
        subject=name,
        cause="" if assessment is Assessment.GOOD or title else lock,
        hot=hot,
        quiet=assessment is Assessment.CONCERN and not hot,
    )
