"""Messages that are acknowledged before the write that they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION
from rda_nb.records import CriticalPath, Page
from rda_nb.service.processing import ACKNOWLEDGING

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service import Flow, Service
    from rda_nb.service.flows import Reached
    from rda_nb.service.program import Function

PAGE = Page(
    title="A message is acknowledged before its work is stored",
    topics=("leases",),
    consequence="data loss",
    rows=CriticalPath,
    why="A crash or a failed write between the acknowledgement and the write loses the message for good.",
    remedy="Acknowledge after the write has succeeded, and make the write safe to repeat.",
    proof="With the store refusing writes in the load harness, every message is delivered again until it is stored.",
    impact="overload",
)

_DURABLE = (
    "clickhouse.insert clickhouse.async_insert clickhouse.exec sql.exec sql.commit sql.copy sql.batch dynamodb.put"
    " dynamodb.update dynamodb.batch_write dynamodb.transact s3.put mongodb.insert kinesis.put kinesis.put_batch"
).split()
_CONSUMERS = ("queue_consumer", "poller", "stream_processor")


def assess(service: Service) -> Iterator[CriticalPath]:
    """One row per function in which a consumer's acknowledgement stands before its only writes."""
    seen: set[tuple[str, int]] = set()
    for flow in service.flows:
        if flow.entrypoint.kind not in _CONSUMERS or not flow.entrypoint.per_item:
            continue
        acks = [reached for reached in flow.reached if reached.operation.role in ACKNOWLEDGING and _plain(reached)]
        writes = [reached for reached in flow.reached if reached.operation.role in _DURABLE]
        if not writes or not all(_plain(write) for write in writes):
            continue
        for ack in acks:
            for function, (file, block, start) in _places(ack):
                after = [write for write in writes if _after(service, write, function, file, block, start)]
                if len(after) == len(writes) and (file.path, start) not in seen:
                    seen.add((file.path, start))
                    yield _row(service, flow, ack, after[0], file, start, function)


def _plain(reached: Reached) -> bool:
    return reached.certain and not reached.spawned and not reached.deferred


def _places(reached: Reached) -> Iterator[tuple[Function, tuple[FileFacts, int, int]]]:
    """Each function on the way to an operation with the place in it that leads there."""
    operation = reached.operation
    if operation.function is not None:
        yield operation.function, (operation.file, operation.block, operation.row.start)
    for edge in reached.edges:
        if edge.via is not None and edge.kind == "call":
            yield edge.source, (edge.source.file, edge.via.block, edge.via.row.start)


def _after(service: Service, write: Reached, function: Function, file: FileFacts, block: int, start: int) -> bool:
    """True when the write comes later in the same function, wherever the acknowledgement has been done."""
    if service.iterations.handles_error(file, block, start):
        return False
    for other, (_, at_block, at) in _places(write):
        if other is function:
            return at > start and _branches(file, block, start) <= _branches(file, at_block, at)
    return False


def _branches(file: FileFacts, block: int, start: int) -> set[int]:
    """The branches of the function whose body, not whose condition, holds a place."""
    found = set()
    for number, region in file.chain(block):
        if region.kind == FUNCTION:
            break
        tested = region.header != (0, 0) and region.start <= start < region.header[1]
        if region.kind in (BRANCH, CASE) and not tested:
            found.add(number)
    return found


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
