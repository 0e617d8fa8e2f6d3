"""Every metric that the service defines, with the capacity signal it gives and whether anything updates it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import CapacitySignal, Page
from rda_nb.service.label_sizes import series
from rda_nb.service.metric import DEFINING
from rda_nb.service.signals import is_average, use

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.metric import Metric

PAGE = Page(
    title="A metric does not show what its name promises",
    topics=("capacity-signals",),
    consequence="unpredictability",
    rows=CapacitySignal,
    why="A metric that never moves, averages away its tail or ends below the timeout hides saturation until it is felt.",
    remedy="Update the metric where the event happens, as a histogram with buckets that reach past the timeout.",
    proof="With 100 events in the load harness the series moves by 100, and its top bucket is empty while no timeout is reached.",
    impact="overload",
    references=("https://prometheus.io/docs/practices/instrumentation/",),
)

_SHOWN = 4
_MILLISECONDS = frozenset({"ms", "millis", "milliseconds"})


def assess(service: Service) -> Iterator[CapacitySignal]:
    """One row per metric of the service's own code; those of one file that nothing updates are one finding."""
    judged = [
        (metric, signal, judge(service, metric))
        for metric, signal in service.signals.all
        if metric.operation.file.role in ("product", "generated") and (metric.name or metric.symbol)
    ]
    together = Counter(_sites(metric) for metric, *_ in judged)
    unused = Counter(metric.evidence.path for metric, _, (*_, title) in judged if title == _UNUSED)
    for metric, signal, (assessment, claim, gaps, title) in judged:
        if together[_sites(metric)] >= _SHOWN and assessment is Assessment.GOOD and _sites(metric):
            claim = f"{metric.name or metric.symbol} ({metric.type}) is updated by its name, where"
            claim += f" {together[_sites(metric)] - 1} others are too."
        others = unused[metric.evidence.path] - 1 if title == _UNUSED else 0
        if others:
            claim += f" So do{'es one other' if others == 1 else f' {others} others'} of this file."
        yield CapacitySignal(
            signal=signal,
            present=title != _UNUSED,
            metric=metric.name or metric.symbol,
            metric_type=metric.type,
            labels=metric.labels,
            capacity_use=use(signal),
            gaps=gaps,
            formula=series(service, metric),
            evidence=(metric.evidence, *_updates(service, metric)),
            assessment=assessment,
            claim=claim,
            symbol=metric.symbol or metric.name,
            subject=metric.name,
            hot=False,  # a metric that never moves hurts no request
            title=title,
            cause=f"never updated|{metric.evidence.path}" if title == _UNUSED else "",
        )

    for operation in service.operations("metric.collector"):
        yield CapacitySignal(
            signal="saturation",
            present=True,
            metric=operation.client,
            metric_type="collector",
            capacity_use=use("saturation"),
            evidence=(service.cite(operation),),
            assessment=Assessment.GOOD,
            claim=f"{operation.client} exports what the process and its runtime use.",
            symbol=operation.function.label if operation.function else operation.path,
            subject=operation.client,
            hot=False,
        )


_UNUSED = "A metric is defined and never updated"


def _sites(metric: Metric) -> tuple[tuple[str, int], ...]:
    """Where a metric is updated: what several share is a wrapper that is handed their names."""
    return tuple(sorted({(update.at.path, update.at.row.start) for update in metric.updates}))


def judge(service: Service, metric: Metric) -> tuple[Assessment, str, str, str]:
    """Assessment, claim, what the metric cannot show, and the finding's title."""
    name = metric.name or metric.symbol
    if not metric.updates and not metric.self_updating:
        # What is kept under an index is taken out by one: no name to search for
        if metric.symbol.isidentifier() and service.mentions.of(metric.symbol, ("metric.register", *DEFINING)) is None:
            claim = f"{name} is defined here, and no line of the target updates it: it always reads 0."
            return Assessment.CONCERN, claim, "never updated", _UNUSED
        return (
            Assessment.GOOD,
            f"{name} is a {metric.type}; its updates are made by a library or could not be followed.",
            "",
            "",
        )
    if is_average(metric):
        claim = f"{name} is a gauge of a mean: it hides the tail and cannot be added up over replicas."
        return Assessment.CONCERN, claim, "an average, no distribution", "A latency is measured as an average only"
    short = _short(service, metric)
    if short:
        return (
            Assessment.CONCERN,
            short,
            "the top bucket is too low",
            "A histogram ends below the timeout of what it measures",
        )
    places = len(metric.updates)
    how = (
        "is read by its callback"
        if metric.self_updating
        else f"is updated in {places} place{'s' if places != 1 else ''}"
    )
    return Assessment.GOOD, f"{name} ({metric.type}) {how}.", "", ""


def _short(service: Service, metric: Metric) -> str:
    """The claim that the top bucket lies below the timeout of the one call that is measured; '' otherwise."""
    if metric.type != "histogram" or not metric.buckets:
        return ""
    top = max(metric.buckets) * (0.001 if _MILLISECONDS & set(metric.words) else 1.0)
    for update in metric.updates:
        # A deferred literal observes for the function around it.
        function = update.at.function.root if update.at.function is not None else None
        beside = [
            op
            for op in service.signals.beside(metric)
            if op.function is not None and op.function.root is function and op.blocking and op.system
        ]
        if len(beside) != 1 or function is None:
            continue
        timeout = service.budget(beside[0]).timeout.upper
        if timeout is not None and top < timeout:
            return (
                f"{metric.name} ends at {top:g} s, below the {timeout:g} s that {beside[0].title} may take:"
                " slow calls cannot be told from hung ones."
            )
    return ""


def _updates(service: Service, metric: Metric) -> tuple[Evidence, ...]:
    """The entry of the table that defines the metric, then the first places that update it."""
    found: dict[tuple[str, int], Evidence] = {}
    if metric.item is not None:
        entry = service.cite_at(metric.item.file, metric.item.offset, role="default")
        found[entry.path, entry.line] = entry
    for update in sorted(metric.updates, key=lambda update: (update.at.path, update.at.row.start)):
        place = service.cite(update.at, "caller")
        found.setdefault((place.path, place.line), place)
    return tuple(found.values())[:_SHOWN]
