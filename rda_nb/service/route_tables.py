"""Routes that are registered in a loop over a table: each element of the table is a route of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Expression, FileFacts, Literal
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import Function
from rda_nb.service.values import Values

VERBS = frozenset("GET POST PUT PATCH DELETE HEAD OPTIONS ANY".split())
# `http.MethodGet`, `MethodGet`, `"GET"`
_VERB = re.compile(r"(?:^|\.)(?:Method)?\"?([A-Za-z]+)\"?$")
_LONGEST = 60_000
Handler = Callable[[Expression | None, FileFacts, int], Function | None]


class TableRow(NamedTuple):
    """One route of a table, with the line it stands at."""

    verb: str
    path: str
    function: Function
    evidence: Evidence


class _Given(NamedTuple):
    """What one field of an element is given."""

    name: str
    value: tuple[int, int]
    start: int
    block: int


class RouteTables:
    """Answers for one program: the routes behind a registration whose path is a field of a table's element."""

    def __init__(self, calls: Calls, values: Values, handler: Handler) -> None:
        self.calls = calls
        self.names = calls.names
        self.values = values
        self.handler = handler

    def of(self, operation: Operation) -> list[TableRow]:
        """The routes of the table, in its order; [] when the path is no such field or its elements are not literals."""
        node = self.calls.argument(operation, operation.entry.message)
        if node is None or node.kind != "select" or not node.parts:
            return []
        owner = self.names.type_of(node.parts[0], operation.file, operation.block)
        if owner not in self.names.program.types:
            return []
        found = (self._row(file, element, node.text) for file, element in self._elements(owner))
        return [row for row in found if row is not None]

    def _elements(self, owner: str) -> Iterator[tuple[FileFacts, list[_Given]]]:
        """The elements of a type, whether each literal names it or a list of them does."""
        # A type that is written out at its table has no name that a literal could use.
        word = "" if "@" in owner else owner.rpartition(".")[2]
        for file in self.names.program.files:
            if file.role in ("test", "generated") or word not in file.text:
                continue
            for index, literal in enumerate(file.rows.literals):
                written = file.text[literal.start : literal.type_end]
                if word not in written or not self.names.canonical(written, file).endswith(owner):
                    continue
                keyed = [
                    _Given(file.text[slice(*e.key)], e.value, e.start, e.block) for e in file.entries_of.get(index, ())
                ]
                found = _split(file, keyed) if keyed else self._listed(file, literal, owner)
                yield from ((file, element) for element in found)

    def _listed(self, file: FileFacts, literal: Literal, owner: str) -> Iterator[list[_Given]]:
        """The elements of a literal without keys: their values in the order in which the type declares its fields."""
        if literal.end - literal.start > _LONGEST:
            return
        fields = list(self.names.program.types[owner].fields)
        node = self.calls.conventions.expression(file.text[literal.start : literal.end], literal.start)
        one = self.names.canonical(file.text[literal.start : literal.type_end], file) == owner
        for element in [node] if one else [part.parts[0] for part in node.parts if part.parts]:
            values = [part.parts[0] for part in element.parts if part.kind == "entry" and not part.text and part.parts]
            if element.kind == "literal" and len(values) == len(fields):
                given = zip(fields, values, strict=True)
                yield [_Given(name, (v.start, v.end), v.start, literal.block) for name, v in given]

    def _row(self, file: FileFacts, element: list[_Given], path_field: str) -> TableRow | None:
        path, verb, function, place = None, "", None, element[0].start
        for given in element:
            written = file.text[slice(*given.value)]
            if given.name == path_field:
                path, place = self.values.of_span(file, given.value, given.block).text, given.start
            elif named := verb_in(written):
                verb = named
            elif function is None:
                node = self.calls.conventions.expression(written, given.value[0])
                function = self.handler(node, file, given.block)
        if path is None or function is None:
            return None
        return TableRow(verb, path, function, self.calls.cite_at(file, place))


def verb_in(written: str) -> str:
    """The HTTP method that an expression names, '' when it names none."""
    match = _VERB.search(written)
    return match[1].upper() if match and match[1].upper() in VERBS else ""


def _split(file: FileFacts, entries: list[_Given]) -> Iterator[list[_Given]]:
    """The entries of a literal by element: between two elements of a list one literal ends."""
    element: list[_Given] = []
    for entry in entries:
        if element and "}" in file.text[element[-1].value[1] : entry.start]:
            yield element
            element = []
        element.append(entry)
    if element:
        yield element
