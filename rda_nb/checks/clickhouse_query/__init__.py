"""Queries that code sends: what bounds the rows they read and the rows they bring into memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_seconds
from rda_nb.core import Assessment
from rda_nb.records import ClickHouseAspect, Page
from rda_nb.service.windows import window

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.statements import Sql

PAGE = Page(
    title="A query reads or returns as many rows as the table holds",
    topics=("clickhouse-queries", "bounded-memory"),
    consequence="unpredictability",
    rows=ClickHouseAspect,
    why="Without LIMIT the answer grows with the data and lies in memory; without a key filter all rows are read.",
    remedy="Add a LIMIT (and pages by key), and filter by the first columns of the sorting key.",
    proof="At 10 times the rows result_rows stays at the limit, and read_rows in system.query_log stays what it was.",
    impact="latency",
    references=("https://clickhouse.com/docs/best-practices/choosing-a-primary-key",),
)

_HOLE = re.compile(r"%(?:\[\d+\])?[svq]|\{\{|\$\{")
# Holes that stand for a name, a value or a list of columns leave the shape of a query as it is written.
_VALUES = re.compile(
    r"%[svq](?=\s+(?i:GLOBAL|NOT|IN|LIKE|BETWEEN|AS|[=<>!]))|"
    r"'[^']*'|(?i:\b(?:FROM|JOIN|INTO|TABLE|SELECT|DISTINCT|LIMIT|OFFSET|BY|INTERVAL|IN|LIKE)\b|[=<>(,.`\"*/+-])"
    r"\s*[`\"\w.]*(?:%(?:\[\d+\])?[svq]|\{\{[^}]*\}\}|\$\{[^}]*\})[`\"]?"
)
_RISKS = (Assessment.RISK, Assessment.CONCERN)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per query that code sends; those with FINAL are judged by their own check where they have a filter."""
    open_: set[str] = set()
    for one in service.clickhouse.of_kind("select"):
        statement = one.statement
        sent = bool(one.operations) or one.function is not None
        if one.migration or not sent or (one.piece and not one.operations) or not (statement.tables or statement.joins):
            continue
        if statement.final and not _unbounded(one):
            continue
        aspect, assessment, approach, claim = _judged(service, one)
        if statement.final and aspect != "wide_scan":
            continue
        symbol = service.clickhouse.symbol(one)
        if assessment is not Assessment.GOOD and (
            not one.operations or (assessment is Assessment.GAP and symbol in open_)
        ):
            continue  # a text that no call was seen to send says nothing; one gap a function is enough
        if assessment is Assessment.GAP:
            open_.add(symbol)
        hot = service.clickhouse.hot(one)
        looks = window(service, one)
        back, places = looks if looks is not None else (None, ())
        if back is not None and back.upper is not None:
            claim = f"{claim} It looks back {format_seconds(back.upper)}."
        yield ClickHouseAspect(
            aspect=aspect,
            approach=approach,
            value=back,
            risk="grows with the data" if assessment in _RISKS else "",
            recommendation=PAGE.remedy if assessment in _RISKS else "",
            statement=" ".join(statement.text.split())[:200],
            evidence=(one.place(service.target), *places),
            assessment=assessment,
            claim=claim,
            symbol=symbol,
            subject=statement.tables[0] if statement.tables else "",
            hot=hot,
            quiet=assessment is Assessment.CONCERN and (hot is not True or aspect == "query"),
        )


def _unbounded(one: Sql) -> bool:
    """True when nothing in the statement limits the rows that it returns."""
    statement = one.statement
    limited = "limit" in statement.clauses or statement.limit is not None or statement.limit_by
    single = statement.aggregates and not statement.group_by
    return not limited and not single and not statement.group_by and not _of_pieces(one)


def _of_pieces(one: Sql) -> bool:
    """True when code adds to the text, or a template stands where a clause may stand."""
    if one.piece or "no parser" in one.statement.reason:
        return True
    return _HOLE.search(_VALUES.sub(" ", one.statement.text)) is not None


def _judged(service: Service, one: Sql) -> tuple[str, Assessment, str, str]:
    """Kind, assessment, approach, sentence."""
    view, statement = service.clickhouse, one.statement
    where, hot = view.path(one), view.hot(one)
    if statement.tables and all(name.startswith(("system.", "information_schema.")) for name in statement.tables):
        return (
            "query",
            Assessment.GOOD,
            "system table",
            f"A query of {statement.tables[0]}, a small table of the server.",
        )
    found = view.key_filter(one)
    key = f"({', '.join(view.key(found.table))})" if found is not None else ""
    if not _unbounded(one):
        return _bounded(service, one)
    star = " with every column (SELECT *)" if statement.star else ""
    if found is not None and found.whole:
        return "query", Assessment.GOOD, "by the whole key", f"The filter names the whole sorting key {key}."
    if found is not None and found.used:
        used = ", ".join(found.used)
        claim = f"No LIMIT: all rows of one {used}{star} come into memory, {where}."
        return "query", Assessment.CONCERN, "key prefix, no LIMIT", claim
    if found is not None:
        claim = (
            f"No LIMIT and no filter on the sorting key {key} of {found.table.name}{star}: every part is read, {where}."
        )
        return "wide_scan", (Assessment.RISK if hot else Assessment.CONCERN), "no LIMIT, no key filter", claim
    if re.search(r"(?i)\b(?:PRE)?WHERE\b", statement.text):
        claim = f"No LIMIT{star}; the filter is on {', '.join(statement.where_columns[:3]) or 'what code fills in'}, and the "
        claim += f"table's sorting key is not in the target, {where}."
        return "query", (Assessment.CONCERN if hot else Assessment.GAP), "no LIMIT", claim
    claim = f"Neither LIMIT nor WHERE{star}: the whole of {statement.tables[0] if statement.tables else 'the table'}, {where}."
    return "wide_scan", Assessment.CONCERN, "no LIMIT, no filter", claim


def _bounded(service: Service, one: Sql) -> tuple[str, Assessment, str, str]:
    """A query whose answer is bounded or made of pieces: what it reads still counts."""
    view, statement = service.clickhouse, one.statement
    if _of_pieces(one) and not (statement.limit is not None or "limit" in statement.clauses):
        claim = "The query is put together from pieces: its filter and LIMIT cannot all be seen."
        return "query", Assessment.GAP, "built from pieces", claim
    if _of_unseen_groups(one):
        claim = "The answer has a row for each group, and code fills in what it groups by: its size cannot be seen."
        return "query", Assessment.GAP, "grouped by what code fills in", claim
    found = view.key_filter(one)
    limit = _limit(one)
    if found is None or found.used:
        used = f" and a filter on {', '.join(found.used)}" if found is not None else ""
        return "query", Assessment.GOOD, limit, f"The answer is bounded by {limit}{used}."
    key = ", ".join(view.key(found.table))
    if view.hot(one) and not (set(statement.where_columns) & set(view.time_columns(found.table))):
        claim = f"Bounded by {limit}, but no filter on the sorting key ({key}) or time: every part is read, {view.path(one)}."
        return "query", Assessment.CONCERN, limit, claim
    return (
        "query",
        Assessment.GOOD,
        limit,
        f"The answer is bounded by {limit}; the filter does not start with the key ({key}).",
    )


def _of_unseen_groups(one: Sql) -> bool:
    """True when nothing but groups bounds the answer, and the text names none of them."""
    statement = one.statement
    limited = "limit" in statement.clauses or statement.limit is not None or statement.limit_by
    return bool(statement.group_by) and not limited and all(_HOLE.search(name) for name in statement.group_by)


def _limit(one: Sql) -> str:
    """What bounds the answer, in words."""
    statement = one.statement
    if statement.limit is not None:
        return f"LIMIT {statement.limit:,}"
    if "limit" in statement.clauses:
        return "a LIMIT"
    if statement.limit_by:
        return "LIMIT BY"
    groups = [name for name in statement.group_by if "%" not in name]
    if statement.group_by:
        return f"its groups ({', '.join(groups[:3])})" if groups else "its groups"
    return "aggregation"
