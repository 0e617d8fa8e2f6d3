"""A directory that is listed again for each of the files that are taken from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import Hotspot, Page
from rda_nb.service.buffers import working
from rda_nb.service.iterations import ITEMS, loops_at

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Block, FileFacts
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A directory is listed for each file",
    topics=("throughput-bottlenecks",),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each listing reads, and often sorts, all names: to take n files one by one costs n times n names.",
    remedy="List once, and work through the names; list again when they are used up.",
    proof="Drain a directory of 10,000 files in the load harness: the time per file stays the same.",
    impact="throughput",
    references=("https://pkg.go.dev/os#ReadDir",),
)

_HIGHEST = 3


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per listing that a loop over items, or one that goes on until nothing is left, makes each time."""
    for operation in service.operations("list.directory"):
        function = operation.function
        if function is None or not working(service, function) or operation.entry.handler is not None:
            continue
        loop = _repeated(service, operation)
        if loop is None:
            continue
        flows = service.hot_flows(function)
        where = f"on {flows[0].entrypoint.title}" if flows else "in background work"
        yield Hotspot(
            pattern="n_plus_one",
            function=function.label,
            why="lists all names again for each file",
            in_loop=1,
            on_path=flows[0].entrypoint.title if flows else "",
            evidence=(service.cite(operation), loop),
            assessment=Assessment.CONCERN,
            claim=f"{function.label} lists a directory again in each turn of the loop at {loop}, {where}.",
            symbol=function.label,
            subject=operation.client,
            hot=bool(flows),
            quiet=True,
        )


def _repeated(service: Service, operation: Operation) -> Evidence | None:
    """The loop around the listing, in its function or one that calls it."""
    assert operation.function is not None
    level = [(operation.file, operation.block, operation.row.start, operation.function)]
    seen = {operation.function.key}
    for _ in range(_HIGHEST):
        above = []
        for file, block, start, function in level:
            for loop in loops_at(file, block):
                if loop.header[1] <= start and _goes_through(service, file, loop):
                    own = file.text[operation.row.start : operation.row.end] if file is operation.file else ""
                    if any(
                        re.search(rf"\b{name}\b", own)
                        for row in file.ranges.get(loop.header[0], ())
                        for name in row.names
                    ):
                        return None  # another directory, or another pattern, each time
                    return service.cite_at(file, loop.start, role="caller")
            for edge in service.graph.into.get(function.key, ()):
                if edge.kind == "call" and edge.via is not None and not edge.spawned and edge.source.key not in seen:
                    seen.add(edge.source.key)
                    above.append((edge.source.file, edge.via.block, edge.via.row.start, edge.source))
        level = above
    return None


def _goes_through(service: Service, file: FileFacts, loop: Block) -> bool:
    """True for a loop over items, and for an endless one that waits for nothing: it takes one after the other."""
    if service.iterations.kind(file, loop) == ITEMS:
        return True
    body = file.text[loop.start : loop.end]
    endless = service.loop_header(file, loop) in ("", "true")
    return endless and "<-" not in body and "Sleep(" not in body and "select {" not in body
