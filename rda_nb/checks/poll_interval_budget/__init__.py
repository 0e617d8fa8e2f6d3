"""The time that a consumer group leaves between two polls against the longest time the work between them may take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity import budgets
from rda_nb.core import Assessment
from rda_nb.records import Control, Page
from rda_nb.service.enclosed import Judgement, Limit, cited, judged, limit_of
from rda_nb.service.processing import works

if TYPE_CHECKING:
    from rda_nb.capacity.budgets import Budget
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.model import Flow

PAGE = Page(
    title="A consumer may work for longer than its group waits for its next poll",
    topics=("leases",),
    consequence="stuck pipeline",
    rows=Control,
    why="A consumer that does not poll in time is put out of its group: its partitions move, and what it did not commit is "
    "read again by another one, which meets the same slow work.",
    remedy="Bound the work between two polls below the interval, raise the interval, or hand the work over and keep polling.",
    proof="With every dependency slowed to its timeout, the group's generation stays the same for 10 minutes of load.",
    impact="throughput",
    references=("https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md",),
)

_REBALANCING = "kafka.block_rebalance"
_ALLOWING = "kafka.allow_rebalance"


def assess(service: Service) -> Iterator[Control]:
    """One row per poll behind which a call, or all that is always done, may take longer than the group waits."""
    polls = service.operations("kafka.poll")
    told: set[str] = set()
    for poll in polls:
        found = _enclosing(service, poll)
        if found is None or poll.function is None or poll.function.root.key in told:
            continue
        limit, budget = found
        flows = [flow for flow in service.flows if flow.entrypoint.source is poll]
        if any(_polls_meanwhile(flow, other, poll) for flow in flows for other in polls):
            continue
        judgement = judged(works(service, poll, flows, None, handed=False, until=(_ALLOWING,)), budget)
        if judgement is not None:
            told.add(poll.function.root.key)
            yield _row(service, poll, limit, budget, judgement)


def _enclosing(service: Service, poll: Operation) -> tuple[Limit, Budget] | None:
    """The interval that its client must poll in; where polls hold rebalances back, how long they may."""
    interval = limit_of(service, poll, "max_poll_interval")
    if interval is not None:
        return interval, budgets.poll_interval(interval.value)
    blocking = [one for one in service.operations(_REBALANCING) if one.package == poll.package]
    timeout = limit_of(service, poll, "rebalance_timeout") if blocking else None
    return (timeout, budgets.rebalance_timeout(timeout.value)) if timeout is not None else None


def _polls_meanwhile(flow: Flow, other: Operation, poll: Operation) -> bool:
    """True for another poll in what the work calls or starts, as of one that pauses its partitions meanwhile."""
    if other.function is None or poll.function is None or other.package != poll.package:
        return False
    return other.function.root is not poll.function.root and other.function.root in flow.reach


def _row(service: Service, poll: Operation, limit: Limit, budget: Budget, found: Judgement) -> Control:
    shown = f"{limit.value.upper:g} s"
    places = [service.cite(one.operation, "override") for one in found.works]
    # A rebalance may come, or not; the poll interval passes whatever happens.
    sure = found.alone and budget.name == "poll interval"
    raised = f", raise it above {found.needed:g} s" if found.bounded and found.needed else ""
    function = poll.function
    return Control(
        control=f"{budget.name} against the work between polls",
        kind="visibility_timeout",
        value=limit.value,
        bounded=True,
        configurable=bool(limit.value.config_key),
        evidence=cited(service.cite(poll), limit.place, *places[:4]),
        assessment=Assessment.RISK if sure else Assessment.CONCERN,
        claim=found.claim,
        remedy=f"Bound the work between two polls below the {budget.name} of {shown}{raised}, or hand it over and keep polling.",
        symbol=function.label if function else poll.path,
        subject="poll interval",
        hot=True,
        # Calls without any bound are findings of their own; what a deadline for them leaves is judged here again.
        quiet=not found.bounded,
    )
