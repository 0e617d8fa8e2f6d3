"""A regular expression matched against each item of a message, or against a whole payload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.frequency import MESSAGES, often, per_part
from rda_nb.service.payloads import is_payload
from rda_nb.service.stated import where

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A regular expression is matched per item",
    topics=("hot-loops",),
    consequence="inefficiency",
    rows=Hotspot,
    why="A match costs a hundred times what a comparison of texts costs, and it grows with the text.",
    remedy="Remember the answer per name, match once when the configuration is read, or look for a fixed word first.",
    proof="A CPU profile under load shows no matching below the handler.",
    impact="throughput",
    references=("https://pkg.go.dev/regexp",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per function that matches for each part of a message, or over a payload of a request or message."""
    seen: dict[str, tuple[Operation, str, str]] = {}
    for operation in service.operations("regex.match"):
        function = operation.function
        if function is None or function.root.key in seen or not service.hot_calls(operation):
            continue
        if service.iterations.handles_error(operation.file, operation.block, operation.row.start):
            continue
        per = _per(service, operation)
        if per:
            seen[function.root.key] = (operation, *per)
    for operation, what, flow in seen.values():
        function = operation.function
        assert function is not None
        case = where(service, operation.file, operation.block, operation.name_start)
        yield Hotspot(
            pattern="regex_in_loop",
            function=function.label,
            why=f"matched against {what}",
            in_loop=service.item_loops(operation),
            on_path=flow,
            evidence=(service.cite(operation),),
            assessment=Assessment.CONCERN,
            claim=f"{function.label} matches a regular expression against {what}{case}, on {flow}.",
            symbol=function.label,
            subject=operation.callee,
            hot=True,
            quiet=True,
        )


def _per(service: Service, operation: Operation) -> tuple[str, str] | None:
    """(what is matched, on which flow), or None."""
    text = service.argument(operation, 0)
    written = " ".join(service.source(text, operation.file).split())[:40] if text is not None else ""
    flow = often(service, operation, MESSAGES)
    part = per_part(service, operation) if flow is not None else ""
    if flow is not None and part and service.iterations.repeated(operation) is not None:
        each = part if part.startswith("each") else f"each of `{part}`"
        return f"`{written}` for {each}", flow.entrypoint.title
    flow = often(service, operation)
    if flow is not None and is_payload(service, text, operation.file, operation.block):
        return f"the whole of `{written}`", flow.entrypoint.title
    return None
