"""Memory that a peer sizes: a length that it sends is allocated unseen, or a line is read until it ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import BRANCH, CASE, Expression, FileFacts
from rda_nb.records import Hotspot, Page
from rda_nb.service.calls import Call, Operation

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.program import Function, Span

PAGE = Page(
    title="A peer decides how much memory its message takes",
    topics=("bounded-memory", "inbound-limits"),
    consequence="unbounded growth",
    rows=Hotspot,
    why="Whoever can connect sends a length or a line without end, and the process allocates until it is killed.",
    remedy="Compare the length with the largest message before allocating, read lines through a limit, and close on more.",
    proof="A client that sends a length of 2 GB, or 1 GB without an end of line, is closed, and memory stays flat.",
    impact="overload",
    references=("https://pkg.go.dev/io#LimitReader", "https://pkg.go.dev/bufio#Scanner.Buffer"),
)

# Bytes put together by hand: two of them make a small number.
_SHIFTED = re.compile(r"\b(\w+)\[\d+\]\s*\)?\s*<<\s*(?:1[6-9]|[2-9]\d)\b")
_NAME = re.compile(r"[A-Za-z_]\w*")
# What is already there, or no number at all, bounds nothing.
_NO_BOUND = re.compile(r"[<>]=?\s*(?:\w+\()?\s*(?:u?int(?:32|64)?\()?\s*(?:cap|len)\(|[<>]=?\s*0\b")
_DEEPEST = 3


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per allocation of a length read from an accepted connection, and per line read from one."""
    for operation in service.operations("read.line"):
        node = service.calls.conventions.expression(operation.callee, operation.row.start)
        accepted = service.connections.accepted(node.parts[0], operation.file, operation.block)
        if accepted is not None and operation.function is not None:
            claim = (
                f"{operation.function.label} reads lines from a connection that it accepted; a line without an end is kept"
                " in memory whole."
            )
            yield _row(service, operation, accepted, operation.function, claim, Assessment.CONCERN, "line")
    for file in service.program.files:
        if file.role == "product":
            for index in file.callees.get("make", ()):
                row = _allocated(service, file, index)
                if row is not None:
                    yield row


def _allocated(service: Service, file: FileFacts, index: int) -> Hotspot | None:
    made = file.rows.calls[index]
    function = service.program.enclosing(file, made.block)
    call = Call(file, index, function, service.names.resolve(file, index))
    sizes = service.calls.arguments(call)
    if function is None or len(sizes) < 2 or file.slice((sizes[0].start, sizes[0].end)).replace(" ", "") != "[]byte":
        return None
    names: list[str] = []
    start, header = _decoded(service, file, made.block, sizes[-1], names, 0)
    if not header or not names or _compared(service, file, function, names, (start, made.start)):
        return None
    accepted = _read_from(service, function, header, start)
    if accepted is None:
        return None
    claim = f"{function.label} allocates as many bytes as the peer's message says (`{names[0]}`), and compares it with nothing."
    return _row(service, call, accepted, function, claim, Assessment.RISK, "length")


def _decoded(
    service: Service, file: FileFacts, block: int, node: Expression, names: list[str], depth: int
) -> tuple[int, str]:
    """Where a size is decoded from bytes and the name of these; '' when it is not, `names` being those it goes by."""
    while node.kind in ("convert", "unary") or (node.kind == "call" and len(node.parts) == 2):
        index = file.call_at.get((node.start, node.end)) if node.kind == "call" else None
        operation = service.calls.operation(file, index) if index is not None else None
        if operation is not None and operation.role == "decode.length":
            found = _NAME.search(file.text, node.parts[1].start, node.parts[1].end)
            return node.start, found[0] if found else ""
        node = node.parts[-1]
    shifted = _SHIFTED.search(file.text, node.start, node.end) if node.kind == "binary" else None
    if shifted is not None:
        return node.start, shifted[1]
    local = service.names.local(node.text, file, node.start) if node.kind == "name" and depth < _DEEPEST else None
    if local is None or local[0].form not in ("define", "variable") or local[1] >= len(local[0].values):
        return 0, ""
    names.append(node.text)
    span = local[0].values[local[1]]
    value = service.calls.conventions.expression(file.text[slice(*span)], span[0])
    return _decoded(service, file, local[0].block, value, names, depth + 1)


def _compared(service: Service, file: FileFacts, function: Function, names: list[str], between: Span) -> bool:
    """True when a size is compared, or handed to what may compare it, between where it is decoded and where it is used."""
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    for block in file.rows.blocks:
        if block.kind in (BRANCH, CASE) and between[0] <= block.header[0] < between[1]:
            condition = file.text[slice(*block.header)]
            if word.search(condition) and not _NO_BOUND.search(condition):
                return True
    for call in service.calls.calls_of.get(function.key, ()):
        inside = between[0] < call.row.start < between[1]
        if (
            inside
            and word.search(file.text, call.row.callee_end, call.row.end)
            and call.resolution.kind != "conversion"
        ):
            return True
    return False


def _read_from(service: Service, function: Function, header: str, before: int) -> Operation | None:
    """Where the connection was accepted that the bytes of a name are read from."""
    word = re.compile(rf"\b{re.escape(header)}\b")
    for call in service.calls.calls_of.get(function.key, ()):
        if call.row.start >= before or not word.search(call.file.text, call.row.callee_end, call.row.end):
            continue
        callee = service.calls.conventions.expression(call.callee, call.row.start)
        from_ = [*service.calls.arguments(call)[:1], *(callee.parts[:1] if callee.kind == "select" else ())]
        for node in from_:
            accepted = service.connections.accepted(node, call.file, call.block)
            if accepted is not None:
                return accepted
    return None


def _row(
    service: Service,
    call: Call,
    accepted: Operation,
    function: Function,
    claim: str,
    assessment: Assessment,
    subject: str,
) -> Hotspot:
    flows = service.hot_calls(call)
    return Hotspot(
        pattern="unbounded_read",
        function=function.label,
        why=claim,
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite(call), service.cite(accepted, "caller")),
        assessment=assessment,
        claim=claim,
        symbol=function.label,
        subject=subject,
        hot=bool(flows),
    )
