"""Stated performance goals: quantities that documents, alert rules, objective files and load tests say must be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts import doc_promql
from rda_nb.facts.doc_alerts import Alert, Objective
from rda_nb.facts.doc_files import LARGEST
from rda_nb.facts.doc_goal_pages import Goal, Quantity, of_page, subject
from rda_nb.source import SourceFile, Target

__all__ = ["Goal", "goals"]

_THRESHOLDS = re.compile(r"\bthresholds\s*:\s*\{")
_THRESHOLD = re.compile(r"['\"]?([\w{}:.\-,= ]{1,200}?)['\"]?\s*:\s*\[([^\]]*)\]")
_BOUND = re.compile(r"(p\(\s*(\d+(?:\.\d+)?)\s*\)|avg|med|max|rate)\s*(<=?|>=?)\s*(\d+(?:\.\d+)?)")


def goals(target: Target, alerts: tuple[Alert, ...], objectives: tuple[Objective, ...]) -> tuple[Goal, ...]:
    """Every stated goal, by path and line."""
    found: list[Goal] = []
    for file in target.files:
        if file.kind == "markdown" and file.role in ("docs", "product"):
            # The decisions file may stand among the files, too; it is read as decisions below.
            if target.decisions is None or file.path != target.decisions.path:
                found.extend(of_page(target, file, "document"))
        elif file.kind in ("javascript", "typescript") and b"thresholds" in file.data and b"k6" in file.data:
            found.extend(_k6(target, file))
    if target.decisions is not None:
        found.extend(of_page(target, target.decisions, "decision"))
    found.extend(goal for alert in alerts for goal in _alert(alert))
    found.extend(_objective(objective) for objective in objectives)
    return tuple(sorted(found, key=lambda g: (g.path, g.line, g.unit, g.value)))


def _alert(alert: Alert) -> Iterator[Goal]:
    """A rule that fires above a latency or an age: the threshold is the latency that its authors want kept."""
    timed = [
        m for m in alert.metrics if re.search(r"(?:_seconds|_milliseconds|_ms)(?:_bucket|_max)?$", doc_promql.base(m))
    ]
    spoken = re.search(
        r"(?i)latency|duration|slow|age|lag|delay|fresh|insert|request|response", " ".join([*timed, alert.name])
    )
    if (
        alert.kind != "alert"
        or not timed
        or not spoken
        or alert.threshold is None
        or alert.threshold[0] not in (">", ">=")
    ):
        return
    if alert.quantile is None and not re.search(r"(?:age|lag|delay)_(?:seconds|ms|milliseconds)", timed[0]):
        return
    scale = 1.0 if "_seconds" in timed[0] else 1e-3
    number = alert.threshold[1]
    percentile = alert.quantile * 100 if alert.quantile is not None else None
    words = (*alert.metrics, *subject(alert.name))
    written = f"{number:g} {'s' if scale == 1.0 else 'ms'}"
    text = f"{alert.name}: {alert.expression}"
    value, share = number * scale, None if percentile is None else round(percentile, 4)
    place, end = (alert.path, alert.line, text), (words, "alert", alert.evidence)
    yield Goal(*place, "latency", value, "s", written, "max", share, *end)


def _objective(slo: Objective) -> Goal:
    words = tuple(dict.fromkeys([*slo.metrics, *re.split(r"[/_\-\s]+", slo.name.lower())]))
    place, end = (slo.path, slo.line, slo.name), (words, "slo_file", slo.evidence)
    if slo.latency_s is not None:
        return Goal(*place, "latency", slo.latency_s, "s", f"{slo.latency_s:g} s", "max", slo.target, *end)
    return Goal(*place, "availability", slo.target, "%", f"{slo.target:g} %", "min", None, *end)


def _k6(target: Target, file: SourceFile) -> Iterator[Goal]:
    if file.size > LARGEST:
        return
    text = "\n".join(file.lines)
    for opened in _THRESHOLDS.finditer(text):
        body = text[opened.end() : opened.end() + 4000]
        end = _closing(body)
        for entry in _THRESHOLD.finditer(body[:end]):
            line = text.count("\n", 0, opened.end() + entry.start(1)) + 1
            evidence = target.cite(file.path, line)
            name, tags = entry[1].partition("{")[::2]
            words = tuple(part for part in (name.strip(), *re.split(r"[:,{} ]+", tags)) if part)
            for bound in _BOUND.finditer(entry[2]):
                goal = _threshold(name.strip(), bound)
                if goal:
                    limit = "max" if goal.unit == "s" else "min"
                    yield Goal(
                        file.path, line, entry[0].strip(), *goal[:4], limit, goal[4], words, "load_test", evidence
                    )


def _threshold(metric: str, bound: re.Match[str]) -> Quantity | None:
    number = float(bound[4])
    if bound[1] == "rate":
        if "fail" in metric and bound[3].startswith("<"):
            return Quantity("availability", round(100 - 100 * number, 6), "%", f"failed below {100 * number:g} %")
        return Quantity("throughput", number, "1/s", f"{number:g}/s") if metric in ("http_reqs", "iterations") else None
    if (
        metric.startswith(("http_req_", "grpc_req_", "iteration_duration", "group_duration", "ws_"))
        and "fail" not in metric
    ):
        return Quantity("latency", number / 1e3, "s", f"{number:g} ms", float(bound[2]) if bound[2] else None)
    return None


def _closing(body: str) -> int:
    depth = 1
    for n, character in enumerate(body):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return n
    return len(body)
