"""What the service does with ClickHouse: its statements by path, its tables with retention, settings that it sends."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.core import Evidence
from rda_nb.facts.sql import Table
from rda_nb.service.calls import Operation
from rda_nb.service.program import Function
from rda_nb.service.server_settings import ServerSetting, ServerSettings
from rda_nb.service.statements import Sql

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

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

    def emptied_by(self, table: Table) -> Sql | None:
        """The statement beside the table's own with which the target sets a TTL for its rows or drops its partitions."""
        for one in self.of_kind("alter_ttl", "alter_drop_partition"):
            if one.statement.kind == "alter_ttl" and not one.statement.ttl:
                continue
            if one.statement.target == table.name or "%" in one.statement.target or "{" in one.statement.target:
                return one
        return None

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
    def _server(self) -> ServerSettings:
        return ServerSettings(self.service, self.statements)

    @cached_property
    def settings(self) -> tuple[ServerSetting, ...]:
        """Every server setting of interest that code or a configuration file of the target gives a value."""
        return self._server.all

    def setting(self, name: str) -> list[ServerSetting]:
        """The places that set one server setting."""
        return self._server.named(name)

    def sent_with(self, function: Function | None, name: str) -> ServerSetting | None:
        """A setting that a function itself sends."""
        return self._server.sent_with(function, name)

    # Inserts

    def senders(self, one: Sql, *roles: str) -> list[Operation]:
        """The operations with one of these roles that send a statement."""
        return [operation for operation in one.operations if operation.role in roles]


def identifiers(text: str) -> list[str]:
    """The column names in an expression, functions and words left out."""
    return [
        match[0]
        for match in _IDENTIFIER.finditer(text)
        if match[0].upper() not in {"DESC", "ASC", "AND", "OR", "INTERVAL"}
    ]
