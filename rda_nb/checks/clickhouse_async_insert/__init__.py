"""Asynchronous inserts: whether the client waits until the server has stored the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.server_settings import ServerSetting

PAGE = Page(
    title="An asynchronous insert is acknowledged before it is stored",
    topics=("clickhouse-writes",),
    consequence="data loss",
    rows=ClickHouseAspect,
    why="With wait_for_async_insert=0 the server answers while rows lie in its memory: errors and losses stay unseen.",
    remedy="Set wait_for_async_insert=1 and let the caller see the error of the flush.",
    proof="Insert a row that the table refuses in the load harness: the client gets the error.",
    impact="throughput",
    references=("https://clickhouse.com/docs/optimize/asynchronous-inserts",),
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """A row per place that switches async inserts on, waits for them or not, or calls the asynchronous form."""
    view = service.clickhouse
    waits = view.setting("wait_for_async_insert")
    for setting in view.setting("async_insert"):
        if (setting.value.known and setting.value.number == 0) or _dropped(service, setting):
            continue
        wait = next((other for other in waits if _near(setting, other)), None)
        if wait is not None and wait.always(0):
            continue  # the row at the wait says it
        written = f"`{wait.written}`" if wait is not None and not wait.value.known else "1"
        origin = "set here" if wait is not None else "the server's default"
        yield _row(setting, Assessment.GOOD, f"async_insert is on and wait_for_async_insert is {written} ({origin}).")
    for setting in waits:
        if setting.always(0):
            claim = "wait_for_async_insert=0: an insert succeeds for the client before its rows are stored."
            yield _row(setting, Assessment.RISK, claim)
    yield from _calls(service)
    yield from _misplaced(service)


def _dropped(service: Service, setting: ServerSetting) -> bool:
    """True when a prepared batch leaves the setting out."""
    return setting.statement is not None and bool(
        service.clickhouse.senders(setting.statement, "clickhouse.prepare_batch")
    )


def _near(setting: ServerSetting, other: ServerSetting) -> bool:
    same = setting.evidence.path == other.evidence.path
    return same and abs(setting.evidence.line - other.evidence.line) <= 12


def _row(setting: ServerSetting, assessment: Assessment, claim: str) -> ClickHouseAspect:
    return ClickHouseAspect(
        aspect="async_insert",
        approach=f"{setting.name}={setting.written}",
        evidence=(setting.evidence,),
        assessment=assessment,
        claim=claim,
        symbol=setting.function.label if setting.function else setting.evidence.path,
        subject=setting.name,
        cause="unwaited" if assessment is Assessment.RISK else "",
        value=setting.value if setting.value.upper is not None else None,
        recommendation=PAGE.remedy if assessment is Assessment.RISK else "",
    )


def _calls(service: Service) -> Iterator[ClickHouseAspect]:
    """The client's own asynchronous insert, whose last argument says whether it waits."""
    for operation in service.operations("clickhouse.async_insert"):
        wait = service.quantity(service.argument(operation, 2), operation, "")
        if wait.known and wait.number == 0:
            assessment, claim = (
                Assessment.RISK,
                "The asynchronous insert does not wait until the server has stored the row.",
            )
        elif wait.known:
            assessment, claim = Assessment.GOOD, "The asynchronous insert waits until the server has stored the row."
        else:
            assessment, claim = Assessment.GAP, f"Whether the asynchronous insert waits is not known: {wait.reason}."
        yield ClickHouseAspect(
            aspect="async_insert",
            approach="asynchronous insert of the client",
            evidence=(service.cite(operation),),
            assessment=assessment,
            claim=claim,
            symbol=operation.function.label if operation.function else operation.path,
            hot=service.is_hot(operation),
        )


def _misplaced(service: Service) -> Iterator[ClickHouseAspect]:
    """SETTINGS behind the column list of a prepared batch never reach the server."""
    for one in service.clickhouse.of_kind("insert"):
        lost = [name for name in one.statement.settings if name.startswith(("async_insert", "wait_for"))]
        if lost and service.clickhouse.senders(one, "clickhouse.prepare_batch"):
            yield ClickHouseAspect(
                aspect="async_insert",
                approach="SETTINGS in the statement of a prepared batch",
                evidence=(one.place(service.target, "settings"),),
                assessment=Assessment.CONCERN,
                claim=f"A prepared batch drops what follows its column list, so {', '.join(lost)} has no effect "
                "(clickhouse-go issue 1919).",
                symbol=service.clickhouse.symbol(one),
                subject=one.statement.target,
                consequence="unpredictability",
                remedy="Send the settings with the context or the connection's options.",
                proof="system.query_log shows the setting on the insert.",
                hot=service.clickhouse.hot(one),
                quiet=not service.clickhouse.hot(one),
            )
