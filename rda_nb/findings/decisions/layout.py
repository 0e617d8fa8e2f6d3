"""How decision records are laid out: their folders, the headings and labels of their parts, and their status."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rda_nb.findings.criteria import load


@dataclass(frozen=True, slots=True)
class Layout:
    """Where records lie and how they are built up; every word test ignores case, numbering and marks."""

    folders: re.Pattern[str]
    sections: re.Pattern[str]
    asides: re.Pattern[str]
    status: re.Pattern[str]
    over: re.Pattern[str]
    pending: re.Pattern[str]
    in_force: re.Pattern[str]
    replaces: re.Pattern[str]
    plain_columns: re.Pattern[str]

    def holds(self, path: str) -> bool:
        """True when the path is that of a record in a decision folder."""
        return self.folders.search(path) is not None

    def section(self, words: str) -> bool:
        """True for a heading or label that names a part of a record, not a record."""
        return self.sections.fullmatch(_bare(words)) is not None or self.aside(words)

    def aside(self, words: str) -> bool:
        """True for a heading, label or column under which no decision stands: context, options, consequences, status."""
        return self.asides.fullmatch(_bare(words)) is not None or self.is_status(words)

    def is_status(self, words: str) -> bool:
        """True for the heading or label of a record's status."""
        return self.status.fullmatch(_bare(words)) is not None

    def not_in_force(self, text: str) -> str:
        """The word by which a status says that the record does not hold now; empty when it holds."""
        if found := self.over.search(text):
            return found[0].lower()
        found = self.pending.search(text)
        return found[0].lower() if found and not self.in_force.search(text) else ""

    def marked(self, title: str) -> str:
        """The status word in brackets in a title (`[superseded]`), or empty."""
        for part in re.findall(r"[\[(]([^\])]*)[\])]", title):
            if status := self.not_in_force(part):
                return status
        return ""

    def banner(self, text: str) -> str:
        """The status word of a paragraph that is nothing but a status (`Superseded by ADR 7.`), or empty."""
        words = text.split()
        if len(words) > 12 or not words:
            return ""
        return self.not_in_force(text) if self.over.match(text.strip()) else ""

    def plain_column(self, title: str) -> bool:
        """True when a column's title adds nothing to its cells (`Value`)."""
        return not title or self.plain_columns.fullmatch(_bare(title)) is not None


@cache
def layout(audit: str = "performance_capacity") -> Layout:
    """The audit's decision_records.yaml."""
    data = load(audit, "decision_records.yaml")
    return Layout(
        folders=_any(data["folders"]),
        sections=_any(data["sections"]),
        asides=_any(data["asides"]),
        status=_any(data["status"]),
        over=_any(data["over"], words=True),
        pending=_any(data["pending"], words=True),
        in_force=_any(data["in_force"], words=True),
        replaces=_any([data["replaces"]]),
        plain_columns=_any(data["plain_columns"]),
    )


def _bare(words: str) -> str:
    """A heading or label without numbering, marks and case."""
    return re.sub(r"^[\W\d_]+|[\W_]+$", "", words).lower()


def _any(patterns: Iterable[str], words: bool = False) -> re.Pattern[str]:
    """One pattern of several; `words` wants whole words."""
    joined = "|".join(patterns)
    return re.compile(rf"\b(?:{joined})\b" if words else rf"(?:{joined})", re.I)
