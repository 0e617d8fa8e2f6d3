"""The types of names and expressions, followed through bindings, fields and results."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from rda_nb.facts.vocabulary import Binding, Expression, FileFacts, Literal
from rda_nb.service.libraries import Libraries
from rda_nb.service.program import Program, Span
from rda_nb.service.scopes import Scopes

CONTEXT = "context.Context"
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")


class Types(Scopes, ABC):
    """Types as strings: a basic type as written, `path.Type` for a named one, `[]T`, `map[K]V`, `chan T`, `func@file@text`,
    `struct@file@offset` for one that is written out,
    `path.?` for a value that an external package made and whose type is not known, `path.!` for a part of such a value
    (most likely a type of yet another package, of which nothing may be said), '' for unknown."""

    def __init__(self, program: Program, libraries: Libraries) -> None:
        super().__init__(program, libraries)
        self._types: dict[tuple[str, int, int], str] = {}
        self._members: dict[tuple[str, str], str] = {}

    @abstractmethod
    def results(self, file: FileFacts, index: int) -> tuple[str, ...]:
        """The result types of a call; () when unknown."""

    def type_of_name(self, name: str, file: FileFacts, block: int, offset: int) -> str:
        """The type of a name where it is used; '' when unknown or when it names a package."""
        found = self.local(name, file, offset)
        function = self.program.enclosing(file, block)
        parameter = self.parameter(name, function)
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            return self.type_of_binding(file, *found)
        if parameter is not None:
            owner, index, kind = parameter
            return self._alias(kind) if index == -1 else self.canonical(kind, owner.file)
        scope = self.program.scope(file)
        if name in scope.values:
            other, index, position = scope.values[name]
            return self.type_of_binding(other, other.rows.bindings[index], position)
        return ""

    def type_of_binding(self, file: FileFacts, row: Binding, position: int) -> str:
        """The type of one of a binding's names."""
        if row.type != (0, 0):
            return self.canonical(file.text[slice(*row.type)], file)
        key = (file.path, row.start, -1 - position)
        found = self._types.get(key)
        if found is None:
            if key in self._asking:
                return ""
            self._asking.add(key)
            found = self._types[key] = self._infer(file, row, position)
            self._asking.discard(key)
        return found

    def _infer(self, file: FileFacts, row: Binding, position: int) -> str:
        if row.names[position] == "err":
            return "error"
        if not row.values:
            return ""
        if row.form == "range":
            return _element(self.type_of_span(file, row.values[0], row.block), position)
        if len(row.values) == len(row.names):
            return self.type_of_span(file, row.values[position], row.block)
        span = row.values[0]
        call = file.call_at.get(span)
        if call is not None:
            results = self.results(file, call)
            return results[position] if position < len(results) else ""
        return self.type_of_span(file, span, row.block) if position == 0 else "bool"

    def literal_owner(self, file: FileFacts, literal: Literal) -> str:
        """The type whose fields a literal's entries give: that of its elements where a list or map leaves it out of them."""
        kind = self.canonical(file.text[literal.start : literal.type_end], file)
        while kind.startswith(("[]", "map[")):
            kind = _element(kind, 1)
        return kind

    # Types of expressions

    def type_of_span(self, file: FileFacts, span: Span, block: int) -> str:
        """The type of the expression at a span; '' when unknown."""
        start, end = span
        text = file.text
        while start < end and text[start] in "&*( \t\n":
            start += 1
            if text[start - 1] == "(":
                end -= 1
        key = (file.path, start, end)
        found = self._types.get(key)
        if found is not None:
            return found
        if key in self._asking:
            return ""
        self._asking.add(key)
        found = self._types[key] = self._type_of(file, start, end, block)
        self._asking.discard(key)
        return found

    def _type_of(self, file: FileFacts, start: int, end: int, block: int) -> str:
        literal = file.literal_at.get((start, end))
        if literal is not None:
            return self.canonical(file.text[start : file.rows.literals[literal].type_end], file)
        call = file.call_at.get((start, end))
        if call is not None:
            results = self.results(file, call)
            return results[0] if results else ""
        written = file.text[start:end]
        if DOTTED.match(written):
            return self.type_of_dotted(written.split("."), file, block, start)
        if (start, end) in file.function_at:
            return f"func@{file.path}@{written[:200]}"
        if written[:1] in '"`':
            return "string"
        if written.isdigit():
            return "int"
        if end - start > 2000:
            return ""
        return self.type_of(self.conventions.expression(written, start), file, block)

    def type_of_dotted(self, parts: list[str], file: FileFacts, block: int, offset: int) -> str:
        """The type of `a.b.c` where it stands."""
        path = self.package_named(parts[0], file, block, offset)
        if path is None:
            kind = self.type_of_name(parts[0], file, block, offset)
            rest = parts[1:]
        else:
            if len(parts) < 2:
                return ""
            kind = self._package_value(path, parts[1])
            rest = parts[2:]
        for member in rest:
            if not kind:
                return ""
            kind = self.member(kind, member)
        return kind

    def _package_value(self, path: str, name: str) -> str:
        scope = self.program.scopes.get(path)
        if scope is not None:
            if name in scope.values:
                file, index, position = scope.values[name]
                return self.type_of_binding(file, file.rows.bindings[index], position)
            return ""
        package = self.libraries.package(path)
        if package is not None and name in package.fields:
            return self._library_type(package.fields[name], path)
        return f"{path}.?"

    def member(self, kind: str, name: str) -> str:
        """The type of a field (or method value) of a type."""
        key = (kind, name)
        found = self._members.get(key)
        if found is None:
            if key in self._asking:
                return ""
            self._asking.add(key)
            found = self._members[key] = self._member(kind, name)
            self._asking.discard(key)
        return found

    def _member(self, kind: str, name: str) -> str:
        declared = self.program.types.get(kind)
        if declared is not None:
            if name in declared.fields:
                return self.canonical(declared.fields[name], declared.file)
            found = [self.member(self.canonical(embedded, declared.file), name) for embedded in declared.embedded]
            # What is declared in the target is certain; a foreign type may have a field of any name.
            return next((kind for kind in found if kind and not kind.endswith(".!")), next(filter(None, found), ""))
        path, type_name = split_type(kind)
        if not path or path in self.program.scopes:
            return ""
        package = self.libraries.package(path)
        known = package.fields.get(f"{type_name}.{name}") if package else None
        return self._library_type(known, path) if known else f"{path}.!"

    def _library_type(self, name: str, path: str) -> str:
        if name in ("", "_", "error") or name in self.conventions.BASIC_TYPES:
            return "error" if name == "error" else "" if name in ("", "_") else name
        if name.startswith("[]"):
            return "[]" + self._library_type(name[2:], path)
        if name.startswith("map["):
            head, _, value = name.partition("]")
            return f"{head}]{self._library_type(value, path)}"
        if name.startswith("chan "):
            return "chan " + self._library_type(name[5:], path)
        return name if "/" in name or ("." in name and not name.startswith("?")) else f"{path}.{name}"

    def type_of(self, node: Expression, file: FileFacts, block: int) -> str:
        """The type of a parsed expression."""
        kind = node.kind
        if kind == "name":
            return self.type_of_name(node.text, file, block, node.start)
        if kind == "select":
            base = node.parts[0]
            if base.kind == "name" and (path := self.package_named(base.text, file, block, node.start)) is not None:
                return self._package_value(path, node.text)
            return self.member(self.type_of(base, file, block), node.text)
        if kind == "call":
            found = file.call_at.get((node.start, node.end))
            results = self.results(file, found) if found is not None else ()
            return results[0] if results else ""
        if kind == "index":
            return _element(self.type_of(node.parts[0], file, block), 1)
        if kind == "slice":
            return self.type_of(node.parts[0], file, block)
        if kind in ("literal", "assert", "convert"):
            return self.canonical(node.text, file) if node.text else ""
        if kind == "unary":
            inner = self.type_of(node.parts[0], file, block)
            return _element(inner, 0) if node.text == "<-" else inner
        if kind == "binary":
            return self.type_of(node.parts[0], file, block) or self.type_of(node.parts[1], file, block)
        return {"text": "string", "number": "int", "boolean": "bool"}.get(kind, "")


def split_type(kind: str) -> tuple[str, str]:
    """(import path, type name) of a type string; ('', '') for basic types, containers and functions."""
    if kind.startswith(("[]", "map[", "chan ", "func@")) or "." not in kind:
        return "", ""
    path, _, name = kind.rpartition(".")
    return path, name


def _element(kind: str, position: int) -> str:
    """What ranging over (position 0 or 1), indexing (1) or receiving from (0) a container gives."""
    if kind.startswith("[]"):
        return kind[2:] if position == 1 else "int"
    if kind.startswith("map["):
        depth = 0
        for index in range(3, len(kind)):
            depth += (kind[index] == "[") - (kind[index] == "]")
            if depth == 0:
                return kind[index + 1 :] if position == 1 else kind[4:index]
    if kind.startswith("chan "):
        return kind[5:] if position == 0 else "bool"
    return "int" if kind == "int" else ""
