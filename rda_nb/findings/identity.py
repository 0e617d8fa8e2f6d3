"""Line-free identity of rows: the same claim keeps its id while lines, indentation and neighbours change."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rda_nb.records import Page, Record
from rda_nb.source.comments import without_comments

_SPACE = re.compile(r"\s+")
_LINE = re.compile(r"\bline \d+")
_SEPARATOR = "\x1f"
LENGTH = 16
REVIEWER = "reviewer"  # the rule of findings that a reviewer added


@dataclass(frozen=True, slots=True)
class Identity:
    """The parts of an id, kept apart so that a better matcher never loses history.

    `token_hash` covers the site's source text with whitespace collapsed and the row's subject; `ordinal` counts equal
    rows within one symbol, in line order.
    """

    rule: str
    rule_version: int
    path: str
    symbol: str
    token_hash: str
    ordinal: int

    @property
    def id(self) -> str:
        """16 hex digits. The rule's version is left out: a better detector still speaks of the same place."""
        return digest(self.rule, self.path, self.symbol, self.token_hash, str(self.ordinal))


def tokens(row: Record) -> str:
    """What was matched: the site's excerpt without comments and blanks that mean nothing, and the row's subject."""
    site = row.evidence[0] if row.evidence else None
    code = without_comments(site.excerpt, site.path) if site else ""
    # A subject may tell two of a kind apart by their line, which is the very thing that may move.
    return _SPACE.sub(" ", code).strip() + _SEPARATOR + _LINE.sub("line", row.subject)


def sort_key(row: Record) -> tuple[str, str, int, str, str, str, str]:
    """A total, content-derived order of rows: rule, path, line, symbol, kind, subject, claim."""
    site = row.evidence[0] if row.evidence else None
    path, line = (site.path, site.line) if site else ("", 0)
    return (row.rule, path, line, row.symbol, str(getattr(row, row.kind_column)), row.subject, row.claim)


def identify(rows: Iterable[Record], pages: Mapping[str, Page]) -> tuple[tuple[Record, Identity], ...]:
    """Pair every row with its identity, in `sort_key` order."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    paired = []
    for row in sorted(rows, key=sort_key):
        path = row.evidence[0].path if row.evidence else ""
        token_hash = digest(tokens(row))
        equal = (row.rule, path, row.symbol, token_hash)
        page = pages.get(row.rule)
        version = page.version if page else 1
        paired.append((row, Identity(row.rule, version, path, row.symbol, token_hash, seen[equal])))
        seen[equal] += 1
    return tuple(paired)


def digest(*parts: str) -> str:
    """The first 16 hex digits of sha256 over the parts."""
    return hashlib.sha256(_SEPARATOR.join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]
