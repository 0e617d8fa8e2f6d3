"""Sends that nobody may read: a goroutine hands its result over while the one who waits can leave by another way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.facts.vocabulary import CASE, SELECT, Block, FileFacts, Receive, Send
from rda_nb.service.concurrency import Channel
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service


class Abandoned(NamedTuple):
    """An unbuffered channel, the function that makes and reads it, the send of its goroutine, and the case that leaves."""

    channel: Channel
    maker: Function
    send: Send
    sender: Function
    way_out: Block


def abandoned(service: Service) -> Iterator[Abandoned]:
    """Every send that its reader can abandon, as far as the function that makes the channel shows it."""
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
            yield Abandoned(channel, maker, send, sender, way_out)


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


__all__ = ["Abandoned", "abandoned"]
