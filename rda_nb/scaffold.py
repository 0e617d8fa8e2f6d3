"""Writes a new check: its page with empty fields, and one case that fails until the check is written."""

from __future__ import annotations

import re
from pathlib import Path

from rda_nb.core import BadInput

_PAGE = '''"""One sentence: what this check sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.records import Control, Page

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="",  # what a finding says, without numbers
    topics=(),  # names from audits/performance_capacity/checklist.yaml
    consequence="",  # one of records.CONSEQUENCES
    rows=Control,  # the table that the rows belong to
    why="",
    remedy="",
    proof="",  # how an engineer proves that it is mended
)


def assess(service: Service) -> Iterator[Control]:
    """Yield one row per place that this check speaks of."""
    yield from ()
'''
_CASE = """package main

// The line below must give a row: write the kind, the assessment and the values that the check is to find.
func dangerous() {} // want: concurrency CONCERN

// This one looks dangerous and is fine.
func fine() {}
"""


def new_check(id_: str, into: Path | None = None) -> tuple[Path, ...]:
    """Write the check's directory and return its files. BadInput for a bad id or one that is taken."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", id_):
        raise BadInput(f"{id_!r} is no check id: words in lower case joined by _, such as call_without_deadline")
    folder = (into or Path(__file__).parent / "checks") / id_
    if folder.exists():
        raise BadInput(f"{folder}: there is a check of this name")
    case = folder / "cases" / "go" / "first.go"
    try:
        case.parent.mkdir(parents=True)
        (folder / "__init__.py").write_text(_PAGE, encoding="utf-8")
        case.write_text(_CASE, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror})") from None
    return folder / "__init__.py", case
