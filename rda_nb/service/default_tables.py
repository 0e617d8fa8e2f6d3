"""Tables of defaults: rows of a key and its value, which the target hands to what reads its configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

from rda_nb.facts.vocabulary import Entry, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Span

_DEFAULTS = re.compile(r"[dD]efaults?(?![a-z])|DEFAULTS?(?![A-Z])")


class DefaultRow(NamedTuple):
    """One row of a table: where its key and its value stand."""

    file: FileFacts
    start: int
    key: Span
    value: Span
    block: int


class DefaultTables:
    """The tables of defaults of one program. `text_at` reads the text that stands at a span."""

    def __init__(self, calls: Calls, text_at: Callable[[FileFacts, Span, int], str | None]) -> None:
        self.calls = calls
        self._text_at = text_at

    def row(self, key: str) -> DefaultRow | None:
        """The one row of a key; None where there is none, or where several disagree."""
        rows = self._by_key.get(key.lower(), []) if key else []
        values = {row.file.text[slice(*row.value)] for row in rows}
        return rows[0] if len(values) == 1 else None

    @cached_property
    def _by_key(self) -> dict[str, list[DefaultRow]]:
        found: dict[str, list[DefaultRow]] = {}
        for file in self.calls.names.program.files:
            for row in self._rows(file) if file.role == "product" else ():
                key = self._text_at(file, row.key, row.block)
                if key:
                    found.setdefault(key.lower(), []).append(row)
        return found

    def _rows(self, file: FileFacts) -> Iterator[DefaultRow]:
        """Pairs of a key and the value behind it, in literals whose type or name speaks of defaults."""
        pairs = self.calls.conventions.DEFAULT_ROWS
        before: Entry | None = None
        for entry in file.rows.entries:
            name = file.text[slice(*entry.key)]
            if before is not None and before.literal == entry.literal:
                if pairs[file.text[slice(*before.key)]] == name and self._speaks(file, entry.literal):
                    yield DefaultRow(file, before.start, before.value, entry.value, entry.block)
            before = entry if name in pairs and entry.literal >= 0 else None

    @staticmethod
    def _speaks(file: FileFacts, index: int) -> bool:
        literal = file.rows.literals[index]
        given = file.given.get((literal.start, literal.end))
        name = given[0].names[0] if given is not None and given[0].names else ""
        return any(_DEFAULTS.search(text) for text in (file.text[literal.start : literal.type_end], name))
