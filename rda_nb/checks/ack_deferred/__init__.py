"""An acknowledgement in a deferred call: it is done whatever becomes of the write that stands below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import BRANCH, DEFER, FUNCTION
from rda_nb.records import CriticalPath, Page
from rda_nb.service.processing import ACKNOWLEDGING, DURABLE, NOTING, branches

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service import Flow, Service
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.flows import Reached
    from rda_nb.service.program import Function

PAGE = Page(
    title="A deferred acknowledgement runs though the write has failed",
    topics=("leases",),
    consequence="data loss",
    rows=CriticalPath,
    why="A write that fails returns through the deferred call: the queue is told that the message is done, and it is gone.",
    remedy="Acknowledge after the write has succeeded, and leave the message when it has not.",
    proof="With the store refusing every write for 60 s in the load harness, all of 1,000 messages are stored in the end.",
    impact="overload",
)

_CONSUMERS = ("queue_consumer", "poller", "stream_processor")
_ACKS = (*ACKNOWLEDGING, *NOTING)
# What an error branch may do to keep the message in another way.
_KEEPS = re.compile(
    r"(?i)retr|dead|dlq|nack|reject|fallback|requeue|visibility|\bsend\w*\(|publish\w*\(|\bterm\(|panic|fatal|exit\("
)


class Deferred(NamedTuple):
    """An acknowledgement, and the function and place in it that defer it."""

    ack: Reached
    function: Function
    file: FileFacts
    block: int
    start: int


def assess(service: Service) -> Iterator[CriticalPath]:
    """One row per deferred acknowledgement with a write below it that may fail."""
    seen: set[tuple[str, int]] = set()
    for flow in service.flows:
        if flow.entrypoint.kind not in _CONSUMERS or not flow.entrypoint.per_item:
            continue
        for one in _deferred(flow):
            write = _below(service, one)
            if write is not None and (one.file.path, one.start) not in seen:
                seen.add((one.file.path, one.start))
                yield _row(service, flow, one, write)


def _deferred(flow: Flow) -> Iterator[Deferred]:
    """Acknowledgements that a function of the flow defers, and that nothing in the deferred code decides on."""
    for reached in flow.reached:
        operation = reached.operation
        if operation.role not in _ACKS or not reached.certain or reached.spawned or operation.function is None:
            continue
        if branches(operation.file, operation.block, operation.row.start):
            continue
        if _in_defer(operation.file, operation.block):
            yield Deferred(reached, operation.function, operation.file, operation.block, operation.row.start)
        elif reached.edges and reached.edges[-1].deferred:
            edge = reached.edges[-1]
            block = edge.via.block if edge.kind == "call" and edge.via is not None else edge.target.row.block
            yield Deferred(reached, edge.source, edge.source.file, block, edge.offset)


def _in_defer(file: FileFacts, block: int) -> bool:
    for _, region in file.chain(block):
        if region.kind == DEFER:
            return True
        if region.kind == FUNCTION:
            return False
    return False


def _below(service: Service, one: Deferred) -> Operation | None:
    """The first write that the function surely makes below its deferral, when what follows its error keeps nothing."""
    reach = service.concurrency.reach_of(one.function)
    around = branches(one.file, _outer(one), one.start)
    for write in service.operations(*DURABLE):
        if write.function is None or write.function not in reach:
            continue
        edges = reach.edges_to(write.function)
        if any(edge.confidence != "resolved" or edge.spawned or edge.deferred for edge in edges):
            continue
        via = edges[0].via if edges and edges[0].kind == "call" else None if edges else write
        if via is not None and via.row.start > one.start and around <= branches(via.file, via.block, via.row.start):
            if not _kept(one.function, via):
                return write
    return None


def _outer(one: Deferred) -> int:
    """The block in which the defer statement stands."""
    chain = list(one.file.chain(one.block))
    at = next((position for position, (_, region) in enumerate(chain) if region.kind == DEFER), -1)
    return chain[at + 1][0] if 0 <= at < len(chain) - 1 else one.block


def _kept(function: Function, write: Call) -> bool:
    """True when the branch that tests the write's error does something else with the message."""
    rows, text = function.file.rows.blocks, function.file.text
    tests = (
        row for row in rows if row.kind == BRANCH and row.function == function.row.block and row.end > write.row.start
    )
    after = next(tests, None)
    return after is not None and _KEEPS.search(text[after.header[1] : after.end]) is not None


def _row(service: Service, flow: Flow, one: Deferred, write: Operation) -> CriticalPath:
    what, then = one.ack.operation.title, write.title
    return CriticalPath(
        flow=flow.entrypoint.title,
        kind=flow.entrypoint.kind,
        entrypoint=f"{flow.entrypoint.evidence.path}:{flow.entrypoint.evidence.line}",
        steps=flow.steps(one.ack),
        blocking_io=(what, then),
        bottleneck=f"{what} whatever becomes of {then}",
        evidence=(
            service.cite_at(one.file, one.start),
            service.cite(write, "override"),
            service.cite(one.ack.operation, "caller"),
        ),
        assessment=Assessment.RISK,
        claim=f"{one.function.label} defers the acknowledgement ({what}): it is done even when {then} fails.",
        symbol=one.function.label,
        subject="deferred acknowledgement",
        hot=True,
    )
