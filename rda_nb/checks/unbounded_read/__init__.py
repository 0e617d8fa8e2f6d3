"""Bodies, answers and files that are read into memory without a limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import Hotspot, Page
from rda_nb.service.bodies import ANSWER, FILE, INBOUND, Reader
from rda_nb.service.calls import Operation
from rda_nb.service.stated import failed_answer, starter

if TYPE_CHECKING:
    from rda_nb.service import Service


PAGE = Page(
    title="An inbound body is read without a limit",
    topics=("bounded-memory", "inbound-limits"),
    consequence="unbounded growth",
    rows=Hotspot,
    why="One sender, or a few at once, can make the process hold any amount of memory until it is killed.",
    remedy="Limit the body before reading (a maximum in the server, a middleware, or a limiting reader) and answer 413.",
    proof="A request of twice the limit is refused with 413, and memory stays flat while it is sent.",
    impact="overload",
    references=(
        "https://pkg.go.dev/net/http#MaxBytesReader",
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
    ),
)

_CONSUMING = ("queue_consumer", "poller", "stream_processor")
_SERVING = ("api_route", "grpc_method")
_SMALL = re.compile(r"(?i)cert|key|pem|conf|ca(?:File|Path)?$|secret|token|password|template|schema|version")
_ANSWER = "the whole answer of another service"
_BUFFERS = ("bytes.Buffer", "strings.Builder")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per place that reads a whole body, answer or file; limited ones are GOOD."""
    for operation in service.operations("read.all", "decode.reader"):
        reader = service.bodies.read_by(operation)
        if operation.role == "read.all" and _thrown_away(operation):
            row = _discarded(service, operation, reader)
        elif reader.kind == INBOUND:
            row = _inbound(service, operation, reader)
        elif reader.kind == ANSWER and operation.role == "read.all" and reader.limit is None:
            row = _other(service, operation, _ANSWER, reader.inflated)
        elif reader.inflated and reader.limit is None and reader.kind != FILE:
            row = _inflated(service, operation)
        else:
            row = None
        if row is not None:
            yield row
    for operation in service.operations("copy.all"):
        taken = service.calls.arguments(operation)[-1:]
        limited = any(service.bodies.of(node, operation.file, operation.block).limit is not None for node in taken)
        if _into_memory(service, operation) and not limited:
            row = _other(service, operation, "a whole stream", False)
            if row is not None:
                yield row
    for operation in service.operations("read.file"):
        name = service.argument(operation, operation.entry.message or 0)
        if name is None or service.text(name, operation) is not None:
            continue
        row = _other(service, operation, "a whole file", False)
        if row is not None and not _SMALL.search(service.source(name, operation.file)):
            yield row


def _inflated(service: Service, operation: Operation) -> Hotspot | None:
    """What a compressed message unpacks to: the limit of the queue holds for what is packed only."""
    flows = [flow for flow in service.hot_calls(operation) if flow.entrypoint.kind in _CONSUMING]
    row = _other(service, operation, "a compressed message", False) if flows else None
    if row is None:
        return None
    claim = (
        f"{row.function} unpacks what {flows[0].entrypoint.title} takes without a limit on what comes out:"
        " a small message may unpack to a thousand times its size."
    )
    return replace(
        row,
        why="unpacked in memory without a limit",
        title="A compressed message is unpacked without a limit",
        consequence="unbounded growth",
        claim=claim,
        remedy="Read what is unpacked through a limiting reader, and set a message beyond it aside.",
        proof="A message of 10 KB that unpacks to 1 GB is set aside, and memory stays flat while it is.",
        subject=f"unpacked {operation.client}",
    )


def _into_memory(service: Service, operation: Operation) -> bool:
    """True when one of the places that a stream is copied to is a buffer; the last argument is where it comes from."""
    to = service.calls.arguments(operation)[:-1]
    return any(service.names.type_of(node, operation.file, operation.block) in _BUFFERS for node in to[:2])


def _thrown_away(operation: Operation) -> bool:
    """True when the content that was read is given to nothing."""
    given = operation.file.given.get((operation.row.start, operation.row.end))
    return given is not None and given[0].names[0] == "_"


def _discarded(service: Service, operation: Operation, reader: Reader) -> Hotspot | None:
    if reader.limit is not None:
        return None
    row = _other(service, operation, "a whole stream", reader.inflated)
    if row is None:
        return None
    claim = row.claim.removesuffix(", without a limit.") + " and throws it away."
    remedy = "Copy the stream to a writer that discards, and close it."
    return replace(row, title="A stream is read into memory and thrown away", claim=claim, remedy=remedy)


def _inbound(service: Service, operation: Operation, reader: Reader) -> Hotspot | None:
    function = operation.function
    flows = [f for f in service.hot_calls(operation) if f.entrypoint.kind in _SERVING]
    if function is None or not flows:
        return None
    before = [service.bodies.before(flow) for flow in flows]
    own = (reader.limit or service.bodies.limited_on(flow, function) for flow in flows)
    limits = [limit or one.limit for limit, one in zip(own, before, strict=True)]
    states = list(zip(flows, limits, before, strict=True))
    open_flows = [flow for flow, limit, one in states if limit is None and one.followed]
    if not open_flows and None in limits and not reader.inflated:
        return None
    limit = limits[0] if not open_flows else None
    name = (open_flows or flows)[0].entrypoint.title
    more = f" and {len(flows) - 1} more" if len(flows) > 1 else ""
    evidence: list[Evidence] = [service.cite(operation)]
    if limit is not None:
        start = limit.row.start if isinstance(limit, Operation) else limit.start
        evidence.append(service.cite_at(limit.file, start, role="default"))
    bounded = limit is not None
    assessment, cause = Assessment.RISK, "inbound bodies"
    if reader.inflated:
        claim = f"{function.label} decompresses the body of {name}{more} into memory without a limit on what comes out."
        bounded = False
    elif bounded:
        claim = f"{function.label} reads the body of {name}{more} within the limit set at {evidence[-1]}."
    else:
        how = "into memory" if operation.role == "read.all" else "while decoding"
        claim = f"{function.label} reads the whole body of {name}{more} {how}; nothing limits its size."
        stated = [service.bodies.declared(flow, function, operation.row.start) for flow in open_flows]
        if stated and stated[0] is not None and None not in stated:
            evidence.append(service.cite_at(*stated[0], role="default"))
            claim = claim.removesuffix("nothing limits its size.") + "the length that is compared is the one declared, "
            claim += "which a request in chunks leaves out."
            assessment, cause = Assessment.CONCERN, "declared lengths"
    return Hotspot(
        pattern="unbounded_read",
        function=function.label,
        why=claim,
        on_path=name,
        evidence=tuple(evidence),
        assessment=Assessment.GOOD if bounded else assessment,
        claim=claim,
        symbol=function.label,
        subject=operation.client,
        hot=True,
        cause="" if bounded else cause,
    )


def _other(service: Service, operation: Operation, what: str, inflated: bool) -> Hotspot | None:
    function = operation.function
    if function is None or service.iterations.handles_error(operation.file, operation.block, operation.row.start):
        return None
    flows = service.hot_calls(operation)
    if not flows and function.key not in service.background:
        return None
    where = starter(flows[0], function) if flows else "in background work"
    if what == _ANSWER and failed_answer(service.conditions(operation)):
        what = "the answer of a failed request"
    how = "decompresses and reads" if inflated else "reads"
    return Hotspot(
        pattern="unbounded_read",
        function=function.label,
        why=f"{what} in memory",
        in_loop=len(service.loops(operation)),
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite(operation),),
        assessment=Assessment.CONCERN,
        title="What another service or a file holds is read into memory whole",
        consequence="inefficiency",
        claim=f"{function.label} {how} {what} into memory {where}, without a limit.",
        remedy="Decode from the stream, or read through a limiting reader with the largest size that is expected.",
        proof="The heap profile of the path stays flat when the source sends ten times the usual size.",
        symbol=function.label,
        subject=operation.client,
        hot=bool(flows),
        quiet=not flows or operation.role == "read.file",
    )
