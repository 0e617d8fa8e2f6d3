"""The tables of an audit as pandas data frames and as CSV files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rda_nb.report.review import note

if TYPE_CHECKING:
    import pandas as pd

_LISTS = ("actions", "findings", "gaps", "external_deps", "decisions")
# Columns that hold machine detail: they stay in audit.json, a table for people does without.
_LEFT_OUT = frozenset({"origins", "factors", "evidence", "identity", "rows", "display"})


def flat(audit: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Every table and list of the audit as flat rows; the site stands in `path`, `line` and `excerpt`."""
    named = {**audit["tables"], **{name: audit[name] for name in _LISTS}}
    # A verdict's own path is a pattern; `path` is the place of a comment, as in every table.
    verdicts = (audit.get("review") or {}).get("verdicts", [])
    named["verdicts"] = [{**verdict, "pattern": verdict["path"]} for verdict in verdicts]
    return {name: [_flat(row) for row in rows] for name, rows in named.items()}


def frames(audit: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The same as data frames; an empty table is an empty frame."""
    import pandas as pd  # a quarter of a second, and only a notebook asks for frames

    return {name: pd.DataFrame(rows) for name, rows in flat(audit).items()}


def write_csv(audit: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """One CSV file per table in `folder`, which is made; lists and mappings are written as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in flat(audit).items():
        path = folder / f"{name}.csv"
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns or ["path", "line", "excerpt"], lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
        written.append(path)
    return tuple(written)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without nested detail: display texts become columns, the first citation gives the place."""
    out = {key: value for key, value in row.items() if key not in _LEFT_OUT}
    for key, text in (row.get("display") or {}).items():
        out[f"{key}_text"] = text
    if "review" in row:
        out["review"] = note(row)
    site = (row.get("evidence") or [{}])[0]
    out |= {"path": site.get("path"), "line": site.get("line"), "excerpt": site.get("excerpt")}
    out["citations"] = len(row.get("evidence") or [])
    return out


def _cell(value: Any) -> Any:
    """What a CSV cell holds; None is empty."""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else value
