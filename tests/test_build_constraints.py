"""Which Go files are part of the program that runs on a Linux server."""

from __future__ import annotations

import pytest

from rda_nb.languages.go.constraints import left_out

LEFT_OUT = [
    "race",
    "integration",
    "ignore",
    "windows",
    "!linux",
    "linux && race",
    "darwin || windows",
    "!(linux || darwin)",
    "tools && !x",
]
KEPT = [
    "linux",
    "!race",
    "!windows",
    "cairo",
    "!cairo",
    "release",
    "linux || darwin",
    "(386 || amd64) && linux",
    "mine && !race",
]


@pytest.mark.parametrize("text", LEFT_OUT)
def test_left_out(text: str) -> None:
    """What is built for tests, tools or another system is no part of the service."""
    assert left_out(f"// A note.\n//go:build {text}\n\npackage main\n".encode())


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    """A tag of the target's own may be set; what no constraint excludes is read."""
    assert not left_out(f"//go:build {text}\n\npackage main\n".encode())


@pytest.mark.parametrize(
    "text", ["", "package main\n", "//go:build\npackage main\n", "//go:build ((\n", "//go:build ||\n"]
)
def test_no_constraint(text: str) -> None:
    """No constraint, or one that cannot be read, excludes nothing."""
    assert not left_out(text.encode())
