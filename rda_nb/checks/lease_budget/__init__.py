"""The life of a distributed lock against the longest time of the work that is done under it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity import budgets
from rda_nb.core import Assessment
from rda_nb.records import Control, Page
from rda_nb.service.enclosed import Judgement, cited, judged
from rda_nb.service.leases import Lease, held_work, leases

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A distributed lock ends before the work under it may",
    topics=("leases",),
    consequence="unpredictability",
    rows=Control,
    why="The lock is gone when its time to live is over, whatever its holder still does: another one takes it, and both do "
    "the same work at once.",
    remedy="Bound the work under the lock below its time to live, or prolong the lock while the work goes on.",
    proof="With every dependency slowed to its timeout, no second holder takes the lock before the first has released it.",
    references=("https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/",),
)


def assess(service: Service) -> Iterator[Control]:
    """One row per lock under which a call, or all that is always done, may take longer than the lock lasts."""
    for lease in leases(service):
        found = judged(held_work(service, lease), budgets.lease(lease.limit.value))
        if found is not None:
            yield _row(service, lease, found)


def _row(service: Service, lease: Lease, found: Judgement) -> Control:
    shown = f"{lease.limit.value.upper:g} s"
    places = [service.cite(one.operation, "override") for one in found.works]
    taken = lease.region.operation
    hot = service.is_hot(taken)
    raised = f", give it more than {found.needed:g} s" if found.bounded and found.needed else ""
    caller = [service.cite(lease.caller, "caller")] if lease.caller is not None else []
    return Control(
        control="time to live of a lock against the work under it",
        kind="visibility_timeout",
        value=lease.limit.value,
        bounded=True,
        configurable=bool(lease.limit.value.config_key),
        evidence=cited(service.cite(taken), lease.limit.place, *caller, *places[:4]),
        assessment=Assessment.RISK if found.alone and hot else Assessment.CONCERN,
        claim=found.claim,
        remedy=f"Bound the work under the lock below its {shown}{raised}, or prolong the lock while the work goes on.",
        symbol=lease.holder.label,
        subject="lease",
        hot=hot,
        # Calls without any bound are findings of their own; what a deadline for them leaves is judged here again.
        quiet=not found.bounded,
    )
