"""Limits that the client asks of the server for every query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="The server's limit on query time is switched off",
    topics=("clickhouse-queries",),
    consequence="unpredictability",
    rows=ClickHouseAspect,
    why="A client that gives up leaves its query running; without max_execution_time nothing ends it on the server.",
    remedy="Set max_execution_time somewhat below the client's own timeout.",
    proof="A query that sleeps for 60 s in the load harness is gone from system.processes when the limit has passed.",
    impact="overload",
    references=("https://clickhouse.com/docs/operations/settings/query-complexity#max-execution-time",),
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """A row per place that sets max_execution_time."""
    for setting in service.clickhouse.setting("max_execution_time"):
        if setting.always(0):
            assessment = Assessment.CONCERN
            claim = "max_execution_time=0: no statement of this client is ever ended by the server."
        elif setting.value.known and setting.value.number:
            assessment, claim = Assessment.GOOD, f"The server ends a query after {setting.value.number:g} s."
        else:
            assessment = Assessment.GOOD
            claim = f"The server ends a query after max_execution_time, set by `{setting.written}`."
        yield ClickHouseAspect(
            aspect="query",
            approach=f"max_execution_time={setting.written}",
            recommendation=PAGE.remedy if assessment is Assessment.CONCERN else "",
            evidence=(setting.evidence,),
            assessment=assessment,
            claim=claim,
            symbol=setting.function.label if setting.function else setting.evidence.path,
            subject=setting.name,
        )
