"""Versions of a row: how readers take the latest, and how tables with a history close the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.facts.sql import Table
    from rda_nb.service import Service
    from rda_nb.service.statements import Sql

PAGE = Page(
    title="A history table is kept up with mutations",
    topics=("clickhouse-schema", "clickhouse-writes"),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="Closing a version with ALTER UPDATE rewrites the parts that hold it, for each change of each row.",
    remedy="Insert each version with its start, and let readers take the latest with argMax or LIMIT 1 BY.",
    proof="system.mutations stays empty while rows change in the load harness; readers still see one version.",
    impact="cost",
    references=("https://clickhouse.com/docs/guides/replacing-merge-tree",),
)

_LATEST = re.compile(r"\b(argMax|argMaxIf|argMaxMerge)\s*\(([^()]*)", re.I)
# What a row is picked by when it is the weightiest, not the latest.
_RANK = re.compile(r"(?i),\s*[\w.]*(?:priority|weight|score|rank|severity|count|size|cost)\w*\s*$")
_HISTORY = re.compile(
    r"(?i)^(?:valid_(?:from|to|until)|effective_(?:from|to)|(?:sys|row)_end|is_current|superseded_at)$"
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """A row per query of the latest version, and per table that keeps all of them."""
    yield from _latest(service)
    yield from _history(service)


def _latest(service: Service) -> Iterator[ClickHouseAspect]:
    """Queries that take the latest row of a key."""
    for one in service.clickhouse.of_kind("select"):
        found = next((m for m in _LATEST.finditer(one.statement.text) if not _RANK.search(m[2])), None)
        unsent = not (one.operations or one.function) or (one.piece and not one.operations)
        if one.migration or unsent or not (found or one.statement.limit_by):
            continue
        how = f"{found[1]}" if found else "LIMIT BY"
        claim = f"The query takes the latest row of each key with {how}."
        place = (one.place(service.target, "limit by" if not found else ""),)
        symbol = service.clickhouse.symbol(one)
        yield _row("dedup", how, Assessment.GOOD, claim, place, symbol, hot=service.clickhouse.hot(one))


def _history(service: Service) -> Iterator[ClickHouseAspect]:
    """Tables that keep every version of a row with the time it was valid."""
    view = service.clickhouse
    for table, _ in view.tables:
        columns = [column.name for column in table.columns if _HISTORY.match(column.name)]
        if not columns:
            continue
        closing = [one for one in view.of_kind("alter_update") if not one.migration and view.table(one) is table]
        place = view.cite(table, f"column {columns[0]}")
        if closing:
            where = f"{closing[0].path}:{closing[0].at}"
            claim = f"History in {table.name} ({', '.join(columns)}) is closed by a mutation at {where}."
            yield _row(
                "scd2", "closed by mutation", Assessment.CONCERN, claim, (place, _at(service, closing[0])), table.name
            )
        else:
            claim = f"History in {table.name} ({', '.join(columns)}) is kept by inserts; {_kept(table)}."
            yield _row("scd2", "closed by insert", Assessment.GOOD, claim, (place,), table.name)


def _at(service: Service, one: Sql) -> Evidence:
    return one.place(service.target)


def _kept(table: Table) -> str:
    return "its engine replaces rows by key" if "Replacing" in table.engine else f"its engine is {table.engine}"


def _row(
    aspect: str,
    approach: str,
    assessment: Assessment,
    claim: str,
    evidence: tuple[Evidence, ...],
    symbol: str,
    subject: str = "",
    hot: bool | None = None,
    quiet: bool = False,
) -> ClickHouseAspect:
    return ClickHouseAspect(
        aspect=aspect,
        approach=approach,
        evidence=evidence,
        assessment=assessment,
        claim=claim,
        symbol=symbol,
        subject=subject,
        hot=hot,
        quiet=quiet,
        recommendation=PAGE.remedy if assessment is Assessment.CONCERN else "",
    )
