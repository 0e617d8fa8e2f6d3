"""Consumer loops that return for good on one failed receive, in a goroutine that nobody starts again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import BRANCH
from rda_nb.records import CriticalPath, Page

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Return
    from rda_nb.service import Flow, Service
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.program import Function

PAGE = Page(
    title="One failed receive ends the consumer",
    topics=("polling",),
    consequence="stuck pipeline",
    rows=CriticalPath,
    why="A goroutine that returns on a passing error takes its share of the intake with it, and the process looks healthy.",
    remedy="Wait with backoff and receive again; return only when the context is done, or let the error end the process.",
    proof="With the queue refusing 1 call in the load harness, the consumer's throughput is back within 30 s by itself.",
    impact="throughput",
)

_KINDS = ("queue_consumer", "poller")
_FAILED = re.compile(r"(?:^|;)\s*\w*[eE]rr\w*\s*!=\s*nil\s*$")
_WORDS = ("panic", "cancel", "stop", "exit", "fatal", "close", "shutdown")
_ENDS = ("log.fatal", "process.exit", "signal.notify", "context.cancel")


def assess(service: Service) -> Iterator[CriticalPath]:
    """One row per consumer loop that ends on an error of its receive."""
    for flow in service.flows:
        entry = flow.entrypoint
        receive, loop = entry.source, entry.loop
        if entry.kind not in _KINDS or not entry.per_item or receive is None or loop is None:
            continue
        ends = _return(flow, receive)
        start = _start(service, entry.function)
        if ends is None or start is None:
            continue
        function = entry.function
        yield CriticalPath(
            flow=entry.title,
            kind=entry.kind,
            entrypoint=f"{entry.evidence.path}:{entry.evidence.line}",
            blocking_io=(receive.title,),
            bottleneck="ends on one failed receive",
            evidence=(
                service.cite_at(receive.file, ends.start),
                service.cite(receive, "caller"),
                service.cite_at(start[0].file, start[1], role="caller"),
            ),
            assessment=Assessment.RISK,
            claim=f"{function.label} returns when one {receive.title} fails, and its goroutine is not started again.",
            symbol=function.label,
            subject="return on error",
            hot=True,
        )


def _return(flow: Flow, receive: Operation) -> Return | None:
    """The return in the branch that tests the receive's error, in the loop's own function and below the receive."""
    loop, entry = flow.entrypoint.loop, flow.entrypoint.function
    assert loop is not None
    call = receive if receive.function is entry else _helper(flow, receive)
    if call is None:
        return None
    file = call.file
    for row in file.rows.returns:
        if not (call.row.start < row.start and loop.start <= row.start < loop.end) or row.block < 0:
            continue
        number, region = next(iter(file.chain(row.block)))
        if region.kind != BRANCH or region.function != loop.function or file.rows.blocks[number].loop < 0:
            continue
        header = file.text[slice(*region.header)]
        between = file.text[call.row.end : region.start]
        # The first test after the receive is of its own error.
        if _FAILED.search(header) and "if " not in between:
            return row
    return None


def _helper(flow: Flow, receive: Operation) -> Call | None:
    """The call in the loop's function of a helper that receives for it and hands its error back."""
    edges = (
        flow.reach.edges_to(receive.function) if receive.function is not None and receive.function in flow.reach else ()
    )
    if len(edges) != 1 or edges[0].kind != "call" or edges[0].confidence != "resolved" or edges[0].spawned:
        return None
    fails = any(kind == "error" for _, kind in edges[0].target.results)
    return edges[0].via if fails else None


def _start(service: Service, function: Function) -> tuple[Function, int] | None:
    """Where the loop is started as a goroutine whose end nobody sees; None when its end may be noticed."""
    edges = service.graph.into.get(function.key, ())
    own = [call for call in service.calls.calls_of.get(function.key, ()) if service.calls.deferred(call)]
    if not edges or any(call.callee.rpartition(".")[2].lower().startswith((*_WORDS, "done")) for call in own):
        return None
    for edge in edges:
        source = edge.source
        if edge.spawned and edge.kind == "call" and not edge.loops:
            continue
        outer = [above for above in service.graph.into.get(source.key, ()) if above.kind == "literal"]
        plain = source.parent is not None and outer and all(above.spawned and above.via is None for above in outer)
        if not plain or edge.loops or _noticed(service, source):
            return None
    first = edges[0]
    return first.source, first.offset


def _noticed(service: Service, literal: Function) -> bool:
    """True when a literal does something about the end: it stops the process, or tells someone."""
    file, row = literal.file, literal.row
    if any(row.start <= send.start < row.end for send in file.rows.sends):
        return True
    calls = service.calls.calls_of.get(literal.key, ())
    return any(
        call.callee.rpartition(".")[2].lower().startswith(_WORDS) or getattr(call, "role", "") in _ENDS
        for call in calls
    )
