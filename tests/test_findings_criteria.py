"""The checklist and the rubric say what the specification says."""

from __future__ import annotations

from pathlib import Path

import pytest

from rda_nb.core import Assessment
from rda_nb.findings.criteria import checklist, rubric, wording
from rda_nb.records import CONSEQUENCES

SPECIFICATION = Path(__file__).with_name("checklist_specification.md")


def test_questions_are_those_of_the_specification() -> None:
    """Number, question and way of verification equal the specification's table string for string."""
    lines = [line for line in SPECIFICATION.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    wanted = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[1:]]
    assert wanted == [(str(q.n), q.question, q.verify) for q in checklist().questions]


def test_every_topic_belongs_to_one_question() -> None:
    """A topic feeds exactly one question, so that a finding's question follows from its check's first topic."""
    for topic in checklist().topics:
        assert sum(topic in q.topics for q in checklist().questions) == 1, topic


@pytest.mark.parametrize(
    ("assessment", "hot", "consequence", "priority"),
    [
        ("RISK", True, "outage", "P0"),
        ("RISK", True, "unbounded growth", "P0"),
        ("RISK", True, "unpredictability", "P1"),
        ("RISK", None, "outage", "P1"),
        ("RISK", False, "data loss", "P1"),
        ("RISK", False, "inefficiency", "P2"),
        ("CONCERN", True, "outage", "P1"),
        ("CONCERN", None, "unpredictability", "P1"),
        ("CONCERN", False, "outage", "P2"),
        ("CONCERN", True, "inefficiency", "P2"),
    ],
)
def test_priority_follows_consequence_place_and_assessment(
    assessment: str, hot: bool | None, consequence: str, priority: str
) -> None:
    """Only a RISK on a hot path with a grave consequence is P0, and a CONCERN is never more than P1."""
    rules = rubric().priorities
    first = next(r for r in rules if r.holds(Assessment(assessment), hot, consequence, False))
    assert priority == first.outcome


def test_every_combination_has_a_priority() -> None:
    """No RISK or CONCERN row falls through the rubric."""
    for assessment in (Assessment.RISK, Assessment.CONCERN):
        for hot in (True, False, None):
            for consequence in CONSEQUENCES:
                assert any(r.holds(assessment, hot, consequence, False) for r in rubric().priorities)


def test_fixed_sentences_are_those_of_the_specification() -> None:
    """The two sentences that the specification fixes stand in the wording as data."""
    assert wording()["delta"]["first_run"] == "First run — no prior report to compare"
    assert wording()["delta"]["no_changes"] == "No material changes detected"
