"""What a query says: clauses cut from its tokens, scopes and columns read from sqlglot's tree where it has one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rda_nb.facts.sql_cursor import Clause, Cursor, clauses, parts, unquoted, unwrapped
from rda_nb.facts.sql_split import Token, phrases, words
from rda_nb.facts.sql_statement import Join
from rda_nb.facts.sql_tree import condition_names, parse, read_tree

if TYPE_CHECKING:
    from sqlglot import exp

PHRASES: tuple[tuple[str, ...], ...] = (
    phrases("""SELECT;FROM;SAMPLE;PREWHERE;WHERE;GROUP BY;HAVING;WINDOW;QUALIFY;ORDER BY;LIMIT;OFFSET;FETCH FIRST;
    FETCH NEXT;SETTINGS;FORMAT;INTO OUTFILE;UNION ALL;UNION DISTINCT;UNION;FOR UPDATE;RETURNING""")
)
_WORDS_OF_CONDITIONS = words("""AND OR NOT IN IS NULL LIKE ILIKE BETWEEN EXISTS TRUE FALSE INTERVAL CASE WHEN
    THEN ELSE END AS ANY ALL GLOBAL
    SELECT FROM WHERE PREWHERE DISTINCT CAST ON SETTINGS
    RETURNING USING DIV MOD ARRAY SIMILAR TO ESCAPE REGEXP""")
_JOIN_WORDS = words("GLOBAL INNER LEFT RIGHT FULL OUTER CROSS ASOF ANY ALL SEMI ANTI ARRAY NATURAL PASTE LATERAL")


def read_query(cursor: Cursor, tokens: Sequence[Token], dialect: str) -> dict[str, Any]:
    """The fields of `Statement` that a SELECT or WITH fills, from the tokens of that query alone."""
    tokens = unwrapped(tokens)
    found = _outline(cursor, tokens)
    tree = parse(cursor.source, tokens, dialect)
    if tree is None:
        return (
            found | _by_tokens(cursor, tokens) | {"parsed_by": "forms", "reason": "no parser takes it: read by keyword"}
        )
    return found | _by_tree(cursor, tokens, tree, found) | {"parsed_by": "sqlglot"}


def read_condition(cursor: Cursor, tokens: Sequence[Token], dialect: str) -> tuple[str, ...]:
    """Names of the columns in a condition that stands alone, as in DELETE or ALTER ... UPDATE."""
    names = condition_names(cursor.source, tokens, dialect) if tokens else ()
    return tuple(_condition_columns(tokens)) if names is None else names


def _by_tree(cursor: Cursor, tokens: Sequence[Token], tree: exp.Expr, found: dict[str, Any]) -> dict[str, Any]:
    """What only scopes can tell, from the tree."""
    reading = read_tree(tree, cursor.source, tokens[0].start)
    final = _final_token(tokens) if reading.pop("has_final") else None
    return reading | _final(cursor, final)


def _final(cursor: Cursor, token: Token | None) -> dict[str, Any]:
    if token is None:
        return {"final": False, "final_line_offset": None}
    cursor.mark("final", token)
    return {"final": True, "final_line_offset": cursor.line(token)}


def _final_token(tokens: Sequence[Token]) -> Token | None:
    """The FINAL that follows a table or its alias."""
    for before, token in pairwise(tokens):
        if (
            token.upper == "FINAL"
            and (before.kind != "op" or before.text == ")")
            and before.upper not in {"SELECT", "AS"}
        ):
            return token
    return None


def _outline(cursor: Cursor, tokens: Sequence[Token]) -> dict[str, Any]:
    """Columns, grouping, order, limits, sampling and settings of the outermost query, quoted from the text."""
    found: dict[str, Any] = {}
    settings: dict[str, str] = {}
    for clause in clauses(tokens, PHRASES):
        if clause.name == "SELECT":
            if "columns" not in found:
                cursor.mark("select", clause.token)
                found["columns"] = tuple(_column_names(cursor, clause.body))
        elif clause.name in {"LIMIT", "OFFSET", "FETCH FIRST", "FETCH NEXT"}:
            _limit(cursor, clause, found)
        elif clause.name == "SETTINGS":
            cursor.mark("settings", clause.token)
            settings |= cursor.settings(clause.body)
        elif clause.name in {"GROUP BY", "ORDER BY"}:
            cursor.mark(clause.name.lower(), clause.token)
            found[clause.name.lower().replace(" ", "_")] = cursor.items(clause.body)
        elif clause.name == "SAMPLE":
            cursor.mark("sample", clause.token)
            found["sample"] = cursor.slice(clause.body)
        elif not clause.name.startswith("UNION"):
            cursor.mark(clause.name.lower(), clause.token)
    prewhere = next((token for token in tokens if token.upper == "PREWHERE"), None)
    if prewhere is not None:
        cursor.mark("prewhere", prewhere)
    return found | {"settings": settings, "prewhere": prewhere is not None}


def _limit(cursor: Cursor, clause: Clause, found: dict[str, Any]) -> None:
    """LIMIT n, LIMIT m, n, LIMIT n BY columns, OFFSET m BY columns and FETCH FIRST n ROWS."""
    words = [token.upper for token in clause.body]
    if "BY" in words:
        found["limit_by"] = True
        if clause.name == "OFFSET" and "limit" in cursor.clauses:
            cursor.clauses["limit by"] = cursor.clauses.pop("limit")
            found.pop("limit", None)
        cursor.mark("limit by", clause.token)
    elif clause.name != "OFFSET" and not (words and words[0] == "ALL"):
        cursor.mark("limit", clause.token)
        counts = parts(clause.body)
        if counts and counts[-1][0].kind == "number" and counts[-1][0].text.isdecimal():
            found["limit"] = int(counts[-1][0].text)


def _column_names(cursor: Cursor, body: Sequence[Token]) -> Iterator[str]:
    """The name of each selected item: its alias, its column, `*`, or its text."""
    start = 1 if body and body[0].upper in {"DISTINCT", "ALL"} else 0
    for part in parts(body[start:]):
        aliased = (
            part[-2].upper == "AS" or (part[-2].text == ")" and part[-1].kind in {"word", "name"})
            if part[1:]
            else False
        )
        if aliased and len(part) > 2 and part[-1].upper != "END":
            yield unquoted(part[-1].text)
        elif all(token.kind in {"word", "name", "hole"} or token.text in ".*" for token in part) and (
            part[-1].end - part[0].start == sum(len(token.text) for token in part)
        ):
            yield (unquoted(part[-1].text) if part[-1].kind != "hole" else cursor.slice(part))
        else:
            yield cursor.slice(part)


def _by_tokens(cursor: Cursor, tokens: Sequence[Token]) -> dict[str, Any]:
    """Tables, joins and condition columns found by keyword, for a query that no parser takes."""
    named = {
        unquoted(name.text)
        for name, word, opening in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if word.upper == "AS" and opening.text == "(" and name.kind in {"word", "name"}
    }
    tables: dict[str, None] = {}
    joins: list[Join] = []
    selecting: set[int] = set()
    for index, token in enumerate(tokens):
        if token.upper == "SELECT":
            selecting.add(token.depth)
        elif token.text == ")":
            selecting.discard(token.depth + 1)
        if token.upper not in {"FROM", "JOIN"} or token.depth not in selecting:
            continue
        reader = Cursor(cursor.source, tokens, index + 1)
        name = reader.name()
        if name and reader.peek() != "(" and name not in named:
            tables.setdefault(name)
        if token.upper == "JOIN":
            first = index
            while first and tokens[first - 1].upper in _JOIN_WORDS:
                first -= 1
            joins.append(Join(cursor.slice(tokens[first:index]).upper(), name))
    select = next((c.body for c in clauses(tokens, PHRASES) if c.name == "SELECT"), ())
    return {
        "tables": tuple(tables),
        "joins": tuple(joins),
        "where_columns": tuple(_where_columns(tokens)),
        "star": any(part[-1].text == "*" and part[0].kind != "number" for part in parts(select)) and bool(tables),
        "aggregates": any(_AGGREGATE.match(token.text) for token in select if token.kind == "word"),
    } | _final(cursor, _final_token(tokens))


_AGGREGATE = re.compile(
    r"(?:count|sum|avg|min|max|any|uniq|quantile|groupArray|groupUniqArray|argMin|argMax|topK|stddev|median|array_agg)"
    r"(?:s|[A-Z]\w*)?$"
)


def _where_columns(tokens: Sequence[Token]) -> Iterator[str]:
    """Columns of every WHERE and PREWHERE, whatever its depth."""
    ends = {phrase[0] for phrase in PHRASES}
    seen: set[str] = set()
    for index, token in enumerate(tokens):
        if token.upper not in {"WHERE", "PREWHERE"}:
            continue
        last = index + 1
        while last < len(tokens) and not (
            tokens[last].depth < token.depth or (tokens[last].depth == token.depth and tokens[last].upper in ends)
        ):
            last += 1
        for name in _condition_columns(tokens[index + 1 : last]):
            if name not in seen:
                seen.add(name)
                yield name


def _condition_columns(tokens: Sequence[Token]) -> Iterator[str]:
    """Names that can only be columns: not a keyword, a function, a qualifier or a type."""
    seen: set[str] = set()
    for index, token in enumerate(tokens):
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        before = tokens[index - 1].text if index else ""
        if token.kind not in {"word", "name"} or following in {"(", "."} or before in {"::", "{"}:
            continue
        literal = index + 1 < len(tokens) and tokens[index + 1].kind == "string" and token.kind == "word"
        if literal or (index > 1 and tokens[index - 2].upper == "INTERVAL"):
            continue
        name = unquoted(token.text)
        if (before == "." and name not in seen) or (token.upper not in _WORDS_OF_CONDITIONS and name not in seen):
            seen.add(name)
            yield name
