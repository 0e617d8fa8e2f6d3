"""Timers made in each turn of a loop, in a language version that keeps them until they fire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.iterations import ARRIVALS, ITEMS, OTHER
from rda_nb.service.timers import left_behind

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A timer is made in each turn of a loop",
    topics=("hot-loops", "allocation"),
    consequence="inefficiency",
    rows=Hotspot,
    why="Before Go 1.23 such a timer is kept until it fires, however often the loop has turned; a ticker is never freed.",
    remedy="Make one timer before the loop and reset it, or ask for Go 1.23 or later in go.mod.",
    proof="The heap profile under load shows no growing number of timers.",
    impact="throughput",
    references=("https://go.dev/doc/go1.23#timer-changes",),
)

_FREED = (1, 23)
_LONG = 1.0


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per timer or ticker that a loop on a hot path makes anew and that is not freed at once."""
    version = service.language_version
    if not version or version >= _FREED:
        return
    for operation in service.operations("timer.after", "timer.tick"):
        function = operation.function
        kinds = [service.iterations.kind(operation.file, loop) for loop in service.loops(operation)]
        if (
            function is None
            or not service.hot_calls(operation)
            or not left_behind(service, operation)
            or not any(k in (ARRIVALS, ITEMS, OTHER) for k in kinds)
        ):
            continue
        quantity = service.quantity(service.argument(operation, operation.entry.count or 0), operation, "s")
        if quantity.upper is not None and quantity.upper < _LONG:
            continue
        length = f"{quantity.upper:g} s" if quantity.upper is not None else "its time"
        flow = service.hot_calls(operation)[0].entrypoint.title
        asked = ".".join(str(part) for part in version)
        yield Hotspot(
            pattern="timer_in_loop",
            function=function.label,
            why="kept until it fires",
            in_loop=len(kinds),
            on_path=flow,
            evidence=(service.cite(operation),),
            assessment=Assessment.CONCERN,
            claim=f"Each turn makes a timer that is kept for {length} (go {asked}), in {function.label}, on {flow}.",
            symbol=function.label,
            subject=operation.client,
            hot=True,
        )
