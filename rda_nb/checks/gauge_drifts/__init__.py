"""A gauge of work in hand that goes up and, on one way out of the function, never down again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import CapacitySignal, Page
from rda_nb.service.pairs import kept_gauges
from rda_nb.service.signals import use

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A gauge stays up when the work has failed",
    topics=("capacity-signals",),
    consequence="unpredictability",
    rows=CapacitySignal,
    why="Every error adds to the gauge for ever: it ends far above what is in hand, and alerts and scaling follow it.",
    remedy="Lower the gauge in a deferred call right after it is raised.",
    proof="After 100 failing calls in the load harness the gauge is back at 0.",
    impact="overload",
    references=("https://prometheus.io/docs/practices/instrumentation/",),
)


def assess(service: Service) -> Iterator[CapacitySignal]:
    """One row per gauge that a return leaves raised."""
    names = {
        update.operation.index: (update.operation.path, metric)
        for metric in service.metrics
        for update in metric.updates
    }
    for kept in kept_gauges(service):
        operation, file = kept.take.operation, kept.function.file
        if operation is None:
            continue
        path, metric = names.get(operation.index, ("", None))
        name = (metric.name or metric.symbol) if metric is not None and path == operation.path else kept.name
        yield CapacitySignal(
            signal="in_flight",
            present=True,
            metric=name,
            metric_type="gauge",
            capacity_use=use("in_flight"),
            gaps="drifts upwards with every error",
            evidence=(
                service.cite(operation),
                service.cite_at(file, kept.leaves.start, role="caller"),
                service.cite_at(file, kept.give.start, role="override"),
            ),
            assessment=Assessment.CONCERN,
            claim=(
                f"{kept.function.label} raises {name}, and the return at line {file.line(kept.leaves.start)} leaves it raised:"
                f" it is lowered only at line {file.line(kept.give.start)}."
            ),
            symbol=kept.function.label,
            subject=name,
            hot=service.is_hot(operation),
        )
