"""Rows that wait in memory until they are many or old enough, and then leave for ClickHouse in one request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Quantity
from rda_nb.facts.vocabulary import BRANCH, CASE, Block, FileFacts
from rda_nb.records import ClickHouseAspect, Page
from rda_nb.service.clickhouse_knowledge import advice

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.program import Function

PAGE = Page(
    title="A buffer is sent to ClickHouse before it holds a batch",
    topics=("clickhouse-writes", "batch-sizes"),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="Each send makes a part per table and partition: a timer that fires with a few rows makes parts that only merge.",
    remedy="Let rows of many keys share a buffer, wait longer, or let the server gather them (async_insert).",
    proof="system.part_log shows parts of the wished size under the load of a quiet hour.",
    impact="cost",
    references=("https://clickhouse.com/docs/best-practices/selecting-an-insert-strategy",),
)

_FLUSH = re.compile(r"\b([A-Za-z_]\w*)\.(\w*[fF]lush\w*)\(\s*\)")
_FULL = re.compile(r"len\([\w.]*\b(\w+)\)\s*>=?\s*([A-Za-z_][\w.]*|\d+)")
_JOINED = r"\b(?:strings|bytes)\.Join\(\s*[\w.]*\b{name}\b"
_TICK = re.compile(r"<-\s*(\w[\w.]*)\.C\b")


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """Rows per buffer whose rows leave for ClickHouse over HTTP, where no statement in the source says so."""
    if not _sends_text(service):
        return
    for file in service.program.files:
        if file.role != "product":
            continue
        for block in file.rows.blocks:
            if block.kind == BRANCH and block.function >= 0:
                yield from _full(service, file, block)
            elif block.kind == CASE and block.function >= 0:
                yield from _timed(service, file, block)


def _sends_text(service: Service) -> bool:
    """True when requests to ClickHouse carry rows that the service itself received, and no statement of its own."""
    written = {id(operation) for one in service.clickhouse.statements for operation in one.operations}
    requests = [op for op in service.operations("http.request") if service.systems.of(op) == "clickhouse"]
    return bool(requests) and not any(id(operation) in written for operation in requests)


def _full(service: Service, file: FileFacts, block: Block) -> Iterator[ClickHouseAspect]:
    """A buffer that is sent when it holds so many rows."""
    match = _FULL.search(file.text, *block.header)
    flush = _FLUSH.search(file.text, block.header[1], block.end)
    target = _flushed(service, file, flush) if match is not None and flush is not None else None
    if match is None or target is None:
        return
    value = service.values.quantity(service.values.of_span(file, match.span(2), block.parent), "items")
    size = f"{value.upper:,.0f} rows" if value.upper is not None else "a configured number of rows"
    small = value.upper is not None and value.upper < advice("insert_rows_min").value
    claim = f"Rows are gathered in memory and leave in one INSERT at {size}."
    places = (service.cite_at(target.file, target.row.start, role="caller"), *_joined(service, file, match[1]))
    yield _row(service, file, block.start, block, "batch", "gathered in memory", claim, value, places, small)


def _joined(service: Service, file: FileFacts, name: str) -> list[Evidence]:
    """Where the package makes one text of what the buffer holds."""
    pattern = re.compile(_JOINED.format(name=re.escape(name)))
    files = service.program.files_of.get(service.program.package_of[file.path], ())
    found = ((other, match) for other in files if other.role == "product" for match in pattern.finditer(other.text))
    return [service.cite_at(other, match.start(), role="caller") for other, match in found][:1]


def _timed(service: Service, file: FileFacts, case: Block) -> Iterator[ClickHouseAspect]:
    """A buffer that is sent on a timer, however few rows it holds."""
    tick = _TICK.search(file.text, case.start, min(case.end, case.start + 120))
    flush = _FLUSH.search(file.text, case.start, case.end)
    target = _flushed(service, file, flush) if tick is not None and flush is not None else None
    if tick is None or target is None:
        return
    value = _interval(service, file, case, tick[1])
    if value is None:
        return
    every = f"every {value.upper:g} s" if value.upper is not None else "on a timer"
    fast = value.upper is not None and value.upper <= 1 / advice("inserts_per_second").value
    claim = f"What is gathered leaves {every}, however few rows it is: one part at least for each buffer."
    places = tuple(origin.evidence for origin in value.origins[:2] if origin.evidence is not None)
    yield _row(service, file, case.start, case, "batch", "sent on a timer", claim, value, places, fast)


def _flushed(service: Service, file: FileFacts, flush: re.Match[str]) -> Function | None:
    """The method of the target that a flush calls, when it empties what it sends."""
    index = file.call_at.get((flush.start(), flush.end()))
    found = service.names.resolve(file, index) if index is not None else None
    return found.targets[0] if found is not None and found.kind == "resolved" else None


def _interval(service: Service, file: FileFacts, case: Block, name: str) -> Quantity | None:
    """The interval of the ticker that a case waits for, by its local."""
    local = service.names.local(name, file, case.start)
    span = local[0].values[local[1]] if local is not None and local[1] < len(local[0].values) else None
    index = file.call_at.get(span) if span is not None else None
    operation = service.calls.operation(file, index) if index is not None else None
    if operation is None or operation.role != "timer.ticker":
        return None
    return service.quantity(service.argument(operation, operation.entry.count or 0), operation, "s")


def _row(
    service: Service,
    file: FileFacts,
    at: int,
    block: Block,
    aspect: str,
    approach: str,
    claim: str,
    value: Quantity,
    places: tuple[Evidence, ...],
    worse: bool,
) -> ClickHouseAspect:
    function = service.program.function_of[file.path, block.function]
    return ClickHouseAspect(
        aspect=aspect,
        approach=approach,
        recommendation=PAGE.remedy if worse else "",
        evidence=(service.cite_at(file, at), *places),
        assessment=Assessment.CONCERN if worse else Assessment.GOOD,
        claim=claim,
        symbol=function.label,
        subject=approach,
        value=value,
        hot=bool(service.hot_flows(function)) or None,
        quiet=True,
    )
