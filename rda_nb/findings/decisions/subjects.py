"""Who a sentence speaks of: the rows that its names, systems and words single out."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rda_nb.findings.decisions.lexemes import CODE, IDENTIFIER, stem, words_of
from rda_nb.findings.decisions.rows import Index, Seen, name_of
from rda_nb.findings.decisions.text import Sentence

# A word that merely stands for another tells half as much; less than the least is chance.
_SYNONYM = 0.5
_LEAST_SCORE = 0.2
_KEY = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")


@dataclass(frozen=True)
class Meant:
    """The rows that a sentence singles out. `sure` is True when a name, a system or telling words did; `why` says how not.

    `near` holds the identities of all rows that share a telling word with the sentence; `covered` is False when one of
    the words beside the number tells of another row than these.
    `named` is True when a name written as code did it.
    """

    rows: tuple[Seen, ...]
    sure: bool
    why: str = ""
    near: frozenset[int] = frozenset()
    covered: bool = True
    named: bool = False


@dataclass(frozen=True)
class Subjects(Index):
    """The rows of a run, asked for those that a sentence speaks of."""

    def meant(
        self,
        sentence: Sentence,
        rows: Sequence[Seen],
        clause: str = "",
        noise: frozenset[str] = frozenset(),
        *,
        by_system: bool = True,
        by_words: bool = True,
        alone: bool = True,
    ) -> Meant:
        """Those of the rows that the sentence speaks of; `noise` are words that only say what is measured.

        A name that the sentence writes as code singles out rows; where several numbers stand in it (not `alone`), only a
        name in the number's own clause does.
        """
        systems = self.systems(sentence.text) if by_system else frozenset()
        sure = False
        if systems:
            of_system = [one for one in rows if one.systems & systems]
            silent = [one for one in rows if not one.systems]
            if not of_system:
                # A row whose system is not known may hold the number, but it departs from nothing.
                return Meant(tuple(silent), False, f"no such row of {' or '.join(sorted(systems))}")
            sure, rows = True, of_system
        known = self.identifiers(clause) & self.names
        if not known and alone:
            known = self.identifiers(sentence.text) & self.names
        if known:
            named = [one for one in rows if one.names & known]
            if not named and not any(_loose(one, known) for one in rows):
                return Meant((), False, f"{', '.join(sorted(known))} is named, and no such row is about it")
            if named:
                best = max(len(one.names & known) for one in named)
                chosen = tuple(one for one in named if len(one.names & known) == best)
                return Meant(chosen, True, near=frozenset(id(one.row) for one in chosen), named=True)
        if not by_words:
            return Meant(tuple(rows), sure)
        ranked, near = self._ranked(sentence, rows, clause, noise)
        if ranked:
            return Meant(ranked, True, near=near, covered=self._covered(clause or sentence.text, rows, ranked, noise))
        around = self.systems(sentence.block)
        if by_system and not systems and len(around) == 1:
            # "It is tried three times": the sentence before says of what.
            rows = [one for one in rows if one.systems & around] or rows
        foreign_key = next((k for k in _KEY.findall(sentence.text) if name_of(k) not in self.names), "")
        if foreign_key and rows:
            return Meant(tuple(rows), False, f"`{foreign_key}` is not found among what was read", near)
        return Meant(tuple(rows), sure, near=near)

    def _ranked(
        self, sentence: Sentence, rows: Sequence[Seen], clause: str, noise: frozenset[str]
    ) -> tuple[tuple[Seen, ...], frozenset[int]]:
        """The rows with the most telling words in common, and all that share one; none when no word tells them apart.

        What stands beside the number decides first, then the sentence, then the heading.
        """
        left, found, near = list(rows), False, set()
        for text in (clause or sentence.text, sentence.text, sentence.heading):
            beside = text is not sentence.heading
            words = self.telling(text, noise)
            scores = self._scores(words, left, synonyms=beside)
            best = max(scores, default=0.0)
            if beside:
                every = self._scores(words, rows, synonyms=True)
                near |= {id(one.row) for one, score in zip(rows, every, strict=True) if score > 0}
            if best > _LEAST_SCORE:
                left = [one for one, score in zip(left, scores, strict=True) if score > best - 1e-9]
                found = True
        return (tuple(left) if found else ()), frozenset(near)

    def share(self, text: str, row: Seen, noise: frozenset[str]) -> float:
        """How much of what the text tells is known to the row: 0 to 1, 1 for a text that tells nothing."""
        words = {w for w in words_of(CODE.sub(r" \1 ", text)) if w not in self.stop and w not in noise}
        known = sum(bool(w in row.words or self._expanded(w) & row.core) for w in words)
        return known / len(words) if words else 1.0

    def shares(self, text: str, row: Seen, noise: frozenset[str]) -> bool:
        """True when a telling word of the text is one of the row's own."""
        return bool(self.telling(text, noise) & row.core)

    def foreign(self, text: str, row: Seen) -> str:
        """A word of the text that names another part of the service than the row stands in; empty when none does."""
        own = row.words | words_of(self.service)
        for word in sorted(self.telling(text)):
            if 0 < self.owners.get(word, 0) <= 6 and not (self._expanded(word) & own):
                return word
        return ""

    def telling(self, text: str, noise: frozenset[str] = frozenset()) -> frozenset[str]:
        """The words of a text that may tell of whom it speaks."""
        plain = CODE.sub(r" \1 ", text)
        # A package is often written as one word: "the credit tracker" lives in credittracker.
        spelt = re.findall(r"[a-z]+", plain.lower())
        joined = frozenset(stem(a + b) for a, b in pairwise(spelt) if len(a) > 2 and len(b) > 2)
        return (words_of(plain) | joined) - self.stop - noise

    def _expanded(self, word: str) -> frozenset[str]:
        return self.synonyms.get(word, frozenset({word}))

    def identifiers(self, text: str) -> frozenset[str]:
        """Names as code writes them: in backticks, in capitals, with underscores or humps."""
        found = [*CODE.findall(text), *IDENTIFIER.findall(CODE.sub(" ", text))]
        spelt = re.findall(r"[a-z]+", CODE.sub(" ", text).lower())
        pairs = [f"{a}_{b}" for a, b in pairwise(spelt) if a not in self.vocabulary.stop]
        return frozenset(n for n in (name_of(f.partition("=")[0].strip("() ")) for f in [*found, *pairs]) if n)

    def _covered(self, clause: str, rows: Sequence[Seen], chosen: Sequence[Seen], noise: frozenset[str]) -> bool:
        """True when every word of the clause that tells of any of the rows tells of all the chosen ones."""
        for word in self.telling(clause, noise):
            shared = self._expanded(word)
            if not all(word in one.words or shared & one.words for one in chosen):
                if any(word in one.words for one in rows):
                    return False
        return True

    def _scores(self, words: frozenset[str], rows: Sequence[Seen], synonyms: bool) -> list[float]:
        """How much each row has in common with the words; a word that all rows share tells nothing."""
        scores = [0.0] * len(rows)
        for word in sorted(words):
            shared = self._expanded(word) if synonyms else frozenset({word})
            fits = [n for n, one in enumerate(rows) if word in one.words or shared & one.core]
            exact = [n for n in fits if word in rows[n].words]
            for some, share in ((fits, _SYNONYM), (exact, 1 - _SYNONYM)):
                rarity = math.log(len(rows) / len(some)) if some and len(rows) > 1 else 1.0
                for n in some:
                    scores[n] += rarity * share
        return scores


def _loose(one: Seen, known: frozenset[str]) -> bool:
    """True when a row's words hold every word of one of the names."""
    return any(words_of(name) and words_of(name) <= one.words for name in known)
