"""CREATE statements: engine, keys, partition, TTL, settings and columns, each quoted from the source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rda_nb.facts.sql_cursor import Clause, Cursor, clauses, parts, unquoted, unwrapped
from rda_nb.facts.sql_query import read_query
from rda_nb.facts.sql_split import Token, phrases, words
from rda_nb.facts.sql_statement import ColumnDef

_PHRASES = phrases(
    "ENGINE;PARTITION BY;PRIMARY KEY;ORDER BY;SAMPLE BY;TTL;SETTINGS;COMMENT;POPULATE;EMPTY;LIFETIME;LAYOUT;SOURCE"
)
_COLUMN_WORDS = phrases("""DEFAULT;MATERIALIZED;ALIAS;EPHEMERAL;CODEC;COMMENT;TTL;NOT NULL;NULL;PRIMARY KEY;
    SETTINGS;CONSTRAINT;
    REFERENCES;UNIQUE;CHECK;COLLATE;GENERATED;AUTO_INCREMENT;STATISTICS;ON;EXPRESSION;HIERARCHICAL;INJECTIVE;
    IS_OBJECT_ID;FIRST;AFTER;REMOVE;USING""")
_DEFAULTS = frozenset({"DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL", "GENERATED"})
_NOT_COLUMNS = words("INDEX PROJECTION CONSTRAINT PRIMARY UNIQUE FOREIGN KEY CHECK EXCLUDE LIKE FULLTEXT SPATIAL")
_TYPE = re.compile(
    r"(?:u?int\w*|u?bigint|smallint|tinyint|float\w*|double|decimal\w*|numeric|real|string|fixedstring|text|varchar|char\w*|"
    r"bool\w*|date\w*|time\w*|uuid|ipv[46]|enum\w*|array|map|tuple|nested|json\w*|lowcardinality|nullable|object|variant|"
    r"dynamic|aggregatefunction|simpleaggregatefunction|serial|bigserial|bytea|blob|binary|inet|point|ring|polygon)$",
    re.IGNORECASE,
)


def read_create(cursor: Cursor, dialect: str) -> dict[str, Any]:
    """The fields of a CREATE or ATTACH statement, whose first word was read already."""
    cursor.accept("OR", "REPLACE")
    while cursor.accept_any(
        {"TEMPORARY", "TEMP", "UNLOGGED", "GLOBAL", "LOCAL", "UNIQUE", "WINDOW", "LIVE", "EXTERNAL"}
    ):
        pass
    materialized = cursor.accept("MATERIALIZED")
    what = cursor.accept_any(
        {
            "TABLE",
            "VIEW",
            "DICTIONARY",
            "DATABASE",
            "SCHEMA",
            "INDEX",
            "FUNCTION",
            "TYPE",
            "TRIGGER",
            "PROCEDURE",
            "EXTENSION",
        }
        | {
            "SEQUENCE",
            "USER",
            "ROLE",
            "QUOTA",
            "PROFILE",
            "POLICY",
            "ROW",
            "SETTINGS",
            "NAMED",
            "EVENT",
            "AGGREGATE",
            "WORKLOAD",
        }
    )
    if not what:
        return {"kind": "unknown", "reason": f"CREATE of something not known: {cursor.slice(cursor.rest()[:3])}"}
    conditional = cursor.accept("IF", "NOT", "EXISTS") or cursor.accept("CONCURRENTLY", "IF", "NOT", "EXISTS")
    fields: dict[str, Any] = {"object_kind": ("materialized " if materialized else "") + what.lower()}
    fields["conditional"] = conditional
    if what == "INDEX":
        return fields | _index(cursor)
    name = cursor.name()
    fields["target"] = name
    if not name:
        return fields | {"kind": "unknown", "reason": f"CREATE {what} without a name"}
    if cursor.accept("UUID"):
        cursor.at += 1
    fields["on_cluster"] = cursor.on_cluster()
    if what in {"DATABASE", "SCHEMA"}:
        return fields | {"kind": "create_database"} | _table_clauses(cursor, cursor.rest())
    if what not in {"TABLE", "VIEW", "DICTIONARY"}:
        return fields | {"kind": "other", "reason": f"CREATE {what}"}
    view = "create_materialized_view" if materialized else "create_view"
    fields["kind"] = view if what == "VIEW" else f"create_{what.lower()}"
    return fields | _body(cursor, dialect, fields["kind"])


def _index(cursor: Cursor) -> dict[str, Any]:
    """CREATE INDEX name ON table (columns): kept as *other*, with the table as target."""
    if cursor.peek() != "ON":
        cursor.name()
    cursor.accept("ON")
    cursor.accept("ONLY")
    target = cursor.name()
    if cursor.accept("USING"):
        cursor.at += 1
    return {"kind": "other", "reason": "CREATE INDEX", "target": target, "columns": cursor.items(cursor.group())}


def _body(cursor: Cursor, dialect: str, kind: str) -> dict[str, Any]:
    """Everything after the name of a table, view or dictionary."""
    fields: dict[str, Any] = {}
    tokens = list(cursor.rest())
    definition, query = _cut_query(tokens)
    reader = Cursor(cursor.source, definition, 0, cursor.clauses)
    if kind == "create_materialized_view":
        target = next((i for i, t in enumerate(definition) if t.upper == "TO" and t.depth == definition[0].depth), None)
        if target is not None:
            fields["to_table"] = Cursor(cursor.source, definition, target + 1).name()
            cursor.mark("to", definition[target])
    columns = next((i for i, t in enumerate(definition) if t.text == "("), None)
    head = min(
        (i for i, t in enumerate(definition) if (t.upper,) in _PHRASES and t.depth == 0), default=len(definition)
    )
    if columns is not None and columns < head:
        reader.at = columns
        fields["column_defs"] = tuple(column_defs(reader, reader.group()))
        fields["columns"] = tuple(column.name for column in fields["column_defs"])
        fields["primary_key"] = _inline_key(reader, definition[columns : reader.at])
    fields |= {key: value for key, value in _table_clauses(cursor, definition).items() if value or key not in fields}
    if any(token.upper == "POPULATE" and token.depth == 0 for token in definition):
        fields["populate"] = True
    if kind == "create_table" and definition and definition[0].upper in {"AS", "CLONE", "LIKE"}:
        copied = Cursor(cursor.source, definition, 2 if definition[0].upper == "CLONE" else 1).name()
        fields["tables"] = (copied,) if copied else ()
    if query:
        reading = read_query(cursor, query, dialect)
        selected = reading.pop("columns", ())
        cursor.clauses.pop("select", None)
        fields = reading | {key: value for key, value in fields.items() if value}
        fields.setdefault("columns", selected)
        fields["source_tables"] = reading.get("tables", ())
    if kind in {"create_view", "create_materialized_view"} and not query:
        fields["reason"] = "view without a query that could be read"
    return fields


def _cut_query(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The definition before `AS SELECT` and the query after AS; the query is empty when there is none."""
    for index, token in enumerate(tokens[:-1]):
        if token.upper != "AS" or token.depth != 0:
            continue
        following = [t for t in tokens[index + 1 : index + 6] if t.text != "("]
        if following and following[0].upper in {"SELECT", "WITH"}:
            return tokens[:index], tokens[index + 1 :]
    return tokens, []


def _table_clauses(cursor: Cursor, tokens: Sequence[Token]) -> dict[str, Any]:
    """Engine, keys, partition, TTL and settings from the clauses behind the column list."""
    fields: dict[str, Any] = {}
    for clause in clauses(tokens, _PHRASES):
        cursor.mark(clause.name.lower(), clause.token)
        if clause.name == "ENGINE":
            fields |= _engine(cursor, clause)
        elif clause.name == "SETTINGS":
            fields["settings"] = cursor.settings(clause.body)
        elif clause.name == "PARTITION BY":
            fields["partition_by"] = cursor.slice(clause.body)
        elif clause.name == "TTL":
            fields["ttl"] = cursor.slice(clause.body)
        elif clause.name == "SAMPLE BY":
            fields["sample"] = cursor.slice(clause.body)
        elif clause.name in {"ORDER BY", "PRIMARY KEY"}:
            fields["order_key" if clause.name == "ORDER BY" else "primary_key"] = key_items(cursor, clause.body)
    return fields


def _engine(cursor: Cursor, clause: Clause) -> dict[str, Any]:
    reader = Cursor(cursor.source, clause.body)
    reader.accept("=")
    name = reader.name()
    return {"engine": name, "engine_args": tuple(unquoted(item) for item in cursor.items(reader.group()))}


def key_items(cursor: Cursor, tokens: Sequence[Token]) -> tuple[str, ...]:
    """The expressions of a key: `a`, `(a, b)` and `tuple(a, b)` alike; `tuple()` is no key."""
    if tokens and tokens[0].upper == "TUPLE" and len(tokens) > 1:
        tokens = tokens[1:]
    return cursor.items(unwrapped(tokens))


def _inline_key(cursor: Cursor, tokens: Sequence[Token]) -> tuple[str, ...]:
    """PRIMARY KEY inside the column list: as an item of its own or behind one column."""
    inside = [token for token in tokens if token.depth > tokens[0].depth]
    for part in parts(inside):
        words = [token.upper for token in part]
        if "PRIMARY" not in words:
            continue
        at = words.index("PRIMARY")
        if words[at + 1 : at + 2] == ["KEY"]:
            behind = part[at + 2 :]
            return key_items(cursor, behind) if behind and behind[0].text == "(" else (unquoted(part[0].text),)
    return ()


def column_defs(cursor: Cursor, tokens: Sequence[Token]) -> Iterator[ColumnDef]:
    """The columns of a list that also holds indexes, projections and constraints."""
    for part in parts(tokens):
        if part[0].upper in _NOT_COLUMNS and not (len(part) > 1 and _TYPE.match(part[1].text)):
            continue
        if part[0].kind in {"word", "name", "hole"}:
            yield column_def(cursor, part)


def column_def(cursor: Cursor, part: Sequence[Token]) -> ColumnDef:
    """One column: its name, then its type up to the first modifier, then codec, default and nullability."""
    reader = Cursor(cursor.source, part)
    name = reader.name()
    body = reader.rest()
    modifiers = clauses(body, _COLUMN_WORDS)
    end = next((i for i, token in enumerate(body) if modifiers and token is modifiers[0].token), len(body))
    kind = cursor.slice(body[:end])
    flat = kind.replace(" ", "").lower()
    found: dict[str, str] = {}
    for clause in modifiers:
        if clause.name in _DEFAULTS and "default" not in found:
            text = cursor.slice(clause.body)
            found["default"] = text if clause.name == "DEFAULT" else f"{clause.name} {text}".strip()
        elif clause.name == "CODEC":
            found["codec"] = cursor.slice(clause.body[1:-1]) if len(clause.body) > 2 else ""
    bare_null = any(clause.name == "NULL" for clause in modifiers)
    return ColumnDef(
        name=name,
        type=kind,
        nullable=bare_null or flat.startswith(("nullable(", "lowcardinality(nullable(")),
        low_cardinality=flat.startswith("lowcardinality("),
        codec=found.get("codec", ""),
        default=found.get("default", ""),
        line_offset=cursor.line(part[0]),
    )
