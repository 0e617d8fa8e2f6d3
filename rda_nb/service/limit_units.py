"""The unit that a declared number counts in, as its name, its description or the place of its use says."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from rda_nb.core import Quantity, State
from rda_nb.service.limit_words import kind_of, vocabulary, words
from rda_nb.service.program import Program

_UNIT_IN_TEXT = re.compile(r"(?i)\b(millisecond|second|minute|hour)s?\b|\(?\b(ms)\b\)?")
# A plain number turned into a duration tells its unit where that happens.
_FACTORS = (
    re.compile(r"time\.Duration\(\s*\*?([\w.]+)\s*\)\s*\*\s*time\.(Millisecond|Second|Minute|Hour)"),
    re.compile(r"time\.(Millisecond|Second|Minute|Hour)\s*\*\s*time\.Duration\(\s*\*?([\w.]+)\s*\)"),
)
_SECONDS = {"millisecond": 0.001, "ms": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}
_SIZES = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30,
          "kilobyte": 1e3, "megabyte": 1e6, "gigabyte": 1e9}  # fmt: skip
_SHARES = frozenset({"percent", "percentage", "fraction", "pct"})
# The capitals of `KiB` make two words of it.
_SPLIT = {"ki": "kib", "mi": "mib", "gi": "gib"}


def unit_of(name: str) -> float | None:
    """Seconds in one step of a number, as the end of its name says."""
    own = words(name)
    # `RequestsPerSecond` is a rate, and the 5 of `Max5Minutes` counts nothing.
    if own[-2:-1] and (own[-2].isdigit() or own[-2] == "per"):
        return None
    if own[-1:] == ("min",) and own[-2:-1] and own[-2] in vocabulary()["times"]:
        return 60.0
    return vocabulary()["units"].get(own[-1]) if own else None


def _joined(own: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name with a binary unit at its end as one."""
    return (*own[:-2], _SPLIT[own[-2]]) if own[-1:] == ("b",) and own[-2:-1] and own[-2] in _SPLIT else own


def size_of(name: str) -> float:
    """Bytes in one step of a number, as the end of its name says; 1 when it says nothing."""
    own = _joined(words(name))
    counted = own[-2:-1] and own[-2].isdigit()
    return _SIZES.get(own[-1], 1.0) if own and not counted else 1.0


def unit_word(name: str) -> str:
    """`bytes` for a number whose name speaks of memory, `count` for any other."""
    own = _joined(words(name))
    # A share of the memory and what is kept in it are no bytes.
    if not _SHARES.isdisjoint(own) or ("in", "mem") in pairwise(own):
        return "count"
    return "bytes" if {"byte", "memory", "mem", *_SIZES} & set(own) else "count"


def in_seconds(quantity: Quantity, name: str, duration: bool) -> Quantity:
    """A known number in seconds where the end of its name says its unit; a duration is in seconds already."""
    factor = None if duration else unit_of(name)
    if factor is None or quantity.state is not State.KNOWN or quantity.number is None:
        return quantity
    return replace(quantity, number=quantity.number * factor)


class Units:
    """Seconds in one step of the times that a program declares as plain numbers."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._factors: dict[str, float] | None = None

    def factor(self, name: str, symbol: str, about: str) -> float | None:
        """Seconds in one step of a time: by its name, by where its symbol becomes a duration, or by what is said.

        None for what is no time or tells no unit.
        """
        if not kind_of(name, True):
            return None
        own = unit_of(name)
        if own is not None:
            return own
        if self._factors is None:
            self._factors = {}
            for file in (file for file in self.program.files if file.role == "product"):
                for number, pattern in enumerate(_FACTORS):
                    for match in pattern.finditer(file.text):
                        used, unit = (match[1], match[2]) if number == 0 else (match[2], match[1])
                        self._factors[used.rpartition(".")[2]] = _SECONDS[unit.lower()]
        last = re.split(r"[.#]", symbol)[-1] if symbol else name
        bare = re.sub(r"^(?:[dD]efault_?|[mM]ax(?=[A-Z]))", "", last)
        for used in (last, bare, bare[:1].lower() + bare[1:]):
            if used in self._factors:
                return self._factors[used]
        said = _UNIT_IN_TEXT.search(about) if set(words(name)) & set(vocabulary()["times"]) else None
        return _SECONDS[(said[1] or said[2]).lower()] if said else None
