"""A string that grows by concatenation in a loop over items: each step copies all that came before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.iterations import ITEMS, loops_at

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Binding, Block, FileFacts
    from rda_nb.service import Service

PAGE = Page(
    title="A string is built by concatenation in a loop",
    topics=("hot-loops", "allocation"),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each step copies the whole string so far: the work grows with the square of the items.",
    remedy="Append to a builder or a byte slice of known capacity, or join the pieces at the end.",
    proof="A benchmark with 10 and 1,000 items: the time per item stays the same.",
    impact="throughput",
    references=("https://pkg.go.dev/strings#Builder",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per string that is added to in a loop over items on a hot path."""
    for file in service.program.files:
        if file.role != "product":
            continue
        seen: set[tuple[str, str]] = set()
        for row in file.rows.bindings:
            found = _grown(service, file, row)
            if found is not None and (found.symbol, found.subject) not in seen:
                seen.add((found.symbol, found.subject))
                yield found


def _each_time(service: Service, file: FileFacts, row: Binding, loop: Block) -> bool:
    """True for a loop over items that comes to the concatenation more than once."""
    once = service.iterations.first_or_last(file, row.block, row.start, loop)
    return service.iterations.kind(file, loop) == ITEMS and not once


def _grown(service: Service, file: FileFacts, row: Binding) -> Hotspot | None:
    if row.form != "assign" or len(row.names) != 1 or not row.values or row.block < 0:
        return None
    name = row.names[0]
    value = file.text[slice(*row.values[0])]
    if row.operator != "+=" and not value.startswith(name + " + "):
        return None
    function = service.program.enclosing(file, row.block)
    flows = service.item_flows(function, row.start)
    loop = next((one for one in loops_at(file, row.block) if _each_time(service, file, row, one)), None)
    if function is None or loop is None or not flows:
        return None
    kind = service.names.type_of_span(file, (row.start, row.start + len(name)), row.block)
    if kind != "string":
        return None
    local = service.names.local(name, file, row.start)
    if local is not None and loop.start <= local[0].start < loop.end:
        return None
    outer = [one for one in loops_at(file, row.block) if one is not loop]
    if not outer and all(flow.entrypoint.kind == "api_route" for flow in flows):
        return None  # a few parameters of one request
    over = service.iterations.over(file, loop)[:60]
    return Hotspot(
        pattern="concat_in_loop",
        function=function.label,
        why=f"grows with each of `{over}`",
        in_loop=1,
        on_path=flows[0].entrypoint.title,
        evidence=(service.cite_at(file, row.start),),
        assessment=Assessment.CONCERN,
        claim=f"`{name}` grows by concatenation for each of `{over}` in {function.label}, on {flows[0].entrypoint.title}.",
        symbol=function.label,
        subject=name,
        hot=True,
    )
