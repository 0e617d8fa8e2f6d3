"""The sorting key of each table against its types and the service's own filters."""

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
    title="The sorting key does not serve the service's own queries",
    topics=("clickhouse-schema", "clickhouse-queries"),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="Only a filter on the first columns of the sorting key skips data; all other filters read every part.",
    remedy="Put the columns that queries filter by first, low cardinality before high, time after them.",
    proof="EXPLAIN indexes = 1 on the service's queries: granules read fall to those of the filter.",
    impact="latency",
    references=("https://clickhouse.com/docs/best-practices/choosing-a-primary-key",),
)

_FINE_TIME = re.compile(r"(?i)^DateTime")


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per table."""
    for table, origin in service.clickhouse.tables:
        assessment, claim, quiet, more = _judged(service, table)
        if service.clickhouse.reference(origin):
            assessment, claim = Assessment.GOOD, f"{claim} The table is made by a script, not by a migration."
        yield ClickHouseAspect(
            aspect="order_by",
            approach=f"ORDER BY ({', '.join(table.order_key)})" if table.order_key else "no sorting key",
            recommendation=PAGE.remedy if assessment is Assessment.CONCERN else "",
            evidence=(service.clickhouse.cite(table, "order by"), *more),
            assessment=assessment,
            claim=claim,
            symbol=table.name,
            hot=None,
            quiet=quiet,
        )


def _judged(service: Service, table: Table) -> tuple[Assessment, str, bool, tuple[Evidence, ...]]:
    """Assessment, sentence, whether it stays in its table, the queries that it rests on."""
    view = service.clickhouse
    key = view.key(table)
    if not key:
        return Assessment.CONCERN, f"{table.name} has no sorting key: every query reads all of it.", False, ()
    shown = ", ".join(key)
    nullable = [name for name in key if (column := table.column(name)) is not None and column.nullable]
    if nullable:
        return Assessment.CONCERN, f"The sorting key ({shown}) holds the nullable column {nullable[0]}.", True, ()
    filtering = [one for one in view.readers.get(table.name, ()) if one.statement.where_columns and not one.piece]
    served = [one for one in filtering if _served(service, one)]
    first = table.column(key[0])
    if filtering and not served:
        asked = sorted({name.rpartition(".")[2] for one in filtering for name in one.statement.where_columns})
        claim = f"The key begins with {key[0]}, and none of the {len(filtering)} queries that read {table.name} filters by it"
        claim += f" (they ask for {', '.join(asked[:4])})."
        places = tuple(one.place(service.target) for one in filtering[:2])
        return Assessment.CONCERN, claim, view.hot(filtering[0]) is not True, places
    if filtering:
        return (
            Assessment.GOOD,
            f"{len(served)} of {len(filtering)} queries filter by the first column of ({shown}).",
            False,
            (),
        )
    if first is not None and first.type.upper() == "UUID":
        return (
            Assessment.CONCERN,
            f"The key ({shown}) begins with a UUID: rows that belong together lie apart.",
            False,
            (),
        )
    if first is not None and _FINE_TIME.match(first.type) and key[0] == table.order_key[0] and len(key) > 1:
        claim = (
            f"The key ({shown}) begins with a time of full precision: the columns behind it hardly help to skip data."
        )
        return Assessment.CONCERN, claim, True, ()
    return Assessment.GOOD, f"Sorted by ({shown}).", False, ()


def _served(service: Service, one: Sql) -> bool:
    found = service.clickhouse.key_filter(one)
    return found is not None and bool(found.used)
