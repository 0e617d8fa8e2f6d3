"""A metric label whose values nothing bounds: an id, an address, a raw path, an error text, user input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import Hotspot, Page
from rda_nb.service.labels import ends_as

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.labels import Source
    from rda_nb.service.metric import Metric, Update

PAGE = Page(
    title="A metric label has no bound on its values",
    topics=("metric-cardinality",),
    consequence="unbounded growth",
    rows=Hotspot,
    why="Each new value makes a series that the process keeps until it restarts and the metrics store keeps much longer.",
    remedy="Drop the label or map it to a small fixed set (route template, status class, outcome); put the id in logs or traces.",
    proof="After a load test with many distinct values the metrics endpoint has as many series of this metric as before.",
    impact="cost",
    references=("https://prometheus.io/docs/practices/naming/#labels",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per metric and label whose value was followed to something without a bound."""
    for metric in service.metrics:
        seen: set[str] = set()
        for update in metric.updates:
            if update.operation.file.role != "product":
                continue
            for label, source in service.labels.of(metric, update):
                if label not in seen:
                    seen.add(label)
                    yield _row(service, metric, update, label, source)


def _named(service: Service, metric: Metric, label: str) -> Evidence:
    """The line of the definition that names the label."""
    row, file = metric.operation.row, metric.operation.file
    at = file.text.find(f'"{label}"', row.start, row.end)
    return service.cite_at(file, at, role="default") if at >= 0 else metric.evidence


def _row(service: Service, metric: Metric, update: Update, label: str, source: Source) -> Hotspot:
    by = update.labelled_by or update.operation
    hot = service.is_hot(by)
    function = by.function.label if by.function is not None else by.path
    calls = service.hot_calls(by)
    flows = sorted({flow.entrypoint.title for flow in calls})
    name = metric.name or metric.symbol
    # Before which routes a middleware stands is not followed: they may leave few values.
    proven = source.proven and service.surely_hot(by) and not all(flow.entrypoint.middleware for flow in calls)
    each = ""
    if metric.type == "histogram" and metric.buckets:
        each = f", and each of its values makes {len(metric.buckets) + 3} series or more ({len(metric.buckets)} buckets + 3)"
    bound = (
        "only the set that it is checked against bounds its values" if source.checked else "nothing bounds its values"
    )
    return Hotspot(
        pattern="high_cardinality_label",
        function=function,
        why=f"label {label} is {source.what}" + (", checked against a set" if source.checked else ""),
        on_path=flows[0] if flows else "",
        evidence=tuple(dict.fromkeys((service.cite(by), _named(service, metric, label)))),
        assessment=Assessment.RISK if proven and not ends_as(source.written, "slow") else Assessment.CONCERN,
        claim=f"Label `{label}` of {name} is {source.what} (`{source.written[:60]}`): {bound}{each}.",
        remedy=(
            f"Drop the label `{label}` or map it to a small fixed set (route template, status class, outcome); put the value"
            " in logs or traces."
        ),
        proof=f"After 1,000 requests with 1,000 values the metrics endpoint has as many series of {name} as after one.",
        symbol=function,
        subject=f"{name}.{label}",
        cause=f"{by.path.rpartition('/')[0]}|{label}|{source.what}",
        hot=hot,
        quiet=not hot and not source.proven,
    )
