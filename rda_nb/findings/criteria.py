"""What an audit asks, how it weighs and how it speaks: checklist.yaml, rubric.yaml and wording.yaml as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from rda_nb.core import Assessment, RdaError
from rda_nb.records import CONSEQUENCES, TABLES, Record

PRIORITIES = ("P0", "P1", "P2")
EVERY_KIND = "*"
_TABLE_NAMES = frozenset(t.table for t in TABLES)


@dataclass(frozen=True, slots=True)
class Count:
    """A clause of a summary: how many rows of a table match, and how to say it."""

    table: str
    where: tuple[tuple[str, Any], ...]
    say: tuple[str, ...]

    def clause(self, n: int) -> str:
        """The clause for a number of rows."""
        return self.say[0 if n == 1 else -1].format(n=n)

    def matches(self, row: Record) -> bool:
        """True when every filter holds on the row; a key is a dotted attribute path."""
        return row.table == self.table and all(_value(row, key) in wanted for key, wanted in self.where)


@dataclass(frozen=True, slots=True)
class Question:
    """One of the ten questions, and which rows answer it."""

    n: int
    question: str
    verify: str
    topics: frozenset[str]
    also: Mapping[str, tuple[str, ...]]
    only: Mapping[str, tuple[str, ...]]
    noun: tuple[str, str]
    counts: tuple[Count, ...]
    empty: str
    elsewhere: str
    system: str = ""
    subject: str = ""
    empty_but_called: str = ""
    elsewhere_but_called: str = ""

    def admits(self, row: Record, topics: tuple[str, ...]) -> bool:
        """True when the row answers this question, by its check's topics or by its table and kind."""
        kind = str(getattr(row, row.kind_column))
        also = self.also.get(row.table, ())
        if EVERY_KIND in also or kind in also:
            return True
        only = self.only.get(row.table, ())
        topics = (row.topic,) if row.topic else topics
        return bool(self.topics.intersection(topics)) and (not only or kind in only)


@dataclass(frozen=True, slots=True)
class Checklist:
    """The ten questions in order and the closed list of topics."""

    questions: tuple[Question, ...]
    topics: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    completion: tuple[str, ...]
    no_speculation: str

    def __getitem__(self, n: int) -> Question:
        return self.questions[n - 1]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the rubric: conditions on a row and the outcome."""

    outcome: str
    assessment: str
    hot: tuple[str, ...] = ()
    consequence: tuple[str, ...] = ()
    quiet: bool | None = None

    def holds(self, assessment: Assessment, hot: bool | None, consequence: str, quiet: bool) -> bool:
        """True when every condition that the rule names is met."""
        return (
            assessment == self.assessment
            and (not self.hot or hotness(hot) in self.hot)
            and (not self.consequence or consequence in self.consequence)
            and (self.quiet is None or quiet is self.quiet)
        )


@dataclass(frozen=True, slots=True)
class Rubric:
    """Priorities, weights of rows in answers, order of consequences, and how much the Markdown shows.

    `by_consequence` are priorities of shared rules, which win over `priorities`.
    """

    priorities: tuple[Rule, ...]
    answers: tuple[Rule, ...]
    labels: Mapping[str, str]
    consequences: tuple[str, ...]
    severity: Mapping[str, str]
    shown: Mapping[str, Any]
    strengths: Mapping[str, Any]
    by_consequence: Mapping[str, str] = field(default_factory=dict)


def hotness(hot: bool | None) -> str:
    """The rubric's word for a row's place: true, false or unknown."""
    return "unknown" if hot is None else str(hot).lower()


@cache
def checklist(audit: str = "performance_capacity") -> Checklist:
    """Read the audit's checklist.yaml; an inconsistent one raises RdaError."""
    data = load(audit, "checklist.yaml")
    topics: dict[str, str] = data["topics"]
    questions = tuple(_question(entry) for entry in data["questions"])
    asked = set().union(*(q.topics for q in questions))
    for q in questions:
        subject = {q.subject} if q.subject else set()
        unknown = sorted((set(q.also) | set(q.only) | subject | {c.table for c in q.counts}) - _TABLE_NAMES)
        if unknown:
            raise RdaError(f"checklist.yaml: question {q.n} names unknown tables {unknown}")
    if asked != set(topics):
        raise RdaError(f"checklist.yaml: topics and questions differ in {sorted(asked ^ set(topics))}")
    if [q.n for q in questions] != list(range(1, len(questions) + 1)):
        raise RdaError("checklist.yaml: questions must be numbered 1, 2, 3, ...")
    words = {topic: tuple(told) for topic, told in data["words"].items()}
    if set(words) != set(topics):
        raise RdaError(f"checklist.yaml: words and topics differ in {sorted(set(words) ^ set(topics))}")
    return Checklist(questions, topics, words, tuple(data["completion"]), data["no_speculation"])


@cache
def rubric(audit: str = "performance_capacity") -> Rubric:
    """Read the audit's rubric.yaml; an inconsistent one raises RdaError."""
    data = load(audit, "rubric.yaml")
    if sorted(data["consequences"]) != sorted(CONSEQUENCES):
        raise RdaError("rubric.yaml: `consequences` must order exactly the consequences of records.py")
    rules = tuple(_rule(entry, "priority") for entry in data["priorities"])
    if {r.outcome for r in rules} - set(PRIORITIES):
        raise RdaError(f"rubric.yaml: a priority is one of {PRIORITIES}")
    return Rubric(
        priorities=rules,
        answers=tuple(_rule(entry, "counts_as") for entry in data["answers"]),
        labels=data["labels"],
        consequences=tuple(data["consequences"]),
        severity=data["severity"],
        shown=data["shown"],
        strengths=data["strengths"],
    )


@cache
def wording(audit: str = "performance_capacity") -> Mapping[str, Any]:
    """The audit's wording.yaml: sentences by section and name."""
    return load(audit, "wording.yaml")


def load(audit: str, name: str) -> dict[str, Any]:
    """The YAML file of an audit as a dict."""
    text = files("rda_nb.audits").joinpath(audit).joinpath(name).read_text(encoding="utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # the C loader is 8 times faster
    if not isinstance(data, dict):
        raise RdaError(f"{name} of audit {audit!r}: expected a mapping")
    return data


def _question(entry: dict[str, Any]) -> Question:
    """One entry of `questions:`."""
    named = dict(entry)
    named["topics"] = frozenset(named["topics"])
    named["noun"] = (named["noun"][0], named["noun"][1])
    named["also"] = {table: _many(kinds) for table, kinds in named.get("also", {}).items()}
    named["only"] = {table: _many(kinds) for table, kinds in named.get("only", {}).items()}
    named["counts"] = tuple(
        Count(c["table"], tuple((key, _many(value)) for key, value in c["where"].items()), _many(c["say"]))
        for c in named["counts"]
    )
    return Question(**named)


def _rule(entry: dict[str, Any], outcome: str) -> Rule:
    """One entry of `priorities:` or `answers:`."""
    return Rule(
        outcome=entry[outcome],
        assessment=entry["assessment"],
        hot=_many(entry.get("hot", ())),
        consequence=_many(entry.get("consequence", ())),
        quiet=entry.get("quiet"),
    )


def _many(value: Any) -> tuple[Any, ...]:
    """A single value or a list of them, as a tuple."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _value(row: Record, path: str) -> Any:
    """The attribute at a dotted path; enums answer with their text."""
    value: Any = row
    for name in path.split("."):
        value = getattr(value, name)
    return value
