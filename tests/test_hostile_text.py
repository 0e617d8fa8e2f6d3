"""Files whose lines are data: no pattern may take longer than their length, however they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

import rda_nb

LONG = 100_000
PAGES = {
    "digits": "0" * LONG,
    "letters": "a" * LONG,
    "thousands": "1,000," * (LONG // 6),
    "figures": "0a " * (LONG // 3),
    "cells": "| a | b |\n|---|---|\n| " + "x|" * (LONG // 2),
    "ticks": "`" * LONG,
    "brackets": "[" * LONG,
}
OTHERS = {
    "app.yaml": f"a: {'b' * LONG}\nthresholds: {{{'a' * LONG}}}\n",
    "k6.js": f"export const options = {{ thresholds: {{{'a' * LONG}}} }};\nimport http from 'k6/http';\n",
    "schema.sql": f"SELECT {'a.' * (LONG // 2)}b FROM t;\nINSERT INTO t VALUES ({'1,' * (LONG // 2)}1);\n",
    "Dockerfile": f"FROM golang\nENV A={'b' * LONG}\n",
    "names.go": f'package main\n\nvar {"a" * LONG} = 1\n\nconst q = "SELECT {"a." * (LONG // 2)}b FROM t"\n',
}


def _audited(folder: Path) -> str:
    (folder / "main.go").write_text("package main\n\nfunc main() {}\n", "utf-8")
    return rda_nb.audit(folder).markdown()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_one_long_line(name: str, tmp_path: Path) -> None:
    """A page that speaks of load and goals, and holds a line of data beside."""
    said = "# Load test\n\nLatency p99 objective: 10 ms at 500 rps, measured 2026-01-02.\n\n"
    (tmp_path / "README.md").write_text(f"{said}{PAGES[name]}\n", "utf-8")
    assert "README.md" in _audited(tmp_path)


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_one_long_line(name: str, tmp_path: Path) -> None:
    """Configuration, statements and code."""
    (tmp_path / name).write_text(OTHERS[name], "utf-8")
    assert _audited(tmp_path).startswith("# Performance")
