"""Names in scope and types as written: what a word in a file stands for."""

from __future__ import annotations

from typing import Any

from rda_nb.facts.vocabulary import Binding, FileFacts
from rda_nb.service.libraries import Libraries
from rda_nb.service.program import Function, Program


class Scopes:
    """Canonical types, local names, parameters and imports of one program."""

    def __init__(self, program: Program, libraries: Libraries) -> None:
        self.program = program
        self.libraries = libraries
        self.conventions = program.conventions
        self._canonical: dict[tuple[str, str], str] = {}
        self._bound: dict[str, dict[str, list[tuple[int, int, int, int]]]] = {}
        self._asking: set[Any] = set()

    # Types as written

    def canonical(self, text: str, file: FileFacts) -> str:
        """The type written in a file as a type string."""
        key = (file.path, text)
        found = self._canonical.get(key)
        if found is None:
            found = self._canonical[key] = self._read_type(text, file)
        return found

    def _read_type(self, text: str, file: FileFacts) -> str:
        form, parts = self.conventions.type_parts(text)
        if form == "named":
            return self._named(parts[0], file)
        if form == "slice":
            return "[]" + self.canonical(parts[0], file)
        if form == "map":
            return f"map[{self.canonical(parts[0], file)}]{self.canonical(parts[1], file)}"
        if form == "channel":
            return "chan " + self.canonical(parts[0], file)
        if form == "function":
            return f"func@{file.path}@{parts[0]}"
        return self.program.structures.get((file.path, parts[0]), "") if form == "structure" else ""

    def _named(self, name: str, file: FileFacts) -> str:
        head, dot, rest = name.partition(".")
        if dot:
            path = self.program.imports(file).get(head)
            return self._alias(f"{path}.{rest}") if path else ""
        if name in self.conventions.BASIC_TYPES:
            return name
        scope = self.program.scope(file)
        return self._alias(f"{scope.path}.{name}") if name in scope.types else ""

    def _alias(self, key: str) -> str:
        """Follow `type A = B` and defined types over an external or container type, so that their members are found."""
        declared = self.program.types.get(key)
        if declared is None or declared.kind != "other" or declared.methods or key in self._asking:
            return key
        self._asking.add(key)
        under = self.canonical(declared.definition, declared.file)
        self._asking.discard(key)
        return under if under and under not in self.conventions.BASIC_TYPES else key

    # Names in scope

    def bindings(self, file: FileFacts) -> dict[str, list[tuple[int, int, int, int]]]:
        """Local name -> (start, scope end, binding, position) in document order."""
        found = self._bound.get(file.path)
        if found is None:
            found = {}
            blocks = file.rows.blocks
            for index, row in enumerate(file.rows.bindings):
                if row.block < 0 or row.form == "assign":
                    continue
                end = blocks[row.block].end
                for position, name in enumerate(row.names):
                    found.setdefault(name, []).append((row.start, end, index, position))
            self._bound[file.path] = found
        return found

    def local(self, name: str, file: FileFacts, offset: int) -> tuple[Binding, int] | None:
        """The definition of a local name that is visible at an offset."""
        best = None
        rows = file.rows.bindings
        for start, end, index, position in self.bindings(file).get(name, ()):
            if start >= offset:
                break
            # In `ctx, cancel := context.WithTimeout(ctx, d)` the argument is still the outer name.
            if offset < end and rows[index].end <= offset:
                best = (index, position)
        return (rows[best[0]], best[1]) if best else None

    def parameter(self, name: str, function: Function | None) -> tuple[Function, int, str] | None:
        """The function (this or an enclosing one) and index of a parameter; index -1 for the receiver, -2 for a result."""
        while function is not None:
            if name == function.receiver and function.owner_type:
                return function, -1, function.owner_type
            for index, (own, kind) in enumerate(function.parameters):
                if own == name:
                    return function, index, kind
            for own, kind in function.results:
                if own == name:
                    return function, -2, kind
            function = function.parent
        return None

    def package_named(self, name: str, file: FileFacts, block: int, offset: int) -> str | None:
        """The import path that a name stands for here; None when it is shadowed or is no import."""
        path = self.program.imports(file).get(name)
        if path is None or self.local(name, file, offset) is not None:
            return None
        return None if self.parameter(name, self.program.enclosing(file, block)) else path
