"""What is allocated anew for each message: formatted texts, rows of boxed values, numbers of arbitrary size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.core import Assessment, Evidence
from rda_nb.records import Hotspot, Page
from rda_nb.service.calls import Call
from rda_nb.service.frequency import MESSAGES, often, per_part
from rda_nb.service.names import Resolution
from rda_nb.service.stated import where

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service import Flow, Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.program import Function

PAGE = Page(
    title="Values are boxed or formatted for each message",
    topics=("allocation", "hot-loops"),
    consequence="inefficiency",
    rows=Hotspot,
    why="What is allocated per message is what the garbage collector works on, and formatting by reflection costs more still.",
    remedy="Append to a byte slice with typed code, keep rows in a pool, and compute in fixed-size numbers.",
    proof="A benchmark of the path with a real message: allocations per message fall.",
    impact="throughput",
    references=("https://go.dev/doc/gc-guide#Eliminating_heap_allocations",),
)

_ANY = re.compile(r"^\[\](?:any|interface\s*\{\s*\})$")
_REFLECTED = re.compile(r"%[-+# 0]*[\d.]*v")
_LOGGED = re.compile(r"(?i)\blog\w*\.\w+\(|\b\w*(?:errorf|printf|fatalf|warnf|infof|debugf)\(")
_TEXTS = ("log.", "error.new", "metric.", "trace.")


class _Found(NamedTuple):
    pattern: str
    function: Function
    place: Evidence
    flow: Flow
    loops: int
    what: str
    case: str = ""


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per function and kind, on the paths of messages."""
    groups: dict[tuple[str, str], list[_Found]] = {}
    for found in (*_formatted(service), *_numbers(service), *_rows(service)):
        if not _small_beside(service, found.function):
            groups.setdefault((found.function.root.key, found.pattern + found.what[:12]), []).append(found)
    for made in groups.values():
        found = made[0]
        case = found.case if len(made) == 1 else ""
        flow = found.flow.entrypoint.title
        yield Hotspot(
            pattern=found.pattern,
            function=found.function.label,
            why=found.what,
            in_loop=found.loops,
            on_path=flow,
            evidence=tuple(dict.fromkeys(one.place for one in made[:4])),
            assessment=Assessment.CONCERN,
            claim=f"{found.function.label} {found.what}{case}, on {flow}.",
            symbol=found.function.label,
            subject=found.what,
            hot=True,
            quiet=True,
        )


def _small_beside(service: Service, function: Function) -> bool:
    """True where another process is waited for all the same, and in what only log lines are made of."""
    root = function.root
    for reached in service.concurrency.reach_of(root).order[:100]:
        for call in service.calls.calls_of.get(reached.key, ()):
            if getattr(call, "blocking", False) and getattr(call, "system", ""):
                return True
    return _for_logs(service, root, frozenset())


def _for_logs(service: Service, function: Function, seen: frozenset[str]) -> bool:
    """True when all who call a function, by up to four steps, do so for a log line."""
    calls = [call for call in service.calls.callers.get(function.key, ()) if call.function is not None]
    outside = [
        call for call in calls if call.function is not None and call.function.root.key not in seen | {function.key}
    ]
    return bool(outside) and all(
        _LOGGED.search(_before(call.file, call.row.start)) is not None
        or (
            len(seen) < 4
            and call.function is not None
            and _for_logs(service, call.function.root, seen | {function.key})
        )
        for call in outside
    )


def _before(file: FileFacts, offset: int) -> str:
    """The line up to an offset."""
    return file.text[file.text.rfind("\n", 0, offset) + 1 : offset]


def _formatted(service: Service) -> Iterator[_Found]:
    """Values that are formatted by reflection for each part of a message."""
    for operation in service.operations("format"):
        flow = often(service, operation, MESSAGES)
        if flow is None or operation.function is None or _for_people(service, operation):
            continue
        if service.iterations.handles_error(operation.file, operation.block, operation.row.start):
            continue
        text = service.text(service.argument(operation, operation.entry.message), operation)
        if operation.entry.message is not None and (text is None or not _REFLECTED.search(text)):
            continue
        part = per_part(service, operation)
        if part:
            each = part if part.startswith("each") else f"each of `{part}`"
            what = f"formats a value by reflection for {each}"
            yield _Found(
                "reflection", operation.function, service.cite(operation), flow, service.item_loops(operation), what
            )


def _for_people(service: Service, operation: Operation) -> bool:
    """True for the text of a log line, an error or a panic, and for what is printed."""
    file, row = operation.file, operation.row
    for call in service.calls.calls_of.get(operation.function.key, ()) if operation.function is not None else ():
        around = call.row.callee_end <= row.start and row.end <= call.row.end and call.index != operation.index
        if around and getattr(call, "role", "").startswith(_TEXTS):
            return True
    line = _before(file, row.start)
    return re.search(r"\b(?:panic|[Ee]rr\w*|Fatal\w*)\(|(?:\bmsg|message|reason|[Ee]rr\w*)\s*:?=\s*$", line) is not None


def _numbers(service: Service) -> Iterator[_Found]:
    """Numbers of arbitrary size that are made per message."""
    for operation in service.operations("bignum"):
        flow = often(service, operation, MESSAGES)
        if flow is not None and operation.function is not None:
            what = f"makes a number of arbitrary size ({operation.client}) per value"
            yield _Found(
                "alloc_in_loop", operation.function, service.cite(operation), flow, service.item_loops(operation), what
            )


def _rows(service: Service) -> Iterator[_Found]:
    """Slices of boxed values that are made for each message and filled."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for index in file.callees.get("make", ()):
            row = file.rows.calls[index]
            function = service.program.enclosing(file, row.block)
            if (
                function is None
                or not service.hot_flows(function)
                or not _boxes(service, file, row.callee_end, row.end)
            ):
                continue
            call = Call(file, index, function, Resolution("builtin"))
            flow = often(service, call, MESSAGES)
            if flow is not None:
                name = file.text[row.callee_end + 1 : row.end - 1].split(",")[0].strip()
                what = f"makes a new `{name}` of boxed values per message"
                yield _Found(
                    "alloc_in_loop",
                    function,
                    service.cite_at(file, row.start),
                    flow,
                    len(service.loops(call)),
                    what,
                    where(service, file, row.block, row.start),
                )


def _boxes(service: Service, file: FileFacts, start: int, end: int) -> bool:
    """True when the made slice holds values of any type, by itself or by the type it is named after."""
    written = file.text[start + 1 : end - 1].split(",")[0].strip()
    if _ANY.match(written):
        return True
    head, _, name = written.rpartition(".")
    package = service.program.imports(file).get(head, "") if head else service.program.package_of[file.path]
    declared = service.program.types.get(f"{package}.{name}")
    return declared is not None and declared.kind == "other" and _ANY.match(declared.definition.strip()) is not None
