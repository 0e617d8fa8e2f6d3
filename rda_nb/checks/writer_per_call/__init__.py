"""A compressor that is made for each request or message instead of being taken from a pool."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.frequency import often

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A compressor is made for each call",
    topics=("allocation", "hot-loops"),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each one allocates its window and tables anew, several hundred kilobytes for one small payload.",
    remedy="Keep compressors in a pool, and reset one onto the new output before each use.",
    proof="The allocation profile of the path shows no compressor below the handler.",
    impact="throughput",
    references=("https://pkg.go.dev/compress/gzip#Writer.Reset",),
)

_POOLED = re.compile(r"(?i)pool\b|pool\.|\bonce\b|\.Reset\(")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per function on a hot path that makes a compressor of its own each time."""
    told: set[str] = set()
    for operation in service.operations("compress"):
        function, flow = operation.function, often(service, operation)
        if "." in operation.client:  # a method of one that is kept
            continue
        if function is None or flow is None or function.root.key in told or _kept(service, operation):
            continue
        told.add(function.root.key)
        title = flow.entrypoint.title
        yield Hotspot(
            pattern="alloc_in_loop",
            function=function.label,
            why="its tables are allocated each time",
            in_loop=service.item_loops(operation),
            on_path=title,
            evidence=(service.cite(operation),),
            assessment=Assessment.CONCERN,
            claim=f"{function.label} makes a compressor ({operation.client}) for each call, on {title}.",
            symbol=function.label,
            subject=operation.client,
            hot=True,
            quiet=True,
        )


def _kept(service: Service, operation: Operation) -> bool:
    """True where it is put into a field or a pool, or made by what fills a pool."""
    file, function = operation.file, operation.function
    assert function is not None
    text = file.text[function.root.row.start : function.root.row.end]
    if _POOLED.search(text):
        return True
    given = file.given.get((operation.row.start, operation.row.end))
    if given is not None and not given[0].names[0].isidentifier():
        return True
    # What is returned or stands in a literal is kept by whoever asked for it.
    before = file.text[file.text.rfind("\n", 0, operation.row.start) + 1 : operation.row.start].strip()
    return before.startswith("return") or before.endswith(":") or service.iterations.repeated(operation) is None
