"""Ahead: what depends on the files alone, read by a second process while the first one resolves names."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from typing import Any

from rda_nb import workers
from rda_nb.facts import sql
from rda_nb.facts.documents import Documents
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.source import Target

_SQL_ROLES = frozenset({"product", "example", "tooling", "docs"})


class Ahead:
    """Documents and SQL statements that a forked child reads; nothing is lost when there is no child or it fails."""

    def __init__(self, begun: workers.Begun | None = None) -> None:
        self._begun = begun
        self._statements: dict[str, tuple[sql.Statement, ...]] = {}

    def join(self, documents: Documents) -> None:
        """Take over what the child has read."""
        begun, self._begun = self._begun, None
        answer = begun.answer() if begun is not None else None
        if answer is not None:  # written by a child of this process, not read from anywhere
            self._statements, read, gaps = pickle.loads(answer)
            documents.take(read, gaps)

    def classify(self, text: str, dialect_hint: str) -> tuple[sql.Statement, ...]:
        """`sql.classify`, or what the child found for this text."""
        # ClickHouse is what is tried first where nothing is said, so that one reading serves both.
        known = self._statements.get(text) if dialect_hint in ("", "clickhouse") else None
        return known if known is not None else sql.classify(text, dialect_hint=dialect_hint)


def begin(target: Target, files: Sequence[FileFacts], documents: Documents, packs: dict[str, Any]) -> Ahead:
    """Start reading, when there is a core for it."""

    def read() -> bytes:
        statements = {text: sql.classify(text) for text in _texts(target, files, packs)}
        return pickle.dumps((statements, documents.read_all(), documents.gaps_by_path))

    return Ahead(workers.begin(read) if workers.count() > 1 else None)


def _texts(target: Target, files: Sequence[FileFacts], packs: dict[str, Any]) -> Iterator[str]:
    """The SQL texts that stand in one string or file; what is joined from several needs names."""
    for file in files:
        if file.rows.texts and file.role != "generated":
            value = packs[file.language].conventions.string_value
            for row in file.rows.texts:
                written = file.slice((row.start, row.end))
                text = value(written) if _one_string(written) else ""
                if sql.looks_like_sql(text):
                    yield from {text, sql.up_part(text)}
    for source in target.files:
        if source.kind == "sql" and source.role in _SQL_ROLES:
            yield sql.up_part(source.text())


def _one_string(written: str) -> bool:
    """True for a quoted text that ends with the quote it begins with, and not before."""
    quote = written[:1]
    return quote in ("`", '"', "'") and written.count(quote) == 2 and written.endswith(quote)
