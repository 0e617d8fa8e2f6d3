"""Writes whose failure is only logged before the message is acknowledged all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import BRANCH
from rda_nb.records import CriticalPath, Page
from rda_nb.service.handoffs import Handoffs
from rda_nb.service.processing import ACKNOWLEDGING, DURABLE, branches, places, plain

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Block, FileFacts
    from rda_nb.service import Flow, Service
    from rda_nb.service.flows import Reached

PAGE = Page(
    title="A failed write is logged and its message acknowledged",
    topics=("leases",),
    consequence="data loss",
    rows=CriticalPath,
    why="Every message that meets the fault is gone: the queue was told that it is done, and a log line is all that is left.",
    remedy="Leave the message to be delivered again, or move it to a dead-letter queue before acknowledging it.",
    proof="With the store refusing every write for 60 s in the load harness, all of 1,000 messages are stored in the end.",
    impact="overload",
)

_CONSUMERS = ("queue_consumer", "poller", "stream_processor")
_FAILED = re.compile(r"\b\w*[eE]rr\w*\s*!=\s*nil\s*$")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"')
# Anything but logging and counting in the branch may deal with the failure.
_LEAVES = re.compile(
    r"\b(?:return|continue|break|goto|panic|Fatal\w*|Exit|<-)\b|<-|\w*(?:[rR]etr|[dD]ead|dlq|DLQ|[nN]ack|[rR]eject|[fF]allback|[dD]ump|[rR]equeue|append\(|[sS]ave|[sS]tore|[pP]ublish|[sS]end)\w*"
)


def assess(service: Service) -> Iterator[CriticalPath]:
    """One row per write on a consumer's way whose error branch only logs, with an acknowledgement after it."""
    seen: set[tuple[str, int]] = set()
    handoffs = Handoffs(service, DURABLE)
    for flow in service.flows:
        if flow.entrypoint.kind not in _CONSUMERS or not flow.entrypoint.per_item:
            continue
        acks = [reached for reached in flow.reached if reached.operation.role in ACKNOWLEDGING and plain(reached)]
        writes: list[Reached] = [reached for reached in flow.reached if reached.operation.role in DURABLE]
        writes += [handed for handed in handoffs.of(flow) if handed.waits]
        for write in writes:
            if not plain(write) or not acks:
                continue
            for function, (file, block, start) in places(write):
                branch = _error_branch(file, start)
                if branch is None or (file.path, start) in seen:
                    continue
                ends = branch.end
                for ack in acks:
                    for other, (_, at_block, at) in places(ack):
                        if (
                            other is function
                            and at > ends
                            and branches(file, at_block, at) <= branches(file, block, start)
                        ):
                            if (file.path, start) not in seen:
                                seen.add((file.path, start))
                                yield _row(
                                    service, flow, write.operation.title, file, start, branch, at, function.label
                                )


def _error_branch(file: FileFacts, start: int) -> Block | None:
    """The branch that tests the error of the statement at an offset, when all it does is to log or count."""
    found = None
    for block in file.rows.blocks:
        if block.kind == BRANCH and block.start <= start < block.header[1]:
            found = block
    if found is None:
        line_end = file.text.find("\n", start)
        found = next((b for b in file.rows.blocks if b.kind == BRANCH and line_end < b.start <= line_end + 40), None)
        if found is None or file.text[line_end : found.start].strip():
            return None
    header = file.text[slice(*found.header)]
    # What a log line says is not done.
    body = _QUOTED.sub('""', file.text[found.header[1] : found.end])
    if not _FAILED.search(header) or _LEAVES.search(body) or "else" in file.text[found.end - 8 : found.end + 8]:
        return None
    return found


def _row(
    service: Service, flow: Flow, what: str, file: FileFacts, start: int, branch: Block, at: int, label: str
) -> CriticalPath:
    return CriticalPath(
        flow=flow.entrypoint.title,
        kind=flow.entrypoint.kind,
        entrypoint=f"{flow.entrypoint.evidence.path}:{flow.entrypoint.evidence.line}",
        blocking_io=(what,),
        bottleneck=f"{what} fails unseen",
        evidence=(
            service.cite_at(file, start),
            service.cite_at(file, branch.start, branch.end, "caller"),
            service.cite_at(file, at, role="override"),
        ),
        assessment=Assessment.RISK,
        claim=f"{label} only logs a failed {what} and acknowledges the message at line {file.line(at)}.",
        symbol=label,
        subject="failed write",
        hot=True,
    )
