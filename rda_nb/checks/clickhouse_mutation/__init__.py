"""Mutations and DDL that application code sends to ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.statements import Sql

PAGE = Page(
    title="Application code rewrites parts with a mutation",
    topics=("clickhouse-writes",),
    consequence="unpredictability",
    rows=ClickHouseAspect,
    why="ALTER UPDATE and DELETE rewrite every part that they touch, wait in one queue, and outlive restarts.",
    remedy="Insert a new version into a ReplacingMergeTree, drop a partition, or gather changes into one mutation a day.",
    proof="system.mutations has 0 rows after an hour of load; the same change shows by its latest version.",
    impact="overload",
    references=("https://clickhouse.com/docs/best-practices/avoid-mutations",),
)

_REWRITING = {
    "alter_update": "ALTER UPDATE",
    "alter_delete": "ALTER DELETE",
    "delete": "DELETE FROM",
    "update": "UPDATE",
}
_SHAPING = {
    "alter_add_column": "ADD COLUMN",
    "alter_drop_column": "DROP COLUMN",
    "alter_modify_column": "MODIFY COLUMN",
    "alter_rename_column": "RENAME COLUMN",
    "alter_other": "ALTER TABLE",
}

_SHAPE = "Alter tables in migrations, outside the running service."


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """A row per mutation, and per change of a table's columns from application code."""
    for one in service.clickhouse.of_kind(*_REWRITING, *_SHAPING):
        shaping = one.statement.kind in _SHAPING
        if shaping and (one.migration or not one.operations):
            continue
        assessment, claim, quiet = _judged(service, one)
        yield ClickHouseAspect(
            aspect="mutation",
            approach=_REWRITING.get(one.statement.kind) or _SHAPING[one.statement.kind],
            recommendation="" if assessment is Assessment.GOOD else _SHAPE if shaping else PAGE.remedy,
            remedy=_SHAPE if shaping else "",
            proof="system.query_log shows no ALTER from the service's user after deployment." if shaping else "",
            statement=" ".join(one.statement.text.split())[:200],
            evidence=(one.place(service.target),),
            assessment=assessment,
            claim=claim,
            symbol=service.clickhouse.symbol(one),
            subject=one.statement.target,
            hot=service.clickhouse.hot(one),
            quiet=quiet,
        )


def _judged(service: Service, one: Sql) -> tuple[Assessment, str, bool]:
    """Assessment, sentence, whether it stays in its table."""
    view, statement = service.clickhouse, one.statement
    hot, where = view.hot(one), view.path(one)
    name = "a table" if not statement.target or "%" in statement.target else statement.target
    if one.migration:
        return Assessment.GOOD, f"A one-off mutation of {name} in a migration.", False
    if statement.kind in _SHAPING:
        cluster = " on every server of the cluster" if statement.on_cluster or "%s" in statement.text else ""
        claim = f"Code alters the shape of {name}{cluster} while it runs, {where}."
        return Assessment.CONCERN, claim, True
    if statement.kind in ("delete", "update"):
        claim = f"A lightweight {statement.kind} on {name}, {where}: it masks rows in every part that holds them."
        return Assessment.CONCERN, claim, hot is not True
    if hot:
        return (
            Assessment.RISK,
            f"A mutation of {name} {where}: each call rewrites every part with a matching row.",
            False,
        )
    if not one.operations:
        return Assessment.CONCERN, f"Code holds a mutation of {name}; the call that sends it was not found.", True
    return Assessment.CONCERN, f"Application code sends a mutation of {name}, {where}.", False
