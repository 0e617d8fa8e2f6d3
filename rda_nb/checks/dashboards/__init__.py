"""Dashboards over the service's own metrics: what a load run is watched on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Page, ValidationAsset
from rda_nb.service.signals import base_name, signal_of_name

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A dashboard does not show the service under load",
    topics=("load-validation",),
    consequence="inefficiency",
    rows=ValidationAsset,
    why="A load run is judged by what is drawn while it runs.",
    remedy="Draw lag, latency, saturation and errors of the service beside its throughput.",
    proof="A load run's effect can be read from the dashboard alone.",
    impact="latency",
    references=("https://sre.google/sre-book/monitoring-distributed-systems/#xref_monitoring_golden-signals",),
)

# What a load run is watched for, most telling first.
_SIGNALS = ("queue_lag", "latency", "saturation", "in_flight", "error_rate", "throughput")
_NOT_OURS = ("example", "vendor", "generated")
_MOST = 6


def assess(service: Service) -> Iterator[ValidationAsset]:
    """One row per dashboard that draws metrics of the service's own code."""
    own = {metric.name for metric in service.metrics if metric.name}
    if service.documents is None or not own:
        return
    for board in service.documents.dashboards:
        found = [(panel, signal) for panel in board.panels if (signal := _drawn(panel.metrics, own))]
        if not found or board.role in _NOT_OURS:
            continue
        found.sort(key=lambda drawn: (_rank(drawn[1]), drawn[0].line))
        signals = ", ".join(dict.fromkeys(signal.replace("_", " ") for _, signal in found))
        yield ValidationAsset(
            item=f"dashboard {board.title or board.path}",
            kind="perf_doc",
            detail=f"{len(found)} panels of the service's own metrics: {signals}",
            evidence=tuple(service.target.cite(board.path, panel.title_line) for panel, _ in found[:_MOST]),
            assessment=Assessment.GOOD,
            claim=f"{board.path} draws {signals} of the service.",
            symbol=board.path,
            hot=False,
            quiet=True,
        )


def _rank(signal: str) -> int:
    return _SIGNALS.index(signal) if signal in _SIGNALS else len(_SIGNALS)


def _drawn(metrics: tuple[str, ...], own: set[str]) -> str:
    """The signal that a panel draws of the service's own metrics; '' when it draws none."""
    return next((signal_of_name(name) for name in metrics if base_name(name) in own or name in own), "")
