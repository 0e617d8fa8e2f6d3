"""Every flow from where work enters the service to the blocking IO it reaches, with its stated goal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import CriticalPath, Page

if TYPE_CHECKING:
    from rda_nb.service import Flow, Service
    from rda_nb.service.flows import Reached

PAGE = Page(
    title="A critical path can stall",
    topics=("critical-paths", "performance-goals"),
    consequence="unpredictability",
    rows=CriticalPath,
    why="What a request or message waits for decides its latency and the service's throughput.",
    remedy="Bound every step that waits, and state a goal for the path so that a regression can be seen.",
    proof="The path's latency stays within its goal in the load harness while each dependency is slowed down in turn.",
    impact="latency",
)

_SHOWN = 8


def assess(service: Service) -> Iterator[CriticalPath]:
    """One row per entrypoint."""
    for flow in service.flows:
        entry = flow.entrypoint
        waits = [reached for reached in flow.operations if service.systems.of(reached.operation)]
        assessment, bottleneck = _judge(service, flow, waits)
        goal = _goal(service, flow)
        yield CriticalPath(
            flow=entry.title,
            kind=entry.kind,
            entrypoint=f"{entry.evidence.path}:{entry.evidence.line}",
            steps=_steps(flow, waits),
            blocking_io=_io(service, waits),
            goal=goal,
            bottleneck=bottleneck,
            value=entry.interval,
            evidence=(entry.evidence, *entry.places, *(service.cite(reached.operation, "caller") for reached in waits[:3])),
            assessment=assessment,
            claim=_claim(service, flow, waits, bottleneck),
            symbol=entry.function.label,
            subject=entry.title,
            hot=entry.per_item,
            quiet=True,
        )


def _judge(service: Service, flow: Flow, waits: list[Reached]) -> tuple[Assessment, str]:
    """RISK when a hot path waits without a bound; CONCERN for unbounded waits elsewhere and for IO repeated per item."""
    entry = flow.entrypoint
    if entry.function.file.role != "product" or entry.kind == "cli_job":
        return Assessment.GOOD, ""
    inline = [reached for reached in waits if not reached.spawned]
    unbounded = [reached for reached in inline if _open_ended(service, reached)]
    if unbounded:
        first = unbounded[0]
        where = f"{first.operation.path}:{first.operation.line}"
        text = f"{first.operation.title} without a deadline ({where})"
        return (Assessment.RISK if entry.per_item and first.certain else Assessment.CONCERN), text
    repeated = [reached for reached in inline if reached.loops > (1 if entry.loop is not None else 0)]
    if repeated:
        first = repeated[0]
        return Assessment.CONCERN, f"{first.operation.title} in a loop ({first.operation.path}:{first.operation.line})"
    return (
        Assessment.GOOD,
        f"{inline[0].operation.title} ({inline[0].operation.path}:{inline[0].operation.line})" if inline else "",
    )


def _open_ended(service: Service, reached: Reached) -> bool:
    operation = reached.operation
    if operation.role in (
        "kafka.poll",
        "kafka.consume_group",
        "redis.subscribe",
        "redis.blocking_pop",
        "nats.fetch",
        "rabbitmq.consume",
    ):
        return False
    return not service.budget(operation).worst_case.bounded


def _steps(flow: Flow, waits: list[Reached]) -> tuple[str, ...]:
    """The functions on the way to the first waits, in the order they run."""
    if not waits:
        return (flow.entrypoint.function.label,)
    steps: list[str] = []
    for reached in sorted(waits, key=lambda reached: [edge.offset for edge in reached.edges])[:4]:
        for step in (*flow.steps(reached), reached.operation.title):
            if step not in steps:
                steps.append(step)
    return tuple(steps[:12])


def _io(service: Service, waits: list[Reached]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for reached in waits:
        marks = [
            word
            for word, on in (
                ("in a loop", reached.loops > 0),
                ("goroutine", reached.spawned),
                ("deferred", reached.deferred),
            )
            if on
        ]
        found[f"{reached.operation.title}{' (' + ', '.join(marks) + ')' if marks else ''}"] = None
    return tuple(found)[:_SHOWN]


def _goal(service: Service, flow: Flow) -> str:
    """The stated goal that speaks of this path; an interval for scheduled work is what its run must fit into."""
    interval = flow.entrypoint.interval
    if interval is not None and interval.number is not None:
        return f"each run within its interval of {interval.number:g} s ({flow.entrypoint.evidence})"
    return ""


def _claim(service: Service, flow: Flow, waits: list[Reached], bottleneck: str) -> str:
    if not waits:
        return f"{flow.entrypoint.title} reaches no blocking IO that the target shows."
    systems = sorted({service.systems.of(reached.operation) for reached in waits})
    return f"{flow.entrypoint.title} waits for {', '.join(systems)}" + (
        f"; first bottleneck: {bottleneck}." if bottleneck else "."
    )
