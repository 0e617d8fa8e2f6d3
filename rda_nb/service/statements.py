"""Every SQL statement of the target with its place, the calls that send it, and the schema that migrations build."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rda_nb.core import Evidence
from rda_nb.facts import sql
from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import Function
from rda_nb.service.query_builders import built
from rda_nb.service.sending import Place, Sending
from rda_nb.service.values import Values
from rda_nb.source import Target

_HOLE = "%s"
_Classify = Callable[[str, str], tuple[sql.Statement, ...]]
_DDL = ("create_", "alter_", "drop", "rename", "exchange", "truncate", "optimize")
_WORDS = re.compile(r"[a-z0-9]+")
_OTHERS = frozenset(
    {"postgres", "postgresql", "pg", "pgsql", "mysql", "mariadb", "sqlite", "sqlite3", "redshift", "mssql"}
)
_OTHERS_WITHIN = ("postgres", "mysql", "sqlite", "mariadb")
_DRIVERS = re.compile(r"clickhouse|ch-go"), re.compile(r"pgx|lib/pq|postgres|mysql|sqlite|gorm|uptrace/bun")
_MIGRATION_MARK = re.compile(r"--\s*(?:\+goose|\+migrate|migrate:)\s*up", re.I)


@dataclass(frozen=True, eq=False, slots=True)
class Sql:
    """One statement: where it is written, in which function or file, and the operations that send it.

    `migration` is True for DDL files and embedded migrations; `clickhouse` when it goes to ClickHouse, None if unclear.
    `piece` when code adds other text to it, so that what is not there says nothing. `role` is the class of its file.
    `users` are the functions that name it on the way to an operation.
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
    piece: bool = False
    role: str = "product"
    users: tuple[Function, ...] = ()

    @property
    def at(self) -> int:
        """1-based line where the statement begins."""
        return self.line + self.statement.line_offset

    def place(self, target: Target, clause: str = "") -> Evidence:
        """The statement's lines as evidence, or the line of one clause."""
        if clause and clause in self.statement.clauses:
            return target.cite(self.path, self.line + self.statement.clauses[clause])
        return target.cite(self.path, self.at, min(self.line + self.statement.end_line_offset, self.at + 5))


class Statements:
    """Finds and classifies statements; `dialect` is the store that statements go to when nothing says otherwise."""

    def __init__(
        self, target: Target, calls: Calls, values: Values, system_of: object, dialect: str, classify: _Classify
    ) -> None:
        self._classify = classify
        self.target = target
        self.calls = calls
        self.values = values
        self.system_of = system_of
        self.dialect = dialect
        found = self._settled(list(self._find()))
        self.all: tuple[Sql, ...] = tuple(sorted(found, key=lambda made: (made.path, made.line, made.offset)))

    def schema(self) -> sql.Schema:
        """The ClickHouse tables after all migrations, in the order of their files, numbers in names taken as numbers.

        DDL of tools and examples counts only where the service has none of its own.
        """
        kept = [
            found
            for found in self.all
            if found.clickhouse and found.statement.kind not in ("select", "insert") and found.role != "test"
        ]
        own = [found for found in kept if found.role == "product"]
        if any(found.statement.kind == "create_table" for found in own):
            kept = own
        kept.sort(key=lambda found: (_natural(found.path), found.line, found.offset))
        return sql.schema((found.statement, found) for found in kept)

    def _find(self) -> Iterator[Sql]:
        sent = Sending(self.calls, self.values).by_place()
        for file in self.calls.names.program.files:
            if file.role == "generated":
                continue
            for row in file.rows.texts:
                text, exact = self._text(file, (row.start, row.end), row.block)
                if text is None or not sql.looks_like_sql(text):
                    continue
                yield from self._classified(
                    file, row.start, row.block, text, exact, sent.get((file.path, row.start), [])
                )
        yield from self._joined_there(sent)
        for file, start, block, text, piece in built(self.calls, self.values):
            for one in self._classified(file, start, block, text, False, sent.get((file.path, start), [])):
                yield replace(one, piece=one.piece or piece or not one.operations)
        for source in self.target.files:
            if source.kind == "sql" and source.role in ("product", "example", "tooling", "docs"):
                yield from self._of_file(source.path, source.text(), source.role, sent.get((source.path, 0), []))
            elif source.kind == "shell" and source.role in ("product", "tooling", "example"):
                yield from self._of_script(source.path, source.text(), source.role)

    def _joined_there(self, sent: dict[tuple[str, int], list[tuple[Operation, Place]]]) -> Iterator[Sql]:
        """Statements that are put together where they are sent, out of constants that stand elsewhere."""
        files = {file.path: file for file in self.calls.names.program.files}
        for (path, start), senders in sent.items():
            operation, place = senders[0]
            if place.end and path in files and place.user is not None:
                file = files[path]
                # A constant of another file is put together outside any function of its own file.
                here = place.user.row.block if place.user.file is file else -1
                block = operation.block if operation.path == path else here
                text, _ = self._text(file, (start, place.end), block)
                if text is not None and sql.looks_like_sql(text):
                    yield from self._classified(file, start, block, text, False, senders)

    def _classified(
        self, file: FileFacts, start: int, block: int, text: str, exact: bool, senders: list[tuple[Operation, Place]]
    ) -> Iterator[Sql]:
        function = self.calls.names.program.enclosing(file, block)
        operations, users = _unique(senders)
        piece = bool(senders) and all(place.piece for _, place in senders)
        line = file.line(start)
        marked = _MIGRATION_MARK.search(text) is not None
        for statement in self._classify(sql.up_part(text) if marked else text, self._hint(operations)):
            if statement.kind in ("unknown", "other") and not operations:
                continue
            if not exact:
                statement = _flattened(statement)
            clickhouse = self._to_clickhouse(statement, operations, file.path, file)
            migration = marked or "migrat" in file.path.lower()
            cut = piece or statement.reason.startswith("cut off")
            made = Sql(
                statement, file.path, line, function, operations, migration, clickhouse, file, start, cut, file.role
            )
            yield replace(made, users=users) if users else made

    def _of_file(self, path: str, text: str, role: str, senders: list[tuple[Operation, Place]]) -> Iterator[Sql]:
        if sql.migration_direction(path, text) == "down":
            return
        operations, users = _unique(senders)
        for statement in self._classify(sql.up_part(text), self._hint(operations) if operations else ""):
            shape = statement.kind.startswith(_DDL) and (not operations or statement.kind.startswith("create_"))
            migration = "migrat" in path.lower() or shape
            clickhouse = self._to_clickhouse(statement, operations, path, None)
            made = Sql(statement, path, 1, None, operations, migration, clickhouse, None, statement.line_offset)
            yield replace(made, users=users, role=role)

    def _of_script(self, path: str, text: str, role: str) -> Iterator[Sql]:
        """Statements that a shell script hands to a client in quotes."""
        for match in re.finditer(r"([\"'])((?:(?!\1).){15,4000}?)\1", text, re.S):
            if sql.looks_like_sql(match[2].strip()):
                line = text.count("\n", 0, match.start(2)) + 1
                for statement in self._classify(match[2], ""):
                    if statement.kind not in ("unknown", "other"):
                        clickhouse = self._to_clickhouse(statement, (), path, None)
                        yield Sql(statement, path, line, None, (), False, clickhouse, None, match.start(2), False, role)

    # Which store

    def _hint(self, operations: tuple[Operation, ...]) -> str:
        for operation in operations:
            if operation.role.startswith("clickhouse."):
                return "clickhouse"
        return self.dialect

    def _to_clickhouse(
        self, statement: sql.Statement, operations: tuple[Operation, ...], path: str, file: FileFacts | None
    ) -> bool | None:
        """By the operations that send it, the words of the path, words that one store has, and imported drivers."""
        systems = {self.system_of(operation) for operation in operations}  # type: ignore[operator]
        if "clickhouse" in systems:
            return True
        if systems & {"postgres", "mysql", "sqlite"}:
            return False
        words = set(_WORDS.findall(path.lower()))
        if any("clickhouse" in word for word in words):
            return True
        if words & _OTHERS or any(other in word for word in words for other in _OTHERS_WITHIN):
            return False
        if statement.dialect_hints:
            return True
        drivers = self._drivers(file) if file is not None else (False, False)
        if drivers[0] != drivers[1]:
            return drivers[0]
        return True if self.dialect == "clickhouse" else (False if self.dialect else None)

    def _drivers(self, file: FileFacts) -> tuple[bool, bool]:
        """Whether a file imports something of ClickHouse, and something of another SQL store."""
        paths = [row.path.lower() for row in file.rows.imports]
        return any(_DRIVERS[0].search(path) for path in paths), any(_DRIVERS[1].search(path) for path in paths)

    def _settled(self, found: list[Sql]) -> list[Sql]:
        """Unclear statements follow their neighbours: the same file, the same folder of migrations, the same table."""
        if all(one.clickhouse is not None for one in found):
            return found
        files: dict[str, set[bool]] = {}
        tables: dict[str, set[bool]] = {}
        for one in found:
            if one.clickhouse is not None:
                files.setdefault(one.path, set()).add(one.clickhouse)
                if one.file is None:
                    files.setdefault(one.path.rpartition("/")[0] + "/", set()).add(one.clickhouse)
                if one.statement.kind == "create_table":
                    tables.setdefault(_bare(one.statement.target), set()).add(one.clickhouse)
        return [one if one.clickhouse is not None else self._placed(one, files, tables) for one in found]

    @staticmethod
    def _placed(one: Sql, files: dict[str, set[bool]], tables: dict[str, set[bool]]) -> Sql:
        folder = one.path.rpartition("/")[0] + "/" if one.file is None else ""
        names = [_bare(name) for name in (*one.statement.tables, one.statement.target) if name]
        for said in (*(tables.get(name) for name in names), files.get(one.path), files.get(folder)):
            if said is not None and len(said) == 1:
                return replace(one, clickhouse=next(iter(said)))
        return one

    # Texts

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


def _flattened(statement: sql.Statement) -> sql.Statement:
    """A statement whose text is joined or escaped: its inner lines are not those of the file."""
    return replace(statement, line_offset=0, end_line_offset=0, clauses=dict.fromkeys(statement.clauses, 0))


def _unique(senders: list[tuple[Operation, Place]]) -> tuple[tuple[Operation, ...], tuple[Function, ...]]:
    """The operations that send a text and the functions that name it, each once."""
    operations = {id(operation): operation for operation, _ in senders}
    users = {place.user.key: place.user for _, place in senders if place.user is not None}
    return tuple(operations.values()), tuple(users.values())


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _natural(path: str) -> list[tuple[int, int | str]]:
    """A path as a sorting key in which 2_x comes before 10_x."""
    parts = re.split(r"(\d+)", path)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]
