"""Rows become answers, findings and actions by the rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rda_nb.core import Assessment, Evidence, ExternalDep, Gap, RdaError
from rda_nb.findings import Conclusion, conclude
from rda_nb.records import Hotspot, Record
from rda_nb.source import Target
from tests.findings_sample import (
    CONCERN,
    GAPS,
    GOOD,
    PAGES,
    RISK,
    RUN,
    at,
    external_deps,
    make_records,
    make_target,
)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """The sample service."""
    return make_target(tmp_path)


def judge(target: Target, rows: Sequence[Record] | None = None) -> Conclusion:
    """The conclusion of some rows, or of the sample's."""
    records = make_records(target)
    if rows is not None:
        records = {row.table: tuple(r for r in rows if r.table == row.table) for row in rows}
    return conclude(
        records=records, pages=PAGES, target=target, gaps=GAPS, external_deps=external_deps(target), run=RUN
    )


def hotspot(target: Target, **changes: object) -> Hotspot:
    """The sample's regular expression in a loop, changed."""
    row = next(r for r in make_records(target)["hotspots"] if r.rule == "regex_in_loop")
    assert isinstance(row, Hotspot)
    return replace(row, **changes)  # type: ignore[arg-type]


def test_all_ten_questions_are_answered(target: Target) -> None:
    """Each question has an assessment and a summary, with evidence or a reason for its GAP."""
    answers = judge(target).answers
    assert list(range(1, 11)) == [a.n for a in answers]
    assert all(a.summary and (a.evidence or a.gap) for a in answers)


def test_answer_takes_its_worst_row(target: Target) -> None:
    """One RISK among GOOD and GAP rows makes the answer a RISK."""
    assert Assessment.RISK is judge(target).answers[2].assessment


def test_risk_off_every_hot_path_is_a_concern_in_its_answer(target: Target) -> None:
    """A RISK that no request or message reaches cannot alone turn an answer into RISK."""
    off = judge(target, [hotspot(target, assessment=RISK, hot=False)]).answers[6]
    on = judge(target, [hotspot(target, assessment=RISK, hot=True)]).answers[6]
    assert (off.assessment, on.assessment) == (CONCERN, RISK)


def test_quiet_concern_raises_nothing(target: Target) -> None:
    """A quiet CONCERN stays in its table, without finding, and leaves its answer GOOD."""
    conclusion = judge(target, [hotspot(target, quiet=True)])
    assert (conclusion.answers[6].assessment, conclusion.findings) == (GOOD, ())


def test_summary_counts_rows_and_names_the_strongest(target: Target) -> None:
    """A summary says how many rows there are of each verdict and quotes the worst claim with its place."""
    summary = judge(target).answers[4].summary
    assert summary.startswith("3 calls: 1 RISK, 2 CONCERN; 1 without any timeout")
    assert "The insert into events has no deadline; a silent server holds it for 900 s (`sink/writer.go:8`)." in summary


def test_question_without_rows_is_a_gap_that_says_what_was_searched(target: Target) -> None:
    """An empty search is a GAP, with the number of files and where to look instead."""
    answer = judge(target).answers[1]
    assert Assessment.GAP is answer.assessment
    assert "in 8 files" in answer.summary
    assert answer.where_to_look


def test_settings_alone_do_not_answer_for_external_calls(target: Target) -> None:
    """Where no call is recognised, good settings leave a GAP that names the modules which may make calls."""
    row = hotspot(target, assessment=GOOD, topic="retries", claim="attempts is 3.")
    place = row.evidence[0]
    deps = (ExternalDep("example.org/push", "module", (place,), (place,)), ExternalDep("example.org/log", "module"))
    records = {"hotspots": (row,)}
    answer = conclude(records=records, pages=PAGES, target=target, external_deps=deps, run=RUN).answers[4]
    assert Assessment.GAP is answer.assessment
    assert (
        "No call that leaves the process was recognised in 8 files; what calls into example.org/push wait for is not known"
        == answer.gap
    )
    assert answer.summary.startswith(f"{answer.gap}. 1 setting: 1 GOOD.")


def test_service_without_clickhouse_is_not_applicable(tmp_path: Path) -> None:
    """Without client, DSN, DDL or image the sixth answer says that ClickHouse does not apply."""
    target = make_target(tmp_path, {"go.mod": "module example.org/plain\n\ngo 1.24\n"})
    answer = conclude(records={}, pages=PAGES, target=target, run=RUN).answers[5]
    assert answer.summary == "No ClickHouse client, DSN, DDL or image in 1 file: not applicable."
    assert Assessment.GAP is answer.assessment


def test_imported_clickhouse_without_statements_is_not_called_absent(target: Target) -> None:
    """A ClickHouse import without readable statements must not be answered with 'not applicable'."""
    conclusion = conclude(records={}, pages=PAGES, target=target, external_deps=external_deps(target), run=RUN)
    answer = conclusion.answers[5]
    assert "not applicable" not in answer.summary
    assert answer.summary.startswith("ClickHouse is called or named at 1 place, ")
    assert [str(e) for e in answer.evidence] == ["go.mod:5"]


def test_clickhouse_named_in_configuration_is_not_called_absent(tmp_path: Path) -> None:
    """A DSN that no check understood forbids the answer 'not applicable'; a sentence in a document does not."""
    folder = {"README.md": "We do not use ClickHouse.\n", "config.yaml": "sink:\n  dsn: clickhouse://db:9000\n"}
    answer = conclude(records={}, pages=PAGES, target=make_target(tmp_path, folder), run=RUN).answers[5]
    assert [str(e) for e in answer.evidence] == ["config.yaml:2"]
    assert "not applicable" not in answer.summary


def test_rows_with_one_cause_are_one_finding(target: Target) -> None:
    """Two calls without a deadline on one client make one finding with both sites, of the worse verdict."""
    merged = [f for f in judge(target).findings if f.sites > 1]
    assert [(f.rule, f.priority, f.assessment, f.sites) for f in merged] == [("call_without_deadline", "P0", RISK, 2)]
    assert [str(e) for e in merged[0].evidence] == ["sink/writer.go:8", "sink/writer.go:4"]


def test_findings_are_ranked(target: Target) -> None:
    """P0 stands before P1 before P2, and RISK before CONCERN within one."""
    found = judge(target).findings
    keys = [(f.priority, -f.assessment.rank) for f in found]
    assert sorted(keys) == keys
    assert found[0].consequence == "stuck pipeline"


def test_each_finding_has_an_action_that_can_be_verified(target: Target) -> None:
    """Every finding is covered by an action with evidence and a verification."""
    conclusion = judge(target)
    covered = {i for a in conclusion.actions for i in a.findings}
    assert {f.id for f in conclusion.findings} == covered
    assert all(a.evidence and a.verification for a in conclusion.actions)


def test_findings_of_one_remedy_share_an_action(target: Target) -> None:
    """Findings of one check with the same remedy ask for one piece of work, which lists all their places."""
    other: Evidence = at(target, "worker/consumer.go", "c.log.Info")
    rows = [hotspot(target), hotspot(target, evidence=(other,), subject="second")]
    conclusion = judge(target, rows)
    assert (len(conclusion.findings), len(conclusion.actions)) == (2, 1)
    assert len(conclusion.actions[0].evidence) == 2


def test_decision_risk_is_never_less_than_p1(target: Target) -> None:
    """A dangerous decision is lifted to P1 even where its row alone would be P2."""
    plain = judge(target, [hotspot(target)]).findings[0]
    labelled = judge(target, [hotspot(target, label="DECISION RISK")]).findings[0]
    assert (plain.priority, labelled.priority) == ("P2", "P1")


def test_row_of_a_check_without_a_page_is_refused(target: Target) -> None:
    """A row that names an unknown check is a bug of the kit and stops the run."""
    with pytest.raises(RdaError, match="has no page"):
        judge(target, [hotspot(target, rule="nobody")])


def test_gap_rows_and_given_gaps_are_listed_once(target: Target) -> None:
    """Gaps come from stages, from GAP rows and from empty answers, each with where to look."""
    gaps = judge(target).gaps
    whats = [g.what for g in gaps]
    assert len(set(whats)) == len(whats)
    assert GAPS[0] in gaps
    assert any("channel `queue`" in what for what in whats)
    assert all(g.where_to_look for g in gaps)


def test_order_of_rows_does_not_matter(target: Target) -> None:
    """The same rows in another order give an equal conclusion."""
    records = make_records(target)
    turned = {table: tuple(reversed(rows)) for table, rows in reversed(records.items())}
    one = conclude(records=records, pages=PAGES, target=target, run=RUN)
    other = conclude(records=turned, pages=PAGES, target=target, run=RUN)
    assert one == other


def test_strengths_are_good_rows_with_their_claims(target: Target) -> None:
    """Every strength is the claim of a GOOD row and carries its evidence."""
    strengths = judge(target).strengths
    assert "Worker concurrency is bounded at 8" in [s.text for s in strengths]
    assert all(s.evidence for s in strengths)


def test_recap_has_three_to_seven_statements(target: Target, tmp_path: Path) -> None:
    """The context recap keeps the specification's bounds, for a rich service and for an empty one."""
    empty = make_target(tmp_path / "empty", {"README.md": "nothing\n"})
    for conclusion in (judge(target), conclude(records={}, pages=PAGES, target=empty, run={})):
        assert 3 <= len(conclusion.recap) <= 7
        assert all(s.evidence or s.text.startswith(("GAP", "Prior", "ClickHouse")) for s in conclusion.recap)


def test_decisions_are_quoted_with_heading_and_line(target: Target) -> None:
    """Only decisions that bear on performance are quoted, each number of a sentence by itself."""
    decided = judge(target).decisions
    assert [
        ("ADR-1 Batching", "batching", 4, "batch size: 500", "GAP"),
        ("ADR-1 Batching", "batching", 4, "flush interval: every second", "GAP"),
    ] == [(d.heading, d.topic, d.line, d.stated, d.verdict) for d in decided]
    assert {"We insert in batches of 500 and flush every second."} == {d.quote for d in decided}


def test_harness_names_only_what_is_missing(target: Target) -> None:
    """The sample has a benchmark, so the harness asks for the other parts and says where they live."""
    texts = [s.text for s in judge(target).harness if s.kind == "harness"]
    assert not any("bench_test.go" in text for text in texts)
    assert any(text.startswith("`loadtest/`") and "`Consumer.Run`" in text for text in texts)


def test_missing_benchmark_lives_beside_the_hot_code(target: Target) -> None:
    """Without a benchmark the harness names the test file in the hot flow's own directory."""
    records = make_records(target)
    rows = [row for table, some in records.items() if table != "validation" for row in some]
    texts = [s.text for s in judge(target, rows).harness if s.kind == "harness"]
    assert (
        "`worker/bench_test.go`: a `Benchmark` of `Consumer.Run` with `-benchmem`, fed with recorded payloads" in texts
    )


def test_given_gap_without_question_is_kept(target: Target) -> None:
    """A gap of the source stage reaches the report as it is."""
    gap = Gap("big.sql: larger than the limit", "open it by hand")
    conclusion = conclude(records={}, pages=PAGES, target=replace(target, gaps=(gap,)), run=RUN)
    assert gap in conclusion.gaps


def test_unknown_topic_is_refused(target: Target) -> None:
    """A page with a topic that no question asks for names itself instead of answering nothing."""
    pages = {**PAGES, "odd": replace(PAGES["regex_in_loop"], topics=("no-such-topic",))}
    with pytest.raises(RdaError, match=r"check 'odd': topics \['no-such-topic'\]"):
        conclude(records={}, pages=pages, target=target, run=RUN)
