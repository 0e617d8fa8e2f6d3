"""A fixed sleep in the path of a request or message: its worker is held and does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, known
from rda_nb.records import Hotspot, Page
from rda_nb.service.flows import Edge
from rda_nb.service.iterations import ARRIVALS, ITEMS, loops_at

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Block
    from rda_nb.service import Service
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.model import Flow

PAGE = Page(
    title="A request or message waits in a sleep",
    topics=("throughput-bottlenecks",),
    consequence="unpredictability",
    rows=Hotspot,
    why="The worker, its memory and its locks are held for the whole sleep; throughput is workers by that time.",
    remedy="Wait for the event itself, or pace in a goroutine of its own; wait on a timer and the context together.",
    proof="With the sleep removed or awaited apart, the median of the path falls by its length under 10 requests a second.",
    references=("https://pkg.go.dev/time#NewTimer",),
)

_WRAPPER = re.compile(r"(?i)sleep|wait|jitter|pause|delay|backoff|throttle|pace")
_RETRY = re.compile(r"(?i)retr(?:y|ies)|backoff|attempt|poll|until")
_DEADLINE = re.compile(r"(?i)\.(?:before|after)\(|since\(|until\(|deadline|timeout")
_SUCCESS = re.compile(r"\bif (?:[^{}\n]*;\s*)?err\w* == nil \{(?:[^{}]|\{[^{}]*\})*\b(?:return|break)\b")
_MOMENT, _SHORT = 0.25, 5.0
_LONG = 0.05


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per place that sleeps on a hot path; of a small wrapper the places that call it."""
    for operation in service.operations("sleep"):
        function = operation.function
        if function is None or not service.hot_flows(function):
            continue
        wrapped = _WRAPPER.search(function.root.name) and not service.loops(operation)
        edges = [
            edge for edge in service.graph.into.get(function.key, ()) if edge.kind == "call" and edge.via is not None
        ]
        sites = [(edge.via, edge) for edge in edges if edge.via] if wrapped else [(operation, None)]
        for call, edge in sites:
            row = _row(service, operation, call, edge)
            if row is not None:
                yield row


def _row(service: Service, operation: Operation, call: Call, edge: Edge | None) -> Hotspot | None:
    function = call.function
    flows = [flow for flow in service.hot_calls(call) if not _beside(service, flow, call)]
    if function is None or not flows or call.file.role != "product" or (edge is not None and edge.spawned):
        return None
    if any(flow.entrypoint.function is function and flow.entrypoint.loop is not None for flow in flows):
        own = [f.entrypoint.loop for f in flows if f.entrypoint.function is function]
        if len(service.loops(call)) <= 1 and any(loop in service.loops(call) for loop in own):
            return None
    if _paces(service, call) or _ends(service, call):
        return None
    retrying = (
        service.iterations.handles_error(call.file, call.block, call.row.start)
        or _RETRY.search(function.root.name) is not None
    )
    retrying = retrying or any(_succeeded(call, loop) for loop in service.loops(call))
    retrying = retrying or any(_DEADLINE.search(service.loop_header(call.file, loop)) for loop in service.loops(call))
    retrying = retrying or any(
        service.budgets.retry_loop(call, loop) is not None for loop in loops_at(call.file, call.block)
    )
    pause = service.quantity(service.argument(operation, operation.entry.count or 0), operation, "s", via=call)
    upper = pause.upper
    length = f"up to {upper:g} s" if upper else f"`{_written(service, operation)}`"
    turns = [loop for loop in service.loops(call) if service.iterations.kind(call.file, loop) == ITEMS]
    if upper and upper < 0.001:
        return None
    if retrying:
        assessment = Assessment.GOOD
        claim = f"A sleep of `{_written(service, operation)}` between tries; the first try does not wait."
    else:
        risk = bool(turns) and (upper is None or upper >= _LONG) and (edge is None or edge.confidence == "resolved")
        assessment = Assessment.RISK if risk else Assessment.CONCERN
        each = f" for each of `{service.iterations.over(call.file, turns[0])[:60]}`" if turns else ""
        started = any(way.spawned for way in flows[0].reach.edges_to(function))
        who = f"A goroutine that {flows[0].entrypoint.title} starts" if started else flows[0].entrypoint.title
        claim = f"{who} sleeps {length}{each}, in {function.label}."
    return Hotspot(
        pattern="sleep_in_path",
        function=function.label,
        why=claim,
        in_loop=len(turns),
        on_path=flows[0].entrypoint.title,
        evidence=tuple(dict.fromkeys((service.cite(call), service.cite(operation)))),
        assessment=assessment,
        claim=claim,
        symbol=function.label,
        subject=_written(service, operation),
        hot=True,
        # A short pause that is made once costs its worker that time; a moment is worth a row and no alarm.
        consequence="inefficiency" if not turns and upper is not None and upper <= _SHORT else "",
        quiet=assessment is Assessment.CONCERN and not turns and upper is not None and upper <= _MOMENT,
        cause=f"{operation.path}:{operation.line}",
        # A random sleep is stated at its longest: that is what the worst case is made of.
        value=pause if upper is None else known(round(upper, 6), "s", *pause.origins),
    )


def _succeeded(call: Call, loop: Block) -> bool:
    """True behind a way out of the loop that a success takes: what comes after it has failed."""
    return _SUCCESS.search(call.file.text, loop.start, call.row.start) is not None


def _beside(service: Service, flow: Flow, call: Call) -> bool:
    """True when the way from a request to the sleep starts a goroutine: that one waits, and no client for it.

    What a consumer starts is the worker of its message, which the sleep holds.
    """
    function = call.function
    if function is None or flow.entrypoint.kind != "api_route":
        return False
    return any(edge.spawned for edge in flow.reach.edges_to(function))


def _paces(service: Service, call: Call) -> bool:
    """True in the endless loop of a goroutine that something on the path starts: it holds nobody up."""
    loops, function = service.loops(call), call.function
    if function is None or not loops or service.iterations.kind(call.file, loops[-1]) != ARRIVALS:
        return False
    ways = service.graph.into.get(function.key, [])
    return bool(ways) and all(edge.spawned for edge in ways)


def _ends(service: Service, call: Call) -> bool:
    """True when the process ends behind the sleep: it is the grace that others have to end in."""
    file, function = call.file, call.function
    around = {number for number, _ in file.chain(call.block)}
    ends = [(row.start, row.block) for index in file.callees.get("panic", ()) for row in (file.rows.calls[index],)]
    for other in service.calls.calls_of.get(function.key, ()) if function is not None else ():
        if getattr(other, "role", "") in ("process.exit", "log.fatal"):
            ends.append((other.row.start, other.row.block))
    loops = service.loops(call)
    last = loops[0].end if loops else function.row.end if function is not None else 0
    return any(call.row.end <= start < last and block in around for start, block in ends)


def _written(service: Service, operation: Operation) -> str:
    node = service.argument(operation, operation.entry.count or 0)
    return service.source(node, operation.file)[:60] if node is not None else operation.client
