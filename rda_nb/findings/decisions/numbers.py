"""Stated numbers against the numbers that the code has: which rows are meant, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rda_nb.core import Quantity, State
from rda_nb.findings.amounts import amount, number
from rda_nb.findings.decisions.lexemes import words_of
from rda_nb.findings.decisions.measures import Stated
from rda_nb.findings.decisions.rows import Seen, places, quantities
from rda_nb.findings.decisions.subjects import Meant, Subjects
from rda_nb.findings.decisions.text import Sentence
from rda_nb.findings.decisions.verdict import ALIGNED, DRIFT, GAP, Judged, named
from rda_nb.findings.decisions.words import Measure, Select, Vocabulary

_ABOUT, _EXACT = 0.25, 0.005
_MOST_VALUES = 4
_LEAST_SHARE, _LOOSE_SHARE = 0.2, 0.5
_UNITS = {"s": ("s",), "bytes": ("bytes",), "items": ("items", "count"), "count": ("items", "count"), "rate": ("1/s",)}


@dataclass(frozen=True, slots=True)
class Held:
    """A row with the quantity that a measure reads from it, in the measure's terms."""

    seen: Seen
    quantity: Quantity
    plus: tuple[float, ...] = (0.0,)  # what may be added: "retries" of N are N or N + 1 attempts


def judge(sentence: Sentence, claim: Stated, index: Subjects, words: Vocabulary) -> Judged:
    """The stated number against the rows that can be meant."""
    return _Case(sentence, claim, index, words).verdict()


@dataclass(frozen=True)
class _Case:
    """One stated number with every row of its measure; `verdict` goes from what is certain to what is not."""

    sentence: Sentence
    claim: Stated
    index: Subjects
    words: Vocabulary

    @cached_property
    def every(self) -> list[Held]:
        """All rows of the measure."""
        measure = self.claim.measure
        return [one for select in measure.rows for one in _held(self.index, select, measure)]

    @cached_property
    def meant(self) -> Meant:
        """The rows that the sentence speaks of."""
        rows = [h.seen for h in self.every]
        noise = words_of(self.claim.measure.noise)
        return self.index.meant(self.sentence, rows, self.claim.clause, noise, alone=self.claim.alone)

    @cached_property
    def held(self) -> list[Held]:
        """The meant rows with their numbers."""
        wanted = {id(one.row) for one in self.meant.rows}
        return [h for h in self.every if id(h.seen.row) in wanted]

    @cached_property
    def apart(self) -> list[Held]:
        """The meant rows whose number is certainly another."""
        return [h for h in self.held if _agrees(self.claim, h) is False]

    @cached_property
    def universal(self) -> bool:
        """True when the sentence speaks of every such row."""
        return self.words.universal.search(self.sentence.text) is not None

    def verdict(self) -> Judged:
        """ALIGNED when a meant row has the number, DRIFT when whichever is meant has another, else GAP with the reason."""
        if not self.every:
            return self._result(GAP, self.words.say["no_rows"].format(noun=self.claim.measure.noun))
        if not self.held:
            return self._result(GAP, self.meant.why)
        fitting = [h for h in self.held if _agrees(self.claim, h) is True]
        if fitting:
            return self._some_fit(fitting)
        return self._rivals() or self._unknown() or self._departure()

    def _some_fit(self, fitting: list[Held]) -> Judged:
        equal = [h for h in fitting if h.quantity.upper in self.claim.amount.values]
        # "At most 1,000" is true of every smaller number too: among numbers that differ, only an equal one was meant.
        if self.apart and equal:
            fitting = equal
        elif self.apart and self.claim.amount.bound in ("at_most", "at_least") and not self.universal:
            return self._ambiguous(self.held)
        if self.apart and self.universal and self.meant.sure:
            return self._result(DRIFT, self._named(self.apart), self.apart)
        most = 2 * len(fitting) > len(self.held)
        if self.meant.sure or not self.apart or most or len({_knob(h) for h in fitting}) == 1:
            return self._result(ALIGNED, self._named(fitting), fitting)
        return self._ambiguous(self.held)

    def _rivals(self) -> Judged | None:
        """A number that another row in question has may be what was meant: that is no departure."""
        wanted = {id(h.seen.row) for h in self.held}
        others = [h for h in self.every if id(h.seen.row) not in wanted and _agrees(self.claim, h)]
        rivals = [h for h in others if id(h.seen.row) in self.meant.near]
        if rivals and self.meant.covered:
            return self._ambiguous([*rivals, *self.held])
        if rivals:
            return self._result(ALIGNED, self._named(rivals), rivals)
        only_by_heading = not any(id(h.seen.row) in self.meant.near for h in self.held)
        return self._ambiguous(self.held) if others and only_by_heading else None

    def _unknown(self) -> Judged | None:
        """Rows without a number: a bound that is not there departs from every bound, an unknown one from none."""
        say = self.words.say
        if any(h.quantity.state in (State.KNOWN, State.RANGE) for h in self.held):
            return None
        absent = all(h.quantity.state is State.ABSENT for h in self.held)
        if absent and self.meant.sure and self.meant.covered and self.claim.amount.dimension != "rate":
            rows = named([h.seen for h in self.held], say)
            return self._result(DRIFT, say["absent"].format(rows=rows), self.held)
        reason = next((h.quantity.reason for h in self.held if h.quantity.reason), "")
        rows = named([h.seen for h in self.held], say)
        return self._result(GAP, say["unknown"].format(rows=rows, reason=reason), self.held)

    def _elsewhere(self) -> list[Held]:
        """Rows of other kinds that have the stated number and a word of the clause: a kind is told by a name, and may err."""
        own = {id(h.seen.row) for h in self.every}
        units = _UNITS[self.claim.amount.dimension]
        others = [
            Held(one, quantity)
            for one in self.index.all
            if id(one.row) not in own
            for quantity in quantities(one.row)
            if quantity.unit in units
        ]
        equal = [h for h in others if _agrees(self.claim, h) and h.quantity.upper in self.claim.amount.values]
        measure = self.claim.measure
        noise = words_of(" ".join([measure.noun, *measure.nouns]))
        return [h for h in equal if self.index.shares(self.claim.clause, h.seen, noise)]

    def _departure(self) -> Judged:
        """DRIFT only when every row that can be meant has another number and the sentence leaves no doubt of whom it means."""
        apart, meant = self.apart, self.meant
        if len(apart) < len(self.held) or meant.why or len({_shown(h) for h in apart}) > _MOST_VALUES:
            return self._ambiguous(self.held)
        alone = len({_knob(h) for h in apart}) == 1 and not self.index.foreign(self.sentence.text, apart[0].seen)
        if not ((meant.sure and meant.covered) or alone):
            return self._ambiguous(self.held)
        only = len({_knob(h) for h in self.every}) == 1 and not self.claim.loose
        if not meant.named and not only and self._share() < (_LOOSE_SHARE if self.claim.loose else _LEAST_SHARE):
            return self._ambiguous(self.held)
        if elsewhere := self._elsewhere():
            return self._ambiguous([*elsewhere, *self.held])
        return self._result(DRIFT, self._named(apart), apart)

    def _share(self) -> float:
        """How much of what is told beside the number, in the sentence or in the heading the rows know: 0 to 1.

        A sentence that tells much of what the rows know nothing of speaks of something else.
        """
        noise = words_of(self.claim.measure.noise)
        texts = [
            t for t in (self.claim.clause, self.sentence.text, self.sentence.heading) if self.index.telling(t, noise)
        ]
        return max((self.index.share(t, h.seen, noise) for t in texts for h in self.apart), default=1.0)

    def _ambiguous(self, rows: Sequence[Held]) -> Judged:
        return self._result(GAP, self.meant.why or self.words.say["ambiguous"].format(rows=self._named(rows)), rows)

    def _named(self, rows: Iterable[Held]) -> str:
        rows = list(rows)
        return named([h.seen for h in rows], self.words.say, {id(h.seen.row): _shown(h) for h in rows})

    def _result(self, verdict: str, observed: str, rows: Sequence[Held] = ()) -> Judged:
        measure, one, say = self.claim.measure, self.claim.amount, self.words.say
        return Judged(
            sentence=self.sentence,
            name=measure.name,
            noun=measure.noun,
            stated=say["stated"].format(noun=measure.noun, bound=say[one.bound], amount=one.text),
            observed=observed,
            verdict=verdict,
            rows=tuple(h.seen for h in rows),
            advice=measure.advice,
            remedy=measure.advice.remedy.format(stated=one.text, noun=measure.noun, key=_key(rows)),
        )


def _held(index: Subjects, select: Select, measure: Measure) -> Iterator[Held]:
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
    slack = _ABOUT if bound == "about" else _EXACT
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
