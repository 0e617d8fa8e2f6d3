"""What every test may use: the bundled example, a small service of its own, and a home that is not the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from rda_nb.scaffold import copy_example

SMALL = {
    "go.mod": "module example.com/small\n\ngo 1.24\n",
    "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("ready") }\n',
}


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a test runs is kept in the user's state directory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the bundled example, whose report may be written."""
    return copy_example(tmp_path / "orders-ingest")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The least that can be audited: a module with one function and nothing to find."""
    folder = tmp_path / "small"
    folder.mkdir()
    for name, text in SMALL.items():
        folder.joinpath(name).write_text(text, encoding="utf-8")
    return folder
