"""Language packs: a grammar, its queries, and the few conventions that queries cannot say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from typing import Any

from rda_nb.core import RdaError


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """One language: how to parse it, which facts to read, and `conventions`, the module that reads its expressions."""

    name: str
    kinds: tuple[str, ...]
    strings: frozenset[str]
    joins: frozenset[str]
    comment: str
    grammar: str
    settings: Mapping[str, Any]

    def language(self) -> Any:
        """The compiled grammar."""
        return _language(self.grammar)

    def parser(self) -> Any:
        """A parser of this language."""
        return _parser(self.grammar)

    def query(self) -> Any:
        """The compiled facts query. Raises RdaError naming the line when the query does not fit the grammar."""
        return _query(self.name, self.grammar)

    @property
    def conventions(self) -> Any:
        """The module `languages/<name>/conventions.py`."""
        return import_module(f"rda_nb.languages.{self.name}.conventions")


@cache
def _language(grammar: str) -> Any:
    from tree_sitter import Language

    return Language(import_module(grammar).language())


@cache
def _parser(grammar: str) -> Any:
    from tree_sitter import Parser

    return Parser(_language(grammar))


@cache
def _query(name: str, grammar: str) -> Any:
    from tree_sitter import Query, QueryError

    from rda_nb.facts.extract import check_captures

    text = (resources.files(__package__) / name / "facts.scm").read_text(encoding="utf-8")
    try:
        query = Query(_language(grammar), text)
    except QueryError as error:
        raise RdaError(f"languages/{name}/facts.scm: {error}") from None
    check_captures(name, (query.capture_name(index) for index in range(query.capture_count)))
    return query


@cache
def packs() -> tuple[LanguagePack, ...]:
    """Every pack in this directory, in the order of their names."""
    found = []
    for folder in sorted(resources.files(__package__).iterdir(), key=lambda entry: entry.name):
        file = folder / "language.toml"
        if not folder.is_dir() or not file.is_file():
            continue
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        found.append(
            LanguagePack(
                name=data["name"],
                kinds=tuple(data["kinds"]),
                strings=frozenset(data["strings"]),
                joins=frozenset(data["joins"]),
                comment=data["comment"],
                grammar=data["grammar"],
                settings=data,
            )
        )
    return tuple(found)


def pack(name: str) -> LanguagePack:
    """The pack of a language. Raises RdaError when there is none."""
    for found in packs():
        if found.name == name:
            return found
    raise RdaError(f"no language pack for {name!r}: add rda_nb/languages/{name}/")
