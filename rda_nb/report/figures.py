"""The figures of the report as plain Plotly dictionaries: each answers one question and carries its numbers as text.

Nothing here needs the Plotly package: plotly.js draws the dictionaries, in the notebook and in the offline page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PLOTLY_MIME = "application/vnd.plotly.v1+json"

from rda_nb.report.display import number, seconds

Audit = Mapping[str, Any]

COLOURS = {"RISK": "#d92d20", "CONCERN": "#dc8a04", "GAP": "#7a8699", "GOOD": "#12805c"}
PRIORITY_COLOURS = {"P0": "#d92d20", "P1": "#dc8a04", "P2": "#4f7fd6"}
ASSUMED = "#4f7fd6"
INK = "#7a8699"
MOST_BARS = 24
_LABEL = 34


@dataclass(frozen=True, slots=True)
class Figure:
    """One question, its drawing (None when there is nothing to draw) and the same numbers as a table.

    `note` is the sentence below the figure: what was assumed, or why nothing is drawn.
    """

    name: str
    title: str
    alt: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spec: dict[str, Any] | None = None
    note: str = ""

    def plotly(self) -> dict[str, Any]:
        """The Plotly MIME payload; title, text alternative and numbers travel in `layout.meta`."""
        spec = self.spec or {"data": [], "layout": {}}
        meta = {
            "rda": {
                "name": self.name,
                "title": self.title,
                "alt": self.alt,
                "columns": list(self.columns),
                "rows": [list(row) for row in self.rows],
                "note": self.note,
                "drawn": self.spec is not None,
            }
        }
        layout = {
            **spec["layout"],
            "meta": meta,
            "title": {"text": self.title, "x": 0, "xref": "container", "pad": {"l": 8}},
        }
        return {"data": spec["data"], "layout": layout}


def from_plotly(payload: Mapping[str, Any]) -> Figure | None:
    """The figure inside a Plotly MIME payload, or None when somebody else made the payload."""
    meta = payload.get("layout", {}).get("meta")
    own = meta.get("rda") if isinstance(meta, Mapping) else None
    if not own:
        return None
    layout = {key: value for key, value in payload["layout"].items() if key not in ("meta", "title")}
    return Figure(
        own["name"],
        own["title"],
        own["alt"],
        tuple(own["columns"]),
        tuple(tuple(row) for row in own["rows"]),
        {"data": payload["data"], "layout": layout} if own["drawn"] else None,
        own["note"],
    )


def site(row: Audit) -> str:
    """`path:line` of the first evidence, or nothing."""
    evidence = row.get("evidence") or []
    return f"{evidence[0]['path']}:{evidence[0]['line']}" if evidence else ""


def amplification(audit: Audit) -> Figure:
    """Worst-case seconds per external call against the budgets that enclose it."""
    calls = sorted(audit["tables"]["external_calls"], key=_by_stall)
    title = "How long may one external call hold its caller, at worst?"
    columns = ("External call", "Worst case", "How", "Evidence", "Assessment")
    rows = tuple((call_name(c), stall(c), c.get("formula") or "", site(c), c["assessment"]) for c in calls)
    if not calls:
        return Figure(
            "amplification", title, "No external call was found.", columns, (), None, "No external call was found."
        )
    shown = calls[:MOST_BARS]
    limits = budgets(audit)
    bounded = [c["worst_case_s"] for c in shown if c["worst_case_s"]]
    top = max([*bounded, *(value for _, value in limits), 1.0])
    low = min([*bounded, *(value for _, value in limits), 1.0])
    left, edge = 10 ** math.floor(math.log10(low) - 0.3), 10 ** math.ceil(math.log10(top) + 0.4)
    places = list(range(len(shown), 0, -1))
    data = [
        trace
        for trace in (
            _stalls(shown, places, "bounded", edge),
            _stalls(shown, places, "unbounded", edge),
            _stalls(shown, places, "unknown", left),
        )
        if trace
    ]
    layout = _layout(len(shown), bottom=58 + 15 * len(limits[1:]))
    layout["xaxis"] |= {"type": "log", "range": [math.log10(left), math.log10(edge) + 0.16 * math.log10(edge / left)]}
    layout["xaxis"] |= {"title": {"text": "time (log scale)"}}
    layout["xaxis"] |= _second_ticks(left, edge)
    layout["yaxis"] |= {
        "tickvals": places,
        "ticktext": [_short(call_name(c)) for c in shown],
        "range": [0.3, len(shown) + 0.9],
    }
    _budget_lines(layout, limits)
    unbounded = sum(1 for c in calls if c.get("bounded") is False)
    unclear = sum(1 for c in calls if c.get("bounded") is not False and c["worst_case_s"] is None)
    over = [f"{sum(1 for c in calls if (c['worst_case_s'] or 0) > v)} above {n} ({seconds(v)})" for n, v in limits]
    alt = (
        f"{len(calls)} external calls: {unbounded} unbounded, {unclear} unknown"
        + "".join(f", {text}" for text in over)
        + "."
    )
    hidden = len(calls) - len(shown)
    note = "Striped bars have no bound; dashed lines are the budgets declared around the calls."
    if hidden:
        note += f" The {hidden} shortest calls stand in the table only."
    return Figure("amplification", title, alt, columns, rows, {"data": data, "layout": layout}, note)


def capacity(audit: Audit, **assumptions: float | None) -> Figure:
    """Little's law: work in flight = arrival rate × time, against the concurrency that the code declares.

    Assumptions: `arrival_rate_per_s` (items) and `items_per_batch`; those not given are taken from the run's parameters.
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
    rows = tuple((r["control"], number(r["value"]), seconds(r["value"] / units), site(r)) for r in limits)
    calls = [c for c in audit["tables"]["external_calls"] if c["worst_case_s"]]
    if not limits and not calls:
        note = f"{said} The code declares no bounded concurrency and no bounded call to compare with."
        return Figure("capacity", title, note, columns, (), None, note)
    times = [r["value"] / units for r in limits] + [c["worst_case_s"] for c in calls]
    left, right = 10 ** math.floor(math.log10(min(times)) - 0.5), 10 ** math.ceil(math.log10(max(times)) + 0.3)
    span = [left * (right / left) ** (i / 24) for i in range(25)]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"needed at the assumed {number(rate)} items/s",
            "x": [_round(x) for x in span],
            "y": [_round(x * units) for x in span],
            "line": {"color": ASSUMED, "width": 2.5, "dash": "dash"},
            "hovertemplate": "at %{x:.3g} s per unit, %{y:.3g} units are in flight<extra>assumption</extra>",
        },
        *_limit_lines(limits, left, right),
        *_call_marks(calls, limits, units),
        *_crossings(limits, units),
    ]
    layout = _layout(9, bottom=64)
    layout["xaxis"] |= {
        "type": "log",
        "title": {"text": "time that one unit of work takes (log scale)"},
        "range": _logs(left, right),
    }
    layout["xaxis"] |= _second_ticks(left, right)
    layout["yaxis"] |= {
        "type": "log",
        "title": {"text": "units in flight (log scale)"},
        "dtick": 1,
        "gridcolor": "rgba(122,134,153,.22)",
    }
    layout |= {
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "height": 440,
    }
    layout["margin"]["t"] = 20
    alt = said + " " + "; ".join(f"{name} ({limit}) keeps up to {time} per unit" for name, limit, time, _ in rows) + "."
    note = f"{said} Little's law: in flight = arrival rate × time. The rate is an assumption, the limits are read from the code."
    return Figure("capacity", title, alt, columns, rows, {"data": data, "layout": layout}, note)


def retries(audit: Audit) -> Figure:
    """Attempts that one item may cause at each dependency, path by path."""
    title = "How many times is one item tried when a dependency fails?"
    columns = ("Path", "External call", "Attempts", "Set by", "Evidence")
    pairs = [(path, c) for c in audit["tables"]["external_calls"] for path in (c.get("paths") or ["no path found"])]
    pairs.sort(
        key=lambda pair: (
            pair[0] == "no path found",
            pair[0],
            -(pair[1].get("attempts") or 0),
            call_name(pair[1]),
            site(pair[1]),
        )
    )
    rows = tuple(
        (
            path,
            call_name(c),
            number(c["attempts"]) if c.get("attempts") else "unknown",
            str(c.get("retry_source") or "").replace("_", " "),
            site(c),
        )
        for path, c in pairs
    )
    known = [(path, c) for path, c in pairs if c.get("attempts")]
    if not known:
        note = "No attempt count is known for any external call." if pairs else "No external call was found."
        return Figure("retries", title, note, columns, rows, None, note)
    shown = sorted(known, key=lambda pair: (-pair[1]["attempts"], pair[0], call_name(pair[1]), site(pair[1])))[
        :MOST_BARS
    ]
    shown.sort(key=lambda pair: (pair[0], -pair[1]["attempts"], call_name(pair[1]), site(pair[1])))
    places, headings, y = [], [], 0.0
    for index, (path, _) in enumerate(shown):
        if index == 0 or path != shown[index - 1][0]:
            y += 1
            headings.append(
                {
                    "x": 0,
                    "xref": "paper",
                    "xanchor": "left",
                    "y": -y,
                    "text": f"<b>{_safe(_short(path, 60))}</b>",
                    "showarrow": False,
                }
            )
        y += 1
        places.append(-y)
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": [c["attempts"] for _, c in shown],
        "y": places,
        "width": 0.66,
        "text": [f"×{number(c['attempts'])}" for _, c in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {
            "color": [
                COLOURS["RISK"] if c["attempts"] > 5 else COLOURS["CONCERN"] if c["attempts"] > 3 else ASSUMED
                for _, c in shown
            ]
        },
        "hovertext": [_hover(c, f"attempts {number(c['attempts'])}") for _, c in shown],
        "hoverinfo": "text",
    }
    layout = _layout(int(y) + 1, bottom=52)
    most = max(c["attempts"] for _, c in shown)
    layout["xaxis"] |= {
        "title": {"text": "attempts per item, the first included"},
        "range": [0, most * 1.15],
        "rangemode": "tozero",
    }
    layout["yaxis"] |= {
        "tickvals": places,
        "ticktext": [_short(call_name(c)) for _, c in shown],
        "range": [-y - 0.7, -0.4],
    }
    layout["annotations"] = headings
    alt = f"{len(known)} calls on paths have a known attempt count; the most is {number(most)}; {len(pairs) - len(known)} are unknown."
    note = "A dependency that fails receives this multiple of its usual load. Redelivery by a queue comes on top."
    return Figure("retries", title, alt, columns, rows, {"data": [bar], "layout": layout}, note)


def labels(audit: Audit) -> Figure:
    """Labels per metric, with those that a check called unbounded marked."""
    title = "Which metrics can multiply into many series?"
    columns = ("Metric", "Labels", "Names", "Evidence", "Assessment")
    marked = {
        site(r)
        for r in audit["tables"]["hotspots"]
        if r.get("pattern") == "high_cardinality_label" and r["assessment"] != "GOOD"
    }
    metrics = {(r["metric"], site(r)): r for r in audit["tables"]["signals"] if r.get("present") and r.get("metric")}
    ordered = sorted(
        metrics.values(), key=lambda r: (site(r) not in marked, -len(r.get("labels") or []), r["metric"], site(r))
    )
    rows = tuple(
        (
            r["metric"],
            str(len(r.get("labels") or [])),
            ", ".join(r.get("labels") or []),
            site(r),
            "RISK" if site(r) in marked else r["assessment"],
        )
        for r in ordered
    )
    if not ordered:
        return Figure(
            "labels",
            title,
            "No metric is defined in the target.",
            columns,
            (),
            None,
            "No metric is defined in the target.",
        )
    shown = ordered[:MOST_BARS]
    places = list(range(len(shown), 0, -1))
    counts = [len(r.get("labels") or []) for r in shown]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": counts,
        "y": places,
        "width": 0.66,
        "text": [_safe(_short(", ".join(r.get("labels") or []) or "no labels", 60)) for r in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {
            "color": [COLOURS["RISK"] if site(r) in marked else ASSUMED for r in shown],
            "line": {"width": 1, "color": INK},
        },
        "hovertext": [_safe(f"{r['metric']} {site(r)}") for r in shown],
        "hoverinfo": "text",
    }
    layout = _layout(len(shown), bottom=52)
    layout["xaxis"] |= {
        "title": {"text": "labels per metric (series multiply with each)"},
        "range": [0, max([*counts, 1]) * 2.2],
        "dtick": 1,
    }
    layout["yaxis"] |= {
        "tickvals": places,
        "ticktext": [_short(r["metric"]) for r in shown],
        "range": [0.3, len(shown) + 0.7],
    }
    risky = sum(1 for r in ordered if site(r) in marked)
    alt = f"{len(ordered)} metrics; {risky} with a label whose values are not bounded; the most labels on one metric: {max(counts)}."
    note = "Red: a check found a label whose values are not bounded."
    return Figure("labels", title, alt, columns, rows, {"data": [bar], "layout": layout}, note)


def priorities(audit: Audit) -> Figure:
    """Findings per question and priority."""
    title = "Which questions carry the findings?"
    columns = ("Question", "P0", "P1", "P2", "Answer")
    answers = {row["n"]: row for row in audit["tables"]["checklist"]}
    counts = {(f["question"], f["priority"]): 0 for f in audit["findings"]}
    for finding in audit["findings"]:
        counts[finding["question"], finding["priority"]] += 1
    numbers = range(1, 11)
    rows = tuple(
        (
            str(n),
            *(str(counts.get((n, p), 0)) for p in PRIORITY_COLOURS),
            answers[n]["assessment"] if n in answers else "GAP",
        )
        for n in numbers
    )
    if not counts:
        return Figure("priorities", title, "There are no findings.", columns, rows, None, "There are no findings.")
    data = [
        {
            "type": "bar",
            "name": priority,
            "x": list(numbers),
            "y": [counts.get((n, priority), 0) for n in numbers],
            "text": [str(counts[n, priority]) if (n, priority) in counts else "" for n in numbers],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "textfont": {"color": "#fff"},
            "marker": {"color": colour},
            "hovertemplate": f"question %{{x}}: %{{y}} {priority}<extra></extra>",
        }
        for priority, colour in PRIORITY_COLOURS.items()
    ]
    layout = _layout(4, bottom=48) | {"barmode": "stack", "showlegend": True, "height": 230, "bargap": 0.35}
    layout["legend"] = {
        "orientation": "h",
        "y": 1.02,
        "yanchor": "bottom",
        "x": 0, "traceorder": "normal",
    }
    layout["margin"]["t"] = 30
    layout["xaxis"] |= {
        "title": {"text": "checklist question"},
        "dtick": 1,
        "range": [0.4, 10.6],
        "gridcolor": "rgba(0,0,0,0)",
    }
    layout["yaxis"] |= {"title": {"text": "findings"}, "gridcolor": "rgba(122,134,153,.22)", "rangemode": "tozero"}
    tallest = max(sum(counts.get((n, p), 0) for p in PRIORITY_COLOURS) for n in numbers)
    layout["yaxis"]["dtick"] = max(1, math.ceil(tallest / 5))
    heaviest = max(numbers, key=lambda n: (sum(counts.get((n, p), 0) for p in PRIORITY_COLOURS), -n))
    alt = f"{len(audit['findings'])} findings; question {heaviest} carries most."
    return Figure("priorities", title, alt, columns, rows, {"data": data, "layout": layout})


FIGURES = {
    "amplification": amplification,
    "capacity": capacity,
    "retries": retries,
    "labels": labels,
    "priorities": priorities,
}


def call_name(call: Audit) -> str:
    """`system: operation`, as tables and figures name a call."""
    operation = call["operation"].replace("`", "")
    return operation if operation.lower().startswith(call["system"]) else f"{call['system']}: {operation}"


def stall(call: Audit) -> str:
    """The worst case of a call in words."""
    if call.get("bounded") is False:
        return "unbounded"
    return "unknown" if call["worst_case_s"] is None else seconds(call["worst_case_s"])


def budgets(audit: Audit) -> list[tuple[str, float]]:
    """Time budgets declared around calls: visibility timeouts and the server timeouts that bound a whole response."""
    found: dict[float, str] = {}
    for row in audit["tables"]["controls"]:
        name = row["control"].lower()
        partial = any(word in name for word in ("read", "idle", "header", "dial", "keep"))
        if (
            row["kind"] not in ("visibility_timeout", "server_timeout")
            or partial
            or row.get("unit") != "s"
            or not row.get("value")
        ):
            continue
        found.setdefault(row["value"], row["control"])
    return sorted(((name, value) for value, name in found.items()), key=lambda pair: pair[1])[:4]


def _by_stall(call: Audit) -> tuple[int, float, str, str]:
    group = 0 if call.get("bounded") is False else 2 if call["worst_case_s"] is None else 1
    return group, -(call["worst_case_s"] or 0.0), call_name(call), site(call)


def _stalls(calls: Sequence[Audit], places: Sequence[int], state: str, reach: float) -> dict[str, Any] | None:
    """The bars of one state: bounded ones end at their number, unbounded ones at the edge, unknown ones are hollow."""
    states = {0: "unbounded", 1: "bounded", 2: "unknown"}
    picked = [(c, y) for c, y in zip(calls, places, strict=True) if states[_by_stall(c)[0]] == state]
    if not picked:
        return None
    colours = [COLOURS[c["assessment"]] for c, _ in picked]
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "name": state,
        "x": [c["worst_case_s"] if state == "bounded" else reach for c, _ in picked],
        "y": [y for _, y in picked],
        "width": 0.66,
        "text": [stall(c) for c, _ in picked],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": [_hover(c, c.get("formula") or c.get("gap") or stall(c)) for c, _ in picked],
        "hoverinfo": "text",
        "marker": {"color": colours},
    }
    if state == "unbounded":
        trace["marker"] = {"color": "rgba(0,0,0,0)", "line": {"color": colours, "width": 1.5}}
        trace["marker"]["pattern"] = {"shape": "/", "fgcolor": colours, "solidity": 0.28, "size": 7}
        trace["textfont"] = {"weight": 700}
        trace["text"] = ["unbounded →" for _ in picked]
    if state == "unknown":
        trace |= {"type": "scatter", "mode": "markers+text", "textposition": "middle right"}
        trace["marker"] = {"symbol": "diamond-open", "size": 10, "color": INK}
        for key in ("orientation", "width"):
            del trace[key]
        trace["x"] = [reach * 1.15 for _ in picked]
        trace["text"] = [" unknown" for _ in picked]
    return trace


def _budget_lines(layout: dict[str, Any], limits: Sequence[tuple[str, float]]) -> None:
    layout["shapes"] = [
        {
            "type": "line",
            "x0": v,
            "x1": v,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"dash": "dash", "width": 1.5, "color": INK},
        }
        for _, v in limits
    ]
    layout["annotations"] = [
        {
            "x": math.log10(value),
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 15 * index,
            "xanchor": "right" if index % 2 else "left",
            "text": _safe(f"{_short(name)} {seconds(value)}"),
            "showarrow": False,
            "font": {"size": 11},
        }
        for index, (name, value) in enumerate(limits)
    ]
    layout["margin"]["t"] = 14 + 16 * max(1, len(limits))


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
            "name": _safe(f"{_short(row['control'])}: {number(row['value'])} (from the code)"),
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
    for call in sorted(calls, key=_by_stall):
        grouped.setdefault(call["worst_case_s"], []).append(call)
    worst = list(grouped.items())[:8]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "while a call meets its worst case",
            "x": [time for time, _ in worst],
            "y": [_round(time * units) for time, _ in worst],
            "marker": {
                "size": 9,
                "symbol": "circle",
                "color": [COLOURS["RISK" if t * units > roof else "GOOD"] for t, _ in worst],
            },
            "hovertext": [
                "<br>".join(_safe(call_name(c)) for c in group[:4])
                + f"<br>{seconds(time)}: {number(_round(time * units))} units in flight"
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
            "x": [_round(r["value"] / units) for r in limits],
            "y": [r["value"] for r in limits],
            "text": [f"{seconds(_round(r['value'] / units))} " for r in limits],
            "textposition": "top left",
            "textfont": {"weight": 700},
            "marker": {"symbol": "x-thin-open", "size": 11, "line": {"width": 2}, "color": INK},
            "hovertext": [
                _safe(f"{r['control']}: {number(r['value'])} keeps up to {seconds(r['value'] / units)} per unit")
                for r in limits
            ],
            "hoverinfo": "text",
        }
    ]


def _layout(bars: int, bottom: int) -> dict[str, Any]:
    grid = {"gridcolor": "rgba(122,134,153,.22)", "zeroline": False, "automargin": True, "fixedrange": True}
    return {
        "height": 110 + 30 * bars,
        "margin": {"l": 8, "r": 24, "t": 16, "b": bottom},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "showlegend": False,
        "hoverlabel": {"align": "left"},
        "dragmode": False,
        "xaxis": dict(grid),
        "yaxis": dict(grid) | {"gridcolor": "rgba(0,0,0,0)"},
    }


def _second_ticks(left: float, right: float) -> dict[str, Any]:
    """Powers of ten named as durations (`10 ms`, `100 s`): readers think in those, not in exponents."""
    powers = range(round(math.log10(left)), round(math.log10(right)) + 1)
    step = 1 if len(powers) < 8 else 2
    values = [10.0**p for p in powers][::step]
    return {"tickvals": values, "ticktext": [f"{v * 1000:g} ms" if v < 1 else f"{v:,.0f} s" for v in values]}


def _logs(left: float, right: float) -> list[float]:
    return [math.log10(left), math.log10(right)]


def _round(value: float) -> float:
    """Six significant digits: enough to draw, and equal on every machine."""
    return float(f"{value:.6g}")


def _short(text: str, most: int = _LABEL) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _safe(text: str) -> str:
    """plotly.js reads a few HTML tags in its texts; names from the audited source are only text."""
    return text.replace("`", "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _hover(call: Audit, text: str) -> str:
    lines = [text[i : i + 90] for i in range(0, min(len(text), 360), 90)]
    return "<br>".join([f"<b>{_safe(call_name(call))}</b>", *map(_safe, lines), _safe(site(call))])
