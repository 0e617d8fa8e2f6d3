"""OPTIMIZE statements: forced merges and where they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import ClickHouseAspect, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.statements import Sql

PAGE = Page(
    title="OPTIMIZE FINAL rewrites a whole table while the service runs",
    topics=("clickhouse-writes",),
    consequence="runaway cost",
    rows=ClickHouseAspect,
    why="OPTIMIZE FINAL merges all parts into one, past the size at which merges stop by themselves, and again each time.",
    remedy="Leave merging to the server; read with FINAL behind a key filter or argMax where duplicates matter.",
    proof="system.part_log shows 0 merges that a query started in a day, and reads still give one row per key.",
    impact="overload",
    references=("https://clickhouse.com/docs/best-practices/avoid-optimize-final",),
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """One row per OPTIMIZE."""
    for one in service.clickhouse.of_kind("optimize"):
        assessment, claim, quiet = _judged(service, one)
        yield ClickHouseAspect(
            aspect="optimize",
            approach="OPTIMIZE FINAL" if one.statement.final else "OPTIMIZE",
            recommendation=PAGE.remedy,
            statement=" ".join(one.statement.text.split())[:200],
            evidence=(one.place(service.target),),
            assessment=assessment,
            claim=claim,
            symbol=service.clickhouse.symbol(one),
            subject=one.statement.target,
            hot=service.clickhouse.hot(one),
            quiet=quiet,
        )


def _judged(service: Service, one: Sql) -> tuple[Assessment, str, bool]:
    """Assessment, sentence, whether it stays in its table."""
    view = service.clickhouse
    name = "a table" if "%" in one.statement.target else one.statement.target or "a table"
    if one.migration or not one.operations:
        place = "a migration" if one.migration else "a script or a text that no call was seen to send"
        return Assessment.CONCERN, f"OPTIMIZE of {name} in {place}: one merge of all its parts.", True
    if one.statement.partition:
        return Assessment.CONCERN, f"OPTIMIZE of one partition of {name}, {view.path(one)}.", True
    if not one.statement.final:
        return Assessment.CONCERN, f"OPTIMIZE of {name} asks for an unscheduled merge, {view.path(one)}.", True
    scheduled = sorted(
        flow.entrypoint.title
        for flow in service.flows
        if flow.entrypoint.kind in ("scheduled_job", "background_loop")
        and any(function in flow.reach for function in view.functions(one))
    )
    if view.hot(one) or scheduled:
        where = view.path(one) if view.hot(one) else f"again and again by {scheduled[0]}"
        return Assessment.RISK, f"OPTIMIZE FINAL rewrites all of {name} {where}.", False
    return Assessment.CONCERN, f"Application code rewrites all of {name} with OPTIMIZE FINAL.", False
