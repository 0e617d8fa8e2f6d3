"""Files that a person starts from: a new check with its first case, and a copy of the bundled example."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from rda_nb.core import BadInput

_PACKAGE = Path(__file__).resolve().parent
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
    rows=Control,  # the table that the rows belong to: one class of records.py
    why="",  # what happens to the service, in one sentence
    remedy="",  # what to do, measurable
    proof="",  # how an engineer proves that it is mended
)


def assess(service: Service) -> Iterator[Control]:
    """Yield one row per place that this check speaks of."""
    yield from ()
'''
_CASE = """package main

// Write a snippet that must give a row, and on its line the kind, the assessment and the values that are to be found.
func dangerous() {} // want: concurrency CONCERN

// Write beside it one that looks dangerous and is fine: a CONCERN or RISK here fails the case.
func fine() {}
"""


def new_check(name: str, into: Path | None = None) -> tuple[Path, ...]:
    """Write the check's directory and return its files. BadInput for a bad id, one that is taken, or no checkout."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise BadInput(f"{name!r} is no check id: words in lower case joined by _, such as call_without_deadline")
    if into is None and not (_PACKAGE.parent / "pyproject.toml").is_file():
        raise BadInput("this is an installed rda: run it from a checkout, or name the folder of checks with --into")
    folder = (into or _PACKAGE / "checks") / name
    case = folder / "cases" / "go" / "first.go"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        case.parent.mkdir(parents=True)
        (folder / "__init__.py").write_text(_PAGE, encoding="utf-8")
        case.write_text(_CASE, encoding="utf-8")
    except FileExistsError:
        raise BadInput(f"{folder}: there is a check of this name") from None
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror})") from None
    return folder / "__init__.py", case


def bundled_example() -> Path:
    """The example service: in the wheel, else in the repository."""
    for folder in (_PACKAGE / "_examples", _PACKAGE.parent / "examples"):
        if (folder / "orders-ingest").is_dir():
            return folder / "orders-ingest"
    raise BadInput("the bundled example is missing from this installation of rda_nb")


def copy_example(to: Path) -> Path:
    """Copy the example without reports of earlier audits. BadInput when `to` exists or cannot be made."""
    try:
        shutil.copytree(bundled_example(), to, ignore=shutil.ignore_patterns("reports"))
    except FileExistsError:
        raise BadInput(f"{to}: exists already; name a directory that does not") from None
    except OSError as error:
        raise BadInput(f"{to}: cannot be written ({error.strerror or error})") from None
    return to
