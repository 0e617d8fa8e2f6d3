"""Signals that capacity planning needs here and no metric gives, each at the place where it would stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import CapacitySignal, Page
from rda_nb.service.signal_needs import Need, Needs
from rda_nb.service.signals import given_by, use

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


# What kind of metric it takes, and the fault that it must show.
_FORMS = {
    "throughput": "a counter of {what}",
    "queue_lag": "a gauge or histogram of the {what}",
    "batch_size_distribution": "a histogram of {what}",
    "error_rate": "a counter of {what}, by cause",
    "retry_rate": "a counter of {what}",
    "latency": "a histogram of the {what}",
    "clickhouse_insert_latency": "a histogram of the {what}",
    "dynamodb_throttles": "a counter of {what}",
    "saturation": "a histogram of the time spent {what}",
    "in_flight": "a gauge of {what}",
    "dlq": "a counter of {what}",
}
_PROOFS = {
    "throughput": "At 100 messages or requests a second in the load harness the counter's rate is 100 a second.",
    "queue_lag": "With the consumer stopped for 60 s in the load harness the series goes above 60 s, or above what was sent.",
    "batch_size_distribution": "With batches of 1 and of 1,000 items in the load harness both buckets fill.",
    "error_rate": "With every tenth call made to fail in the load harness the counter's rate is a tenth of the calls.",
    "retry_rate": "With every call made to fail once in the load harness the counter's rate equals the calls.",
    "latency": "With the dependency slowed to 1 s in the load harness the median goes above 1 s.",
    "clickhouse_insert_latency": "With the server paused for 5 s in the load harness the slowest insert lies above 5 s.",
    "dynamodb_throttles": "With the table's capacity set to 1 in the load harness the counter rises.",
    "saturation": "With all slots held for 1 s in the load harness the slowest wait lies above 1 s.",
    "in_flight": "With 10 items held open in the load harness the gauge reads 10, and 0 once they are done.",
    "dlq": "One message that cannot be processed raises the counter by 1.",
}


def assess(service: Service) -> Iterator[CapacitySignal]:
    """At most one row per signal that the service needs and no metric of its own gives."""
    given = {signal for metric, signal in service.signals.all if metric.operation.file.role in ("product", "generated")}
    given |= given_by(row.path for file in service.program.files if file.role == "product" for row in file.rows.imports)
    needs = Needs(service)
    for need in needs.all():
        if need.placed or need.signal in ("error_rate", "saturation"):
            # Judged by place: these say where errors or waits pass by uncounted, whatever is counted elsewhere.
            yield _row(service, needs, need, Assessment.GAP)
        elif not given & _GIVEN_BY.get(need.signal, frozenset({need.signal})):
            seen = not needs.generated and not needs.other_meter
            grave = need.signal in _ASKED_FOR and need.hot is True and seen
            yield _row(service, needs, need, Assessment.CONCERN if grave else Assessment.GAP)


def _row(service: Service, needs: Needs, need: Need, assessment: Assessment) -> CapacitySignal:
    title = _TITLES[need.signal]
    # What is counted already in the code, be it of a limited number, needs showing and no clock.
    form = "in_flight" if need.placed and need.signal == "saturation" else need.signal
    claim = need.claim or f"No metric shows {need.what} here."
    if not need.claim and needs.generated:
        claim = f"No metric of the code that was read shows {need.what}; generated code may define one."
    elif not need.claim and needs.other_meter:
        claim = f"No metric of a library that is known here shows {need.what}; what {needs.other_meter} is given may be one."
    elif not need.claim and not service.metrics:
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
        remedy=f"Add {_FORMS[form].format(what=need.what)} in {need.symbol} ({need.places[0]}), and an alert on it.",
        proof=_PROOFS[form],
        cause="" if service.metrics or needs.generated or needs.other_meter else "the target defines no metric",
    )
