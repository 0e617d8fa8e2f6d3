"""The whole pipeline over the bundled example: inside its boundary, and word for word the report that it gave before."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import decoy
import pytest

import rda_nb

EXAMPLE = Path(__file__).parents[1] / "examples" / "orders-ingest"
GOLDEN = Path(__file__).parent / "golden" / "orders-ingest.md"
AUDIT = "import rda_nb; rda_nb.audit(TARGET).markdown()"


def test_an_audit_touches_no_neighbour(tmp_path: Path) -> None:
    """No stage of an audit opens or lists anything beside the target."""
    assert decoy.audited(decoy.build(tmp_path, EXAMPLE), AUDIT, tmp_path / "work") == []


@pytest.mark.slow
def test_no_program_that_an_audit_starts_touches_a_neighbour(tmp_path: Path) -> None:
    """The system calls of a whole audit stay below the target and in the repository's own .git."""
    assert decoy.straced(decoy.build(tmp_path, EXAMPLE), AUDIT, tmp_path / "work") == []


def settled(markdown: str) -> str:
    """A report without what differs from run to run and from checkout to checkout: time, commit, changes, state."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", markdown)
    text = re.sub(r"(\*\*Git Commit:\*\*).*", r"\1 <commit>", text)
    text = re.sub(r"(\*\*Change Detection:\*\*).*", r"\1 <changes>", text)
    return re.sub(r"<!-- rda-state\b.*?-->", "<state>", text, flags=re.S)


def _earlier_report(folder: str, names: list[str]) -> list[str]:
    return ["reports"] if Path(folder).parts[-2:] == ("docs", "rda") and "reports" in names else []


def test_golden_report_of_the_example(tmp_path: Path) -> None:
    """The example's report is the accepted one; `make accept` rewrites it and shows what changed.

    A copy is audited, since the example itself holds the report of an earlier run as soon as somebody has audited it.
    """
    target = shutil.copytree(EXAMPLE, tmp_path / EXAMPLE.name, ignore=_earlier_report)
    report = settled(rda_nb.audit(target).markdown())
    if os.environ.get("RDA_ACCEPT"):
        GOLDEN.write_text(report, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == report
