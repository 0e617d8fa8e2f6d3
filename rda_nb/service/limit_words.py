"""The words of a name and the kind of limit that they speak of, as limits.yaml says."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from rda_nb.service.knowledge_files import read

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def vocabulary() -> dict[str, Any]:
    """The words of limits.yaml."""
    found: dict[str, Any] = read("limits.yaml")
    return found


@cache
def words(name: str) -> tuple[str, ...]:
    """A name's words in lower case without a plural s."""
    found = [word.lower() for word in _WORD.findall(name)]
    return tuple(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in found
    )


@cache
def kind_of(name: str, timed: bool) -> str:
    """The kind of control that a name speaks of, '' when of none."""
    own = set(words(name))
    if own.isdisjoint(_telling()[timed]) or not own.isdisjoint(_never()):
        return ""
    for kind, fewest, alternatives in _rules()[timed]:
        if len(own) >= fewest and not any(own.isdisjoint(options) for options in alternatives):
            return kind
    return ""


@cache
def side(kind: str, name: str, symbol: str) -> str:
    """The kind of a time that is held by a symbol: a timeout that may be anybody's is a server's in a struct of a server.

    A package is named after the server for much that it does besides, such as asking others: it tells of what a server
    alone reads and writes.
    """
    sides, own = vocabulary()["sides"], set(words(name))
    if kind != "resource_limit" or own.isdisjoint(vocabulary()["off_at_zero"]):
        return kind
    package, _, holder = symbol.rpartition("/")[2].partition(".")
    near = own | set(words(holder))
    if not own.isdisjoint(sides["phases"]):
        near |= set(words(package))
    return "server_timeout" if near & set(sides["server"]) and not near & set(sides["client"]) else kind


@cache
def _rules() -> tuple[list[tuple[str, int, list[frozenset[str]]]], ...]:
    """(kind, fewest words, alternatives of each word) of the rules for numbers and for times."""
    return tuple(
        [(str(rule["kind"]), rule.get("words", 1), [frozenset(options) for options in rule["any"]]) for rule in rules]
        for rules in (vocabulary()["number"], vocabulary()["time"])
    )


@cache
def _telling() -> tuple[frozenset[str], ...]:
    """For numbers and for times, words of which a name must have one for any rule to apply."""
    return tuple(
        frozenset(word for _, _, alternatives in rules for word in min(alternatives, key=len, default=()))
        for rules in _rules()
    )


@cache
def _never() -> frozenset[str]:
    return frozenset(vocabulary()["never"])


@cache
def speaks(name: str) -> bool:
    """True when a name speaks of a limit, as a time or as a number."""
    return bool(kind_of(name, True) or kind_of(name, False))
