"""Verdicts of reviewers: what they cover, when they count, and findings that reviewers add."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import rda_nb
from rda_nb.core import BadInput
from rda_nb.findings import completion, conclude
from rda_nb.findings.review_file import ReviewFile, parse
from rda_nb.report import html, machine, markdown, review
from rda_nb.report.frames import flat
from rda_nb.report.gate import counting
from rda_nb.scaffold import copy_example
from rda_nb.source import Target
from tests.findings_sample import FILES, PAGES, make_records, make_target

RUN = {"timestamp_utc": "2027-01-31T23:59:59Z", "kit_version": "0.1.0", "duration_s": 0.25}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """The sample service."""
    return make_target(tmp_path_factory.mktemp("service"))


def _audit(target: Target, text: str = "", **run: Any) -> dict[str, Any]:
    """The audit document of the sample's rows with a review file of this text, on the last day of January 2027."""
    conclusion = conclude(
        records=make_records(target),
        pages=PAGES,
        target=target,
        run=RUN | run,
        reviewed=ReviewFile("orders.review.yaml", "0" * 64, parse(text, "orders.review.yaml")),
    )
    return machine.document(conclusion, target=target, run=RUN | run)


def _verdict(on: str, verdict: str = "accepted", **more: str) -> str:
    """The YAML of one verdict."""
    keys = {"verdict": verdict, "owner": "Ada", "reason": "known and small"} | more
    return "verdicts:\n  - " + on + "".join(f"\n    {key}: {value}" for key, value in keys.items()) + "\n"


def _of(audit: dict[str, Any], rule: str) -> dict[str, Any]:
    return next(f for f in audit["findings"] if f["rule"] == rule)


def _status(finding: dict[str, Any]) -> str | None:
    return finding["review"] and finding["review"]["status"]


REGEX = 'rule: regex_in_loop\n    path: "worker/*.go"'


@pytest.mark.parametrize(
    ("expiry", "state", "note"),
    [
        ("2027-01-31", "counts", None),
        ("2027-02-01", "counts", None),
        ("2027-01-30", "expired", "it ended on 2027-01-30"),
        ("2027-02-30", "expired", "'2027-02-30' is not a day of the form 2027-01-31"),
        ("20270231", "expired", "'20270231' is not a day of the form 2027-01-31"),
        ("next year", "expired", "'next year' is not a day of the form 2027-01-31"),
        ("", "expired", "'' is not a day of the form 2027-01-31"),
    ],
)
def test_a_waiver_counts_to_the_end_of_its_last_day(target: Target, expiry: str, state: str, note: str | None) -> None:
    """Past its day, or with a day that cannot be read, the finding counts again and the waiver is listed."""
    audit = _audit(target, _verdict(REGEX, expiry=expiry))
    (verdict,) = audit["review"]["verdicts"]
    assert (state, note) == (verdict["state"], verdict["note"])
    found = _of(audit, "regex_in_loop")
    counts = audit["review"]["counts"]
    assert ("waived" if state == "counts" else "waiver ended") == _status(found)
    assert (state == "counts") == (found["id"] not in {f["id"] for f in counting(audit, new_only=False)})
    assert counts["raw"][found["priority"]] - (state == "counts") == counts["with_waivers"][found["priority"]]
    report = markdown.render(audit)
    assert ("Expired, the finding counts again" in report) == (state == "expired")
    assert f"**R{len(audit['findings']) - (state == 'counts')} " in report


def test_without_the_day_of_the_run_no_expiry_is_believed(target: Target) -> None:
    """The clock is the run's own timestamp; a waiver without an end needs none."""
    assert (
        "expired"
        == _audit(target, _verdict(REGEX, expiry="2099-01-01"), timestamp_utc=None)["review"]["verdicts"][0]["state"]
    )
    assert "counts" == _audit(target, _verdict(REGEX), timestamp_utc=None)["review"]["verdicts"][0]["state"]


def test_a_date_that_cannot_be_read_makes_a_verdict_expired(target: Target) -> None:
    """So it does not slip through under a day that nobody can check."""
    (verdict,) = _audit(target, _verdict(REGEX, date="gestern"))["review"]["verdicts"]
    assert ("expired", "'gestern' is not a day of the form 2027-01-31") == (verdict["state"], verdict["note"])


@pytest.mark.parametrize(
    ("on", "state", "note"),
    [
        ("finding: 0123456789abcdef", "stale", "no finding has the id 0123456789abcdef"),
        ("rule: regex_in_loop\n    path: sink/", "stale", "no finding of this check stands there"),
        (
            "rule: regex_in_lop\n    path: '**'",
            "invalid",
            "no check is called regex_in_lop; did you mean regex_in_loop?",
        ),
    ],
)
def test_what_matches_nothing_is_listed(target: Target, on: str, state: str, note: str) -> None:
    """Stale verdicts and those on a check that does not exist stand in the report with the reason."""
    audit = _audit(target, _verdict(on))
    (verdict,) = audit["review"]["verdicts"]
    assert (state, note) == (verdict["state"], verdict["note"])
    assert audit["review"]["counts"]["raw"] == audit["review"]["counts"]["with_waivers"]
    assert note.partition(";")[0].partition(" the id")[0] in " ".join(review.failing(audit))


def test_a_verdict_by_id(target: Target) -> None:
    """An id names one finding; a false alarm is waived, a confirmed one counts on and says who saw it."""
    id_ = _of(_audit(target), "regex_in_loop")["id"]
    waived = _of(_audit(target, _verdict(f"finding: {id_}", "false alarm")), "regex_in_loop")
    assert ("waived", "false alarm", "Ada", "known and small") == tuple(
        waived["review"][key] for key in ("status", "verdict", "owner", "reason")
    )
    audit = _audit(target, _verdict(f"finding: {id_}", "confirmed", date="2027-01-02"))
    assert "confirmed" == _status(_of(audit, "regex_in_loop"))
    assert id_ in {f["id"] for f in counting(audit, new_only=False)}
    assert "[confirmed, Ada on 2027-01-02: known and small]" in markdown.render(audit)


def test_a_confirmed_finding_is_not_waived_by_a_pattern(target: Target) -> None:
    """Who looked at the one finding knows more than a pattern over files."""
    id_ = _of(_audit(target), "regex_in_loop")["id"]
    both = _verdict(REGEX) + _verdict(f"finding: {id_}", "confirmed").removeprefix("verdicts:\n")
    assert "confirmed" == _status(_of(_audit(target, both), "regex_in_loop"))


def test_a_finding_of_several_places_is_waived_when_all_of_them_are(tmp_path: Path) -> None:
    """A remark at one of two sites waives that one alone; the finding stands."""
    first = FILES["sink/writer.go"].replace(
        "return batch.Send()", "return batch.Send() // rda:ignore call_without_deadline -- x"
    )
    both = first.replace('events")', 'events") // rda:ignore call_without_deadline -- y')
    for name, text, status, sites in (("one", first, "partly waived", 1), ("two", both, "waived", 2)):
        audit = _audit(make_target(tmp_path / name, FILES | {"sink/writer.go": text}))
        found = next(f for f in audit["findings"] if f["sites"] == 2)
        assert (status, sites, "comment") == tuple(found["review"][key] for key in ("status", "sites", "origin"))
        assert (status == "waived") == review.waived(found)


def test_a_remark_without_a_reason_does_not_count(tmp_path: Path) -> None:
    """Nor does one for a check that is not there, one that has ended, or one where nothing is found; each is listed."""
    lines = {
        "re := regexp": ("regex_in_loop", "it gives no reason: write `-- why` behind the check"),
        "c.seen[m.ID]": ("control_bound -- x", "no check is called control_bound; did you mean control_bounds?"),
        "c.queue <- m": ("control_bounds -- x", "no finding of this check stands there"),
        "out, err :=": ("call_without_deadline -- x until 2027-01-30", "it ended on 2027-01-30"),
        "if err != nil": ("-- x", "it names no check"),
    }
    text = "".join(
        line.rstrip("\n") + next((f" // rda:ignore {said}" for at, (said, _) in lines.items() if at in line), "") + "\n"
        for line in FILES["worker/consumer.go"].splitlines()
    )
    audit = _audit(make_target(tmp_path, FILES | {"worker/consumer.go": text}))
    assert {note for _, note in lines.values()} == {v["note"] for v in audit["review"]["verdicts"]}
    assert audit["review"]["counts"]["raw"] == audit["review"]["counts"]["with_waivers"]
    assert 5 == len(review.failing(audit))


ADDED = """
findings:
  - title: Every message is logged with its body
    priority: {priority}
    question: 8
    reviewer: a model
    evidence:
      - {{path: {path}, line: {line}, excerpt: '{excerpt}'}}
      - {{path: worker/consumer.go, line: 3, excerpt: "func (c *Consumer) Run(ctx context.Context) error {{"}}
    recommendation: Log the id.
    verification: grep for `body` in an hour of logs.
"""


def _added(
    path: str = "worker/consumer.go", line: int = 11, excerpt: str = '"message",  "body"', priority: str = "P0"
) -> str:
    return ADDED.format(path=path, line=line, excerpt=excerpt, priority=priority)


def test_a_finding_that_holds_enters_the_report_as_the_reviewer_s(target: Target) -> None:
    """With the text cut from the file, an action with its verification, and an answer that is never better than it."""
    before, audit = _audit(target), _audit(target, _added())
    found = _of(audit, "reviewer")
    assert ("a model", "P0", "RISK", None, []) == tuple(
        found[key] for key in ("reviewer", "priority", "assessment", "impact", "rows")
    )
    assert 'c.log.Info("message", "body", m.Body)' == found["evidence"][0]["excerpt"]
    action = next(a for a in audit["actions"] if a["findings"] == [found["id"]])
    assert ("Log the id.", "grep for `body` in an hour of logs.") == (action["item"], action["verification"])
    answers = [next(a for a in one["tables"]["checklist"] if a["n"] == 8) for one in (before, audit)]
    assert "RISK" == answers[1]["assessment"] and "a model adds as a reviewer" in answers[1]["summary"]
    assert before["review"]["counts"]["raw"]["P0"] + 1 == audit["review"]["counts"]["raw"]["P0"]
    report = markdown.render(audit)
    assert "added by the reviewer a model" in report
    assert all(one.holds for one in completion.check(audit, report, completion.REPORT_PATH))
    page = html.render(audit)
    assert "reviewer&#39;s" in page or "reviewer's" in page


def test_an_added_finding_raises_an_answer_and_never_lowers_it(target: Target) -> None:
    """A P2 finding is a concern: a question that was a RISK stays one, one that was a GAP becomes a concern."""
    for n, was, now in ((3, "RISK", "RISK"), (6, "RISK", "RISK"), (8, "CONCERN", "CONCERN"), (4, "GAP", "CONCERN")):
        text = _added(priority="P2").replace("question: 8", f"question: {n}")
        for one, verdict in ((_audit(target), was), (_audit(target, text), now)):
            assert verdict == next(a for a in one["tables"]["checklist"] if a["n"] == n)["assessment"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"line": 12}, "worker/consumer.go:12: the excerpt is not there; it stands at line 11"),
        ({"line": 99}, "worker/consumer.go:99: the file has 16 lines"),
        ({"excerpt": "never written"}, "worker/consumer.go:11: the excerpt is not there"),
        ({"excerpt": "}"}, "worker/consumer.go:11: the excerpt '}' could stand anywhere; quote a word"),
        ({"path": "worker/none.go"}, "worker/none.go:11: no such file"),
        ({"path": "../worker/consumer.go"}, "../worker/consumer.go:11: outside the target"),
        ({"path": "/etc/passwd"}, "/etc/passwd:11: outside the target"),
    ],
)
def test_a_citation_that_does_not_hold_is_refused(target: Target, given: dict[str, Any], reason: str) -> None:
    """The whole finding stays out, though its other citation holds, and the report lists it with the reason."""
    audit = _audit(target, _added(**given))
    (refused,) = audit["review"]["refused"]
    assert (reason,) == tuple(refused["reasons"])
    assert [] == [f for f in audit["findings"] if f["rule"] == "reviewer"]
    assert f"Added finding refused: P0 Every message is logged with its body (`findings[0]`, a model): {reason}" in (
        review.failing(audit)
    )
    assert "Added finding refused" in markdown.render(audit)
    assert reason.replace("'", "&#39;") in html.render(audit)


def test_an_earlier_report_is_no_evidence(tmp_path: Path) -> None:
    """It is read as context; what it says of the code has to be found in the code."""
    path = "docs/rda/reports/08_reliability.md"
    target = make_target(tmp_path, FILES | {path: "# Reliability\n\nThe consumer never retries.\n"})
    (refused,) = _audit(target, _added(path, 3, "The consumer never retries."))["review"]["refused"]
    assert [f"{path}:3: read as context, which is no evidence"] == refused["reasons"]


def test_an_added_finding_keeps_its_id_when_lines_move(tmp_path: Path) -> None:
    """Its identity is free of lines, like that of every other finding."""
    moved = FILES | {"worker/consumer.go": "// A comment.\n\n" + FILES["worker/consumer.go"]}
    ids = []
    for name, source, line in (("one", FILES, 11), ("two", moved, 13)):
        text = _added(line=line).replace("line: 3,", f"line: {line - 8},")
        ids.append(_of(_audit(make_target(tmp_path / name, source), text), "reviewer")["id"])
    assert ids[0] == ids[1]


def test_an_added_finding_can_be_waived_and_is_remembered(target: Target) -> None:
    """It is waived by its rule, and a later run that no longer has it says that it is resolved."""
    text = _added() + _verdict("rule: reviewer\n    path: worker/")
    audit = _audit(target, text)
    assert "waived" == _status(_of(audit, "reviewer"))
    conclusion = conclude(records=make_records(target), pages=PAGES, target=target, run=RUN, prior=audit)
    (gone,) = conclusion.delta.resolved
    assert ("resolved", "reviewer", "A finding that a reviewer had added") == (gone.how, gone.rule, gone.title)


def test_secrets_in_a_review_do_not_reach_the_report(target: Target) -> None:
    """Whoever pastes a line into a reason is as forgetful as whoever wrote it."""
    audit = _audit(target, _verdict(REGEX, owner="Ada", reason="'log in with password=hunter2secret first'"))
    assert "hunter2secret" not in machine.dumps(audit) + markdown.render(audit) + html.render(audit)


def test_documents_with_reviews_are_valid(target: Target) -> None:
    """Every state that a verdict can have, added and refused findings: all follow the schema, which refuses their breach."""
    schema = json.loads(files("rda_nb.audits").joinpath("performance_capacity/audit.schema.json").read_text("utf-8"))
    validator = Draft202012Validator(schema)
    many = _verdict(REGEX) + "".join(
        _verdict(on, **more).removeprefix("verdicts:\n")
        for on, more in (
            ("rule: control_bounds\n    path: '**'", {"expiry": "2020-01-01"}),
            ("rule: metric_labels\n    path: nowhere/", {}),
            ("rule: no_such_check\n    path: '**'", {}),
        )
    )
    added = _added() + _added(line=12).removeprefix("\nfindings:\n")
    audit = json.loads(machine.dumps(_audit(target, many + added)))
    assert [] == [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(audit)]
    assert {"counts", "expired", "stale", "invalid"} == {v["state"] for v in audit["review"]["verdicts"]}
    for breach in (
        lambda a: a["review"]["verdicts"][1].update(note=None),
        lambda a: a["review"]["refused"][0].update(reasons=[]),
        lambda a: _of(a, "regex_in_loop")["review"].update(reason=""),
        lambda a: _of(a, "regex_in_loop").update(rows=[]),
        lambda a: _of(a, "reviewer").update(reviewer=None),
    ):
        broken = json.loads(json.dumps(audit))
        breach(broken)
        assert not validator.is_valid(broken)


def test_verdicts_are_a_table_too(target: Target) -> None:
    """With the pattern that was given and how each finding stands in a phrase."""
    tables = flat(_audit(target, _verdict(REGEX)))
    assert ("worker/*.go", "counts") == tuple(tables["verdicts"][0][key] for key in ("pattern", "state"))
    found = next(row for row in tables["findings"] if row["rule"] == "regex_in_loop")
    assert "accepted, Ada, without an end date: known and small" == found["review"]


def test_the_example_s_review_file_is_right(tmp_path: Path) -> None:
    """Its verdict covers a finding and its own finding's citations hold."""
    file = Path(__file__).parents[1] / "parameters" / "example.review.yaml"
    example = copy_example(tmp_path / "orders-ingest")
    document = rda_nb.audit(example, REVIEW=file).document
    assert [] == document["review"]["refused"]
    assert {"counts", "expired"} >= {verdict["state"] for verdict in document["review"]["verdicts"]}
    assert ["Grace Hopper"] == [f["reviewer"] for f in document["findings"] if f["reviewer"]]


def test_equal_reviews_give_equal_bytes(target: Target) -> None:
    """Nothing of a review depends on the order of a set or on the clock."""
    text = _added() + _verdict(REGEX, expiry="2027-01-31")
    assert machine.dumps(_audit(target, text)) == machine.dumps(_audit(target, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", ":1: a review file: should be a mapping"),
        ("verdict: []\n", ":1: verdict: unknown key; known are verdicts, findings"),
        ("verdicts: none\n", ":1: verdicts: should be a list, got 'none'"),
        ("verdicts:\n  -\n", ":2: verdicts[0]: should be a mapping"),
        (_verdict("finding: 42"), ":2: verdicts[0].finding: String should match pattern"),
        (_verdict("path: '**'"), ":2: verdicts[0]: names either a finding by its id, or a rule and a path"),
        (_verdict("rule: regex_in_loop"), ":2: verdicts[0]: names either a finding by its id, or a rule and a path"),
        (
            _verdict(REGEX, "fine"),
            ":4: verdicts[0].verdict: expected 'confirmed', 'false alarm' or 'accepted', got 'fine'",
        ),
        (_verdict(REGEX, owner="''"), ":5: verdicts[0].owner: String should have at least 1 character"),
        (_verdict(REGEX, until="2027-01-31"), ":7: verdicts[0].until: unknown key; known are finding, rule, path"),
        ("verdicts:\n  - " + REGEX + "\n    verdict: accepted\n    owner: Ada\n", ":2: verdicts[0].reason: missing"),
        (_added(priority="P3"), ":4: findings[0].priority: expected 'P0', 'P1' or 'P2', got 'P3'"),
        (_added().replace("line: 11", "line: eleven"), ":8: findings[0].evidence[0].line: should be a valid integer"),
        (_added().replace("line: 11, ", ""), ":8: findings[0].evidence[0].line: missing"),
        ("verdicts: [\n", ": not YAML ("),
        ("verdicts: []\nverdicts: []\n", ":2: 'verdicts' stands twice in one mapping"),
        (
            _verdict("finding: 0123456789abcdef") + _verdict("finding: 0123456789abcdef").removeprefix("verdicts:\n"),
            ":6: verdicts[1].finding: verdicts[0] is on this finding already",
        ),
    ],
)
def test_a_wrong_review_file_is_one_line_with_file_and_key(text: str, message: str) -> None:
    """The line, the key and what is allowed."""
    with pytest.raises(BadInput) as caught:
        parse(text, "orders.review.yaml")
    assert str(caught.value).startswith(f"orders.review.yaml{message}"), str(caught.value)
    assert "\n" not in str(caught.value)


def test_ids_and_days_stay_as_they_are_written() -> None:
    """An id of digits is no number and 2027-01-31 no date object; an empty list is none."""
    content = parse(_verdict("finding: 0012345678901234", expiry="2027-01-31") + "findings:\n", "x")
    assert ("0012345678901234", "2027-01-31") == (content.verdicts[0].finding, content.verdicts[0].expiry)
    assert ((), ()) == (parse("", "x").verdicts, content.findings)
