"""What libraries do by themselves: the defaults that hold for the version that the target pins."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cached_property

from rda_nb.service.calls import Calls
from rda_nb.service.packages import BudgetEntry, Package

_NUMBERS = re.compile(r"\d+")
_TIMEOUTS = frozenset({"call_timeout", "attempt_timeout", "read_timeout", "server_query_timeout"})
AGREED = "none of its drivers has one by default"
_SEVERAL = "that of the driver, which is one of several"


class Defaults:
    """The defaults of the libraries of one program."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.libraries = calls.names.libraries

    def of(self, package: Package, client: str, held: Collection[str] | None = None) -> dict[str, BudgetEntry]:
        """By meaning: of several rows of one meaning the first that the pinned version has reached, else the first.

        `held` are the meanings that are set on the client, None where it is not seen being made.
        """
        pinned = self._pinned(package.path)
        found: dict[str, BudgetEntry] = {}
        known_of = [entry for entry in package.budget if entry.holds_for(client, held)]
        for entry in sorted(known_of, key=lambda entry: not entry.of):
            chosen = found.get(entry.means)
            if chosen is None or (
                bool(chosen.of) == bool(entry.of)
                and pinned
                and not _reached(chosen.since, pinned)
                and _reached(entry.since, pinned)
            ):
                found[entry.means] = entry
        below = self.libraries.package(package.through) if package.through else None
        return self.of(below, client, held) | found if below is not None else found

    def assumed(self, package: Package, client: str, held: Collection[str] | None = None) -> str:
        """The release whose defaults are taken where the target pins none and another release has others; '' for any other."""
        if self._pinned(package.path):
            return ""
        rows: dict[tuple[str, bool], list[BudgetEntry]] = {}
        for entry in package.budget:
            if entry.holds_for(client, held):
                rows.setdefault((entry.means, bool(entry.of)), []).append(entry)
        told = [of[0].since for of in rows.values() if len({str(entry.default) for entry in of}) > 1]
        return max(told, key=version, default="")

    def behind(self, paths: Iterable[str], client: str) -> dict[str, BudgetEntry]:
        """Those of the driver that a client is built from; where it is one of several, none of them is known.

        `paths` are the packages that made what the client is built from.
        """
        built = self._drivers(paths)
        drivers = built or self._imported_drivers
        if built or (len(drivers) == 1 and len(self._stores) == 1):
            return self.of(drivers[0], client)
        entries = [entry for driver in drivers for entry in driver.budget if entry.means == "read_timeout"]
        if entries and self._none_sets_one(drivers):
            # One row suffices: what bounds a call is the same whichever of them it goes through.
            note = f"{AGREED}: {' and '.join(sorted(driver.path for driver in drivers))}"
            return {"read_timeout": replace(entries[0], default="none", scope="attempt", note=note)}
        # Nor is known then whether that default bounds a block or an attempt: nothing is told of the call's end.
        return {entry.means: replace(entry, default=_SEVERAL, scope="attempt") for entry in entries}

    def _none_sets_one(self, drivers: list[Package]) -> bool:
        """True when no driver has a timeout of its own for a call, and no text of product code gives it one."""
        for driver in drivers:
            own = {entry.means: entry.default for entry in driver.budget if entry.means in _TIMEOUTS}
            if not own or set(own.values()) != {"none"}:
                return False
        keys = {key for driver in drivers for key, entry in driver.settings.items() if entry.means in _TIMEOUTS}
        written = [key.removeprefix("dsn:") + "=" for key in keys if key.startswith("dsn:")]
        fields = {key.rpartition(".")[2] for key in keys if not key.startswith("dsn:")}
        paths = {driver.path for driver in drivers}
        for file in self.calls.names.program.files:
            if file.role == "product":
                near = fields if paths & {row.path for row in file.rows.imports} else ()
                if any(word in file.text for word in (*written, *near)):
                    return False
        return True

    @cached_property
    def _imported(self) -> dict[str, bool]:
        """The import paths of product code, in order; True for one that is imported for what it registers."""
        found: dict[str, bool] = {}
        for file in self.calls.names.program.files:
            for row in file.rows.imports if file.role == "product" else ():
                found[row.path] = found.get(row.path, False) or row.alias == "_"
        return found

    @cached_property
    def _imported_drivers(self) -> list[Package]:
        return self._drivers(self._imported)

    @cached_property
    def _stores(self) -> set[str]:
        """The systems of the SQL libraries that product code imports.

        A driver that nobody imports for what it registers may be a client of its own: then a module that the target
        requires may bring the driver behind SQL, and count those too.
        """
        native = not any(self._imported.get(driver.path, True) for driver in self._imported_drivers)
        paths = (*self._imported, *(self._versions if native else ()))
        packages = [package for path in paths if (package := self.libraries.package(path))]
        handles = [one for one in packages if one.driver or any(e.role.startswith("sql.") for e in one.calls.values())]
        return {one.system for one in handles} - {"", "other"}

    def _drivers(self, paths: Iterable[str]) -> list[Package]:
        """The drivers at these paths; one that a mapper hands on under a name of its own is the same driver."""
        found = [package for path in paths if (package := self.libraries.package(path)) and package.driver]
        return list(
            {(one.system, repr(one.budget)) if one.budget else one.path: one for one in reversed(found)}.values()
        )[::-1]

    @cached_property
    def _versions(self) -> dict[str, str]:
        """Module -> the version that the target pins."""
        conventions = self.calls.conventions
        files = [file for file in self.calls.target.files if file.path.rpartition("/")[2] == conventions.MODULE_FILE]
        return {
            module: version for file in files for module, version in conventions.module_versions(file.text()).items()
        }

    def _pinned(self, package: str) -> str:
        """The version of the module that a package belongs to, '' when the target pins none."""
        path = package
        while path:
            if path in self._versions:
                return self._versions[path]
            path = path.rpartition("/")[0]
        return ""


def _reached(since: str, pinned: str) -> bool:
    """True when a pinned version is at least the one that a default holds since."""
    return version(pinned) >= version(since)


def version(text: str) -> tuple[int, ...]:
    """The numbers of a version in their order; a library without tags has the time of its commit behind three noughts."""
    numbers = tuple(int(part) for part in _NUMBERS.findall(text))
    return numbers[:3] if any(numbers[:3]) else numbers[:4]
