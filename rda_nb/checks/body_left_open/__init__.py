"""Answers of HTTP calls that some way out of the function does not close: each keeps its connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.records import Control, Page
from rda_nb.service.responses import Left, left_open

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A response body is left open",
    topics=("bounded-memory", "pools"),
    consequence="unbounded growth",
    rows=Control,
    why="A body that is not closed keeps its connection, a file descriptor and two goroutines; refusals pile them up.",
    remedy="Defer the close of the body right after the check of the call's error, before the status is looked at.",
    proof="After 1,000 calls that are answered with 500, the process has as many open connections as before.",
    impact="overload",
    references=("https://pkg.go.dev/net/http#Response",),
)


def assess(service: Service) -> Iterator[Control]:
    """One row per call whose answer stays open."""
    for left in left_open(service):
        yield _row(service, left)


def _row(service: Service, left: Left) -> Control:
    operation, function, file = left.operation, left.function, left.operation.file
    flows = service.hot_calls(operation)
    places = [service.cite(operation)]
    if left.leaves is not None:
        places.append(service.cite_at(file, left.leaves.start, role="caller"))
        how = (
            f"the return at line {file.line(left.leaves.start)} leaves its body open:"
            f" it is closed only at line {file.line(left.closed)}"
        )
    elif left.name == "_":
        how = "its answer is thrown away with the body open"
    else:
        how = "nothing closes its body"
    where = f" on {flows[0].entrypoint.title}" if flows else ""
    claim = f"{function.label} makes an HTTP request{where}, and {how}."
    return Control(
        control=f"answer of {operation.title}",
        kind="resource_limit",
        value=absent("each answer that is left open keeps a connection", "count"),
        bounded=False,
        configurable=None,
        evidence=tuple(places),
        assessment=Assessment.CONCERN,
        claim=claim,
        symbol=function.label,
        subject=operation.client,
        hot=bool(flows),
        quiet=_once(service, left),
    )


def _once(service: Service, left: Left) -> bool:
    """True for a call that a command makes once: what it leaves open ends with it, or is the only one."""
    ways = service.flows_to(left.operation)
    return (
        bool(ways)
        and left.function.key not in service.background
        and not service.loops(left.operation)
        and all(flow.entrypoint.kind == "cli_job" for flow, _ in ways)
        and not any(edge.loops for _, reached in ways for edge in reached.edges)
    )
