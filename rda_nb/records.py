"""The seven row types of the report (one class, one table), the page that a check opens with, and findings.

A check yields records; the report prints them. Columns are those of `audit.json` (schema `rda.audit/1`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from rda_nb.core import Assessment, Evidence, Formula, Impact, Quantity

CONSEQUENCES = (
    "outage",
    "runaway cost",
    "unbounded growth",
    "stuck pipeline",
    "data loss",
    "unpredictability",
    "inefficiency",
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a check says of itself: it is the check's documentation and the wording of its findings.

    `topics` are names from checklist.yaml (they decide which of the ten questions the rows answer); `consequence` is one
    of CONSEQUENCES and goes, with the row's place on a hot path, through the rubric to P0, P1 or P2.
    """

    title: str
    topics: tuple[str, ...]
    consequence: str
    rows: type[Record]
    why: str
    remedy: str
    proof: str
    impact: Impact = "latency"
    version: int = 1
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Fields that every table shares.

    `claim` is one sentence on this row with its numbers; it becomes the finding's text when the row is CONCERN or RISK.
    `symbol` is the enclosing function, type or config key, used for identity across runs. `subject` tells equal claims in
    one symbol apart (a table, a metric, a call). `hot` is True on a per-request or per-message path, False off it, None
    when it cannot be told. `consequence`, `remedy`, `proof`, `title` override the page's. `cause` merges rows that share
    one cause into one finding. `quiet` keeps a row in its table without raising a finding. `topic` is the one of the page's
    topics that this row speaks of; empty means all of them.
    """

    table: ClassVar[str]
    kind_column: ClassVar[str] = "kind"
    evidence: tuple[Evidence, ...]
    assessment: Assessment
    symbol: str
    subject: str = ""
    claim: str = ""
    hot: bool | None = None
    title: str = ""
    consequence: str = ""
    remedy: str = ""
    proof: str = ""
    cause: str = ""
    label: str = ""
    topic: str = ""
    quiet: bool = False
    rule: str = ""

    def __post_init__(self) -> None:
        if not self.evidence and self.assessment is not Assessment.GAP:
            raise ValueError(f"{type(self).__name__} {self.symbol!r}: a row without evidence can only be a GAP")


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalPath(Record):
    """3.1: one flow from its entrypoint to the blocking IO it reaches. `value` is the interval of scheduled work."""

    table: ClassVar[str] = "critical_paths"
    flow: str
    kind: str
    entrypoint: str
    steps: tuple[str, ...] = ()
    blocking_io: tuple[str, ...] = ()
    goal: str = ""
    bottleneck: str = ""
    value: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Record):
    """3.2: one bound, size, interval or limit. `bounded` is False for "no limit", None when it is not a bound."""

    table: ClassVar[str] = "controls"
    control: str
    kind: str
    value: Quantity
    bounded: bool | None = None
    configurable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalCall(Record):
    """3.3: one call that leaves the process. timeout_source: call, context, client, library_default, none.

    `elsewhere` is what bounds the ways without a request, where the timeout is that of a request's context.
    """

    table: ClassVar[str] = "external_calls"
    kind_column: ClassVar[str] = "system"
    system: str
    operation: str
    client: str
    timeout: Quantity
    timeout_source: str
    attempts: Quantity
    retry_source: str
    backoff: Quantity
    worst_case: Formula
    paths: tuple[str, ...] = ()
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickHouseAspect(Record):
    """3.4: one statement, table or insert path seen from one aspect. `value` is its number where it has one (a window)."""

    table: ClassVar[str] = "clickhouse"
    kind_column: ClassVar[str] = "aspect"
    aspect: str
    approach: str
    risk: str = ""
    recommendation: str = ""
    statement: str = ""
    formula: Formula | None = None
    value: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotspot(Record):
    """3.5: a pattern that costs CPU, memory or latency where it stands. `value` is its size where it has one (a pause)."""

    table: ClassVar[str] = "hotspots"
    kind_column: ClassVar[str] = "pattern"
    pattern: str
    function: str
    why: str
    recommendation: str = ""
    in_loop: int = 0
    on_path: str = ""
    value: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacitySignal(Record):
    """3.6: a metric (present) or a signal that no metric gives (not present)."""

    table: ClassVar[str] = "signals"
    kind_column: ClassVar[str] = "signal"
    signal: str
    present: bool
    metric: str = ""
    metric_type: str = ""
    labels: tuple[str, ...] = ()
    capacity_use: str = ""
    gaps: str = ""
    formula: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationAsset(Record):
    """3.7: a benchmark, load tool, replay tool, compose file, performance document or profiling hook, or its absence.

    `value` is the figure that it states: a measured time or rate, the items that it generates. `covers` are the titles of
    the critical paths that it runs; `in_ci` when continuous integration runs it.
    """

    table: ClassVar[str] = "validation"
    item: str
    kind: str
    present: bool = True
    detail: str = ""
    value: Quantity | None = None
    covers: tuple[str, ...] = ()
    in_ci: bool = False


TABLES: tuple[type[Record], ...] = (
    CriticalPath,
    Control,
    ExternalCall,
    ClickHouseAspect,
    Hotspot,
    CapacitySignal,
    ValidationAsset,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One row of a finding: the parts of its identity, and the line where it stands in this run."""

    path: str
    symbol: str
    token: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A RISK or CONCERN row (or several with one cause) with its priority and what to do about it.

    One that a `reviewer` added is its own only member, and has an impact or consequence only when the reviewer names it.
    `members` are its rows by place. `id`, `tokens` and `ordinal` are those of the first of them.
    """

    id: str
    rule: str
    rule_version: int
    title: str
    priority: str
    assessment: Assessment
    impact: str
    consequence: str
    question: int
    evidence: tuple[Evidence, ...]
    claim: str
    recommendation: str
    verification: str
    label: str = ""
    symbol: str = ""
    tokens: str = ""
    ordinal: int = 0
    sites: int = 1
    record_keys: tuple[str, ...] = field(default=())
    reviewer: str = ""
    members: tuple[Member, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"finding {self.title!r} of {self.rule}: without evidence it is speculation")
