"""All evidence of an audit document, wherever it stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 80


def evidence_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every piece of evidence of an audit document, with the name of the row, finding or statement that holds it."""
    return _evidence(document, "audit")


def _evidence(value: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Evidence at any depth with the name of what holds it: the list it stands in, then the row's own words."""
    if isinstance(value, list):
        for part in value:
            if isinstance(part, (Mapping, list)):
                yield from _evidence(part, where)
    elif "excerpt" in value and "path" in value:
        yield where, value
    else:
        parts = [(name, part) for name, part in value.items() if isinstance(part, (Mapping, list)) and part]
        named = _named(value, where) if parts else where
        for name, part in parts:
            in_list = isinstance(part, list) and name != "evidence" and where in ("audit", "tables")
            yield from _evidence(part, name if in_list or name == "tables" else named)


def _named(value: Mapping[str, Any], where: str) -> str:
    """A row by its table and words, a finding by its id."""
    words = value.get("claim") or value.get("text") or value.get("what") or value.get("item") or value.get("question")
    if not words or not isinstance(words, str):
        return where
    rule = f" {value['rule']}" if value.get("rule") else ""
    told = " ".join(words.split())
    return f"{where}{rule}: {told if len(told) <= _LONGEST else told[: _LONGEST - 1] + '…'}"
