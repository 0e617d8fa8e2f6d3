"""Who a sentence speaks of: words and systems of rows, and the rows that the words of a sentence single out."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from rda_nb.core import Evidence, Quantity
from rda_nb.findings.decisions.text import Sentence
from rda_nb.findings.decisions.words import Select, Vocabulary
from rda_nb.records import TABLES, ExternalCall, Record

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_CODE = re.compile(r"`([^`]+)`")
_IDENTIFIER = re.compile(r"\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z0-9]+(?:[_-][a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+)\b")
_TABLE = re.compile(r"\b(?:FROM|INTO|TABLE|JOIN|UPDATE)\s+(?:IF (?:NOT )?EXISTS\s+)?[`\"]?([A-Za-z_][\w.]*)", re.I)
_KEY = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_NAMED = ("control", "subject", "symbol", "flow", "metric", "statement")
# Attributes of a row whose words tell what it is about.
_TOLD = (
    "control",
    "subject",
    "symbol",
    "operation",
    "client",
    "system",
    "flow",
    "entrypoint",
    "metric",
    "signal",
    "item",
)
_ENDINGS = tuple("ments ment ations ation ings ing ions ion ers ies er ed es s y e".split())
_SHORTEST_STEM = 4
# A word that merely stands for another tells half as much; less than the least is chance.
_SYNONYM = 0.5
_LEAST_SCORE = 0.2


def words_of(text: str) -> frozenset[str]:
    """The lower-case words of a text or identifier, parts of compound names included, plurals reduced."""
    found: set[str] = set()
    for name in _NAME.findall(text):
        for piece in re.split(r"[._]", name):
            found.add(_stem(piece.lower()))
            found.update(_stem(part.lower()) for part in _PART.findall(piece))
    return frozenset(word for word in found if len(word) > 1)


def _stem(word: str) -> str:
    """The word without an ending of grammar, so that `flushes`, `flushed` and `flusher` are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    # "dialling" and "dial", "dropped" and "drop"
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeious" else word


@dataclass(frozen=True, slots=True)
class Seen:
    """A row as a sentence may mean it: its words, its systems, and the exact names it goes by.

    `core` are the words of what the row is; `words` has those of where it stands as well (paths, flows).
    """

    row: Record
    words: frozenset[str]
    core: frozenset[str]
    systems: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True)
class Meant:
    """The rows that a sentence singles out. `sure` is True when a name, a system or telling words did; `why` says how not.

    `near` holds the identities of all rows that share a telling word with the sentence; `covered` is False when one of
    the words beside the number tells of another row than these.
    """

    rows: tuple[Seen, ...]
    sure: bool
    why: str = ""
    near: frozenset[int] = frozenset()
    covered: bool = True


@dataclass(frozen=True)
class Index:
    """All rows of a run, ready to be asked for those that a sentence speaks of."""

    records: Mapping[str, Sequence[Record]]
    vocabulary: Vocabulary
    service: str
    _seen: dict[int, Seen] = field(default_factory=dict, repr=False)

    @cached_property
    def all(self) -> tuple[Seen, ...]:
        """Every row of every table."""
        return tuple(self.seen(row) for table in TABLES for row in self.records.get(table.table, ()))

    @cached_property
    def _stop(self) -> frozenset[str]:
        return frozenset(_stem(word) for word in self.vocabulary.stop) | self.vocabulary.stop

    @cached_property
    def _synonyms(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for word, others in self.vocabulary.synonyms.items():
            found[_stem(word)].update(_stem(other) for other in others)
        return {word: frozenset(others) for word, others in found.items()}

    @cached_property
    def _owners(self) -> Mapping[str, int]:
        """Word -> in how many functions or types it is part of the name."""
        owners: dict[str, set[str]] = defaultdict(set)
        for one in self.all:
            for word in words_of(one.row.symbol):
                owners[word].add(one.row.symbol)
        return {word: len(symbols) for word, symbols in owners.items()}

    @cached_property
    def names(self) -> frozenset[str]:
        """Every exact name of every row."""
        return frozenset().union(*(one.names for one in self.all)) if self.all else frozenset()

    @cached_property
    def _systems_at(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """(path, symbol) and (path, '') -> systems called there."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self.records.get(ExternalCall.table, ()):
            system, site = str(getattr(row, "system", "")), row.evidence[0] if row.evidence else None
            if site and system not in ("", "other"):
                found[site.path, row.symbol].add(system)
                found[site.path, ""].add(system)
        return {place: frozenset(systems) for place, systems in found.items()}

    @cached_property
    def _tables_at(self) -> Mapping[str, frozenset[str]]:
        """Function -> tables that its statements name."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.records.get("clickhouse", ()):
            if getattr(row, "statement", ""):
                found[row.symbol].update(_name(n) for n in _tables(row))
        return {symbol: frozenset(names) for symbol, names in found.items()}

    def seen(self, row: Record) -> Seen:
        """The row with its words; made once."""
        known = self._seen.get(id(row))
        if known is None:
            known = self._seen[id(row)] = self._see(row)
        return known

    def _see(self, row: Record) -> Seen:
        told = [str(getattr(row, name, "") or "").rpartition("#")[2] for name in _TOLD]
        site = row.evidence[0] if row.evidence else None
        path = site.path.rpartition(".")[0] if site else ""
        keys = [q.config_key for q in quantities(row) if q.config_key]
        paths = [str(p) for p in getattr(row, "paths", ())]
        core = words_of(" ".join([*told, *keys]).replace("-", " ").replace("/", " "))
        around = words_of(" ".join([*paths, path]).replace("-", " ").replace("/", " "))
        names = {_name(n) for n in [*keys, *(str(getattr(row, a, "") or "") for a in _NAMED)] if n}
        names |= {_name(row.symbol.rpartition(end)[2]) for end in ".#" if end in row.symbol}
        names |= {_name(part) for part in _tables(row)}
        names -= {_name(str(getattr(row, "statement", "")))}
        names |= self._tables_at.get(row.symbol, frozenset()) if row.table == ExternalCall.table else frozenset()
        own = str(getattr(row, "system", ""))
        systems = frozenset({own} - {"", "other", "http"})
        if not own and row.table == "clickhouse":
            systems = frozenset({"clickhouse"})
        elif not own and site:
            spelt = " ".join([*told, *keys, path]).replace("_", " ").replace("/", " ")
            systems = self.systems(spelt) or self._systems_at.get((site.path, row.symbol), frozenset())
            at_file = self._systems_at.get((site.path, ""), frozenset())
            systems = systems or (at_file if len(at_file) == 1 else frozenset())
        return Seen(row, core | around, core, systems, frozenset(n for n in names if n))

    def systems(self, text: str) -> frozenset[str]:
        """External systems that a text names."""
        return frozenset(name for name, pattern in self.vocabulary.systems.items() if pattern.search(text))

    def select(self, selects: Iterable[Select]) -> list[Seen]:
        """Rows that one of the selections takes, each once, in table order."""
        found: dict[int, Seen] = {}
        for select in selects:
            for row in self.records.get(select.table, ()):
                if all(_fits(_value(row, key), wanted) for key, wanted in select.where):
                    found.setdefault(id(row), self.seen(row))
        return list(found.values())

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
            if not of_system and not silent:
                return Meant((), False, f"no such row of {' or '.join(sorted(systems))}")
            sure, rows = bool(of_system), of_system or silent
        known = self._identifiers(clause) & self.names
        if not known and alone:
            known = self._identifiers(sentence.text) & self.names
        if known:
            named = [one for one in rows if one.names & known]
            if not named and not any(_loose(one, known) for one in rows):
                return Meant((), False, f"{', '.join(sorted(known))} is named, and no such row is about it")
            if named:
                best = max(len(one.names & known) for one in named)
                return Meant(tuple(one for one in named if len(one.names & known) == best), True)
        if not by_words:
            return Meant(tuple(rows), sure)
        ranked, near = self._ranked(sentence, rows, clause, noise)
        if ranked:
            return Meant(ranked, True, near=near, covered=self._covered(clause or sentence.text, rows, ranked, noise))
        foreign_key = next((k for k in _KEY.findall(sentence.text) if _name(k) not in self.names), "")
        if foreign_key and rows:
            return Meant(tuple(rows), False, f"`{foreign_key}` is not found among what was read", near)
        return Meant(tuple(rows), sure, near=near)

    def _ranked(
        self, sentence: Sentence, rows: Sequence[Seen], clause: str, noise: frozenset[str]
    ) -> tuple[tuple[Seen, ...], frozenset[int]]:
        """The rows with the most telling words in common, and all that share one; none when no word tells them apart.

        What stands beside the number decides first, then the sentence, then the heading; the paragraph only when all
        these are silent.
        """
        left, found, near = list(rows), False, set()
        for text in (clause or sentence.text, sentence.text, sentence.heading, sentence.block):
            if text is sentence.block and found:
                break
            scores = self._scores(self._telling(text, noise), left)
            best = max(scores, default=0.0)
            if text not in (sentence.heading, sentence.block):
                every = self._scores(self._telling(text, noise), rows)
                near |= {id(one.row) for one, score in zip(rows, every, strict=True) if score > 0}
            if best > _LEAST_SCORE:
                left = [one for one, score in zip(left, scores, strict=True) if score > best - 1e-9]
                found = True
        return (tuple(left) if found else ()), frozenset(near)

    def foreign(self, sentence: Sentence, row: Seen) -> str:
        """A word of the sentence that names another part of the service than the row stands in; empty when none does."""
        own = row.words | words_of(self.service)
        for word in sorted(self._telling(sentence.text)):
            if 0 < self._owners.get(word, 0) <= 6 and not (self._expanded(word) & own):
                return word
        return ""

    def _telling(self, text: str, noise: frozenset[str] = frozenset()) -> frozenset[str]:
        return words_of(_CODE.sub(r" \1 ", text)) - self._stop - noise

    def _expanded(self, word: str) -> frozenset[str]:
        return self._synonyms.get(word, frozenset({word}))

    def _identifiers(self, text: str) -> frozenset[str]:
        """Names as code writes them: in backticks, in capitals, with underscores or humps."""
        found = [*_CODE.findall(text), *_IDENTIFIER.findall(_CODE.sub(" ", text))]
        spelt = re.findall(r"[a-z]+", _CODE.sub(" ", text).lower())
        pairs = [f"{a}_{b}" for a, b in pairwise(spelt) if a not in self.vocabulary.stop]
        return frozenset(n for n in (_name(f.partition("=")[0].strip("() ")) for f in [*found, *pairs]) if n)

    def _covered(self, clause: str, rows: Sequence[Seen], chosen: Sequence[Seen], noise: frozenset[str]) -> bool:
        """True when every word of the clause that tells of any of the rows tells of all the chosen ones."""
        for word in self._telling(clause, noise):
            shared = self._expanded(word)
            if not all(word in one.words or shared & one.words for one in chosen):
                if any(word in one.words for one in rows):
                    return False
        return True

    def _scores(self, words: frozenset[str], rows: Sequence[Seen]) -> list[float]:
        """How much each row has in common with the words; a word that all rows share tells nothing."""
        scores = [0.0] * len(rows)
        for word in sorted(words):
            shared = self._expanded(word)
            fits = [n for n, one in enumerate(rows) if word in one.words or shared & one.core]
            exact = [n for n in fits if word in rows[n].words]
            for some, share in ((fits, _SYNONYM), (exact, 1 - _SYNONYM)):
                rarity = math.log(len(rows) / len(some)) if some and len(rows) > 1 else 1.0
                for n in some:
                    scores[n] += rarity * share
        return scores


def quantities(row: Record) -> tuple[Quantity, ...]:
    """The quantities that a row carries."""
    found = (getattr(row, name, None) for name in ("value", "timeout", "attempts", "backoff"))
    return tuple(q for q in found if isinstance(q, Quantity))


def places(row: Record) -> tuple[Evidence, ...]:
    """Where a row and its numbers were read, the row's own site first."""
    origins = (o.evidence for q in quantities(row) for o in q.origins if o.evidence is not None)
    return tuple(dict.fromkeys([*row.evidence[:2], *origins]))


def _name(text: str) -> str:
    """A name as it is compared: without case, quotes and braces around it."""
    return text.strip("`'\"(){} ").lower()


def _tables(row: Record) -> list[str]:
    """The tables that a row's statement names."""
    statement = str(getattr(row, "statement", "") or "")
    return [n for n in [*_TABLE.findall(statement), row.subject if statement else ""] if n]


def _loose(one: Seen, known: frozenset[str]) -> bool:
    """True when a row's words hold every word of one of the names."""
    return any(words_of(name) and words_of(name) <= one.words for name in known)


def _value(row: Record, path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _fits(value: Any, wanted: tuple[Any, ...]) -> bool:
    """True when one of the wanted forms takes the value."""
    for want in wanted:
        if isinstance(want, str) and want.startswith("~"):
            if re.search(want[1:], str(value or ""), re.I):
                return True
        elif isinstance(want, str) and re.fullmatch(r"[<>]\d+(?:\.\d+)?", want):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                if (value > float(want[1:])) if want[0] == ">" else (value < float(want[1:])):
                    return True
        elif value == want or (isinstance(want, str) and str(value) == want):
            return True
    return False
