"""Signals that capacity planning needs here and no metric gives, each at the place where it would stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import CapacitySignal, Page
from rda_nb.service.signal_needs import Need, Needs
from rda_nb.service.signals import use

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A capacity signal is missing",
    topics=("capacity-signals",),
    consequence="unpredictability",
    rows=CapacitySignal,
    why="What is not measured is found out by its users: a queue that grows or a store that refuses shows nowhere.",
    remedy="Add the metric at the cited place and an alert on it.",
    proof="Under the load harness the new series follows the load, and it shows the induced fault.",
    impact="overload",
    references=("https://sre.google/sre-book/monitoring-distributed-systems/",),
)

# The five that the report always speaks of; without one of them on a hot path, planning is guessing.
_ASKED_FOR = frozenset(
    {"throughput", "queue_lag", "batch_size_distribution", "clickhouse_insert_latency", "dynamodb_throttles"}
)
# A signal that one of these gives as well: a histogram counts, a queue's depth shows its lag.
_GIVEN_BY = {
    "throughput": frozenset({"throughput", "latency", "error_rate"}),
    "latency": frozenset({"latency", "clickhouse_insert_latency"}),
    "dlq": frozenset({"dlq"}),
}
_TITLES = {
    "throughput": "throughput",
    "queue_lag": "queue lag",
    "batch_size_distribution": "the distribution of batch sizes",
    "error_rate": "the errors of this path",
    "retry_rate": "retry rate",
    "latency": "latency",
    "clickhouse_insert_latency": "ClickHouse insert latency",
    "dynamodb_throttles": "DynamoDB throttles",
    "saturation": "saturation",
    "in_flight": "the work in hand",
    "dlq": "dead letters",
}


def assess(service: Service) -> Iterator[CapacitySignal]:
    """At most one row per signal that the service needs and no metric of its own gives."""
    given = {signal for metric, signal in service.signals.all if metric.operation.file.role in ("product", "generated")}
    needs = Needs(service)
    for need in needs.all():
        if need.placed or need.signal in ("error_rate", "saturation"):
            # Judged by place: these say where errors or waits pass by uncounted, whatever is counted elsewhere.
            yield _row(service, needs, need, Assessment.GAP)
        elif not given & _GIVEN_BY.get(need.signal, frozenset({need.signal})):
            grave = need.signal in _ASKED_FOR and need.hot is True and not needs.generated
            yield _row(service, needs, need, Assessment.CONCERN if grave else Assessment.GAP)


def _row(service: Service, needs: Needs, need: Need, assessment: Assessment) -> CapacitySignal:
    title = _TITLES[need.signal]
    claim = need.claim or f"No metric shows {need.what} here."
    if need.claim:
        pass
    elif needs.generated:
        claim = f"No metric of the code that was read shows {need.what}; generated code may define one."
    elif not service.metrics:
        claim = f"No metric shows {need.what}: the target defines no metric at all."
    return CapacitySignal(
        signal=need.signal,
        present=False,
        capacity_use=use(need.signal),
        gaps=f"no metric shows {title}",
        evidence=need.places,
        assessment=assessment,
        claim=claim,
        symbol=need.symbol,
        subject=need.what if need.placed else need.signal,
        hot=need.hot,
        title=f"No metric shows {title}",
        remedy=f"Add a metric for {need.what} at the cited place, and an alert on it.",
        cause="" if service.metrics or needs.generated else "the target defines no metric",
    )
