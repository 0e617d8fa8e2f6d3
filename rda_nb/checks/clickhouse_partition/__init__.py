"""How many partitions each table ends up with: grain times retention."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Factor, Formula
from rda_nb.records import ClickHouseAspect, Page
from rda_nb.service.clickhouse_knowledge import advice

if TYPE_CHECKING:
    from rda_nb.facts.sql import Table
    from rda_nb.service import Service

PAGE = Page(
    title="A table is cut into too many partitions",
    topics=("clickhouse-schema",),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="Merges never cross partitions: many small ones keep many parts, slow start and queries, and refuse wide inserts.",
    remedy="Partition by month, or not at all, and leave finer pruning to the sorting key.",
    proof="system.parts: active partitions of the table stay below 1,000 over its whole retention.",
    impact="cost",
    references=("https://clickhouse.com/docs/engines/table-engines/mergetree-family/custom-partitioning-key",),
)

_A_YEAR = {"day": 365.25, "hour": 8766.0, "week": 52.18}
_IDENTITY = re.compile(r"(?i)(?:^|_)(?:u?uid|guid|id|key|hash|email|session|token|url|user|request|trace)s?$|uuid")
_SMALL = re.compile(r"(?i)^(?:Low|Enum|Bool|U?Int8)")


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per table."""
    for table, origin in service.clickhouse.tables:
        assessment, claim, formula = _judged(service, table)
        if service.clickhouse.reference(origin) and assessment is not Assessment.GAP:
            assessment, claim = Assessment.GOOD, f"{claim} The table is made by a script, not by a migration."
        yield ClickHouseAspect(
            aspect="partition",
            approach=f"PARTITION BY {table.partition_by}" if table.partition_by else "no partitions",
            recommendation=PAGE.remedy if assessment in (Assessment.RISK, Assessment.CONCERN) else "",
            evidence=(service.clickhouse.cite(table, "partition by"),),
            assessment=assessment,
            claim=claim,
            symbol=table.name,
            formula=formula,
            hot=None,
        )


def _judged(service: Service, table: Table) -> tuple[Assessment, str, Formula | None]:
    grain = table.grain
    if grain.grain in ("none", "constant"):
        return Assessment.GOOD, "The table has one partition.", None
    if grain.grain in ("value", "unknown"):
        return (*_by_value(table), None)
    if grain.partitions_per_year is None:
        return Assessment.GAP, f"The number of partitions cannot be told: {grain.symbolic}.", None
    if grain.grain in ("hash", "cycle"):
        many = grain.partitions_per_year > advice("partitions_good").value
        claim = f"{grain.partitions_per_year:,} partitions in all."
        return (Assessment.CONCERN if many else Assessment.GOOD), claim, None
    return _by_time(service, table)


def _by_time(service: Service, table: Table) -> tuple[Assessment, str, Formula | None]:
    """Partitions per year times years kept, against what the documentation advises."""
    grain, years = table.grain, service.clickhouse.retention(table)
    a_year = _A_YEAR.get(grain.grain, float(grain.partitions_per_year or 0))
    good, hard = advice("partitions_good").value, advice("partitions_hard").value
    if years is None:
        kept = "no TTL" if not table.ttl else "a TTL that is not a constant"
        text = f"{a_year:,.0f} partitions a year, {kept}"
        span = good / a_year
        emptied = service.clickhouse.emptied_by(table) if not table.ttl else None
        if emptied is not None:
            return _by_code(grain.grain, a_year, f"{emptied.path}:{emptied.at}")
        formula = Formula(text, None, "partitions", bounded=bool(table.ttl), missing="years of retention")
        if span >= 10:
            return Assessment.GOOD, f"By {grain.grain}: {text}.", formula
        claim = f"By {grain.grain}: {text}; the {good:,.0f} that the documentation advises are reached after "
        claim += f"{span:.1f} years." if span >= 1 else f"{span * 365.25:.0f} days."
        return (Assessment.RISK if span < 1 and not table.ttl else Assessment.CONCERN), claim, formula
    count = math.floor(round(a_year * years, 6))
    evidence = service.clickhouse.cite(table, "ttl")
    text = f"{_plain(years)} × {a_year:,g} a year = {count:,} partitions"
    formula = Formula(
        text,
        float(count),
        "partitions",
        factors=(Factor("years", years, "years", "TTL", evidence), Factor("per year", a_year, "1/year", grain.grain)),
    )
    if count <= good:
        return Assessment.GOOD, f"By {grain.grain} with a TTL: {text}.", formula
    more = "the hard limit of" if count > hard else "the"
    limit = hard if count > hard else good
    claim = f"By {grain.grain} with a TTL: {text}, above {more} {limit:,.0f} that the documentation advises."
    wide = advice("partitions_per_insert")
    claim += f" An insert of rows from more than {wide.value:,.0f} {grain.grain}s fails."
    return Assessment.RISK, claim, formula


def _by_code(grain: str, a_year: float, place: str) -> tuple[Assessment, str, Formula]:
    """Partitions that code lets go: after how long is for the code to say, and how many would be too many is not."""
    good = advice("partitions_good").value
    text = f"{a_year:,.0f} partitions a year, of which code lets go the old ones"
    formula = Formula(text, None, "partitions", bounded=True, missing="years of retention")
    most = f"{good / a_year:.1f} years" if good >= a_year else f"{good / a_year * 365.25:.0f} days"
    claim = f"By {grain}: {text} ({place}); the {good:,.0f} that the documentation advises would take {most} of them."
    return (Assessment.GOOD if good >= a_year else Assessment.GAP), claim, formula


def _plain(years: float) -> str:
    """Years as written: 5 years, 90 days."""
    return f"{years:.4g} years" if years >= 1 else f"{years * 365.25:.4g} days / 365.25"


def _by_value(table: Table) -> tuple[Assessment, str]:
    """A partition per value: judged by the column's type and name."""
    names = re.findall(r"[A-Za-z_]\w*(?!\w*\()", table.partition_by)
    columns = [column for name in names if (column := table.column(name)) is not None]
    wide = [c for c in columns if c.type.upper() == "UUID" or (_IDENTITY.search(c.name) and not _SMALL.match(c.type))]
    tenant = [c for c in wide if re.search(r"(?i)tenant|org|customer|account|client|project|team|site|shop", c.name)]
    if wide and not tenant:
        return (
            Assessment.RISK,
            f"One partition per value of {wide[0].name} ({wide[0].type}): as many as there are values.",
        )
    if wide:
        return Assessment.CONCERN, f"One partition per {wide[0].name}: their number grows with the customers."
    if columns and all(_SMALL.match(column.type) for column in columns):
        return Assessment.GOOD, f"One partition per value of {columns[0].name} ({columns[0].type}), a small set."
    return (
        Assessment.GAP,
        f"The number of partitions is the number of values of {table.partition_by}, which data decide.",
    )
