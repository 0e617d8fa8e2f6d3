"""Statements without a number, and decisions that are dangerous by themselves, against the rows of the run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from rda_nb.findings.decisions.quantities import slotted
from rda_nb.findings.decisions.rows import Seen
from rda_nb.findings.decisions.subjects import Subjects
from rda_nb.findings.decisions.text import Sentence
from rda_nb.findings.decisions.verdict import ALIGNED, DECISION_RISK, DRIFT, GAP, Judged, named
from rda_nb.findings.decisions.words import Danger, Property, Vocabulary

_NEGATED_WITHIN = 45


class Result(Protocol):
    """Makes the verdict of one entry."""

    def __call__(self, verdict: str, observed: str, rows: Sequence[Seen] = ()) -> Judged:
        """The verdict with what was observed in which rows."""


def dangers(sentence: Sentence, index: Subjects, words: Vocabulary) -> Iterator[Judged]:
    """Every dangerous decision that the sentence takes, with the rows that show it in the code."""
    for danger in words.dangers:
        found = _said(danger, sentence, words)
        if found is None:
            continue
        rows = list(index.select(danger.shown_by))
        one = index.meant(sentence, rows)
        # Only rows that the sentence leads to carry the decision out; others may do the same for reasons of their own.
        meant = one.rows if one.sure or not index.telling(sentence.text.replace(found[0], "")) else ()
        shown = words.say["shown"].format(rows=named(meant, words.say)) if meant else words.say["not_shown"]
        yield Judged(
            sentence,
            danger.name,
            danger.name.replace("-", " "),
            found[0],
            shown,
            DECISION_RISK,
            tuple(meant),
            danger.advice,
            same=True,
        )


def _said(entry: Danger | Property, sentence: Sentence, words: Vocabulary) -> re.Match[str] | None:
    """Where the sentence says it and means it: not denied, not of the past, and about what the entry needs."""
    for found in entry.says.finditer(sentence.text):
        before = re.split(r"[;:.]\s|, (?:but|so|and|which)\b", sentence.text[: found.start()])[-1][-_NEGATED_WITHIN:]
        if words.negation.search(before) or words.past.search(before):
            continue
        if words.forbidden.match(sentence.text[found.end() :]) or _denied_within(entry, found[0], words):
            continue
        if entry.unless and entry.unless.search(sentence.text):
            continue
        needs = getattr(entry, "needs", None)
        if needs and not needs.search(f"{sentence.heading} {sentence.block}"):
            continue
        return found
    return None


def _denied_within(entry: Danger | Property, said: str, words: Vocabulary) -> bool:
    """True when the words say the same without a denial in them: "metrics carry no ids" denies, "has no limit" does not."""
    if isinstance(entry, Property):
        return False
    denials = words.negation.finditer(said)
    return any(entry.says.search(said[: one.start()] + said[one.end() :]) for one in denials)


def properties(sentence: Sentence, index: Subjects, words: Vocabulary) -> Iterator[Judged]:
    """Every property that the sentence states, judged."""
    for entry in words.properties:
        found = _said(entry, sentence, words)
        if found is not None:
            yield _judge(entry, found, sentence, index, words)


def _judge(entry: Property, found: re.Match[str], sentence: Sentence, index: Subjects, words: Vocabulary) -> Judged:
    say = words.say
    looked = index.select(entry.looks)
    breaking, holding = index.select(entry.breaks), index.select(entry.holds)
    stated = found[0].strip()

    def result(verdict: str, observed: str, rows: Sequence[Seen] = ()) -> Judged:
        remedy = entry.advice.remedy.format(stated=stated, noun=entry.name.replace("-", " "), key="the code")
        return Judged(
            sentence,
            entry.name,
            entry.name.replace("-", " "),
            stated,
            observed,
            verdict,
            tuple(rows),
            entry.advice,
            remedy,
            same=not entry.of,
        )

    if not looked and not breaking and not holding:
        return result(GAP, entry.gap or say["no_rows"].format(noun=entry.name.replace("-", " ")))
    if entry.of:
        return _compared(entry, found, sentence, index, words, looked, result)
    strict = entry.strict is not None and entry.strict.search(sentence.text) is not None
    universal = entry.universal or strict or words.universal.search(sentence.text) is not None
    if entry.narrows:
        everyone = list({id(s.row): s for s in [*looked, *breaking, *holding]}.values())
        pool = index.meant(sentence, everyone, by_system=entry.systems, by_words=not universal)
        if not pool.rows:
            return result(GAP, pool.why)
        wanted = {id(s.row) for s in pool.rows}
        breaking = [s for s in breaking if id(s.row) in wanted]
        holding = [s for s in holding if id(s.row) in wanted]
        looked = [s for s in looked if id(s.row) in wanted]
    if breaking and holding and not universal:
        if entry.strict is not None:
            return result(
                ALIGNED, (entry.holds_say or "{rows}").format(rows=named(holding, say), n=len(holding)), holding
            )
        return result(GAP, say["mixed"].format(breaks=named(breaking, say), holds=named(holding, say)), breaking)
    if breaking:
        return result(DRIFT, (entry.breaks_say or "{rows}").format(rows=_claims(breaking)), breaking)
    kept = holding if entry.holds else looked
    if not kept:
        return result(GAP, entry.gap or say["not_borne_out"].format(rows=named(looked, say)), looked)
    return result(ALIGNED, (entry.holds_say or "{rows}").format(rows=named(kept, say), n=len(kept)), kept)


def _compared(
    entry: Property,
    found: re.Match[str],
    sentence: Sentence,
    index: Subjects,
    words: Vocabulary,
    looked: Sequence[Seen],
    result: Result,
) -> Judged:
    """A stated value (an engine, a grain, a span) against the same of each row that is meant."""
    say = words.say
    meant = index.meant(sentence, looked)
    rows = meant.rows
    if not rows:
        return result(GAP, meant.why)
    if entry.sure and not meant.sure:
        return result(GAP, meant.why or say["ambiguous"].format(rows=named(rows, say)), rows)
    wanted = _value(entry, found["group"], words)
    have = {id(s.row): _value(entry, str(getattr(s.row, entry.of, "")), words) for s in rows}
    shown = {id(s.row): str(getattr(s.row, entry.of, "")) for s in rows}
    if wanted is None:
        return result(GAP, say["no_value"].format(noun=entry.name.replace("-", " ")), rows)
    same = [s for s in rows if have[id(s.row)] is not None and _equal(have[id(s.row)], wanted)]
    other = [s for s in rows if have[id(s.row)] is not None and not _equal(have[id(s.row)], wanted)]
    universal = words.universal.search(sentence.text) is not None
    if same and not (other and universal):
        return result(ALIGNED, named(same, say, shown), same)
    if not other:
        return result(GAP, say["unknown"].format(rows=named(rows, say, shown), reason=""), rows)
    # Whichever table is meant, it is built another way: only then is it a departure.
    if meant.why or (not same and len(other) < len(rows)):
        return result(GAP, meant.why or say["ambiguous"].format(rows=named(rows, say, shown)), rows)
    return result(DRIFT, named(other, say, shown), other)


def _value(entry: Property, text: str, words: Vocabulary) -> object:
    """The entry's word for a text; without words, its amount in seconds or its columns; None when it has none."""
    for value, pattern in entry.values:
        if pattern.search(text):
            return value
    if entry.values:
        return None
    amounts = [a for a in slotted(re.sub(r"(?i)interval\s+", " ", text), words).amounts if a.dimension == "s"]
    if amounts:
        return amounts[0].values
    columns = re.search(r"\(([^()]+(?:\([^()]*\)[^()]*)*)\)", text)
    return tuple(re.sub(r"[`\s]", "", c).lower() for c in columns[1].split(",")) if columns else None


def _equal(a: object, b: object) -> bool:
    """Equal words or columns; spans when one reading of each agrees within 2 percent."""
    if (
        isinstance(a, tuple)
        and isinstance(b, tuple)
        and a
        and b
        and isinstance(a[0], float)
        and isinstance(b[0], float)
    ):
        return any(
            abs(x - y) <= 0.02 * max(x, y) for x in a for y in b if isinstance(x, float) and isinstance(y, float)
        )
    return a == b


def _claims(rows: Sequence[Seen]) -> str:
    """What the contradicting rows say of themselves."""
    first = rows[0].row
    text = (first.claim or first.symbol).rstrip(". ")
    return text + (f" (and {len(rows) - 1} more)" if len(rows) > 1 else "")
