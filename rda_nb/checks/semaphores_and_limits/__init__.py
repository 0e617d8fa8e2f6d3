"""Semaphores, rate limiters and worker pools: their size, how long a caller may wait for a place, and limiters nobody asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Quantity, absent
from rda_nb.records import Control, Page
from rda_nb.service.queued import Acquire, acquires
from rda_nb.service.uses import Uses

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A limit is waited for without a deadline, or not asked at all",
    topics=("backpressure", "concurrency-bounds"),
    consequence="stuck pipeline",
    rows=Control,
    why="A wait for a free place that never ends hides the overload: work queues up unseen and ages past its use.",
    remedy="Wait with a context that has a deadline, count the waits that fail, and refuse work early.",
    proof="Hold all places for 60 s in the load harness: callers fail after their deadline, and a metric counts them.",
    impact="overload",
)

_KINDS = {"semaphore.new": "concurrency", "pool.new": "concurrency", "ratelimit.new": "rate_limit"}
_UNITS = {"concurrency": "count", "rate_limit": "1/s"}


def assess(service: Service) -> Iterator[Control]:
    """One row per limiter that no setting of its library speaks for, and per wait on a hot path."""
    settings = {(setting.file.path, setting.line) for setting in service.settings.all}
    uses = Uses(service)
    for operation in service.operations(*_KINDS):
        kept = _holder(service, operation)
        if operation.role == "ratelimit.new" and kept and not uses.applied(kept):
            yield _unused(service, operation)
        elif (operation.path, operation.line) not in settings and operation.entry.count is not None:
            yield _made(service, operation)
    for taken in acquires(service):
        yield _queued(service, taken)
    for operation in service.operations("semaphore.acquire"):
        if service.hot_calls(operation) and operation.entry.context is not None:
            yield _wait(service, operation)


def _queued(service: Service, taken: Acquire) -> Control:
    """A place that requests wait for without listening to their context."""
    label = taken.function.root.label
    return Control(
        control=f"wait for `{taken.name}`",
        kind="concurrency",
        value=absent("nothing ends the wait for a place", "s"),
        bounded=False,
        configurable=None,
        evidence=(service.cite_at(taken.file, taken.send.start), taken.made),
        assessment=Assessment.CONCERN,
        title="Requests that have expired still wait for a place",
        consequence="inefficiency",
        claim=f"{label} waits for a place in `{taken.name}` on {taken.on} without its context: expired requests still queue.",
        remedy="Select on the context beside the send, and answer that the service is busy when it ends first.",
        symbol=label,
        subject=taken.name,
        hot=True,
    )


def _holder(service: Service, operation: Operation) -> str:
    """`package#name` or `type.field` that the limiter is kept in; '' for a local or an argument."""
    file, span = operation.file, (operation.row.start, operation.row.end)
    for entry in file.rows.entries:
        if entry.value == span and entry.literal >= 0:
            literal = file.rows.literals[entry.literal]
            owner = service.names.canonical(file.text[literal.start : literal.type_end], file)
            return f"{owner}.{file.text[slice(*entry.key)]}" if owner in service.program.types else ""
    given = file.given.get(span)
    if given is None or given[0].block != -1:
        return ""
    return f"{service.program.package_of[file.path]}#{given[0].names[given[1]]}"


def _made(service: Service, operation: Operation) -> Control:
    kind = _KINDS[operation.role]
    value = service.quantity(service.argument(operation, operation.entry.count), operation, _UNITS[kind])
    size = f"{value.upper:g}" if value.upper is not None else "a number worked out at run time"
    unit = " a second" if kind == "rate_limit" else ""
    origins = tuple(origin.evidence for origin in value.origins[:3] if origin.evidence is not None)
    claim = f"{operation.title} of {size}{unit} ({operation.client})."
    return _row(service, operation, kind, value, Assessment.GOOD, claim, origins, True)


def _unused(service: Service, operation: Operation) -> Control:
    none = absent("the limiter is never asked", "1/s")
    claim = f"The limiter made by {operation.client} is kept and never asked: nothing is limited."
    return _row(service, operation, "rate_limit", none, Assessment.CONCERN, claim, (), False)


def _wait(service: Service, operation: Operation) -> Control:
    ways = service.deadlines.of(operation)
    unbounded = bool(ways) and all(way.limit is None and way.origin in ("background", "detached") for way in ways)
    limits = [way.limit.upper for way in ways if way.limit is not None and way.limit.upper is not None]
    places = tuple(place for way in ways[:3] for place in way.places[:1])
    flow = service.hot_calls(operation)[0].entrypoint.title
    if unbounded:
        none = absent("the context that it waits with has no deadline", "s")
        claim = f"{operation.client} on {flow} waits for a place without a deadline: its context never ends by time."
        return _row(service, operation, "concurrency", none, Assessment.CONCERN, claim, places, False)
    most = f"at most {max(limits):g} s" if limits and len(limits) == len(ways) else "as long as its context lets"
    none = absent("a wait, not a size", "s")
    claim = f"{operation.client} on {flow} waits {most} for a place."
    return _row(service, operation, "concurrency", none, Assessment.GOOD, claim, places, True)


def _row(
    service: Service,
    operation: Operation,
    kind: str,
    value: Quantity,
    assessment: Assessment,
    claim: str,
    more: tuple[Evidence, ...],
    bounded: bool,
) -> Control:
    return Control(
        control=operation.title,
        kind=kind,
        value=value,
        bounded=bounded,
        configurable=bool(value.config_key) if value.upper is not None else None,
        evidence=(service.cite(operation), *more),
        assessment=assessment,
        claim=claim,
        symbol=operation.function.label if operation.function else operation.path,
        subject=operation.client,
        hot=service.is_hot(operation) if assessment is Assessment.GOOD or kind != "rate_limit" else None,
        consequence="unpredictability" if kind == "rate_limit" else "",
    )
