"""The rows of a query without a limit, collected into a slice or map."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import LOOP
from rda_nb.records import Hotspot, Page
from rda_nb.service.buffers import working

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Call
    from rda_nb.service.statements import Sql

PAGE = Page(
    title="All rows of a query are collected in memory",
    topics=("bounded-memory",),
    consequence="unbounded growth",
    rows=Hotspot,
    why="The answer grows with the table, and all of it lies in memory at once, beside what it replaces.",
    remedy="Add a LIMIT and read by pages of the key, or work on each row as it comes.",
    proof="With ten times the rows in the table, the heap of the process stays as it was.",
    impact="overload",
    references=("https://use-the-index-luke.com/no-offset",),
)

_NEXT = re.compile(r"\.Next\(")
_KEEPS = re.compile(r"\b([\w.]+)\s*=\s*append\(\s*\1\b|\b([\w.]+)\[[^\]\n]+\]\s*(?:=|\+=|\+\+)")
# A value that is asked for, or a list of such, bounds the rows as well as a limit does in most tables.
_ASKED = re.compile(
    r"(?i)(?:=|\blike)\s*(?:\?|\$\d|@\w|:\w|\{\w+:|'?%)|\bin\s*\((?!\s*select)|\bin\s+(?:\?|\$\d|%)|\bany\(|=\s*'[^']*'|\blimit\b|\btop\s+\d"
)
_CATALOGUE = re.compile(
    r"(?i)\b(?:system|information_schema|pg_catalog|sqlite_master|pg_\w+|migrations?|schema_version\w*)\b"
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per cursor loop that keeps what it reads, where the query says nothing of how many rows there may be."""
    told = {
        (operation.path, operation.row.start)
        for one in service.statements
        if one.statement.kind == "select" and not _open(one)
        for operation in one.operations
    }  # what may as well ask for a bounded answer says nothing
    for one in service.statements:
        if one.statement.kind != "select" or one.migration or one.piece or not one.operations or not _open(one):
            continue
        for call in _asking(service, one):
            key = (call.path, call.row.start)
            loop = _collecting(call) if key not in told and working(service, call.function) else None
            if loop is not None:
                told.add(key)
                yield _row(service, call, one, loop)


def _asking(service: Service, one: Sql) -> Iterator[Call]:
    """The calls that ask for a statement: the library's, or those of a wrapper of the target in a function that names it."""
    users = {function.key for function in one.users} | ({one.function.key} if one.function is not None else set())
    for operation in one.operations:
        if operation.role in ("sql.query", "clickhouse.query"):
            yield operation
            wrapper = operation.function
            for call in service.calls.callers.get(wrapper.key, ()) if wrapper is not None else ():
                if call.function is not None and call.function.key in users:
                    yield call


def _open(one: Sql) -> bool:
    statement = one.statement
    if statement.limit is not None or "limit" in statement.clauses or not statement.tables:
        return False
    if statement.aggregates or statement.group_by:
        return False  # a row per group, of which there are fewer
    return _ASKED.search(statement.text) is None and _CATALOGUE.search(" ".join(statement.tables)) is None


def _collecting(operation: Call) -> tuple[int, int] | None:
    """Where the loop over the answer's rows begins, and where it puts each into a slice or map."""
    file, function = operation.file, operation.function
    given = file.given.get((operation.row.start, operation.row.end))
    if given is None or function is None:
        return None
    name = given[0].names[0]
    for block in file.rows.blocks:
        if block.kind != LOOP or not operation.row.end < block.start < function.row.end:
            continue
        header = file.text[slice(*block.header)]
        kept = _KEEPS.search(file.text, block.header[1], block.end)
        if kept is not None and header.startswith(f"{name}.") and _NEXT.search(header):
            return block.start, kept.start()
    return None


def _row(service: Service, operation: Call, one: Sql, loop: tuple[int, int]) -> Hotspot:
    function = operation.function
    assert function is not None
    flows = service.hot_flows(function)
    where = f"on {flows[0].entrypoint.title}" if flows else "in background work"
    tables = (
        ", ".join(table for table in one.statement.tables[:2] if "%" not in table)
        or "a table that is named at run time"
    )
    return Hotspot(
        pattern="unbounded_read",
        function=function.label,
        why="the answer grows with the table",
        in_loop=1,
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite(operation), service.cite_at(operation.file, *loop), one.place(service.target)),
        assessment=Assessment.CONCERN,
        claim=f"{function.label} collects all rows that it selects from {tables}, without a limit, {where}.",
        symbol=function.label,
        subject=tables,
        hot=bool(flows),
        quiet=True,
    )
