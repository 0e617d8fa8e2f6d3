"""How long a call may take in the worst case: timeout, attempts, backoff and deadline, each with where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from rda_nb.capacity import stall
from rda_nb.capacity.amplification import attempts_from_retries
from rda_nb.capacity.backoff import Backoff, aws_v1, aws_v2_legacy, exponential, fixed, linear
from rda_nb.core import Evidence, Formula, Origin, Quantity, State, absent, known, unknown
from rda_nb.facts.vocabulary import LOOP, Block
from rda_nb.service import deadlines as dl
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.deadlines import Deadline, Deadlines
from rda_nb.service.flows import Graph
from rda_nb.service.libraries import BudgetEntry
from rda_nb.service.program import Function
from rda_nb.service.settings import Creation, Setting, Settings
from rda_nb.service.values import Values

_PARTS = ("acquire_timeout", "connect_timeout", "tls_timeout", "write_timeout", "read_timeout", "header_timeout")
_SYMBOLS = {
    "acquire_timeout": "acquire",
    "connect_timeout": "dial",
    "tls_timeout": "TLS",
    "write_timeout": "write",
    "read_timeout": "read",
    "header_timeout": "header",
}
_RETRY_WORDS = re.compile(r"retr|attempt|tries|backoff", re.I)
_UP = re.compile(r"(\w+)\s*(<=|<)\s*([^;{&|]+)")
_DOWN = re.compile(r"^\s*([\w.]+)\s*>=?\s*(\d+)\s*$")
_COUNTS = re.compile(
    r"(?i)(?:retr|attempt|tries|count|times)\w*\s*(?:>=|>|==|<|<=)|(?:>=|>|==|<|<=)\s*\w*(?:retr|attempt|tries)"
)
_STARTS_AT_ONE = re.compile(r"\w+\s*:?=\s*1\s*;")
_LONGEST = 6
_MOST_WAYS = 8


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """One retry layer around a call: a library's retry function or a loop of the target."""

    attempts: Quantity
    backoff: Backoff | Quantity | None
    source: str
    evidence: Evidence


@dataclass(frozen=True, eq=False, slots=True)
class Budget:
    """The time budget of one operation. `timeout_scope` is attempt, call, block or '' (none).

    `notes` are short remarks that belong to the row ("read timeout bounds one block, not the call").
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


class Budgets:
    """Works out the budget of any operation of one program."""

    def __init__(self, calls: Calls, graph: Graph, values: Values, settings: Settings, deadlines: Deadlines) -> None:
        self.calls = calls
        self.names = calls.names
        self.graph = graph
        self.values = values
        self.settings = settings
        self.deadlines = deadlines
        self._budgets: dict[int, Budget] = {}

    def of(self, operation: Operation) -> Budget:
        """The budget of an operation; asked for once, then remembered."""
        found = self._budgets.get(id(operation))
        if found is None:
            found = self._budgets[id(operation)] = self._work_out(operation)
        return found

    # The client's own limits

    def creations(self, operation: Operation) -> tuple[Creation, ...]:
        """Where the client that makes this call was created; () when that cannot be followed."""
        node = self.calls.conventions.expression(operation.callee, operation.row.start)
        if node.kind != "select" or not node.parts:
            return ()
        base = node.parts[0]
        if base.kind == "name" and self.names.package_named(base.text, operation.file, operation.block, base.start):
            return ()
        return self.settings.creations(operation.file, (base.start, base.end), operation.block)

    def client_settings(self, operation: Operation) -> dict[str, list[Setting]]:
        """Settings of the client and of this call's own arguments, by meaning."""
        found: dict[str, list[Setting]] = {}
        row = operation.row
        own = Creation(operation.file, row.callee_end, row.end, operation.block, "")
        for setting in self.settings.of((*self.creations(operation), own)):
            found.setdefault(setting.means, []).append(setting)
        return found

    def _entries(self, operation: Operation) -> dict[str, BudgetEntry]:
        package = self.names.libraries.package(operation.package)
        return {entry.means: entry for entry in package.budget} if package else {}

    def limit(
        self, means: str, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> tuple[Quantity, str]:
        """A limit by meaning and its source: client (set in the target), library_default, or none."""
        own = settings.get(means)
        entry = entries.get(means)
        if own:
            quantity = _merged([self.settings.quantity(setting) for setting in own])
            if quantity.number == 0 and own[0].entry.zero in ("none", "unlimited"):
                return replace(quantity, state=State.ABSENT, number=None, reason="0 means no limit"), "client"
            if not (quantity.number == 0 and own[0].entry.zero == "default"):
                if quantity.state is State.ABSENT:
                    return quantity, "client"
                return quantity, "client"
        if entry is None:
            return unknown(f"the default of {means.replace('_', ' ')} is not in the knowledge of this library"), "none"
        source = f"{entry.source} ({entry.since})"
        if entry.default in ("none", None):
            return absent(
                entry.note or "the library sets none", "", Origin("library_default", "none", None, source)
            ), "none"
        if isinstance(entry.default, int | float):
            origin = Origin("library_default", f"{entry.default:g}", None, source)
            return known(float(entry.default), "s" if "timeout" in means else "count", origin), "library_default"
        if entry.default == "unlimited":
            return absent(
                "the library sets no limit", "", Origin("library_default", "unlimited", None, source)
            ), "library_default"
        return unknown(f"the library's default is {entry.default}"), "library_default"

    def _work_out(self, operation: Operation) -> Budget:
        settings = self.client_settings(operation)
        entries = self._entries(operation)
        attempts, retry_source = self._attempts(settings, entries)
        backoff = self._backoff(settings, entries, attempts)
        timeout, source, scope, phases, notes = self._attempt_bound(settings, entries)
        ways = self.deadlines.of(operation)
        deadline = dl.bounded(ways)
        layers = tuple(self.layers(operation))
        inner: Any = phases if scope in ("attempt", "call") and phases else timeout
        if scope == "block":
            inner = absent("the read timeout bounds one block, not the call")
        single_attempt = attempts.number == 1
        formula = stall.worst_case(
            attempts=known(1, "count") if scope == "call" else attempts,
            timeout=inner,
            backoff=None if single_attempt else backoff,
            deadline=deadline if not layers else None,
        )
        for number, layer in enumerate(layers):
            last = number == len(layers) - 1
            formula = stall.worst_case(
                attempts=layer.attempts, timeout=formula, backoff=layer.backoff, deadline=deadline if last else None
            )
        if scope == "block" and not formula.bounded and phases:
            silent = stall.worst_case(attempts=attempts, timeout=phases, backoff=None if single_attempt else backoff)
            for layer in layers:
                silent = stall.worst_case(attempts=layer.attempts, timeout=silent, backoff=layer.backoff)
            formula = replace(
                formula,
                text=f"unbounded while the server keeps answering; silent server: {silent.text}",
                factors=silent.factors,
            )
        total, retries = self._total(attempts, retry_source, layers)
        if (
            deadline is not None
            and deadline.upper is not None
            and (timeout.upper is None or scope == "block" or deadline.upper < timeout.upper)
        ) or (deadline is not None and deadline.upper is None and timeout.upper is None):
            timeout, source, scope = deadline, "context", "call"
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
        )

    def _attempt_bound(
        self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> tuple[Quantity, str, str, list[stall.Phase], list[str]]:
        """The bound of one attempt: a whole timeout, or the phases it consists of. Scope block when a phase can repeat."""
        for means, scope in (("call_timeout", "call"), ("attempt_timeout", "attempt")):
            if means in settings or means in entries:
                quantity, source = self.limit(means, settings, entries)
                if quantity.state is not State.ABSENT:
                    if quantity.state is State.UNKNOWN and source == "none":
                        continue
                    return quantity, source, scope, [], []
        phases, notes, reads = [], [], None
        for means in _PARTS:
            if means not in settings and means not in entries:
                continue
            quantity, source = self.limit(means, settings, entries)
            if quantity.state in (State.KNOWN, State.RANGE):
                phases.append(stall.Phase(_SYMBOLS[means], quantity))
                if means == "read_timeout":
                    reads = (quantity, source, entries[means].scope if means in entries else "attempt")
        if reads is not None:
            quantity, source, scope = reads
            if scope == "block":
                notes.append("the read timeout bounds one block, not the call")
            return quantity, source, scope or "attempt", phases, notes
        return absent("no timeout bounds an attempt"), "none", "", phases, notes

    def _attempts(self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]) -> tuple[Quantity, str]:
        for means in ("max_attempts", "max_retries"):
            if means in settings:
                quantity, source = self.limit(means, settings, entries)
                if means == "max_retries":
                    quantity = attempts_from_retries(quantity)
                return quantity, source
        for means in ("max_attempts", "max_retries"):
            if means in entries:
                quantity, source = self.limit(means, settings, entries)
                return (attempts_from_retries(quantity) if means == "max_retries" else quantity), source
        return known(1, "count", Origin("library_default", "no retry known for this library")), "none"

    def _backoff(
        self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry], attempts: Quantity
    ) -> Backoff | Quantity | None:
        """The schedule with the longest sleeps: that after throttling, where a library keeps one of its own."""
        usual = self._schedule("backoff", settings, entries)
        throttled = self._schedule("throttle_backoff", settings, entries)
        if throttled is None or isinstance(usual, Quantity):
            return usual
        count = int(min(attempts.upper or 2, 10_000))
        try:
            longer = sum(stall.schedule(throttled, count)) > sum(stall.schedule(usual, count))
        except ValueError:
            return usual
        return throttled if longer else usual

    def _schedule(
        self, name: str, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> Backoff | Quantity | None:
        entry = entries.get(name)
        law = dict(entry.default) if entry is not None and isinstance(entry.default, dict) else {}
        source = f"{entry.source} ({entry.since})" if entry else ""

        def part(key: str, unit: str = "s") -> Quantity | None:
            own = settings.get(f"{name}_{key}")
            if own:
                return replace(_merged([self.settings.quantity(setting) for setting in own]), unit=unit)
            value = law.get(key)
            if not isinstance(value, int | float):
                return None
            return known(float(value), unit, Origin("library_default", f"{value:g}", None, source))

        if name in settings:
            return self.settings.quantity(settings[name][0])
        return _backoff_of(law, part("base"), part("cap"), part("multiplier", ""))

    # Retry layers in the target

    def layers(self, operation: Operation) -> list[Layer]:
        """The retry layers around an operation, innermost first, on the way that multiplies most."""
        return self._layers_around(operation, operation.function, frozenset(), 0)

    def _layers_around(self, call: Call, function: Function | None, seen: frozenset[str], depth: int) -> list[Layer]:
        if function is None or depth > _LONGEST or function.key in seen:
            return []
        own = [layer for loop in Calls.loops(call) if (layer := self.retry_loop(call, loop)) is not None]
        best: list[Layer] = []
        for edge in self.graph.into.get(function.key, ())[:_MOST_WAYS]:
            if edge.via is None or edge.spawned or edge.confidence != "resolved":
                continue
            outer = self._layers_around(edge.via, edge.source, seen | {function.key}, depth + 1)
            if edge.kind != "call" and isinstance(edge.via, Operation) and edge.via.role == "retry.run":
                outer = [self._library_layer(edge.via), *outer]
            if _weight(outer) > _weight(best):
                best = outer
        return [*own, *best]

    def _library_layer(self, operation: Operation) -> Layer:
        entries = self._entries(operation)
        row = operation.row
        creations = (Creation(operation.file, row.start, row.end, operation.block, ""), *self.creations(operation))
        settings: dict[str, list[Setting]] = {}
        for setting in self.settings.of(creations):
            settings.setdefault(setting.means, []).append(setting)
        attempts, _ = self._attempts(settings, entries)
        return Layer(
            attempts,
            self._backoff(settings, entries, attempts),
            f"{operation.library} {operation.client}",
            self.calls.cite(operation, "caller"),
        )

    def retry_loop(self, call: Call, loop: Block) -> Layer | None:
        """The layer that a loop of the target makes when it is a retry loop: it counts attempts, waits and tries again."""
        file = call.file
        header = file.text[slice(*loop.header)] if loop.header != (0, 0) else ""
        body = file.text[loop.start : loop.end]
        if len(body) > 8000 or "range " in header:
            return None
        sleeps = [
            own
            for own in (self.calls.calls_of.get(call.function.key, ()) if call.function else ())
            if isinstance(own, Operation)
            and own.role in ("sleep", "timer.after")
            and loop.start <= own.row.start < loop.end
        ]
        if not _RETRY_WORDS.search(header) and not (sleeps and _RETRY_WORDS.search(body)):
            return None
        if "return" not in body and "break" not in body:
            return None
        evidence = self.calls.cite_at(file, loop.start, role="caller")
        backoff: Quantity | None = None
        if sleeps:
            own = sleeps[0]
            value = self.values.of(self.calls.argument(own, own.entry.count or 0), file, own.block)
            backoff = self.values.quantity(value, "s")
        return Layer(self._count(call, header, loop), backoff, "loop", evidence)

    def _count(self, call: Call, header: str, loop: Block) -> Quantity:
        file = call.file
        down = _DOWN.match(header)
        up = _UP.search(header)
        origin = Origin("constant", header.strip()[:120], self.calls.cite_at(file, loop.start))
        if down is None and up is None:
            body = file.text[loop.start : loop.end]
            if header.strip() not in ("", "true") or _COUNTS.search(body):
                return unknown("what ends the retry loop is not a count that can be followed", "count", origin)
            return absent("the loop counts no attempts", "count", origin)
        written = up[3].strip() if up else (down[1] if down else "")
        at = loop.header[0] + header.find(written, up.start(3) if up else 0)
        block = file.rows.blocks[call.block].loop if call.block >= 0 else call.block
        outer = file.rows.blocks[block].parent if block >= 0 else call.block
        value = self.values.of(self.calls.conventions.expression(written, at), file, outer)
        quantity = self.values.quantity(value, "count")
        if up is not None and up[2] == "<=" and quantity.number is not None and not _STARTS_AT_ONE.search(header):
            quantity = replace(quantity, number=quantity.number + 1)
        if up is not None and up[2] == "<" and quantity.number is not None and _STARTS_AT_ONE.search(header):
            quantity = replace(quantity, number=quantity.number - 1)
        return quantity

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


def _weight(layers: list[Layer]) -> float:
    """How much layers multiply attempts; a layer without a limit outweighs any number, an unknown one counts a little."""
    product = 1.0
    for layer in layers:
        upper = layer.attempts.upper
        product *= float("inf") if layer.attempts.state is State.ABSENT else (upper if upper is not None else 1.5)
    return product if layers else 0.0


def _merged(quantities: list[Quantity]) -> Quantity:
    """One quantity from several settings of the same meaning: the same number, or a range."""
    useful = [quantity for quantity in quantities if quantity.state in (State.KNOWN, State.RANGE)]
    if not useful:
        return quantities[0]
    numbers = sorted({n for q in useful for n in (q.number, q.low, q.high) if n is not None})
    origins = tuple(dict.fromkeys(origin for quantity in useful for origin in quantity.origins))
    first = useful[0]
    if len(numbers) == 1:
        return replace(first, state=State.KNOWN, number=numbers[0], low=None, high=None, origins=origins)
    return replace(first, state=State.RANGE, number=None, low=numbers[0], high=numbers[-1], origins=origins)


def _backoff_of(
    law: dict[str, Any], base: Quantity | None, cap: Quantity | None, multiplier: Quantity | None
) -> Backoff | Quantity | None:
    shape = law.get("law", "")
    ratio, seconds = float(law.get("jitter_ratio", 0.0)), float(law.get("jitter_seconds", 0.0))
    if shape == "aws_v2_legacy" and cap is not None:
        return aws_v2_legacy(cap)
    if base is None:
        return None if not law else unknown("the library's backoff is not known in numbers")
    if shape == "aws_v1" and cap is not None:
        return aws_v1(base, cap)
    if shape == "linear":
        return linear(base, cap=cap)
    if shape in ("exponential", "exponential_jitter", ""):
        return exponential(
            base,
            multiplier=multiplier or float(law.get("multiplier", 2.0)),
            cap=cap,
            full_jitter=bool(law.get("full_jitter")),
            jitter_ratio=ratio,
            jitter_seconds=seconds,
            cap_covers_jitter=bool(law.get("cap_covers_jitter", True)),
        )
    return fixed(base, jitter_ratio=ratio, jitter_seconds=seconds)


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


__all__ = ["LOOP", "Budget", "Budgets", "Layer"]
