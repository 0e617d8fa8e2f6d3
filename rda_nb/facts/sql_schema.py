"""The schema that a service's statements build: tables, keys, partitions and views, each clause with its origin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rda_nb.facts.sql_partition import PartitionGrain, partition_grain
from rda_nb.facts.sql_split import only_holes
from rda_nb.facts.sql_statement import Alteration, ColumnDef, Statement


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a clause was given: the caller's own origin object, the statement and the line within its text."""

    origin: object
    statement: Statement
    line_offset: int


@dataclass(frozen=True, slots=True)
class Table:
    """One table, view or dictionary as the last statement left it.

    `kind` is table, view, materialized view or dictionary. `views` names the materialized views that each insert
    into this table runs; `cited` maps `create`, a clause (`engine`, `order by`, `partition by`, `ttl`, `settings`)
    or `column <name>` to the statement that gave it its present form.
    """

    name: str
    kind: str = "table"
    engine: str = ""
    engine_args: tuple[str, ...] = ()
    order_key: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()
    partition_by: str = ""
    ttl: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ColumnDef, ...] = ()
    on_cluster: str = ""
    to_table: str = ""
    source_tables: tuple[str, ...] = ()
    populate: bool = False
    views: tuple[str, ...] = ()
    cited: Mapping[str, Cited] = field(default_factory=dict)

    def column(self, name: str) -> ColumnDef | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def grain(self) -> PartitionGrain:
        """How finely the table is partitioned, with its column types taken into account."""
        return partition_grain(self.partition_by, {column.name: column.type for column in self.columns})


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables by name; `orphans` are changes to tables that no statement creates."""

    tables: Mapping[str, Table]
    orphans: tuple[Cited, ...] = ()

    def table(self, name: str) -> Table | None:
        """The table a query means by `name`: with or without database, None when none or several fit."""
        key = _resolve(self.tables, name)
        return self.tables[key] if key else None

    def storage(self, name: str) -> Table | None:
        """The table that holds the rows of `name`: behind Distributed or Buffer, or a materialized view's target."""
        table = self.table(name)
        for _ in range(5):
            behind = _behind(table) if table is not None else ""
            following = self.table(behind) if behind else None
            if following is None or following == table:
                break
            table = following
        return table


def _behind(table: Table) -> str:
    """The name of the table that one passes its rows to, '' for a table that stores."""
    if table.engine == "Distributed" and len(table.engine_args) >= 3:
        return f"{table.engine_args[1]}.{table.engine_args[2]}"
    if table.engine == "Buffer" and len(table.engine_args) >= 2:
        return f"{table.engine_args[0]}.{table.engine_args[1]}"
    return table.to_table


_DOT = re.compile(r"\.(?![^{}]*\})")


def _bare(name: str) -> str:
    """The name without its database."""
    return _DOT.split(name)[-1]


def _database(name: str) -> str:
    """The database part; '' when there is none or it is a template hole, a function or the default."""
    database = ".".join(_DOT.split(name)[:-1])
    open_name = any(sign in database for sign in "%{$?(")
    return "" if open_name or database in {"default", "public"} else database


def _resolve(tables: Mapping[str, Table], name: str) -> str:
    """The key of the one table that `name` fits, ''."""
    bare, database = _bare(name), _database(name)
    if only_holes(bare):
        return ""
    fitting = [key for key in tables if _bare(tables[key].name) == bare]
    exact = [key for key in fitting if _database(tables[key].name) == database]
    loose = [key for key in fitting if not database or not _database(tables[key].name)]
    for candidates in (exact, loose):
        if len(candidates) == 1:
            return candidates[0]
    return ""


@dataclass(slots=True)
class _Builder:
    """Tables while statements are applied in order."""

    tables: dict[str, Table] = field(default_factory=dict)
    orphans: list[Cited] = field(default_factory=list)

    def apply(self, statement: Statement, origin: object) -> None:
        """Let one statement change the schema; statements that only read or write rows change nothing."""
        kind = statement.kind
        if kind in _CREATES:
            self._create(statement, origin)
        elif kind.startswith("alter_"):
            self._alter(statement, origin)
        elif kind == "drop":
            self._drop(statement)
        elif kind == "rename" and statement.object_kind in {"table", "dictionary"}:
            for old, new in statement.renames:
                self._rename(old, new)
        elif kind == "exchange":
            for left, right in statement.renames:
                self._exchange(left, right)

    def _key(self, name: str) -> str:
        """A new table's key: a name that is only a hole gets an ordinal, so that two of them never merge."""
        if not only_holes(_bare(name)):
            return name
        return f"{name}#{sum(key.startswith(f'{name}#') for key in self.tables) + 1}"

    def _create(self, statement: Statement, origin: object) -> None:
        key = _resolve(self.tables, statement.target)
        same = key and _database(self.tables[key].name) == _database(statement.target)
        if same and statement.conditional:
            return
        if same:
            del self.tables[key]
        cited = {"create": Cited(origin, statement, statement.line_offset)}
        cited |= {
            clause: Cited(origin, statement, line) for clause, line in statement.clauses.items() if clause in _CLAUSES
        }
        cited |= {f"column {c.name}": Cited(origin, statement, c.line_offset) for c in statement.column_defs}
        table = Table(
            name=statement.target,
            kind=_CREATES[statement.kind],
            engine=statement.engine,
            engine_args=statement.engine_args,
            order_key=statement.order_key,
            primary_key=statement.primary_key,
            partition_by=statement.partition_by,
            ttl=statement.ttl,
            settings=dict(statement.settings) if statement.kind != "create_view" else {},
            columns=statement.column_defs,
            on_cluster=statement.on_cluster,
            to_table=statement.to_table,
            source_tables=statement.source_tables,
            populate=statement.populate,
            cited=cited,
        )
        self.tables[self._key(statement.target)] = self._copied(table, statement)

    def _copied(self, table: Table, statement: Statement) -> Table:
        """CREATE TABLE a AS b: columns of b, and its engine and keys where none are given."""
        copy = statement.kind == "create_table" and not statement.source_tables and statement.tables
        key = _resolve(self.tables, statement.tables[0]) if copy else ""
        if not key:
            return table
        model = self.tables[key]
        if not table.columns:
            table = replace(table, columns=model.columns)
        if table.engine:
            return table
        keys = {name: getattr(model, name) for name in ("order_key", "primary_key", "partition_by", "ttl", "settings")}
        return replace(table, engine=model.engine, engine_args=model.engine_args, **keys)

    def _alter(self, statement: Statement, origin: object) -> None:
        key = _resolve(self.tables, statement.target)
        if not key:
            self.orphans.append(Cited(origin, statement, statement.line_offset))
            return
        for alteration in statement.alterations:
            if alteration.action == "rename":
                self._rename(statement.target, alteration.new_name)
                return
            self.tables[key] = _altered(self.tables[key], statement, alteration, origin)

    def _drop(self, statement: Statement) -> None:
        if statement.object_kind in {"database", "schema"}:
            for key in [k for k, table in self.tables.items() if _database(table.name) == statement.target]:
                del self.tables[key]
        elif statement.object_kind in {"table", "tables", "view", "dictionary"}:
            for name in statement.targets:
                self.tables.pop(_resolve(self.tables, name), None)

    def _rename(self, old: str, new: str) -> None:
        key = _resolve(self.tables, old)
        if key:
            table = self.tables.pop(key)
            self.tables[self._key(new)] = replace(table, name=new)

    def _exchange(self, left: str, right: str) -> None:
        first, second = _resolve(self.tables, left), _resolve(self.tables, right)
        if first and second:
            one, other = self.tables[first], self.tables[second]
            self.tables[first], self.tables[second] = replace(other, name=one.name), replace(one, name=other.name)


_CREATES = {
    "create_table": "table",
    "create_view": "view",
    "create_materialized_view": "materialized view",
    "create_dictionary": "dictionary",
}
_CLAUSES = frozenset({"engine", "partition by", "order by", "primary key", "ttl", "settings", "to", "populate"})


def _altered(table: Table, statement: Statement, alteration: Alteration, origin: object) -> Table:
    """The table after one command of an ALTER."""
    here = Cited(origin, statement, alteration.line_offset)
    action, name = alteration.action, alteration.name
    cited = dict(table.cited)
    if action in {"add column", "modify column"} and alteration.column is not None:
        old = table.column(name)
        if old is not None and action == "add column":
            return table
        new = alteration.column if alteration.column.type or old is None else replace(alteration.column, type=old.type)
        if old is None:
            columns = (*table.columns, new)
        else:
            columns = tuple(new if column.name == name else column for column in table.columns)
        return replace(table, columns=columns, cited=cited | {f"column {name}": here})
    if action == "drop column":
        cited.pop(f"column {name}", None)
        return replace(table, columns=tuple(c for c in table.columns if c.name != name), cited=cited)
    if action == "rename column":
        columns = tuple(replace(c, name=alteration.new_name) if c.name == name else c for c in table.columns)
        return replace(table, columns=columns, cited=cited | {f"column {alteration.new_name}": here})
    if action in {"modify ttl", "remove ttl"}:
        return replace(table, ttl=statement.ttl if action == "modify ttl" else "", cited=cited | {"ttl": here})
    if action == "modify order by":
        return replace(table, order_key=statement.order_key, cited=cited | {"order by": here})
    if action == "modify setting":
        return replace(table, settings={**table.settings, **statement.settings}, cited=cited | {"settings": here})
    if action == "reset setting":
        kept = {key: value for key, value in table.settings.items() if key != name}
        return replace(table, settings=kept, cited=cited | {"settings": here})
    return table


def schema(statements: Iterable[tuple[Statement, object]]) -> Schema:
    """The schema after `statements`, given in migration order, each with its origin.

    The caller leaves down migrations out first (`migration_direction`, `up_part`).
    """
    builder = _Builder()
    for statement, origin in statements:
        builder.apply(statement, origin)
    tables = dict(sorted(builder.tables.items()))
    views: dict[str, list[str]] = {}
    for table in tables.values():
        if table.kind == "materialized view" and table.source_tables:
            views.setdefault(_resolve(tables, table.source_tables[0]), []).append(table.name)
    for key in views.keys() - {""}:
        tables[key] = replace(tables[key], views=tuple(sorted(views[key])))
    return Schema(tables, tuple(builder.orphans))
