"""Functions by the shape of a handler: middlewares, and what serves requests behind a router that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.entrypoint import MIDDLEWARE, Entrypoint
from rda_nb.service.flows import Graph
from rda_nb.service.program import Function

_GOES_ON = re.compile(r"\.Next\(|\bnext\w*\(|\.ServeHTTP\(|\bnext\w*\.ServeHTTP")


class Shapes:
    """Finds functions whose parameters and results are those of a handler, in a program that hands them on."""

    def __init__(self, calls: Calls, graph: Graph) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.graph = graph

    def all(self, known: set[str]) -> Iterator[Entrypoint]:
        """Functions of a handler's shape that something is handed: middlewares, and handlers of a router that is not known.

        `known` are the keys of the functions that are entrypoints already.
        """
        shapes = self._known()
        for function in self.program.functions if shapes else ():
            if function.key in known or function.file.role != "product":
                continue
            kinds = [self.names.canonical(kind, function.file) for _, kind in function.parameters]
            if (", ".join(kinds), ", ".join(kind for _, kind in function.results)) not in shapes:
                continue
            place = self._handed(function)
            if place is not None:
                title = f"{_what(function)}{function.root.label}"
                yield Entrypoint("api_route", title, function, self.calls.cite_at(*place))

    def _handed(self, function: Function) -> tuple[FileFacts, int] | None:
        """Where product code hands on a named function, or calls what returns this literal."""
        outer = function.parent
        if outer is not None and not self._returns(outer, function):
            return None
        kinds = ("reference",) if outer is None else ("reference", "call")
        for edge in self.graph.into.get(function.root.key, ()):
            if edge.kind in kinds and edge.source.file.role == "product" and edge.source.root is not function.root:
                return edge.source.file, edge.offset
        return None

    def _returns(self, outer: Function, literal: Function) -> bool:
        """True when a function gives a literal of its own back, by itself, converted or by the name of a local."""
        file, start = literal.file, literal.row.start
        given = file.given.get((start, literal.row.end))
        held = given[0].names[given[1]] if given is not None and given[1] < len(given[0].names) else ""
        for row in outer.returns:
            for span in row.values:
                if span[0] <= start < span[1] or (held and re.search(rf"\b{re.escape(held)}\b", file.slice(span))):
                    return True
        return False

    def _known(self) -> set[tuple[str, str]]:
        """Parameters and results of handlers, by the libraries that the target imports."""
        found = set()
        for path in {row.path for file in self.program.files for row in file.rows.imports}:
            package = self.names.libraries.package(path) if path not in self.program.scopes else None
            for shape in package.handlers if package else ():
                parameters, _, results = shape.partition(" -> ")
                found.add((", ".join(f"{path}.{name}" for name in parameters.split(", ")), results))
        return found


def _what(function: Function) -> str:
    """What a function of a handler's shape is: a middleware goes on with the next one."""
    return MIDDLEWARE if _GOES_ON.search(function.file.text, function.row.start, function.row.end) else "handler "
