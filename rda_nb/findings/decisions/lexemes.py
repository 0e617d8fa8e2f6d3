"""Words as code and prose share them: parts of compound names, endings of grammar, names written as code."""

from __future__ import annotations

import re
from functools import lru_cache

CODE = re.compile(r"`([^`]+)`")
IDENTIFIER = re.compile(r"\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z0-9]+(?:[_-][a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+)\b")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_ENDINGS = tuple("ments ment ations ation ings ing ions ion ers er ed es s y e".split())
_SHORTEST_STEM = 4


def words_of(text: str) -> frozenset[str]:
    """The lower-case words of a text or identifier, parts of compound names included, endings of grammar taken off."""
    return frozenset().union(*map(_parts, set(_NAME.findall(text))))


@lru_cache(maxsize=20_000)  # the same names stand in row after row
def _parts(name: str) -> frozenset[str]:
    found: set[str] = set()
    for piece in re.split(r"[._]", name):
        found.add(stem(piece.lower()))
        found.update(stem(part.lower()) for part in _PART.findall(piece))
    return frozenset(word for word in found if len(word) > 1)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without an ending of grammar, so that `flushes`, `flushed` and `flusher` are one."""
    if word.endswith("ies"):
        word = word[:-3] + "y"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    # "dialling" and "dial", "dropped" and "drop"
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeious" else word
