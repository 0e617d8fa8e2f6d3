"""Statements that code builds with a query builder, written out as SQL where the pieces are literal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Function
from rda_nb.service.values import Values

# Builder libraries by a part of their import path; their clause methods share names.
_LIBRARIES = re.compile(r"squirrel|go-sqlbuilder|/goqu")
_HEADS = {
    "Select": "select",
    "InsertInto": "insert",
    "Insert": "insert",
    "Update": "update",
    "DeleteFrom": "delete",
    "Delete": "delete",
}
_TABLES = ("From", "Into", "InsertInto", "Insert", "Update", "DeleteFrom", "Delete")
_COLUMNS = ("Select", "Columns", "Column", "Cols", "SelectMore")
_OTHERS = ("Values", "Where", "PreWhere", "Prewhere", "And", "Limit", "GroupBy", "OrderBy", "Order", "Join", "LeftJoin")
_CLAUSES = frozenset((*_HEADS, *_TABLES, *_COLUMNS, *_OTHERS, "InnerJoin", "Final", "Distinct", "Suffix", "Having"))
BUILT = frozenset({"Build", "BuildWithFlavor", "ToSql", "ToSQL", "MustSql", "String"})
"""Methods that give the text of what was built."""
_NAME = re.compile(r"[A-Za-z_][\w.]*$")


@dataclass(slots=True)
class _Parts:
    """What one builder was told."""

    kind: str = ""
    tables: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    limit: str = ""
    suffix: list[str] = field(default_factory=list)
    rows: int = 0
    looped: bool = False
    block: int = 0


def builder_start(calls: Calls, node: Expression, file: FileFacts, block: int) -> int | None:
    """The offset that stands for a builder: where its variable is defined, or where its chain begins."""
    root = node
    while root.kind == "call" and root.parts[0].kind == "select":
        root = root.parts[0].parts[0]
    if root.kind != "name":
        return None
    found = calls.names.local(root.text, file, root.start)
    return found[0].start if found is not None else node.start


def built(calls: Calls, values: Values) -> Iterator[tuple[FileFacts, int, int, str, bool]]:
    """File, offset, block, SQL text and whether it is only a piece, of every statement made with a builder."""
    for file in calls.names.program.files:
        if file.role in ("generated", "test") or not any(_LIBRARIES.search(row.path) for row in file.rows.imports):
            continue
        for row in file.rows.functions:
            yield from _of_function(calls, values, file, calls.names.program.function_of[file.path, row.block])


def _of_function(
    calls: Calls, values: Values, file: FileFacts, function: Function
) -> Iterator[tuple[FileFacts, int, int, str, bool]]:
    builders: dict[int, _Parts] = {}
    for call in calls.calls_of.get(function.key, ()):
        member = call.callee.rpartition(".")[2]
        if member not in _CLAUSES or "." not in call.callee:
            continue
        node = calls.conventions.expression(file.text[call.row.start : call.row.end], call.row.start)
        if node.kind != "call" or node.parts[0].kind != "select":
            continue
        start = _start(calls, node, file, call.block)
        if start is None:
            continue
        parts = builders.setdefault(start, _Parts(block=call.block))
        parts.looped = parts.looped or bool(Calls.loops(call))
        _clause(values, file, call.block, member, node.parts[1:], parts)
    for start, parts in sorted(builders.items()):
        if parts.kind and parts.tables:
            text = _text(parts)
            yield file, start, parts.block, text, any("%s" in one for one in parts.where)


def _start(calls: Calls, node: Expression, file: FileFacts, block: int) -> int | None:
    """The builder of a chain; one that is assigned belongs to the variable."""
    start = builder_start(calls, node, file, block)
    if start != node.start:
        return start
    for row in file.rows.bindings:
        if row.values and row.values[0][0] <= node.start < row.values[0][1] and row.block >= 0:
            value = calls.conventions.expression(file.text[slice(*row.values[0])], row.values[0][0])
            if value.kind != "call" or (value.parts[0].kind == "select" and value.parts[0].text in BUILT):
                return start  # what is assigned is the text, not the builder
            local = calls.names.local(row.names[0], file, node.end + 1)
            return local[0].start if local is not None else row.start
    return start


def _clause(
    values: Values, file: FileFacts, block: int, member: str, arguments: tuple[Expression, ...], parts: _Parts
) -> None:
    """Note what one clause method was given."""
    texts = [_written(values, node, file, block) for node in arguments]
    if member in _HEADS and not parts.kind:
        parts.kind = _HEADS[member]
    if member in _COLUMNS:
        parts.columns += texts
    elif member in _TABLES:
        parts.tables += texts[:1]
    elif member in ("Where", "PreWhere", "Prewhere", "And"):
        parts.where += texts[:1] if texts and "?" in texts[0] else texts
    elif member == "GroupBy":
        parts.groups += texts
    elif member in ("OrderBy", "Order"):
        parts.order += texts
    elif member == "Limit":
        parts.limit = texts[0] if texts and texts[0].isdigit() else "?"
    elif member == "Values":
        parts.rows += 1
    elif member == "Final":
        parts.suffix.append("FINAL")


def _written(values: Values, node: Expression, file: FileFacts, block: int) -> str:
    """An argument as SQL: a constant text, `name = ?` for a condition on a column, `%s` for what is not literal."""
    if node.kind == "number":
        return node.text
    text = values.text_of(node, file, block)
    if text is not None:
        return text
    if node.kind == "literal" and node.parts:
        names = [part.text.strip("\"'`") for part in node.parts if part.kind == "entry" and part.text]
        return " AND ".join(f"{name} = ?" for name in names) or "%s"
    if node.kind == "call" and len(node.parts) > 1:
        first = values.text_of(node.parts[1], file, block)
        if first is not None:
            return f"{first} = ?" if _NAME.match(first) else first
        return _written(values, node.parts[0].parts[0], file, block) if node.parts[0].kind == "select" else "%s"
    return "%s"


def _text(parts: _Parts) -> str:
    """The statement in the order that SQL wants."""
    table = parts.tables[0] or "%s"
    where = f" WHERE {' AND '.join(f'({one})' if one != '%s' else one for one in parts.where)}" if parts.where else ""
    if parts.kind == "insert":
        columns = f" ({', '.join(parts.columns)})" if parts.columns else ""
        row = "(?)"
        rows = ", ".join([row] * max(1, parts.rows)) if not parts.looped else f"{row}, {row}"
        return f"INSERT INTO {table}{columns} VALUES {rows}"
    if parts.kind == "delete":
        return f"DELETE FROM {table}{where}"
    if parts.kind == "update":
        return f"UPDATE {table} SET x = ?{where}"
    final = " FINAL" if "FINAL" in parts.suffix and "FINAL" not in table else ""
    text = f"SELECT {', '.join(parts.columns) or '*'} FROM {table}{final}{where}"
    text += f" GROUP BY {', '.join(parts.groups)}" if parts.groups else ""
    text += f" ORDER BY {', '.join(parts.order)}" if parts.order else ""
    return text + (f" LIMIT {parts.limit}" if parts.limit else "")
