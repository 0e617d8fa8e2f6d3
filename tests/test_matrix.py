"""Critical paths × validation, from the rows of an audit."""

from __future__ import annotations

from typing import Any

from rda_nb.report import matrix


def path(flow: str, hot: bool = True, goal: str | None = None) -> dict[str, Any]:
    """A row of the critical paths."""
    return {"flow": flow, "kind": "api_route", "hot": hot, "goal": goal}


def asset(kind: str, item: str, *covers: str, in_ci: bool = False, present: bool = True) -> dict[str, Any]:
    """A row of the validation table."""
    return {"kind": kind, "item": item, "covers": list(covers), "in_ci": in_ci, "present": present}


def test_each_path_shows_what_comes_to_it() -> None:
    """A path has the tools that cover it, in their own column; what is missing or covers nothing gives no cell."""
    tables = {
        "critical_paths": [path("GET /a"), path("POST /b", goal="p99 below 1 s"), path("every tick", hot=False)],
        "validation": [
            asset("load_test", "k6: load.js", "POST /b", in_ci=True),
            asset("benchmark", "BenchmarkB", "POST /b"),
            asset("replay_tool", "replay (missing)", "GET /a", present=False),
            asset("compose", "compose.yml"),
        ],
    }
    rows = matrix.matrix(tables)
    assert ["POST /b", "GET /a"] == [row["flow"] for row in rows]
    assert (["BenchmarkB"], ["k6: load.js"], [], True, True) == tuple(
        rows[0][name] for name in ("benchmark", "load_test", "replay_tool", "in_ci", "validated")
    )
    assert not rows[1]["validated"]
    assert [
        "POST /b: benchmark `BenchmarkB`, load test `k6: load.js`, run by CI; goal p99 below 1 s",
        "GET /a: no benchmark, load test or replay comes to it; no goal is stated (GAP)",
    ] == matrix.lines(rows, 8)


def test_benchmarks_run_by_their_command() -> None:
    """A benchmark function counts as run when CI runs benchmarks at all."""
    tables = {
        "critical_paths": [path("POST /b")],
        "validation": [
            asset("benchmark", "CI: go test -bench", in_ci=True),
            asset("benchmark", "BenchmarkB", "POST /b"),
        ],
    }
    assert matrix.matrix(tables)[0]["in_ci"]


def test_without_request_paths_all_paths_are_shown() -> None:
    """A service of scheduled jobs alone has a matrix as well."""
    assert ["every tick"] == [
        row["flow"] for row in matrix.matrix({"critical_paths": [path("every tick", hot=False)], "validation": []})
    ]
