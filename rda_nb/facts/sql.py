"""Every SQL statement of a text, classified: what it reads, writes, filters and defines, quoted as written.

Queries are read with sqlglot where it takes them, all other forms by readers of our own; nothing is lost silently:
what cannot be read has kind *unknown* and says why.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from rda_nb.facts.sql_cursor import Cursor
from rda_nb.facts.sql_forms import read_statement
from rda_nb.facts.sql_partition import PartitionGrain, partition_grain
from rda_nb.facts.sql_schema import Cited, Schema, Table, schema
from rda_nb.facts.sql_shape import looks_like_sql
from rda_nb.facts.sql_split import Token, migration_direction, split, tokens_of, up_part, words
from rda_nb.facts.sql_statement import KINDS, Alteration, ColumnDef, Join, Statement

__all__ = [
    "KINDS",
    "Alteration",
    "Cited",
    "ColumnDef",
    "Join",
    "PartitionGrain",
    "Schema",
    "Statement",
    "Table",
    "classify",
    "looks_like_sql",
    "migration_direction",
    "partition_grain",
    "schema",
    "up_part",
]

_LONGEST = 2_000_000
"""Characters above which a text is data (a dump) and not worth its reading time."""

_CLICKHOUSE_WORD = re.compile(
    r"(?:\w*MergeTree|Distributed|Buffer|Kafka|S3Queue|RabbitMQ|MaterializedPostgreSQL|LowCardinality|Nullable|FixedString|"
    r"DateTime64|U?Int(?:8|16|32|64|128|256)|Float(?:32|64)|(?:Simple)?AggregateFunction|CODEC|PREWHERE|"
    r"toStartOf\w+|toYYYYMM\w*|toMonday|toDate(?:Time)?(?:64|32)?|toU?Int\d+\w*|toString|toUnixTimestamp\w*|"
    r"argM(?:ax|in)\w*|uniq(?:Exact|Combined|HLL12|Theta)?\w*|quantiles?[A-Z]\w*|quantiles?|group(?:Uniq)?Array\w*|"
    r"(?:count|sum|avg|any|min|max)(?:If|State|Merge|OrNull|Last|Heavy)\w*|arrayJoin|array[A-Z]\w+|dictGet\w*|"
    r"formatDateTime|parseDateTime\w*|JSONExtract\w*|generateUUIDv\d|cityHash64|sipHash64|intHash\d+|intDiv|"
    r"async_insert|wait_for_async_insert|max_execution_time|max_threads|do_not_merge_across_partitions_select_final|"
    r"optimize_\w+|currentDatabase|tupleElement|multiIf|ifNull|assumeNotNull|SETTINGS|ASOF|POPULATE)$"
)


@lru_cache(maxsize=4096)
def classify(text: str, *, dialect_hint: str = "") -> tuple[Statement, ...]:
    """The statements of `text` in order; empty when it holds none. Never raises.

    `dialect_hint` (clickhouse, postgres, mysql, sqlite ...) comes first; without one ClickHouse and then generic SQL
    are tried. Line offsets are 0-based within `text`.
    """
    if len(text) > _LONGEST:
        lines = text.count("\n")
        return (Statement(text[:200], 0, lines, reason=f"text of {len(text)} characters is taken for data"),)
    hint = dialect_hint.lower()
    return tuple(_guarded(text, tokens, hint) for tokens in split(tokens_of(text, hint)))


def _guarded(text: str, tokens: tuple[Token, ...], dialect: str) -> Statement:
    """One statement, or *unknown* naming the error where a reader met something its form does not foresee."""
    try:
        return _classified(text, tokens, dialect)
    except Exception as error:
        lines = (text.count("\n", 0, tokens[0].start), text.count("\n", 0, tokens[-1].end))
        reason = f"reader failed: {type(error).__name__}: {error}"
        return Statement(text[tokens[0].start : tokens[-1].end], *lines, reason=reason)


def _classified(text: str, tokens: tuple[Token, ...], dialect: str) -> Statement:
    """One statement from its tokens."""
    cursor = Cursor(text, tokens)
    fields = read_statement(cursor, dialect)
    first, last = tokens[0], tokens[-1]
    if fields["kind"] != "unknown" and _cut_off(tokens):
        fields["reason"] = "cut off: the statement goes on outside this text"
    return Statement(
        text=text[first.start : last.end],
        line_offset=cursor.line(first),
        end_line_offset=text.count("\n", 0, last.end),
        clauses=dict(sorted(cursor.clauses.items())),
        placeholders=_placeholders(tokens),
        dialect_hints=_hints(tokens, fields.get("final", False), fields.get("limit_by", False)),
        **fields,
    )


def _cut_off(tokens: tuple[Token, ...]) -> bool:
    """True when brackets stay open or the last word asks for more, as in a text that code goes on building."""
    last = tokens[-1]
    opened = last.depth + (last.text in {"(", "["}) if last.text not in {")", "]"} else last.depth
    value = len(tokens) > 1 and tokens[-2].text == "="
    return opened > 0 or last.text in {",", "=", "'"} or (last.upper in _UNFINISHED and not value)


_UNFINISHED = words(
    "FROM WHERE AND OR SELECT JOIN ON BY IN LIKE INTO SET AS HAVING LIMIT TABLE UNION ALL USING EXISTS NOT"
)
_HOLE_IN_STRING = re.compile(r"%(?:\[\d+\])?[sdvq]|\{\{.*?\}\}|\$\{[^{}\n]*\}")


def _placeholders(tokens: tuple[Token, ...]) -> int:
    """Template holes and parameters, inside quotes as well."""
    inside = sum(len(_HOLE_IN_STRING.findall(token.text)) for token in tokens if token.kind in {"string", "name"})
    return inside + sum(token.kind == "hole" for token in tokens)


def _hints(tokens: tuple[Token, ...], final: bool, limit_by: bool) -> frozenset[str]:
    """Words that only ClickHouse has, as written."""
    words = {token.text for token in tokens if token.kind == "word" and _CLICKHOUSE_WORD.match(token.text)}
    pairs = {(before.upper, token.upper) for before, token in pairwise(tokens) if before.kind == "word"}
    words |= {
        f"{a} {b}" for a, b in pairs & {("ON", "CLUSTER"), ("ARRAY", "JOIN"), ("ANY", "JOIN"), ("OPTIMIZE", "TABLE")}
    }
    words |= {"FINAL"} if final else set()
    words |= {"LIMIT BY"} if limit_by else set()
    words |= {"system."} if ("SYSTEM", ".") in pairs else set()
    return frozenset(words)
