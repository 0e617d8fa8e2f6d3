"""Generated pages are fresh."""

from __future__ import annotations

from rda_nb import checks, handbook


def test_the_generated_pages_are_fresh() -> None:
    """`make docs` would change nothing."""
    for path, text in handbook.pages().items():
        assert text == path.read_text(encoding="utf-8"), f"{path.name} is stale: run make docs"


def test_every_check_has_its_section() -> None:
    """One heading per check, in the order of their ids, which is also the anchor that other pages link to."""
    (text,) = handbook.pages().values()
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert [check.id for check in checks.checks()] == headings
