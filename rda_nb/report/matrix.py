"""Critical paths × validation: which benchmark, load or replay tool comes to each path, and what goal it is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rda_nb.report.inline import code, prose

Row = dict[str, Any]
KINDS = ("benchmark", "load_test", "replay_tool")


def matrix(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    """One row per path of requests or messages, in the order of its table; of all paths where there is none."""
    paths = [row for row in tables["critical_paths"] if row["hot"]] or list(tables["critical_paths"])
    assets = [row for row in tables["validation"] if row["present"] and row["covers"]]
    # Continuous integration runs benchmarks by their command, not one by one.
    benchmarks_run = any(row["kind"] == "benchmark" and row["in_ci"] for row in tables["validation"])
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
                "in_ci": any(a["in_ci"] or (a["kind"] == "benchmark" and benchmarks_run) for a in reached),
                "validated": any(cells.values()),
            }
        )
    return sorted(rows, key=lambda row: not row["validated"])


def lines(rows: Sequence[Row], most: int) -> list[str]:
    """The first `most` rows as text: the path, what comes to it, and its goal."""
    return [f"{prose(row['flow'])}: {_reached(row)}; {_goal(row)}" for row in rows[:most]]


def _reached(row: Row) -> str:
    parts = [f"{kind.replace('_', ' ')} {_cell(row[kind])}" for kind in KINDS if row[kind]]
    if not parts:
        return "no benchmark, load test or replay comes to it"
    return f"{', '.join(parts)}, {'run' if row['in_ci'] else 'not run'} by CI"


def _goal(row: Row) -> str:
    return f"goal {prose(row['goal'])}" if row["goal"] else "no goal is stated (GAP)"


def _cell(items: Sequence[str]) -> str:
    shown = ", ".join(code(item) for item in items[:2])
    return f"{shown} and {len(items) - 2} more" if len(items) > 2 else shown


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
