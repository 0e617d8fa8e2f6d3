"""Functions that no way from the start of the program comes to: nothing but tests, or code as unused, names them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.identifiers import Identifiers
from rda_nb.service.program import Function, Program, TypeDeclaration

# More than this is not looked through: then it counts as used.
_MOST = 300

# What may name something: a function, a type, or a variable of a package by its file and line.
Item = tuple[str, str]


class Unused:
    """Follows names backwards. Every doubt counts as a use: the same name of another thing, a method others may call."""

    def __init__(self, program: Program, conventions: Any) -> None:
        self.program = program
        self.roots = conventions.ROOT_NAMES
        self.exported = conventions.exported
        self.identifiers = Identifiers(program)
        self._known: dict[Item, bool] = {}

    def function(self, function: Function | None) -> bool:
        """True when nothing of the program uses a function. False in a target without a start of its own: a library."""
        if function is None or not self._starts:
            return False
        return not self._used(("function", function.root.key))

    def type(self, declared: TypeDeclaration) -> bool:
        """True when nothing of the program uses a type. False in a target without a start of its own."""
        return self._starts and not self._used(("type", declared.key))

    @cached_property
    def _starts(self) -> bool:
        return any(f.name in self.roots and f.file.role == "product" for f in self.program.functions)

    @cached_property
    def _functions(self) -> dict[str, Function]:
        return {function.key: function for function in self.program.functions if function.parent is None}

    def _used(self, item: Item) -> bool:
        known = self._known.get(item)
        if known is None:
            seen, pending = {item}, [item]
            known = False
            while pending and not known:
                for user in self._users(pending.pop()):
                    if user is None or self._known.get(user) or len(seen) > _MOST:
                        known = True
                        break
                    if user not in seen:
                        seen.add(user)
                        pending.append(user)
            # Where nothing was found, nothing of what was looked through is used either.
            self._known.update({item: True} if known else dict.fromkeys(seen, False))
        return known

    def _users(self, item: Item) -> Iterator[Item | None]:
        """What names an item; None for a start of the program, and for what cannot be told."""
        kind, key = item
        if kind == "function":
            function = self._functions.get(key)
            if function is None or function.name in (*self.roots, "init"):
                yield None
            elif function.row.name == (0, 0):
                yield self._holding(function.file, function.row.start, item)
            elif function.owner_type:
                yield from self._of_method(function)
            else:
                yield from self._naming(function.name, item)
        elif kind == "type":
            yield from self._naming(self.program.types[key].name, item)
        else:
            yield from self._naming(key.rpartition("#")[2], item)

    def _of_method(self, method: Function) -> Iterator[Item | None]:
        """A method is used with its type; one that others cannot name, only where its name stands."""
        if not self.exported(method.name):
            yield from self._naming(method.name, ("function", method.key))
        elif method.owner_type in self.program.types:
            yield "type", method.owner_type
        else:
            yield None

    def _naming(self, name: str, item: Item) -> Iterator[Item | None]:
        for file, at in self.identifiers.places(name):
            user = self._owner(file, at, item)
            if user != item and user != ("", ""):
                yield user

    def _owner(self, file: FileFacts, at: int, item: Item) -> Item | None:
        """The item that a place belongs to; ("", "") where it is no use: a declaration, a method's own receiver."""
        starts, functions = self._of_file(file)
        number = bisect_right(starts, at) - 1
        if number >= 0 and at < functions[number].row.end:
            function = functions[number]
            if function.row.name == (0, 0):
                return self._holding(file, at, item)  # a literal is used with the variable that it is part of
            if item == ("type", function.owner_type) or function.row.name[0] == at:
                return "", ""
            return "function", function.key
        held = self._holding(file, at, item)
        if held is not None:
            return held
        declared = self._declaring(file, at)
        if declared is None:
            return "", ""
        return "type", declared.key

    def _holding(self, file: FileFacts, at: int, item: Item) -> Item | None:
        """The variable of the package whose declaration a place stands in; None outside of any."""
        for row in file.rows.bindings:
            if row.block == -1 and row.start <= at < row.end:
                named = row.names[0] if row.names else ""
                return ("", "") if named in ("_", item[1].rpartition("#")[2]) else ("value", f"{file.path}#{named}")
        return None

    def _of_file(self, file: FileFacts) -> tuple[list[int], list[Function]]:
        known = self._by_file.get(file.path)
        return known if known is not None else ([], [])

    @cached_property
    def _by_file(self) -> dict[str, tuple[list[int], list[Function]]]:
        """File -> where its functions begin, and the functions, in order."""
        found: dict[str, list[Function]] = {}
        for function in self.program.functions:
            if function.parent is None:
                found.setdefault(function.file.path, []).append(function)
        ordered = {path: sorted(of, key=lambda one: one.row.start) for path, of in found.items()}
        return {path: ([one.row.start for one in of], of) for path, of in ordered.items()}

    def _declaring(self, file: FileFacts, at: int) -> TypeDeclaration | None:
        """The type in whose declaration a place stands, as far as the order of declarations tells."""
        before = [one for one in self._types.get(file.path, ()) if one.start <= at]
        return max(before, key=lambda one: one.start) if before else None

    @cached_property
    def _types(self) -> dict[str, list[TypeDeclaration]]:
        found: dict[str, list[TypeDeclaration]] = {}
        for declared in self.program.types.values():
            found.setdefault(declared.file.path, []).append(declared)
        return found
