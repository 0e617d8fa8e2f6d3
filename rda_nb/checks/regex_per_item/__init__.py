"""A regular expression compiled for each request, message or item instead of once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A regular expression is compiled per item",
    topics=("hot-loops",),
    consequence="inefficiency",
    rows=Hotspot,
    why="Compiling costs far more than matching: microseconds and several allocations each time, for the same result.",
    remedy="Compile it once, in a package variable or in the constructor; many may use it at once.",
    proof="A CPU profile under load shows no compilation below the handler.",
    impact="throughput",
    references=("https://pkg.go.dev/regexp#MustCompile",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per place that compiles on a hot path; a pattern that is only known at run time is noted quietly."""
    for operation in service.operations("regex.compile"):
        flow = service.iterations.repeated(operation)
        function = operation.function
        if flow is None or function is None:
            continue
        pattern = service.text(service.argument(operation, operation.entry.message), operation)
        turn = next(iter(service.iterations.nearest(operation, frozenset(service.hot))), None)
        per = (
            f"each of `{turn.over[:60]}` on {flow.entrypoint.title}"
            if turn
            else f"each call of {flow.entrypoint.title}"
        )
        what = f"The pattern `{pattern[:60]}`" if pattern else "A pattern given at run time"
        yield Hotspot(
            pattern="regex_in_loop",
            function=function.label,
            why="compiled again for the same result",
            in_loop=service.item_loops(operation),
            on_path=flow.entrypoint.title,
            evidence=(service.cite(operation),),
            assessment=Assessment.CONCERN,
            claim=f"{what} is compiled for {per}, in {function.label}.",
            symbol=function.label,
            subject=pattern or operation.client,
            hot=True,
            cause=f"patterns of {operation.path}:{function.label}",
            quiet=pattern is None,
        )
