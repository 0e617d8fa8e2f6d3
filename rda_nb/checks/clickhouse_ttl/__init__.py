"""Whether rows of time series ever leave their table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.facts.sql import Table
    from rda_nb.service import Service

PAGE = Page(
    title="Rows are kept for ever",
    topics=("clickhouse-schema",),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="Without a TTL or a job that drops partitions, disk, parts and merge work of a time series only grow.",
    remedy="Add a TTL on the time column (with partitions that fit it), or a job that drops old partitions.",
    proof="system.parts: the oldest max_time of the table stays within the retention.",
    impact="cost",
    references=("https://clickhouse.com/docs/guides/developer/ttl",),
)


_TTL_HOLE = re.compile(r"(?:\{\{|\$\{)[^{}]*(?i:ttl|retention)[^{}]*\}")


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per table that has a TTL, or that is sorted or partitioned by time."""
    for table, origin in service.clickhouse.tables:
        found = _judged(service, table)
        if found is None or (service.clickhouse.reference(origin) and not table.ttl):
            continue
        assessment, claim, site, more = found
        yield ClickHouseAspect(
            aspect="ttl",
            approach=f"TTL {table.ttl}"
            if table.ttl
            else "TTL by template"
            if assessment is Assessment.GAP
            else "no TTL",
            recommendation=PAGE.remedy if assessment is Assessment.CONCERN and not table.ttl else "",
            evidence=(service.clickhouse.cite(table, site), *more),
            assessment=assessment,
            claim=claim,
            symbol=table.name,
            hot=None,
            cause="no ttl" if assessment is Assessment.CONCERN and not table.ttl else "",
            quiet=bool(table.ttl),
        )


def _ttl_filled_in(table: Table) -> bool:
    """True when a place of the statement's template is named for the TTL that may come to stand there."""
    return _TTL_HOLE.search(table.cited["create"].statement.text) is not None


def _judged(service: Service, table: Table) -> tuple[Assessment, str, str, tuple[Evidence, ...]] | None:
    """Assessment, sentence, the clause to cite, more places; None where a TTL would make no sense."""
    view = service.clickhouse
    if table.ttl:
        years, grain = view.retention(table), table.grain.partitions_per_year
        if years is not None and years > 1 and grain is not None and grain >= 365:
            claim = f"Rows leave after {table.ttl}; with partitions by {table.grain.grain} that keeps too many of them."
            return Assessment.CONCERN, claim, "ttl", ()
        return Assessment.GOOD, f"Rows leave after {table.ttl}.", "ttl", ()
    times = set(view.time_columns(table))
    timed = times & set(view.key(table)) or any(name in table.partition_by for name in times)
    if not timed:
        return None
    one = view.emptied_by(table)
    if one is not None:
        what = "a TTL" if one.statement.kind == "alter_ttl" else "dropped partitions"
        claim = f"Retention comes from code: {what} at {one.path}:{one.at}."
        return Assessment.GOOD, claim, "create", (one.place(service.target),)
    if _ttl_filled_in(table):
        claim = f"Whether rows leave {table.name} is decided by what fills in its statement's template; no TTL is written out."
        return Assessment.GAP, claim, "create", ()
    return (
        Assessment.CONCERN,
        f"{table.name} is a time series without TTL and without a job that drops partitions.",
        "create",
        (),
    )
