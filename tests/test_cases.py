"""Every check against the cases beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rda_nb import checks
from rda_nb.findings import completion
from rda_nb.findings.identity import identify
from rda_nb.records import Control, ExternalCall, Record
from rda_nb.report.rows import row as machine_row
from tests.cases import all_cases, differences, resolved, wants, write_case

CASES = all_cases()


@pytest.mark.parametrize(("check_id", "case"), CASES, ids=[f"{check}-{case.stem}" for check, case in CASES])
def test_case(check_id: str, case: Path, tmp_path: Path) -> None:
    """A check yields exactly the rows that its case wants, and no alarm beside them."""
    write_case(case, tmp_path)
    check = next(check for check in checks.checks() if check.id == check_id)
    rows = checks.rows_of(check, resolved(tmp_path))
    assert [] == differences(rows, wants(tmp_path))
    # A row that says nothing of what its table is about would fail the run of a real service.
    assert [] == [row.claim for row in rows if _says_nothing(row)]


def _says_nothing(record: Record) -> bool:
    (paired,) = identify([record], {})
    shown = machine_row(*paired, None)
    if isinstance(record, Control):
        return completion.unassessed(shown)
    return isinstance(record, ExternalCall) and completion.without_worst_case(shown)
