"""The only door to sqlglot: a query's tree under the dialect that takes it, and the facts that need scopes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rda_nb.facts.sql_repair import hole_edits, limit_by_edits, parametric_edits
from rda_nb.facts.sql_split import Token, mask, only_holes
from rda_nb.facts.sql_statement import Join

if TYPE_CHECKING:
    from sqlglot import exp

DIALECTS = {"postgresql": "postgres", "pg": "postgres", "mariadb": "mysql", "sqlite3": "sqlite", "mssql": "tsql"}
_ALONE = "SELECT 1 WHERE "
_DEEPEST = 60
"""Bracket depth from which no tree is built: the parser recurses, and no written statement nests this far."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back sqlglot's own warnings: what it cannot structure is read by our forms and reported there."""

    def refuse(_: logging.LogRecord) -> bool:
        return False

    logger = logging.getLogger("sqlglot")
    logger.addFilter(refuse)
    try:
        yield
    finally:
        logger.removeFilter(refuse)


def parse(source: str, tokens: Sequence[Token], dialect: str) -> exp.Expr | None:
    """The tree of a query, or None when no dialect takes it, with template holes repaired as a second attempt."""
    if not tokens or max(token.depth for token in tokens) - tokens[0].depth > _DEEPEST:
        return None
    limits = limit_by_edits(tokens)
    attempts = [mask(source, tokens, limits)]
    repairs = limits | hole_edits(tokens) | parametric_edits(tokens)
    if repairs != limits:
        attempts.append(mask(source, tokens, repairs))
    named = DIALECTS.get(dialect, dialect)
    for name in dict.fromkeys((named or "clickhouse", "clickhouse", "", "postgres")):
        for attempt in attempts:
            tree = _parsed(attempt, name)
            if tree is not None:
                return tree
    return None


def _parsed(text: str, dialect: str) -> exp.Expr | None:
    import sqlglot
    from sqlglot import exp

    try:
        with _quiet():
            tree = sqlglot.parse_one(text, read=dialect or None)
    except (
        sqlglot.errors.SqlglotError,
        RecursionError,
        ArithmeticError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
    ):
        # Beside its own errors the parser lets a few of Python's escape on text that is not SQL.
        return None
    return tree if isinstance(tree, exp.Query) else None


def condition_names(source: str, tokens: Sequence[Token], dialect: str) -> tuple[str, ...] | None:
    """Columns of a lone condition, or None when it does not parse."""
    if max(token.depth for token in tokens) - tokens[0].depth > _DEEPEST:
        return None
    edits: Mapping[int, str] = {}
    tree = _parsed(_ALONE + mask(source, tokens, edits), DIALECTS.get(dialect, dialect) or "clickhouse")
    return None if tree is None else _where_columns(tree.walk(), frozenset(), source, tokens[0].start - len(_ALONE))


def read_tree(tree: exp.Expr, source: str, base: int) -> dict[str, Any]:
    """Tables, joins, condition columns, star and aggregates of a query whose text begins at `base` in `source`."""
    from sqlglot import exp

    nodes = list(tree.walk())
    defined = [node for node in nodes if isinstance(node, exp.CTE)]
    ctes = {cte.alias: cte.this for cte in defined if isinstance(cte.this, exp.Query)}
    stored = [node for node in nodes if isinstance(node, exp.Table)]
    tables = [t for t in stored if not _is_array(t) and not _is_template(t, source, base)]
    scalars = frozenset(cte.alias for cte in defined if not isinstance(cte.this, exp.Query))
    tables.sort(key=_position)
    first = _leftmost(tree, ctes, 0)
    tables.sort(key=lambda table: table is not first)
    names = [_table_name(table, source, base) for table in tables if table.args.get("db") or table.name not in ctes]
    known = frozenset(
        {table.alias_or_name for table in tables}
        | set(ctes)
        | {node.alias for node in nodes if isinstance(node, exp.Subquery)}
    )
    return {
        "tables": tuple(dict.fromkeys(name for name in names if name)),
        "joins": tuple(_join(join, source, base) for join in nodes if isinstance(join, exp.Join)),
        "where_columns": tuple(
            name for name in _where_columns(nodes, known, source, base) if name.partition(".")[0] not in scalars
        ),
        "star": _star(tree, ctes, 0, [id(table) for table in tables]),
        "aggregates": _aggregates(tree),
        "has_final": any(isinstance(node, exp.Final) for node in nodes),
    }


def _leftmost(tree: exp.Expr | None, ctes: Mapping[str, exp.Expr], depth: int) -> exp.Expr | None:
    """The stored table that the main FROM begins with: the one whose inserts run a materialized view."""
    from sqlglot import exp

    while isinstance(tree, exp.Subquery | exp.SetOperation | exp.Final):
        tree = tree.this
    if isinstance(tree, exp.Table):
        named = ctes.get(tree.name) if not tree.args.get("db") else None
        return tree if named is None or depth > 20 else _leftmost(named, ctes, depth + 1)
    origin = tree.args.get("from_") if isinstance(tree, exp.Select) else None
    return _leftmost(origin.this, ctes, depth + 1) if origin is not None and depth <= 20 else None


def _position(node: exp.Expr) -> int:
    """The offset of the first name within a node: a table, table function or column."""
    from sqlglot import exp

    return min((int(part.meta["start"]) for part in node.find_all(exp.Expr) if "start" in part.meta), default=0)


def _is_template(table: exp.Table, source: str, base: int) -> bool:
    """True for `(%s)`: a template hole alone in brackets stands for a query, not for a table."""
    end = table.this.meta.get("end") if table.this is not None else None
    if end is None or not table.name.startswith("_"):
        return False
    start = base + int(table.this.meta["start"])
    bracketed = source[:start].rstrip().endswith("(") and source[base + int(end) + 1 :].lstrip().startswith(")")
    return bracketed and only_holes(source[start : base + int(end) + 1])


def _is_array(table: exp.Expr) -> bool:
    from sqlglot import exp

    join = table.find_ancestor(exp.Join, exp.Select)
    return isinstance(join, exp.Join) and str(join.args.get("kind")) == "ARRAY"


def _table_name(table: exp.Table, source: str, base: int) -> str:
    """The name as written, holes included; for a table function its text up to the bracket, with `()`."""
    from sqlglot import exp

    inner = table.this
    if not isinstance(inner, exp.Identifier):
        name = inner.name if isinstance(inner, exp.Anonymous) else ""
        if name.lower() in {"cluster", "clusterallreplicas", "remote", "remotesecure"} and len(inner.expressions) > 1:
            second = inner.expressions[1]
            if isinstance(second, exp.Column):
                return ".".join(_spelled(part, source, base) for part in second.parts)
        return f"{name}()" if name else ""
    return ".".join(_spelled(part, source, base) for part in table.parts if isinstance(part, exp.Identifier))


def _spelled(identifier: exp.Expr, source: str, base: int) -> str:
    """An identifier as the source has it: a hole that was masked gets its own text back."""
    start, end = identifier.meta.get("start"), identifier.meta.get("end")
    if start is None or end is None or "_" not in identifier.name:
        return str(identifier.name)
    written = source[base + start : base + end + 1]
    return written.strip('`"')


def _join(join: exp.Join, source: str, base: int) -> Join:
    from sqlglot import exp

    words = [str(join.args.get(key) or "") for key in ("method", "side", "kind")]
    words = (["GLOBAL"] if join.args.get("global_") or join.args.get("global") else []) + [
        word for word in words if word
    ]
    side = join.this
    while isinstance(side, exp.Final):
        side = side.this
    name = _table_name(side, source, base) if isinstance(side, exp.Table) and "ARRAY" not in words else ""
    return Join(" ".join(words).upper(), name)


def _where_columns(nodes: Iterable[exp.Expr], known: frozenset[str], source: str, base: int) -> tuple[str, ...]:
    """Columns of every WHERE and PREWHERE, without those of queries inside them that are not conditions there."""
    from sqlglot import exp

    found: list[tuple[int, str]] = []
    for where in nodes:
        if not isinstance(where, exp.Where | exp.PreWhere):
            continue
        for node in where.walk(prune=lambda n: isinstance(n, exp.Query)):
            if not isinstance(node, exp.Column) or not node.name.strip("_"):
                continue
            qualifier = node.table
            dotted = qualifier and known and qualifier not in known and qualifier.strip("_")
            name = _spelled(node.this, source, base)
            found.append((_position(node), f"{qualifier}.{name}" if dotted else name))
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def _star(tree: exp.Expr | None, ctes: Mapping[str, exp.Expr], depth: int, stored: Sequence[int]) -> bool:
    """True when the result holds every column of a stored table: a star over a subquery is what that selects."""
    from sqlglot import exp

    if isinstance(tree, exp.Subquery):
        return _star(tree.this, ctes, depth, stored)
    if isinstance(tree, exp.SetOperation):
        return _star(tree.left, ctes, depth, stored) or _star(tree.right, ctes, depth, stored)
    if not isinstance(tree, exp.Select) or depth > 20 or not tree.is_star:
        return False
    sources = [tree.args.get("from_"), *tree.args.get("joins", ())]
    for source in sources:
        side = source.this if source is not None else None
        while isinstance(side, exp.Final):
            side = side.this
        if isinstance(side, exp.Table):
            if side.args.get("db") or side.name not in ctes:
                if id(side) in stored:
                    return True
                continue
            side = ctes[side.name]
        if _star(side, ctes, depth + 1, stored):
            return True
    return False


def _aggregates(tree: exp.Expr) -> bool:
    """True when the outermost select list folds rows: an aggregate that is no window function and not in a subquery."""
    from sqlglot import exp

    if isinstance(tree, exp.Subquery | exp.SetOperation):
        return isinstance(tree.this, exp.Expr) and _aggregates(tree.this)
    for item in tree.expressions:
        for node in item.walk(prune=lambda n: isinstance(n, exp.Query | exp.Window)):
            if isinstance(node, exp.AggFunc):
                return True
    return False
