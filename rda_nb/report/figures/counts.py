"""Figures that count: labels per metric, findings per question."""

from __future__ import annotations

import math

from rda_nb.report.figures.figure import (
    ASSUMED,
    COLOURS,
    INK,
    MOST_BARS,
    PRIORITY_COLOURS,
    Audit,
    Figure,
    layout,
    safe,
    short,
    site,
)


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
        "text": [safe(short(", ".join(r.get("labels") or []) or "no labels", 60)) for r in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {
            "color": [COLOURS["RISK"] if site(r) in marked else ASSUMED for r in shown],
            "line": {"width": 1, "color": INK},
        },
        "hovertext": [safe(f"{r['metric']} {site(r)}") for r in shown],
        "hoverinfo": "text",
    }
    drawn = layout(len(shown), bottom=52)
    drawn["xaxis"] |= {
        "title": {"text": "labels per metric (series multiply with each)"},
        "range": [0, max([*counts, 1]) * 2.2],
        "dtick": 1,
    }
    drawn["yaxis"] |= {
        "tickvals": places,
        "ticktext": [safe(short(r["metric"])) for r in shown],
        "range": [0.3, len(shown) + 0.7],
    }
    risky = sum(1 for r in ordered if site(r) in marked)
    alt = f"{len(ordered)} metrics; {risky} with a label whose values are not bounded; {max(counts)} labels at most."
    note = "Red: a check found a label whose values are not bounded."
    return Figure("labels", title, alt, columns, rows, {"data": [bar], "layout": drawn}, note)


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
    drawn = layout(4, bottom=48) | {"barmode": "stack", "showlegend": True, "height": 230, "bargap": 0.35}
    drawn["legend"] = {
        "orientation": "h",
        "y": 1.02,
        "yanchor": "bottom",
        "x": 0,
        "traceorder": "normal",
    }
    drawn["margin"]["t"] = 30
    drawn["xaxis"] |= {
        "title": {"text": "checklist question"},
        "dtick": 1,
        "range": [0.4, 10.6],
        "gridcolor": "rgba(0,0,0,0)",
    }
    drawn["yaxis"] |= {"title": {"text": "findings"}, "gridcolor": "rgba(122,134,153,.22)", "rangemode": "tozero"}
    tallest = max(sum(counts.get((n, p), 0) for p in PRIORITY_COLOURS) for n in numbers)
    drawn["yaxis"]["dtick"] = max(1, math.ceil(tallest / 5))
    heaviest = max(numbers, key=lambda n: (sum(counts.get((n, p), 0) for p in PRIORITY_COLOURS), -n))
    alt = f"{len(audit['findings'])} findings; question {heaviest} carries most."
    return Figure("priorities", title, alt, columns, rows, {"data": data, "layout": drawn})
