"""What every figure of the report shares: the figure itself, its colours, axes and texts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PLOTLY_MIME = "application/vnd.plotly.v1+json"

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
        return {"data": spec["data"], "layout": layout, "config": {"displayModeBar": False, "responsive": True}}


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


def layout(bars: int, bottom: int) -> dict[str, Any]:
    """A plain layout for so many rows; colours are those of the page, which sets text colours itself."""
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


def second_ticks(left: float, right: float) -> dict[str, Any]:
    """Powers of ten named as durations (`10 ms`, `100 s`): readers think in those, not in exponents."""
    powers = range(round(math.log10(left)), round(math.log10(right)) + 1)
    step = 1 if len(powers) < 8 else 2
    values = [10.0**p for p in powers][::step]
    return {"tickvals": values, "ticktext": [f"{v * 1000:g} ms" if v < 1 else f"{v:,.0f} s" for v in values]}


def logs(left: float, right: float) -> list[float]:
    """A range of a logarithmic axis."""
    return [math.log10(left), math.log10(right)]


def rounded(value: float) -> float:
    """Six significant digits: enough to draw, and equal on every machine."""
    return float(f"{value:.6g}")


def short(text: str, most: int = _LABEL) -> str:
    """At most so many characters, for labels beside bars."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def safe(text: str) -> str:
    """plotly.js reads a few HTML tags in its texts; names from the audited source are only text."""
    return text.replace("`", "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
