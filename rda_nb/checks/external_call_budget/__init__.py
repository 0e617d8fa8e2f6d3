"""Every call that leaves the process, with its timeout, attempts, backoff and worst case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_result, format_seconds
from rda_nb.core import Assessment, State
from rda_nb.records import ExternalCall, Page
from rda_nb.service.call_places import evidence, maker
from rda_nb.service.modules import module_of

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.budgets import Budget
    from rda_nb.service.calls import Operation
    from rda_nb.service.creations import Creation

PAGE = Page(
    title="An external call can hold its caller without a bound",
    topics=("call-budgets", "retries"),
    consequence="stuck pipeline",
    rows=ExternalCall,
    why="A call that may wait for ever holds its worker or request; under a slow dependency all of them end up held.",
    remedy="Give the call a deadline below the step that waits for it: a client timeout, or a context with a deadline.",
    proof="Pause the dependency in the load harness: the call returns within its deadline, and the intake goes on.",
    impact="latency",
    references=(
        "https://sre.google/sre-book/addressing-cascading-failures/",
        "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
    ),
)

# Calls whose purpose is to wait for work: a missing timeout is their nature, and a poll that waits is good.
_WAITING = frozenset(
    {
        "kafka.poll",
        "kafka.consume_group",
        "redis.subscribe",
        "redis.blocking_pop",
        "nats.fetch",
        "pubsub.receive",
        "rabbitmq.consume",
        "servicebus.receive",
    }
)
# Calls that wait for others to finish their work: a limit of minutes is their purpose, none at all is a fault.
_PATIENT = ("kubernetes.drain",)
_IN_PROCESS_NETWORKS = frozenset({"network.dial"})
_LOCAL = re.compile(r"(?:udp|ip|unix)\w*(?::\w+)?")
# No queue lease or request lasts longer than the first; nobody waits for an answer longer than the second.
_LONG = 600.0
_SLOW = 120.0
# What a remedy asks for: below the 30 s for which SQS hides a message by default, above its longest poll of 20 s.
_ASKED = 25.0
# One peer's stream: a write that hangs holds that peer's handler, and no other's work.
_STREAMS = ("websocket.",)
# Libraries for many peers: what their calls have in common is the client, not the library.
_SHARED_HOSTS = ("gopkg.in", "golang.org", "google.golang.org")
# Calls that hand a message to a client which delivers it in the background.
_SENT = ("kafka.produce_async",)
# The first text of a subprocess is its program. These ask the kernel alone, and no network.
_PROGRAM = re.compile(r"""["'`](?:/[\w/]*/)?([\w.-]+)["'`]""")
_HOST_PROGRAMS = frozenset(
    ("arch date df free getconf hostname id lscpu nproc ps sysctl uname uptime vmstat whoami").split()
)
_KILLS = re.compile(
    r"<-\s*\w*(?:ctx|context|Ctx|Context)\w*\.Done\(\)[^}]*?(?:\bKill\(|\.Kill\(|taskkill|Signal\()", re.S
)
_ENDLESS = "|without a deadline"
_UNFOLLOWED = f"sql{_ENDLESS}"
_PROTOCOLS = ("http.", "sql.", "grpc.", "network.", "process.")


def assess(service: Service) -> Iterator[ExternalCall]:
    """One row per call site that waits for another process; a finding's row says how many calls share its cause."""
    rows = _of_one_handle(list(_rows(service)))
    shared = Counter(row.cause for row in rows if row.assessment in (Assessment.RISK, Assessment.CONCERN))
    for row in rows:
        others = shared[row.cause] - 1
        if others > 0 and row.assessment in (Assessment.RISK, Assessment.CONCERN):
            calls = f"{others} other calls share" if others > 1 else "One other call shares"
            row = replace(row, claim=f"{row.claim} {calls} this cause.")
        yield row


def _of_one_handle(found: list[tuple[Operation, ExternalCall]]) -> list[ExternalCall]:
    """SQL calls whose handle is not followed share the cause of those whose handle is, where that is one and the same."""
    causes = {row.cause for operation, row in found if operation.role.startswith("sql.")}
    opened = {cause for cause in causes if cause.endswith(_ENDLESS)} - {_UNFOLLOWED}
    only = opened.pop() if len(opened) == 1 else _UNFOLLOWED
    return [replace(row, cause=only) if row.cause == _UNFOLLOWED else row for _, row in found]


def _operations(service: Service) -> list[Operation]:
    """What waits for another process, and what is sent to one without waiting."""
    sent = [
        operation
        for operation in service.operations(*_SENT, product=False)
        if operation.file.role not in ("generated", "test")
    ]
    found = [*service.external_operations, *sent]
    return sorted(found, key=lambda operation: (operation.path, operation.row.start))


def _rows(service: Service) -> Iterator[tuple[Operation, ExternalCall]]:
    pool = _only_pool(service)
    for operation in _operations(service):
        budget = service.budget(operation)
        hot = service.is_hot(operation)
        assessment, claim = judge(service, operation, budget, hot)
        flows = sorted({flow.entrypoint.title for flow, _ in service.flows_to(operation)})
        function = operation.function
        row = ExternalCall(
            system=service.systems.of(operation),
            operation=title(operation),
            client=f"{operation.library} {operation.client}",
            timeout=budget.timeout,
            timeout_source=budget.timeout_source,
            attempts=budget.attempts,
            retry_source=budget.retry_source,
            backoff=budget.backoff,
            worst_case=budget.worst_case,
            paths=tuple(flows[:6]),
            elsewhere=budget.elsewhere,
            evidence=evidence(service, operation, budget),
            assessment=assessment,
            title=_headline(operation, budget),
            claim=claim,
            remedy=_remedy(service, operation, budget),
            proof=_proof(operation, budget),
            consequence="unpredictability"
            if operation.role.startswith(_STREAMS)
            else "inefficiency"
            if _asks_the_host(service, operation)
            else "",
            symbol=function.label if function else operation.path,
            subject=operation.client,
            hot=hot,
            cause=_cause(service, operation, budget, pool),
        )
        yield operation, row


def _killed(operation: Operation) -> bool:
    """True when the function around a subprocess waits for a context beside it, and kills what still runs then."""
    function = operation.function
    text = operation.file.text[function.root.row.start : function.root.row.end] if function is not None else ""
    return _KILLS.search(text) is not None


def _invocation(service: Service, operation: Operation) -> str:
    """How long a platform lets the work last that a call is only made in; '' where something else makes it too."""
    limits = set()
    for flow, _ in service.flows_to(operation):
        source = flow.entrypoint.source
        way = service.deadlines.invocation(source) if source is not None else None
        if way is None or way.limit is None or way.limit.upper is None:
            return ""
        limits.add(way.limit.upper)
    return format_seconds(max(limits)) if limits else ""


def _sends_nothing(service: Service, operation: Operation) -> bool:
    """True for a dial whose network is written out as a datagram one, or as a socket of this host."""
    texts = (service.text(argument, operation) or "" for argument in service.calls.arguments(operation)[:2])
    return any(_LOCAL.fullmatch(text) for text in texts)


def _asks_the_host(service: Service, operation: Operation) -> bool:
    """True for a program that only reads what the kernel of this host knows: it ends by itself, at once as a rule."""
    if not operation.role.startswith("process."):
        return False
    made = maker(service, operation)
    written = made.file.text[made.start : made.end] if made is not None else ""
    written += operation.file.text[operation.row.start : operation.row.end]
    program = _PROGRAM.search(written)
    return program is not None and program[1] in _HOST_PROGRAMS


def judge(service: Service, operation: Operation, budget: Budget, hot: bool | None) -> tuple[Assessment, str]:
    """The row's assessment and one sentence with the numbers that decide."""
    what = title(operation)
    if operation.file.role != "product":
        return Assessment.GOOD, f"{what} runs in a tool or an example, outside the service's paths."
    if operation.role in _WAITING:
        return Assessment.GOOD, f"{what} waits for work by design; it ends with its context or connection."
    if not operation.blocking:
        return Assessment.GOOD, f"{what} returns at once; its delivery is waited for elsewhere, or by nobody."
    if operation.role in _IN_PROCESS_NETWORKS and _sends_nothing(service, operation):
        return (
            Assessment.GOOD,
            f"{what} over a datagram protocol or a local socket waits for no answer from the network.",
        )
    attempts = budget.attempts.upper
    stall = budget.worst_case
    notes = f" ({'; '.join(budget.notes)})" if budget.notes else ""
    if not stall.bounded:
        claim = f"{what} has no deadline: {_missing(budget)}{notes}.{_ways(budget)}"
        # Where only some ways to the call have no deadline, it is not known that a request's or message's way is one.
        alone = operation.role.startswith(_STREAMS) or any(way.limit is not None for way in budget.deadlines)
        alone = alone or _asks_the_host(service, operation)
        open_ways = [way for way in budget.deadlines if way.limit is None]
        if open_ways and all(way.origin == "request" for way in open_ways):
            alone, claim = True, f"{claim} It ends when the client of its request gives up."
        if operation.role.startswith("process.") and _killed(operation):
            return Assessment.GOOD, f"{what} is killed when its context is done."
        invoked = _invocation(service, operation)
        if invoked:
            alone, claim = True, f"{claim} It ends with its invocation, after {invoked} at most."
        return (Assessment.RISK if service.surely_hot(operation) and not alone else Assessment.CONCERN), claim
    if stall.result is None:
        return Assessment.GAP, f"The worst case of {what} cannot be worked out: {stall.missing or stall.text}."
    tries = f" with up to {attempts:g} attempts" if attempts and attempts > 1 else ""
    claim = f"{what} ends after at most {format_result(stall.result, 's')}{tries}{notes}."
    if operation.role in _PATIENT:
        return Assessment.GOOD, f"{claim} It waits for pods to end, as long as it was told to."
    if stall.result > _LONG and service.surely_hot(operation) and not _invocation(service, operation):
        return Assessment.RISK, claim
    return (Assessment.CONCERN if stall.result > (_SLOW if hot else _LONG) else Assessment.GOOD), claim


def _missing(budget: Budget) -> str:
    """What is missing that would end the call, and how often it is tried."""
    attempts = budget.attempts
    spans = [layer.max_elapsed for layer in budget.layers if layer.attempts.state is State.ABSENT]
    until = [span.upper for span in spans if span is not None and span.upper is not None]
    if attempts.state is State.ABSENT and spans and len(until) == len(spans):
        tried = f"and no attempt starts after {format_seconds(max(until))} of trying"
    elif attempts.state is State.ABSENT:
        tried = f"and nothing limits its attempts ({attempts.reason})"
    elif attempts.upper is not None and attempts.upper > 1:
        tried = f"and up to {attempts.upper:g} attempts are made"
    else:
        tried = ""
    if budget.timeout_scope == "block":
        return " ".join(part for part in ("the client's read timeout bounds one block", tried) if part)
    if budget.timeout.upper is not None:
        return f"each attempt ends after {budget.timeout.upper:g} s {tried}".rstrip()
    return f"no timeout bounds an attempt {tried}".rstrip()


def _headline(operation: Operation, budget: Budget) -> str:
    """What a finding of this row is called."""
    stall = budget.worst_case
    if not stall.bounded:
        return f"{title(operation)} has no deadline"
    return f"{title(operation)} can take {format_seconds(stall.result)}" if stall.result is not None else ""


def title(operation: Operation) -> str:
    """The operation for the reader: what the role says, or the called method where the role only names the system."""
    if not operation.role.endswith(".call"):
        return operation.title
    method = operation.client.rpartition(".")[2]
    return f"{operation.title.removesuffix(' call')} {method.removesuffix('WithContext')}"


def _ways(budget: Budget) -> str:
    """How many of the ways to the call carry no deadline, when some do, and where the first one starts."""
    open_ways = [
        way for way in budget.deadlines if way.limit is None and way.origin in ("background", "request", "detached")
    ]
    first = next((way for way in open_ways if way.origin != "request" and way.places), None)
    start = f" A context starts without one at {first.places[0]}." if first else ""
    if open_ways and len(open_ways) < len(budget.deadlines):
        return f" {len(open_ways)} of {len(budget.deadlines)} ways to it set none.{start}"
    return start


def _remedy(service: Service, operation: Operation, budget: Budget) -> str:
    """What to change where, with the number to reach."""
    what, stall = title(operation), budget.worst_case
    made = _made(service, operation)
    place = f" ({made})" if made else ""
    if stall.bounded and stall.result is not None:
        source = next((place for place in budget.evidence if place.role == "default"), None)
        where = f" at {source.path}:{source.line}" if source else f" at {made}" if made else ""
        return f"Lower the limits of {what}{where} until timeout, retries and backoff together stay below {_SLOW:g} s."
    if budget.timeout_scope == "block":
        return f"Give {what} and its like a context with a deadline below {_ASKED:g} s: the read timeout cannot end it."
    if operation.role.startswith("process."):
        return (
            f"Start the {what} with a context whose deadline is below {_ASKED:g} s, so that it is killed when it hangs."
        )
    if not operation.role.startswith(_PROTOCOLS):
        return (
            f"Give {what} and the other calls of {_family(operation)} a deadline below {_ASKED:g} s: a timeout "
            f"where their clients are made{place}, or contexts with a deadline."
        )
    return (
        f"Give {what} a deadline below {_ASKED:g} s: a timeout on the client{place}, which covers all of its calls, "
        "or a context with a deadline here."
    )


def _proof(operation: Operation, budget: Budget) -> str:
    """How to see that the remedy holds."""
    limit = _SLOW if budget.worst_case.bounded else _ASKED
    where = operation.function.label if operation.function else operation.path
    peer = f"the {title(operation)}" if operation.role.startswith("process.") else f"the peer of {title(operation)}"
    return f"Pause {peer} in the load harness: {where} returns an error within {limit:g} s, and the intake goes on."


def _made(service: Service, operation: Operation) -> str:
    """The place where the call's client is made; '' when it cannot be followed."""
    made = maker(service, operation)
    # A SQL handle is always opened by a call: a literal around it is whatever keeps it.
    kept = made is None or (made.operation is None and operation.role.startswith("sql."))
    return "" if made is None or kept else f"{made.file.path}:{made.file.line(made.start)}"


def _family(operation: Operation) -> str:
    """What the libraries of one maker have in common: their module, or the host that only this maker's modules stand on."""
    module = module_of(operation.package)
    host, _, rest = module.partition("/")
    return module if "/" in rest or host in _SHARED_HOSTS else host


def _cause(service: Service, operation: Operation, budget: Budget, pool: str) -> str:
    """What calls have in common that end late or never: the setting that bounds them, their client, or their library."""
    if budget.worst_case.bounded:
        bounding = [
            way for way in budget.deadlines if way.limit is not None and way.limit.upper is not None and way.places
        ]
        if budget.timeout_source == "context" and bounding and not budget.elsewhere:
            longest = max(bounding, key=lambda way: way.limit.upper or 0.0 if way.limit is not None else 0.0)
            return f"{longest.places[0].path}:{longest.places[0].line}|deadline"
        limits = [f"{e.path}:{e.line}" for e in budget.evidence if e.role == "default"]
        return f"{operation.library}|{limits[0]}" if limits else f"{_made(service, operation)}|{operation.package}"
    if budget.timeout_scope == "block":
        return f"{service.systems.of(operation)}|bounded block by block"
    if not operation.role.startswith(_PROTOCOLS):
        return f"{_family(operation)}{_ENDLESS}"
    if operation.role.startswith("sql.") and pool:
        return f"{pool}{_ENDLESS}"
    return f"{_made(service, operation) or _shared(operation)}{_ENDLESS}"


def _only_pool(service: Service) -> str:
    """Where the one SQL handle of the service is opened, that every other handle comes from; '' when there are several."""
    opened = [
        one for one in service.operations("sql.open") if one.file.role == "product" and not _migrates(service, one)
    ]
    # A handle that another one is opened with is the same pool.
    within = {id(made.operation) for one in opened for made in _given(service, one) if made.operation is not one}
    places = {f"{one.path}:{one.line}" for one in opened if id(one) not in within}
    return places.pop() if len(places) == 1 else ""


def _given(service: Service, operation: Operation) -> tuple[Creation, ...]:
    """What the arguments of a call are made of."""
    return tuple(
        made
        for argument in service.calls.arguments(operation)
        for made in service.settings.built_from(
            service.settings.creations(operation.file, (argument.start, argument.end), operation.block)
        )
    )


def _migrates(service: Service, operation: Operation) -> bool:
    """True for a handle that a library of migrations opens for itself."""
    package = service.names.libraries.package(operation.package)
    return package is not None and any(entry.role == "sql.migrate" for entry in package.calls.values())


def _shared(operation: Operation) -> str:
    """What calls of a client that is made nowhere have in common: SQL's handle, the standard library, or their library."""
    if operation.role.startswith("sql."):
        return "sql"
    if operation.role.startswith(("http.", "network.")) and "." not in operation.package.partition("/")[0]:
        return "the standard library's own clients"
    return operation.package
