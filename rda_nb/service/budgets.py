"""How long a call may take in the worst case: timeout, attempts, backoff and deadline, each with where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rda_nb.capacity import stall
from rda_nb.capacity.backoff import Backoff
from rda_nb.capacity.wording import format_seconds
from rda_nb.core import Evidence, Formula, Quantity, State, absent, known, unknown
from rda_nb.facts.vocabulary import Block
from rda_nb.service import deadline as dl
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

# What bounds the ways that do not come from a request, where nothing does.
NO_LIMIT = "no limit"


@dataclass(frozen=True, eq=False, slots=True)
class Budget:
    """The time budget of one operation. `timeout_scope` is attempt, call, block or '' (none).

    `notes` are short remarks that belong to the row ("read timeout bounds one block, not the call"). `elsewhere` says what
    bounds the ways that do not come from a request, where the timeout is that of a request's context.
    """

    timeout: Quantity
    timeout_source: str
    timeout_scope: str
    attempts: Quantity
    retry_source: str
    backoff: Quantity
    worst_case: Formula
    deadlines: tuple[Deadline, ...]
    layers: tuple[Layer, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]
    elsewhere: str = ""


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
            inner = absent("the read timeout bounds one block, not the call")
        single_attempt = attempts.number == 1
        own = known(1, "count") if scope == "call" else attempts
        first = (own, inner, None if single_attempt else backoff, self._elapsed(settings, entries, single_attempt))
        outlives = self.limits.outlives_deadline(settings, entries)
        rest = (self.limits.after_deadline(phases) or inner) if outlives else None
        formula = _worst(_layered(first, layers, level, limit, rest) for level, limit in _levels(ways, layers))
        if outlives and deadline is not None:
            notes = [*notes, "a running attempt does not end at the context's deadline"]
        if formula.result is not None and not (deadline is not None and formula.result == deadline.upper):
            notes = [*notes, *self.limits.uncounted(entries)]
        if scope == "block" and not formula.bounded and phases:
            silent = stall.worst_case(attempts=attempts, timeout=phases, backoff=None if single_attempt else backoff)
            for layer in layers:
                silent = stall.worst_case(
                    attempts=layer.attempts, timeout=silent, backoff=layer.backoff, max_elapsed=layer.max_elapsed
                )
            formula = replace(
                formula,
                text=f"unbounded while the server keeps answering; silent server: {silent.text}",
                factors=silent.factors,
            )
        total, retries = self._total(attempts, retry_source, layers)
        if (
            not outlives
            and (
                deadline is not None
                and deadline.upper is not None
                and (timeout.upper is None or scope == "block" or deadline.upper < timeout.upper)
            )
        ) or (not outlives and deadline is not None and deadline.upper is None and timeout.upper is None):
            timeout, source, scope = deadline, "context", "call"
        elsewhere, asked = "", _of_requests(ways)
        if (
            not outlives
            and asked is not None
            and source != "context"
            and (timeout.upper is None or (asked.upper or 0) < timeout.upper)
        ):
            elsewhere = format_seconds(timeout.upper) if timeout.upper is not None and scope != "block" else NO_LIMIT
            timeout, source, scope = asked, "context", "call"
        notes = [*notes, *_earlier(ways, formula.result, outlives)]
        evidence = self._evidence(settings, ways, layers, source)
        return Budget(
            timeout,
            source,
            scope,
            total,
            retries,
            _as_quantity(backoff, attempts, layers),
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

    def _total(self, attempts: Quantity, source: str, layers: tuple[Layer, ...]) -> tuple[Quantity, str]:
        total, origins, sources = attempts.upper, list(attempts.origins), [source]
        for layer in layers:
            upper = layer.attempts.upper
            origins += layer.attempts.origins
            sources.append(layer.source)
            if layer.attempts.state is State.ABSENT:
                return replace(layer.attempts, origins=tuple(origins)), "loop"
            total = total * upper if total is not None and upper is not None else None
        if not layers:
            return attempts, source
        if total is None:
            missing = next((layer.attempts for layer in layers if layer.attempts.upper is None), attempts)
            return replace(missing, origins=tuple(origins)), " × ".join(sources)
        least = 1.0
        for quantity in (attempts, *(layer.attempts for layer in layers)):
            least *= quantity.low if quantity.low is not None else (quantity.upper or 1.0)
        if least < total:
            return Quantity(State.RANGE, "count", None, least, total, origins=tuple(origins)), " × ".join(sources)
        return known(total, "count", *origins), " × ".join(sources)

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


def _levels(ways: tuple[Deadline, ...], layers: tuple[Layer, ...]) -> list[tuple[int, Quantity | None]]:
    """(number of layers inside a deadline, that deadline) of the ways to a call; one without a deadline when a way has none."""
    if not ways or dl.open_ways(ways):
        return [(len(layers), None)]
    by_level: dict[int, list[Deadline]] = {}
    for way in ways:
        outside = [number for number, layer in enumerate(layers) if way.places and layer.repeats(way.places[0])]
        by_level.setdefault(min(outside, default=len(layers)), []).append(way)
    return [(level, dl.bounded(tuple(found))) for level, found in sorted(by_level.items())]


def _layered(first: Any, layers: tuple[Layer, ...], level: int, deadline: Quantity | None, rest: Any = None) -> Formula:
    """The worst case through all layers, where a deadline lies around the first `level` of them.

    Where an attempt that runs outlives the deadline by the `rest` of it, none begins after it, and that is all it does.
    """
    attempts, timeout, backoff, elapsed = first
    ends, begins = (None, deadline) if rest is not None else (deadline, None)
    formula = stall.worst_case(
        attempts=attempts,
        timeout=timeout,
        backoff=backoff,
        deadline=ends if level == 0 else None,
        max_elapsed=begins if begins is not None and level == 0 else elapsed,
        remainder=rest if begins is not None and level == 0 else None,
    )
    for number, layer in enumerate(layers, 1):
        formula = stall.worst_case(
            attempts=layer.attempts,
            timeout=formula,
            backoff=layer.backoff,
            deadline=ends if number == level else None,
            max_elapsed=begins if number == level and begins is not None else layer.max_elapsed,
            remainder=rest if number == level and begins is not None else None,
        )
    return formula


def _worst(formulas: Iterable[Formula]) -> Formula:
    """The formula that allows the longest wait: one without a bound, then one that misses a number, then the largest."""
    return max(formulas, key=lambda one: (not one.bounded, one.result is None, one.result or 0.0))


def _as_quantity(backoff: Backoff | Quantity | None, attempts: Quantity, layers: tuple[Layer, ...]) -> Quantity:
    """The sum of the backoffs of one call for the table; unknown when a number is missing."""
    own = layers[0].backoff if layers else backoff
    count = (layers[0].attempts if layers else attempts).upper
    if isinstance(own, Quantity):
        return own
    if own is None or count is None or count <= 1:
        return absent("no backoff", "s")
    try:
        return known(sum(stall.schedule(own, int(min(count, 10_000)))), "s")
    except ValueError as error:
        return unknown(str(error), "s")


__all__ = ["NO_LIMIT", "Budget", "Budgets", "Layer"]
