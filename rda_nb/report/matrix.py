"""Critical paths × validation: which benchmark, load or replay tool comes to each path, and what goal it is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rda_nb.report.inline import code, prose

Row = dict[str, Any]
KINDS = ("benchmark", "load_test", "replay_tool")
_RUN = "not run by CI"


def matrix(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    """One row per path of requests or messages, in the order of its table; of all paths where there is none."""
    paths = [row for row in tables["critical_paths"] if row["hot"]] or list(tables["critical_paths"])
    assets = [row for row in tables["validation"] if row["present"] and row["covers"]]
    rows = []
    for path in {row["flow"]: row for row in paths}.values():
        reached = [asset for asset in assets if path["flow"] in asset["covers"]]
        cells = {kind: list(dict.fromkeys(a["item"] for a in reached if a["kind"] == kind)) for kind in KINDS}
        rows.append(
            {
                "flow": path["flow"],
                "kind": path["kind"],
                **cells,
                "goal": path["goal"],
                "in_ci": any(
                    _RUN not in (asset["detail"] or "") and "CI" in (asset["detail"] or "") for asset in reached
                ),
                "validated": any(cells.values()),
            }
        )
    return sorted(rows, key=lambda row: not row["validated"])


def lines(rows: Sequence[Row], most: int) -> list[str]:
    """The rows as a Markdown table; of more than `most` the first, and how many are left out."""
    if not rows:
        return []
    head = ["| Critical Path | Benchmark | Load Test | Replay | In CI | Goal |", "|---|---|---|---|---|---|"]
    body = [
        f"| {prose(row['flow'])} | {_cell(row['benchmark'])} | {_cell(row['load_test'])} | {_cell(row['replay_tool'])} |"
        f" {'yes' if row['in_ci'] else 'no'} | {prose(row['goal']) if row['goal'] else 'GAP'} |"
        for row in rows[:most]
    ]
    return [*head, *body]


def _cell(items: Sequence[str]) -> str:
    shown = ", ".join(code(item) for item in items[:2])
    return (f"{shown} and {len(items) - 2} more" if len(items) > 2 else shown) or "none"


def cells(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """The rows as plain cells for a page."""
    return [
        (
            row["flow"],
            ", ".join(row["benchmark"]) or "none",
            ", ".join(row["load_test"]) or "none",
            ", ".join(row["replay_tool"]) or "none",
            "yes" if row["in_ci"] else "no",
            row["goal"] or "GAP: no goal is stated",
        )
        for row in rows
    ]
