"""The engine of each ClickHouse table, and its columns that may be NULL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.facts.sql import Table
    from rda_nb.service import Service

PAGE = Page(
    title="Which of two rows with one key survives is left to chance",
    topics=("clickhouse-schema",),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="ReplacingMergeTree without a version column keeps the row that was inserted last, whatever it says.",
    remedy="Give the engine a version column that grows with every change of a row.",
    proof="Insert two versions in the wrong order in a test: FINAL returns the newer one.",
    impact="cost",
    references=("https://clickhouse.com/docs/engines/table-engines/mergetree-family/replacingmergetree",),
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per table that stores rows."""
    for table, origin in service.clickhouse.tables:
        assessment, claim = _judged(table)
        if service.clickhouse.reference(origin):
            assessment, claim = Assessment.GOOD, f"{claim} The table is made by a script, not by a migration."
        nullable = [column.name for column in table.columns if column.nullable]
        if nullable:
            few = ", ".join(nullable[:3]) + (f" and {len(nullable) - 3} more" if len(nullable) > 3 else "")
            claim += f" Nullable columns ({few}) keep a second column of flags each."
        yield ClickHouseAspect(
            aspect="engine",
            approach=table.engine + (f"({', '.join(table.engine_args)})" if table.engine_args else ""),
            recommendation=PAGE.remedy if assessment is Assessment.CONCERN else "",
            evidence=(service.clickhouse.cite(table, "engine"),),
            assessment=assessment,
            claim=claim,
            symbol=table.name,
            hot=None,
            cause="replacing without version" if assessment is Assessment.CONCERN else "",
        )


def _judged(table: Table) -> tuple[Assessment, str]:
    engine, arguments = table.engine, list(table.engine_args)
    if engine.startswith("Replicated"):
        arguments = [one for one in arguments if not one.startswith(("'", '"')) and "/" not in one and "{" not in one]
    if "Replacing" in engine:
        if arguments:
            return Assessment.GOOD, f"{engine} keeps the row with the highest {arguments[0]}."
        return Assessment.CONCERN, f"{engine} of {table.name} has no version column: the row inserted last survives."
    if "Collapsing" in engine:
        return Assessment.GOOD, f"{engine} folds rows by their sign; queries have to fold what is not merged yet."
    if "Summing" in engine or "Aggregating" in engine:
        return Assessment.GOOD, f"{engine} adds rows up as they merge; queries have to add up what is not merged yet."
    return Assessment.GOOD, f"{engine}: an append-only table."
