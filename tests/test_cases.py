"""Every check against the cases beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rda_nb import checks
from tests.cases import all_cases, differences, resolved, wants, write_case

CASES = all_cases()


@pytest.mark.parametrize(("check_id", "case"), CASES, ids=[f"{check}-{case.stem}" for check, case in CASES])
def test_case(check_id: str, case: Path, tmp_path: Path) -> None:
    """A check yields exactly the rows that its case wants, and no alarm beside them."""
    write_case(case, tmp_path)
    check = next(check for check in checks.checks() if check.id == check_id)
    assert [] == differences(checks.rows_of(check, resolved(tmp_path)), wants(tmp_path))
