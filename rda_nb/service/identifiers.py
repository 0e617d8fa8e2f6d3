"""Identifiers in the target's code: every place of a name, and whether it is declared there or read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.program import Program

_TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])*'|([A-Za-z_]\w*)", re.S)
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Place:
    """An identifier in code: the dotted expression around it is text[start:end]."""

    file: FileFacts
    start: int
    end: int
    name: int


class Identifiers:
    """The identifiers of one program's code, each file read once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._found: dict[str, list[tuple[FileFacts, int]]] = {}
        self._tokens: dict[str, dict[str, list[int]]] = {}

    def places(self, name: str) -> list[tuple[FileFacts, int]]:
        """The places of an identifier in all code but tests, comments and strings."""
        return [(file, at) for file, at in self.everywhere(name) if file.role != "test"]

    def everywhere(self, name: str) -> list[tuple[FileFacts, int]]:
        """The same, those in code that takes the test framework too: a service may be written beside its helpers."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = []
            for file in self._written_in.get(name, ()):
                found += [(file, at) for at in self._of_file(file).get(name, ())]
        return found

    @cached_property
    def _written_in(self) -> dict[str, list[FileFacts]]:
        """Word -> the files that it is written in: one look at each file is cheaper than one for each name."""
        found: dict[str, list[FileFacts]] = {}
        for file in self.program.files:
            for word in sorted(set(_WORD.findall(file.text))):
                found.setdefault(word, []).append(file)
        return found

    def _of_file(self, file: FileFacts) -> dict[str, list[int]]:
        known = self._tokens.get(file.path)
        if known is None:
            known = self._tokens[file.path] = {}
            for match in _TOKEN.finditer(file.text):
                if match[1]:
                    known.setdefault(match[1], []).append(match.start(1))
        return known


def around(file: FileFacts, at: int) -> Place:
    """The dotted expression that an identifier ends or stands in."""
    text, start = file.text, at
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_."):
        start -= 1
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return Place(file, start, end, at)


def declares(place: Place) -> bool:
    """True where the name is declared or given a value, not read."""
    file, text = place.file, place.file.text
    for row in file.rows.entries:
        if row.key == (place.name, place.end):
            return True
    for field in file.rows.fields:
        if any(span == (place.name, place.end) for span in field.names):
            return True
    block = next((b for b in file.rows.bindings if b.start <= place.start < b.end), None)
    if block is not None:
        values = block.values
        before = not values or place.end <= values[0][0]
        written = text[place.start : place.end]
        return before and (written in block.names or text[place.name : place.end] in block.names)
    return False
