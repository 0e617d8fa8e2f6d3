"""Messages that are acknowledged before the write that they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import CriticalPath, Page
from rda_nb.service.handoffs import Handoffs
from rda_nb.service.processing import ACKNOWLEDGING, DURABLE, branches, places, plain

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service import Flow, Service
    from rda_nb.service.flows import Reached
    from rda_nb.service.handoffs import Handed
    from rda_nb.service.program import Function

PAGE = Page(
    title="A message is acknowledged before its work is stored",
    topics=("leases",),
    consequence="data loss",
    rows=CriticalPath,
    why="A crash or a failed write between the acknowledgement and the write loses the message for good.",
    remedy="Acknowledge after the write has succeeded, and make the write safe to repeat.",
    proof="With the store refusing every write for 60 s in the load harness, all of 1,000 messages are stored in the end.",
    impact="overload",
)

_CONSUMERS = ("queue_consumer", "poller", "stream_processor")


def assess(service: Service) -> Iterator[CriticalPath]:
    """One row per function in which a consumer's acknowledgement stands before its only writes."""
    seen: set[tuple[str, int]] = set()
    handoffs = Handoffs(service, DURABLE)
    for flow in service.flows:
        if flow.entrypoint.kind not in _CONSUMERS or not flow.entrypoint.per_item:
            continue
        acks = [reached for reached in flow.reached if reached.operation.role in ACKNOWLEDGING and plain(reached)]
        handed = handoffs.of(flow)
        writes: list[Reached] = [reached for reached in flow.reached if reached.operation.role in DURABLE]
        waiting = next((one for one in handed if not one.waits), None) if not writes else None
        writes += handed
        if not writes or not all(plain(write) for write in writes):
            continue
        for ack in acks:
            for function, (file, block, start) in places(ack):
                after = [write for write in writes if _after(service, write, function, file, block, start)]
                if len(after) == len(writes) and (file.path, start) not in seen:
                    seen.add((file.path, start))
                    yield _row(service, flow, ack, after[0], file, start, function)
                elif waiting is not None and _before(service, waiting, function, file, block, start):
                    if (file.path, start) not in seen:
                        seen.add((file.path, start))
                        yield _unwritten(service, flow, ack, waiting, file, start, function)


def _after(service: Service, write: Reached, function: Function, file: FileFacts, block: int, start: int) -> bool:
    """True when the write comes later in the same function, wherever the acknowledgement has been done."""
    if service.iterations.handles_error(file, block, start):
        return False
    for other, (_, at_block, at) in places(write):
        if other is function:
            return at > start and branches(file, block, start) <= branches(file, at_block, at)
    return False


def _before(service: Service, write: Handed, function: Function, file: FileFacts, block: int, start: int) -> bool:
    """True when the hand-over comes earlier in the same function, wherever the acknowledgement is done."""
    if service.iterations.handles_error(file, block, start):
        return False
    for other, (_, at_block, at) in places(write):
        if other is function:
            return at < start and branches(file, at_block, at) <= branches(file, block, start)
    return False


def _unwritten(
    service: Service, flow: Flow, ack: Reached, write: Handed, file: FileFacts, start: int, function: Function
) -> CriticalPath:
    """The row of a message that is acknowledged while another goroutine still holds it in memory."""
    what, then, sent = ack.operation.title, write.operation.title, service.cite_at(write.place[0], write.place[2])
    claim = (
        f"{function.label} acknowledges ({what}) once the message is in a channel; {then} follows in another goroutine:"
        " a crash or a failed write loses what waits there."
    )
    row = _row(service, flow, ack, write, file, start, function)
    evidence = (row.evidence[0], sent, *row.evidence[1:])
    return replace(row, claim=claim, assessment=Assessment.CONCERN, evidence=evidence, subject="hand-over")


def _row(
    service: Service, flow: Flow, ack: Reached, write: Reached, file: FileFacts, start: int, function: Function
) -> CriticalPath:
    what, then = ack.operation.title, write.operation.title
    return CriticalPath(
        flow=flow.entrypoint.title,
        kind=flow.entrypoint.kind,
        entrypoint=f"{flow.entrypoint.evidence.path}:{flow.entrypoint.evidence.line}",
        steps=flow.steps(ack),
        blocking_io=(what, then),
        bottleneck=f"{what} before {then}",
        evidence=(
            service.cite_at(file, start),
            service.cite(write.operation, "override"),
            service.cite(ack.operation, "caller"),
        ),
        assessment=Assessment.RISK,
        claim=f"{function.label} acknowledges ({what}) before it writes ({then}): a failed write loses the message.",
        symbol=function.label,
        subject="acknowledgement",
        hot=True,
    )
