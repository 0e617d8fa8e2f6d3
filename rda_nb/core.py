"""The words that every floor shares: assessments, evidence, quantities with their factors, gaps, errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Role = Literal["site", "default", "override", "caller", "absence"]
Impact = Literal["latency", "throughput", "cost", "overload"]


class RdaError(Exception):
    """Anything this kit refuses to do; the message is one line that names the file, the reason and the remedy."""


class BadInput(RdaError):
    """A wrong target, parameter or file given by the person who starts the run (exit code 2)."""


class Disturbed(RdaError):
    """The target changed while it was audited: nobody's fault, and cured by another run (exit code 3)."""


class Assessment(StrEnum):
    """The specification's own scale, worst last."""

    GOOD = "GOOD"
    GAP = "GAP"
    CONCERN = "CONCERN"
    RISK = "RISK"

    @property
    def rank(self) -> int:
        """0 for GOOD up to 3 for RISK: an answer takes the worst of its rows."""
        return _RANKS[self]


_RANKS = {Assessment.GOOD: 0, Assessment.GAP: 1, Assessment.CONCERN: 2, Assessment.RISK: 3}


def worst(assessments: list[Assessment]) -> Assessment:
    """The worst of several assessments; GAP when there is none, since nothing was seen."""
    return max(assessments, key=lambda a: a.rank, default=Assessment.GAP)


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in the target: path relative to its root in POSIX form, 1-based lines, both inclusive."""

    path: str
    line: int
    end_line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Source text at a location. Only `source.Target.cite` makes one, so that every excerpt was cut from the file."""

    path: str
    line: int
    end_line: int
    excerpt: str
    role: Role = "site"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that cannot be known inside the boundary: what, where to look instead, and the question it belongs to."""

    what: str
    where_to_look: str
    question: int | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternalDep:
    """A dependency that lies outside the target: recorded, never opened. `kind` is module, service, image or binary.

    `unknown` holds the calls into it that may wait for another process, where nothing is known of the module.
    """

    name: str
    kind: str
    evidence: tuple[Evidence, ...] = ()
    unknown: tuple[Evidence, ...] = ()


class State(StrEnum):
    """What is known of a quantity. *absent* (we saw that there is none) is a finding, *unknown* is a gap."""

    KNOWN = "known"
    RANGE = "range"
    UNKNOWN = "unknown"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was read: `kind` is constant, default, override, environment, flag, library_default or computed.

    `text` quotes the value as written. `evidence` is None only for a library default, whose `source` then names the
    library, version and file it was read in.
    """

    kind: str
    text: str
    evidence: Evidence | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a unit (s, items, bytes, count, 1/s) with the chain of places that gave it, weakest first.

    `number` is set when state is KNOWN; `low` and `high` when several values can reach; `reason` says what is missing.
    """

    state: State
    unit: str = ""
    number: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    origins: tuple[Origin, ...] = ()
    config_key: str = ""

    @property
    def known(self) -> bool:
        """True when there is exactly one number."""
        return self.state is State.KNOWN

    @property
    def upper(self) -> float | None:
        """The number, or the top of the range; None when neither is known."""
        return self.number if self.state is State.KNOWN else self.high


def known(number: float, unit: str, *origins: Origin, config_key: str = "") -> Quantity:
    """A quantity with exactly one value."""
    return Quantity(State.KNOWN, unit, float(number), origins=origins, config_key=config_key)


def unknown(reason: str, unit: str = "", *origins: Origin, config_key: str = "") -> Quantity:
    """A quantity that is set outside the boundary or cannot be followed; `reason` names the missing piece."""
    return Quantity(State.UNKNOWN, unit, reason=reason, origins=origins, config_key=config_key)


def absent(reason: str, unit: str = "", *origins: Origin) -> Quantity:
    """A bound that was looked for where it would stand and is not there."""
    return Quantity(State.ABSENT, unit, reason=reason, origins=origins)


@dataclass(frozen=True, slots=True)
class Factor:
    """One symbol of a formula: its value (None when missing) and where that value came from."""

    symbol: str
    value: float | None
    unit: str
    origin: str
    evidence: Evidence | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A worked number: `text` with symbols and numbers, `result` (None when unbounded or a factor is missing)."""

    text: str
    result: float | None
    unit: str
    bounded: bool = True
    missing: str = ""
    factors: tuple[Factor, ...] = field(default=())
