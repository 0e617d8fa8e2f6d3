"""What bounds a client by itself: timeouts, attempts and backoff, from its settings or its library's defaults."""

from __future__ import annotations

import re
from dataclasses import replace

from rda_nb.capacity import stall
from rda_nb.capacity.amplification import attempts_from_retries
from rda_nb.capacity.backoff import Backoff
from rda_nb.core import Origin, Quantity, State, absent, known, unknown
from rda_nb.service import schedules, terms
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.connecting import SYMBOLS, Connecting
from rda_nb.service.creations import Creation
from rda_nb.service.defaults import AGREED, Defaults
from rda_nb.service.foreign import FOREIGN
from rda_nb.service.packages import BudgetEntry
from rda_nb.service.settings import Setting, Settings

_PARTS = ("acquire_timeout", "connect_timeout", "tls_timeout", "write_timeout", "read_timeout", "header_timeout")
_TIMEOUTS = frozenset({"call_timeout", "attempt_timeout", "server_query_timeout", *_PARTS})
# What a library's default may follow: limits of their own name that bound some of its calls.
_FOLLOWED = frozenset(
    {"attempt_timeout", "delivery_timeout", "poll_wait", "metadata_timeout", "heartbeat_interval", *_PARTS}
)
# Calls on a connection, and the setting of the connection that bounds them.
_DEADLINED = {"websocket.read": "read_timeout", "websocket.write": "write_timeout"}
# What an interceptor is made by that tries the calls of a client again.
INTERCEPTS = "retry.interceptor"
_FOLLOWS = re.compile(r"(\w+)(?: (\+|\*) (\d+(?:\.\d+)?))?\Z")


class Limits(Connecting):
    """The limits of any client of one program."""

    def __init__(self, calls: Calls, settings: Settings) -> None:
        self.calls = calls
        self.names = calls.names
        self.settings = settings
        self.defaults = Defaults(calls)
        self._settings: dict[int, dict[str, list[Setting]]] = {}
        self._shared: dict[tuple[tuple[str, int, int], ...], list[Setting]] = {}

    def creations(self, operation: Operation) -> tuple[Creation, ...]:
        """Where the client that makes this call was created; () when that cannot be followed."""
        return self.settings.client_of(operation)

    def client_settings(self, operation: Operation) -> dict[str, list[Setting]]:
        """Settings of the client and of this call's own arguments, by meaning; asked for once, then remembered."""
        found = self._settings.get(id(operation))
        if found is None:
            found = self._settings[id(operation)] = self._client_settings(operation)
        return found

    def _client_settings(self, operation: Operation) -> dict[str, list[Setting]]:
        found: dict[str, list[Setting]] = {}
        if operation.role.startswith(FOREIGN):
            return found  # what is set on the way to a client that nothing is known of may not hold for its calls
        row = operation.row
        own = Creation(operation.file, row.callee_end, row.end, operation.block, "")
        given = [one for one in self.settings.given(operation) if row.callee_end <= one.span[0] < row.end]
        made = self.creations(operation) or self._passed(operation)
        for setting in (*given, *self._carried(made, operation, own)):
            # The policy of a retry library is a layer of its own, not a limit of a client that was made in a retry.
            if self._of_retries(setting.package) and operation.role != "retry.run":
                continue
            # Nor is that of an interceptor, but for what it gives each attempt, or for an option of this call alone.
            inside = setting.file is own.file and own.start <= setting.start < own.end
            if operation.role == "grpc.call" and setting.means != "attempt_timeout" and not inside:
                if self.intercepts(setting.package):
                    continue
            if not setting.entry.holds_for(operation.client):
                continue
            # What a mail client's connection was dialled with says nothing of what is sent on it.
            if operation.role == "email.send" and setting.package != operation.package and self._dials(setting.package):
                continue
            # What a statement is given may hold a client of another protocol, and so may what else implements a client's
            # interface; no handle of SQL and no stub works through one.
            if operation.role.startswith(("sql.", "grpc.")) and self._speaks_http(setting.package):
                continue
            found.setdefault(setting.means, []).append(setting)
        self._left_out(operation, made, found)
        if operation.role == "email.send" and (given := self._on_its_connection(operation)):
            found.setdefault("call_timeout", given)
        return self._deadlined(operation, found) if operation.role in _DEADLINED else found

    def _left_out(self, operation: Operation, made: tuple[Creation, ...], found: dict[str, list[Setting]]) -> None:
        """Where one of several clients that may make the call leaves a setting out, its library's default counts too."""
        own = [one for one in made if one.operation is not None and one.operation.package == operation.package]
        if len(own) < 2 or not found:
            return
        set_by = [{setting.means for setting in self.settings.of((one,))} for one in own]
        entries = self.entries(operation)
        for means, given in found.items():
            entry = entries.get(means)
            if entry is None or not isinstance(entry.default, int | float) or all(means in one for one in set_by):
                continue
            origin = Origin("library_default", f"{entry.default:g}", None, f"{entry.source} ({entry.since})")
            given.append(replace(given[0], written=known(float(entry.default), given[0].unit, origin)))

    def _of_a_payload(self, setting: Setting, operation: Operation, own: Creation) -> bool:
        """True for a setting of the transport that fetched what a method of another client is handed.

        The method works through its own client, unless the call itself writes the setting down.
        """
        if "." not in operation.client or self._speaks_http(operation.package):
            return False
        inside = setting.file is own.file and own.start <= setting.start < own.end
        return not inside and (self._speaks_http(setting.package) or self._dials(setting.package))

    def _deadlined(self, operation: Operation, found: dict[str, list[Setting]]) -> dict[str, list[Setting]]:
        """A connection is told its deadlines where it is made or kept, seldom where it is used; each holds one way only."""
        means = _DEADLINED[operation.role]
        own = [one for one in self.settings.meaning(means) if one.package == operation.package]
        kept = {name: given for name, given in found.items() if name not in _DEADLINED.values()}
        packages = self.names.program.package_of
        near = [one for one in own if packages.get(one.file.path) == packages.get(operation.path)]
        open_end = "" if near else "it is set on connections of another package alone"
        if any(self.settings.quantity(one).state is State.ABSENT for one in own):
            open_end = "it is taken away again where a connection is not waited for"
        if open_end:
            own = [replace(one, written=unknown(open_end, one.unit)) for one in near or own]
        return {**kept, means: near if near and not open_end else own} if own else kept

    def _on_its_connection(self, operation: Operation) -> list[Setting]:
        """The deadlines that the package around a call sets on connections: a client is made of one, and never told."""
        packages = self.names.program.package_of
        set_on = self.settings.meaning("connection_deadline")
        return [one for one in set_on if packages.get(one.file.path) == packages.get(operation.path)]

    def _renewed(self, settings: list[Setting]) -> bool:
        """True when a deadline is set anew in what a connection calls for each ping or pong of its peer."""
        return any(
            one.file is operation.file and operation.row.start <= one.start < operation.row.end
            for operation in self.calls.role("websocket.control")
            for one in settings
        )

    def _carried(self, made: tuple[Creation, ...], operation: Operation, own: Creation) -> list[Setting]:
        """The settings of a client and those within a call; many calls share one client."""
        key = tuple((one.file.path, one.start, one.end) for one in made)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = self.settings.of(made)
        within = [one for one in self.settings.of((own,)) if not self._of_a_payload(one, operation, own)]
        found = {id(setting): setting for setting in (*shared, *within)}
        return sorted(found.values(), key=lambda setting: (setting.file.path, setting.start))

    def _passed(self, operation: Operation) -> tuple[Creation, ...]:
        """What a function of a library is given of its own library's types: `drain.RunNodeDrain(helper, name)`.

        A dial may be given the dialer of another library: `tls.DialWithDialer(dialer, ...)`.
        """
        if "." in operation.client:
            return ()
        return tuple(
            made
            for node in self.calls.arguments(operation)
            if node.kind in ("name", "select")
            for made in self.settings.creations(operation.file, (node.start, node.end), operation.block)
            if made.type.lstrip("*").rpartition(".")[0] == operation.package or operation.role == "network.dial"
        )

    def _speaks_http(self, path: str) -> bool:
        package = self.names.libraries.package(path)
        return package is not None and package.system == "http"

    def _dials(self, path: str) -> bool:
        package = self.names.libraries.package(path)
        return package is not None and any(entry.role == "network.dial" for entry in package.calls.values())

    def intercepts(self, path: str) -> bool:
        """True for a package that makes interceptors which try a client's calls again."""
        package = self.names.libraries.package(path)
        return package is not None and any(entry.role == INTERCEPTS for entry in package.calls.values())

    def _of_retries(self, path: str) -> bool:
        package = self.names.libraries.package(path)
        return package is not None and any(entry.role == "retry.run" for entry in package.calls.values())

    def entries(self, operation: Operation) -> dict[str, BudgetEntry]:
        """The library's defaults by meaning; those of the driver behind it where the library has an interface alone."""
        package = self.names.libraries.package(operation.package)
        found = self.defaults.of(package, operation.client) if package else {}
        # What migrates a store opens it by a driver of its own.
        handle = operation.role.startswith("sql.") and operation.role != "sql.migrate"
        if package is not None and handle and package.system in ("", "other"):
            built = self.settings.built_from(self.creations(operation))
            paths = dict.fromkeys(made.operation.package for made in built if made.operation is not None)
            return self.defaults.behind(paths, operation.client) | found | self._opened(built)
        return found

    def _opened(self, built: tuple[Creation, ...]) -> dict[str, BudgetEntry]:
        """What a driver that opens the handle itself gives it, which the library in front would not."""
        found: dict[str, BudgetEntry] = {}
        for made in built:
            package = self.names.libraries.package(made.operation.package) if made.operation is not None else None
            if package is not None and package.driver and made.operation is not None:
                own = self.defaults.of(package, made.operation.client)
                found |= {means: entry for means, entry in own.items() if entry.of}
        return found

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
            if scope == "block" and "server_query_timeout" in settings:
                ended, by = self.limit("server_query_timeout", settings, entries)
                if ended.state in (State.KNOWN, State.RANGE):
                    # The server stops sending by its own limit; after that the client waits for one silent block at most.
                    notes.append("the server ends it by its own limit; a silent server, by the read timeout")
                    return ended, by, "attempt", [*phases, stall.Phase("server", ended)], notes
                if ended.state is not State.ABSENT:
                    return ended, by, "call", [], notes
            if scope == "block":
                notes.append("the read timeout bounds one block, not the call")
            if self._renewed(settings.get("read_timeout", [])):
                notes.append("of silence: a ping or pong of the peer renews it")
            return quantity, source, scope or "attempt", phases, notes
        if not entries.keys() & _TIMEOUTS and not settings.keys() & _TIMEOUTS:
            return unknown("the timeouts of this library are not in the knowledge"), "none", "call", [], notes
        read = entries.get("read_timeout")
        if read is not None and read.note.startswith(AGREED):
            notes.append(read.note)
        return absent("no timeout bounds an attempt"), "none", "", phases, notes

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
