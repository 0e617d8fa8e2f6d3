"""A check that raises: its rows are missing and everything else is told, loudly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rda_nb
from rda_nb import checks
from tests.commands import rda

SERVICE = """package main

import (
	"net/http"
	"time"
)

func main() {
	client := &http.Client{Timeout: 5 * time.Second}
	http.HandleFunc("/ask", func(w http.ResponseWriter, r *http.Request) {
		client.Get("http://peer/")
	})
	http.ListenAndServe(":8080", nil)
}
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small service, audited while one check raises."""

    def broken(service: Any) -> Iterator[Any]:
        raise IndexError("list index out of range")
        yield

    kept = [replace(one, assess=broken) if one.id == "server_timeouts" else one for one in checks.checks()]
    monkeypatch.setattr(checks, "checks", lambda: tuple(kept))
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "go.mod").write_text("module example.com/service\n\ngo 1.24\n", encoding="utf-8")
    (folder / "main.go").write_text(SERVICE, encoding="utf-8")
    return folder


def test_the_rows_of_the_others_stay_and_a_gap_names_the_check(target: Path) -> None:
    """What the check would have found is a GAP of the report, with its message."""
    audit = rda_nb.audit(target)
    said = "check server_timeouts failed: IndexError: list index out of range"
    assert audit.failed_checks == (said,)
    assert said in audit.markdown()
    rows = audit.document["tables"]
    assert {row["rule"] for row in rows["external_calls"]} == {"client_timeout", "external_call_budget"}
    assert not any(row["rule"] == "server_timeouts" for row in rows["controls"])


def test_the_command_writes_the_report_and_fails(target: Path, tmp_path: Path) -> None:
    """The report is written, standard error names the check, and the exit code says that something is wrong."""
    said = rda("audit", target, "--no-notebook", "--out", tmp_path / "out")
    assert said.code == 3
    assert said.line.startswith("check server_timeouts failed: IndexError")
    assert (target / "docs/rda/reports/09_performance_capacity.md").is_file()
