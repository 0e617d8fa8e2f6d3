"""Stated numbers against the numbers that the code has: which measure a number is of, which rows it means, who is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rda_nb.core import Quantity, State
from rda_nb.findings.amounts import amount, number
from rda_nb.findings.decisions.quantities import Amount, Slotted
from rda_nb.findings.decisions.subjects import Index, Seen, places, words_of
from rda_nb.findings.decisions.text import Sentence
from rda_nb.findings.decisions.verdict import ALIGNED, DRIFT, GAP, Judged, named
from rda_nb.findings.decisions.words import Measure, Select, Vocabulary

_FARTHEST = 60
_BARE_FARTHEST = 22
_SLOT = re.compile(r"\[\d+:\w+\]")
_JOINT = re.compile(r",| and | but ")
_ABOUT = 0.25
_RANGE = 40
_RANGE_WORDS = re.compile(r"\b(?:to|and|until|then|growing|longest|most)\b|[-–,]", re.I)
_RETRIED = re.compile(r"\bretr(?:ied|ies|y|ying)\b[^.;]*$", re.I)
_MOST_VALUES = 4


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of a sentence and the measure that it is of."""

    measure: Measure
    amount: Amount
    clause: str
    alone: bool
    retries: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A row with the quantity that a measure reads from it, in the measure's terms."""

    seen: Seen
    quantity: Quantity
    plus: tuple[float, ...] = (0.0,)  # what may be added: "retries" of N are N or N + 1 attempts


def stated(sentence: Sentence, slots: Slotted, words: Vocabulary) -> Iterator[Stated]:
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
        measure = measure or _of_heading(one, sentence, slots, words)
        if measure is not None:
            before = (one, measure)
            retried = measure.counts == "attempts" and (
                one.noun in ("retries", "retry") or _RETRIED.search(slots.text[: one.start]) is not None
            )
            yield Stated(measure, one, _clause(slots.text, one), len(slots.amounts) == 1, retried)


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
        for found in measure.near.finditer(text):
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


def judge(sentence: Sentence, claim: Stated, index: Index, words: Vocabulary) -> Judged:
    """The stated number against the rows that can be meant."""
    measure, say = claim.measure, words.say
    every = [one for select in measure.rows for one in _held(index, select, measure)]
    told = say["stated"].format(noun=measure.noun, bound=say[claim.amount.bound], amount=claim.amount.text)

    def result(verdict: str, observed: str, rows: Sequence[Held] = ()) -> Judged:
        remedy = measure.advice.remedy.format(stated=claim.amount.text, noun=measure.noun, key=_key(rows))
        return Judged(
            sentence,
            measure.name,
            measure.noun,
            told,
            observed,
            verdict,
            tuple(h.seen for h in rows),
            measure.advice,
            remedy,
        )

    if not every:
        return result(GAP, say["no_rows"].format(noun=measure.noun))
    noise = words_of(measure.noun) | frozenset(w for n in measure.nouns for w in words_of(n))
    meant = index.meant(sentence, [h.seen for h in every], claim.clause, noise, alone=claim.alone)
    wanted = {id(one.row) for one in meant.rows}
    held = [h for h in every if id(h.seen.row) in wanted]
    if not held:
        return result(GAP, meant.why)
    known = [h for h in held if h.quantity.state in (State.KNOWN, State.RANGE)]
    fitting = [h for h in known if _agrees(claim, h) is True]
    apart = [h for h in known if _agrees(claim, h) is False]
    universal = words.universal.search(sentence.text) is not None
    values = {id(h.seen.row): _shown(h) for h in every}

    def ambiguous(rows: Sequence[Held]) -> Judged:
        return result(GAP, meant.why or say["ambiguous"].format(rows=named([h.seen for h in rows], say, values)), rows)

    if fitting and not (apart and universal and meant.sure):
        if meant.sure or not apart or len({_knob(h) for h in fitting}) == 1:
            return result(ALIGNED, named([h.seen for h in fitting], say, values), fitting)
        return ambiguous(held)
    # A number that another row in question has may be what was meant: that is no departure.
    rivals = [h for h in every if id(h.seen.row) not in wanted and id(h.seen.row) in meant.near and _agrees(claim, h)]
    if rivals and not fitting:
        if meant.covered:
            return ambiguous([*rivals, *held])
        return result(ALIGNED, named([h.seen for h in rivals], say, values), rivals)
    without = [h for h in held if h.quantity.state is State.ABSENT]
    if not known:
        if without and len(without) == len(held) and meant.sure and meant.covered and claim.amount.dimension != "rate":
            return result(DRIFT, say["absent"].format(rows=named([h.seen for h in held], say)), held)
        reason = next((h.quantity.reason for h in held if h.quantity.reason), "")
        return result(GAP, say["unknown"].format(rows=named([h.seen for h in held], say), reason=reason), held)
    if universal and fitting:
        return result(DRIFT, named([h.seen for h in apart], say, values), apart)
    # Whichever row is meant, the number is another: only then is it a departure.
    if len(apart) < len(held) or meant.why or len({values[id(h.seen.row)] for h in apart}) > _MOST_VALUES:
        return ambiguous(held)
    if (meant.sure and meant.covered) or (
        len({_knob(h) for h in apart}) == 1 and not index.foreign(sentence, apart[0].seen)
    ):
        return result(DRIFT, named([h.seen for h in apart], say, values), apart)
    return ambiguous(held)


def _held(index: Index, select: Select, measure: Measure) -> Iterator[Held]:
    """The rows of one selection with the number that the measure is of."""
    for one in index.select((select,)):
        quantity = getattr(one.row, select.value or "value", None)
        if not isinstance(quantity, Quantity) or (select.units and quantity.unit not in select.units):
            continue
        retries = measure.counts == "attempts" and not select.value and "retr" in " ".join(one.core)
        yield Held(one, quantity, (0.0, 1.0) if retries else (0.0,))


def _agrees(claim: Stated, held: Held) -> bool | None:
    """True when the row's number is what was stated, False when it is not, None when that cannot be said."""
    one, q = claim.amount, held.quantity
    low, high = (q.number, q.number) if q.state is State.KNOWN else (q.low, q.high)
    if low is None or high is None:
        return None
    wanted = [v + extra for v in one.values for extra in ((0.0, 1.0) if claim.retries else (0.0,))]
    have = [(low + plus, high + plus) for plus in held.plus]
    if one.dimension == "s" and q.unit != "s":
        # A number without a unit: seconds are likely, but only what no unit can explain departs.
        if any(_same(v, low, one.bound) for v in wanted):
            return True
        scaled = [(low * unit, high * unit) for unit in (0.001, 1.0, 60.0, 3600.0)]
        return None if any(a <= v * 1.01 and v <= b * 1.01 for v in wanted for a, b in scaled) else False
    if one.bound == "at_most":
        return have[0][1] <= max(wanted) * 1.0001 or (None if have[0][0] <= max(wanted) else False)
    if one.bound == "at_least":
        return have[-1][0] >= min(wanted) * 0.9999 or (None if have[-1][1] >= min(wanted) else False)
    if any(_same(v, a, one.bound) and _same(v, b, one.bound) for v in wanted for a, b in have):
        return True
    if any(a <= v <= b for v in wanted for a, b in have) or _multiplied(held):
        return None
    return False


def _same(wanted: float, have: float, bound: str) -> bool:
    slack = _ABOUT if bound == "about" else 0.005
    return abs(wanted - have) <= slack * max(wanted, have)


def _multiplied(held: Held) -> bool:
    """True for attempts of a loop around a client that tries again itself: either number may have been decided."""
    own = held.quantity.origins[0].text if held.quantity.origins else "1"
    return "×" in str(getattr(held.seen.row, "retry_source", "")) and own != "1"


def _shown(held: Held) -> str:
    q = held.quantity
    if q.state is State.KNOWN and q.number is not None:
        return amount(q.number, "" if q.unit in ("count", "items", "") else q.unit)
    if q.state is State.RANGE and q.low is not None and q.high is not None:
        return f"{number(q.low)} to {number(q.high)} {q.unit}".strip()
    return "none" if q.state is State.ABSENT else "unknown"


def _knob(held: Held) -> object:
    """What sets the number: its key, else the place that it was first read at."""
    if held.quantity.config_key:
        return held.quantity.config_key
    origin = next((o.evidence for o in held.quantity.origins if o.evidence is not None), None)
    site = origin or (places(held.seen.row)[0] if places(held.seen.row) else None)
    return str(site) if site else held.seen.row.symbol


def _key(rows: Sequence[Held]) -> str:
    """What to change: the key, else the place."""
    for h in rows:
        if h.quantity.config_key:
            return f"`{h.quantity.config_key}`"
    for h in rows:
        if h.seen.row.evidence:
            return f"the value at {places(h.seen.row)[-1]}"
    return "the code"
