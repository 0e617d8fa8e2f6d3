"""What the service does with ClickHouse: its statements by path, its tables with retention, settings that it sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from rda_nb.core import Evidence, Quantity, known, unknown
from rda_nb.facts.sql import Table
from rda_nb.service.calls import Operation
from rda_nb.service.program import Function
from rda_nb.service.statements import Sql

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

_ROOT = resources.files("rda_nb") / "knowledge" / "clickhouse"
_INTERVAL = re.compile(
    r"INTERVAL\s+'?(\d+)\s*'?\s*(SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)S?|"
    r"toInterval(Second|Minute|Hour|Day|Week|Month|Quarter|Year)\(\s*(\d+)\s*\)",
    re.I,
)
_A_YEAR = {
    "second": 31_557_600,
    "minute": 525_960,
    "hour": 8_766,
    "day": 365.25,
    "week": 52.18,
    "month": 12,
    "quarter": 4,
    "year": 1,
}
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?!\w*\s*\()")
_TIME_TYPE = re.compile(r"(?:Nullable\(|LowCardinality\()*(?:DateTime|Date)", re.I)


class Advice(NamedTuple):
    """A number of the knowledge files with its source."""

    value: float
    unit: str
    text: str
    since: str
    source: str


@cache
def advice(name: str) -> Advice:
    """One number that judgements rest on, from knowledge/clickhouse/advice.yaml."""
    row = _load("advice.yaml")["advice"][name]
    return Advice(float(row["value"]), row["unit"], row["text"], str(row["since"]), row["source"])


@cache
def _load(name: str) -> Any:
    return yaml.load((_ROOT / name).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


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


class KeyFilter(NamedTuple):
    """How a query filters by its table's sorting key: the leading columns it names; `whole` when it names all."""

    table: Table
    used: tuple[str, ...]
    whole: bool


class ClickHouse:
    """ClickHouse as one service uses it."""

    def __init__(self, service: Service) -> None:
        self.service = service

    @cached_property
    def statements(self) -> tuple[Sql, ...]:
        """The statements of product code and migrations that go to ClickHouse."""
        return tuple(
            one
            for one in self.service.statements
            if one.clickhouse and one.role == "product" and not one.statement.reason.startswith("text of")
        )

    def of_kind(self, *kinds: str) -> list[Sql]:
        """Statements by kind."""
        return [one for one in self.statements if one.statement.kind in kinds]

    # Paths

    def functions(self, one: Sql) -> tuple[Function, ...]:
        """The functions that use a statement: those that name it, else the one it stands in."""
        return one.users or ((one.function,) if one.function is not None else ())

    def flows(self, one: Sql) -> list[Flow]:
        """The per-request and per-message flows that reach a statement."""
        found = {id(flow): flow for function in self.functions(one) for flow in self.service.hot_flows(function)}
        return list(found.values())

    def hot(self, one: Sql) -> bool | None:
        """True on a per-request or per-message path, False when reached otherwise, None when by nothing known."""
        if self.flows(one):
            return True
        functions = self.functions(one)
        if not functions or one.migration:
            return False if one.migration else None
        reached = any(self.service.graph.into.get(function.root.key) for function in functions)
        return False if reached else None

    def path(self, one: Sql) -> str:
        """Where a statement runs, for the reader: the flows that reach it, or that none does."""
        flows = sorted({flow.entrypoint.title for flow in self.flows(one)})
        if flows:
            return "on " + ", ".join(flows[:2]) + (f" and {len(flows) - 2} more" if len(flows) > 2 else "")
        return "off every path per request or message that was found"

    def symbol(self, one: Sql) -> str:
        """The enclosing function, or the file of a statement outside one."""
        functions = self.functions(one)
        return functions[0].label if functions else one.path

    # Tables

    @cached_property
    def tables(self) -> tuple[tuple[Table, Sql], ...]:
        """Every table of the schema that stores rows in a MergeTree engine, with the statement that creates it."""
        found = []
        for table in self.service.schema.tables.values():
            origin = table.cited["create"].origin
            if "MergeTree" in table.engine and isinstance(origin, Sql):
                found.append((table, origin))
        return tuple(sorted(found, key=lambda pair: (pair[1].path, pair[1].at, pair[0].name)))

    @staticmethod
    def reference(origin: Sql) -> bool:
        """True for a table of a script, tool or example: it shows a shape, the tables in use are made elsewhere."""
        return origin.role != "product" or (origin.file is None and not origin.migration)

    def cite(self, table: Table, clause: str) -> Evidence:
        """The line that gave a table's clause its present form; that of CREATE where the clause is missing."""
        cited = table.cited.get(clause) or table.cited["create"]
        origin = cited.origin
        assert isinstance(origin, Sql)
        if clause not in table.cited:
            return self.service.target.cite(origin.path, origin.at)
        return self.service.target.cite(origin.path, origin.line + cited.line_offset)

    def table(self, one: Sql) -> Table | None:
        """The stored table that a statement reads first or writes; None when it is not in the target."""
        name = one.statement.target or (one.statement.tables[0] if one.statement.tables else "")
        return self.service.schema.storage(name) if name and not name.startswith("system.") else None

    def retention(self, table: Table) -> float | None:
        """Years that rows live by the table's TTL; None without one or when it is not a constant."""
        spans = []
        for match in _INTERVAL.finditer(table.ttl):
            count, unit = (match[1], match[2]) if match[1] else (match[4], match[3])
            spans.append(int(count) / _A_YEAR[unit.lower()])
        return max(spans, default=None)

    def time_columns(self, table: Table) -> tuple[str, ...]:
        """The columns of a table that hold a time or date."""
        return tuple(column.name for column in table.columns if _TIME_TYPE.match(column.type))

    def key(self, table: Table) -> tuple[str, ...]:
        """The columns of the sorting key, without functions around them."""
        found: list[str] = []
        for part in table.order_key:
            found += [name for name in identifiers(part) if name not in found]
        return tuple(found)

    def key_filter(self, one: Sql) -> KeyFilter | None:
        """How a query filters by the sorting key of the table it reads; None when the table is not in the target."""
        table = self.table(one)
        if table is None or not table.order_key:
            return None
        asked = {name.rpartition(".")[2] for name in one.statement.where_columns}
        used = []
        for name in self.key(table):
            if name not in asked:
                break
            used.append(name)
        return KeyFilter(table, tuple(used), len(used) == len(self.key(table)))

    @cached_property
    def readers(self) -> dict[str, list[Sql]]:
        """Stored table name -> the queries of the service that read it first."""
        found: dict[str, list[Sql]] = {}
        for one in self.of_kind("select"):
            table = self.table(one)
            if table is not None and not one.migration:
                found.setdefault(table.name, []).append(one)
        return found

    # Settings

    @cached_property
    def settings(self) -> tuple[ServerSetting, ...]:
        """Every server setting of interest that code or a configuration file of the target gives a value."""
        found = {
            (s.name, s.evidence.path, s.evidence.line): s for s in (*self._literals(), *self._sent(), *self._files())
        }
        return tuple(sorted(found.values(), key=lambda s: (s.evidence.path, s.evidence.line, s.name)))

    def setting(self, name: str) -> list[ServerSetting]:
        """The places that set one server setting."""
        return [setting for setting in self.settings if setting.name == name]

    def sent_with(self, function: Function | None, name: str) -> ServerSetting | None:
        """A setting that a function itself sends."""
        if function is None:
            return None
        return next(
            (s for s in self.setting(name) if s.function is not None and s.function.root is function.root), None
        )

    def _literals(self) -> Iterator[ServerSetting]:
        names, service = _load("settings.yaml")["settings"], self.service
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
        names = _load("settings.yaml")["settings"]
        for one in self.statements:
            for name, text in one.statement.settings.items():
                if name in names:
                    function = (self.functions(one) or (None,))[0]
                    place = one.place(self.service.target, "settings")
                    yield ServerSetting(name, _number(text), place, function, text, one)

    def _files(self) -> Iterator[ServerSetting]:
        """Settings in connection strings and in configuration files (users.xml, .env, YAML)."""
        names = "|".join(sorted(_load("settings.yaml")["settings"], key=len, reverse=True))
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

    # Inserts

    def senders(self, one: Sql, *roles: str) -> list[Operation]:
        """The operations with one of these roles that send a statement."""
        return [operation for operation in one.operations if operation.role in roles]


_CODE = frozenset({"go", "python", "typescript", "javascript", "java"})
_CONFIGURED = _CODE | {"yaml", "json", "toml", "env", "xml", "properties"}


def identifiers(text: str) -> list[str]:
    """The column names in an expression, functions and words left out."""
    return [
        match[0]
        for match in _IDENTIFIER.finditer(text)
        if match[0].upper() not in {"DESC", "ASC", "AND", "OR", "INTERVAL"}
    ]


def _number(text: str) -> Quantity:
    try:
        return known(float(text), "")
    except ValueError:
        return unknown(f"set to `{text}`", "")
