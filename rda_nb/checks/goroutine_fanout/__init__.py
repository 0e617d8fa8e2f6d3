"""Where goroutines are started, how many of them can run at once, and what holds the intake back when they are slow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_seconds
from rda_nb.core import Assessment, Evidence, Quantity, State, absent, known, unknown
from rda_nb.records import Control, Page
from rda_nb.service.abandoned import abandoned
from rda_nb.service.constructed import handed
from rda_nb.service.iterations import ARRIVALS, ITEMS
from rda_nb.service.recurring_starts import each_turn, handed_items
from rda_nb.service.semaphores import made_per_call, waited_for
from rda_nb.service.short_work import ShortWork
from rda_nb.service.single_flight import single_flight
from rda_nb.service.spawned_work import (
    ends_within,
    inside,
    repeats,
    runs_what_is_given,
    waited_elsewhere,
    waits,
    works_on,
)
from rda_nb.service.spawning import at_the_end, awaited, called_off, endless, follows, gated, guarded, limited, sleeps
from rda_nb.service.value import OPEN

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.concurrency import Spawn
    from rda_nb.service.flows import Edge
    from rda_nb.service.model import Flow

PAGE = Page(
    title="Goroutines are started without a bound",
    topics=("concurrency-bounds", "backpressure"),
    consequence="unbounded growth",
    rows=Control,
    why="Work that is started faster than it ends piles up in memory and on the systems it calls; nothing slows the intake.",
    remedy="Start a fixed number of workers on a bounded channel, or limit the group (SetLimit, a semaphore) before `go`.",
    proof="With the called system slowed to 10 s and 1,000 items sent, the number of goroutines stays at the limit.",
    impact="overload",
    references=("https://go.dev/blog/pipelines", "https://pkg.go.dev/golang.org/x/sync/errgroup#Group.SetLimit"),
)

# Functions that set something up: what they start lives with the object they make, not with a request.
_SETUP = re.compile(
    r"(?i)^(?:new|make|init|setup|set_up|start|run|open|connect|serve|listen|register|build|create|main|watch|subscribe)"
)
# Seconds that a goroutine may take without piling up beyond the requests that start it.
_SHORT = 5.0
_READ = re.compile(r"[A-Za-z_][\w.]*")


def assess(service: Service) -> Iterator[Control]:
    """One row per start that repeats with the traffic, per fixed set of workers and per single long-lived worker."""
    for spawn in service.spawns:
        if spawn.file.role != "product":
            continue
        row = _one_at_a_time(service, spawn) or _serial(service, spawn)
        if row is not None:
            yield row
            continue
        row = _bounded(service, spawn) if spawn.bound in ("workers", "limit", "semaphore") else None
        row = row or (_in_loop(service, spawn) if spawn.loops else _alone(service, spawn))
        if row is not None:
            yield row


def _one_at_a_time(service: Service, spawn: Spawn) -> Control | None:
    """A start behind a flag that the goroutine takes back at its end."""
    flag = single_flight(service, spawn)
    if flag is None or not service.item_flows(spawn.function, spawn.start):
        return None
    claim = f"At most one goroutine that {spawn.function.label} starts runs at a time: a flag under a lock holds the next back."
    return _row(service, spawn, "concurrency", Assessment.GOOD, claim, known(1, "count"), (flag,))


def _serial(service: Service, spawn: Spawn) -> Control | None:
    """A start behind a semaphore of the call's own whose result is waited for before the next can begin."""
    waited = waited_for(service, spawn)
    if waited is None:
        return None
    place, where = waited
    claim = f"{where} waits for each goroutine before it starts the next: the semaphore bounds nothing, the work runs one by one."
    return _row(
        service,
        spawn,
        "concurrency",
        Assessment.CONCERN,
        claim,
        known(1, "count"),
        (place,),
        title="A semaphore has no effect: each goroutine is waited for at once",
        consequence="inefficiency",
        remedy="Start all that the semaphore lets in and read the results afterwards, or drop the goroutines and the semaphore.",
        proof="With the called system slowed to 100 ms, 20 items take as long as 20 divided by the limit, not 2 s.",
    )


def _bounded(service: Service, spawn: Spawn) -> Control | None:
    """A start behind a counted loop, a group's limit or a semaphore."""
    known_count = spawn.count if spawn.count.state is not State.ABSENT else None
    low = f"{spawn.count.low:g} to " if spawn.count.low is not None else ""
    size = f"{low}{spawn.count.upper:g}" if spawn.count.upper is not None else "a configured number"
    if spawn.bound == "workers":
        if not known_count:
            return None
        count, places = _handed(service, spawn)
        if count is None or count.upper is None:
            count = spawn.count
        claim = f"{_workers(count)} are started by a counted loop."
        return _row(service, spawn, "concurrency", Assessment.GOOD, claim, count, places)
    how = "the group's limit" if spawn.bound == "limit" else "a semaphore taken before the start"
    if made_per_call(service, spawn):
        how = f"{how}, made anew by each call of {spawn.function.root.label},"
    number = f" ({size})" if known_count else ""
    return _row(
        service, spawn, "fanout", Assessment.GOOD, f"At most as many run at once as {how} lets{number}.", spawn.count
    )


def _workers(count: Quantity) -> str:
    """How many workers there are, as far as it is known: branches may give them different numbers."""
    if count.upper is None:
        told = "is configured" if count.config_key else "is worked out at run time"
        return f"Workers whose number {told}"
    low = f"{count.low:g} to " if count.state is State.RANGE and count.low is not None else ""
    default = " by default" if count.reason.startswith(OPEN) and count.state is State.KNOWN else ""
    return f"{low}{count.upper:g} workers{default}"


def _handed(service: Service, spawn: Spawn) -> tuple[Quantity | None, tuple[Evidence, ...]]:
    """The number of workers that callers hand the constructor of a pool, and where they do."""
    loop = spawn.loops[0]
    header = spawn.file.text[slice(*loop.header)]
    for match in reversed(list(_READ.finditer(header))):
        node = service.calls.conventions.expression(match[0], loop.header[0] + match.start())
        count, places = handed(service, spawn.file, loop.parent, node, "count")
        if places:
            return count, places
    return None, ()


def _in_loop(service: Service, spawn: Spawn) -> Control | None:
    """A start per turn of a loop without a bound."""
    kind, flows = service.iterations.kind(spawn.file, spawn.loops[0]), _flows(service, spawn)
    opened = works_on(service, spawn) if kind != ARRIVALS else None
    if opened is not None and all(flow.entrypoint.source is opened for flow in flows):
        count = unknown(
            f"as many as `{service.iterations.over(spawn.file, spawn.loops[0])[:60]}` has elements", "count"
        )
        claim = f"One consumer for each {opened.title}: {count.reason}."
        return _row(service, spawn, "concurrency", Assessment.GOOD, claim, count)
    if not flows and kind == ITEMS and not spawn.joined and waits(service, spawn):
        return _at_start(service, spawn)
    if not flows and kind == ARRIVALS:
        return _each_turn(service, spawn)
    if not flows or not waits(service, spawn):
        return None
    if limited(spawn) or gated(spawn):
        return None
    if kind == ARRIVALS:
        entry = next((flow.entrypoint for flow in flows if flow.entrypoint.loop == spawn.loops[0]), None)
        if entry is None or spawn.joined:
            return None
        waited = "they are waited for at the end alone" if waited_elsewhere(service, spawn) else "none is waited for"
        claim = f"Every item that {entry.title} takes starts a goroutine; {waited} and nothing limits how many run."
        return _row(service, spawn, "fanout", Assessment.RISK, claim, cause=f"one per item|{spawn.function.key}")
    if kind != ITEMS:
        return None
    over = service.iterations.over(spawn.file, spawn.loops[0])[:60]
    joined = "all run at once until the last has ended" if spawn.joined else "all run at once and none is waited for"
    claim = f"One goroutine per element of `{over}` on {flows[0].entrypoint.title}, without a limit: {joined}."
    taken = not spawn.joined and any(flow.entrypoint.loop in spawn.loops for flow in flows)
    # What waits for all of them is at least bounded by its list.
    consequence = "inefficiency" if spawn.joined else ""
    worst = Assessment.RISK if taken else Assessment.CONCERN
    return _row(service, spawn, "fanout", worst, claim, consequence=consequence)


def _each_turn(service: Service, spawn: Spawn) -> Control | None:
    """A start on the turns of a loop that pauses or ticks, although the last one may still run."""
    flow = each_turn(service, spawn)
    if flow is None:
        return None
    claim = (
        f"Each turn of {flow.entrypoint.title} can start a goroutine that waits for another process; no turn waits for "
    )
    claim += "the one before, and nothing limits how many run at once."
    # What is handed the items that came in since the last turn carries the traffic.
    hot = handed_items(service, spawn)
    return _row(service, spawn, "fanout", Assessment.CONCERN, claim, hot=hot)


def _at_start(service: Service, spawn: Spawn) -> Control | None:
    """A start per element of what is gone through once, before or beside the items: all that is there at once."""
    reached = any(spawn.function in flow.reach for flow in service.flows)
    if not reached or any(endless(service, target) for target in spawn.targets):
        return None
    over = service.iterations.over(spawn.file, spawn.loops[0])[:60]
    claim = f"{spawn.function.label} starts one goroutine per element of `{over}`, without a limit: all run at once."
    return _row(service, spawn, "fanout", Assessment.CONCERN, claim, quiet=True)


def _alone(service: Service, spawn: Spawn) -> Control | None:
    """A start outside loops: one per call of the function around it."""
    flows = _flows(service, spawn)
    if not flows:
        return _each_turn(service, spawn) or _worker(service, spawn)
    named = any(target is not spawn.function for target in spawn.targets)
    left = next((one for one in abandoned(service) if spawn.start <= one.send.start < spawn.end), None)
    if left is not None and left.channel.file is spawn.file:
        claim = (
            f"The goroutine that each call of {spawn.function.label} starts stays for ever when the call leaves first: "
        )
        claim += f"nothing else reads {left.channel.name}."
        return _row(service, spawn, "fanout", Assessment.CONCERN, claim, None, (left.channel.evidence,), quiet=True)
    sleep = sleeps(service, spawn)
    if sleep is not None:
        claim = f"The goroutine that each call of {spawn.function.label} starts sleeps without listening: "
        claim += "it stays up to one pause longer than the call."
        return _row(service, spawn, "fanout", Assessment.CONCERN, claim, None, (service.cite(sleep),), quiet=True)
    if spawn.joined or not named or awaited(spawn) or guarded(spawn) or gated(spawn):
        return None
    if runs_what_is_given(spawn) and waited_elsewhere(service, spawn):
        return None  # a group of the service's own: who gives it work decides how much
    title, waiting = flows[0].entrypoint.title, waits(service, spawn)
    if not waiting and (called_off(spawn) or at_the_end(spawn)):
        return None  # it watches over the call, and ends with it or clears up behind it
    if follows(spawn):
        claim = (
            f"Each call of {spawn.function.label} ({title}) starts a goroutine that works on after the call has ended: "
        )
        claim += "a limit on calls does not bound it."
        return _row(service, spawn, "fanout", Assessment.CONCERN, claim, quiet=True) if waiting else None
    edges = flows[0].reach.edges_to(spawn.function)
    if any(_SETUP.match(edge.target.root.name) for edge in edges) or any(endless(service, t) for t in spawn.targets):
        if not waiting:
            return _per_key(service, spawn, edges)
        claim = f"Each call of {spawn.function.label} ({title}) starts a goroutine that loops on its own; nothing counts them."
        return _row(service, spawn, "fanout", Assessment.CONCERN, claim, quiet=True)
    certain = all(edge.confidence == "resolved" for edge in edges)
    does = "that waits for another process" if waiting else "that outlives it"
    seldom = service.iterations.passed_by(spawn.function, spawn.start)
    which = "A call of" if seldom else "Every call of"
    unless = " unless it returns what it has found before" if seldom else ""
    claim = f"{which} {spawn.function.label} ({title}) starts a goroutine {does}{unless}; nothing limits how many run at once"
    ends = ends_within(service, spawn) if waiting else None
    if ends is not None:
        calls = {id(operation) for operation in inside(service, spawn) if operation.blocking}
        once = len(calls) == 1 and not repeats(service, spawn)
        claim += f", each{'' if once else ' call'} for up to {format_seconds(ends)}"
    worst = Assessment.RISK if certain and waiting and ends is None and not seldom else Assessment.CONCERN
    # Short work adds to a request about what its answer costs: it piles up no further than requests do.
    short = ShortWork(service, _SHORT).ends_soon(spawn)
    cause = f"one per call|{'short|' if short else ''}{spawn.function.package}"
    consequence = "inefficiency" if short and worst is Assessment.CONCERN else ""
    return _row(service, spawn, "fanout", worst, f"{claim}.", cause=cause, consequence=consequence)


def _per_key(service: Service, spawn: Spawn, edges: tuple[Edge, ...]) -> Control | None:
    """A start on the way that also adds what it serves to a map which outlives the call: one goroutine per key."""
    makers = {edge.source.key for edge in edges[-2:]} | {spawn.function.key}
    grown = next(
        (one for one in service.growths if one.form == "map" and one.function and one.function.key in makers), None
    )
    if grown is None or not any(endless(service, target) for target in spawn.targets):
        return None
    name = grown.holder.rpartition("/")[2]
    claim = f"{spawn.function.label} starts a goroutine that loops on its own for each new key of {name}; "
    claim += "nothing limits the keys."
    return _row(service, spawn, "fanout", Assessment.CONCERN, claim, None, (grown.evidence,), quiet=True)


def _flows(service: Service, spawn: Spawn) -> list[Flow]:
    """The flows that pass the start once per request or message, not through a start that is one at a time."""
    found = []
    for flow in service.item_flows(spawn.function, spawn.start):
        starts = [edge for edge in flow.reach.edges_to(spawn.function) if edge.spawned]
        holding = [
            other
            for edge in starts
            for other in service.spawns
            if other.function is edge.source and other.start <= edge.offset < other.end and other is not spawn
        ]
        held = (guarded(other) or single_flight(service, other) is not None for other in holding)
        if flow.entrypoint.handler_known and not any(held):
            found.append(flow)
    return found


def _worker(service: Service, spawn: Spawn) -> Control | None:
    """One long-lived worker that is started once and takes work in a loop."""
    kinds = ("background_loop", "queue_consumer", "stream_processor")
    entry = next((e for e in service.entrypoints if e.kind in kinds and e.function in spawn.targets), None)
    if entry is None or entry.function is spawn.function or not waits(service, spawn):
        return None
    if service.item_flows(spawn.function, spawn.start):
        return None  # a request starts it as well, one at a time
    mains = [flow for flow in service.flows if flow.entrypoint.kind == "cli_job" and spawn.function in flow.reach]
    if not any(all(not edge.loops for edge in flow.reach.edges_to(spawn.function)) for flow in mains):
        return None
    claim = f"Exactly one goroutine runs {entry.title}."
    return _row(service, spawn, "concurrency", Assessment.GOOD, claim, known(1, "count"))


def _row(
    service: Service,
    spawn: Spawn,
    kind: str,
    assessment: Assessment,
    claim: str,
    value: Quantity | None = None,
    places: tuple[Evidence, ...] = (),
    hot: bool | None = None,
    **more: object,
) -> Control:
    hot = bool(_flows(service, spawn)) if hot is None else hot
    target = next((t.label for t in spawn.targets if t is not spawn.function), spawn.function.label)
    quantity = value or absent("nothing limits how many run at once", "count")
    return Control(
        control=f"goroutines of {target}",
        kind=kind,
        value=quantity,
        bounded=assessment is Assessment.GOOD,
        configurable=bool(quantity.config_key) if quantity.known else None,
        evidence=(spawn.evidence, *places, *(o.evidence for o in quantity.origins[:3] if o.evidence is not None)),
        assessment=assessment,
        claim=claim,
        symbol=spawn.function.label,
        subject=target,
        hot=hot,
        **more,  # type: ignore[arg-type]
    )
