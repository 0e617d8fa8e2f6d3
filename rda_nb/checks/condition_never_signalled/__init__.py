"""Waits on a condition that nothing in the program signals: whoever waits is never woken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A condition is waited for and never signalled",
    topics=("backpressure", "locks"),
    consequence="stuck pipeline",
    rows=Hotspot,
    why="A wait on a condition ends by a signal alone: without one the goroutine, and all that it holds, stays for ever.",
    remedy="Broadcast the condition where what it waits for becomes true, or close a channel there and select on it.",
    proof="With what is waited for made true 1 s after the start, the wait ends within 2 s and no goroutine is left.",
    impact="latency",
    references=("https://pkg.go.dev/sync#Cond",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per wait on a condition of the target's own that no signal names."""
    waits = [(operation, _name(operation)) for operation in service.operations("condition.wait")]
    waited = {name for _, name in waits}
    # A function that is given a condition, or a copy of it, signals under a name of its own.
    signalled = {_name(operation) for operation in service.operations("condition.signal", product=False)}
    if not signalled <= waited:
        return
    for operation, name in waits:
        if name and name not in signalled and not name[:1].isupper() and operation.function is not None:
            yield _row(service, operation, name)


def _name(operation: Operation) -> str:
    """The last name of what a method is called on."""
    return operation.callee.rpartition(".")[0].rpartition(".")[2]


def _row(service: Service, operation: Operation, name: str) -> Hotspot:
    function = operation.function
    assert function is not None
    flows = service.hot_calls(operation) or service.hot_flows(function.root)
    claim = f"{function.label} waits for the condition {name}, which nothing in the target signals: it never goes on."
    return Hotspot(
        pattern="blocking_in_async",
        function=function.label,
        why=claim,
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite(operation),),
        assessment=Assessment.CONCERN,
        claim=claim,
        symbol=function.label,
        subject=name,
        hot=bool(flows),
    )
