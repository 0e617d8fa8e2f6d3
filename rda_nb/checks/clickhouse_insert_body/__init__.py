"""Inserts whose rows travel apart from a statement: native columns, and text over the HTTP interface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import ClickHouseAspect, Page
from rda_nb.service.batching import appends_near, feeding

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="Rows travel to ClickHouse as plain text",
    topics=("clickhouse-writes",),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="Text rows take several times the bytes of compressed ones and are parsed again by the server.",
    remedy="Compress the body (Content-Encoding: gzip or zstd), or insert native blocks.",
    proof="Bytes sent per row in the load harness fall; CPU per insert in system.query_log does not rise.",
    impact="cost",
    references=("https://clickhouse.com/docs/interfaces/http",),
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """A row per call that sends rows without a statement of its own in the source."""
    yield from _columns(service)
    yield from _text(service)


def _columns(service: Service) -> Iterator[ClickHouseAspect]:
    """Inserts whose statement the client makes from columns in memory."""
    told = {id(operation) for one in service.clickhouse.statements for operation in one.operations}
    for operation in service.operations("clickhouse.do"):
        if id(operation) in told or not appends_near(service, operation.function):
            continue
        controls = feeding(service, operation.function)
        claim = "The insert sends columns that were filled in memory as one native block."
        if controls.size.upper is not None:
            claim += f" A block has up to {controls.size.upper:,.0f} rows."
        yield _place(service, operation, Assessment.GOOD, "native columns", claim, controls.evidence)


def _text(service: Service) -> Iterator[ClickHouseAspect]:
    """Inserts that leave as text over the HTTP interface, where nothing compresses them."""
    for operation in service.operations("http.request"):
        if service.systems.of(operation) != "clickhouse" or operation.function is None:
            continue
        row = operation.function.root.row
        body = operation.file.text[row.start : row.end]
        if re.search(r"(?i)insert", body) and not re.search(r"(?i)gzip|zstd|lz4|br\b|Content-Encoding", body):
            claim = "Rows go to ClickHouse over HTTP as text, without compression."
            yield _place(service, operation, Assessment.CONCERN, "text over HTTP", claim)


def _place(
    service: Service,
    operation: Operation,
    assessment: Assessment,
    approach: str,
    claim: str,
    more: tuple[Evidence, ...] = (),
) -> ClickHouseAspect:
    quiet = assessment is Assessment.CONCERN
    return ClickHouseAspect(
        aspect="insert",
        approach=approach,
        evidence=(service.cite(operation), *more),
        assessment=assessment,
        claim=claim,
        symbol=operation.function.label if operation.function else operation.path,
        hot=service.is_hot(operation),
        quiet=quiet,
        recommendation=PAGE.remedy if quiet else "",
    )
