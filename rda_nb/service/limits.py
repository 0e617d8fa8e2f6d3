"""What bounds a client by itself: timeouts, attempts and backoff, from its settings or its library's defaults."""

from __future__ import annotations

import re
from dataclasses import replace

from rda_nb.capacity import stall
from rda_nb.capacity.amplification import attempts_from_retries
from rda_nb.capacity.backoff import Backoff
from rda_nb.core import Origin, Quantity, State, absent, known, unknown
from rda_nb.service import schedules, terms
from rda_nb.service.calls import Calls
from rda_nb.service.connecting import SYMBOLS, Connecting
from rda_nb.service.defaults import AGREED
from rda_nb.service.packages import BudgetEntry
from rda_nb.service.setting import Setting
from rda_nb.service.settings import Settings

_PARTS = (
    "acquire_timeout",
    "connect_timeout",
    "tls_timeout",
    "write_timeout",
    "read_timeout",
    "rows_timeout",
    "header_timeout",
)
_TIMEOUTS = frozenset({"call_timeout", "attempt_timeout", "server_query_timeout", *_PARTS})
# What a library's default may follow: limits of their own name that bound some of its calls.
_FOLLOWED = frozenset(
    {"attempt_timeout", "delivery_timeout", "poll_wait", "metadata_timeout", "heartbeat_interval", *_PARTS}
)
_FOLLOWS = re.compile(r"(\w+)(?: (\+|\*) (\d+(?:\.\d+)?))?\Z")


class Limits(Connecting):
    """Works limits out of the settings and library defaults that hold for an operation."""

    def __init__(self, calls: Calls, settings: Settings) -> None:
        self.calls = calls
        self.settings = settings

    def limit(
        self, means: str, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> tuple[Quantity, str]:
        """A limit by meaning and its source: client (set in the target), library_default, or none."""
        own = settings.get(means)
        entry = entries.get(means)
        if own and entry is not None and isinstance(entry.default, str) and entry.default != "none":
            own = [one for one in own if not self.settings.left_to_default(one)]
        if own:
            quantity = schedules.merged([self.settings.quantity(setting) for setting in own])
            if quantity.number == 0 and own[0].entry.zero in ("none", "unlimited"):
                return replace(quantity, state=State.ABSENT, number=None, reason="0 means no limit"), "client"
            if quantity.number is not None and quantity.number < 0 and own[0].entry.negative == "none":
                return replace(quantity, state=State.ABSENT, number=None, reason="below 0 there is no limit"), "client"
            if quantity.number is not None and quantity.number < 0 and own[0].entry.negative == "zero":
                return replace(quantity, number=0.0), "client"
            if not (quantity.number == 0 and own[0].entry.zero == "default"):
                return quantity, "client"
        if entry is None:
            return unknown(f"the default of {means.replace('_', ' ')} is not in the knowledge of this library"), "none"
        source = f"{entry.source} ({entry.since})"
        if isinstance(entry.default, str) and (follows := _FOLLOWS.match(entry.default)) and follows[1] in _FOLLOWED:
            quantity, by = self.limit(follows[1], settings, entries)
            origin = Origin("library_default", entry.default.replace("_", " "), None, source)
            more = float(follows[3] or 0)
            if follows[2] == "*":
                return schedules.product(quantity, known(more, "", origin)), "library_default"
            by = "client" if by == "client" and not more else "library_default"
            return schedules.plus(quantity, more, origin), by
        if entry.default in ("none", None):
            return absent(
                entry.note or "the library sets none", "", Origin("library_default", "none", None, source)
            ), "none"
        if isinstance(entry.default, int | float):
            origin = Origin("library_default", f"{entry.default:g}", None, source)
            return known(float(entry.default), terms.meaning(means).unit, origin), "library_default"
        if entry.default == "unlimited":
            return absent(
                "the library sets no limit", "", Origin("library_default", "unlimited", None, source)
            ), "library_default"
        return unknown(f"the library's default is {entry.default}"), "library_default"

    def attempt_bound(
        self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]
    ) -> tuple[Quantity, str, str, list[stall.Phase], list[str]]:
        """The bound of one attempt: a whole timeout, or the phases it consists of. Scope block when a phase can repeat."""
        for means, scope in (("call_timeout", "call"), ("attempt_timeout", "attempt")):
            if means in settings or means in entries:
                quantity, source = self.limit(means, settings, entries)
                if quantity.state is not State.ABSENT:
                    if quantity.state is State.UNKNOWN and source == "none":
                        continue
                    if any(entry.scope == "beside" for entry in entries.values()):
                        return quantity, source, scope, self.beside(quantity, settings, entries), []
                    if means in settings:
                        return quantity, source, scope, [], []
                    phases = self.connecting(entries[means], quantity, settings, entries)
                    follows = entries[means].note and isinstance(entries[means].default, str)
                    return quantity, source, scope, phases, [entries[means].note] if follows else []
        phases, reads = [], None
        notes: list[str] = []
        for means in _PARTS:
            if means not in settings and means not in entries:
                continue
            quantity, source = self.limit(means, settings, entries)
            # A limit that is set to what cannot be followed is not the same as none.
            if quantity.state is State.ABSENT or (quantity.state is State.UNKNOWN and source == "none"):
                continue
            phases.append(stall.Phase(SYMBOLS[means], quantity))
            if means == "connect_timeout":
                phases[-1:] = self.dialled(quantity, settings, entries)
            if means == "read_timeout":
                reads = (quantity, source, entries[means].scope if means in entries else "attempt")
        if reads is not None:
            quantity, source, scope = reads
            if "server_query_timeout" in settings:
                ended, by = self.limit("server_query_timeout", settings, entries)
                sooner = scope == "block" or (ended.upper or 0) < (quantity.upper or 0)
                if ended.state in (State.KNOWN, State.RANGE) and sooner:
                    notes.append("the server ends it by its own limit; a silent server, by the read timeout")
                    return ended, by, "attempt", _ended_by(ended, phases, scope), notes
                if ended.state is not State.ABSENT and sooner:
                    return ended, by, "call", [], notes
            if self._renewed(settings.get("read_timeout", [])):
                notes.append("of silence: a ping or pong of the peer renews it")
            return quantity, source, scope or "attempt", phases, notes
        if not entries.keys() & _TIMEOUTS and not settings.keys() & _TIMEOUTS:
            return unknown("the timeouts of this library are not in the knowledge"), "none", "call", [], notes
        read = entries.get("read_timeout")
        if read is not None and read.note.startswith(AGREED):
            notes.append(read.note)
        return absent("no timeout bounds an attempt"), "none", "", phases, notes

    def _renewed(self, settings: list[Setting]) -> bool:
        """True when a deadline is set anew in what a connection calls for each ping or pong of its peer."""
        return any(
            one.file is operation.file and operation.row.start <= one.start < operation.row.end
            for operation in self.calls.role("websocket.control")
            for one in settings
        )

    def outlives_deadline(self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]) -> bool:
        """True for a client that ends a running attempt at none but its own timeouts, whatever the context's deadline."""
        if "context_deadline_used" not in settings and "context_deadline_used" not in entries:
            return False
        quantity, _ = self.limit("context_deadline_used", settings, entries)
        return quantity.number == 0

    def attempts(self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]) -> tuple[Quantity, str]:
        """How often a call is tried, the first time included, and where that comes from."""
        tries, source = self._tries(settings, entries)
        if "max_redirects" not in entries:
            return tries, source
        # A client of several nodes asks one after another, and each as often as a client of one node.
        nodes, by = self.limit("max_redirects", settings, entries)
        return schedules.product(tries, attempts_from_retries(nodes)), "client" if by == "client" else source

    def _tries(self, settings: dict[str, list[Setting]], entries: dict[str, BudgetEntry]) -> tuple[Quantity, str]:
        for means in ("max_attempts", "max_retries"):
            if means in settings:
                quantity, source = self.limit(means, settings, entries)
                if means == "max_retries":
                    quantity = attempts_from_retries(quantity)
                return replace(quantity, number=1.0) if quantity.number == 0 else quantity, source
        for means in ("max_attempts", "max_retries"):
            if means in entries:
                quantity, source = self.limit(means, settings, entries)
                return (attempts_from_retries(quantity) if means == "max_retries" else quantity), source
        return known(1, "count", Origin("library_default", "no retry known for this library")), "none"

    def backoff(
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
                return replace(schedules.merged([self.settings.quantity(setting) for setting in own]), unit=unit)
            value = law.get(key)
            if not isinstance(value, int | float):
                return None
            return known(float(value), unit, Origin("library_default", f"{value:g}", None, source))

        if name in settings:
            return self.settings.quantity(settings[name][0])
        kinds, chosen = law.pop("kinds", {}), settings.get(f"{name}_kind", [])
        if kinds and chosen:
            written = chosen[0].file.text[slice(*chosen[0].span)]
            words = [kinds[word].split() for word in re.findall(r"\w+", written) if word in kinds]
            named = {kind for kinds_of_one in words for kind in kinds_of_one}
            if not named:
                return unknown("the kind of pause is not one of the library's own", "s")
            if "jitter" not in named:
                law.pop("jitter_seconds", None)
                law.pop("jitter_ratio", None)
            law["law"] = "exponential" if "exponential" in named else "fixed"
            if named == {"jitter"}:
                return schedules.of_law(law, known(0, "s"), None, None)
        return schedules.of_law(law, part("base"), part("cap"), part("multiplier", ""))


def _ended_by(ended: Quantity, phases: list[stall.Phase], scope: str) -> list[stall.Phase]:
    """The phases of a call that the server ends by its own limit: after that the client waits for one silent read at most."""
    own = stall.Phase("server", ended)
    if scope == "block":
        return [*phases, own]
    rows = any(phase.symbol == SYMBOLS["rows_timeout"] for phase in phases)
    return [own if rows and phase.symbol == SYMBOLS["read_timeout"] else phase for phase in phases]
