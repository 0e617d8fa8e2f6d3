"""Prior reports of other kinds are read for names and places: they stand in the recap and are never evidence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import rda_nb

SAMPLE = Path(__file__).parent / "sample_services" / "invoice-mailer"

INVENTORY = """# Service Inventory

## 3. Entrypoints and flows

| Flow | Entrypoint | Notes |
|------|------------|-------|
| SQS receive: Worker.poll | worker.go | the only intake |
| Nightly settlement | settle.go | removed last year? |

## 4.3 Gaps
- GAP: nobody knows the timeout of the mail service
- the retention of the ledger is unknown
"""
INTEGRATIONS = """# Integrations

- SQS queue `invoices`
- DynamoDB table `invoice_ledger`
- Redis for sessions: 250 workers, batch of 7777
"""


def audited(tmp_path: Path) -> rda_nb.Audit:
    """The sample with two prior reports of other kinds."""
    target = shutil.copytree(SAMPLE, tmp_path / SAMPLE.name)
    reports = target / "docs" / "rda" / "reports"
    reports.mkdir(parents=True)
    (reports / "01_service_inventory.md").write_text(INVENTORY, encoding="utf-8")
    (reports / "04_integrations.md").write_text(INTEGRATIONS, encoding="utf-8")
    return rda_nb.audit(target)


def cited(node: Any) -> Iterator[str]:
    """The paths of all evidence in a document."""
    if isinstance(node, dict):
        if "excerpt" in node:
            yield node["path"]
        for value in node.values():
            yield from cited(value)
    elif isinstance(node, list):
        for value in node:
            yield from cited(value)


def test_prior_reports_are_cited_as_context(tmp_path: Path) -> None:
    """Flows, systems and gaps are named with their lines, and what this run did not see is said."""
    recap = {s["kind"]: s for s in audited(tmp_path).document["context"]}
    inventory, integrations = recap["prior"]["more"]
    assert inventory.split("; ") == [
        "`docs/rda/reports/01_service_inventory.md` (service inventory): 2 flows named (lines 7, 8)",
        "of these found by this run too: `SQS receive: Worker.poll`",
        "without a flow of that name here: `Nightly settlement`",
        "systems named: sqs (line 7)",
        "2 known gaps (lines 11, 12) (timeouts)",
    ]
    assert integrations.split("; ") == [
        "`docs/rda/reports/04_integrations.md` (integrations): systems named: dynamodb (line 4), redis (line 5), sqs (line 3)",
        "no call to redis was recognised in this run",
    ]
    assert [] == recap["prior"]["evidence"]


def test_prior_reports_are_never_evidence(tmp_path: Path) -> None:
    """No citation points into a prior report, and none of its sentences or numbers reaches the report."""
    audit = audited(tmp_path)
    assert "docs/rda/reports/" not in audit.json().replace("`docs/rda/reports/", "").replace(
        '"docs/rda/reports/', "#", 2
    )
    report = audit.markdown()
    for planted in ("7777", "250 workers", "nobody knows", "the only intake", "removed last year"):
        assert planted not in report
