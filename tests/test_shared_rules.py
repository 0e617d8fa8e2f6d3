"""Shared rules: presence and digests are recorded, what can be read of them wins, what cannot be applied is a GAP."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import rda_nb
from rda_nb.findings import completion
from rda_nb.findings.shared_rules import own_headings, read

SAMPLE = Path(__file__).parent / "sample_services" / "telemetry-sink"

TABLE = b"""# Risk Rubric

| Priority | Given for | Reaction |
|----------|-----------|----------|
| **P0** | outages, data loss | at once |
| P1 | unbounded growth, runaway cost, stuck pipelines | this sprint |
| P2 | unpredictability, inefficiency | when there is time |
"""


def folder(tmp_path: Path, **files: bytes) -> Path:
    """A folder of shared rules; `RISK_RUBRIC=...` becomes RISK_RUBRIC.md."""
    rules = tmp_path / "rules"
    rules.mkdir()
    for name, content in files.items():
        (rules / f"{name}.md").write_bytes(content)
    return rules


def test_absent_rules_are_a_gap_of_the_metadata() -> None:
    """Without shared rules the report says whose rubric and structure were used."""
    audit = rda_nb.audit(SAMPLE)
    assert {"gap": "not given; the rubric and structure of this kit's own specification were used"} == audit.document[
        "run"
    ]["shared_rules"]
    assert "- **Shared Rules:** GAP: not given; the rubric" in audit.markdown()


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        (
            b"| Consequence | Severity |\n|---|---|\n| Outage | Critical |\n| Data loss | Critical |\n| Stuck pipeline | High |\n"
            b"| Unbounded growth | High |\n| Runaway costs | High |\n| Unpredictability | Low |\n| Inefficiency | Low |\n"
        ),
        (
            b"- **P0**: outages and data loss\n- **P1**: unbounded growth, runaway cost or a stuck pipeline\n"
            b"- **P2**: unpredictability, inefficiency\n"
        ),
    ],
)
def test_priorities_are_read_by_consequence(text: bytes) -> None:
    """A table in either order, with our words or severities, and a list say the same."""
    found = read({"RISK_RUBRIC.md": text})
    assert {
        "data loss": "P0", "inefficiency": "P2", "outage": "P0", "runaway cost": "P1", "stuck pipeline": "P1",
        "unbounded growth": "P1", "unpredictability": "P2",
    } == found.priorities  # fmt: skip
    assert () == found.unapplied


def test_priorities_win_over_the_rubric(tmp_path: Path) -> None:
    """Every finding takes the priority that the shared table gives its consequence."""
    audit = rda_nb.audit(SAMPLE, SHARED_RULES=folder(tmp_path, RISK_RUBRIC=TABLE))
    by_consequence = {f["consequence"]: f["priority"] for f in audit.document["findings"]}
    own = {f["consequence"]: f["priority"] for f in rda_nb.audit(SAMPLE).document["findings"]}
    assert by_consequence != own
    assert all(by_consequence[c] == read({"RISK_RUBRIC.md": TABLE}).priorities[c] for c in by_consequence)
    digest = hashlib.sha256(TABLE).hexdigest()
    assert {"RISK_RUBRIC.md": digest} == audit.document["run"]["shared_rules"]["files"]
    line = next(t for t in audit.markdown().splitlines() if t.startswith("- **Shared Rules:**"))
    assert f"`RISK_RUBRIC.md` ({digest[:12]}); priorities by consequence from RISK" in line.replace("\\", "")


def test_headings_of_the_template_win(tmp_path: Path) -> None:
    """A heading of the same number and sense is taken over; the report is still complete and in the same order."""
    template = (
        b"# <Title>\n\n## 4. Findings and observations\n\n### P0 (Critical: now)\n\n## 6. Delta since the last run\n"
    )
    audit = rda_nb.audit(SAMPLE, SHARED_RULES=folder(tmp_path, REPORT_TEMPLATE=template))
    lines = audit.markdown().splitlines()
    asked = {
        "## 4. Findings": "## 4. Findings and observations",
        "### P0 (Critical)": "### P0 (Critical: now)",
        "## 6. Delta vs Previous Run": "## 6. Delta since the last run",
    }
    assert [asked.get(h, h) for h in own_headings()] == [t for t in lines if t.startswith(("## ", "### "))]
    assert all(one.holds for one in completion.check(audit.document, audit.markdown(), completion.REPORT_PATH))


def test_what_cannot_be_applied_is_named(tmp_path: Path) -> None:
    """Prose, a section that this report does not have, two priorities for one consequence, and bytes that are no text."""
    rules = folder(
        tmp_path,
        **{"rda-common-rules": b"Be kind.\n", "PIPELINE": b"\xff\xfe\x00"},
        REPORT_TEMPLATE=b"## 3. Methodology\n\n## 7. Sign-off\n",
        RISK_RUBRIC=b"| P0 | x |\n|--|--|\n| P0 | outage |\n| P1 | outage of a dependency |\n",
    )
    audit = rda_nb.audit(SAMPLE, SHARED_RULES=rules)
    gap = audit.document["run"]["shared_rules"]["gap"]
    assert gap.split("; ") == [
        "PIPELINE.md is not UTF-8 text",
        "RISK_RUBRIC.md gives outage both P0 and P1",
        "REPORT_TEMPLATE.md asks for “3. Methodology”, “7. Sign-off”, to which no section of this report answers",
        "rda-common-rules.md is prose",
    ]
    assert any(gap in g["what"] for g in audit.document["gaps"])
    assert list(own_headings()) == [t for t in audit.markdown().splitlines() if t.startswith(("## ", "### "))]


def test_a_template_in_a_fence_is_the_template(tmp_path: Path) -> None:
    """Headings around a fenced template describe it; those within are asked for."""
    text = b"# Template\n\n## How to use\n\n```markdown\n## 1. Context Recap\n## 3. Evidence\n## 4. Findings!\n```\n"
    found = read({"REPORT_TEMPLATE.md": text})
    assert ({"## 4. Findings": "## 4. Findings!"}, ()) == (found.headings, found.unapplied)
