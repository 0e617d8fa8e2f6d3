"""Requests that are refused at once when nothing is free to take them: the service sheds load instead of queueing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Origin, known
from rda_nb.facts.vocabulary import BRANCH, CASE
from rda_nb.records import Control, Page

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="Work is refused when nothing is free",
    topics=("backpressure", "concurrency-bounds"),
    consequence="unpredictability",
    rows=Control,
    why="A refusal at once keeps memory and latency bounded; how often it happens tells how much capacity is missing.",
    remedy="Count the refusals, answer 429 or 503 with Retry-After, and wait for a short bounded time where bursts are usual.",
    proof="Above capacity in the load harness, refusals rise and the latency of what is taken stays within its goal.",
    impact="overload",
)

# A queue that is full has items that wait: its own bound is told where it is made.
_FULL = re.compile(
    r"\b(?:\w+\.)?[eE]rr\w*(?:No(?:Available|Free|Idle|Capacity)|Overload|Busy|Saturated|(?:Pool|Worker)\w*Exhausted)\w*"
)


def assess(service: Service) -> Iterator[Control]:
    """One row per function on a path of requests that returns an error whose name says that nothing is free."""
    seen: set[tuple[str, str]] = set()
    for file in service.program.files:
        if file.role != "product":
            continue
        for row in file.rows.returns:
            text = " ".join(file.text[slice(*span)] for span in row.values)
            match = _FULL.search(text) if "rr" in text else None
            function = service.program.enclosing(file, row.block) if match is not None else None
            if match is None or function is None or (function.key, match[0]) in seen:
                continue
            block = file.rows.blocks[row.block]
            flows = service.item_flows(function, row.start)
            if not flows or block.kind not in (BRANCH, CASE):
                continue
            seen.add((function.key, match[0]))
            place = service.cite_at(file, row.start)
            title = flows[0].entrypoint.title
            yield Control(
                control=f"waiting for a place in {function.label}",
                kind="queue_bound",
                value=known(0, "items", Origin("computed", match[0], place)),
                bounded=True,
                configurable=False,
                evidence=(place, service.cite_at(file, block.start, role="caller")),
                assessment=Assessment.GOOD,
                claim=f"When nothing is free, {title} is refused at once ({match[0]}): no item waits here.",
                symbol=function.label,
                subject=match[0],
                hot=True,
            )
