"""Generated pages are fresh."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rda_nb import checks, handbook
from rda_nb.handbook import figures

RECORDS = Path(handbook.__file__).parents[2] / "docs" / "records"


def test_the_generated_pages_are_fresh() -> None:
    """`make docs` would change nothing."""
    for path, text in handbook.pages().items():
        assert text == path.read_text(encoding="utf-8"), f"{path.name} is stale: run make docs"


def test_every_check_has_its_section() -> None:
    """One heading per check, in the order of their ids, which is also the anchor that other pages link to."""
    text = next(text for path, text in handbook.pages().items() if path.parent.name == "checks")
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert [check.id for check in checks.checks()] == headings


def test_the_figures_keep_their_promise() -> None:
    """At least 95 % of the calls are bound, at least 98 % of the judged ones rightly, and every verdict is counted."""
    shares = figures.read(RECORDS, "binding")["services"]
    assert all(one["bound"] / one["sites"] >= 0.95 for one in shares)
    edges = figures.read(RECORDS, "edges")
    right = [edge for edge in edges["edges"] if edge["verdict"] == "right"]
    assert len(edges["edges"]) == edges["sample"]["edges"] == 100
    assert len(right) == edges["sample"]["right"] >= 98


def test_the_tally_counts_every_row() -> None:
    """The verdicts of the groups add up to those that the services' totals say."""
    record = figures.read(RECORDS, "external_calls")
    for one in record["services"]:
        groups = [group for group in record["groups"] if group["repository"] == one["repository"]]
        assert sum(group["rows"] for group in groups) == one["after"]["rows"]
        for column in ("timeout", "attempts", "worst_case"):
            for verdict in ("right", "wrong", "open"):
                rows = sum(group["rows"] for group in groups if group["verdict"][column] == verdict)
                assert rows == one["after"][column][verdict], (one["repository"], column, verdict)


def test_findings_and_rows_are_as_right_as_promised() -> None:
    """Of the P0 and P1 findings and of 30 drawn rows of each table at least as many are right as the page promises.

    The bar that is aimed at is on the page too: the stricter readings do not reach it yet. What is wrong has its reason.
    """
    record = figures.read(RECORDS, "precision")
    findings, rows = record["findings"], record["rows"]
    assert {30} == set(Counter(one["table"] for one in rows).values())
    assert 7 == len({one["table"] for one in rows})
    assert all(one["verdict"] in ("right", "wrong", "unread") for one in (*findings, *rows))
    assert all(one["reason"] for one in (*findings, *rows) if one["verdict"] == "wrong")
    assert {one["repository"].partition(":")[0] for one in findings} <= set(record["commits"])
    assert record["aim"]["findings"] >= 0.9 and record["aim"]["rows"] >= 0.95
    for entries, share in ((findings, 0.85), (rows, 0.87)):
        read = [one["verdict"] for one in entries if one["verdict"] != "unread"]
        assert len(read) >= 0.9 * len(entries)
        assert read.count("right") / len(read) >= share


def test_there_are_ten_worked_examples() -> None:
    """Each example has its source, its formula and its factors."""
    text = next(text for path, text in handbook.pages().items() if path.name == "worked-examples.md")
    assert text.count("```go") >= 10
    assert text.count("\n> ") == text.count("```go")


def test_no_finding_of_the_history_is_wrongly_new() -> None:
    """At least fifty commits each of two services or more, and every walk is free of what must not be."""
    runs = figures.read(RECORDS, "history")["runs"]
    assert len({one["repository"] for one in runs if one["commits"] >= 50}) >= 2
    assert {0} == {one[name] for one in runs for name in ("false_new", "unchanged_new", "false_resolved")}


def test_every_new_finding_of_the_history_was_read() -> None:
    """As many are listed as the walks told."""
    record = figures.read(RECORDS, "history")
    for kind in ("new", "surfaced", "told together", "told apart"):
        told = sum(one["told"].get(kind, 0) for one in record["runs"])
        assert told == sum(one["told"] == kind for one in record["read"]), kind
