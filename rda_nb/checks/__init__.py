"""Checks: one directory each, discovered by their presence; a check turns the service into rows of one table.

A check is a package with `PAGE` (see `records.Page`) and `assess(service)`, which yields records of `PAGE.rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING

from rda_nb.core import RdaError
from rda_nb.records import TABLES, Page, Record

if TYPE_CHECKING:
    from rda_nb.service import Service


class CheckFailed(RdaError):
    """A check raised: a bug of this kit, never of the audited tree. The message names the check."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its id (the directory's name), its page and its function."""

    id: str
    page: Page
    assess: Callable[[Service], Iterable[Record]]


@cache
def checks() -> tuple[Check, ...]:
    """Every check, in the order of their ids."""
    found = []
    for folder in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        if folder.is_dir() and (folder / "__init__.py").is_file():
            module = import_module(f"{__package__}.{folder.name}")
            found.append(Check(folder.name, module.PAGE, module.assess))
    return tuple(found)


def pages() -> dict[str, Page]:
    """Check id -> its page."""
    return {check.id: check.page for check in checks()}


def rows_of(check: Check, service: Service) -> tuple[Record, ...]:
    """The rows of one check, stamped with its id, in order of their place. Raises CheckFailed when it raises."""
    try:
        rows = [replace(row, rule=check.id) for row in check.assess(service)]
    except RdaError:
        raise
    except Exception as error:
        raise CheckFailed(f"check {check.id} failed: {type(error).__name__}: {error}") from error
    for row in rows:
        if not isinstance(row, check.page.rows):
            raise CheckFailed(f"check {check.id} yields {type(row).__name__}, its page says {check.page.rows.__name__}")
    return tuple(sorted(rows, key=_place))


def _place(row: Record) -> tuple[str, int, str, str, str]:
    first = row.evidence[0] if row.evidence else None
    path, line = (first.path, first.line) if first else ("~", 0)
    return path, line, str(getattr(row, row.kind_column)), row.symbol, row.subject


def run(service: Service, progress: Callable[[str, int, int], None] | None = None) -> dict[str, tuple[Record, ...]]:
    """Table name -> rows of all checks. `progress` is called with the check's id, its number and how many there are."""
    found: dict[str, list[Record]] = {table.table: [] for table in TABLES}
    known = checks()
    for number, check in enumerate(known, 1):
        if progress is not None:
            progress(check.id, number, len(known))
        found[check.page.rows.table] += rows_of(check, service)
    return {table: tuple(sorted(rows, key=_place)) for table, rows in found.items()}
