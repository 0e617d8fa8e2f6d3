"""Sends that nobody may read: a goroutine hands its result over while the one who waits can leave by another way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION, LOOP, SELECT, Block, FileFacts, Receive, Send
from rda_nb.service.concurrency import Channel
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service


class Abandoned(NamedTuple):
    """An unbuffered channel, the function that makes and reads it, the send of its goroutine, and the case that leaves.

    `others` are further channels of which the goroutine may take one in its place: they need the same mend.
    """

    channel: Channel
    maker: Function
    send: Send
    sender: Function
    way_out: Block
    others: tuple[Channel, ...] = ()


def abandoned(service: Service) -> Iterator[Abandoned]:
    """Every goroutine whose send its reader can abandon, as far as the function that makes the channel shows it."""
    found: dict[str, Abandoned] = {}
    for channel in service.channels:
        one = _abandoned(service, channel)
        if one is None:
            continue
        first = found.setdefault(one.sender.key, one)
        if first is not one:
            found[one.sender.key] = first._replace(others=(*first.others, channel))
    yield from found.values()


def _abandoned(service: Service, channel: Channel) -> Abandoned | None:
    maker = channel.function
    if maker is None or channel.capacity.number != 0 or channel.file.role != "product" or not channel.name:
        return None
    send, sender = _sent(service, channel, maker)
    receives = [row for row in channel.file.rows.receives if _is(channel.file, row.channel, channel.name)]
    receives = [row for row in receives if _below(service, channel.file, row.block, maker)]
    if send is None or sender is None or len(receives) != 1:
        return None
    way_out = _way_out(service, channel.file, receives[0], maker, _instead(service, channel, maker, sender))
    return Abandoned(channel, maker, send, sender, way_out) if way_out is not None else None


def _instead(service: Service, channel: Channel, maker: Function, sender: Function) -> set[str]:
    """The other channels on which the goroutine sends in place of this one: when one is read, it has ended."""
    file = channel.file
    within = [row for row in file.rows.sends if _below(service, file, row.block, maker)]
    own = [row for row in within if service.program.enclosing(file, row.block) is sender]
    names = {file.slice(row.channel) for row in own} - {channel.name}
    if not all(_last(service, file, row) for row in own):
        return set()
    return {name for name in names if all(row in own for row in within if _is(file, row.channel, name))}


def _last(service: Service, file: FileFacts, send: Send) -> bool:
    """True for a send after which its goroutine does nothing more."""
    at = send.value[1]
    for _, block in file.chain(send.block):
        if block.kind == BRANCH:
            end = service.calls.conventions.alternative(file.text, block.start, block.header[1], block.end)
            end = end if at < end else block.end
        else:
            end = block.end
        rest = service.calls.conventions.without_comments(file.text[at:end]).strip().rstrip("}").strip()
        if rest:
            return bool(rest == "return")
        if block.kind in (FUNCTION, LOOP):
            return block.kind == FUNCTION
        at = block.end
    return False


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


def _way_out(service: Service, file: FileFacts, receive: Receive, maker: Function, instead: set[str]) -> Block | None:
    """The case beside the receive that returns without reading, and not since the goroutine sent `instead`."""
    if service.program.enclosing(file, receive.block) is not maker:
        return None
    chain = list(file.chain(receive.block))
    own = next((number for number, block in chain if block.kind == CASE), -1)
    select = next((number for number, block in chain if block.kind == SELECT), -1)
    if own < 0 or select < 0 or file.rows.blocks[own].parent != select:
        return None
    for row in file.rows.returns:
        numbers = [number for number, block in file.chain(row.block) if block.kind == CASE and block.parent == select]
        if numbers and numbers[0] != own and not _opened_by(file, file.rows.blocks[numbers[0]], instead):
            return file.rows.blocks[numbers[0]]
    return None


def _opened_by(file: FileFacts, case: Block, names: set[str]) -> bool:
    """True for a case that receives from one of these channels."""
    first = next((row for row in file.rows.receives if case.start <= row.start < case.end), None)
    return first is not None and file.slice(first.channel) in names


__all__ = ["Abandoned", "abandoned"]
