"""Batches that are joined into one text when they are flushed, and buffers that are made at full size after each flush."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Quantity
from rda_nb.records import Hotspot, Page
from rda_nb.service.buffers import Reset, resets, working

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Expression
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A batch is copied when it is flushed",
    topics=("allocation",),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each flush holds the batch twice, and whoever waits for the buffer waits for the copy.",
    remedy="Write the items into the request as they stand, and keep the buffer's memory for the next batch.",
    proof="The allocation profile of a flush shows the batch's size once, and nothing for a batch of one item.",
    impact="throughput",
    references=("https://pkg.go.dev/net#Buffers",),
)

_LARGE = 1000


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per join of a buffered batch, and per buffer that each flush makes anew for its largest size."""
    found = list(resets(service))
    holders = {reset.holder for reset in found}
    for operation in service.operations("text.join"):
        node = service.argument(operation, 0)
        if node is not None and node.kind == "select" and _holder(service, node, operation) in holders:
            if working(service, operation.function):
                yield _joined(service, operation, service.source(node, operation.file), found)
    for reset in found:
        made = _made(service, reset)
        if made is not None:
            yield _full(service, reset, made)


def _holder(service: Service, node: Expression, operation: Operation) -> str:
    return f"{service.names.type_of(node.parts[0], operation.file, operation.block)}.{node.text}"


def _made(service: Service, reset: Reset) -> Quantity | None:
    """The capacity that a flush asks for, when it is a large one that has nothing to do with the batch's own length."""
    span = reset.row.values[0]
    node = service.calls.conventions.expression(reset.file.text[slice(*span)], span[0])
    if node.kind != "call" or len(node.parts) != 4 or node.parts[0].text != "make" or node.parts[2].text != "0":
        return None
    size = service.values.quantity(service.values.of(node.parts[3], reset.file, reset.row.block), "items")
    return size if size.upper is not None and size.upper >= _LARGE else None


def _joined(service: Service, operation: Operation, what: str, found: list[Reset]) -> Hotspot:
    function = operation.function
    assert function is not None
    flushing = {reset.function.key for reset in found}
    calls = service.calls.callers.get(function.key, ())
    above = [
        service.cite(call, "caller") for call in calls if call.function is not None and call.function.key in flushing
    ]
    flows = service.hot_flows(function)
    where = f"on {flows[0].entrypoint.title}" if flows else "in background work"
    return Hotspot(
        pattern="alloc_in_loop",
        function=function.label,
        why=f"copies all of `{what}`",
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite(operation), *above[:2]),
        assessment=Assessment.CONCERN,
        claim=f"{function.label} joins the whole batch in `{what}` into one text, {where}.",
        symbol=function.label,
        subject=what,
        hot=bool(flows),
        quiet=True,
    )


def _full(service: Service, reset: Reset, size: Quantity) -> Hotspot:
    function = reset.function
    flows = service.hot_flows(function)
    where = f"on {flows[0].entrypoint.title}" if flows else "in background work"
    claim = f"{function.label} makes `{reset.name}` anew for {size.upper:,.0f} items per flush, however few it sent, {where}."
    return Hotspot(
        pattern="alloc_in_loop",
        function=function.label,
        why=f"`{reset.name}` at its full size per flush",
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite_at(reset.file, reset.row.start),),
        assessment=Assessment.CONCERN,
        title="A buffer is made at its full size after each flush",
        claim=claim,
        remedy="Keep the buffer when the sink has copied it, or let it grow with the batches that come.",
        symbol=function.label,
        subject=reset.name,
        hot=bool(flows),
        quiet=True,
        value=size,
    )
