"""The statement forms by their first words: everything around a query, and all that no query parser structures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rda_nb.facts.sql_alter import assigned, read_alter
from rda_nb.facts.sql_cursor import Cursor, clauses
from rda_nb.facts.sql_ddl import read_create
from rda_nb.facts.sql_query import read_condition, read_query
from rda_nb.facts.sql_split import Token, words

_OBJECTS = words(
    "TABLE TABLES VIEW DICTIONARY DATABASE SCHEMA INDEX FUNCTION USER ROLE TYPE TRIGGER SEQUENCE EXTENSION QUOTA POLICY"
)
_OTHER_HEADS = words("""SHOW DESCRIBE DESC EXISTS CHECK KILL BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE
    VACUUM ANALYZE REINDEX CLUSTER
    COPY DO CALL EXECUTE PREPARE DEALLOCATE DECLARE FETCH CLOSE LOCK UNLOCK LISTEN NOTIFY UNLISTEN COMMENT
    PRAGMA MERGE DETACH
    UNDROP BACKUP RESTORE WATCH MOVE REFRESH RESET DISCARD VALUES TABLE LOAD HANDLER FLUSH REPAIR END ABORT
    DELIMITER""")


_SET_WORDS = words("ROLE DEFAULT TRANSACTION TIME NAMES CONSTRAINTS CHARACTER")


def read_statement(cursor: Cursor, dialect: str) -> dict[str, Any]:
    """The fields of `Statement` for one statement; kind *unknown* with a reason when its form is not known."""
    head = cursor.peek()
    if head in {"SELECT", "WITH", "("} or (head == "FROM" and any(t.upper == "SELECT" for t in cursor.tokens)):
        return _query(cursor, dialect)
    reader = _READERS.get(head)
    if reader is not None:
        cursor.at = 1
        return {"parsed_by": "forms"} | reader(cursor, dialect)
    if head in _OTHER_HEADS:
        first = " ".join(token.upper for token in cursor.tokens[:2] if token.upper and token.kind == "word")
        return {"kind": "other", "reason": first, "parsed_by": "forms"} | _loose_target(cursor)
    start = cursor.slice(cursor.tokens[:4])
    return {"kind": "unknown", "reason": f"no statement starts with {start[:60]!r}"}


def _query(cursor: Cursor, dialect: str) -> dict[str, Any]:
    """SELECT, or a WITH whose main statement may also be an INSERT, UPDATE or DELETE."""
    words = [t.upper for t in cursor.tokens if t.depth == cursor.tokens[0].depth]
    main = next((w for w in words if w in {"SELECT", "INSERT", "UPDATE", "DELETE"}), "")
    if cursor.peek() == "WITH" and main in {"INSERT", "UPDATE", "DELETE"}:
        at = next(i for i, t in enumerate(cursor.tokens) if t.upper == main and t.depth == cursor.tokens[0].depth)
        inner = Cursor(cursor.source, cursor.tokens[at:], 1, cursor.clauses)
        return {"parsed_by": "forms"} | _READERS[main](inner, dialect)
    if not any(token.upper == "SELECT" for token in cursor.tokens):
        return {"kind": "unknown", "reason": "WITH or bracket without a SELECT"}
    return {"kind": "select"} | read_query(cursor, cursor.tokens, dialect)


def _loose_target(cursor: Cursor) -> dict[str, Any]:
    """The table of SHOW CREATE TABLE t, DESCRIBE t and the like, as far as it stands after TABLE."""
    table = next((i for i, token in enumerate(cursor.tokens) if token.upper == "TABLE"), None)
    return {"target": Cursor(cursor.source, cursor.tokens, table + 1).name()} if table is not None else {}


def _insert(cursor: Cursor, dialect: str) -> dict[str, Any]:
    """INSERT in its four forms; `bare` is the client batch form, `INSERT INTO t [(columns)]` and nothing else."""
    while cursor.accept_any({"OR", "REPLACE", "IGNORE", "LOW_PRIORITY", "DELAYED", "OVERWRITE", "ROLLBACK", "ABORT"}):
        pass
    cursor.accept("INTO")
    function = cursor.accept("FUNCTION") or (cursor.accept("TABLE") and cursor.accept("FUNCTION"))
    fields: dict[str, Any] = {"kind": "insert", "target": cursor.name()}
    if not fields["target"]:
        return {"kind": "unknown", "reason": "INSERT without a table name"}
    if function:
        cursor.group()
        fields["target"] += "()"
    if cursor.accept("PARTITION") or (cursor.accept("AS") and cursor.name()):
        cursor.group()
    if cursor.peek() == "(" and not any(
        t.upper in {"SELECT", "WITH"} for t in cursor.tokens[cursor.at + 1 : cursor.at + 2]
    ):
        fields["columns"] = tuple(item.strip('`"') for item in cursor.items(cursor.group()))
    if cursor.peek() == "SETTINGS":
        fields["settings"] = _insert_settings(cursor)
    return fields | _insert_source(cursor, dialect, fields)


def _insert_settings(cursor: Cursor) -> dict[str, str]:
    """SETTINGS between the column list and the data."""
    cursor.mark("settings", cursor.tokens[cursor.at])
    start = cursor.at + 1
    while not cursor.done() and cursor.peek() not in {"VALUES", "SELECT", "WITH", "FORMAT", "FROM"}:
        cursor.at += 1
    return cursor.settings(cursor.tokens[start : cursor.at])


def _insert_source(cursor: Cursor, dialect: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Where the rows come from."""
    rest = cursor.rest()
    heads = [token for token in rest[:2] if token.text != "("]
    word = heads[0].upper if heads else ""
    if word in {"SELECT", "WITH"}:
        columns = fields.get("columns", ())
        reading = read_query(cursor, rest, dialect)
        settings = {**fields.get("settings", {}), **reading.get("settings", {})}
        cursor.clauses.pop("select", None)
        return reading | {
            "insert_form": "select",
            "columns": columns,
            "settings": settings,
            "parsed_by": reading["parsed_by"],
        }
    if word in {"VALUES", "VALUE"}:
        cursor.mark("values", rest[0])
        return {"insert_form": "values", "rows_in_values": _rows(rest[1:])}
    if word in {"FORMAT", "FROM"}:
        cursor.mark("format", rest[0])
        values = word == "FORMAT" and len(rest) > 1 and rest[1].upper == "VALUES"
        rows = _rows(rest[2:]) if values else None
        return {"insert_form": "values" if rows else "format", "rows_in_values": rows}
    if not rest:
        return {"insert_form": "bare"}
    if rest[0].kind == "hole" or word in {"DEFAULT", "SET", "TABLE", "BY", "RETURNING"}:
        return {"insert_form": "bare" if len(rest) == 1 and rest[0].kind == "hole" else "values"}
    return {"kind": "unknown", "reason": f"INSERT followed by {cursor.slice(rest[:3])[:60]!r}"}


def _rows(tokens: Sequence[Token]) -> int | None:
    """How many bracketed rows follow VALUES; None when there is none or a template hole may add some."""
    rows = 0
    for index, token in enumerate(tokens):
        if token.depth == tokens[0].depth and token.text == "(":
            rows += 1
        elif token.depth == tokens[0].depth and token.text not in {",", ")"}:
            return None if token.kind == "hole" or index == 0 or not rows else rows
    return rows or None


def _optimize(cursor: Cursor, _: str) -> dict[str, Any]:
    cursor.accept("TABLE")
    fields: dict[str, Any] = {"kind": "optimize", "target": cursor.name(), "on_cluster": cursor.on_cluster()}
    for clause in clauses(cursor.rest(), (("PARTITION",), ("SETTINGS",), ("DEDUPLICATE",))):
        cursor.mark(clause.name.lower(), clause.token)
        if clause.name == "PARTITION":
            ends = [i for i, token in enumerate(clause.body) if token.upper in {"FINAL", "DEDUPLICATE"}]
            fields["partition"] = cursor.slice(clause.body[: ends[0] if ends else None])
        elif clause.name == "SETTINGS":
            fields["settings"] = cursor.settings(clause.body)
    final = next((token for token in cursor.rest() if token.upper == "FINAL"), None)
    if final is not None:
        cursor.mark("final", final)
        fields |= {"final": True, "final_line_offset": cursor.line(final)}
    return _named(fields, "OPTIMIZE")


def _named(fields: dict[str, Any], head: str) -> dict[str, Any]:
    """`fields`, or *unknown* when the statement names nothing."""
    return fields if fields.get("target") else {"kind": "unknown", "reason": f"{head} without a name"}


def _delete(cursor: Cursor, dialect: str) -> dict[str, Any]:
    if not cursor.accept("FROM"):
        return {"kind": "unknown", "reason": "DELETE without FROM"}
    cursor.accept("ONLY")
    fields: dict[str, Any] = {"kind": "delete", "target": cursor.name(), "on_cluster": cursor.on_cluster()}
    return _named(fields | _condition(cursor, cursor.rest(), dialect), "DELETE")


def _update(cursor: Cursor, dialect: str) -> dict[str, Any]:
    cursor.accept("ONLY")
    fields: dict[str, Any] = {"kind": "update", "target": cursor.name(), "on_cluster": cursor.on_cluster()}
    at = next((i for i, token in enumerate(cursor.rest()) if token.upper == "SET"), None)
    if at is None:
        return {"kind": "unknown", "reason": "UPDATE without SET"}
    fields["columns"] = assigned(cursor, cursor.rest()[at + 1 :])
    return _named(fields | _condition(cursor, cursor.rest(), dialect), "UPDATE")


def _condition(cursor: Cursor, tokens: Sequence[Token], dialect: str) -> dict[str, Any]:
    """WHERE, IN PARTITION, LIMIT and SETTINGS of a DELETE or UPDATE."""
    fields: dict[str, Any] = {}
    phrases = (("WHERE",), ("IN", "PARTITION"), ("SETTINGS",), ("RETURNING",), ("LIMIT",), ("ORDER", "BY"), ("USING",))
    for clause in clauses(tokens, phrases):
        cursor.mark(clause.name.lower(), clause.token)
        if clause.name == "WHERE":
            fields["where_columns"] = read_condition(cursor, clause.body, dialect)
        elif clause.name == "SETTINGS":
            fields["settings"] = cursor.settings(clause.body)
        elif clause.name == "LIMIT" and clause.body[0].text.isdecimal():
            fields["limit"] = int(clause.body[0].text)
    return fields


def _drop(cursor: Cursor, _: str) -> dict[str, Any]:
    head = cursor.tokens[0].upper
    cursor.accept("TEMPORARY")
    cursor.accept("MATERIALIZED")
    what = cursor.accept_any(_OBJECTS)
    cursor.accept("CONCURRENTLY")
    conditional = cursor.accept("IF", "EXISTS") or cursor.accept("IF", "EMPTY")
    fields: dict[str, Any] = {"kind": head.lower(), "object_kind": what.lower(), "conditional": conditional}
    if head == "DROP" and not what:
        return {"kind": "unknown", "reason": f"DROP of something not known: {cursor.slice(cursor.rest()[:2])}"}
    names = [cursor.name()]
    while cursor.accept(","):
        names.append(cursor.name())
    fields |= {"target": names[0], "targets": tuple(name for name in names if name)}
    if what == "INDEX" and cursor.accept("ON"):
        cursor.name()
    return _named(fields | {"on_cluster": cursor.on_cluster()}, head)


def _rename(cursor: Cursor, _: str) -> dict[str, Any]:
    """RENAME TABLE a TO b, ... and EXCHANGE TABLES a AND b, as pairs in `renames`."""
    head = cursor.tokens[0].upper
    what = cursor.accept_any({"TABLE", "TABLES", "DATABASE", "DICTIONARY", "DICTIONARIES"})
    pairs: list[tuple[str, str]] = []
    while not cursor.done():
        old = cursor.name()
        if not cursor.accept_any({"TO", "AND"}):
            break
        pairs.append((old, cursor.name()))
        if not cursor.accept(","):
            break
    if not pairs or not all(old and new for old, new in pairs):
        return {"kind": "unknown", "reason": f"{head} without a pair of names"}
    kind = "exchange" if head == "EXCHANGE" else "rename"
    fields: dict[str, Any] = {"kind": kind, "target": pairs[0][0], "renames": tuple(pairs)}
    return fields | {"object_kind": what.lower().removesuffix("s"), "on_cluster": cursor.on_cluster()}


def _explain(cursor: Cursor, dialect: str) -> dict[str, Any]:
    """EXPLAIN [kind] [settings] statement: the fields of the statement explained, under its own kind."""
    at = next(
        (i for i, t in enumerate(cursor.tokens) if i and t.upper in {"SELECT", "WITH", "INSERT", "DELETE", "UPDATE"}),
        None,
    )
    if at is None:
        return {"kind": "explain"}
    inner = Cursor(cursor.source, cursor.tokens[at:], 0, cursor.clauses)
    return read_statement(inner, dialect) | {"kind": "explain"}


def _set(cursor: Cursor, _: str) -> dict[str, Any]:
    cursor.accept_any({"GLOBAL", "SESSION", "LOCAL"})
    settings = cursor.settings(cursor.rest())
    known = cursor.peek() in _SET_WORDS or any(token.upper == "TO" for token in cursor.rest())
    if not settings and not known:
        return {"kind": "unknown", "reason": "SET without a value"}
    return {"kind": "set", "settings": settings}


def _words_only(kind: str) -> Callable[[Cursor, str], dict[str, Any]]:
    """A reader for statements whose words after the head are kept as the reason alone."""

    def read(cursor: Cursor, _: str) -> dict[str, Any]:
        words = [part.upper for part in cursor.tokens[:3] if part.kind == "word"]
        return {"kind": kind, "reason": " ".join(words)} | _loose_target(cursor)

    return read


def _attach(cursor: Cursor, dialect: str) -> dict[str, Any]:
    """ATTACH TABLE with a full definition is a CREATE; the short form only names what it brings back."""
    fields = read_create(cursor, dialect)
    return fields if fields.get("engine") else {**fields, "kind": "other", "reason": "ATTACH"}


_READERS: dict[str, Callable[[Cursor, str], dict[str, Any]]] = {
    "INSERT": _insert,
    "REPLACE": _insert,
    "CREATE": read_create,
    "ATTACH": _attach,
    "ALTER": read_alter,
    "OPTIMIZE": _optimize,
    "DELETE": _delete,
    "UPDATE": _update,
    "DROP": _drop,
    "TRUNCATE": _drop,
    "RENAME": _rename,
    "EXCHANGE": _rename,
    "EXPLAIN": _explain,
    "SET": _set,
    "SYSTEM": _words_only("system"),
    "GRANT": _words_only("grant"),
    "REVOKE": _words_only("grant"),
    "USE": _words_only("use"),
}
