"""Every flow from where work enters the service to the blocking IO it reaches, with its stated goal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.checks.entrypoint_inventory.wording import claim, claim_of_answer, with_middlewares
from rda_nb.core import Assessment, Evidence
from rda_nb.records import CriticalPath, Page
from rda_nb.service.answered import Answers
from rda_nb.service.foreign import FOREIGN, may_wait, measures, takes_context
from rda_nb.service.terms import role

if TYPE_CHECKING:
    from rda_nb.facts.doc_goals import Goal
    from rda_nb.service import Flow, Service
    from rda_nb.service.calls import Call
    from rda_nb.service.flows import Reached
    from rda_nb.service.program import Function

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
# A call with more implementations than this is not followed.
_FOLLOWED = 3
_GOALS = 3
_STEPS = 2
_CONSUMER = frozenset({"queue", "message", "lag", "freshnes"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def assess(service: Service) -> Iterator[CriticalPath]:
    """One row per entrypoint."""
    answers, starting = Answers(service), service.starting
    for flow in service.flows:
        entry = flow.entrypoint
        starts = starting.serves(flow)
        made = starting.before(flow) if starts else flow.operations
        title = entry.title.replace("command ", "start of ", 1) if starts else entry.title
        waits = _waits(service, made) if entry.handler_known else []
        assessment, bottleneck = _judge(service, flow, waits)
        run = starting.functions(flow) if starts else flow.reach.order
        blind = _blind(flow, run, service) if not waits and entry.handler_known else []
        foreign = _foreign(service, flow, run) if not waits and entry.handler_known else []
        only_foreign = bool(waits) and all(one.operation.role.startswith(FOREIGN) for one in waits)
        asked = answers.of(flow) if not waits and entry.handler_known and entry.kind != "cli_job" else []
        open_ended = asked or only_foreign or foreign or (blind if entry.per_item else _waiting(service, blind))
        if entry.middleware and not waits and not open_ended:
            continue  # it adds nothing to what the routes behind it wait for
        if open_ended and assessment is Assessment.GOOD:
            assessment = Assessment.GAP
        before = service.before_handlers.of(flow)
        goals = _goals(service, flow)
        goal = _goal(service, flow, goals)
        yield CriticalPath(
            flow=title,
            kind=entry.kind,
            entrypoint=f"{entry.evidence.path}:{entry.evidence.line}",
            steps=_steps(flow, waits),
            blocking_io=(_io(service, waits) or tuple(f"answer over {one.name}" for one in asked)) + _io_before(before),
            goal=goal,
            bottleneck=bottleneck,
            value=entry.interval,
            evidence=(
                entry.evidence,
                *entry.places,
                *_main_steps(service, flow, waits),
                *(service.cite(reached.operation, "caller") for reached in waits[:3]),
                *(service.cite(one.operations[0].operation, "caller") for one in before),
                *(one.evidence for one in asked),
                *(goal.evidence for goal in goals),
            ),
            assessment=assessment,
            claim=claim_of_answer(service, flow, asked[0])
            if asked
            else with_middlewares(service, claim(service, flow, title, waits, bottleneck, blind, foreign), before),
            symbol=entry.function.label,
            subject=title,
            hot=entry.per_item,
            quiet=True,
        )


def _waits(service: Service, made: list[Reached]) -> list[Reached]:
    """The operations that a path waits for. What a process does as it ends holds nobody up on the way."""
    return [one for one in made if service.systems.of(one.operation) and not role(one.operation.role).ending]


def _main_steps(service: Service, flow: Flow, waits: list[Reached]) -> tuple[Evidence, ...]:
    """The functions behind the entrypoint through which most of its waits are reached, outermost first: there the work is."""
    entry = flow.entrypoint
    if entry.kind in ("api_route", "grpc_method") or not waits:
        return ()
    shares: dict[str, tuple[int, Function]] = {}
    for reached in waits:
        for function in {edge.target.root.key: edge.target.root for edge in reached.edges}.values():
            count, _ = shares.get(function.key, (0, function))
            shares[function.key] = (count + 1, function)
    most = [function for count, function in shares.values() if count * 3 >= len(waits) * 2]
    own = entry.function.root
    steps = [function for function in flow.reach.order if function in most and function is not own]
    return tuple(service.cite_at(step.file, step.row.start, role="caller") for step in steps[:_STEPS])


def _judge(service: Service, flow: Flow, waits: list[Reached]) -> tuple[Assessment, str]:
    """RISK when a hot path waits without a bound; CONCERN for unbounded waits elsewhere and for IO repeated per item."""
    entry = flow.entrypoint
    if not entry.of_service or entry.kind == "cli_job":
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
    if operation.waiting:
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


def _io_before(before: list[Flow]) -> tuple[str, ...]:
    found = {f"{one.operation.title} (middleware)": None for flow in before for one in flow.operations}
    return tuple(found)[:_SHOWN]


def _goals(service: Service, flow: Flow) -> list[Goal]:
    """The stated goals that speak of this path: of its route by name, or of its words; those of documents first."""
    entry = flow.entrypoint
    if not entry.per_item:
        return []
    words = _words(f"{entry.title} {entry.function.key.rpartition('/')[2]}")
    found = []
    for goal in service.documents.goals if service.documents else ():
        routes = [subject for subject in goal.subject if "/" in subject]
        if routes:
            fits = entry.title in routes
        else:
            said = {word for subject in goal.subject for word in _words(subject)}
            fits = len(said & words) > 1 or bool(said & _CONSUMER and entry.kind == "queue_consumer")
            fits = fits or ("api" in said and entry.kind == "api_route")
        if fits:
            found.append(goal)
    found.sort(key=lambda goal: (goal.source != "document", goal.evidence.path, goal.evidence.line))
    return found[:_GOALS]


def _words(text: str) -> frozenset[str]:
    """The words of a name or sentence in lower case, plural and camel case undone."""
    return frozenset(word.lower().rstrip("s") for word in _WORD.findall(text) if len(word) > 2)


def _goal(service: Service, flow: Flow, goals: list[Goal]) -> str:
    """The stated goals of this path; the interval of scheduled work is what its run must fit into."""
    interval = flow.entrypoint.interval
    if interval is not None and interval.number is not None:
        return f"each run within its interval of {interval.number:g} s ({flow.entrypoint.evidence})"
    return "; ".join(f"{_short(goal)} ({goal.evidence})" for goal in goals)


def _short(goal: Goal) -> str:
    percentile = f"p{goal.percentile:g} " if goal.percentile else ""
    sign = "≤" if goal.bound == "max" else "≥"
    unit = "%" if goal.unit == "%" else f" {goal.unit.replace('1/s', 'per second')}"
    return f"{percentile}{goal.what} {sign} {goal.value:g}{unit}"


def _blind(flow: Flow, run: list[Function], service: Service) -> list[Call]:
    """Calls on the path that may wait and could not be followed: function values, interfaces with many implementations,
    and what is given a context."""
    made = (call for function in run for call in service.calls.calls_of.get(function.key, ()))
    return [
        call
        for call in made
        if (len(call.resolution.targets) > _FOLLOWED and _one_waits(service, call))
        or (call.resolution.kind == "dynamic" and _is_value(service, call))
        or _hands_on(service, flow.entrypoint.function, call)
        or (call.resolution.kind == "unknown" and (takes_context(service.calls, call) or _unimplemented(service, call)))
    ]


def _one_waits(service: Service, call: Call) -> bool:
    """True when one of the implementations that a call may run waits for another process or is given a context."""
    return takes_context(service.calls, call) or any(t.key in service.graph.waiting for t in call.resolution.targets)


def _hands_on(service: Service, function: Function, call: Call) -> bool:
    """True where a handler gives what it is given to another one, by the method that it is itself called by."""
    own = call.callee.rpartition(".")[2] == function.name != ""
    given = {name for name, _ in function.parameters}
    handed = any(node.kind == "name" and node.text in given for node in service.calls.arguments(call))
    return own and handed and bool(function.owner_type) and not call.resolution.targets


def _unimplemented(service: Service, call: Call) -> bool:
    """True for a method of an interface that nothing in the target implements; one that logs or measures waits for nobody."""
    owner, dot, _ = call.resolution.name.rpartition(".")
    return bool(dot) and call.resolution.package in service.program.scopes and not measures(owner)


def _foreign(service: Service, flow: Flow, run: list[Function]) -> list[Call]:
    """Calls into modules that nothing is known of: they may wait, and probably do."""
    made = (call for function in run for call in service.calls.calls_of.get(function.key, ()))
    module = flow.entrypoint.module
    # What is called on a message that such a library brought, as its acknowledgement, is a matter of that library.
    return [call for call in made if may_wait(service.calls, call) or (module and call.resolution.package == module)]


def _waiting(service: Service, blind: list[Call]) -> list[Call]:
    """Of the calls that are not followed, those that are given a context: of a command, other ones are no gap."""
    return [call for call in blind if takes_context(service.calls, call)]


def _is_value(service: Service, call: Call) -> bool:
    """True for a function of the target's own type; what a library made, as a cancel function, waits for nobody."""
    return service.names.type_of_span(call.file, (call.row.start, call.row.callee_end), call.block).startswith("func@")
