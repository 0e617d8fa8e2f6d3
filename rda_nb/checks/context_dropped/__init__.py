"""Calls on a request or message path that run under a context made on the spot instead of the caller's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import ExternalCall, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.program import Function

PAGE = Page(
    title="A call ignores its caller's context",
    topics=("call-budgets",),
    consequence="unpredictability",
    rows=ExternalCall,
    why="The caller's deadline and cancellation end here: the call goes on for a client that has left, through a stop.",
    remedy="Pass the context that the function was given; detach on purpose, with a deadline, where the work must go on.",
    proof="A request given up after 1 s ends the call within 1 s more, in a trace.",
    impact="overload",
    references=("https://go.dev/blog/context",),
)

# Work that has to be finished although its caller has gone.
_DETACHED = re.compile(
    r"(?i)close|shutdown|stop|clean|rollback|release|unlock|audit|flush|drain|background|async|notify|commit|ack"
)
_CONTEXTS = ("context.Context", "net/http.Request")


def assess(service: Service) -> Iterator[ExternalCall]:
    """One row per place that makes a context without a parent where one is at hand."""
    made = {(op.path, op.line): op for op in service.operations("context.background")}
    seen: set[tuple[str, int]] = set()
    for operation in service.external_operations:
        if operation.file.role != "product" or not service.is_hot(operation):
            continue
        budget = service.budget(operation)
        for deadline in budget.deadlines:
            place = deadline.places[-1] if deadline.places and deadline.origin == "background" else None
            start = made.get((place.path, place.line)) if place is not None else None
            if start is None or deadline.limit is not None or (start.path, start.line) in seen:
                continue
            if not _drops(service, start, operation):
                continue
            seen.add((start.path, start.line))
            function = start.function
            assert function is not None
            yield ExternalCall(
                system=service.systems.of(operation),
                operation=operation.title,
                client=f"{operation.library} {operation.client}",
                timeout=budget.timeout,
                timeout_source=budget.timeout_source,
                attempts=budget.attempts,
                retry_source=budget.retry_source,
                backoff=budget.backoff,
                worst_case=budget.worst_case,
                evidence=(service.cite(start), service.cite(operation, "caller")),
                assessment=Assessment.CONCERN,
                claim=f"{operation.title} in {function.label} runs under a new context although the caller's is at hand.",
                symbol=function.label,
                subject="context",
                hot=True,
            )


def _drops(service: Service, start: Operation, operation: Operation) -> bool:
    """True when the function around the new context is given one, runs for each item, and is not meant to outlive it."""
    function = start.function
    if function is None or function is not operation.function or service.calls.deferred(operation):
        return False
    if _DETACHED.search(function.root.name) or service.calls.deferred(start) or service.in_error_branch(start):
        return False
    if any(edge.spawned for edge in service.graph.into.get(function.key, ())):
        return False
    return bool(service.item_flows(function, start.row.start)) and _given(service, function)


def _given(service: Service, function: Function) -> bool:
    """True when the function itself takes a context or a request."""
    return any(service.names.canonical(kind, function.file).lstrip("*") in _CONTEXTS for _, kind in function.parameters)
