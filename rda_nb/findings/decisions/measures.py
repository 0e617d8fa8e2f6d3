"""Stated numbers: which measure each number of a sentence is of, and the words that stand beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rda_nb.findings.decisions.quantities import Amount, Slotted
from rda_nb.findings.decisions.subjects import Subjects
from rda_nb.findings.decisions.text import Sentence
from rda_nb.findings.decisions.words import Measure, Vocabulary

_FARTHEST = 60
_BARE_FARTHEST = 22
_SLOT = re.compile(r"\[\d+:\w+\]")
_JOINT = re.compile(r",| and | but ")
_RANGE = 40
_SHORTEST_KEY = 5
_RANGE_WORDS = re.compile(r"\b(?:to|and|until|then|growing|longest|most)\b|[-–,]", re.I)
_RETRIED = re.compile(r"\bretr(?:ied|ies|y|ying)\b[^.;]*$", re.I)


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of a sentence and the measure that it is of."""

    measure: Measure
    amount: Amount
    clause: str  # what stands beside the number
    alone: bool
    retries: bool
    loose: bool


def stated(sentence: Sentence, slots: Slotted, index: Subjects, words: Vocabulary) -> Iterator[Stated]:
    """Every number of the sentence that a measure claims."""
    before: tuple[Amount, Measure] | None = None
    for n, one in enumerate(slots.amounts):
        if words.past.search(slots.text[: one.start]) or words.denied.search(slots.text[: one.start]):
            continue
        measure = _measure_of(n, one, slots, words)
        if measure is None and before and before[0].dimension == one.dimension:
            # "from 200 ms up to 15 s": the second end of a range is of the first one's measure.
            between = slots.text[before[0].end : one.start]
            measure = before[1] if len(between) < _RANGE and _RANGE_WORDS.search(between) else None
        measure = measure or _of_name(one, slots, index, words) or _of_heading(one, sentence, slots, words)
        if measure is not None:
            before = (one, measure)
            retried = measure.counts == "attempts" and (
                one.noun in ("retries", "retry") or _RETRIED.search(slots.text[: one.start]) is not None
            )
            loose = measure.weak or (measure.periodic and not measure.near.search(slots.text))
            yield Stated(measure, one, _clause(slots.text, one), len(slots.amounts) == 1, retried, loose)


def _measure_of(n: int, one: Amount, slots: Slotted, words: Vocabulary) -> Measure | None:
    """By a worded form, else by the noun that is counted, else by the nearest words of a measure."""
    fitting = [m for m in words.measures if one.dimension in m.dimensions and _admits(m, slots.text)]
    for measure in fitting:
        if any(int(found["n"]) == n for form in measure.forms for found in form.finditer(slots.text)):
            return measure
    if not one.telling:
        return None
    strong = [m for m in fitting if not m.weak]
    by_noun = [m for m in strong if one.noun in m.nouns]
    if by_noun:
        return _nearest(one, slots.text, by_noun, len(slots.text)) or by_noun[0]
    farthest = _BARE_FARTHEST if one.dimension == "count" else _FARTHEST
    found = _nearest(one, slots.text, strong, farthest)
    if found is None and one.periodic:
        found = next((m for m in strong if m.periodic), None)
    return found or _nearest(one, slots.text, [m for m in fitting if m.weak], farthest)


def _admits(measure: Measure, text: str) -> bool:
    return not (measure.unless and measure.unless.search(text)) and bool(
        not measure.needs or measure.needs.search(text)
    )


def _nearest(one: Amount, text: str, measures: Sequence[Measure], farthest: int) -> Measure | None:
    """The measure whose words stand nearest to the amount, with no other amount of its kind between."""
    best: tuple[int, int, Measure] | None = None
    for rank, measure in enumerate(measures):
        near = measure.bare if measure.bare and one.dimension == "count" else measure.near
        for found in near.finditer(text):
            before = found.end() <= one.start
            between = text[found.end() : one.start] if before else text[one.end : found.start()]
            if len(between) > farthest or re.search(r"[;.]\s", between):
                continue
            if any(s.endswith(f":{one.dimension}]") for s in _SLOT.findall(between)):
                continue
            slots, commas = len(_SLOT.findall(between)), len(_JOINT.findall(between))
            distance = len(between) + (0 if before else 4) + 30 * slots + 10 * commas
            if best is None or (distance, rank) < best[:2]:
                best = (distance, rank, measure)
    return best[2] if best else None


def _of_name(one: Amount, slots: Slotted, index: Subjects, words: Vocabulary) -> Measure | None:
    """The only measure with a row that goes by a name written as code beside the amount."""
    clause = slots.text if len(slots.amounts) == 1 else _clause(slots.text, one)
    names = {name for name in index.identifiers(clause) & index.names if len(name) > _SHORTEST_KEY}
    if not names:
        return None
    fitting = [m for m in words.measures if one.dimension in m.dimensions]
    found = [m for m in fitting if any(names & s.names for s in index.select(m.rows) if s.row.table == "controls")]
    return found[0] if len(found) == 1 else None


def _of_heading(one: Amount, sentence: Sentence, slots: Slotted, words: Vocabulary) -> Measure | None:
    """A heading that names one measure gives it to the only number of a short sentence below it."""
    if len(slots.amounts) > 1 or one.dimension == "count" or len(sentence.text) > 80:
        return None
    found = [m for m in words.measures if one.dimension in m.dimensions and m.near.search(sentence.heading)]
    found = [m for m in found if _admits(m, f"{sentence.heading} {slots.text}")]
    return found[0] if len(found) == 1 else None


def _clause(text: str, one: Amount) -> str:
    """The part of the sentence around an amount: between commas, and between joints that part two amounts."""
    start = max(text.rfind(mark, 0, one.start) for mark in (",", ";", " but "))
    ends = [e for e in (text.find(mark, one.end) for mark in (",", ";", " but ")) if e >= 0]
    end = min(ends, default=len(text))
    joint = text.rfind(" and ", start + 1, one.start)
    if joint >= 0 and _SLOT.search(text, start + 1, joint):
        start = joint
    joint = text.find(" and ", one.end, end)
    if joint >= 0 and _SLOT.search(text, joint, end):
        end = joint
    return text[start + 1 : end]
