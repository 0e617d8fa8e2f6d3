"""The rows of a run as sentences may mean them: their words, their systems, and the exact names they go by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rda_nb.core import Evidence, Quantity
from rda_nb.findings.decisions.lexemes import stem, words_of
from rda_nb.findings.decisions.words import Select, Vocabulary
from rda_nb.records import TABLES, ExternalCall, Record

_TABLE = re.compile(r"\b(?:FROM|INTO|TABLE|JOIN|UPDATE)\s+(?:IF (?:NOT )?EXISTS\s+)?[`\"]?([A-Za-z_][\w.]*)", re.I)
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
    def stop(self) -> frozenset[str]:
        """Words that tell nothing, as they are and by their stems."""
        return frozenset(stem(word) for word in self.vocabulary.stop) | self.vocabulary.stop

    @cached_property
    def synonyms(self) -> Mapping[str, frozenset[str]]:
        """Stem -> stems that may stand for it."""
        found: dict[str, set[str]] = defaultdict(set)
        for word, others in self.vocabulary.synonyms.items():
            found[stem(word)].update(stem(other) for other in others)
        return {word: frozenset(others) for word, others in found.items()}

    @cached_property
    def owners(self) -> Mapping[str, int]:
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
                found[row.symbol].update(name_of(n) for n in _tables(row))
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
        # The constant that gave a number is often named after what the number is for.
        constants = [o.text.partition("=")[0].partition(":")[0] for q in quantities(row) for o in q.origins]
        core = words_of(" ".join([*told, *keys, *constants]).replace("-", " ").replace("/", " "))
        around = words_of(" ".join([*paths, path]).replace("-", " ").replace("/", " "))
        names = {name_of(n) for n in [*keys, *(str(getattr(row, a, "") or "") for a in _NAMED)] if n}
        names |= {name_of(row.symbol.rpartition(end)[2]) for end in ".#" if end in row.symbol}
        names |= {name_of(part) for part in _tables(row)}
        names -= {name_of(str(getattr(row, "statement", "")))}
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


def quantities(row: Record) -> tuple[Quantity, ...]:
    """The quantities that a row carries."""
    found = (getattr(row, name, None) for name in ("value", "timeout", "attempts", "backoff"))
    return tuple(q for q in found if isinstance(q, Quantity))


def places(row: Record) -> tuple[Evidence, ...]:
    """Where a row and its numbers were read, the row's own site first."""
    origins = (o.evidence for q in quantities(row) for o in q.origins if o.evidence is not None)
    return tuple(dict.fromkeys([*row.evidence[:2], *origins]))


def name_of(text: str) -> str:
    """A name as it is compared: without case, quotes and braces around it."""
    return text.strip("`'\"(){} ").lower()


def _tables(row: Record) -> list[str]:
    """The tables that a row's statement names."""
    statement = str(getattr(row, "statement", "") or "")
    return [n for n in [*_TABLE.findall(statement), row.subject if statement else ""] if n]


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
