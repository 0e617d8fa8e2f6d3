"""Queries with FINAL, judged by their path and by whether their filter uses the sorting key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.statements import Sql

PAGE = Page(
    title="FINAL merges rows of the whole table while a request waits",
    topics=("clickhouse-queries",),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="FINAL merges all rows that the filter on the sorting key leaves: without such a filter, that is every row.",
    remedy="Filter by the sorting key, take the latest row with argMax over a bounded range, or read a summed table.",
    proof="system.query_log at production size: read_rows of the query falls to the rows of its key range, by 10 times or more.",
    impact="latency",
    references=("https://clickhouse.com/docs/sql-reference/statements/select/from#final-modifier",),
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per statement with FINAL that code sends."""
    for one in service.clickhouse.of_kind("select"):
        if not one.statement.final or one.migration:
            continue
        assessment, claim, approach = _judged(service, one)
        hot = service.clickhouse.hot(one)
        yield ClickHouseAspect(
            aspect="final",
            approach=approach,
            risk="cost grows with the table" if assessment in (Assessment.RISK, Assessment.CONCERN) else "",
            recommendation=PAGE.remedy if assessment in (Assessment.RISK, Assessment.CONCERN) else "",
            statement=" ".join(one.statement.text.split())[:200],
            evidence=(_site(service, one),),
            assessment=assessment,
            claim=claim,
            symbol=service.clickhouse.symbol(one),
            subject=one.statement.tables[0] if one.statement.tables else "",
            hot=hot,
            consequence="unpredictability" if assessment is Assessment.RISK else "",
            quiet=assessment is Assessment.CONCERN and hot is not True,
        )


def _site(service: Service, one: Sql) -> Evidence:
    """The line with FINAL."""
    offset = one.statement.final_line_offset
    return (
        service.target.cite(one.path, one.line + offset)
        if offset and one.statement.clauses
        else one.place(service.target)
    )


def _judged(service: Service, one: Sql) -> tuple[Assessment, str, str]:
    """Assessment, sentence, approach."""
    view, statement = service.clickhouse, one.statement
    where, hot = view.path(one), view.hot(one)
    setting = "do_not_merge_across_partitions_select_final"
    if statement.settings.get(setting) == "1" or any(s.always(1) for s in view.setting(setting) if s.statement is None):
        return Assessment.GOOD, f"FINAL merges each partition by itself ({setting}=1), {where}.", "FINAL per partition"
    found = view.key_filter(one)
    if found is not None and found.used:
        part = "the whole sorting key" if found.whole else "the sorting key's prefix"
        columns = ", ".join(found.used)
        return (
            Assessment.GOOD,
            f"FINAL over rows that {part} ({columns}) selects, {where}.",
            "FINAL behind a key filter",
        )
    filtered = bool(statement.where_columns) or statement.prewhere or "where" in statement.clauses
    if one.piece or (found is None and filtered):
        claim = f"FINAL with a filter on {', '.join(statement.where_columns[:3]) or 'what code adds'}, {where}; the table's "
        return (
            Assessment.GAP,
            claim + "sorting key is not in the target, so its cost cannot be told.",
            "FINAL with a filter",
        )
    if found is None:
        claim = f"FINAL without any filter, {where}."
    else:
        key = ", ".join(view.key(found.table))
        claim = f"FINAL on {found.table.name} without a filter on its sorting key ({key}), {where}: all its rows are merged."
    certain = hot is True and found is not None
    return (Assessment.RISK if certain else Assessment.CONCERN), claim, "FINAL without a key filter"
