"""The Markdown report has the specification's form and nothing that is not in the audit document."""

from __future__ import annotations

import copy
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from rda_nb.core import RdaError
from rda_nb.findings import completion, conclude
from rda_nb.findings.criteria import checklist
from rda_nb.report import machine
from rda_nb.report.markdown import render
from rda_nb.source import GitState
from tests.findings_sample import GAPS, PAGES, RUN, external_deps, make_records, make_target

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "report_of_sample_rows.md"
REPORT = "docs/rda/reports/09_performance_capacity.md"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The audit document of the sample's rows."""
    target = make_target(tmp_path_factory.mktemp("service"))
    conclusion = conclude(
        records=make_records(target),
        pages=PAGES,
        target=target,
        gaps=GAPS,
        external_deps=external_deps(target),
        run=RUN,
    )
    return machine.document(conclusion, target=target, run=RUN)


@pytest.fixture
def audit(whole: dict[str, Any]) -> dict[str, Any]:
    """A copy that a test may change."""
    return copy.deepcopy(whole)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The audit of a target in which nothing was found."""
    target = make_target(tmp_path_factory.mktemp("empty"), {"README.md": "nothing\n"})
    target = replace(target, git=GitState(gap="the target is in no git repository"))
    return machine.document(conclude(records={}, pages={}, target=target, run=RUN), target=target, run=RUN)


def test_metadata_without_git_is_a_gap(nothing: dict[str, Any]) -> None:
    """Where git says nothing, commit and change detection say why."""
    head = render(nothing).split("## 1.")[0].splitlines()
    assert "- **Git Commit:** GAP: the target is in no git repository" in head
    assert "- **Change Detection:** GAP: the target is in no git repository" in head


def test_bullets_of_the_metadata_stand_together(audit: dict[str, Any]) -> None:
    """No empty line tears the metadata list apart."""
    head = render(audit).split("## 0. Run Metadata\n")[1].split("\n\n## 1.")[0].splitlines()
    assert [line.startswith("- **") for line in head] == [True] * 5


def structure(text: str) -> list[str]:
    """Headings, and table headers with their delimiter rows, in order."""
    lines = text.splitlines()
    kept = []
    for n, line in enumerate(lines):
        if line.startswith("#"):
            kept.append(line)
        elif re.fullmatch(r"\|[-|]+\|", line):
            kept += [lines[n - 1], line]
    return kept


@pytest.mark.parametrize("which", ["whole", "nothing"])
def test_structure_equals_the_specification(which: str, request: pytest.FixtureRequest) -> None:
    """Sections, order, headings and table headers are the specification's, string for string."""
    report = structure(render(request.getfixturevalue(which)))
    at = report.index("## 3. Evidence") + 1
    # The specification names no section for the ten answers; they stand in a table of their own before 3.1.
    assert report[at].startswith("| # | Question | Files inspected and evidence |")
    specified = structure((HERE / "report_specification.md").read_text(encoding="utf-8"))
    assert specified == report[:at] + report[at + 2 :]


def test_golden_report(audit: dict[str, Any]) -> None:
    """The report of the sample rows is the accepted one; RDA_ACCEPT=1 accepts a new one."""
    text = render(audit)
    if os.environ.get("RDA_ACCEPT"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text


def test_same_document_gives_the_same_bytes(audit: dict[str, Any]) -> None:
    """A notebook that carries the document renders the very report again."""
    assert render(audit) == render(json.loads(machine.dumps(audit)))


def test_every_table_row_cites_or_is_a_gap(audit: dict[str, Any]) -> None:
    """No row of section 3 stands without `path:line` or the word GAP."""
    section = render(audit).split("## 3. Evidence")[1].split("## 4. Findings")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and "---" not in line]
    headers = {line for line in structure(section) if line.startswith("| ")}
    body = [row for row in rows if row not in headers]
    assert len(body) > 15
    assert all(re.search(r"`[^`]+:\d+`", row) or "GAP" in row for row in body)


def test_empty_table_shows_a_gap_row(nothing: dict[str, Any]) -> None:
    """A table in which nothing was found says so and why."""
    text = render(nothing)
    for heading in ("3.1", "3.2", "3.3", "3.4", "3.5", "3.6"):
        section = text.split(f"### {heading} ")[1].split("\n### ")[0]
        row = [line for line in section.splitlines() if line.startswith("| — |")]
        assert len(row) == 1, heading
        assert "GAP" in row[0]
    assert "No ClickHouse client, DSN, DDL or image in 1 file: not applicable" in text


@pytest.mark.parametrize(
    ("section", "strip"),
    [
        ("4.1", lambda a: a["strengths"][0].update(evidence=[])),
        ("4.2", lambda a: a["findings"][0].update(evidence=[])),
        ("5", lambda a: a["actions"][0].update(evidence=[])),
    ],
)
def test_sentence_without_evidence_cannot_be_rendered(audit: dict[str, Any], section: str, strip: Any) -> None:
    """No Speculation: the renderer refuses a strength, risk or action without evidence and names the section."""
    strip(audit)
    with pytest.raises(RdaError, match=f"section {re.escape(section)} "):
        render(audit)


def test_tables_parse_as_tables(audit: dict[str, Any]) -> None:
    """A GitHub-flavoured parser sees seven tables, each row with its header's number of cells."""
    tokens = MarkdownIt("commonmark").enable("table").parse(render(audit))
    assert sum(t.type == "table_open" for t in tokens) == 7
    columns = cells = 0
    for token in tokens:
        if token.type == "thead_open":
            columns = 0
        columns += token.type == "th_open"
        if token.type == "tr_open":
            cells = 0
        cells += token.type == "td_open"
        if token.type == "tr_close" and cells:
            assert columns == cells
    assert not any(t.type == "html_inline" for token in tokens for t in (token.children or []))


def another(row: dict[str, Any], n: int) -> dict[str, Any]:
    """A row like this one that says something of its own."""
    copied = copy.deepcopy(row)
    for column in ("flow", "control", "approach", "why", "metric", "item"):
        if copied.get(column):
            copied[column] = f"{copied[column]} {n}"
    if "steps" in copied:
        copied["steps"] += [f"step {n}"]
    if "timeout" in copied.get("display", {}):
        copied["display"]["timeout"] += f" {n}"
    return copied


def test_rows_that_say_the_same_are_one_line(audit: dict[str, Any]) -> None:
    """Three calls with equal budgets are one line with three names and three sites; nothing is counted as left out."""
    calls = [c for c in audit["tables"]["external_calls"] if c["operation"] == "ClickHouse insert events"]
    for n in range(2):
        calls.append(copy.deepcopy(calls[0]))
        calls[-1]["operation"] = f"ClickHouse exec {n}"
        calls[-1]["evidence"] = [{**calls[0]["evidence"][0], "line": 100 + n}]
    audit["tables"]["external_calls"] = calls
    section = render(audit).split("### 3.3 ")[1].split("**Computed")[0]
    line = next(line for line in section.splitlines() if line.startswith("| ClickHouse"))
    assert line.startswith("| ClickHouse insert events, ClickHouse exec 0, ClickHouse exec 1 |")
    assert "`sink/writer.go:8` `return batch.Send()`; `sink/writer.go:100`, `sink/writer.go:101`" in line
    assert "more" not in section.replace("1 more place", "")


def test_long_tables_are_capped_and_counted(audit: dict[str, Any]) -> None:
    """A service with thousands of rows gives a report under 600 lines that counts what it leaves out."""
    for rows in audit["tables"].values():
        if len(rows) < 10:
            rows += [another(rows[n % len(rows)], n) for n in range(2000)]
    audit["findings"] = audit["findings"] * 60
    audit["actions"] = audit["actions"] * 60
    audit["gaps"] = audit["gaps"] * 200
    audit["external_deps"] = audit["external_deps"] * 200
    audit["strengths"] = audit["strengths"] * 100
    text = render(audit)
    assert len(text.splitlines()) < 600
    section = text.split("### 3.2 ")[1].split("### 3.3 ")[0]
    assert sum(line.startswith("| ") for line in section.splitlines()) - 1 == 20
    assert re.search(r"\*and 1,?983 more \(\d+ RISK, \d+ GAP, \d+ GOOD\) in the HTML\.\*", section)
    assert sum(line.startswith("| Worker concurrency") for line in section.splitlines()) >= 5


def test_actions_have_four_parts(audit: dict[str, Any]) -> None:
    """An action is item, impact, evidence and verification, parted by bars."""
    section = render(audit).split("### P0 (Critical)")[1].split("### P1")[0]
    items = [line for line in section.splitlines() if line.startswith("- ")]
    assert items
    assert all(len(item.split(" | ")) == 4 for item in items)


def test_completion_criteria_hold(audit: dict[str, Any]) -> None:
    """All eleven criteria hold on a finished report, in the specification's order, and then the No Speculation rule."""
    results = completion.check(audit, render(audit), REPORT)
    assert [(r.criterion, r.why) for r in results if not r.holds] == []
    assert [*checklist().completion, checklist().no_speculation] == [r.criterion for r in results]
    assert 11 == len(checklist().completion)


def test_completion_holds_on_an_honest_empty_report(nothing: dict[str, Any]) -> None:
    """A report of GAPs that say what was searched is complete."""
    assert all(r.holds for r in completion.check(nothing, render(nothing), REPORT))


@pytest.mark.parametrize(
    ("number", "breach"),
    [
        (1, lambda a: a["run"].update(timestamp_utc=None)),
        (2, lambda a: a["tables"]["checklist"][4].update(evidence=[])),
        (3, lambda a: (a["tables"].update(critical_paths=[]), a["tables"]["checklist"][0].update(gap=None))),
        (
            4,
            lambda a: a["tables"]["controls"][0].update(
                kind="concurrency", bounded=None, gap=None, value=None, assessment="GOOD"
            ),
        ),
        (5, lambda a: a["tables"]["external_calls"][0].update(worst_case_s=None, bounded=True, worst_case_gap=None)),
        (6, lambda a: (a["tables"].update(clickhouse=[]), a["tables"]["checklist"][5].update(gap=None))),
        (7, lambda a: (a["tables"].update(signals=[]), a["tables"]["checklist"][8].update(gap=None))),
        (8, lambda a: a.update(harness=[])),
        (9, lambda a: a["actions"][0].update(verification=" ")),
        (9, lambda a: a["actions"].pop()),
        (10, lambda a: a["delta"].update(bullets=["something"])),
    ],
)
def test_completion_names_what_fails(audit: dict[str, Any], number: int, breach: Any) -> None:
    """Each criterion fails when what it asks for is missing, and only then."""
    text = render(audit)
    breach(audit)
    failed = [n for n, r in enumerate(completion.check(audit, text, REPORT), 1) if not r.holds]
    assert [number] == failed


def test_clickhouse_question_may_be_answered_by_other_tables(audit: dict[str, Any]) -> None:
    """A server's configuration in the target is judged in the table of controls; the ClickHouse table may then be empty."""
    text = render(audit)
    answer = audit["tables"]["checklist"][5]
    audit["tables"].update(clickhouse=[])
    answer.update(gap=None, rows=[audit["tables"]["controls"][0]["id"]])
    assert [r.criterion for r in completion.check(audit, text, REPORT) if not r.holds] == []


def test_report_saved_elsewhere_is_not_complete(audit: dict[str, Any]) -> None:
    """The eleventh criterion asks for the specification's own path."""
    failed = [n for n, r in enumerate(completion.check(audit, render(audit), "out/report.md"), 1) if not r.holds]
    assert [11] == failed


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("### 4.1 Strengths", "- The service is fast"),
        ("### 4.2 Risks", "- **R9 (P0 Critical)** The queue overflows (`worker/invented.go:7`)"),
        ("### 4.2 Risks", "A sentence that is no bullet"),
        ("### P0 (Critical)", "- **P0-9 Rewrite it** | all | everything | none"),
        ("### P2 (Nice-to-have)", "- **P2-9 Port 8080** | all | `:8080` | none"),
    ],
)
def test_a_sentence_without_evidence_fails_the_report(audit: dict[str, Any], section: str, sentence: str) -> None:
    """What 4.1, 4.2 or 5 states has to cite a place that this run read, however the sentence came into the text."""
    text = render(audit).replace(f"{section}\n", f"{section}\n{sentence}\n", 1)
    failed = [r for r in completion.check(audit, text, REPORT) if not r.holds]
    assert [checklist().no_speculation] == [r.criterion for r in failed]
    assert sentence[:60] in failed[0].why


def test_a_finding_or_action_without_evidence_cannot_be_made(tmp_path: Path) -> None:
    """The rule holds in the model already: what has no evidence is never handed to a template."""
    found = conclude(records=make_records(make_target(tmp_path)), pages=PAGES, target=make_target(tmp_path), run=RUN)
    for made in (found.findings[0], found.actions[0]):
        with pytest.raises(ValueError, match="speculation"):
            replace(made, evidence=())
    with pytest.raises(ValueError, match="speculation"):
        replace(found.actions[0], verification=" ")


def test_gaps_and_delta_may_stand_without_evidence(audit: dict[str, Any]) -> None:
    """A GAP has none by its nature, and so have the fixed sentences of section 6."""
    text = render(audit).replace("### 4.3 Gaps\n", "### 4.3 Gaps\n- Node count: ask the owners\n", 1)
    assert all(r.holds for r in completion.check(audit, text, REPORT))


def test_what_was_not_examined_is_not_told_as_rechecked(audit: dict[str, Any]) -> None:
    """A re-checked item has to be a finding or an answer of this run, at its present place."""
    item = {"what": "P1 something", "evidence": [{"path": "worker/invented.go", "line": 1}]}
    audit["delta"].update(
        first_run=False, bullets=["No material changes detected", "a", "b", "c"], rechecked=[item] * 3
    )
    failed = [n for n, r in enumerate(completion.check(audit, render(audit), REPORT), 1) if not r.holds]
    assert [10] == failed


def test_no_machine_path_reaches_the_report(audit: dict[str, Any], tmp_path: Path) -> None:
    """Paths are relative to the target: the folder in which the audit ran is nowhere in it."""
    assert str(tmp_path.parent) not in render(audit)
    assert str(tmp_path.parent) not in machine.dumps(audit)
