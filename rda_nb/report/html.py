"""The shareable page and its parts, rendered from the `audit.json` dictionary and nothing else.

A *part* is the HTML of one notebook output. The notebook shows parts cell by cell; the page shows the same parts in the
notebook's order, so that there is one rendering whether a kernel ran or not.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from rda_nb.findings.criteria import wording
from rda_nb.report import display, figures, matrix, review
from rda_nb.report.html_cells import Cards, breakable, inline, script_json, show, words

Audit = Mapping[str, Any]

TEMPLATES = Path(__file__).parent / "templates"
RANKS = {"RISK": 0, "CONCERN": 1, "GAP": 2, "GOOD": 3}
PRIORITIES = {"P0": "Critical", "P1": "Important", "P2": "Nice-to-have"}
SHORT = {
    1: "Paths and goals",
    2: "Bottlenecks",
    3: "Bounds",
    4: "Backpressure",
    5: "Call budgets",
    6: "ClickHouse",
    7: "CPU and memory",
    8: "Log and metric cost",
    9: "Capacity metrics",
    10: "Load validation",
}


class Assets(NamedTuple):
    """What the page carries inline, and the policy that lets exactly these scripts run and nothing be fetched."""

    css: Markup
    js: Markup
    plotly: Markup
    policy: str
    code: bool


def part(audit: Audit, name: str) -> str:
    """The HTML of one part: verdict, context, findings, strengths, actions, question-1 to -10, gaps, and so on."""
    macro, _, n = name.partition("-")
    arguments: dict[str, Any] = {"n": int(n)} if n else {}
    made = getattr(_parts(), macro)(audit, Cards(name), **arguments)
    return _wrapped(name, made)


def figure(drawing: figures.Figure) -> str:
    """The HTML of one figure: its question, a place to draw, and the same numbers as a table."""
    return _wrapped(f"figure-{drawing.name}", _macros().draw(drawing))


def table(audit: Audit, name: str) -> str:
    """One whole table with its sorting and filtering tools."""
    made = _macros().data_table(name, _ranked(audit["tables"][name]), Cards(f"table-{name}"))
    return _wrapped(f"table-{name}", made)


def stage(name: str, seconds: float, counts: Mapping[str, Any]) -> str:
    """One line on a stage that has run."""
    said = "".join(f"<span><strong>{escape(value)}</strong> {escape(word)}</span> " for word, value in counts.items())
    took = f'<span class="quiet">{seconds:.2f} s</span>'
    return f'<div class="rda stage-line"><code>{escape(name)}</code> {said}{took}</div>\n'


def sentence(text: str) -> str:
    """A sentence of the kit in a cell, with its code spans set as code."""
    return f'<p class="rda">{inline(text)}</p>'


def _wrapped(name: str, made: Any) -> str:
    return f'<div class="rda part" data-part="{escape(name)}">\n{str(made).strip()}\n</div>\n'


def notebook_style() -> str:
    """Style and behaviour of parts inside a live notebook; the doubled class outweighs the notebook's own rules."""
    css = _text("rda.css").replace(".rda ", ".rda.rda ")
    return f"<style>{css}</style><script>{_text('rda.js')}</script>"


def render(audit: Audit) -> str:
    """The whole page without a kernel: the notebook's headings and the part that each of its cells shows."""
    body = []
    for cell in outline():
        if "stage" in cell["metadata"].get("tags", ()) or "parameters" in cell["metadata"].get("tags", ()):
            continue
        if cell["cell_type"] == "markdown":
            body.append(prose(cell["id"], "".join(cell["source"])))
        else:
            body.append(f'<div class="output">{shown(audit, cell["metadata"]["rda"]["part"])}</div>')
    return head(audit) + "\n".join(body) + tail()


def shown(audit: Audit, name: str) -> str:
    """The part or figure that a notebook cell names in its metadata."""
    kind, _, rest = name.partition("-")
    return figure(figures.FIGURES[rest](audit)) if kind == "figure" else part(audit, name)


def prose(cell_id: str, source: str) -> str:
    """A Markdown cell as a section of the page; its cell id is the anchor that links jump to."""
    return f'<div class="prose" id="{escape(cell_id)}">{_markdown().render(source).strip()}</div>'


def head(audit: Audit, code: bool = False) -> str:
    """Everything before the first cell; `code` adds the button that shows the cells' code."""
    return str(_page().head(audit, _assets(code)))


def tail(code: bool = False) -> str:
    """Everything after the last cell: plotly.js once, then the page's own script."""
    return str(_page().tail(_assets(code)))


def notebook_path() -> Path:
    """The notebook that is both run by papermill and the outline of the page: in the wheel, else in the repository."""
    name = "performance_capacity.ipynb"
    package = Path(__file__).parents[1]
    for folder in (package / "_notebooks", package.parent / "notebooks"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} is missing from this installation of rda_nb")


@cache
def outline() -> list[dict[str, Any]]:
    """The cells of the notebook as stored."""
    cells: list[dict[str, Any]] = json.loads(notebook_path().read_text(encoding="utf-8"))["cells"]
    return cells


def question_rows(audit: Audit, n: int) -> list[tuple[str, list[Audit]]]:
    """The tables and rows behind answer `n`, worst first; a row behind no answer stands at its table's home."""
    answered = {row["n"]: set(row["rows"]) for row in audit["tables"]["checklist"]}
    claimed = set().union(*answered.values())
    wanted: list[tuple[str, list[Audit]]] = []
    for name, view in _tables().items():
        rows = [
            row
            for row in audit["tables"][name]
            if row["id"] in answered.get(n, ()) or (view["home"] == n and row["id"] not in claimed)
        ]
        if rows:
            wanted.append((name, _ranked(rows)))
    return sorted(wanted, key=lambda pair: _tables()[pair[0]]["home"] != n)


def _ranked(rows: list[Audit]) -> list[Audit]:
    return sorted(rows, key=lambda row: RANKS[row["assessment"]])


def _gap_rows(audit: Audit) -> list[tuple[str, str, str]]:
    ordered = sorted(audit["gaps"], key=lambda gap: gap.get("question") or 99)
    return [(str(gap.get("question") or "–"), gap["what"], gap["where_to_look"]) for gap in ordered]


def _delta_rows(audit: Audit) -> list[tuple[str, ...]]:
    delta, told = audit["delta"], wording()["delta"]["how"]
    changes = [c for name in ("added", "resolved", "changed", "detector") for c in delta.get(name, ())]
    rows = []
    for change in changes:
        site = next(iter(change.get("evidence", ())), None)
        place = f"{site['path']}:{site['line']}" if site else change.get("path")
        how = told.get(change["how"], change["how"])
        cells = (how, *(change.get(key) for key in ("priority", "title", "before", "after")), place)
        rows.append(tuple(str(cell or "–") for cell in cells))
    return rows


def _skipped_rows(audit: Audit) -> list[tuple[str, str]]:
    return [(item["path"], item["reason"]) for item in audit["run"]["files_skipped"]]


@cache
def environment() -> Environment:
    """The Jinja environment of all templates: everything is escaped, an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "breakable": breakable,
        "inline": inline,
        "number": display.number,
        "script_json": script_json,
        "words": words,
    }
    made.filters.update(filters)
    made.globals |= {
        "tables": _tables(),
        "short": SHORT,
        "priorities": PRIORITIES,
        "amount": display.amount,
        "delta_rows": _delta_rows,
        "show": show,
        "rank": RANKS.__getitem__,
        "question_rows": question_rows,
        "gap_rows": _gap_rows,
        "matrix_cells": lambda audit: matrix.cells(audit.get("validation_matrix") or ()),
        "skipped_rows": _skipped_rows,
        "review": review,
    }
    return made


@cache
def _assets(code: bool) -> Assets:
    """Scripts run by the hash of their text alone: a script from the audited source could never run."""
    js, plotly = _text("rda.js"), _text("plotly/plotly-basic.min.js").replace("</script", "<\\/script")
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in (js, plotly)
    )
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return Assets(Markup(_text("rda.css")), Markup(js), Markup(plotly), policy, code)


@cache
def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _tables() -> dict[str, Any]:
    views: dict[str, Any] = yaml.load(_text("tables.yaml"), Loader=yaml.CSafeLoader)
    return views


@cache
def _markdown() -> Any:
    """CommonMark without raw HTML: prose of the notebook is text, whoever edited it."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def _parts() -> Any:
    return environment().get_template("parts.html.j2").module


@cache
def _macros() -> Any:
    return environment().get_template("macros.html.j2").module


@cache
def _page() -> Any:
    return environment().get_template("page.html.j2").module
