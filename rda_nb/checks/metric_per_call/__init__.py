"""A metric that is defined (and registered) for each request or message instead of once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.metric import UPDATING

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A metric is defined per request or message",
    topics=("metric-cardinality", "log-overhead"),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each definition allocates and takes the registry's lock; a second registration of one name panics or is dropped.",
    remedy="Define the metric once, in a package variable or where the component is constructed, and pass it on.",
    proof="A CPU profile under load shows no registration below the handler.",
    impact="cost",
    references=("https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#Registerer",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per definition that a per-request or per-message path runs each time."""
    for metric in service.metrics:
        operation = metric.operation
        flow = service.iterations.repeated(operation)
        function = operation.function
        if flow is None or function is None or operation.role == "metric.callback":
            continue
        # An update that names its metric defines nothing; a lookup by name allocates and registers the first time only.
        if operation.role in UPDATING or operation.entry.lookup:
            continue
        name = metric.name or metric.symbol or operation.client
        yield Hotspot(
            pattern="alloc_in_loop",
            function=function.label,
            why="defined anew instead of once",
            on_path=flow.entrypoint.title,
            evidence=(metric.evidence,),
            assessment=Assessment.CONCERN,
            claim=f"{metric.type.capitalize()} {name} is defined for each run of {flow.entrypoint.title}, in {function.label}.",
            symbol=function.label,
            subject=name,
            hot=True,
        )
