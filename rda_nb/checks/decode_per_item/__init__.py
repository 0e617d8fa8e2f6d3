"""How payloads are decoded on hot paths: twice, back and forth, into untyped maps, or once and typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.frequency import per_part

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Expression
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A payload is decoded more than once",
    topics=("hot-loops", "allocation"),
    consequence="inefficiency",
    rows=Hotspot,
    why="Decoding is often the largest CPU cost of a message; each further pass allocates the whole payload again.",
    remedy="Decode once into a typed value and pass that on; keep parts that are not needed as raw bytes.",
    proof="A benchmark of the path with a real payload: allocations per message fall by those of the second pass.",
    impact="throughput",
    references=("https://pkg.go.dev/encoding/json#RawMessage",),
)

_MESSAGES = ("queue_consumer", "stream_processor")
# Types that a decode reads on from: the next one gets what follows.
_STREAM = re.compile(r"(?:Reader|Buffer|Decoder|Conn|Body|ReadCloser|ReadSeeker|Scanner)$")
# So many searches of one text cost more than decoding it.
_GETTERS = 3
_UNTYPED = ("map[string]any", "map[string]interface{}")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per decode on a hot path that repeats another or builds a map, and per typed decode of a message."""
    yield from _layouts(service)
    yield from _scans(service)
    for operation in service.operations("decode"):
        function = operation.function
        if function is None or not service.hot_calls(operation):
            continue
        payload = service.argument(operation, 0)
        if payload is None or service.iterations.handles_error(operation.file, operation.block, operation.row.start):
            continue
        encoded = _made_by(service, operation, payload)
        earlier = _earlier(service, operation, payload)
        if encoded is not None:
            yield _row(service, operation, Assessment.CONCERN, "decodes what it has just encoded", encoded)
        elif earlier is not None:
            written = service.source(payload, operation.file)[:40]
            yield _row(service, operation, Assessment.CONCERN, f"decodes `{written}` a second time", earlier)
        elif _into(service, operation) in _UNTYPED:
            yield _row(service, operation, Assessment.CONCERN, "decodes into an untyped map", None)
        elif any(flow.entrypoint.kind in _MESSAGES for flow in service.hot_calls(operation)):
            if _into(service, operation) in service.program.types:
                yield _row(service, operation, Assessment.GOOD, "decodes each message once, into a type", None)
            elif _kept_decoder(service, operation, payload):
                yield _row(
                    service, operation, Assessment.GOOD, "decodes each message once, by a parser that is kept", None
                )


def _kept_decoder(service: Service, operation: Operation, payload: Expression) -> bool:
    """True when the decoder is a field of its holder, and what it decodes is given to the function."""
    base = operation.callee.rpartition(".")[0]
    given = service.names.parameter(payload.text, operation.function) if payload.kind == "name" else None
    return "." in base and base.replace(".", "").isidentifier() and given is not None and given[1] >= 0


def _scans(service: Service) -> Iterator[Hotspot]:
    """Texts that are searched from their beginning for each field: several times in a function, in a loop, or by a getter."""
    found: dict[str, dict[str, list[Operation]]] = {}
    for operation in service.operations("decode.scan"):
        payload = service.argument(operation, 0)
        if operation.function is not None and payload is not None and service.hot_calls(operation):
            texts = found.setdefault(operation.function.key, {})
            texts.setdefault(service.source(payload, operation.file)[:40], []).append(operation)
    for key, texts in found.items():
        callers = {call.function.key for call in service.calls.callers.get(key, ()) if call.function is not None}
        again = [
            text
            for text, made in texts.items()
            if len(made) >= _GETTERS
            or ("." in text and len(callers) >= _GETTERS)
            or (service.loops(made[0]) and per_part(service, made[0]))
        ]
        if again:
            what = f"searches all of {' and '.join(f'`{text}`' for text in again[:3])} again for each field"
            yield _row(service, texts[again[0]][0], Assessment.CONCERN, what, None)


def _layouts(service: Service) -> Iterator[Hotspot]:
    """Texts of which a loop finds the time format by trying one after the other."""
    for operation in service.operations("parse.time"):
        if service.hot_calls(operation) and service.loops(operation):
            over = service.iterations.over(operation.file, service.loops(operation)[0])
            layout = service.argument(operation, operation.entry.message or 0)
            if layout is not None and layout.kind == "name" and service.text(layout, operation) is None:
                what = f"tries the time formats in `{over[:60]}` one after the other"
                yield _row(service, operation, Assessment.CONCERN, what, None)


def _made_by(service: Service, operation: Operation, payload: Expression) -> Operation | None:
    """The encoding that gave the payload its value in the same function."""
    found = service.names.local(payload.text, operation.file, payload.start) if payload.kind == "name" else None
    index = operation.file.call_at.get(found[0].values[0]) if found is not None and found[0].values else None
    made = service.calls.operation(operation.file, index) if index is not None else None
    same = made is not None and made.role == "encode" and made.package == operation.package
    return made if same else None


def _earlier(service: Service, operation: Operation, payload: Expression) -> Operation | None:
    """An earlier decode of the same name by the same library, in a block that the later one stands in as well."""
    if payload.kind not in ("name", "select") or operation.function is None or service.loops(operation):
        return None
    kind = service.names.type_of_span(operation.file, (payload.start, payload.end), operation.block)
    if _STREAM.search(kind):
        return None
    written = service.source(payload, operation.file)
    around = {number for number, _ in operation.file.chain(operation.block)}
    for call in service.calls.calls_of.get(operation.function.key, ()):
        other = service.calls.operation(call.file, call.index)
        if other is None or other.role != "decode" or other.row.end > operation.row.start:
            continue
        first = service.argument(other, 0)
        if first is None or service.source(first, other.file) != written or other.client != operation.client:
            continue
        if not _given_between(operation, written, other.row.end) and _always(other, around):
            return other
    return None


def _always(other: Operation, around: set[int]) -> bool:
    block = other.file.rows.blocks[other.block]
    tested = block.kind == 2 and other.row.end <= block.header[0]
    return other.block in around or (tested and block.parent in around)


def _given_between(operation: Operation, written: str, start: int) -> bool:
    rows = operation.file.rows.bindings
    return any(written in row.names and start < row.start < operation.row.start for row in rows)


def _into(service: Service, operation: Operation) -> str:
    arguments = service.calls.arguments(operation)
    if not arguments:
        return ""
    span = (arguments[-1].start, arguments[-1].end)
    return service.names.type_of_span(operation.file, span, operation.block).replace(" ", "")


def _row(service: Service, operation: Operation, assessment: Assessment, what: str, other: Operation | None) -> Hotspot:
    function = operation.function
    assert function is not None
    flow = service.hot_calls(operation)[0].entrypoint.title
    first = (service.cite(other, "caller"),) if other is not None else ()
    line = f" (first at line {other.line})" if other is not None else ""
    return Hotspot(
        pattern="decode_per_item",
        function=function.label,
        why=what,
        in_loop=service.item_loops(operation),
        on_path=flow,
        evidence=(service.cite(operation), *first),
        assessment=assessment,
        title="A payload is decoded into an untyped map" if what.endswith("map") else "",
        claim=f"{function.label} {what}{line}, on {flow}.",
        symbol=function.label,
        subject=what,
        hot=True,
        quiet=other is None and assessment is Assessment.CONCERN,
    )
