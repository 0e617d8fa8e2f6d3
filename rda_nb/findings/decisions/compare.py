"""All decisions of a target against all rows of a run: one `Decision` per statement, one verdict each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rda_nb.core import Evidence
from rda_nb.findings.criteria import wording
from rda_nb.findings.decisions import measures, numbers, properties
from rda_nb.findings.decisions.layout import layout
from rda_nb.findings.decisions.quantities import slotted
from rda_nb.findings.decisions.subjects import Subjects
from rda_nb.findings.decisions.text import Sentence, read
from rda_nb.findings.decisions.verdict import ALIGNED, DECISION_RISK, GAP, Judged
from rda_nb.findings.decisions.words import Vocabulary, vocabulary
from rda_nb.records import Record
from rda_nb.source.target import Target

_LONGEST_QUOTE = 200
_GRAINS = {"hour": 3600.0, "day": 86400.0, "week": 604800.0, "month": 2629746.0, "year": 31556952.0}


@dataclass(frozen=True, slots=True)
class Decision:
    """One stated decision. `verdict` is ALIGNED, DRIFT, DECISION RISK or GAP; `observed` is what the code shows, or why not.

    `evidence` holds the places in the code first and ends with the decision's own line (`path`, `line`).
    """

    heading: str
    quote: str
    path: str
    line: int
    topic: str
    stated: str
    observed: str
    verdict: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the decisions of a target come to. `judged` pairs each with what it was held against, None for a GAP by reading.

    `documents` were read; `not_in_force` are titles of superseded, rejected and proposed records with their status.
    """

    all: tuple[Decision, ...] = ()
    judged: tuple[tuple[Decision, Judged], ...] = ()
    documents: tuple[str, ...] = ()
    not_in_force: tuple[tuple[str, str], ...] = ()
    say: Mapping[str, str] = field(default_factory=dict)


def compare(target: Target, records: Mapping[str, Sequence[Record]]) -> Decisions:
    """Read the decisions of the target and hold each against the rows; without a document nothing is done."""
    found = read(target, layout())
    if not found.documents:
        return Decisions(say=wording()["decisions"])
    words = vocabulary()
    index = Subjects(records, words, target.name)
    judged: list[Judged] = []
    for sentence in found.sentences:
        judged += _judged(sentence, index, words)
    judged = _too_fine(_strongest(judged), words)
    pairs = [(_decision(one, target), one) for one in judged]
    told = [decision for decision, _ in pairs]
    silent = _silent(found.sentences, told, target, words)
    order = {path: n for n, path in enumerate(found.documents)}
    everything = sorted([*told, *silent], key=lambda d: (order[d.path], d.line))
    return Decisions(tuple(everything), tuple(pairs), found.documents, found.not_in_force, words.say)


def _judged(sentence: Sentence, index: Subjects, words: Vocabulary) -> Iterator[Judged]:
    """Everything that one sentence states: dangers first, then numbers, then properties."""
    dangerous = list(properties.dangers(sentence, index, words))
    yield from dangerous
    slots = slotted(sentence.text, words)
    seen: set[tuple[str, tuple[float, ...]]] = set()
    for claim in measures.stated(sentence, slots, index, words):
        if (claim.measure.name, claim.amount.values) not in seen:
            seen.add((claim.measure.name, claim.amount.values))
            yield numbers.judge(sentence, claim, index, words)
    for one in properties.properties(sentence, index, words):
        # What is dangerous as decided is not praised or blamed a second time for how the code does it.
        if not any(d.advice.topic == one.advice.topic for d in dangerous):
            yield one


def _strongest(judged: Sequence[Judged]) -> list[Judged]:
    """One verdict per sentence and entry; a GAP is left out where the same sentence has a verdict on the same topic."""
    kept: list[Judged] = []
    for one in judged:
        same = [k for k in judged if k.sentence == one.sentence and k is not one and k.advice.topic == one.advice.topic]
        if one.verdict == GAP and not one.rows and any(k.verdict != GAP for k in same):
            continue
        kept.append(one)
    return kept


def _too_fine(judged: list[Judged], words: Vocabulary) -> list[Judged]:
    """A record that decides fine partitions and a long retention decides too many partitions: the grain becomes the risk."""
    danger = next(d for d in words.dangers if d.name == "fine partitions kept long")
    out: list[Judged] = []
    for one in judged:
        grain = next(
            (g for g, size in _GRAINS.items() if one.name == "partition grain" and g in _grain_of(one, words)), ""
        )
        kept = [
            amount
            for other in judged
            if other.name == "retention"
            if (other.sentence.path, other.sentence.heading) == (one.sentence.path, one.sentence.heading)
            for amount in slotted(other.stated, words).amounts
            if amount.dimension == "s"
        ]
        count = max((a.values[0] for a in kept), default=0.0) / _GRAINS[grain] if grain else 0.0
        if count <= words.most_partitions:
            out.append(one)
            continue
        told = words.say["partitions"].format(
            grain=grain, retention=kept[0].text, count=f"{count:,.0f}", most=f"{words.most_partitions:,.0f}"
        )
        shown = words.say["shown"].format(rows=one.observed) if one.verdict == ALIGNED else one.observed
        out.append(
            Judged(
                one.sentence, danger.name, danger.name, told, shown, DECISION_RISK,
                one.rows if one.verdict == ALIGNED else (), danger.advice, same=True,
            )
        )  # fmt: skip
    return out


def _grain_of(one: Judged, words: Vocabulary) -> str:
    entry = next(p for p in words.properties if p.name == one.name)
    return next((value for value, pattern in entry.values if pattern.search(one.stated)), "")


def _decision(one: Judged, target: Target) -> Decision:
    sentence = one.sentence
    own = target.cite(sentence.path, sentence.line, sentence.end_line)
    return Decision(
        heading=sentence.heading,
        quote=_quote(sentence.text),
        path=sentence.path,
        line=sentence.line,
        topic=one.advice.topic,
        stated=one.stated,
        observed=one.observed,
        verdict=one.verdict,
        evidence=(*one.evidence, own),
    )


def _quote(text: str) -> str:
    """The sentence, cut at a word when it is long."""
    if len(text) <= _LONGEST_QUOTE:
        return text
    return text[: _LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"


def _silent(
    sentences: Sequence[Sentence], told: Sequence[Decision], target: Target, words: Vocabulary
) -> Iterator[Decision]:
    """One GAP for each record that touches a topic of this audit and states nothing comparable."""
    spoken = {(d.path, d.heading) for d in told}
    for sentence in sentences:
        if (sentence.path, sentence.heading) in spoken:
            continue
        topic = next((name for name, pattern in words.topics.items() if pattern.search(sentence.text)), "")
        if topic:
            spoken.add((sentence.path, sentence.heading))
            own = target.cite(sentence.path, sentence.line, sentence.end_line)
            yield Decision(
                sentence.heading, _quote(sentence.text), sentence.path, sentence.line, topic, "",
                words.say["nothing_stated"], GAP, (own,),
            )  # fmt: skip
