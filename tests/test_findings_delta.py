"""Identity survives edits that do not touch a finding, and the delta tells the others apart."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rda_nb.findings import Conclusion, conclude, read_prior, read_state
from rda_nb.findings.criteria import wording
from rda_nb.findings.delta_text import Delta
from rda_nb.findings.state import recall, state_of
from rda_nb.records import Hotspot, Page
from rda_nb.report import machine, markdown
from rda_nb.source import Target
from tests.findings_sample import CONCERN, PAGES, RISK, RUN, make_target

BEFORE = """package worker

func (c *Consumer) Handle(m Message) {
	re := regexp.MustCompile(`^a`)
	c.match(re, m)
}

func (c *Consumer) Retry(m Message) {
	time.Sleep(c.pause)
}
"""
RULES = {"regex_in_loop": "MustCompile", "sleep_in_path": "Sleep"}
ALL_PAGES = {**PAGES, "sleep_in_path": replace(PAGES["regex_in_loop"], title="A sleep stands on a hot path")}


def rows_of(target: Target) -> tuple[Hotspot, ...]:
    """A detector in miniature: one row per line that holds a rule's word, in its enclosing function."""
    found = []
    for file in target.files:
        symbol = ""
        for n, line in enumerate(file.lines, 1):
            if line.startswith("func "):
                symbol = line.split(") ", 1)[1].split("(")[0]
            for rule, word in RULES.items():
                found += [
                    Hotspot(
                        evidence=(target.cite(file.path, n),), assessment=CONCERN, symbol=symbol, hot=True,
                        claim=f"{word} stands here", pattern="regex_in_loop", function=symbol, why="per message",
                        rule=rule,
                    )
                    for _ in range(line.count(word))
                ]  # fmt: skip
    return tuple(found)


def audit(
    folder: Path,
    files: Mapping[str, str],
    prior: Mapping[str, Any] | None = None,
    pages: Mapping[str, Page] = ALL_PAGES,
) -> dict[str, Any]:
    """The audit document of some files, compared with a prior run."""
    target = make_target(folder, dict(files))
    return machine.document(judge(target, prior, pages), target=target, run=RUN)


def judge(target: Target, prior: Mapping[str, Any] | None, pages: Mapping[str, Page] = ALL_PAGES) -> Conclusion:
    """The conclusion of the miniature detector's rows."""
    return conclude(records={"hotspots": rows_of(target)}, pages=pages, target=target, run=RUN, prior=prior)


def compare(
    folder: Path, after: Mapping[str, str], before: Mapping[str, str], pages: Mapping[str, Page] = ALL_PAGES
) -> Delta:
    """The delta between two states of the sample."""
    first = audit(folder / "before", before)
    target = make_target(folder / "after", dict(after))
    return judge(target, first, pages).delta


def tally(delta: Delta) -> tuple[int, int, list[str], int]:
    """New, resolved, how the rest changed, and detector changes."""
    return len(delta.added), len(delta.resolved), [c.how for c in delta.changed], len(delta.detector)


UNCHANGED: tuple[int, int, list[str], int] = (0, 0, [], 0)
ONE = {"worker/a.go": BEFORE}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(lambda s: s.replace("\n\n", "\n" * 50, 1), UNCHANGED, id="blank lines above"),
        pytest.param(lambda s: s.replace("\t", "\t\t\t"), UNCHANGED, id="indented anew"),
        pytest.param(lambda s: s.replace("c.match(re, m)", "c.other()"), UNCHANGED, id="edited beside it"),
        pytest.param(
            lambda s: s.replace("re :=", "pattern :="), (0, 0, ["changed in place"], 0), id="local variable renamed"
        ),
        pytest.param(
            lambda s: s.replace("\tc.match(re, m)\n", "\tre := regexp.MustCompile(`^a`)\n"),
            (1, 0, [], 0),
            id="duplicated",
        ),
        pytest.param(lambda s: s.replace("\ttime.Sleep(c.pause)\n", ""), (0, 1, [], 0), id="deleted"),
        pytest.param(
            lambda s: s.replace(") Handle(", ") Process("),
            (0, 0, ["moved to another symbol"], 0),
            id="function renamed",
        ),
    ],
)
def test_edit_is_told_as_what_it_is(
    tmp_path: Path, edit: Callable[[str], str], expected: tuple[int, int, list[str], int]
) -> None:
    """Only an edit of the finding itself changes it; a copy is one new finding, a removal one resolved."""
    assert edit(BEFORE) != BEFORE
    assert expected == tally(compare(tmp_path, {"worker/a.go": edit(BEFORE)}, ONE))


def test_moved_file_is_moved_not_new(tmp_path: Path) -> None:
    """A renamed file moves its findings: none is new, none resolved."""
    delta = compare(tmp_path, {"worker/b.go": BEFORE}, ONE)
    assert tally(delta) == (0, 0, ["file moved", "file moved"], 0)
    assert delta.changed[0].before.startswith("`worker/a.go`")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("intake/a.go", (0, 0, ["file moved"], 0)),
        ("worker/b.go", (0, 0, ["file moved"], 0)),
        ("intake/b.go", (1, 1, [], 0)),
    ],
)
def test_moved_and_edited_needs_half_of_the_path(
    tmp_path: Path, after: str, expected: tuple[int, int, list[str], int]
) -> None:
    """Without git and without another site that moved along, directory or name has to be the same, and the symbol."""
    one = BEFORE.split("func (c *Consumer) Retry", maxsplit=1)[0]
    assert expected == tally(compare(tmp_path, {after: one.replace("re :=", "pattern :=")}, {"worker/a.go": one}))


def test_a_file_that_still_stands_was_not_moved(tmp_path: Path) -> None:
    """An edited copy beside the file that it was taken from is new, and what left the file is resolved."""
    one = BEFORE.split("func (c *Consumer) Retry", maxsplit=1)[0]
    after = {"worker/a.go": "package worker\n", "worker/b.go": one.replace("re :=", "pattern :=")}
    assert tally(compare(tmp_path, after, {"worker/a.go": one})) == (1, 1, [], 0)


def test_new_version_of_a_check_is_never_a_new_risk(tmp_path: Path) -> None:
    """What another version of a check sees differently is told as a detector change."""
    pages = {**ALL_PAGES, "regex_in_loop": replace(ALL_PAGES["regex_in_loop"], version=2)}
    more = BEFORE + "\nfunc (c *Consumer) More(m Message) {\n\tre := regexp.MustCompile(`^b`)\n}\n"
    delta = compare(tmp_path, {"worker/a.go": more}, ONE, pages)
    assert (len(delta.added), len(delta.resolved)) == (0, 0)
    assert len(delta.detector) == 2
    assert any(bullet.startswith("Detector changed: 2 findings") for bullet in delta.bullets)


def test_findings_of_a_new_check_are_a_detector_change(tmp_path: Path) -> None:
    """A check that the prior run did not have brings no new risk either."""
    prior = audit(tmp_path / "before", ONE, pages=ALL_PAGES)
    del prior["rules"]["sleep_in_path"]
    prior["findings"] = [f for f in prior["findings"] if f["rule"] != "sleep_in_path"]
    delta = judge(make_target(tmp_path / "after", ONE), prior).delta
    assert tally(delta) == (0, 0, [], 1)


def test_two_findings_on_one_line_have_two_ids(tmp_path: Path) -> None:
    """Equal matches on one line stay apart by their ordinal."""
    twice = BEFORE.replace("regexp.MustCompile(`^a`)", "x(regexp.MustCompile(`^a`), regexp.MustCompile(`^a`))")
    ids = [f["id"] for f in audit(tmp_path, {"worker/a.go": twice})["findings"] if f["rule"] == "regex_in_loop"]
    assert (len(ids), len(set(ids))) == (2, 2)


def test_two_runs_are_equal_but_for_the_time(tmp_path: Path) -> None:
    """The same tree gives the same bytes, in the document and in the report, once the timestamp is the same."""
    one, other = audit(tmp_path / "one", ONE), audit(tmp_path / "other", ONE)
    assert machine.dumps(one) == machine.dumps(other)
    assert markdown.render(one) == markdown.render(other)
    other["run"]["timestamp_utc"] = "2027-01-01T00:00:00Z"
    differing = [
        a for a, b in zip(markdown.render(one).splitlines(), markdown.render(other).splitlines(), strict=True) if a != b
    ]
    assert differing == ["- **Timestamp (UTC):** 2026-11-24T02:00:00Z"]


def test_first_run_says_so_in_the_fixed_words(tmp_path: Path) -> None:
    """Without a prior report the delta is the specification's sentence and nothing else."""
    delta = audit(tmp_path, ONE)["delta"]
    assert (delta["first_run"], delta["bullets"]) == (True, ["First run — no prior report to compare"])


def test_state_in_the_report_equals_the_prior_audit(tmp_path: Path) -> None:
    """A fresh clone that has only the Markdown report compares exactly as with the prior audit.json."""
    first = audit(tmp_path / "before", ONE)
    state = read_state(markdown.render(first))
    assert state is not None
    assert state_of(first) == {name: value for name, value in state.items() if name != "cited"}
    after = make_target(tmp_path / "after", {"worker/a.go": BEFORE.replace("\ttime.Sleep(c.pause)\n", "")})
    assert judge(after, first).delta == judge(after, state).delta


def test_prior_report_in_the_target_is_found(tmp_path: Path) -> None:
    """The report that a former run left in the target is the previous run, without being told."""
    text = markdown.render(audit(tmp_path / "before", ONE))
    target = make_target(tmp_path / "after", {**ONE, "docs/rda/reports/09_performance_capacity.md": text})
    delta = judge(target, None).delta
    assert wording()["delta"]["no_changes"] == delta.bullets[0]


def test_no_change_lists_three_to_five_items_rechecked_in_this_run(tmp_path: Path) -> None:
    """Each re-checked finding is cited where it stands now, not where it stood."""
    delta = compare(tmp_path, {"worker/a.go": "\n\n" + BEFORE}, ONE)
    assert delta.bullets[0] == "No material changes detected"
    assert 3 <= len(delta.bullets) - 1 <= 5
    assert delta.bullets[1] == "Re-checked: P2 A regular expression is compiled per item (`worker/a.go:6`)"


def test_many_changes_keep_to_ten_bullets(tmp_path: Path) -> None:
    """Thirty new findings are told in at most ten bullets that count the rest."""
    more = "".join(f"\nfunc (c *Consumer) F{n}() {{\n\ttime.Sleep({n})\n}}\n" for n in range(30))
    delta = compare(tmp_path, {"worker/a.go": BEFORE + more}, ONE)
    assert len(delta.added) == 30
    assert 3 <= len(delta.bullets) <= 10
    assert any("more changes in the HTML" in bullet for bullet in delta.bullets)


def test_one_change_still_has_three_bullets(tmp_path: Path) -> None:
    """A single new finding is told with what else was re-checked."""
    delta = compare(tmp_path, {"worker/a.go": BEFORE + "\nfunc (c *Consumer) G() {\n\ttime.Sleep(1)\n}\n"}, ONE)
    assert len(delta.added) == 1
    assert len(delta.bullets) >= 3


def test_changed_verdict_is_told(tmp_path: Path) -> None:
    """The same finding with another assessment is a verdict change, and so is its question's."""
    prior = audit(tmp_path / "before", ONE)
    target = make_target(tmp_path / "after", ONE)
    rows = tuple(replace(row, assessment=RISK) for row in rows_of(target))
    delta = conclude(records={"hotspots": rows}, pages=ALL_PAGES, target=target, run=RUN, prior=prior).delta
    assert {"verdict"} == {c.how for c in delta.changed}
    assert any("P2 CONCERN → P1 RISK" in bullet for bullet in delta.bullets)
    assert any(bullet.startswith("Question 7: CONCERN → RISK") for bullet in delta.bullets)


HANDWRITTEN = """# Performance & Capacity Report

## 3. Evidence
| # | Question | Files inspected / evidence | Assessment |
|---|----------|---------------------------|------------|
| 7 | Allocation | PLANTED the moon is made of cheese `worker/a.go:4` | GOOD / RISK |
| 9 | Metrics | nothing | GAP |

## 5. Action Items
### P0 (Critical)
- **P0-1 PLANTED rewrite everything** | PLANTED impact | `worker/a.go:4`, `:9` | none
- **P0-2 PLANTED buy a mainframe** | x | `worker/a.go:300` | none
### P1 (Important)
- **P1-1 PLANTED** | x | `elsewhere/PLANTED.go:1` | none
"""


def test_handwritten_report_gives_a_delta_by_verdicts_and_places(tmp_path: Path) -> None:
    """A report that a person wrote is compared by its verdicts and cited places."""
    prior = read_prior(HANDWRITTEN)
    assert prior is not None
    delta = judge(make_target(tmp_path, ONE), prior).delta
    assert not delta.first_run
    assert 3 <= len(delta.bullets) <= 10
    assert (
        "of its 3 risks and actions, 0 are confirmed, 1 point at where this run finds something else"
        in delta.bullets[0]
    )
    assert "2 cite code that is gone" in delta.bullets[0]
    assert any(bullet.startswith("Question 7: RISK → CONCERN") for bullet in delta.bullets)


def test_nothing_of_a_prior_report_is_copied(tmp_path: Path) -> None:
    """A planted sentence, row or path of a prior report reaches neither document nor report."""
    target = make_target(tmp_path, {**ONE, "docs/rda/reports/09_performance_capacity.md": HANDWRITTEN})
    document = machine.document(judge(target, None), target=target, run=RUN)
    assert "PLANTED" not in machine.dumps(document)
    assert "PLANTED" not in markdown.render(document)


def test_forged_state_cannot_plant_a_sentence(tmp_path: Path) -> None:
    """Names of a state are shown only in the form of a name, and verdicts only from the scale."""
    state = state_of(audit(tmp_path / "before", ONE))
    for entry in state["findings"]:
        entry[0], entry[1], entry[4] = "0" * 16, "a PLANTED rule", [["PLANTED\npath", "a PLANTED symbol", "PLANTED"]]
    state["answers"] = {"7": "PLANTED"}
    delta = judge(make_target(tmp_path / "after", ONE), state).delta
    assert "PLANTED" not in " ".join(delta.bullets)


@pytest.mark.parametrize(
    "text",
    [
        "no block at all",
        "<!-- rda-state AAAA -->",
        "<!-- rda-state " + base64.b64encode(zlib.compress(b"[1, 2")).decode() + " -->",
        "<!-- rda-state " + base64.b64encode(zlib.compress(json.dumps({"schema": "x"}).encode())).decode() + " -->",
        "<!-- rda-state " + base64.b64encode(zlib.compress(b"0" * 40_000_000)).decode() + " -->",
    ],
)
def test_damaged_state_is_no_state(text: str) -> None:
    """A block that does not decode, has another shape or inflates without end is ignored."""
    assert read_state(text) is None


def test_prior_report_without_anything_to_compare_is_a_gap(tmp_path: Path) -> None:
    """A prior report in prose only is named as a gap; the run is not called the first."""
    target = make_target(tmp_path, {**ONE, "docs/rda/reports/09_performance_capacity.md": "# Old\n\nAll is well.\n"})
    conclusion = judge(target, None)
    assert not conclusion.delta.first_run
    assert conclusion.delta.bullets[0].startswith("GAP: a prior report exists")
    assert any("09_performance_capacity.md" in g.what for g in conclusion.gaps)


@pytest.mark.parametrize("prior", [{"schema": "rda.state/1"}, {"schema": "rda.state/1", "findings": [[1]]}, {"a": 1}])
def test_state_of_another_shape_is_refused(prior: dict[str, Any]) -> None:
    """A mapping that no run wrote is not a previous run."""
    assert recall(prior) is None


def test_another_version_of_the_kit_is_said(tmp_path: Path) -> None:
    """Differences that a newer kit may have made are told with the versions of both."""
    prior = audit(tmp_path / "before", ONE)
    prior["run"]["kit_version"] = "0.0.1"
    more = {"worker/a.go": BEFORE + "\nfunc (c *Consumer) G() {\n\ttime.Sleep(1)\n}\n"}
    bullets = judge(make_target(tmp_path / "after", more), prior).delta.bullets
    assert any("version 0.0.1 of this kit" in bullet for bullet in bullets)
    assert not any("of this kit" in bullet for bullet in compare(tmp_path / "same", more, ONE).bullets)
