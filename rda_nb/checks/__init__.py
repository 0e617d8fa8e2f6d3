"""Checks: one directory each, discovered by their presence; a check turns the service into rows of one table.

A check is a package with `PAGE` (see `records.Page`) and `assess(service)`, which yields records of `PAGE.rows`.
"""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING

from rda_nb import workers
from rda_nb.core import RdaError
from rda_nb.records import (
    TABLES,
    CapacitySignal,
    ClickHouseAspect,
    Control,
    CriticalPath,
    ExternalCall,
    Hotspot,
    Page,
    Record,
    ValidationAsset,
)

if TYPE_CHECKING:
    from rda_nb.service import Service

# Functions that are called from which a second process pays for its start.
_WORTH_SHARING = 500
# In the order of the time they take: the long ones first leave processes waiting for each other the least.
_LONGEST_FIRST = (ExternalCall, ClickHouseAspect, Control, Hotspot, CriticalPath, CapacitySignal, ValidationAsset)
# Rows, seconds by check, and what failed by check.
_Found = tuple[list[Record], dict[str, float], dict[str, str]]


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


def run(
    service: Service,
    progress: Callable[[str, int, int], None] | None = None,
    seconds: dict[str, float] | None = None,
    failed: dict[str, str] | None = None,
) -> dict[str, tuple[Record, ...]]:
    """Table name -> rows of all checks. `progress` is called with the check's id, its number and how many there are.

    The checks of one table ask the service for much the same, and are run by one process; tables are shared out over
    the cores. `seconds` is filled with the time of each check, by its id. With `failed`, a check that raises leaves the rows
    of the others alone and its message there, by its id; CheckFailed otherwise.
    """
    groups = [[check for check in checks() if check.page.rows is table] for table in TABLES]
    first = [sum(map(len, groups[:number])) + 1 for number in range(len(groups))]
    count = len(checks())

    def rows_in(number: int) -> _Found:
        rows: list[Record] = []
        times: dict[str, float] = {}
        faults: dict[str, str] = {}
        for position, check in enumerate(groups[number], first[number]):
            if progress is not None:
                progress(check.id, position, count)
            began = time.perf_counter()
            try:
                rows += rows_of(check, service)
            except CheckFailed as error:
                if failed is None:
                    raise
                faults[check.id] = str(error)
            times[check.id] = time.perf_counter() - began
        return rows, times, faults

    found = _side_by_side(rows_in, service)
    for _, times, faults in found.values():
        if seconds is not None:
            seconds.update(times)
        if failed is not None:
            failed.update(faults)
    return {table.table: tuple(sorted(found[number][0], key=_place)) for number, table in enumerate(TABLES)}


def _side_by_side(rows_in: Callable[[int], _Found], service: Service) -> dict[int, _Found]:
    """What each group of checks finds; each process takes the next group that none has taken."""
    count = workers.count() if len(service.calls.callers) > _WORTH_SHARING else 1
    waiting, numbers = os.pipe()
    os.write(numbers, bytes(TABLES.index(table) for table in _LONGEST_FIRST))
    os.close(numbers)
    found: dict[int, _Found] = {}

    def take() -> dict[int, _Found]:
        taken = {}
        while number := os.read(waiting, 1):
            taken[number[0]] = rows_in(number[0])
        return taken

    if count > 1:
        # What nearly all of them ask for is worked out before the processes part; statements are for one table alone.
        service.flows  # noqa: B018
    try:
        answers = workers.shared([lambda: pickle.dumps(take())] * (count - 1), own=lambda: found.update(take()))
    finally:
        os.close(waiting)
    for answer in answers:
        if answer is not None:  # written by a child of this process, not read from anywhere
            found.update(pickle.loads(answer))
    for number in range(len(TABLES)):
        if number not in found:
            found[number] = rows_in(number)
    return found
