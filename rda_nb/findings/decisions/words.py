"""The vocabulary of decisions as values: decisions.yaml says how statements are worded and what they are held against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from rda_nb.core import RdaError
from rda_nb.findings.criteria import checklist, load, wording
from rda_nb.records import CONSEQUENCES, TABLES

DIMENSIONS = ("s", "bytes", "items", "count", "rate")
_SLOT = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Select:
    """Which rows a statement speaks of: a table, wanted values by dotted attribute, and patterns over attributes.

    A wanted value is an exact one or a list of them; `>N` and `<N` compare numbers; `~pattern` searches the text.
    """

    table: str
    where: tuple[tuple[str, tuple[Any, ...]], ...]
    value: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What a departure costs and what to do: consequence and impact as in the rubric, the question, remedy and proof."""

    topic: str
    question: int
    consequence: str
    impact: str
    why: str
    remedy: str
    proof: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that a sentence may state, how it is worded, and the rows that hold it.

    A `weak` measure is asked only when no other claims the number; a `periodic` one takes what happens "every 5 minutes"
    when nothing else does. A number without a unit is of the measure only near its `bare` words, where it has such.
    `noise` are words that only say what is measured.
    """

    name: str
    noun: str
    dimensions: frozenset[str]
    nouns: frozenset[str]
    near: re.Pattern[str]
    forms: tuple[re.Pattern[str], ...]
    rows: tuple[Select, ...]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    counts: str
    weak: bool
    periodic: bool
    bare: re.Pattern[str] | None
    noise: str
    advice: Advice


@dataclass(frozen=True, slots=True)
class Property:
    """A statement without a number: `holds` rows bear it out, `breaks` rows contradict it, `looks` rows were looked at.

    `group` captures a value (an engine, a grain) that is compared with `of` of each looked-at row by `values`. Rows are
    narrowed to those that the sentence speaks of (`narrows`, by `systems` too); a `universal` statement is broken by one
    row, one that has `strict` words only when it says them; one that has to be `sure` only where the row is named.
    """

    name: str
    says: re.Pattern[str]
    unless: re.Pattern[str] | None
    looks: tuple[Select, ...]
    holds: tuple[Select, ...]
    breaks: tuple[Select, ...]
    of: str
    values: tuple[tuple[str, re.Pattern[str]], ...]
    universal: bool
    narrows: bool
    systems: bool
    sure: bool
    strict: re.Pattern[str] | None
    holds_say: str
    breaks_say: str
    gap: str
    advice: Advice


@dataclass(frozen=True, slots=True)
class Danger:
    """A decision that endangers performance by itself: why, and what is safer."""

    name: str
    says: re.Pattern[str]
    unless: re.Pattern[str] | None
    needs: re.Pattern[str] | None
    shown_by: tuple[Select, ...]
    advice: Advice


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of decisions.yaml."""

    topics: Mapping[str, re.Pattern[str]]
    systems: Mapping[str, re.Pattern[str]]
    synonyms: Mapping[str, frozenset[str]]
    stop: frozenset[str]
    negation: re.Pattern[str]
    past: re.Pattern[str]
    denied: re.Pattern[str]
    forbidden: re.Pattern[str]
    multiples: Mapping[str, float]
    universal: re.Pattern[str]
    comparators: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]
    units: Mapping[str, tuple[tuple[re.Pattern[str], tuple[float, ...]], ...]]
    numbers: Mapping[str, float]
    items: re.Pattern[str]
    measures: tuple[Measure, ...]
    properties: tuple[Property, ...]
    dangers: tuple[Danger, ...]
    say: Mapping[str, str]
    most_partitions: float
    context: Mapping[str, Any]


@cache
def vocabulary(audit: str = "performance_capacity") -> Vocabulary:
    """Read the audit's decisions.yaml; an inconsistent one raises RdaError that names the entry."""
    data = load(audit, "decisions.yaml")
    return Vocabulary(
        topics={name: re.compile(rf"\b(?:{words})", re.I) for name, words in data["topics"].items()},
        systems={name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in data["systems"].items()},
        synonyms=_synonyms(data["synonyms"]),
        stop=frozenset(data["stop"].split()),
        negation=re.compile(data["negation"], re.I),
        past=re.compile(data["past"], re.I),
        forbidden=re.compile(data["forbidden"], re.I),
        multiples={word: float(value) for word, value in data["multiples"].items()},
        denied=re.compile(rf"\b(?:{data['denied']})\s*$", re.I),
        universal=re.compile(data["universal"], re.I),
        comparators=tuple(
            (name, re.compile(rf"(?:{w['before']})\s*(?:of\s+)?$", re.I), re.compile(rf"^\s*(?:{w['after']})", re.I))
            for name, w in data["comparators"].items()
        ),
        units={
            dimension: tuple((re.compile(rf"(?:{form})", re.I), tuple(_many(size))) for form, size in forms.items())
            for dimension, forms in data["units"].items()
        },
        numbers={word: float(value) for word, value in data["numbers"].items()},
        items=re.compile(rf"(?:{data['items']})\b", re.I),
        measures=tuple(_measure(name, entry) for name, entry in data["measures"].items()),
        properties=tuple(_property(name, entry) for name, entry in data["properties"].items()),
        dangers=tuple(_danger(name, entry) for name, entry in data["dangers"].items()),
        say=wording(audit)["decisions"],
        most_partitions=float(data["most_partitions"]),
        context=data["context"],
    )


def _synonyms(groups: Iterable[str]) -> dict[str, frozenset[str]]:
    """Word -> every word that may stand for it."""
    found: dict[str, set[str]] = {}
    for group in groups:
        words = group.split()
        for word in words:
            found.setdefault(word, set()).update(words)
    return {word: frozenset(others) for word, others in found.items()}


def _measure(name: str, entry: Mapping[str, Any]) -> Measure:
    unknown = set(entry["dimensions"]) - set(DIMENSIONS)
    if unknown:
        raise RdaError(f"decisions.yaml: measure {name!r} has unknown dimensions {sorted(unknown)}")
    return Measure(
        name=name,
        noun=entry["noun"],
        dimensions=frozenset(entry["dimensions"]),
        nouns=frozenset(entry.get("nouns", "").split()),
        near=_pattern(entry.get("near")) or re.compile(r"(?!)"),
        forms=tuple(_form(form) for form in entry.get("forms", ())),
        rows=_selects(name, entry["rows"]),
        needs=_pattern(entry.get("needs")),
        unless=_pattern(entry.get("unless")),
        counts=entry.get("counts", ""),
        weak=bool(entry.get("weak", False)),
        periodic=bool(entry.get("periodic", False)),
        bare=_pattern(entry.get("bare")),
        noise=" ".join([entry["noun"], entry.get("noise", "")]),
        advice=_advice(name, entry),
    )


def _form(form: str) -> re.Pattern[str]:
    """A worded form with a slot: `attempts? of <s>` finds the place of a duration."""
    return re.compile(_SLOT.sub(r"\\[(?P<n>\\d+):\1\\]", form), re.I)


def _property(name: str, entry: Mapping[str, Any]) -> Property:
    return Property(
        name=name,
        says=re.compile(entry["says"], re.I),
        unless=_pattern(entry.get("unless")),
        looks=_selects(name, entry["looks"]),
        holds=_selects(name, entry.get("holds", ())),
        breaks=_selects(name, entry.get("breaks", ())),
        of=entry.get("of", ""),
        values=tuple((value, re.compile(p, re.I)) for value, p in entry.get("values", {}).items()),
        universal=bool(entry.get("universal", False)),
        narrows=bool(entry.get("narrows", True)),
        systems=bool(entry.get("systems", True)),
        sure=bool(entry.get("sure", False)),
        strict=_pattern(entry.get("strict")),
        holds_say=entry.get("holds_say", ""),
        breaks_say=entry.get("breaks_say", ""),
        gap=entry.get("gap", ""),
        advice=_advice(name, entry),
    )


def _danger(name: str, entry: Mapping[str, Any]) -> Danger:
    return Danger(
        name=name,
        says=re.compile(entry["says"], re.I),
        unless=_pattern(entry.get("unless")),
        needs=_pattern(entry.get("needs")),
        shown_by=_selects(name, entry.get("shown_by", ())),
        advice=_advice(name, entry),
    )


def _advice(name: str, entry: Mapping[str, Any]) -> Advice:
    """Wording and weight of an entry; refused when a word is not the rubric's or checklist's."""
    advice = Advice(*(entry[key] for key in Advice.__dataclass_fields__))
    known = {q.n for q in checklist().questions}
    if advice.consequence not in CONSEQUENCES or advice.question not in known:
        raise RdaError(f"decisions.yaml: {name!r} names an unknown consequence or question")
    if not all((advice.why, advice.remedy, advice.proof)):
        raise RdaError(f"decisions.yaml: {name!r} needs why, remedy and proof")
    return advice


def _selects(name: str, entries: Iterable[Mapping[str, Any]]) -> tuple[Select, ...]:
    tables = {t.table for t in TABLES}
    found = []
    for entry in entries:
        if entry["table"] not in tables:
            raise RdaError(f"decisions.yaml: {name!r} names unknown table {entry['table']!r}")
        where = tuple((key, _many(value)) for key, value in entry.items() if key not in ("table", "value", "units"))
        found.append(Select(entry["table"], where, entry.get("value", ""), _many(entry.get("units", ()))))
    return tuple(found)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text, re.I) if text else None


def _many(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
