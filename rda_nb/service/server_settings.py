"""ClickHouse server settings that the service sends or a file of the target sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.core import Evidence, Quantity, known, unknown
from rda_nb.service.clickhouse_knowledge import read
from rda_nb.service.program import Function
from rda_nb.service.statements import Sql

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_CODE = frozenset({"go", "python", "typescript", "javascript", "java"})
_CONFIGURED = _CODE | {"yaml", "json", "toml", "env", "xml", "properties"}


@dataclass(frozen=True, eq=False, slots=True)
class ServerSetting:
    """A server setting that the service sends or a file of the target sets, where it stands.

    `written` is its value as the source has it: only a literal there proves that the value is always the same.
    `statement` is set for one in the SETTINGS of a statement, which holds for that statement alone.
    """

    name: str
    value: Quantity
    evidence: Evidence
    function: Function | None
    written: str = ""
    statement: Sql | None = None

    def always(self, number: float) -> bool:
        """True when the value is written as this number."""
        return self.value.known and self.value.number == number and self.written.strip("\"'`") == f"{number:g}"


class ServerSettings:
    """All of them for one service, those in the text of `statements` among them."""

    def __init__(self, service: Service, statements: Sequence[Sql]) -> None:
        self.service = service
        self.statements = statements

    @cached_property
    def all(self) -> tuple[ServerSetting, ...]:
        """Every server setting of interest that code or a configuration file of the target gives a value."""
        found = {
            (s.name, s.evidence.path, s.evidence.line): s for s in (*self._literals(), *self._sent(), *self._files())
        }
        return tuple(sorted(found.values(), key=lambda s: (s.evidence.path, s.evidence.line, s.name)))

    def named(self, name: str) -> list[ServerSetting]:
        """The places that set one server setting."""
        return [setting for setting in self.all if setting.name == name]

    def sent_with(self, function: Function | None, name: str) -> ServerSetting | None:
        """A setting that a function itself sends."""
        if function is None:
            return None
        return next((s for s in self.named(name) if s.function is not None and s.function.root is function.root), None)

    def _literals(self) -> Iterator[ServerSetting]:
        names, service = read("settings.yaml")["settings"], self.service
        for file in service.program.files:
            if file.role != "product" or not any("clickhouse" in row.path.lower() for row in file.rows.imports):
                continue
            for entry in file.rows.entries:
                key = file.text[slice(*entry.key)].strip("\"'`")
                named = file.text[slice(*entry.value)].strip("\"'`")
                given = entry
                if named in names and key in ("Key", "Name"):  # a setting as a pair: {Key: "async_insert", Value: "1"}
                    pair = [e for e in file.entries_of[entry.literal] if file.text[slice(*e.key)] == "Value"]
                    key, given = (named, pair[0]) if pair else ("", entry)
                if key in names:
                    value = service.values.quantity(service.values.of_span(file, given.value, given.block), "")
                    written = file.slice(given.value)
                    function = service.program.enclosing(file, entry.block)
                    value = _number(written.strip("\"'`")) if written[:1] in "\"'`" else value
                    yield ServerSetting(key, value, service.cite_at(file, entry.start), function, written)
        for operation in service.operations("clickhouse.setting"):
            name = service.text(service.argument(operation, operation.entry.message), operation)
            node = service.argument(operation, operation.entry.count)
            if name in names and node is not None:
                value = service.quantity(node, operation, "")
                written = service.source(node, operation.file)
                yield ServerSetting(str(name), value, service.cite(operation), operation.function, written)

    def _sent(self) -> Iterator[ServerSetting]:
        names = read("settings.yaml")["settings"]
        for one in self.statements:
            for name, text in one.statement.settings.items():
                if name in names:
                    function = one.users[0] if one.users else one.function
                    place = one.place(self.service.target, "settings")
                    yield ServerSetting(name, _number(text), place, function, text, one)

    def _files(self) -> Iterator[ServerSetting]:
        """Settings in connection strings and in configuration files (users.xml, .env, YAML)."""
        names = "|".join(sorted(read("settings.yaml")["settings"], key=len, reverse=True))
        string = re.compile(rf"[?&]({names})=(\d+)")
        written = re.compile(rf"(?<![\w?&])({names})\"?\s*(?:>|[:=])\s*[\"']?(\d+)")
        either = re.compile(f"{string.pattern}|{written.pattern}")
        for source in self.service.target.files:
            if source.role in ("test", "generated", "docs", "example", "vendored") or source.kind not in _CONFIGURED:
                continue
            text = source.text()
            if "async_insert" not in text and "max_execution_time" not in text:
                continue
            pattern = string if source.kind in _CODE else either
            for match in pattern.finditer(text):
                name, value = [part for part in match.groups() if part][:2]
                if name == "max_execution_time" and source.kind != "xml" and text[match.start()] not in "?&":
                    continue  # a word that other systems use as well
                line = text.count("\n", 0, match.start()) + 1
                yield ServerSetting(name, _number(value), self.service.target.cite(source.path, line), None, value)


def _number(text: str) -> Quantity:
    try:
        return known(float(text), "")
    except ValueError:
        return unknown(f"set to `{text}`", "")
