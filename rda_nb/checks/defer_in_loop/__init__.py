"""A deferred call in a loop: it runs when the function ends, not when the turn does, so that all of them pile up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import DEFER
from rda_nb.records import Hotspot, Page
from rda_nb.service.calls import Operation
from rda_nb.service.iterations import ARRIVALS, FIXED, RETRIES, loops_at
from rda_nb.service.jumps import comes_round

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Block, FileFacts
    from rda_nb.service import Service

PAGE = Page(
    title="A deferred call stands in a loop",
    topics=("hot-loops", "bounded-memory"),
    consequence="unpredictability",
    rows=Hotspot,
    why="What should be closed or released each turn stays open until the function returns; in an endless loop, for ever.",
    remedy="Move the body of the loop into a function of its own, or release at the end of the turn.",
    proof="Open files, connections or locks stay constant while the loop goes through 1,000 items.",
    impact="overload",
    references=("https://go.dev/ref/spec#Defer_statements",),
)


_COUNTED_OUT = re.compile(r"\bif\s+(?![^{\n]*\berr)[^{\n]*(?:==|>=|>)[^{\n]*\{[^{}]*\bbreak\b")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per deferred call in a loop of the same function."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for block in file.rows.blocks:
            if block.kind == DEFER:
                row = _row(service, file, block)
                if row is not None:
                    yield row


def _row(service: Service, file: FileFacts, block: Block) -> Hotspot | None:
    function = service.program.enclosing(file, block.parent)
    # Where every way from here leaves a loop, that loop comes to one deferred call at most.
    loops = [loop for loop in loops_at(file, block.parent) if comes_round(service, file, block.parent, block.end, loop)]
    if function is None or not loops:
        return None
    inside = (
        call for call in service.calls.calls_of.get(function.key, ()) if block.start <= call.row.start < block.end
    )
    if any(isinstance(call, Operation) and call.role == "object_pool.put" for call in inside):
        return None  # what is given back late is made anew meanwhile
    kinds = [service.iterations.kind(file, loop) for loop in loops]
    if kinds[0] in (FIXED, RETRIES) or service.iterations.until_success(file, loops[0]):
        return None
    if _COUNTED_OUT.search(file.text, block.end, loops[0].end):
        return None  # it is left after so many turns
    endless = ARRIVALS in kinds
    flows = service.hot_flows(function)
    held = (
        "for as long as the loop goes on" if endless else f"for all of `{service.iterations.over(file, loops[0])[:60]}`"
    )
    return Hotspot(
        pattern="defer_in_loop",
        function=function.label,
        why="runs at the end of the function",
        in_loop=len(loops),
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite_at(file, block.start),),
        assessment=Assessment.RISK if endless and flows else Assessment.CONCERN,
        consequence="unbounded growth" if endless else "",
        claim=f"The deferred call runs when {function.label} returns, not when the turn ends: it is kept {held}.",
        symbol=function.label,
        subject=file.text[block.start : block.end].split("(")[0][:60],
        hot=bool(flows),
        quiet=not flows and not endless,
    )
