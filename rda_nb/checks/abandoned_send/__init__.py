"""A goroutine that sends on a channel without a buffer whose only reader may give up first: it never ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import CASE, SELECT, Block
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts, Receive, Send
    from rda_nb.service import Service
    from rda_nb.service.concurrency import Channel
    from rda_nb.service.program import Function

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
    for channel in service.channels:
        maker = channel.function
        if maker is None or channel.capacity.number != 0 or channel.file.role != "product" or not channel.name:
            continue
        send, sender = _sent(service, channel, maker)
        receives = [row for row in channel.file.rows.receives if _is(channel.file, row.channel, channel.name)]
        receives = [row for row in receives if _below(service, channel.file, row.block, maker)]
        if send is None or sender is None or len(receives) != 1:
            continue
        way_out = _way_out(service, channel.file, receives[0], maker)
        if way_out is not None:
            yield _row(service, channel, maker, send, way_out)


def _is(file: FileFacts, span: tuple[int, int], name: str) -> bool:
    return file.text[slice(*span)] == name


def _below(service: Service, file: FileFacts, block: int, maker: Function) -> bool:
    """True in the maker itself or in a literal of it."""
    at = service.program.enclosing(file, block)
    while at is not None and at is not maker:
        at = at.parent
    return at is maker


def _sent(service: Service, channel: Channel, maker: Function) -> tuple[Send | None, Function | None]:
    """The only send on the channel, when a goroutine of the maker does it without another way out."""
    file = channel.file
    sends = [row for row in file.rows.sends if _is(file, row.channel, channel.name)]
    sends = [row for row in sends if _below(service, file, row.block, maker)]
    senders = [service.program.enclosing(file, row.block) for row in sends]
    if not sends or any(sender is None or sender is maker for sender in senders):
        return None, None
    if any(block.kind == SELECT for row in sends for _, block in file.chain(row.block)):
        return None, None
    started = {edge.target.key for edge in service.graph.of(maker) if edge.spawned}
    sender = senders[0]
    return (sends[0], sender) if sender is not None and sender.key in started else (None, None)


def _way_out(service: Service, file: FileFacts, receive: Receive, maker: Function) -> Block | None:
    """The case beside the receive that returns without reading."""
    if service.program.enclosing(file, receive.block) is not maker:
        return None
    chain = list(file.chain(receive.block))
    own = next((number for number, block in chain if block.kind == CASE), -1)
    select = next((number for number, block in chain if block.kind == SELECT), -1)
    if own < 0 or select < 0 or file.rows.blocks[own].parent != select:
        return None
    for row in file.rows.returns:
        numbers = [number for number, block in file.chain(row.block) if block.kind == CASE and block.parent == select]
        if numbers and numbers[0] != own:
            return file.rows.blocks[numbers[0]]
    return None


def _row(service: Service, channel: Channel, maker: Function, send: Send, way_out: Block) -> Hotspot:
    file = channel.file
    flows = service.hot_flows(maker)
    return Hotspot(
        pattern="blocking_in_async",
        function=maker.label,
        why="the reader may leave before the send",
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite_at(file, send.start), channel.evidence, service.cite_at(file, way_out.start)),
        assessment=Assessment.RISK if flows else Assessment.CONCERN,
        claim=(
            f"The goroutine waits in this send for ever when {maker.label} leaves by line {file.line(way_out.start)}: "
            f"{channel.name} has no buffer and no other reader."
        ),
        remedy=(
            f"Give `{channel.name}` a buffer of 1 where it is made ({channel.evidence}), or let the sender give up with its"
            " context."
        ),
        proof=f"After 100 calls of {maker.label} whose reader times out the number of goroutines is what it was before.",
        symbol=maker.label,
        subject=channel.name,
        hot=bool(flows),
    )
