"""Routes that are registered in a loop over a table: each element of the table is a route of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Entry, Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import Function
from rda_nb.service.values import Values

VERBS = frozenset("GET POST PUT PATCH DELETE HEAD OPTIONS ANY".split())
# `http.MethodGet`, `MethodGet`, `"GET"`
_VERB = re.compile(r"(?:^|\.)(?:Method)?\"?([A-Za-z]+)\"?$")
Handler = Callable[[Expression | None, FileFacts, int], Function | None]


class TableRow(NamedTuple):
    """One route of a table, with the line it stands at."""

    verb: str
    path: str
    function: Function
    evidence: Evidence


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

    def _elements(self, owner: str) -> Iterator[tuple[FileFacts, list[Entry]]]:
        """The keyed elements of a type, whether each names it or a list of them does."""
        word = owner.rpartition(".")[2]
        for file in self.names.program.files:
            if file.role in ("test", "generated") or word not in file.text:
                continue
            for index, literal in enumerate(file.rows.literals):
                written = file.text[literal.start : literal.type_end]
                if word in written and self.names.canonical(written, file).endswith(owner):
                    yield from ((file, element) for element in _split(file, file.entries_of.get(index, ())))

    def _row(self, file: FileFacts, element: list[Entry], path_field: str) -> TableRow | None:
        path, verb, function, place = None, "", None, element[0].start
        for entry in element:
            written = file.text[slice(*entry.value)]
            if file.text[slice(*entry.key)] == path_field:
                path, place = self.values.of_span(file, entry.value, entry.block).text, entry.start
            elif named := verb_in(written):
                verb = named
            elif function is None:
                node = self.calls.conventions.expression(written, entry.value[0])
                function = self.handler(node, file, entry.block)
        if path is None or function is None:
            return None
        return TableRow(verb, path, function, self.calls.cite_at(file, place))


def verb_in(written: str) -> str:
    """The HTTP method that an expression names, '' when it names none."""
    match = _VERB.search(written)
    return match[1].upper() if match and match[1].upper() in VERBS else ""


def _split(file: FileFacts, entries: tuple[Entry, ...] | list[Entry]) -> Iterator[list[Entry]]:
    """The entries of a literal by element: between two elements of a list one literal ends."""
    element: list[Entry] = []
    for entry in entries:
        if element and "}" in file.text[element[-1].value[1] : entry.start]:
            yield element
            element = []
        element.append(entry)
    if element:
        yield element
