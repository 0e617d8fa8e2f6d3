"""Figures of external calls: how long each may stall its caller, and how often one item is tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rda_nb.report.display import number, seconds
from rda_nb.report.figures.figure import (
    ASSUMED,
    COLOURS,
    INK,
    MOST_BARS,
    Audit,
    Figure,
    layout,
    safe,
    second_ticks,
    short,
    site,
)

_NAME, _PLACE = 24, 22
_NO_PATH = "no path found"
_SEVERITY = ("RISK", "CONCERN", "GAP", "GOOD")
_MOST_UNBOUNDED, _MOST_UNKNOWN = 10, 4


def amplification(audit: Audit) -> Figure:
    """Worst-case seconds per external call against the budgets that enclose it."""
    calls = sorted(audit["tables"]["external_calls"], key=by_stall)
    title = "How long may one external call hold its caller, at worst?"
    columns = ("External call", "Worst case", "How", "Evidence", "Assessment")
    if not calls:
        none = "No external call was found."
        return Figure("amplification", title, none, columns, (), None, none)
    shown = _worth_drawing(calls)
    rows = tuple((call_name(c), stall(c), c.get("formula") or "", site(c), c["assessment"]) for c in shown)
    limits = budgets(audit)
    bounded = [c["worst_case_s"] for c in shown if (c["worst_case_s"] or 0) > 0]
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
    drawn = layout(len(shown), bottom=58 + 15 * len(limits[1:]))
    drawn["xaxis"] |= {"type": "log", "range": [math.log10(left), math.log10(edge) + 0.16 * math.log10(edge / left)]}
    drawn["xaxis"] |= {"title": {"text": "time (log scale)"}}
    drawn["xaxis"] |= second_ticks(left, edge)
    drawn["yaxis"] |= {
        "tickvals": places,
        "ticktext": [_label(c) for c in shown],
        "range": [0.3, len(shown) + 0.9],
    }
    _budget_lines(drawn, limits)
    unbounded = sum(1 for c in calls if c.get("bounded") is False)
    unclear = sum(1 for c in calls if c.get("bounded") is not False and c["worst_case_s"] is None)
    over = [f"{sum(1 for c in calls if (c['worst_case_s'] or 0) > v)} above {n} ({seconds(v)})" for n, v in limits]
    alt = (
        f"{len(calls)} external calls: {unbounded} unbounded, {unclear} unknown"
        + "".join(f", {text}" for text in over)
        + "."
    )
    note = "Striped bars have no bound." + (
        " Dashed lines are the budgets declared around the calls." if limits else ""
    )
    if len(shown) < len(calls):
        note += f" Drawn are {len(shown)} of {len(calls)} calls, the worst of each kind; the table above has all."
    return Figure("amplification", title, alt, columns, rows, {"data": data, "layout": drawn}, note)


def retries(audit: Audit) -> Figure:
    """Attempts that one item may cause at each dependency, path by path."""
    title = "How many times is one item tried when a dependency fails?"
    columns = ("Path", "External call", "Attempts", "Set by", "Evidence")
    pairs = [(path, c) for c in audit["tables"]["external_calls"] for path in (c.get("paths") or [_NO_PATH])]
    pairs.sort(key=lambda pair: _path_order(*pair))
    known = sorted(((p, c) for p, c in pairs if c.get("attempts")), key=lambda pair: -pair[1]["attempts"])
    unknown = [(path, c) for path, c in pairs if not c.get("attempts")]
    shown = sorted(known[:MOST_BARS], key=lambda pair: _path_order(*pair))
    rows = tuple(
        (
            path,
            call_name(c),
            number(c["attempts"]) if c.get("attempts") else "unknown",
            str(c.get("retry_source") or "").replace("_", " "),
            site(c),
        )
        for path, c in [*shown, *unknown[:MOST_BARS]]
    )
    if not known:
        note = "No attempt count is known for any external call." if pairs else "No external call was found."
        return Figure("retries", title, note, columns, rows, None, note)
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
                    "text": f"<b>{safe(short(path, 60))}</b>",
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
    drawn = layout(int(y) + 1, bottom=52)
    most = max(c["attempts"] for _, c in shown)
    drawn["xaxis"] |= {
        "title": {"text": "attempts per item, the first included"},
        "range": [0, most * 1.15],
        "rangemode": "tozero",
    }
    drawn["yaxis"] |= {
        "tickvals": places,
        "ticktext": [_label(c) for _, c in shown],
        "range": [-y - 0.7, -0.4],
    }
    drawn["annotations"] = headings
    alt = f"{len(known)} calls on paths have a known attempt count; the most is {number(most)}; "
    alt += f"{len(unknown)} are unknown."
    note = "A dependency that fails receives this multiple of its usual load. Redelivery by a queue comes on top."
    return Figure("retries", title, alt, columns, rows, {"data": [bar], "layout": drawn}, note)


def call_name(call: Audit) -> str:
    """`system: operation`, without a system that the operation names itself."""
    operation: str = call["operation"].replace("`", "")
    named = call["system"] == "other" or operation.lower().startswith(call["system"])
    return operation if named else f"{call['system']}: {operation}"


def _label(call: Audit) -> str:
    """The name of a call and its line: one service makes the same call in several places."""
    place = site(call).rpartition("/")[2]
    return safe(f"{short(call_name(call), _NAME)}  {short(place, _PLACE)}".rstrip())


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
            or (row.get("value") or 0) <= 0
        ):
            continue
        found.setdefault(row["value"], row["control"])
    return sorted(((name, value) for value, name in found.items()), key=lambda pair: pair[1])[:4]


def by_stall(call: Audit) -> tuple[int, float, int, str, str]:
    """Sorts unbounded calls first, then the longest, and those of unknown length last."""
    group = 0 if call.get("bounded") is False else 2 if call["worst_case_s"] is None else 1
    return group, -(call["worst_case_s"] or 0.0), _SEVERITY.index(call["assessment"]), call_name(call), site(call)


def _path_order(path: str, call: Audit) -> tuple[bool, str, float, str, str]:
    return path == _NO_PATH, path, -(call.get("attempts") or 0), call_name(call), site(call)


def _worth_drawing(calls: Sequence[Audit]) -> list[Audit]:
    """The worst of each kind: a wall of unbounded bars would hide the calls that have a number."""
    kinds: list[list[Audit]] = [[], [], []]
    for call in calls:
        kinds[by_stall(call)[0]].append(call)
    unbounded, bounded, unknown = kinds
    ends = [*unbounded[:_MOST_UNBOUNDED], *unknown[:_MOST_UNKNOWN]]
    return [*unbounded[:_MOST_UNBOUNDED], *bounded[: MOST_BARS - len(ends)], *unknown[:_MOST_UNKNOWN]]


def _stalls(calls: Sequence[Audit], places: Sequence[int], state: str, reach: float) -> dict[str, Any] | None:
    """The bars of one state: bounded ones end at their number, unbounded ones at the edge, unknown ones are hollow."""
    states = {0: "unbounded", 1: "bounded", 2: "unknown"}
    picked = [(c, y) for c, y in zip(calls, places, strict=True) if states[by_stall(c)[0]] == state]
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


def _budget_lines(drawn: dict[str, Any], limits: Sequence[tuple[str, float]]) -> None:
    drawn["shapes"] = [
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
    drawn["annotations"] = [
        {
            "x": math.log10(value),
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 15 * index,
            "xanchor": "right" if index % 2 else "left",
            "text": safe(f"{short(name)} {seconds(value)}"),
            "showarrow": False,
            "font": {"size": 11},
        }
        for index, (name, value) in enumerate(limits)
    ]
    drawn["margin"]["t"] = 14 + 16 * max(1, len(limits))


def _hover(call: Audit, text: str) -> str:
    lines = [text[i : i + 90] for i in range(0, min(len(text), 360), 90)]
    return "<br>".join([f"<b>{safe(call_name(call))}</b>", *map(safe, lines), safe(site(call))])
