"""A goroutine that sends on a channel without a buffer whose only reader may give up first: it never ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.abandoned import Abandoned, abandoned

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A goroutine stays for ever when its reader gives up",
    topics=("bounded-memory", "backpressure"),
    consequence="unbounded growth",
    rows=Hotspot,
    why="After a timeout nobody reads the channel: the goroutine, and all it holds, stays until the process ends.",
    remedy="Give the channel a buffer of one, or let the sender give up too (select on the context).",
    proof="The number of goroutines returns to its level after a load test in which the reader times out.",
    impact="overload",
    references=("https://go.dev/blog/pipelines#explicit-cancellation",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per send that its reader can abandon, as far as the function that makes the channel shows it."""
    for found in abandoned(service):
        yield _row(service, found)


def _row(service: Service, found: Abandoned) -> Hotspot:
    channel, maker, send, way_out = found.channel, found.maker, found.send, found.way_out
    file = channel.file
    flows = service.hot_flows(maker)
    names = [one.name for one in (channel, *found.others)]
    listed = ", ".join(f"`{name}`" for name in names)
    lack = "has no buffer and no other reader" if len(names) == 1 else "have no buffer and no other reader"
    return Hotspot(
        pattern="blocking_in_async",
        function=maker.label,
        why="the reader may leave before the send",
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite_at(file, send.start), channel.evidence, service.cite_at(file, way_out.start)),
        assessment=Assessment.RISK if flows else Assessment.CONCERN,
        claim=(
            f"The goroutine waits in this send for ever when {maker.label} leaves by line {file.line(way_out.start)}: "
            f"{' and '.join(names)} {lack}."
        ),
        remedy=(
            f"Give {listed} a buffer of 1 where it is made ({channel.evidence}), or let the sender give up with its"
            " context."
        ),
        proof=f"After 100 calls of {maker.label} whose reader times out the number of goroutines is what it was before.",
        symbol=maker.label,
        subject=channel.name,
        hot=bool(flows),
    )
