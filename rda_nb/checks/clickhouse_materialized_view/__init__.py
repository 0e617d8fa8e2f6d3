"""Materialized views: the work that they add to every insert into their source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import ClickHouseAspect, Page
from rda_nb.service.clickhouse_knowledge import advice
from rda_nb.service.statements import Sql

if TYPE_CHECKING:
    from rda_nb.facts.sql import Table
    from rda_nb.service import Service

PAGE = Page(
    title="Materialized views multiply the work of every insert",
    topics=("clickhouse-schema", "clickhouse-writes"),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="Each view runs inside the insert into its source, adds a part of its own, and fails the insert when it fails.",
    remedy="Keep views on the insert path few, batches large, and let the rest run as refreshable views.",
    proof="system.query_views_log: the time in views stays below the insert's own; new parts a second stay below one.",
    impact="throughput",
    references=("https://clickhouse.com/docs/materialized-view/incremental-materialized-view",),
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per materialized view."""
    for view in service.schema.tables.values():
        if view.kind != "materialized view" or not isinstance(view.cited["create"].origin, Sql):
            continue
        assessment, claim, quiet = _judged(service, view)
        yield ClickHouseAspect(
            aspect="materialized_view",
            approach=f"on {view.source_tables[0]}" if view.source_tables else "view",
            recommendation=PAGE.remedy if assessment is Assessment.CONCERN else "",
            evidence=(service.clickhouse.cite(view, "create"),),
            assessment=assessment,
            claim=claim,
            symbol=view.name,
            hot=None,
            quiet=quiet,
        )


def _judged(service: Service, view: Table) -> tuple[Assessment, str, bool]:
    source = service.schema.table(view.source_tables[0]) if view.source_tables else None
    name = view.source_tables[0] if view.source_tables else "its source"
    if view.populate:
        claim = f"POPULATE fills the view on {name} once; rows inserted meanwhile are missing from it."
        return Assessment.CONCERN, claim, True
    target = service.schema.table(view.to_table) if view.to_table else view
    if target is not None and target.views:
        claim = f"The view on {name} writes into {target.name}, which feeds {len(target.views)} more: a chain in every insert."
        return Assessment.CONCERN, claim, True
    count = len(source.views) if source is not None else 1
    if count < 2:
        return Assessment.GOOD, f"One view on {name}: an insert makes a part here and one there.", False
    claim = f"{count} views on {name}: every insert makes {1 + count} parts or more and waits for all of them."
    return Assessment.CONCERN, claim, count <= advice("views_few").value
