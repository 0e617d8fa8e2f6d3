"""Things that a function takes and gives back: a gauge raised and lowered, a place in a semaphore; and returns in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH, CASE, DEFER, FUNCTION, LOOP, FileFacts, Return
from rda_nb.service.calls import Operation

if TYPE_CHECKING:
    from rda_nb.service.model import Service
    from rda_nb.service.program import Function

_DELETE = re.compile(r"\bdelete\((\w+(?:\.\w+)+),\s*([^()\n]+(?:\([^()\n]*\))?)\)")
# What raises, what lowers, and which argument tells the direction by its sign.
_GAUGES = ("metric.up", "metric.down")
_PLACES = ("semaphore.acquire", "semaphore.release")


@dataclass(frozen=True, slots=True)
class Spot:
    """One place that takes or gives: its span and block in the function, and the operation when it is a call."""

    start: int
    end: int
    block: int
    operation: Operation | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A take whose only give-back in the function does not run on the way to a return."""

    what: str
    name: str
    function: Function
    take: Spot
    give: Spot
    leaves: Return


def kept_gauges(service: Service) -> Iterator[Kept]:
    """Gauges that a function raises, and lowers again on some of its ways out only."""
    yield from _kept("gauge", _called(service, *_GAUGES))


def kept_places(service: Service) -> Iterator[Kept]:
    """Places in a semaphore, or in a channel that serves as one, that a return keeps."""
    yield from _kept("place", _called(service, *_PLACES))
    yield from _kept("place", _sent(service))


def kept_entries(service: Service) -> Iterator[Kept]:
    """Entries of a map that outlives the function, put in before the work and taken out after it on some ways only."""
    yield from _kept("entry", _mapped(service))


Pairs = dict[tuple[str, str], tuple["Function", list[Spot], list[Spot]]]


def _called(service: Service, taking: str, giving: str) -> Pairs:
    """(function, receiver as written) -> where calls take and where they give."""
    found: Pairs = {}
    for operation in service.operations(taking, giving):
        if operation.function is None or "." not in operation.callee:
            continue
        name = operation.callee.rpartition(".")[0]
        count = service.argument(operation, operation.entry.count)
        negative = count is not None and service.source(count, operation.file).startswith("-")
        entry = found.setdefault((operation.function.key, name), (operation.function, [], []))
        spot = Spot(operation.row.start, operation.row.end, operation.block, operation)
        takes = (operation.role == taking) != negative
        (entry[1] if takes else entry[2]).append(spot)
    return found


def _sent(service: Service) -> Pairs:
    """The same for channels of which one function both fills and frees a place."""
    found: Pairs = {}
    for file in service.program.files:
        if file.role != "product":
            continue
        for send in file.rows.sends:
            function = service.program.enclosing(file, send.block)
            if function is not None and file.slice(send.value).endswith("struct{}{}"):
                entry = found.setdefault((function.key, file.slice(send.channel)), (function, [], []))
                entry[1].append(Spot(send.start, send.value[1], send.block, None))
        for receive in file.rows.receives:
            function = service.program.enclosing(file, receive.block)
            known = found.get((function.key, file.slice(receive.channel))) if function is not None else None
            if known is not None:
                known[2].append(Spot(receive.start, receive.channel[1], receive.block, None))
    return found


def _mapped(service: Service) -> Pairs:
    """The same for entries of a map in a field, where nothing else in the package takes any out."""
    found: Pairs = {}
    for file in service.program.files:
        if file.role != "product" or "delete(" not in file.text:
            continue
        for match in _DELETE.finditer(file.text):
            place = next((row for row in file.rows.calls if row.start == match.start()), None)
            function = service.program.enclosing(file, place.block) if place is not None else None
            if place is None or function is None or _swept(service, function, match[1].rpartition(".")[2]):
                continue
            if not _lasts(service, function, match[1].partition(".")[0], place.start):
                continue
            name = f"{match[1]}[{match[2].strip()}]"
            entry = found.setdefault((function.key, name), (function, [], []))
            entry[2].append(Spot(place.start, place.end, place.block, None))
        for row in file.rows.bindings:
            function = (
                service.program.enclosing(file, row.block) if row.form == "assign" and "[" in row.names[0] else None
            )
            known = found.get((function.key, row.names[0])) if function is not None else None
            if known is not None:
                known[1].append(Spot(row.start, row.end, row.block, None))
    return found


def _lasts(service: Service, function: Function, head: str, offset: int) -> bool:
    """True for the receiver of a method and for what a package holds: a local's map goes with it."""
    owner = service.names.parameter(head, function)
    if owner is not None:
        return owner[1] == -1
    return service.names.local(head, function.file, offset) is None


def _swept(service: Service, function: Function, field: str) -> bool:
    """True when another function of the package deletes from a map of this name, or replaces it: a sweep."""
    package = service.program.package_of[function.file.path]
    pattern = re.compile(
        rf"\bdelete\([^,\n]*\b{re.escape(field)}\b|\b{re.escape(field)} = (?:make\(|map\[)|clear\([^)\n]*\b{re.escape(field)}\)"
    )
    for file in service.program.files:
        if service.program.package_of[file.path] == package:
            for match in pattern.finditer(file.text):
                if file is not function.file or not function.row.start <= match.start() < function.row.end:
                    return True
    return False


def _kept(what: str, pairs: Pairs) -> Iterator[Kept]:
    for (_, name), (function, takes, gives) in pairs.items():
        if len(takes) != 1 or not gives or _given_inside(function, name):
            continue
        take, file = takes[0], function.file
        if any(_below(file, spot.block, DEFER) for spot in (*takes, *gives)) or any(
            g.start < take.start for g in gives
        ):
            continue
        leaves = next((row for row in file.rows.returns if _keeps(file, function, row, take, gives)), None)
        if leaves is not None:
            yield Kept(what, name, function, take, gives[0], leaves)


def _given_inside(function: Function, name: str) -> bool:
    """True when a literal of the function names the same thing: it may give back later, or in a deferred call."""
    rows = [row for row in function.file.rows.functions if function.row.start < row.start < function.row.end]
    return any(name in function.file.text[row.start : row.end] for row in rows)


def _keeps(file: FileFacts, function: Function, row: Return, take: Spot, gives: list[Spot]) -> bool:
    """True when a return of the function follows the take, and no give-back stands on the way to it."""
    if row.start < take.end or _region(file, row.block) != function.row.block:
        return False
    ways = _ways(file, row.block, row.start)
    if _beside(file, row, take):
        return False
    if not _ways(file, take.block, take.start) <= ways or _tests(file, row, take):
        return False
    return not any(take.end <= give.start < row.start and _ways(file, give.block, give.start) <= ways for give in gives)


def _region(file: FileFacts, block: int) -> int:
    """The number of the function region that a block belongs to."""
    return next((number for number, region in file.chain(block) if region.kind == FUNCTION), -1)


def _ways(file: FileFacts, block: int, start: int) -> set[int]:
    """The branches, cases and loops around a place, whose condition it is not."""
    found = set()
    for number, region in file.chain(block):
        if region.kind == FUNCTION:
            break
        tested = region.header != (0, 0) and region.start <= start < region.header[1]
        if region.kind in (BRANCH, CASE, LOOP) and not tested:
            found.add(number)
    return found


def _beside(file: FileFacts, row: Return, take: Spot) -> bool:
    """True when the return stands in another case of the select that the take is a case of: the place was not taken."""
    chain = list(file.chain(take.block))
    for (number, inner), (outer, _) in pairwise(chain):
        if inner.kind == CASE and inner.header[0] <= take.start < inner.header[1]:
            others = (n for n, region in file.chain(row.block) if region.kind == CASE and region.parent == outer)
            return any(other != number for other in others)
    return False


def _tests(file: FileFacts, row: Return, take: Spot) -> bool:
    """True when the return is what follows from the take itself having failed."""
    for _, region in file.chain(row.block):
        if region.kind == FUNCTION:
            return False
        if region.kind == BRANCH:
            before = file.text[take.end : region.start]
            return region.start <= take.start < region.header[1] or (
                take.end <= region.start and not before.strip(" \t\n)};")
            )
    return False


def _below(file: FileFacts, block: int, kind: int) -> bool:
    for _, region in file.chain(block):
        if region.kind == kind:
            return True
        if region.kind == FUNCTION:
            return False
    return False
