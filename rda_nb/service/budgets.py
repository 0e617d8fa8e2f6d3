"""How long a call may take in the worst case: timeout, attempts, backoff and deadline, each with where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rda_nb.capacity import stall
from rda_nb.capacity.wording import format_seconds
from rda_nb.core import Evidence, Quantity, absent, known, unknown
from rda_nb.facts.vocabulary import Block
from rda_nb.service import deadline as dl
from rda_nb.service import worst_cases
from rda_nb.service.budget import NO_LIMIT, Budget
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.client_settings import ClientSettings
from rda_nb.service.creations import Creation
from rda_nb.service.deadline import Deadline
from rda_nb.service.deadlines import Deadlines
from rda_nb.service.flows import Edge, Graph
from rda_nb.service.foreign import ASKED
from rda_nb.service.limits import Limits
from rda_nb.service.packages import BudgetEntry
from rda_nb.service.retries import Retries
from rda_nb.service.retry_layers import Layer
from rda_nb.service.setting import Setting
from rda_nb.service.settings import Settings
from rda_nb.service.value import NO_DEFAULT
from rda_nb.service.values import Values


class Budgets:
    """Works out the budget of any operation of one program."""

    def __init__(self, calls: Calls, graph: Graph, values: Values, settings: Settings, deadlines: Deadlines) -> None:
        self.settings = settings
        self.deadlines = deadlines
        self.clients = ClientSettings(calls, settings)
        self.limits = Limits(calls, settings)
        self.retries = Retries(calls, graph, values, self.clients, self.limits, deadlines.sent)
        self._budgets: dict[int, Budget] = {}

    def of(self, operation: Operation) -> Budget:
        """The budget of an operation; asked for once, then remembered."""
        found = self._budgets.get(id(operation))
        if found is None:
            found = self._budgets[id(operation)] = self._work_out(operation, self.deadlines.of(operation))
        return found

    def along(self, operation: Operation, edges: Sequence[Edge]) -> Budget:
        """The budget of an operation on one way to it, as that from a lock: with the deadlines of that way alone."""
        ways = self.deadlines.along(operation, edges) if edges else self.deadlines.of(operation)
        return self.of(operation) if ways == self.deadlines.of(operation) else self._work_out(operation, ways)

    def creations(self, operation: Operation) -> tuple[Creation, ...]:
        """Where the client that makes this call was created; () when that cannot be followed."""
        return self.settings.client_of(operation)

    def client_settings(self, operation: Operation) -> dict[str, list[Setting]]:
        """Settings of the client and of this call's own arguments, by meaning."""
        return self.clients.of(operation)

    def layers(self, operation: Operation) -> list[Layer]:
        """The retry layers around an operation, innermost first, on the way that multiplies most."""
        return self.retries.layers(operation)

    def retry_loop(self, call: Call, loop: Block) -> Layer | None:
        """The layer that a loop of the target makes when it is a retry loop."""
        return self.retries.loops.layer(call, loop)

    def _work_out(self, operation: Operation, ways: tuple[Deadline, ...]) -> Budget:
        settings = self.client_settings(operation)
        entries = self.clients.entries(operation)
        if operation.entry.waits:
            settings, entries = {}, {name: one for name, one in entries.items() if operation.client in one.of}
        entries = _left_to_contexts(entries, ways)
        attempts, retry_source = self.limits.attempts(settings, entries)
        if operation.role == ASKED:
            attempts = unknown("how often this library tries is not in the knowledge", "count")
        backoff = self.limits.backoff(settings, entries, attempts)
        bound = self.limits.acquire_bound if _only_acquires(operation) else self.limits.attempt_bound
        timeout, source, scope, phases, notes = bound(settings, entries)
        timeout, phases = _in_effect(timeout, phases, ways)
        if source == "client" and "replacing_client" in settings and "call_timeout" not in settings:
            notes = [*notes, "no timeout where another client takes the place of the one that has it"]
        deadline = dl.bounded(ways)
        layers = tuple(self.layers(operation))
        inner: Any = phases if scope in ("attempt", "call") and phases else timeout
        if scope == "block":
            inner = absent("the read timeout bounds a part of the call")
        single_attempt = attempts.number == 1
        own = known(1, "count") if scope == "call" else attempts
        first = (own, inner, None if single_attempt else backoff, self._elapsed(settings, entries, single_attempt))
        outlives = self.limits.outlives_deadline(settings, entries)
        rest = (self.limits.after_deadline(phases) or inner) if outlives else None
        formula = worst_cases.worst_case(first, layers, ways, rest)
        if outlives and deadline is not None:
            notes = [*notes, "a running attempt does not end at the context's deadline"]
        if formula.result is not None and not (deadline is not None and formula.result == deadline.upper):
            notes = [*notes, *self.limits.uncounted(entries), *self.clients.assumed(operation)]
        if scope == "block" and not formula.bounded and phases:
            silent = worst_cases.while_silent(attempts, phases, None if single_attempt else backoff, layers)
            formula = replace(
                formula,
                text=f"unbounded while the server keeps answering; silent server: {silent.text}",
                factors=silent.factors,
            )
        total, retries = worst_cases.total_attempts(attempts, retry_source, layers)
        elsewhere = ""
        if not outlives:
            timeout, source, scope, elsewhere = _governing(timeout, source, scope, ways)
        notes = [*notes, *_earlier(ways, formula.result, outlives)]
        evidence = self._evidence(settings, ways, layers, source)
        return Budget(
            timeout,
            source,
            scope,
            total,
            retries,
            worst_cases.total_backoff(backoff, attempts, layers),
            formula,
            ways,
            layers,
            evidence,
            tuple(notes),
            elsewhere,
        )

    def _elapsed(
        self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry], single_attempt: bool
    ) -> Quantity | None:
        """The time after which the client itself starts no further attempt; None when it knows no such limit."""
        if single_attempt or not ("max_elapsed" in settings or "max_elapsed" in entries):
            return None
        return self.limits.limit("max_elapsed", settings, entries)[0]

    def _evidence(
        self, settings: dict[str, list[Setting]], ways: tuple[Deadline, ...], layers: tuple[Layer, ...], source: str
    ) -> tuple[Evidence, ...]:
        found: dict[tuple[str, int], Evidence] = {}
        for means in (
            "call_timeout",
            "attempt_timeout",
            "connect_timeout",
            "read_timeout",
            "max_attempts",
            "max_retries",
            "backoff_cap",
        ):
            for setting in settings.get(means, ())[:2]:
                place = self.settings.cite(setting)
                found.setdefault((place.path, place.line), replace(place, role="default"))
        for way in ways[:4]:
            for place in way.places[:2]:
                found.setdefault((place.path, place.line), replace(place, role="default" if way.limit else "absence"))
        for layer in layers:
            found.setdefault((layer.evidence.path, layer.evidence.line), layer.evidence)
        return tuple(found.values())


def _in_effect(
    timeout: Quantity, phases: list[stall.Phase], ways: tuple[Deadline, ...]
) -> tuple[Quantity, list[stall.Phase]]:
    """The limits of an attempt without fallbacks for a key that has to be set, as that of a deadline without a default:
    were it not set, the deadline would be over at once, so what the code falls back to is never in effect."""
    limits = [way.limit for way in ways if way.limit is not None]
    needed = {limit.config_key for limit in limits if limit.config_key and NO_DEFAULT in limit.reason}

    def in_effect(quantity: Quantity) -> Quantity:
        if quantity.config_key not in needed:
            return quantity
        reason = f"set by {quantity.config_key}, {NO_DEFAULT}"
        return unknown(reason, quantity.unit, *quantity.origins, config_key=quantity.config_key)

    return in_effect(timeout), [replace(phase, timeout=in_effect(phase.timeout)) for phase in phases]


def _only_acquires(operation: Operation) -> bool:
    """True for the begin of a transaction that the store knows nothing of: its driver asks nothing then."""
    return operation.role == "sql.acquire" and operation.entry.role == "sql.begin"


def _left_to_contexts(entries: dict[str, BudgetEntry], ways: tuple[Deadline, ...]) -> dict[str, BudgetEntry]:
    """A library's limits, without those that a deadline of the call's context takes the place of."""
    yielding = {means for means, entry in entries.items() if entry.yields}
    if not yielding or len(dl.open_ways(ways)) == len(ways):
        return entries
    if dl.bounded(ways) is not None:
        return {means: entry for means, entry in entries.items() if means not in yielding}
    other = "where its context has no deadline, and that deadline elsewhere"
    said = {means: replace(entries[means], default=f"{entries[means].default} s {other}") for means in yielding}
    return {**entries, **said}


def _governing(
    timeout: Quantity, source: str, scope: str, ways: tuple[Deadline, ...]
) -> tuple[Quantity, str, str, str]:
    """What ends a call, its own timeout or a deadline, with source and scope; and what bounds the ways of no request."""
    deadline = dl.bounded(ways)
    if deadline is not None:
        ends_first = deadline.upper is not None and (
            timeout.upper is None or scope == "block" or deadline.upper < timeout.upper
        )
        if ends_first or (deadline.upper is None and timeout.upper is None):
            timeout, source, scope = deadline, "context", "call"
    asked = _of_requests(ways)
    if asked is None or source == "context" or (timeout.upper is not None and (asked.upper or 0) >= timeout.upper):
        return timeout, source, scope, ""
    elsewhere = format_seconds(timeout.upper) if timeout.upper is not None and scope != "block" else NO_LIMIT
    return asked, "context", "call", elsewhere


def _of_requests(ways: tuple[Deadline, ...]) -> Quantity | None:
    """The deadline that every request brings to a call which other ways reach too; None when it brings none."""
    asked = tuple(way for way in ways if way.request)
    limit = dl.bounded(asked) if len(asked) < len(ways) else None
    return limit if limit is not None and limit.upper is not None else None


def _earlier(ways: tuple[Deadline, ...], worst: float | None, outlives: bool) -> list[str]:
    """A remark on the ways to the call whose deadline ends it, or its attempts, before its own worst case."""
    limits = {way.limit.upper for way in ways if way.limit is not None and way.limit.upper is not None}
    tighter = sorted(limit for limit in limits if worst is None or limit < worst)
    if not tighter or len(ways) < 2:
        return []
    shown = " or ".join(format_seconds(limit) for limit in tighter[:2])
    end = f"no attempt begins after {shown}" if outlives else f"after {shown}"
    return [f"{end} where the caller's deadline governs"]
