"""The figure of capacity: Little's law against the concurrency that the code declares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rda_nb.capacity.little import Flow
from rda_nb.report.display import number, seconds
from rda_nb.report.figures.calls import by_stall, call_name
from rda_nb.report.figures.figure import (
    ASSUMED,
    COLOURS,
    INK,
    Audit,
    Figure,
    layout,
    logs,
    rounded,
    safe,
    second_ticks,
    short,
    site,
)


def capacity(audit: Audit, **assumptions: float | None) -> Figure:
    """Little's law: work in flight = arrival rate × time, against the concurrency that the code declares.

    Assumptions: `arrival_rate_per_s` (items) and `items_per_batch`; the run's parameters stand in for those not given.
    """
    given = {**audit["run"].get("parameters", {}), **{k: v for k, v in assumptions.items() if v is not None}}
    rate, batch = given.get("arrival_rate_per_s"), given.get("items_per_batch") or 1
    limits = _concurrency(audit)
    title = "How long may one unit of work take before the declared concurrency falls behind?"
    columns = ("Declared concurrency", "Limit", "Longest time per unit that keeps up", "Evidence")
    if not rate or rate <= 0:
        note = "Nothing is drawn: set the parameter arrival_rate_per_s (an assumption) to compare it with the code."
        rows = tuple((r["control"], number(r["value"]), "needs an arrival rate", site(r)) for r in limits)
        return Figure("capacity", title, "No arrival rate is assumed.", columns, rows, None, note)
    units = rate / batch
    said = (
        f"Assumed: {number(rate)} items/s arrive, {number(batch)} items per unit of work, so {number(units)} units/s."
    )
    rows = tuple((r["control"], number(r["value"]), seconds(_longest(r, units)), site(r)) for r in limits)
    calls = [c for c in audit["tables"]["external_calls"] if c["worst_case_s"]]
    if not limits and not calls:
        note = f"{said} The code declares no bounded concurrency and no bounded call to compare with."
        return Figure("capacity", title, note, columns, (), None, note)
    times = [_longest(r, units) for r in limits] + [c["worst_case_s"] for c in calls]
    left, right = 10 ** math.floor(math.log10(min(times)) - 0.5), 10 ** math.ceil(math.log10(max(times)) + 0.3)
    span = [left * (right / left) ** (i / 24) for i in range(25)]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"needed at the assumed {number(rate)} items/s",
            "x": [rounded(x) for x in span],
            "y": [rounded(_in_flight(x, units)) for x in span],
            "line": {"color": ASSUMED, "width": 2.5, "dash": "dash"},
            "hovertemplate": "at %{x:.3g} s per unit, %{y:.3g} units are in flight<extra>assumption</extra>",
        },
        *_limit_lines(limits, left, right),
        *_call_marks(calls, limits, units),
        *_crossings(limits, units),
    ]
    drawn = layout(9, bottom=64)
    drawn["xaxis"] |= {
        "type": "log",
        "title": {"text": "time that one unit of work takes (log scale)"},
        "range": logs(left, right),
    }
    drawn["xaxis"] |= second_ticks(left, right)
    drawn["yaxis"] |= {
        "type": "log",
        "title": {"text": "units in flight (log scale)"},
        "dtick": 1,
        "gridcolor": "rgba(122,134,153,.22)",
    }
    drawn |= {
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "height": 440,
    }
    drawn["margin"]["t"] = 20
    alt = said + " " + "; ".join(f"{name} ({limit}) keeps up to {time} per unit" for name, limit, time, _ in rows) + "."
    note = (
        f"{said} Little's law: in flight = arrival rate × time. The rate is assumed, the limits are read from the code."
    )
    return Figure("capacity", title, alt, columns, rows, {"data": data, "layout": drawn}, note)


def _concurrency(audit: Audit) -> list[Audit]:
    rows = [
        r
        for r in audit["tables"]["controls"]
        if r["kind"] in ("concurrency", "fanout") and r.get("bounded") and (r.get("value") or 0) > 0
    ]
    unique = {(r["control"], r["value"]): r for r in reversed(rows)}
    return sorted(unique.values(), key=lambda r: (r["value"], r["control"]))[:5]


def _limit_lines(limits: Sequence[Audit], left: float, right: float) -> list[dict[str, Any]]:
    shades = ["#12805c", "#8a5cd6", "#0b7f9c", "#b0507a", "#6b7a1f"]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": safe(f"{short(row['control'])}: {number(row['value'])} (from the code)"),
            "x": [left, right],
            "y": [row["value"], row["value"]],
            "line": {"color": shade, "width": 2},
            "hoverinfo": "name",
        }
        for row, shade in zip(limits, shades, strict=False)
    ]


def _call_marks(calls: Sequence[Audit], limits: Sequence[Audit], units: float) -> list[dict[str, Any]]:
    """One mark per distinct worst case: the units in flight while every unit meets it."""
    if not calls:
        return []
    roof = max((r["value"] for r in limits), default=math.inf)
    grouped: dict[float, list[Audit]] = {}
    for call in sorted(calls, key=by_stall):
        grouped.setdefault(call["worst_case_s"], []).append(call)
    worst = list(grouped.items())[:8]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "while a call meets its worst case",
            "x": [time for time, _ in worst],
            "y": [rounded(_in_flight(time, units)) for time, _ in worst],
            "marker": {
                "size": 9,
                "symbol": "circle",
                "color": [COLOURS["RISK" if _in_flight(t, units) > roof else "GOOD"] for t, _ in worst],
            },
            "hovertext": [
                "<br>".join(safe(call_name(c)) for c in group[:4])
                + f"<br>{seconds(time)}: {number(rounded(_in_flight(time, units)))} units in flight"
                for time, group in worst
            ],
            "hoverinfo": "text",
        }
    ]


def _crossings(limits: Sequence[Audit], units: float) -> list[dict[str, Any]]:
    if not limits:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers+text",
            "showlegend": False,
            "x": [rounded(_longest(r, units)) for r in limits],
            "y": [r["value"] for r in limits],
            "text": [f"{seconds(rounded(r['value'] / units))} " for r in limits],
            "textposition": "top left",
            "textfont": {"weight": 700},
            "marker": {"symbol": "x-thin-open", "size": 11, "line": {"width": 2}, "color": INK},
            "hovertext": [
                safe(f"{r['control']}: {number(r['value'])} keeps up to {seconds(r['value'] / units)} per unit")
                for r in limits
            ],
            "hoverinfo": "text",
        }
    ]


def _longest(limit: Audit, units: float) -> float:
    """Seconds that one unit may take while `limit` units in flight keep up with `units` arrivals per second."""
    return Flow.from_concurrency_and_throughput(limit["value"], units).latency


def _in_flight(time: float, units: float) -> float:
    return Flow.from_throughput_and_latency(units, time).concurrency
