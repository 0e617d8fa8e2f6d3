"""Reflection for each item of a loop on a hot path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="Reflection runs for each item",
    topics=("hot-loops",),
    consequence="inefficiency",
    rows=Hotspot,
    why="Reflective calls, look-ups by name and deep comparisons are tens of times slower than typed code, and allocate.",
    remedy="Use typed code or generics; look fields up once per type and keep the index.",
    proof="A CPU profile of the path under load shows no reflection below the loop.",
    impact="throughput",
    references=("https://go.dev/blog/laws-of-reflection",),
)

_DEAR = ("Value.Call", "Value.FieldByName", "Value.MethodByName")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per reflective call by name, or deep comparison, in a loop over items on a hot path."""
    hot = frozenset(service.hot)
    for operation in service.operations("reflect", "deep_equal"):
        function = operation.function
        if function is None or (operation.role == "reflect" and operation.client not in _DEAR):
            continue
        if not service.hot_calls(operation):
            continue
        turn = next((t for t in service.iterations.nearest(operation, hot) if t.certain and len(t.edges) < 3), None)
        if turn is None or service.iterations.waits(turn):
            continue
        flow = service.hot_calls(operation)[0].entrypoint.title
        yield Hotspot(
            pattern="reflection",
            function=function.label,
            why=f"{operation.title} for each of `{turn.over[:60]}`",
            in_loop=turn.outer + 1,
            on_path=flow,
            evidence=(service.cite(operation),),
            assessment=Assessment.CONCERN,
            claim=f"{operation.client} runs for each of `{turn.over[:60]}` in {function.label}, on {flow}.",
            symbol=function.label,
            subject=operation.client,
            hot=True,
        )
