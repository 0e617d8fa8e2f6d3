"""SQL in source: strings that hold SQL words, found by their words since most of a file holds none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rda_nb.facts.nesting import Unplaced

_SQL = re.compile(
    rb"(?i)\b(?:select\b|insert\s+into\b|create\s+(?:or\s+replace\s+)?(?:table|materialized|view|dictionary|database)\b|alter\s+table\b"
    rb"|optimize\s+table\b|delete\s+from\b|update\s+\w+\s+set\b|truncate\b|system\s+\w+|with\s+\w+\s+as\s*\("
    rb"|(?:drop|attach|detach)\s+(?:table|view|database|dictionary)\b|rename\s+table\b|exchange\s+tables\b|kill\s+mutation\b"
    rb"|set\s+[a-z]+_\w+\s*=)"
)

_SQL_WORDS = (
    *b"select insert create alter optimize delete update truncate system with drop attach detach rename exchange kill".split(),
    b"set ",
)


def _statements(data: bytes) -> Iterator[int]:
    """Where `_SQL` matches, left to right: its words are looked for first, since most of a file holds none of them."""
    lower = data.lower()
    starts: list[int] = []
    for word in _SQL_WORDS:
        at = lower.find(word)
        while at >= 0:
            starts.append(at)
            at = lower.find(word, at + 1)
    behind = 0
    for start in sorted(starts):
        if start >= behind and (match := _SQL.match(data, start)) is not None:
            behind = match.end()
            yield start


def texts(data: bytes, root: Any, strings: frozenset[str], joins: frozenset[str]) -> list[Unplaced]:
    """Strings that hold SQL words, each widened to the whole chain of joined strings it stands in."""
    found: dict[tuple[int, int], Unplaced] = {}
    for start in _statements(data):
        node = root.descendant_for_byte_range(start, start)
        while node is not None and node.type not in strings:
            node = node.parent if node.parent is not None and node.end_byte - node.start_byte < 100_000 else None
        if node is None:
            continue
        while node.parent is not None and node.parent.type in joins:
            node = node.parent
        found.setdefault((node.start_byte, node.end_byte), (node.start_byte, node.start_byte, node.end_byte))
    return list(found.values())
