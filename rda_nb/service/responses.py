"""Answers of HTTP calls whose body some way out of the function leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH, CASE, DEFER, FUNCTION, Binding, FileFacts, Return
from rda_nb.service.calls import Operation

if TYPE_CHECKING:
    from rda_nb.service.model import Service
    from rda_nb.service.program import Function

_RESPONSE = "net/http.Response"
# What only looks at an answer; anything else may keep it or hand it on.
_LOOKS = re.compile(
    r"\.(?:Body\b(?!\s*=[^=])|StatusCode\b|Status\b|Header\b|Cookies\(|Proto\w*\b|ContentLength\b|Request\b|Uncompressed\b"
    r"|TransferEncoding\b|TLS\b)|\s*[!=]=\s*nil\b"
)
_CLOSES = re.compile(r"\.Body\.Close\(")
_READS = frozenset("read.all copy.all decode.reader decode.body decode buffer.new read.limit decompress".split())
# Read to its end, a body gives its connection back without being closed.
_ENDS = frozenset({"read.all", "copy.all"})


@dataclass(frozen=True, slots=True)
class Left:
    """A call whose answer is left open: at a return, or on every way when there is no return to name."""

    operation: Operation
    function: Function
    name: str
    leaves: Return | None
    closed: int


def left_open(service: Service) -> Iterator[Left]:
    """Every answer in a local of its function, given to nothing else, that a way out does not close."""
    for operation in service.calls.operations:
        row, file = operation.row, operation.file
        if file.role != "product" or operation.function is None or operation.system != "http":
            continue
        given = file.given.get((row.start, row.end))
        if given is None or len(given[0].names) != 2 or operation.client.endswith("Head"):
            continue
        results = service.names.results(file, operation.index)
        if results and results[0].lstrip("*") == _RESPONSE and _own(service, operation, operation.function, given[0]):
            found = _of(service, operation, operation.function, given[0])
            if found is not None:
                yield found


def _of(service: Service, operation: Operation, function: Function, given: Binding) -> Left | None:
    file, row, name = operation.file, operation.row, given.names[0]
    if name == "_":
        return Left(operation, function, name, None, 0)
    word = re.compile(rf"(?<![\w.]){re.escape(name)}\b")
    spots = [match.span() for match in word.finditer(file.text, row.end, function.row.end)]
    if not all(_looked_at(service, function, spot) for spot in spots):
        return None
    closes = [start for start, end in spots if _CLOSES.match(file.text, end)]
    readers = [_reader(service, function, spot) for spot in spots]
    ended = min((one.row.start for one in readers if one and one.role in _ENDS), default=function.row.end)
    if not closes:
        return Left(operation, function, name, None, 0) if ended == function.row.end else None
    until = min(_deferred(file, function, closes[0]), ended)
    for leaves in function.returns:
        if row.end < leaves.start < until and _succeeded(service, operation, given.names[1], leaves, name):
            return Left(operation, function, name, leaves, closes[0])
    return None


def _own(service: Service, operation: Operation, function: Function, given: Binding) -> bool:
    """True for a local that the function itself declares and gives one answer, outside the head of a branch."""
    file, name, start = operation.file, given.names[0], operation.row.start
    for _, region in file.chain(operation.block):
        if region.kind == FUNCTION:
            break
        if region.kind == BRANCH and start < region.header[1]:
            return False
    if name == "_":
        return True
    declared = service.names.local(name, file, operation.row.end + 1) if name.isidentifier() else None
    if declared is None or service.names.parameter(name, function) is not None:
        return False
    inside = (
        row for row in file.rows.bindings if function.row.start < row.start < function.row.end and name in row.names
    )
    return (
        service.program.enclosing(file, declared[0].block) is function and sum(bool(row.values) for row in inside) == 1
    )


def _looked_at(service: Service, function: Function, spot: tuple[int, int]) -> bool:
    """True for a use that only looks at an answer, reads its body, or closes it."""
    text = function.file.text
    if _LOOKS.match(text, spot[1]) is None:
        return False
    if not text.startswith(".Body", spot[1]) or _CLOSES.match(text, spot[1]):
        return True
    reader = _reader(service, function, spot)
    return reader is not None and reader.role in _READS


def _reader(service: Service, function: Function, spot: tuple[int, int]) -> Operation | None:
    """The call that a body is an argument of."""
    if not function.file.text.startswith(".Body", spot[1]):
        return None
    calls = service.calls.calls_of.get(function.key, ())
    around = [call for call in calls if call.row.callee_end <= spot[0] and spot[1] < call.row.end]
    inner = max(around, key=lambda call: call.row.start, default=None)
    return inner if isinstance(inner, Operation) else None


def _deferred(file: FileFacts, function: Function, close: int) -> int:
    """Where a close takes effect for the returns below: at its defer."""
    defers = (block.start for block in file.rows.blocks if block.kind == DEFER and block.start <= close < block.end)
    return min((start for start in defers if start > function.row.start), default=close)


def _succeeded(service: Service, operation: Operation, failed: str, leaves: Return, name: str) -> bool:
    """True for a return that stands behind the call, and not where it failed."""
    file, after = operation.file, operation.row.end
    chain = list(file.chain(leaves.block))
    if operation.block not in {number for number, _ in chain}:
        return False
    told = re.compile(rf"\b(?:{re.escape(failed)}\b|{re.escape(name)}\s*==\s*nil)")
    for _, region in chain:
        if region.kind not in (BRANCH, CASE) or region.start < after:
            continue
        again = any(row.start < region.header[1] for row in _bound(file, failed, after, leaves.start))
        if told.search(file.text, *region.header) and not again:
            return False
    return True


def _bound(file: FileFacts, name: str, start: int, end: int) -> Iterator[Binding]:
    """The bindings that give a name another value between two places."""
    return (row for row in file.rows.bindings if start < row.start < end and name in row.names)


__all__ = ["Left", "left_open"]
