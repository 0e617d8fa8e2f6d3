"""Functions that no way from the start of the program comes to: nothing but tests, or code as unused, names them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.identifiers import Identifiers
from rda_nb.service.program import Function, Program, TypeDeclaration

# More than this is not looked through: then it counts as used.
_MOST = 300

# What stands before a name that is qualified: the dot, the word before it, and whether that follows a dot itself.
_QUALIFIER = re.compile(r"(\.\s*)?(\w*|[)\]}])\s*\.\s*$")
_LONGEST = 100

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
        """True when nothing of the program uses a function. False in a module without a start of its own: a library."""
        if function is None or not self._starts(function.file):
            return False
        return not self._used(("function", function.root.key))

    def never_started(self, function: Function) -> bool:
        """The same where a target without a start of its own starts nothing either."""
        return not self._used(("function", function.root.key))

    def type(self, declared: TypeDeclaration) -> bool:
        """True when nothing of the program uses a type. False in a module without a start of its own."""
        return self._starts(declared.file) and not self._used(("type", declared.key))

    def made(self, types: list[TypeDeclaration]) -> list[TypeDeclaration]:
        """Those types that values are made of: by what a start comes to, or else by what at least something names.

        All of them where no constructor is named anywhere, as in a library.
        """
        if len(types) < 2 or not any(self._starts(declared.file) for declared in types):
            return types
        used = [declared for declared in types if not self.type(declared)]
        return used or [declared for declared in types if self._made_on_behalf(("type", declared.key))] or types

    def _made_on_behalf(self, item: Item) -> bool:
        """True when what names an item is named itself: not only a constructor that nobody calls."""
        users = [user for user in self._users(item) if user is not None]
        return any(user not in (item, above) for above in users for user in self._users(above))

    def _starts(self, file: FileFacts) -> bool:
        """True in a module with a start of its own; parts that another program is built from have none."""
        return self.program.module_of(file) in self._started

    @cached_property
    def _started(self) -> frozenset[str | None]:
        starts = (f.file for f in self.program.functions if f.name in self.roots and f.file.role == "product")
        return frozenset(self.program.module_of(file) for file in starts)

    @cached_property
    def _functions(self) -> dict[str, Function]:
        return {function.key: function for function in self.program.functions if function.parent is None}

    def _used(self, item: Item) -> bool:
        known = self._known.get(item)
        if known is None:
            seen: dict[Item, Item | None] = {item: None}
            pending = [item]
            found: Item | None = None
            while pending and found is None:
                at = pending.pop()
                for user in self._users(at):
                    if user is None or self._known.get(user) or len(seen) > _MOST:
                        found = at
                        break
                    if user not in seen:
                        seen[user] = at
                        pending.append(user)
            # Where nothing was found, nothing of what was looked through is used either; else all on the way is.
            known = found is not None
            self._known.update({} if known else dict.fromkeys(seen, False))
            while found is not None:
                self._known[found], found = True, seen[found]
        return known

    def _users(self, item: Item) -> Iterator[Item | None]:
        """What names an item; None for a start of the program, and for what cannot be told."""
        kind, key = item
        if self._plugged(kind, key):
            yield None
        elif kind == "function":
            function = self._functions.get(key)
            if function is None or function.name in (*self.roots, "init"):
                yield None
            elif self._for_tests(function):
                return  # whatever calls it is a test, or helps one
            elif function.row.name == (0, 0):
                yield self._holding(function.file, function.row.start, item)
            elif function.owner_type:
                yield from self._of_method(function)
            else:
                yield from self._naming(function.name, item, function.package)
        elif kind == "type":
            yield from self._naming(self.program.types[key].name, item, self.program.types[key].package)
        else:
            path, _, name = key.rpartition("#")
            yield from self._naming(name, item, self.program.package_of[path])

    def _plugged(self, kind: str, key: str) -> bool:
        """True for what a program's own package exports: no other can import it, so it is there for a host to load."""
        if kind == "value":
            path, _, name = key.rpartition("#")
            return self.exported(name) and self._roots.get(path, False)
        function = self._functions.get(key) if kind == "function" else None
        if function is None or function.owner_type or not self.exported(function.name):
            return False
        return self._roots.get(function.file.path, False)

    @cached_property
    def _roots(self) -> dict[str, bool]:
        return {file.path: file.rows.package in self.roots for file in self.program.files}

    def _for_tests(self, function: Function) -> bool:
        """True for a function that is given what only a test has."""
        if function.file.role != "test":
            return False
        kinds = (self.program.conventions.type_base(kind) for _, kind in function.parameters)
        imported = self.program.imports(function.file)
        return any(imported.get(kind.partition(".")[0]) in self.program.conventions.TEST_PACKAGES for kind in kinds)

    def _of_method(self, method: Function) -> Iterator[Item | None]:
        """A method is used with its type; one that others cannot name, only where its name stands."""
        if not self.exported(method.name):
            yield from self._naming(method.name, ("function", method.key), "")
        elif method.owner_type in self.program.types:
            yield "type", method.owner_type
        else:
            yield None

    def _naming(self, name: str, item: Item, package: str) -> Iterator[Item | None]:
        """What names an item at the places of its name that can mean it; with no package, at all of them."""
        for file, at in self.identifiers.everywhere(name):
            if package and not self._may_mean(file, at, package):
                continue
            user = self._owner(file, at, item)
            if user != item and user != ("", ""):
                yield user

    def _may_mean(self, file: FileFacts, at: int, package: str) -> bool:
        """True where a name can be that of a package's function, type or variable: its own code, or after its name."""
        match = _QUALIFIER.search(file.text, max(0, at - _LONGEST), at)
        if match is None or self._in_comment(file, file.text.rfind(".", 0, at)):
            own = self.program.package_of[file.path]
            return own == package or any(row.alias == "." and row.path == package for row in file.rows.imports)
        path = self.program.imports(file).get(match[2])
        if path is None:
            # A field or method of the same name, unless the name of the package is not that of its path.
            return not match[1] and match[2] == self.program.files_of[package][0].rows.package
        # A path that was not matched with one of the target may still be one of it.
        return path == package or (
            path not in self.program.scopes and path.rpartition("/")[2] == package.rpartition("/")[2]
        )

    def _in_comment(self, file: FileFacts, at: int) -> bool:
        """True for the full stop of a sentence that stands above a name."""
        line = file.text[file.text.rfind("\n", 0, at) + 1 : at + 1]
        return not self.program.conventions.without_comments(line).endswith(".")

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
                held = "value", f"{file.path}#{named}"
                return ("", "") if named == "_" or held == item else held
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
