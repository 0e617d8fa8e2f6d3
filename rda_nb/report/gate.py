"""Which findings a pipeline's gate counts: not those that are waived today, nor, if it wants, those known before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rda_nb.report.review import waived

Audit = Mapping[str, Any]


def comparable(audit: Audit) -> bool:
    """True when what is new is known: each finding was looked for in the previous report, or there is none."""
    return bool(audit["delta"].get("compared") or audit["delta"]["first_run"])


def counting(audit: Audit, *, new_only: bool) -> list[Audit]:
    """The findings that count, in their order. Without a previous run to compare with, every finding is new."""
    found = [f for f in audit["findings"] if not waived(f)]
    if not (new_only and audit["delta"].get("compared")):
        return found
    added = {change["id"] for change in audit["delta"]["added"]}
    return [f for f in found if f["id"] in added]
