"""Alerts and dashboards that name a metric of the service which its code does not define."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import CapacitySignal, Page
from rda_nb.service.signals import base_name, foreign, signal_of_name, use

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="An alert or dashboard names a metric that does not exist",
    topics=("capacity-signals",),
    consequence="unpredictability",
    rows=CapacitySignal,
    why="A rule over a series that nobody exports never fires: the fault it was written for goes unseen.",
    remedy="Export the metric, or write the rule over one that exists.",
    proof="promtool test rules with the service's own series: the rule fires 1 evaluation after its `for` has passed.",
    impact="overload",
    references=("https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/",),
)


def assess(service: Service) -> Iterator[CapacitySignal]:
    """One row per metric name that a rule or panel uses and no line of the code defines."""
    documents = service.documents
    names = {base_name(metric.name) for metric in service.metrics if metric.name}
    if documents is None or not names or not all(metric.name for metric in service.metrics):
        return
    own = {name.partition("_")[0] + "_" for name in names}
    prefixes = {prefix for prefix in own if sum(name.startswith(prefix) for name in names) * 2 >= len(names)}
    recorded = {base_name(rule.name) for rule in documents.alerts if rule.kind == "record"}
    seen: set[str] = set()
    for name, where, place in _uses(service):
        base = base_name(name)
        known = base in names or base in recorded or any(base_name(base) == other for other in names)
        if base in seen or known or foreign(name) or not name.startswith(tuple(prefixes)):
            continue
        if any(name in file.text for file in service.program.files if file.role != "test"):
            continue
        seen.add(base)
        signal = signal_of_name(name)
        yield CapacitySignal(
            signal=signal,
            present=False,
            metric=name,
            capacity_use=use(signal),
            gaps="named by a rule, exported by nothing",
            evidence=(place,),
            assessment=Assessment.CONCERN,
            claim=f"{where} reads {name}, which no line of the target exports: it can never fire or draw.",
            symbol=where,
            subject=name,
            hot=None,
        )


def _uses(service: Service) -> Iterator[tuple[str, str, Evidence]]:
    """(metric, rule or panel, place) of every use in rules and dashboards of the service itself."""
    documents = service.documents
    for rule in documents.alerts:
        if rule.role in ("product", "tooling", "config", "docs"):
            yield from ((name, f"{rule.kind} {rule.name}", rule.evidence) for name in rule.metrics)
    for board in documents.dashboards:
        for panel in board.panels:
            place = service.target.cite(board.path, panel.line)
            yield from ((name, f"panel {panel.title}", place) for name in panel.metrics)
