"""Every call that leaves the process, with its timeout, attempts, backoff and worst case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_seconds
from rda_nb.checks.external_call_budget import causes, wording
from rda_nb.checks.external_call_budget.wording import title
from rda_nb.core import Assessment
from rda_nb.records import ExternalCall, Page
from rda_nb.service.call_places import evidence, maker
from rda_nb.service.foreign import FOREIGN

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.budget import Budget
    from rda_nb.service.calls import Operation

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

# Calls that wait for others to finish their work: a limit of minutes is their purpose, none at all is a fault.
_PATIENT = ("kubernetes.drain",)
_IN_PROCESS_NETWORKS = frozenset({"network.dial"})
_LOCAL = re.compile(r"(?:udp|ip|unix)\w*(?::\w+)?")
# So many places of one call are cited.
_PLACES = 12
# Calls that wait for the broker which the work comes from: while that is away there is no work to hold up.
_OWN_BROKER = ("kafka.commit",)
# No queue lease or request lasts longer.
_LONG = 600.0
# One peer's stream: a write that hangs holds that peer's handler, and no other's work.
_STREAMS = ("websocket.",)
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


def assess(service: Service) -> Iterator[ExternalCall]:
    """One row per call site that waits for another process; a finding's row says what other calls it holds for."""
    pool = causes.only_pool(service)
    found = _told_once(list(_rows(service, pool)))
    governed = [causes.governed(service, operation, service.budget(operation), pool) for operation, _ in found]
    alike = Counter(governed)
    for row, by in zip(_of_one_handle(service, found), governed, strict=True):
        if by is not None and alike[by] > 1 and row.assessment in (Assessment.RISK, Assessment.CONCERN):
            row = replace(row, claim=f"{row.claim} {wording.others(by, alike[by] - 1, row.worst_case.bounded)}")
        yield row


def _told_once(found: list[tuple[Operation, ExternalCall]]) -> list[tuple[Operation, ExternalCall]]:
    """The rows, with one for all places of a call whose library is not known: of each the same is not known."""
    told: dict[tuple[str, str, str], list[int]] = {}
    for at, (operation, row) in enumerate(found):
        if operation.role.startswith(FOREIGN) and row.assessment is Assessment.GAP:
            told.setdefault((operation.package, row.operation, row.claim), []).append(at)
    merged = dict(enumerate(found))
    for same in told.values():
        operation, first = found[same[0]]
        rows = [merged.pop(at)[1] for at in same]
        places = tuple(row.evidence[0] for row in rows[1:_PLACES])
        paths = tuple(dict.fromkeys(path for row in rows for path in row.paths))[:6]
        claim = first.claim if len(rows) == 1 else f"{first.claim} It is called in {len(rows)} places."
        cited = (*first.evidence[:1], *places, *first.evidence[1:])
        merged[same[0]] = operation, replace(first, evidence=cited, paths=paths, claim=claim)
    return [merged[at] for at in sorted(merged)]


def _of_one_handle(service: Service, found: list[tuple[Operation, ExternalCall]]) -> list[ExternalCall]:
    """SQL calls whose handle is not followed share the cause of those whose handle is, where that is one and the same."""
    of_sql = {row.cause for operation, row in found if causes.of_a_handle(service, operation)}
    opened = {cause for cause in of_sql if cause.endswith(causes.ENDLESS)} - {causes.UNFOLLOWED}
    only = opened.pop() if len(opened) == 1 else causes.UNFOLLOWED
    return [replace(row, cause=only) if row.cause == causes.UNFOLLOWED else row for _, row in found]


def _operations(service: Service) -> list[Operation]:
    """What waits for another process, and what is sent to one without waiting."""
    sent = [
        operation
        for operation in service.operations(*_SENT, product=False)
        if operation.file.role not in ("generated", "test")
    ]
    found = [*service.external_operations, *sent]
    # What nothing uses is called by nobody: a budget of it would be one of a program that does not exist.
    found = [one for one in found if service.flows_to(one) or not service.unused.function(one.function)]
    return sorted(found, key=lambda operation: (operation.path, operation.row.start))


def _rows(service: Service, pool: str) -> Iterator[tuple[Operation, ExternalCall]]:
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
            title=wording.headline(operation, budget),
            claim=claim,
            remedy=wording.remedy(service, operation, budget),
            proof=wording.proof(operation, budget),
            consequence="unpredictability"
            if operation.role.startswith(_STREAMS)
            else "inefficiency"
            if _asks_the_host(service, operation) or _until_success(service, operation, budget)
            else "",
            symbol=function.label if function else operation.path,
            subject=operation.client,
            hot=hot,
            cause=causes.cause(service, operation, budget, pool),
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
        way = service.deadlines.outer.of_invocation(source) if source is not None else None
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


def _until_success(service: Service, operation: Operation, budget: Budget) -> bool:
    """True for a call of known length that an endless loop repeats after a pause: it holds back its own worker, by design."""
    each = budget.timeout.upper is not None
    return each and any(layer.until_success for layer in service.budgets.layers(operation))


def judge(service: Service, operation: Operation, budget: Budget, hot: bool | None) -> tuple[Assessment, str]:
    """The row's assessment and one sentence with the numbers that decide."""
    what = title(operation)
    if operation.file.role != "product":
        return Assessment.GOOD, f"{what} runs in a tool or an example, outside the service's paths."
    if operation.waiting:
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
        claim = f"{what} has no deadline: {wording.missing(budget)}{notes}.{wording.ways(budget)}"
        # Where only some ways to the call have no deadline, it is not known that a request's or message's way is one.
        alone = operation.role.startswith(_STREAMS) or any(way.limit is not None for way in budget.deadlines)
        alone = alone or _asks_the_host(service, operation)
        if _until_success(service, operation, budget):
            alone, claim = True, f"{claim} It is repeated after a pause until it succeeds."
        open_ways = [way for way in budget.deadlines if way.limit is None]
        # What starts in a command that ends with its work is no way of a request or message.
        loaded = [way for way in open_ways if not (way.places and service.starting.by_hand(way.places[0]))]
        if hot and len(loaded) < len(open_ways) and all(way.origin == "request" for way in loaded):
            alone, claim = True, f"{claim} One such way is a command that ends with its work."
        if loaded and all(way.origin == "request" for way in loaded):
            alone, claim = True, f"{claim} It ends when the client of its request gives up."
        noticed = service.budgets.clients.entries(operation).get("dead_peer_timeout")
        if noticed is not None and isinstance(noticed.default, int | float):
            alone = True
            where = f"{noticed.source.partition(': ')[0]}, {noticed.since}"
            claim = f"{claim} A peer that is gone is noticed after {noticed.default:g} s ({where});"
            claim += " one that is there may take any time."
        if operation.role.startswith("process.") and _killed(operation):
            return Assessment.GOOD, f"{what} is killed when its context is done."
        invoked = _invocation(service, operation)
        if invoked:
            alone, claim = True, f"{claim} It ends with its invocation, after {invoked} at most."
        return (Assessment.RISK if service.surely_hot(operation) and not alone else Assessment.CONCERN), claim
    if stall.result is None:
        return Assessment.GAP, f"The worst case of {what} cannot be worked out: {wording.unknown(stall)}."
    tries = f" with up to {attempts:g} attempts" if attempts and attempts > 1 else ""
    claim = f"{what} ends after {wording.longest(budget, stall.result)}{tries}{notes}."
    if operation.role in _PATIENT:
        return Assessment.GOOD, f"{claim} It waits for pods to end, as long as it was told to."
    held = operation.role not in _OWN_BROKER and not _invocation(service, operation)
    if stall.result > _LONG and held and service.surely_hot(operation):
        ways = [way for way in budget.deadlines if way.limit is None]
        if not ways or any(way.origin != "request" for way in ways):
            return Assessment.RISK, claim
        claim = f"{claim} It ends before that when the client of its request gives up."
    return (Assessment.CONCERN if stall.result > (wording.SLOW if hot else _LONG) else Assessment.GOOD), claim
