"""ALTER statements: each command with its column, and the kind that the weightiest of them gives the statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rda_nb.facts.sql_cursor import Cursor, clauses, parts, unquoted
from rda_nb.facts.sql_ddl import column_def
from rda_nb.facts.sql_query import read_condition
from rda_nb.facts.sql_split import Token, phrases, words
from rda_nb.facts.sql_statement import Alteration

_STARTS = words("""ADD DROP MODIFY RENAME UPDATE DELETE COMMENT CLEAR MATERIALIZE ATTACH DETACH REPLACE MOVE
    FREEZE UNFREEZE FETCH RESET
    REMOVE ALTER CHANGE SET VALIDATE ENABLE DISABLE OWNER APPLY FORGET REWRITE""")
_THINGS = phrases("""COLUMN;INDEX;PROJECTION;CONSTRAINT;STATISTICS;PARTITION;PART;SETTING;ORDER BY;SAMPLE BY;
    TTL;QUERY;COMMENT;
    REFRESH;SQL SECURITY;DEFINER;PRIMARY KEY;DETACHED;FOREIGN KEY;UNIQUE;DELETED MASK;LEVEL;DEFAULT""")
_KINDS = (
    ("update", "alter_update"),
    ("delete", "alter_delete"),
    ("modify order by", "alter_modify_order_by"),
    ("modify ttl", "alter_ttl"),
    ("remove ttl", "alter_ttl"),
    ("drop partition", "alter_drop_partition"),
    ("modify column", "alter_modify_column"),
    ("drop column", "alter_drop_column"),
    ("rename column", "alter_rename_column"),
    ("add column", "alter_add_column"),
    ("modify query", "alter_modify_query"),
    ("modify setting", "alter_modify_setting"),
    ("reset setting", "alter_modify_setting"),
)
"""Weightiest first: a statement with several commands takes the first kind that one of them has."""


def read_alter(cursor: Cursor, dialect: str) -> dict[str, Any]:
    """The fields of an ALTER statement, whose first word was read already."""
    what = cursor.accept_any(
        {
            "TABLE",
            "DATABASE",
            "DEFAULT",
            "USER",
            "ROLE",
            "SEQUENCE",
            "INDEX",
            "VIEW",
            "TYPE",
            "SETTINGS",
            "SCHEMA",
            "QUOTA",
        }
    )
    conditional = cursor.accept("IF", "EXISTS")
    cursor.accept("ONLY")
    fields: dict[str, Any] = {"object_kind": what.lower(), "conditional": conditional, "target": cursor.name()}
    if what != "TABLE":
        return fields | {"kind": "other" if what else "unknown", "reason": f"ALTER {what or 'of something not known'}"}
    fields["on_cluster"] = cursor.on_cluster()
    tokens = list(cursor.rest())
    if tokens and tokens[0].kind == "hole" and len(tokens) > 1 and tokens[1].upper in _STARTS:
        tokens = tokens[1:]
    commands = [_alteration(cursor, tokens) for tokens in _commands(tokens)]
    fields["alterations"] = tuple(commands)
    actions = {command.action for command in commands}
    fields["kind"] = next((kind for action, kind in _KINDS if action in actions), "alter_other")
    if not fields["target"] or not commands:
        return fields | {"kind": "unknown", "reason": "ALTER TABLE without a table name or a command"}
    if fields["kind"] == "alter_other":
        fields["reason"] = "; ".join(sorted(actions))
    fields["columns"] = tuple(dict.fromkeys(c.name for c in commands if c.name and c.action != "update"))
    return fields | _clauses(cursor, tokens, commands, dialect)


def _commands(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """One run of tokens per command: a comma parts two commands only before a word that starts one."""
    commands: list[list[Token]] = []
    for part in parts(tokens):
        piece = list(part)
        if piece[0].text == "(" and len(piece) > 2 and piece[1].upper in _STARTS and piece[-1].text == ")":
            piece = [token._replace(depth=token.depth - 1) for token in piece[1:-1]]
        starts = piece[0].upper in _STARTS and not (len(piece) > 1 and piece[1].text in {"=", "."})
        if starts or not commands:
            commands.append(piece)
        else:
            commands[-1].extend(piece)
    return list(commands)


def _alteration(cursor: Cursor, tokens: Sequence[Token]) -> Alteration:
    """One command: its words, what it names, and the column it defines."""
    reader = Cursor(cursor.source, tokens)
    verb = tokens[0].upper.lower() or "other"
    reader.at = 1
    thing = next((words for words in _THINGS if verb != "update" and reader.accept(*words)), ())
    text, line = cursor.slice(tokens), cursor.line(tokens[0])
    if verb == "set" and thing == () and reader.peek() in {"TTL"}:
        thing = ("TTL",)
    noun = " ".join(thing).lower()
    if verb in {"add", "modify", "alter", "drop", "rename", "change", "comment", "clear", "remove"} and not thing:
        if verb == "rename" and reader.accept("TO"):
            return Alteration("rename", text=text, line_offset=line, new_name=reader.name())
        noun = "column"
    if verb in {"alter", "change"} and noun == "column":
        verb = "modify"
    reader.accept("IF", "NOT", "EXISTS")
    reader.accept("IF", "EXISTS")
    action = f"{verb} {noun}".strip() if tokens[0].upper in _STARTS else "other"
    if action in {"add column", "modify column"}:
        return _column(cursor, reader, action, text, line)
    name = "" if action in {"update", "delete", "modify ttl", "modify order by", "modify query"} else reader.name()
    new_name = reader.name() if action.startswith("rename") and reader.accept("TO") else ""
    return Alteration(action, name, text, line, new_name=new_name)


def _column(cursor: Cursor, reader: Cursor, action: str, text: str, line: int) -> Alteration:
    """ADD or MODIFY COLUMN; `MODIFY COLUMN c REMOVE TTL` and the like define no column."""
    rest = reader.rest()
    if not rest:
        return Alteration(action, text=text, line_offset=line)
    words = [token.upper for token in rest]
    for given in (["SET", "DATA", "TYPE"], ["TYPE"]):
        if words[1 : 1 + len(given)] == given:  # PostgreSQL's spelling, and ALTER COLUMN of ClickHouse
            rest = [rest[0], *rest[1 + len(given) :]]
    if words[1:2] in (["SET"], ["DROP"], ["REMOVE"], ["RESET"], ["MODIFY"]) and len(rest) == len(words):
        return Alteration(action, unquoted(rest[0].text), text, line)
    column = column_def(cursor, rest)
    return Alteration(action, column.name, text, line, column)


def _clauses(cursor: Cursor, tokens: Sequence[Token], commands: Sequence[Alteration], dialect: str) -> dict[str, Any]:
    """Conditions, settings, TTL, key and partition of an ALTER's commands."""
    fields: dict[str, Any] = {}
    phrases = (("WHERE",), ("IN", "PARTITION"), ("PARTITION",), ("SETTINGS",), ("TTL",), ("ORDER", "BY"), ("SETTING",))
    found = {clause.name: clause for clause in reversed(clauses(tokens, phrases))}
    for name, clause in found.items():
        cursor.mark("partition" if name == "IN PARTITION" else name.lower(), clause.token)
    actions = {command.action for command in commands}
    if "WHERE" in found and actions & {"update", "delete"}:
        fields["where_columns"] = read_condition(cursor, found["WHERE"].body, dialect)
    if "update" in actions:
        update = next(i for i, token in enumerate(tokens) if token.upper == "UPDATE")
        fields["columns"] = assigned(cursor, tokens[update + 1 :])
    for name in ("SETTING", "SETTINGS"):
        if name in found:
            fields["settings"] = cursor.settings(found[name].body)
    if "modify ttl" in actions and "TTL" in found:
        fields["ttl"] = cursor.slice(found["TTL"].body)
    if "modify order by" in actions and "ORDER BY" in found:
        from rda_nb.facts.sql_ddl import key_items

        fields["order_key"] = key_items(cursor, found["ORDER BY"].body)
    for name in ("IN PARTITION", "PARTITION"):
        if name in found:
            fields["partition"] = cursor.slice(found[name].body[:1]) or fields.get("partition", "")
    return fields


def assigned(cursor: Cursor, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Names left of `=` in the list of assignments that starts here and ends before WHERE, FROM or IN PARTITION."""
    names: list[str] = []
    end = next(
        (i for i, token in enumerate(tokens) if token.upper in {"WHERE", "FROM", "RETURNING"} and token.depth == 0),
        None,
    )
    for part in parts(tokens[:end]):
        reader = Cursor(cursor.source, part)
        name = reader.name()
        if name and reader.peek() == "=":
            names.append(name.rpartition(".")[2])
    return tuple(names)
