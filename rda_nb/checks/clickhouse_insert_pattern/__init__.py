"""Each insert into ClickHouse: how its rows are gathered, and how many parts a second it makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity.parts import parts_per_second
from rda_nb.core import Assessment, Evidence, Formula, known, unknown
from rda_nb.records import ClickHouseAspect, Page
from rda_nb.service.batching import Batching, appends_near, feeding, whole_batch
from rda_nb.service.clickhouse_knowledge import advice

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.statements import Sql

PAGE = Page(
    title="ClickHouse is given rows one by one",
    topics=("clickhouse-writes",),
    consequence="unbounded growth",
    rows=ClickHouseAspect,
    why="Every insert writes a part; more parts than merges remove end in delayed and then refused inserts.",
    remedy="Gather rows and write them as one batch of 1,000 or more, or let the server gather them (async_insert).",
    proof="system.parts under load: new parts a second stay below one per table, and rows per part above 1,000.",
    impact="throughput",
    references=("https://clickhouse.com/docs/optimize/bulk-inserts",),
)

_BATCHES = ("clickhouse.prepare_batch", "sql.prepare", "clickhouse.do", "clickhouse.insert")
_HTTP = ("http.request", "http.new_request")
_SINGLE = ("clickhouse.exec", "sql.exec", "clickhouse.query", "sql.query")


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """A row per insert statement that code sends, and one per place that fills a batch."""
    filled: set[tuple[str, int]] = set()
    for one in service.clickhouse.of_kind("insert"):
        if one.migration or not one.operations:
            continue
        batches = service.clickhouse.senders(one, *_BATCHES)
        singles = service.clickhouse.senders(one, *_SINGLE)
        if one.statement.insert_form == "select":
            yield _row(service, one, Assessment.GOOD, "INSERT SELECT", "The rows stay on the server: INSERT SELECT.")
        elif batches:
            yield from _batched(service, one, batches, filled)
        elif singles:
            yield from _single(service, one, singles)
        elif service.clickhouse.senders(one, *_HTTP):
            claim = "INSERT over HTTP: the rows lie in the request's body, and how many there are cannot be seen."
            yield _row(service, one, Assessment.GAP, "INSERT over HTTP", claim)


def _batched(
    service: Service, one: Sql, batches: list[Operation], filled: set[tuple[str, int]]
) -> Iterator[ClickHouseAspect]:
    """The insert itself, then the place where its rows are appended."""
    appends = [append for batch in batches for append in appends_near(service, batch.function)]
    hot = service.clickhouse.hot(one)
    if appends and not any(looped for _, looped in appends) and hot and whole_batch(service, appends[0][0]):
        claim = f"Each call sends a batch of one row {service.clickhouse.path(one)}: one part per request or message."
        claim += _refused()
        places = (service.cite(appends[0][0], "caller"),)
        yield _row(service, one, Assessment.RISK, "batch of one row", claim, places, _rate(service, one))
        return
    function = (service.clickhouse.functions(one) or (None,))[0]
    controls = feeding(service, function)
    formula = _parts(service, one, controls)
    small = controls.size.upper is not None and controls.size.upper < advice("insert_rows_min").value
    fast = controls.interval.upper is not None and controls.interval.upper < 1 / advice("inserts_per_second").value
    assessment = Assessment.CONCERN if small or fast else Assessment.GOOD
    size = (
        f"{controls.size.upper:,.0f} rows"
        if controls.size.upper is not None
        else "as many rows as the caller hands over"
    )
    timer = f" or every {controls.interval.upper:g} s" if controls.interval.upper is not None else ""
    claim = f"The insert is one batch of up to {size}{timer}."
    if controls.size.upper is None:
        claim = f"The insert is one batch of {size}{timer}; {controls.size.reason}."
    if formula is not None:
        claim += f" Parts: {formula.text}."
    yield _row(service, one, assessment, "native batch", claim, controls.evidence, formula)
    for batch in {batch.function.key: batch for batch in reversed(batches) if batch.function is not None}.values():
        near = [
            append for append, looped in appends_near(service, batch.function) if looped and append.file is batch.file
        ]
        after = [append for append in near if append.row.start > batch.row.start] or near
        if after and (after[0].path, after[0].line) not in filled:
            filled.add((after[0].path, after[0].line))
            yield ClickHouseAspect(
                aspect="batch",
                approach="rows appended in a loop, sent once",
                evidence=(service.cite(after[0]),),
                assessment=Assessment.GOOD,
                claim="Rows are appended in memory in a loop and leave in one send.",
                symbol=after[0].function.label if after[0].function else after[0].path,
                hot=hot,
            )


def _single(service: Service, one: Sql, singles: list[Operation]) -> Iterator[ClickHouseAspect]:
    """An INSERT ... VALUES sent by itself."""
    hot, rows = service.clickhouse.hot(one), one.statement.rows_in_values
    if any(service.clickhouse.sent_with(f, "async_insert") for f in service.clickhouse.functions(one)):
        return  # gathered by the server: the check on async inserts has the row
    if "async_insert" in one.statement.settings:
        return
    if one.piece or one.statement.insert_form != "values" or (rows is not None and rows > 1):
        claim = "The rows of this insert are put together as text; how many there are cannot be seen."
        yield _row(service, one, Assessment.GAP, "INSERT as text", claim)
        return
    looped = any(service.loops(single) for single in singles)
    if hot or looped:
        often = "per item of a loop" if looped else "per request or message"
        claim = f"INSERT of one row {often}, {service.clickhouse.path(one)}: as many parts a second as there are calls."
        claim += _refused()
        assessment = Assessment.RISK if hot else Assessment.CONCERN
    else:
        claim, assessment = (
            "INSERT of one row, off every path per request or message that was found.",
            Assessment.CONCERN,
        )
    formula = _rate(service, one) if hot or looped else None
    yield _row(service, one, assessment, "one row per insert", claim, formula=formula, quiet=not hot and not looped)


def _refused() -> str:
    """From where on the server refuses, and what may spare it."""
    limit, gathered = advice("parts_to_throw_insert"), advice("async_insert_default_on")
    return (
        f" {limit.value:,.0f} parts in a partition refuse inserts (from {limit.since}), unless the server gathers rows"
        f" (async_insert, on by default from {gathered.since})."
    )


def _rate(service: Service, one: Sql) -> Formula:
    """Parts a second of inserts of one row: the rate of calls, once for the table and once for each of its views."""
    table = service.clickhouse.table(one)
    parts = 1 + len(table.views) if table is not None else 1
    text = f"parts/s = {parts} × rate of requests or messages"
    return Formula(text, None, "parts/s", missing="rate of requests or messages")


def _per_message(service: Service, one: Sql) -> bool:
    """True when messages of a queue or stream lead here: their rate is that of the traffic, not of people."""
    return any(flow.entrypoint.kind not in ("api_route", "grpc_method") for flow in service.clickhouse.flows(one))


def _parts(service: Service, one: Sql, controls: Batching) -> Formula | None:
    """Parts a second when a timer flushes; replicas stay a symbol, as only a deployment knows them."""
    if controls.interval.upper is None or controls.interval.upper <= 0:
        return None
    table = service.clickhouse.table(one)
    views = len(table.views) if table is not None else 0
    touched = known(1 + views, "count") if table is not None else unknown("partitions that an insert touches", "count")
    return parts_per_second(
        replicas=unknown("copies of the service", "count"),
        workers=controls.workers,
        partitions=touched,
        flush_interval=controls.interval,
    )


def _row(
    service: Service,
    one: Sql,
    assessment: Assessment,
    approach: str,
    claim: str,
    more: tuple[Evidence, ...] = (),
    formula: Formula | None = None,
    quiet: bool = False,
) -> ClickHouseAspect:
    return ClickHouseAspect(
        aspect="insert",
        approach=approach,
        evidence=(one.place(service.target), *more),
        assessment=assessment,
        claim=claim,
        symbol=service.clickhouse.symbol(one),
        subject=one.statement.target,
        statement=" ".join(one.statement.text.split())[:200],
        hot=service.clickhouse.hot(one),
        formula=formula,
        quiet=quiet,
        recommendation=PAGE.remedy if assessment in (Assessment.RISK, Assessment.CONCERN) else "",
        consequence="" if _per_message(service, one) else "unpredictability",
    )
