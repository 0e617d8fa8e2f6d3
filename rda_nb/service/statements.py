"""Every SQL statement of the target with its place, the call that sends it, and the schema that migrations build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.facts import sql
from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import Function
from rda_nb.service.values import Values
from rda_nb.source import Target

_HOLE = "%s"
_SENDING = ("clickhouse.", "sql.")


@dataclass(frozen=True, eq=False, slots=True)
class Sql:
    """One statement: where it is written, in which function or file, and the operations that send it.

    `migration` is True for DDL files and embedded migrations; `clickhouse` when it goes to ClickHouse, None if unclear.
    """

    statement: sql.Statement
    path: str
    line: int
    function: Function | None
    operations: tuple[Operation, ...]
    migration: bool
    clickhouse: bool | None
    file: FileFacts | None = None
    offset: int = 0

    def place(self, target: Target, clause: str = "") -> Evidence:
        """The statement's lines as evidence, or the line of one clause."""
        first = self.line + self.statement.line_offset
        if clause and clause in self.statement.clauses:
            return target.cite(self.path, self.line + self.statement.clauses[clause])
        return target.cite(self.path, first, min(self.line + self.statement.end_line_offset, first + 5))


class Statements:
    """Finds and classifies statements; `dialect` is the store that statements go to when nothing says otherwise."""

    def __init__(self, target: Target, calls: Calls, values: Values, system_of: object, dialect: str) -> None:
        self.target = target
        self.calls = calls
        self.values = values
        self.system_of = system_of
        self.dialect = dialect
        self.all: tuple[Sql, ...] = tuple(
            sorted(self._find(), key=lambda found: (found.path, found.line, found.offset))
        )

    def schema(self) -> sql.Schema:
        """The ClickHouse tables after all migrations, in the order of their files."""
        return sql.schema(
            (found.statement, found)
            for found in self.all
            if found.clickhouse is not False and found.statement.kind not in ("select", "insert")
        )

    def _find(self) -> Iterator[Sql]:
        sent = self._sent()
        for file in self.calls.names.program.files:
            if file.role == "generated":
                continue
            taken: list[tuple[int, int]] = []
            for row in file.rows.texts:
                text, exact = self._text(file, (row.start, row.end), row.block)
                if text is None or not sql.looks_like_sql(text):
                    continue
                taken.append((row.start, row.end))
                operations = tuple(sent.get((file.path, row.start), ()))
                yield from self._classified(file, row.start, row.block, text, exact, operations)
        for source in self.target.files:
            if source.kind == "sql" and source.role in ("product", "example", "tooling", "docs"):
                yield from self._of_file(source.path, source.text())
            elif source.kind == "shell" and source.role in ("product", "tooling", "example"):
                yield from self._of_script(source.path, source.text())

    def _classified(
        self, file: FileFacts, start: int, block: int, text: str, exact: bool, operations: tuple[Operation, ...]
    ) -> Iterator[Sql]:
        function = self.calls.names.program.enclosing(file, block)
        hint = self._hint(operations)
        line = file.line(start)
        for statement in sql.classify(text, dialect_hint=hint):
            if statement.kind in ("unknown", "other") and not operations:
                continue
            if not exact:
                statement = _flattened(statement)
            clickhouse = self._to_clickhouse(statement, operations)
            migration = "migrat" in file.path.lower()
            yield Sql(statement, file.path, line, function, operations, migration, clickhouse, file, start)

    def _of_file(self, path: str, text: str) -> Iterator[Sql]:
        if sql.migration_direction(path, text) == "down":
            return
        for statement in sql.classify(sql.up_part(text), dialect_hint=""):
            yield Sql(
                statement, path, 1, None, (), True, self._to_clickhouse(statement, ()), None, statement.line_offset
            )

    def _of_script(self, path: str, text: str) -> Iterator[Sql]:
        """Statements that a shell script hands to a client in quotes."""
        for match in re.finditer(r"([\"'])((?:(?!\1).){15,4000}?)\1", text, re.S):
            if sql.looks_like_sql(match[2].strip()):
                line = text.count("\n", 0, match.start(2)) + 1
                for statement in sql.classify(match[2], dialect_hint=""):
                    if statement.kind not in ("unknown", "other"):
                        yield Sql(
                            statement,
                            path,
                            line,
                            None,
                            (),
                            False,
                            self._to_clickhouse(statement, ()),
                            None,
                            match.start(2),
                        )

    def _hint(self, operations: tuple[Operation, ...]) -> str:
        for operation in operations:
            if operation.role.startswith("clickhouse."):
                return "clickhouse"
        return self.dialect

    def _to_clickhouse(self, statement: sql.Statement, operations: tuple[Operation, ...]) -> bool | None:
        systems = {self.system_of(operation) for operation in operations}  # type: ignore[operator]
        if "clickhouse" in systems:
            return True
        if systems & {"postgres", "mysql", "sqlite"}:
            return False
        if statement.dialect_hints:
            return True
        return True if self.dialect == "clickhouse" else (False if self.dialect else None)

    def _text(self, file: FileFacts, span: tuple[int, int], block: int) -> tuple[str | None, bool]:
        """The string at a span with holes for what is not constant; exact when its lines are those of the file."""
        written = file.slice(span)
        if written.startswith("`") and written.count("`") == 2:
            return written[1:-1], True
        if span[1] - span[0] > 60_000:
            return None, False
        node = self.calls.conventions.expression(file.text[slice(*span)], span[0])
        return self._joined(node, file, block), False

    def _joined(self, node: Expression, file: FileFacts, block: int) -> str | None:
        if node.kind == "text":
            return str(self.calls.conventions.string_value(file.slice((node.start, node.end))))
        if node.kind == "binary" and node.text == "+":
            left, right = (self._joined(part, file, block) for part in node.parts)
            return (left if left is not None else _HOLE) + (right if right is not None else _HOLE)
        return self.values.text_of(node, file, block)

    def _sent(self) -> dict[tuple[str, int], list[Operation]]:
        """(path, offset of a string) -> the operations that are given it."""
        found: dict[tuple[str, int], list[Operation]] = {}
        for operation in self.calls.operations:
            if not operation.role.startswith(_SENDING) or operation.entry.message is None:
                continue
            node = self.calls.argument(operation, operation.entry.message)
            for place in self._strings(node, operation.file, operation.block, 0):
                found.setdefault(place, []).append(operation)
        return found

    def _strings(self, node: Expression | None, file: FileFacts, block: int, depth: int) -> Iterator[tuple[str, int]]:
        """The places of the strings that an argument is made of."""
        if node is None or depth > 6:
            return
        if node.kind in ("text", "binary"):
            yield file.path, node.start
        elif node.kind == "name":
            names = self.calls.names
            found = names.local(node.text, file, node.start)
            if found is not None and found[0].values:
                row = found[0]
                for span in row.values:
                    inner = self.calls.conventions.expression(file.text[slice(*span)], span[0])
                    yield from self._strings(inner, file, row.block, depth + 1)
                for other in file.rows.bindings:
                    if other.form == "assign" and other.names == (node.text,) and row.start < other.start < node.start:
                        span = other.values[0]
                        inner = self.calls.conventions.expression(file.text[slice(*span)], span[0])
                        yield from self._strings(inner, file, other.block, depth + 1)
                return
            scope = names.program.scope(file)
            if node.text in scope.values:
                other_file, index, position = scope.values[node.text]
                row = other_file.rows.bindings[index]
                if position < len(row.values):
                    yield other_file.path, row.values[position][0]
                return
            parameter = names.parameter(node.text, names.program.enclosing(file, block))
            if parameter is not None and parameter[1] >= 0:
                for call in self.calls.callers.get(parameter[0].key, ())[:12]:
                    argument = self.calls.argument(call, parameter[1])
                    yield from self._strings(argument, call.file, call.block, depth + 1)
        elif node.kind == "call":
            for part in node.parts[1:]:
                yield from self._strings(part, file, block, depth + 1)
        elif node.kind == "select":
            base = node.parts[0]
            path = self.calls.names.package_named(base.text, file, block, node.start) if base.kind == "name" else None
            other_scope = self.calls.names.program.scopes.get(path) if path else None
            if other_scope is not None and node.text in other_scope.values:
                other_file, index, position = other_scope.values[node.text]
                row = other_file.rows.bindings[index]
                if position < len(row.values):
                    yield other_file.path, row.values[position][0]


def _flattened(statement: sql.Statement) -> sql.Statement:
    """A statement whose text is joined or escaped: its inner lines are not those of the file."""
    from dataclasses import replace

    return replace(statement, line_offset=0, end_line_offset=0, clauses={})
