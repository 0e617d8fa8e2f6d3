"""Directories that take one file per item and have no limit: the disk fills while the other side is down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.records import Control, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="Files are set aside without a limit",
    topics=("bounded-memory", "backpressure"),
    consequence="unbounded growth",
    rows=Control,
    why="What is set aside on disk while a dependency is down grows with the outage; a full disk then stops everything.",
    remedy="Limit the number, size and age of the files, and count what is dropped beyond it.",
    proof="Keep the dependency down in the load harness: the directory levels off at its limit.",
    impact="overload",
)

_CHANGING = re.compile(r"(?i)\+\+|num|count|seq|uuid|time\.Now|unix|rand|itoa|sprintf|\bid\b")
_LIMITED = re.compile(
    r"(?i)\.Size\(\)|Statfs|diskusage|free_?space|max_?(?:files|size|dump|disk|age|spool|segments)|quota"
)


def assess(service: Service) -> Iterator[Control]:
    """One row per function on a path of items, or of a loop in the background, that writes a file of a name of its own."""
    seen: set[str] = set()
    for operation in service.operations("write.file"):
        function = operation.function
        if function is None or function.root.key in seen or not _changes(service, operation):
            continue
        flows = service.item_flows(function, operation.row.start)
        if not flows and function.root.key not in service.background:
            continue
        package = service.program.package_of[operation.path]
        if any(_LIMITED.search(file.text) for file in service.program.files_of.get(package, ())):
            continue
        seen.add(function.root.key)
        yield _row(service, operation, flows[0].entrypoint.title if flows else "a loop in the background")


def _changes(service: Service, operation: Operation) -> bool:
    """True when the path is worked out from something that changes with each call."""
    node = service.argument(operation, operation.entry.message or 0)
    if node is None:
        return False
    written = service.source(node, operation.file)
    for _ in range(2):
        if _CHANGING.search(written):
            return True
        local = service.names.local(written, operation.file, operation.row.start) if written.isidentifier() else None
        if local is None or local[1] >= len(local[0].values):
            return False
        written = operation.file.slice(local[0].values[local[1]])
    return False


def _row(service: Service, operation: Operation, title: str) -> Control:
    function = operation.function
    assert function is not None
    return Control(
        control=f"files of {function.root.label}",
        kind="queue_bound",
        value=absent("no number, size or age of files is compared with a limit", "items"),
        bounded=False,
        configurable=False,
        evidence=(service.cite(operation),),
        assessment=Assessment.CONCERN,
        claim=f"{function.root.label} on {title} writes a file of its own each time; nothing limits how many there are.",
        symbol=function.root.label,
        subject=operation.client,
        hot=bool(service.hot_flows(function)) or None,
        quiet=True,
    )
