"""Loops that take what a store holds item by item until nothing is left, and only collect it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import SELECT, Block, FileFacts
from rda_nb.service.calls import Call, Operation
from rda_nb.service.iterations import ARRIVALS, Turn, loops_at
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.flows import Edge
    from rda_nb.service.model import Service

# Commands of Redis that take one item away and return at once, told by the name of the method or by the statement's text.
_TAKES = frozenset("LPOP RPOP SPOP ZPOPMIN ZPOPMAX".split())
_PAUSES = ("sleep", "timer.after", "timer.once", "timer.ticker", "timer.tick")
_DEEPEST = 4


def emptied(service: Service, within: frozenset[str]) -> Iterator[tuple[Operation, Turn]]:
    """Each command that takes one item, with the endless loop around it that is left when there is none."""
    for operation in service.operations("redis.command"):
        if operation.function is None or operation.function.key not in within or not _takes_one(service, operation):
            continue
        yield from ((operation, turn) for turn in _around(service, operation, operation.function, (), within))


def _takes_one(service: Service, operation: Operation) -> bool:
    index = operation.entry.message
    node = service.argument(operation, index) if index is not None else None
    # With a count it takes as many.
    if index is not None and len(service.calls.arguments(operation)) > index + 2:
        return False
    written = service.text(node, operation) if node is not None else operation.client.rpartition(".")[2]
    return (written or "").upper() in _TAKES


def _around(
    service: Service, call: Call, function: Function, edges: tuple[Edge, ...], within: frozenset[str]
) -> Iterator[Turn]:
    """The loops that come to a call on each turn, through callers that are known."""
    loops = loops_at(call.file, call.block)
    if loops:
        if _collects(service, call, loops[0], function):
            over = " ".join(call.callee.split())
            yield Turn(call.file, function, call.name_start, call.block, loops[0], over, edges, 0)
        return
    for edge in service.graph.into.get(function.key, ()) if len(edges) < _DEEPEST else ():
        if edge.kind == "call" and edge.via is not None and edge.source.key in within and not edge.spawned:
            yield from _around(service, edge.via, edge.source, (edge, *edges), within)


def _collects(service: Service, call: Call, loop: Block, function: Function) -> bool:
    """True for an endless loop that ends by itself, never pauses, and asks no other process for anything else."""
    file = call.file
    if service.iterations.kind(file, loop) != ARRIVALS or "range " in file.slice(loop.header):
        return False
    if not _left(file, loop) or any(loop.start <= row.start < loop.end for row in file.rows.receives):
        return False
    if any(block.kind == SELECT and loop.start <= block.start < loop.end for block in file.rows.blocks):
        return False
    for other in service.calls.calls_of.get(function.key, ()):
        if not loop.start <= other.row.start < loop.end or other.row.start == call.row.start:
            continue
        if isinstance(other, Operation) and (other.role in _PAUSES or (other.blocking and other.system)):
            return False
        if any(_asks(service, target) for target in other.resolution.targets):
            return False
    return True


def _left(file: FileFacts, loop: Block) -> bool:
    ends = [row.start for row in file.rows.returns] + [row.start for row in file.rows.jumps if row.form == "leave"]
    return any(loop.start <= at < loop.end for at in ends)


def _asks(service: Service, function: Function) -> bool:
    reached = service.concurrency.reach_of(function).order
    made = (call for one in reached for call in service.calls.calls_of.get(one.key, ()))
    return any(
        isinstance(call, Operation) and (call.role in _PAUSES or bool(call.blocking and call.system)) for call in made
    )


__all__ = ["emptied"]
