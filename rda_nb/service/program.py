"""The program as symbols: packages, functions, types and values of the target, found by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rda_nb.facts.vocabulary import Field as FieldRow
from rda_nb.facts.vocabulary import FileFacts, Return
from rda_nb.facts.vocabulary import Function as FunctionRow

Span = tuple[int, int]


@dataclass(eq=False, slots=True)
class Function:
    """A function of the target. `key` is unique: package path, type, name; a literal is its parent's key and a number."""

    key: str
    name: str
    file: FileFacts
    row: FunctionRow
    package: str
    owner_type: str
    receiver: str
    parameters: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    parent: Function | None
    calls: list[int] = field(default_factory=list)

    @property
    def label(self) -> str:
        """How the report names it: `Type.method` or `function`, a literal by the function it stands in."""
        if self.parent is not None:
            return self.root.label
        return f"{self.owner_type.rsplit('.', 1)[-1]}.{self.name}" if self.owner_type else self.name

    @property
    def root(self) -> Function:
        """The named function that a literal stands in; the function itself otherwise."""
        found = self
        while found.parent is not None:
            found = found.parent
        return found

    @property
    def line(self) -> int:
        """1-based line where it starts."""
        return self.file.line(self.row.start)

    @property
    def returns(self) -> Sequence[Return]:
        """Its own return statements, in document order."""
        return self.file.returns_of.get(self.row.block, ())

    def __repr__(self) -> str:
        return f"<Function {self.key}>"


@dataclass(eq=False, slots=True)
class TypeDeclaration:
    """A type, mostly a named one: `kind` is struct, interface or other; member types are as written, to be read in `file`."""

    key: str
    name: str
    file: FileFacts
    package: str
    kind: str
    definition: str
    start: int
    fields: dict[str, str] = field(default_factory=dict)
    field_rows: dict[str, Any] = field(default_factory=dict)
    embedded: list[str] = field(default_factory=list)
    signatures: dict[str, tuple[str, str]] = field(default_factory=dict)
    methods: dict[str, Function] = field(default_factory=dict)


@dataclass(slots=True)
class Scope:
    """One package of the target."""

    path: str
    functions: dict[str, Function] = field(default_factory=dict)
    types: dict[str, TypeDeclaration] = field(default_factory=dict)
    values: dict[str, tuple[FileFacts, int, int]] = field(default_factory=dict)


_RECEIVER_TYPE = re.compile(r"\*?\s*([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*\)?$")


class Program:
    """Every symbol of the target in one language.

    `modules` maps a folder ('' for the root) to the import path it declares; a file's package is that of the nearest folder.
    """

    def __init__(self, files: Iterable[FileFacts], conventions: Any, modules: Mapping[str, str]) -> None:
        self.conventions = conventions
        self.modules = dict(sorted(modules.items(), key=lambda item: -len(item[0])))
        self.files = tuple(files)
        self.scopes: dict[str, Scope] = {}
        self.functions: list[Function] = []
        self.types: dict[str, TypeDeclaration] = {}
        self.structures: dict[tuple[str, str], str] = {}
        self.package_of: dict[str, str] = {}
        self.function_of: dict[tuple[str, int], Function] = {}
        self._imports: dict[str, dict[str, str]] = {}
        for file in self.files:
            self.package_of[file.path] = self._package_path(file)
        for file in self.files:
            self._declare(file)
        for function in self.functions:
            if function.owner_type and function.parent is None and (owner := self.types.get(function.owner_type)):
                owner.methods[function.name] = function

    def _package_path(self, file: FileFacts) -> str:
        folder, root = file.path.rpartition("/")[0], self.module_of(file)
        if root is None:
            return folder or file.rows.package
        inside = folder[len(root) :].strip("/")
        return "/".join(part for part in (self.modules[root], inside) if part) or file.rows.package

    def module_of(self, file: FileFacts) -> str | None:
        """The folder of the module that a file belongs to; None where no module stands above it."""
        folder = file.path.rpartition("/")[0]
        inside = (root for root in self.modules if not root or folder == root or folder.startswith(root + "/"))
        return next(inside, None)

    def imports(self, file: FileFacts) -> dict[str, str]:
        """Name in the file -> import path."""
        found = self._imports.get(file.path)
        if found is None:
            found = {}
            for row in file.rows.imports:
                if row.alias in ("_", "."):
                    continue
                path = self.conventions.SAME_PACKAGES.get(row.path, row.path)
                found[row.alias or self._declared_name(path)] = path
            self._imports[file.path] = found
        return found

    def _declared_name(self, path: str) -> str:
        scope = self.scopes.get(path)
        if scope is not None and scope.functions:
            return next(iter(scope.functions.values())).file.rows.package
        return str(self.conventions.package_name(path))

    def scope(self, file: FileFacts) -> Scope:
        """The package that a file belongs to."""
        return self.scopes[self.package_of[file.path]]

    def _declare(self, file: FileFacts) -> None:
        path = self.package_of[file.path]
        scope = self.scopes.setdefault(path, Scope(path))
        self._declare_types(file, scope)
        self._declare_structures(file, scope)
        self._declare_functions(file, scope)
        for index, row in enumerate(file.rows.bindings):
            if row.block == -1 and row.form in ("variable", "constant"):
                for position, name in enumerate(row.names):
                    scope.values.setdefault(name, (file, index, position))

    def _declare_types(self, file: FileFacts, scope: Scope) -> None:
        text, rows = file.text, file.rows
        by_block: dict[int, TypeDeclaration] = {}
        for row in rows.types:
            name = text[slice(*row.name)]
            definition = text[slice(*row.definition)]
            head = definition.split("{", 1)[0].split(None, 1)[0] if definition else ""
            kind = head if head in ("struct", "interface") else "other"
            key = f"{scope.path}.{name}"
            declared = TypeDeclaration(
                key, name, file, scope.path, kind, definition if kind == "other" else "", row.start
            )
            by_block[row.block] = declared
            if rows.blocks[row.block].function == -1 or name not in scope.types:
                scope.types[name] = declared
                self.types[key] = declared
        nested: list[tuple[int, TypeDeclaration]] = []
        for field_row in rows.fields:
            while nested and nested[-1][0] <= field_row.start:
                nested.pop()
            owner = nested[-1][1] if nested else by_block.get(field_row.block)
            if owner is None:
                continue
            kind_text = text[slice(*field_row.type)]
            if field_row.names and (written := self._structure_in(kind_text)):
                at = kind_text.find(written)
                inner = self._anonymous(owner, text[slice(*field_row.names[0])], field_row.type[0] + at, scope)
                nested.append((field_row.type[1], inner))
                kind_text = kind_text.replace(written, inner.name)
            self._add_field(owner, field_row, kind_text)
        for signature in rows.signatures:
            if (owner := by_block.get(signature.block)) is not None:
                parts = text[slice(*signature.parameters)], text[slice(*signature.results)]
                owner.signatures[text[slice(*signature.name)]] = parts

    def _structure_in(self, kind: str) -> str:
        """The text of a struct with fields that is written out inside a type, '' when the type names its parts."""
        form, parts = self.conventions.type_parts(kind)
        while form in ("slice", "map", "channel"):
            form, parts = self.conventions.type_parts(parts[-1])
        return parts[0] if form == "structure" and parts[0].rstrip("}").rstrip()[-1:] != "{" else ""

    def _anonymous(self, owner: TypeDeclaration, field_name: str, start: int, scope: Scope) -> TypeDeclaration:
        """A struct written in place as a field's type, declared under the names of its owner and field."""
        name = f"{owner.name}_{field_name}"
        key = f"{scope.path}.{name}"
        declared = TypeDeclaration(key, name, owner.file, scope.path, "struct", "", start)
        scope.types.setdefault(name, declared)
        self.types.setdefault(key, declared)
        return scope.types[name]

    def _add_field(self, owner: TypeDeclaration, row: FieldRow, kind: str) -> None:
        text = owner.file.text
        for start, end in row.names:
            owner.fields[text[start:end]] = kind
            owner.field_rows[text[start:end]] = row
        if not row.names:
            owner.embedded.append(kind)
            owner.fields.setdefault(self.conventions.type_base(kind).rsplit(".", 1)[-1], kind)

    def _declare_structures(self, file: FileFacts, scope: Scope) -> None:
        """Structs that are written out at a variable or literal: the same text in one file is the same type."""
        text, rows = file.text, file.rows
        spans = [(row.type, row.names[0]) for row in rows.bindings if row.type != (0, 0)]
        spans += [((row.start, row.type_end), "") for row in rows.literals]
        for (start, end), name in spans:
            written = self._structure_in(text[start:end])
            if not written or (file.path, written) in self.structures:
                continue
            at = text.find(written, start)
            key = f"struct@{file.path.replace('.', '/')}@{at}"
            declared = TypeDeclaration(key, name or "struct", file, scope.path, "struct", "", at)
            inside = 0
            for row in rows.fields:
                if at <= row.start < at + len(written) and row.start >= inside:
                    inside = row.type[1]
                    self._add_field(declared, row, text[slice(*row.type)])
            if declared.fields:
                self.structures[file.path, written] = key
                self.types[key] = declared

    def _declare_functions(self, file: FileFacts, scope: Scope) -> None:
        text, rows, conventions = file.text, file.rows, self.conventions
        by_block: dict[int, Function] = {}
        counters: dict[str, int] = {}
        # Every file of a package may have functions that run at start, and literals beside them.
        start = f"{scope.path}.init@{file.path.rpartition('/')[2]}"
        # A function that a variable of the package is made with is called by the variable's name.
        held = {s: n for b in rows.bindings if b.block == -1 for n, s in zip(b.names, b.values, strict=False)}
        for row in rows.functions:
            above = rows.blocks[row.block].parent
            enclosing = rows.blocks[above].function if above >= 0 else -1
            parent = by_block.get(enclosing)
            owner_type, receiver = "", ""
            if row.name == (0, 0):
                base = parent.key if parent else start
                counters[base] = counters.get(base, 0) + 1
                name, key = f"func{counters[base]}", f"{base}.func{counters[base]}"
                name = held.get((row.start, row.end), name) if parent is None else name
            else:
                name = text[slice(*row.name)]
                if row.receiver != (0, 0):
                    written = text[slice(*row.receiver)][1:-1].strip()
                    match = _RECEIVER_TYPE.search(written)
                    owner_type = f"{scope.path}.{match[1] if match else written}"
                    receiver = written.split()[0] if " " in written else ""
                key = f"{owner_type}.{name}" if owner_type else f"{scope.path}.{name}"
                if not owner_type and name == "init":
                    counters[start + "()"] = counters.get(start + "()", 0) + 1
                    key = f"{start}()#{counters[start + '()']}"
            function = Function(
                key,
                name,
                file,
                row,
                scope.path,
                owner_type,
                receiver,
                conventions.parameters(text[slice(*row.parameters)]),
                conventions.parameters(text[slice(*row.results)]),
                parent,
            )
            by_block[row.block] = function
            self.functions.append(function)
            self.function_of[file.path, row.block] = function
            if parent is None and not owner_type and row.name != (0, 0):
                scope.functions.setdefault(name, function)

    def enclosing(self, file: FileFacts, block: int) -> Function | None:
        """The function (or literal) that a row's block lies in."""
        if block < 0:
            return None
        number = file.rows.blocks[block].function
        return self.function_of.get((file.path, number)) if number >= 0 else None

    @cached_property
    def by_name(self) -> dict[str, list[Function]]:
        """Named functions and methods by their bare name."""
        found: dict[str, list[Function]] = {}
        for function in self.functions:
            if function.parent is None:
                found.setdefault(function.name, []).append(function)
        return found

    @cached_property
    def files_of(self) -> dict[str, list[FileFacts]]:
        """Package path -> its files."""
        found: dict[str, list[FileFacts]] = {}
        for file in self.files:
            found.setdefault(self.package_of[file.path], []).append(file)
        return found
