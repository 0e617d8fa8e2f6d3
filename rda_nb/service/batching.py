"""What decides how many rows one write carries: the size and the timer that flush the batch it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.core import Evidence, Quantity, known, unknown
from rda_nb.facts.vocabulary import BRANCH, LOOP, FileFacts
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.calls import Operation
    from rda_nb.service.model import Service

_LIMIT = r"\s*(?:>=|>|==)\s*(?:u?int(?:32|64)?\()?([A-Za-z_][\w.]*|[\d_]+)"
_SIZE = re.compile(rf"\b(?:len\(([^()]+)\)|\w*(?:[bB]atch|[bB]uffered|[pP]ending)\w*){_LIMIT}")
_WAIT = re.compile(rf"(?:\bSince\([^()]*\)|\b\w*(?:[wW]ait|[eE]lapsed|[aA]ge)\w*){_LIMIT}")
_HIGHEST = 6
_MOST = 60
_LEAST = 20
"""A comparison with a smaller literal counts arguments or parts of a text, not rows of a batch."""


@dataclass(frozen=True, slots=True)
class Batching:
    """Rows and seconds after which a batch is written, and the writers that run at the same time.

    `size` and `interval` are unknown with a reason where no such control feeds the write.
    """

    size: Quantity
    interval: Quantity
    workers: Quantity
    evidence: tuple[Evidence, ...] = ()


def feeding(service: Service, function: Function | None) -> Batching:
    """The controls of the nearest function above a write that collects rows and flushes them."""
    none = Batching(
        unknown("no batch size was found above the write", "items"),
        unknown("no flush timer was found above the write", "s"),
        unknown("the writers above it were not found", "count"),
    )
    if function is None:
        return none
    above = list(_above(service, function))
    keys = frozenset(found.key for found, _ in above)
    for level in range(_HIGHEST + 1):
        near = [found for found, height in above if height == level]
        sizes = [size for found in near for size in _sizes(service, found)]
        timers = [timer for found in near for timer in (*_timers(service, found, keys), *_waits(service, found))]
        if sizes or timers:
            owners = [found for found, height in above if height >= level]
            evidence = tuple(place for _, place in (*sizes[:1], *timers[:1]))
            return Batching(
                sizes[0][0] if sizes else none.size,
                timers[0][0] if timers else none.interval,
                _workers(service, owners),
                evidence,
            )
    return none


def _above(service: Service, function: Function) -> Iterator[tuple[Function, int]]:
    """The functions that lead to a function, nearest first, with their distance; literals count with their function."""
    seen = {function.key}
    level = [function]
    for height in range(_HIGHEST + 1):
        for found in level:
            yield found, height
        following = []
        for found in level:
            for edge in service.graph.into.get(found.key, ()):
                if edge.source.key not in seen and edge.source.file.role == "product" and len(seen) < _MOST:
                    seen.add(edge.source.key)
                    following.append(edge.source)
        level = following


def _sizes(service: Service, function: Function) -> Iterator[tuple[Quantity, Evidence]]:
    """Comparisons with a batch size: of a length inside a loop, or of a value that is named like one."""
    for value, written, place, looped, plain in _compared(service, function, _SIZE, "items"):
        if (plain and not looped) or (written.isdigit() and int(written) < _LEAST):
            continue
        if value.upper is None or value.upper > 1:
            yield value, place


def _waits(service: Service, function: Function) -> Iterator[tuple[Quantity, Evidence]]:
    """Comparisons of the time since the last write with the longest wait."""
    for value, _, place, _, _ in _compared(service, function, _WAIT, "s"):
        yield value, place


def _compared(
    service: Service, function: Function, pattern: re.Pattern[str], unit: str
) -> Iterator[tuple[Quantity, str, Evidence, bool, bool]]:
    """The right sides of comparisons in a function's branches: value, text, place, in a loop, left side is a length."""
    file = function.file
    for number, block in enumerate(file.rows.blocks):
        if block.kind != BRANCH or block.function != function.row.block:
            continue
        for match in pattern.finditer(file.text[slice(*block.header)]):
            written = match[match.lastindex or 1]
            start = block.header[0] + match.start(match.lastindex or 1)
            value = service.values.of_span(file, (start, start + len(written)), block.parent)
            quantity = service.values.quantity(value, unit)
            place = service.cite_at(file, block.header[0])
            yield quantity, written, place, _looped(file, number), "len(" in match[0]


def _looped(file: FileFacts, number: int) -> bool:
    return any(block.kind == LOOP for _, block in file.chain(number))


def _timers(service: Service, function: Function, above: frozenset[str]) -> Iterator[tuple[Quantity, Evidence]]:
    """Tickers that a function makes for its own loop.

    A ticker that only goroutines beside the way to the write wait for flushes nothing of it.
    """
    for call in service.calls.calls_of.get(function.key, ()):
        operation = service.calls.operation(call.file, call.index)
        if operation is None or operation.role not in ("timer.ticker", "timer.tick"):
            continue
        waiting = _waiting(service, operation, function)
        if waiting and above.isdisjoint(waiting):
            continue
        argument = service.argument(operation, operation.entry.count if operation.entry.count is not None else 0)
        yield service.quantity(argument, operation, "s"), service.cite(operation)


def _waiting(service: Service, operation: Operation, function: Function) -> set[str]:
    """The functions, of those that stand in one, that receive from a ticker which a local of it holds."""
    file = operation.file
    given = file.given.get((operation.row.start, operation.row.end))
    if given is None or len(given[0].names) != 1:
        return set()
    name = given[0].names[0]
    found = set()
    for row in file.rows.receives:
        if function.row.start <= row.start < function.row.end:
            if file.slice(row.channel).partition(".")[0] == name:
                owner = service.program.enclosing(file, row.block)
                found.add(owner.key if owner is not None else "")
    return found


def _workers(service: Service, owners: list[Function]) -> Quantity:
    """How many goroutines run the function that flushes: those of a counted loop, or one."""
    keys = {owner.key for owner in owners}
    for spawn in service.spawns:
        if any(target.key in keys for target in spawn.targets):
            if spawn.bound in ("workers", "limit"):
                return spawn.count
            if spawn.bound == "single":
                return known(1, "count")
    return unknown("how many writers run at the same time was not found", "count")


def appends_near(service: Service, function: Function | None) -> list[tuple[Operation, bool]]:
    """The appends near a batch (same function, or called from it), and whether a loop runs over them."""
    if function is None:
        return []
    found = []
    edges = service.graph.of(function)
    for key, loops in [(function.key, 0), *((edge.target.key, edge.loops) for edge in edges)]:
        for call in service.calls.calls_of.get(key, ()):
            operation = service.calls.operation(call.file, call.index)
            if operation is None:
                continue
            statement = operation.role == "sql.exec" and service.systems.of(operation) == "clickhouse"
            if operation.role == "clickhouse.append" or (statement and operation.entry.message is None):
                found.append((operation, loops > 0 or bool(service.loops(operation))))
    return sorted(found, key=lambda pair: not pair[1])


def whole_batch(service: Service, append: Operation) -> bool:
    """True when the batch is prepared, filled and sent in one function, so that its rows can be counted there."""
    made = service.calls.calls_of.get(append.function.key, ()) if append.function is not None else ()
    roles = {o.role for call in made if (o := service.calls.operation(call.file, call.index)) is not None}
    return {"clickhouse.prepare_batch", "clickhouse.insert"} <= roles


__all__ = ["Batching", "appends_near", "feeding", "whole_batch"]
