"""Which system an operation talks to, where the library alone does not say: SQL drivers, HTTP interfaces of stores."""

from __future__ import annotations

import re
from functools import cached_property

from rda_nb.service import terms
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.foreign import ASKED_BY_SQL
from rda_nb.service.settings import Settings
from rda_nb.service.values import Values
from rda_nb.service.words import Named

# A database in the process, on a file of its own: there is no peer that could leave a call without an answer.
_EMBEDDED = "embedded"
# What a handle of the same database is taken by.
_WITHIN = ("sql.begin", "sql.prepare", "sql.acquire")
# Driver names as given to an open call, and import paths of drivers.
_DRIVERS = Named("drivers")
_IMPORTS = Named("driver_imports")
_HTTP_PORT = re.compile(r"^https?://[^/]*(?::8123\b|:8443\b.*[?&]query=|clickhouse)")


class Systems:
    """The system of each operation; memoised."""

    def __init__(self, calls: Calls, values: Values, settings: Settings) -> None:
        self.calls = calls
        self.values = values
        self.settings = settings
        self._found: dict[int, str] = {}

    def of(self, operation: Operation) -> str:
        """The system, or '' for what stays in the process."""
        if operation.role.endswith("_async"):
            return terms.role(operation.role).system
        if not operation.blocking or operation.role.startswith(("sleep", "group.", "lock.", "retry.")):
            return ""
        if operation.role == "http.request":
            return self._over_http(operation)
        if operation.role == ASKED_BY_SQL:
            return self.dialect or operation.system
        if not operation.role.startswith("sql."):
            return operation.system
        if operation.system not in ("", "other"):
            return operation.system
        found = self._found.get(id(operation))
        if found is None:
            found = self._driver(operation) or self.dialect or "other"
            found = self._found[id(operation)] = "" if found == _EMBEDDED else found
        return found

    def _over_http(self, operation: Operation) -> str:
        """ClickHouse behind its HTTP interface: by the type that calls, a header of its own, or its port in the address."""
        found = self._found.get(id(operation))
        if found is None:
            function = operation.function
            found = "http"
            if function is not None:
                root = function.root
                row = root.row
                body = operation.file.text[row.start : operation.file.rows.blocks[row.block].end]
                owner = root.owner_type.rpartition(".")[2].lower()
                if "clickhouse" in owner or "X-ClickHouse-" in body or self._addressed(operation):
                    found = "clickhouse"
            self._found[id(operation)] = found
        return found

    def _addressed(self, operation: Operation) -> bool:
        """True when an argument is an address with a port that ClickHouse serves HTTP on and a query in it."""
        for argument in self.calls.arguments(operation):
            if argument.kind in ("text", "binary", "name", "select", "call"):
                text = self.values.text_of(argument, operation.file, operation.block) or ""
                if _HTTP_PORT.search(text):
                    return True
        return False

    def _driver(self, operation: Operation) -> str:
        node = self.calls.conventions.expression(operation.callee, operation.row.start)
        if node.kind != "select" or not node.parts:
            return ""
        base = node.parts[0]
        found: set[str] = set()
        for creation in self.settings.creations(operation.file, (base.start, base.end), operation.block):
            made = creation.operation
            if made is None:
                continue
            found |= self._named_drivers(made)
            found |= _of_import(made.package)
            if made.role in _WITHIN and made is not operation:
                found.add(self.of(made) or _EMBEDDED)
        served = found - {_EMBEDDED}
        return min(served or found, default="")

    def _named_drivers(self, opening: Operation) -> set[str]:
        """The systems of the drivers whose names are written where a handle is opened."""
        names = (
            (self.values.text_of(argument, opening.file, opening.block) or "").lower()
            for argument in self.calls.arguments(opening)[:2]
        )
        return {system for name in names for system, known in _DRIVERS.words.items() if _is_driver(name, system, known)}

    def opens_embedded(self, opening: Operation) -> bool:
        """True for a call that opens a database in the process."""
        return self._named_drivers(opening) == {_EMBEDDED}

    @cached_property
    def dialect(self) -> str:
        """The one SQL store of the target by its imported drivers; '' when there is none or there are several."""
        imported = {
            (system, row.alias == "_")
            for file in self.calls.names.program.files
            if file.role == "product"
            for row in file.rows.imports
            for system in _of_import(row.path)
        }
        found = {system for system, _ in imported}
        # Where the one driver that is imported is embedded, or is a client of its own that registers no driver by being
        # imported, another may come with a module that opens the database.
        others = self._required() if found == {_EMBEDDED} or imported == {("clickhouse", False)} else set()
        found = others or found
        return found.pop() if len(found) == 1 else ""

    def _required(self) -> set[str]:
        """The served stores whose drivers the target's modules require, imported here or not."""
        name = self.calls.conventions.MODULE_FILE
        files = (file for file in self.calls.target.files if file.path.rpartition("/")[2] == name)
        texts = [file.text() for file in files if file.role not in ("vendored", "test", "example")]
        return {system for text in texts for system in _of_import(text)} - {_EMBEDDED}

    @cached_property
    def used(self) -> dict[str, list[Operation]]:
        """System -> operations of product code that talk to it."""
        found: dict[str, list[Operation]] = {}
        for operation in self.calls.operations:
            if operation.file.role == "product" and (system := self.of(operation)):
                found.setdefault(system, []).append(operation)
        return found


def _of_import(text: str) -> set[str]:
    """The systems of the drivers whose import paths stand in a text."""
    return {system for system, parts in _IMPORTS.words.items() if any(part in text for part in parts)}


def _is_driver(name: str, system: str, known: tuple[str, ...]) -> bool:
    return name.startswith(known) if system == _EMBEDDED else name in known
