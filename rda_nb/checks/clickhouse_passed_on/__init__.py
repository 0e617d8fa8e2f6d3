"""Queries that the service does not write itself: what a client sends goes to ClickHouse as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.program import Function

PAGE = Page(
    title="Clients send queries of their own to ClickHouse",
    topics=("clickhouse-queries", "bounded-memory"),
    consequence="unpredictability",
    rows=ClickHouseAspect,
    why="A query that the service has not seen may read every part and return any number of rows: one client slows all.",
    remedy="Run such queries as a user with max_execution_time, max_result_rows, max_memory_usage and a quota.",
    proof="A query over everything ends with the server's error within the limit, and others keep their latency.",
    impact="overload",
    references=("https://clickhouse.com/docs/operations/settings/query-complexity",),
)

_ROLES = ("http.request", "clickhouse.query", "clickhouse.exec", "sql.query", "sql.exec")
# What a request brings, as frameworks hand it out.
_GIVEN = re.compile(
    r"\.Body\b|\.QueryString\(\)|\.RawQuery\b|\.URL\.Query\(\)|\.FormValue\(|\.QueryParam\(|\.PostForm|\.GetRawData\(\)|\.BodyRaw\(\)"
)
_CLIENT = re.compile(r'"clickhouse(?:-client|-local)?"\s*,\s*(?:"(?:client|local)"\s*,)?')
_QUERY = re.compile(r'"(?:--query|-q)"\s*,\s*([A-Za-z_][\w.]*)')
_LIMITS = re.compile(r"max_execution_time|max_result_rows|max_memory_usage|max_rows_to_read")
_NEAR = 400
_PASSES = 5


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per place at which what a request brought is handed on to ClickHouse."""
    written = {id(operation) for one in service.clickhouse.statements for operation in one.operations}
    seen: set[tuple[str, int]] = set()
    for operation in service.operations(*_ROLES):
        if id(operation) in written or service.systems.of(operation) != "clickhouse" or _built(service, operation):
            continue
        for flow, reached in service.flows_to(operation):
            if flow.entrypoint.kind != "api_route" or not flow.entrypoint.per_item or reached.spawned:
                continue
            call = reached.edges[0].via if reached.edges else operation
            place = service.cite(call) if call is not None and _hands_on(call) else None
            if place is not None and call is not None and (place.path, place.line) not in seen:
                seen.add((place.path, place.line))
                yield _row(service, place, call.function, operation, flow.entrypoint.title)
    yield from _by_command(service)


def _built(service: Service, operation: Operation) -> bool:
    """True for a statement that the code or its library built, so that what the client sent can be but a value in it.

    It is run with a list of values, or by a builder that is given nothing but a context.
    """
    listed = operation.file.text[operation.row.callee_end : operation.row.end].rstrip().endswith("...)")
    return listed or (operation.entry.context == 0 and len(service.calls.arguments(operation)) == 1)


def _hands_on(call: Call) -> bool:
    """True when a call is given something that its function took from the request."""
    function = call.function
    if function is None:
        return False
    taken = _taken(call.file, function)
    text = call.file.text[call.row.callee_end : call.row.end]
    return _GIVEN.search(text) is not None or any(re.search(rf"\b{re.escape(name)}\b", text) for name in taken)


def _taken(file: FileFacts, function: Function) -> set[str]:
    """The locals of a function that hold what the request brought, or are made from such ones."""
    rows = [
        row
        for row in file.rows.bindings
        if function.row.start <= row.start < function.row.end and row.form in ("define", "assign", "variable")
    ]
    found: set[str] = set()
    for _ in range(_PASSES):
        before = len(found)
        for row in rows:
            text = " ".join(file.text[slice(*span)] for span in row.values)
            if _GIVEN.search(text) or any(re.search(rf"\b{re.escape(name)}\b", text) for name in found):
                found |= {name for name in row.names if name.isidentifier() and name not in ("_", "err", "ok")}
        if len(found) == before:
            break
    return found


def _by_command(service: Service) -> Iterator[ClickHouseAspect]:
    """Queries that are handed to the command-line client."""
    for file in service.program.files:
        if file.role != "product" or '"clickhouse' not in file.text:
            continue
        for match in _CLIENT.finditer(file.text):
            end = file.text.find("}", match.end(), match.end() + _NEAR)
            end = end if end >= 0 else match.end() + _NEAR
            query = _QUERY.search(file.text, match.end(), end)
            if query is None or _LIMITS.search(file.text, match.start(), end):
                continue
            block = max((n for n, b in enumerate(file.rows.blocks) if b.start <= match.start() < b.end), default=-1)
            function = service.program.enclosing(file, block)
            label = function.label if function else file.path
            hot = bool(service.hot_flows(function))
            yield ClickHouseAspect(
                aspect="query",
                approach="a query for the command-line client",
                risk="any query, without a limit",
                recommendation=PAGE.remedy,
                evidence=(service.cite_at(file, match.start()), service.cite_at(file, query.start(), role="caller")),
                assessment=Assessment.CONCERN,
                claim=f"{label} runs `{query[1]}` by the command-line client and sets no limit on its time, rows or memory.",
                symbol=label,
                subject=query[1],
                hot=hot or None,
                quiet=not hot,
            )


def _row(
    service: Service, place: Evidence, function: Function | None, operation: Operation, title: str
) -> ClickHouseAspect:
    label = function.label if function else operation.path
    return ClickHouseAspect(
        aspect="query",
        approach="what the client sends",
        risk="any query, without a limit",
        recommendation=PAGE.remedy,
        evidence=(place, service.cite(operation, "caller")),
        assessment=Assessment.CONCERN,
        claim=f"{title} hands on to ClickHouse what the client sends: any statement, with no limit that the target shows.",
        symbol=label,
        subject=operation.client,
        hot=True,
    )
