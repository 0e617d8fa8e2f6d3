"""What holds for an operation: the settings of the client that makes it and of the call, and its library's defaults."""

from __future__ import annotations

from dataclasses import replace

from rda_nb.core import Origin, State, known, unknown
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.creations import Creation
from rda_nb.service.defaults import Defaults
from rda_nb.service.foreign import FOREIGN
from rda_nb.service.packages import BudgetEntry, Package
from rda_nb.service.setting import Setting
from rda_nb.service.settings import Settings

# Calls on a connection, and the setting of the connection that bounds them.
_DEADLINED = {"websocket.read": "read_timeout", "websocket.write": "write_timeout"}
# What an interceptor is made by that tries the calls of a client again.
INTERCEPTS = "retry.interceptor"


class ClientSettings:
    """Gathers what holds for the operations of one program, and leaves out what was set for another client."""

    def __init__(self, calls: Calls, settings: Settings) -> None:
        self.calls = calls
        self.names = calls.names
        self.settings = settings
        self.defaults = Defaults(calls)
        self._settings: dict[int, dict[str, list[Setting]]] = {}
        self._shared: dict[tuple[tuple[str, int, int], ...], list[Setting]] = {}

    def of(self, operation: Operation) -> dict[str, list[Setting]]:
        """Settings of the client and of this call's own arguments, by meaning; asked for once, then remembered."""
        found = self._settings.get(id(operation))
        if found is None:
            found = self._settings[id(operation)] = self._found(operation)
        return found

    def _found(self, operation: Operation) -> dict[str, list[Setting]]:
        found: dict[str, list[Setting]] = {}
        if operation.role.startswith(FOREIGN):
            return found  # what is set on the way to a client that nothing is known of may not hold for its calls
        row = operation.row
        own = Creation(operation.file, row.callee_end, row.end, operation.block, "")
        given = [one for one in self.settings.given(operation) if row.callee_end <= one.span[0] < row.end]
        made = self.settings.client_of(operation) or self._passed(operation)
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
        found = self.defaults.of(package, operation.client, self._held(package, operation)) if package else {}
        # What migrates a store opens it by a driver of its own.
        handle = operation.role.startswith("sql.") and operation.role != "sql.migrate"
        if package is not None and handle and package.system in ("", "other"):
            built = self.settings.built_from(self.settings.client_of(operation))
            paths = dict.fromkeys(made.operation.package for made in built if made.operation is not None)
            return self.defaults.behind(paths, operation.client) | found | self._opened(built)
        return found

    def assumed(self, operation: Operation) -> list[str]:
        """What is to be said of a number where the target does not say which release of the library it uses."""
        package = self.names.libraries.package(operation.package)
        release = self.defaults.assumed(package, operation.client, self._held(package, operation)) if package else ""
        return [f"by the defaults of {release}: the target pins no release"] if release else []

    def _held(self, package: Package, operation: Operation) -> set[str] | None:
        """What is set on the client of a call, where a default of its library depends on that; None where nothing is seen."""
        made = self.settings.client_of(operation) if any(entry.unless for entry in package.budget) else ()
        return {setting.means for setting in self.settings.of(made)} if made else None

    def _opened(self, built: tuple[Creation, ...]) -> dict[str, BudgetEntry]:
        """What a driver that opens the handle itself gives it, which the library in front would not."""
        found: dict[str, BudgetEntry] = {}
        for made in built:
            package = self.names.libraries.package(made.operation.package) if made.operation is not None else None
            if package is not None and package.driver and made.operation is not None:
                own = self.defaults.of(package, made.operation.client)
                found |= {means: entry for means, entry in own.items() if entry.of}
        return found
