"""A call that fetches everything so that a loop can find the one thing that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import BRANCH
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Block
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="Everything is fetched to find one item",
    topics=("throughput-bottlenecks", "bounded-memory"),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each request pays for the whole collection: transfer, memory and load grow with what is stored, not with what is asked.",
    remedy="Ask for the item by its name or with a filter on the server, or keep a cache that a watch keeps fresh.",
    proof="The bytes that the call receives per request stay the same when the collection is ten times larger.",
    impact="throughput",
    references=("https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per call on a hot path whose result is only searched for what the function was given."""
    for operation in service.operations():
        function = operation.function
        if function is None or not operation.blocking or not operation.system or not service.hot_calls(operation):
            continue
        wanted = _searched(service, operation)
        if wanted and not any(
            wanted in service.source(node, operation.file) for node in service.calls.arguments(operation)
        ):
            yield _row(service, operation, wanted)


def _searched(service: Service, operation: Operation) -> str:
    """The parameter that a loop over the result compares with and returns at, or ''."""
    file, span, function = operation.file, (operation.row.start, operation.row.end), operation.function
    made = next((row for row in file.rows.bindings if span in row.values and row.names), None)
    if made is None or function is None:
        return ""
    name = made.names[0]
    for row in file.rows.bindings:
        if row.form != "range" or not row.values or not function.row.start < row.start < function.row.end:
            continue
        if row.start < made.start or not re.match(rf"{re.escape(name)}(?:\.\w+)*$", file.text[slice(*row.values[0])]):
            continue
        loop = next((block for block in file.rows.blocks if block.header[0] == row.start), None)
        for parameter, kind in function.parameters:
            if (
                loop is not None
                and kind in ("string", "int", "int64", "[]byte")
                and _returns_at(operation, loop, parameter)
            ):
                return parameter
    return ""


def _returns_at(operation: Operation, loop: Block, parameter: str) -> bool:
    """True when a branch of the loop compares with the parameter for equality and returns."""
    file = operation.file
    equal = re.compile(rf"(?:\b{re.escape(parameter)} == |== {re.escape(parameter)}\b)")
    for row in file.rows.returns:
        if loop.start < row.start < loop.end:
            block = file.rows.blocks[row.block]
            if block.kind == BRANCH and equal.search(file.text[slice(*block.header)]):
                return True
    return False


def _row(service: Service, operation: Operation, wanted: str) -> Hotspot:
    function = operation.function
    assert function is not None
    name = operation.callee.rpartition(".")[2]
    flow = service.hot_calls(operation)[0].entrypoint.title
    return Hotspot(
        pattern="n_plus_one",
        function=function.label,
        why="the whole collection per item",
        in_loop=service.item_loops(operation),
        on_path=flow,
        evidence=(service.cite(operation),),
        assessment=Assessment.CONCERN,
        claim=f"{function.label} asks for a whole list ({name}) and searches it for `{wanted}`, on {flow}.",
        symbol=function.label,
        subject=name,
        hot=True,
    )
