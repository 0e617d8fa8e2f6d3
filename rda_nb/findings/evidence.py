"""All evidence of an audit document, wherever it stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 80


def evidence_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every piece of evidence of an audit document, with the name of the row, finding or statement that holds it."""
    return _evidence(document, "audit")


def _evidence(value: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Evidence at any depth with the name of what holds it."""
    if isinstance(value, Mapping):
        if "excerpt" in value and "path" in value:
            yield where, value
            return
        for name, part in value.items():
            told = part if isinstance(part, list) and name != "evidence" else None
            yield from _evidence(
                part, name if told is not None and where in ("audit", "tables") else _named(value, where)
            )
    elif isinstance(value, list):
        for part in value:
            yield from _evidence(part, where)


def _named(value: Mapping[str, Any], where: str) -> str:
    """A row by its table and words, a finding by its id."""
    words = value.get("claim") or value.get("text") or value.get("what") or value.get("item") or value.get("question")
    if not words or not isinstance(words, str):
        return where
    rule = f" {value['rule']}" if value.get("rule") else ""
    told = " ".join(words.split())
    return f"{where}{rule}: {told if len(told) <= _LONGEST else told[: _LONGEST - 1] + '…'}"
