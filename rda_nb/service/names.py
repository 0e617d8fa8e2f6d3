"""Bind names, types and calls to what they mean, without a compiler.

Types are strings: a basic type as written, `path.Type` for a named one, `[]T`, `map[K]V`, `chan T`, `func@file@text`,
`path.?` for a value that an external package made and whose type is not known, `path.!` for a part of such a value (most
likely a type of yet another package, of which nothing may be said), '' for unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from rda_nb.facts.vocabulary import Binding, Expression, FileFacts
from rda_nb.service.libraries import CallEntry, Libraries
from rda_nb.service.program import Function, Program, Span, TypeDeclaration

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
_LONGEST = 12


class Resolution(NamedTuple):
    """What a call is bound to. `kind`: resolved (one function of the target), candidate (several), external (another
    package), builtin, conversion (a type used as a function), dynamic (a function value not followed), unknown.

    External calls carry `package` (import path) and `name` (`Func` or `Type.Method`; the type is `?` when not known).
    """

    kind: str
    targets: tuple[Function, ...] = ()
    package: str = ""
    name: str = ""
    entry: CallEntry | None = None


_UNKNOWN = Resolution("unknown")
_BUILTIN = Resolution("builtin")
_CONVERSION = Resolution("conversion")
_DYNAMIC = Resolution("dynamic")


class Names:
    """The name resolver of one program. All answers are memoised; recursion ends at a name already being asked for."""

    def __init__(self, program: Program, libraries: Libraries) -> None:
        self.program = program
        self.libraries = libraries
        self.conventions = program.conventions
        self._canonical: dict[tuple[str, str], str] = {}
        self._bound: dict[str, dict[str, list[tuple[int, int, int, int]]]] = {}
        self._types: dict[tuple[str, int, int], str] = {}
        self._calls: dict[tuple[str, int], Resolution] = {}
        self._members: dict[tuple[str, str], str] = {}
        self._methods: dict[tuple[str, str], Resolution] = {}
        self._implementers: dict[str, tuple[TypeDeclaration, ...]] = {}
        self._asking: set[Any] = set()
        self._foreign: dict[str, set[str]] = {}
        self._find_foreign()

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
        return ""

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
        if _DOTTED.match(written):
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

    def package_named(self, name: str, file: FileFacts, block: int, offset: int) -> str | None:
        """The import path that a name stands for here; None when it is shadowed or is no import."""
        path = self.program.imports(file).get(name)
        if path is None or self.local(name, file, offset) is not None:
            return None
        return None if self.parameter(name, self.program.enclosing(file, block)) else path

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
            for embedded in declared.embedded:
                found = self.member(self.canonical(embedded, declared.file), name)
                if found:
                    return found
            return ""
        path, type_name = _split(kind)
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

    # Calls

    def resolve(self, file: FileFacts, index: int) -> Resolution:
        """What a call of a file is bound to."""
        key = (file.path, index)
        found = self._calls.get(key)
        if found is None:
            if key in self._asking:
                return _UNKNOWN
            self._asking.add(key)
            found = self._calls[key] = self._resolve(file, index)
            self._asking.discard(key)
        return found

    def _resolve(self, file: FileFacts, index: int) -> Resolution:
        row = file.rows.calls[index]
        callee = file.text[row.start : row.callee_end]
        if _DOTTED.match(callee):
            parts = callee.split(".")
            if len(parts) == 1:
                return self._plain(callee, file, row.block, row.start)
            path = self.package_named(parts[0], file, row.block, row.start)
            if path is not None and len(parts) == 2:
                return self._of_package(path, parts[1])
            kind = self.type_of_dotted(parts[:-1], file, row.block, row.start)
            return self.method(kind, parts[-1])
        function = file.function_at.get((row.start, row.callee_end))
        if function is not None:
            block = file.rows.functions[function].block
            return Resolution("resolved", (self.program.function_of[file.path, block],))
        base, dot, name = callee.rpartition(".")
        name = name.strip()
        if dot and name.isidentifier():
            kind = self.type_of_span(file, (row.start, row.start + len(base.rstrip())), row.block)
            return self.method(kind, name)
        generic = callee.partition("[")[0]
        if callee.endswith("]") and _DOTTED.match(generic):
            parts = generic.split(".")
            if len(parts) == 1:
                return self._plain(generic, file, row.block, row.start)
            path = self.package_named(parts[0], file, row.block, row.start)
            if path is not None:
                return self._of_package(path, parts[1])
        if callee.startswith(("[]", "(*", "map[", "func", "chan ", "interface")) or callee.startswith("("):
            return _CONVERSION
        return _UNKNOWN

    def _plain(self, name: str, file: FileFacts, block: int, offset: int) -> Resolution:
        found = self.local(name, file, offset)
        if found is not None:
            target = self.bound_function(file, *found)
            return Resolution("resolved", (target,)) if target else _DYNAMIC
        if self.parameter(name, self.program.enclosing(file, block)):
            return _DYNAMIC
        scope = self.program.scope(file)
        if name in scope.functions:
            return Resolution("resolved", (scope.functions[name],))
        if name in scope.types or name in self.conventions.BASIC_TYPES:
            return _CONVERSION
        if name in self.conventions.BUILTINS:
            return _BUILTIN
        if name in scope.values:
            return _DYNAMIC
        for imported in file.rows.imports:
            if imported.alias == ".":
                return self._of_package(imported.path, name)
        return _UNKNOWN

    def bound_function(self, file: FileFacts, row: Binding, position: int) -> Function | None:
        """The function literal or named function that a binding holds."""
        if len(row.values) != len(row.names):
            return None
        span = row.values[position]
        literal = file.function_at.get(span)
        if literal is not None:
            return self.program.function_of[file.path, file.rows.functions[literal].block]
        return self.function_value(file, span, row.block)

    def function_value(self, file: FileFacts, span: Span, block: int) -> Function | None:
        """The function of the target that an expression names without calling it."""
        literal = file.function_at.get(span)
        if literal is not None:
            return self.program.function_of[file.path, file.rows.functions[literal].block]
        written = file.text[span[0] : span[1]].strip().lstrip("&")
        if not _DOTTED.match(written):
            return None
        parts = written.split(".")
        if len(parts) == 1:
            if self.local(written, file, span[0]) or self.parameter(written, self.program.enclosing(file, block)):
                return None
            return self.program.scope(file).functions.get(written)
        if parts[-1] not in self.program.by_name:
            return None
        path = self.package_named(parts[0], file, block, span[0])
        if path is not None and len(parts) == 2:
            scope = self.program.scopes.get(path)
            return scope.functions.get(parts[1]) if scope else None
        found = self.method(self.type_of_dotted(parts[:-1], file, block, span[0]), parts[-1])
        return found.targets[0] if found.kind == "resolved" else None

    def _of_package(self, path: str, name: str) -> Resolution:
        scope = self.program.scopes.get(path)
        if scope is None:
            package = self.libraries.package(path)
            return Resolution("external", (), path, name, package.call(name) if package else None)
        if name in scope.functions:
            return Resolution("resolved", (scope.functions[name],))
        if name in scope.types:
            return _CONVERSION
        return _DYNAMIC if name in scope.values else _UNKNOWN

    def method(self, kind: str, name: str) -> Resolution:
        """What calling a method on a value of a type means."""
        if not kind:
            return _UNKNOWN
        key = (kind, name)
        found = self._methods.get(key)
        if found is None:
            if ("method", key) in self._asking:
                return _UNKNOWN
            self._asking.add(("method", key))
            found = self._methods[key] = self._method(kind, name)
            self._asking.discard(("method", key))
        return found

    def _method(self, kind: str, name: str) -> Resolution:
        declared = self.program.types.get(kind)
        if declared is None:
            path, type_name = _split(kind)
            if not path:
                return Resolution("external", (), "", f"{kind}.{name}") if kind == "error" else _UNKNOWN
            if path in self.program.scopes:
                return _UNKNOWN
            full = f"{type_name}.{name}"
            package = self.libraries.package(path)
            if type_name == "!":
                # Only what the knowledge says of every type of the package holds for a type that is not known.
                anyone = (package.calls.get(f"*.{name}") or package.calls.get("*.*")) if package else None
                return Resolution("external", (), path, full, anyone)
            entry = (package.call(full) or package.call(f"?.{name}")) if package else None
            if entry is None and package is not None and type_name == "?":
                entry = package.by_method(name)
            return Resolution("external", (), path, full, entry)
        if name in declared.methods:
            return Resolution("resolved", (declared.methods[name],))
        if declared.kind == "interface":
            return self._dispatch(declared, name)
        if declared.kind == "other":
            return self.method(self.canonical(declared.definition, declared.file), name)
        for embedded in declared.embedded:
            found = self.method(self.canonical(embedded, declared.file), name)
            if found.kind != "unknown":
                return found
        return _DYNAMIC if name in declared.fields else _UNKNOWN

    def _dispatch(self, interface: TypeDeclaration, name: str) -> Resolution:
        if name not in self.method_names(interface):
            for embedded in interface.embedded:
                found = self.method(self.canonical(embedded, interface.file), name)
                if found.kind != "unknown":
                    return found
            return _UNKNOWN
        targets = []
        for implementer in self.implementers(interface):
            found = self.method(implementer.key, name)
            targets += [target for target in found.targets if target not in targets]
            if found.kind == "external" and not found.targets:
                return found
        if not targets:
            for foreign in sorted(self._foreign.get(interface.key, ())):
                found = self.method(foreign, name)
                if found.entry is not None:
                    return found
            return Resolution("unknown", (), interface.package, f"{interface.name}.{name}")
        return Resolution("resolved" if len(targets) == 1 else "candidate", tuple(targets[:_LONGEST]))

    def _find_foreign(self) -> None:
        """Types of other packages that values of the target's interfaces are given: by field, assignment, argument, result."""
        interfaces = {key for key, declared in self.program.types.items() if declared.kind == "interface"}
        if not interfaces:
            return
        found: dict[str, set[str]] = {}
        for file in self.program.files:
            for kind, span, block in self._given(file, interfaces):
                own = self.type_of_span(file, span, block)
                path, _ = _split(own)
                if path and path not in self.program.scopes and not own.endswith(".?"):
                    found.setdefault(kind, set()).add(own)
        self._foreign = found
        # What was answered without this knowledge is asked anew.
        for memo in (self._types, self._calls, self._members, self._methods):
            memo.clear()

    def _given(self, file: FileFacts, interfaces: set[str]) -> Iterator[tuple[str, Span, int]]:
        """(interface, span of the value, block) of every value that is given to something declared as an interface."""
        text, rows = file.text, file.rows
        for entry in rows.entries:
            if entry.literal >= 0:
                literal = rows.literals[entry.literal]
                owner = self.program.types.get(self.canonical(text[literal.start : literal.type_end], file))
                declared = owner.fields.get(text[slice(*entry.key)]) if owner else None
                if owner and declared and (kind := self.canonical(declared, owner.file)) in interfaces:
                    yield kind, entry.value, entry.block
        for binding in rows.bindings:
            if binding.form == "assign" and binding.block >= 0 and len(binding.names) == len(binding.values):
                for name, span in zip(binding.names, binding.values, strict=True):
                    if "." in name and (kind := self._assigned_kind(name, binding, file)) in interfaces:
                        yield kind, span, binding.block
        for index, call in enumerate(rows.calls):
            yield from self._given_arguments(file, index, call.block, interfaces)

    def _assigned_kind(self, name: str, row: Binding, file: FileFacts) -> str:
        base, _, member = name.rpartition(".")
        return self.member(self.type_of_span(file, (row.start, row.start + len(base)), row.block), member)

    def _given_arguments(
        self, file: FileFacts, index: int, block: int, interfaces: set[str]
    ) -> Iterator[tuple[str, Span, int]]:
        row = file.rows.calls[index]
        callee = file.text[row.start : row.callee_end]
        if row.end - row.callee_end < 3 or callee.rpartition(".")[2] not in self.program.by_name:
            return
        found = self.resolve(file, index)
        if found.kind != "resolved":
            return
        target = found.targets[0]
        kinds = [self.canonical(kind, target.file) for _, kind in target.parameters]
        if not interfaces.intersection(kinds):
            return
        arguments = self.conventions.expression(file.text[row.start : row.end], row.start).parts[1:]
        for kind, argument in zip(kinds, arguments, strict=False):
            if kind in interfaces:
                yield kind, (argument.start, argument.end), block

    def method_names(self, declared: TypeDeclaration) -> frozenset[str]:
        """The method set of an interface that the target declares (its embedded interfaces of the target included)."""
        names = set(declared.signatures)
        for embedded in declared.embedded:
            inner = self.program.types.get(self.canonical(embedded, declared.file))
            if inner is not None and inner is not declared and inner.kind == "interface":
                names |= self.method_names(inner)
        return frozenset(names)

    def implementers(self, interface: TypeDeclaration) -> tuple[TypeDeclaration, ...]:
        """The types of the target whose methods cover an interface, by name and number of parameters."""
        found = self._implementers.get(interface.key)
        if found is None:
            found = self._implementers[interface.key] = tuple(self._implementing(interface))
        return found

    def _implementing(self, interface: TypeDeclaration) -> Iterator[TypeDeclaration]:
        names = self.method_names(interface)
        if not names:
            return
        owners = self.program.method_owners
        rarest = min(names, key=lambda name: len(owners.get(name, ())))
        direct = set(owners.get(rarest, ()))
        embedding = {
            key for key, declared in self.program.types.items() if declared.kind == "struct" and declared.embedded
        }
        for key in sorted(direct | embedding):
            declared = self.program.types[key]
            if declared.kind == "interface" or declared.file.role == "test":
                continue
            if all(self._has(declared, name, interface) for name in names):
                yield declared

    def _has(self, declared: TypeDeclaration, name: str, interface: TypeDeclaration) -> bool:
        own = declared.methods.get(name)
        if own is None:
            if not declared.embedded:
                return False
            found = self.method(declared.key, name)
            return found.kind == "resolved" and not (found.targets and found.targets[0].owner_type == interface.key)
        signature = interface.signatures.get(name)
        return signature is None or len(self.conventions.parameters(signature[0])) == len(own.parameters)

    def results(self, file: FileFacts, index: int) -> tuple[str, ...]:
        """The result types of a call; () when unknown."""
        found = self.resolve(file, index)
        row = file.rows.calls[index]
        if found.targets:
            target = found.targets[0]
            return tuple(self.canonical(kind, target.file) for _, kind in target.results)
        if found.kind == "external":
            return self._library_results(found)
        if found.kind == "conversion":
            return (self.canonical(file.text[row.start : row.callee_end], file),)
        if found.kind == "builtin":
            return self._builtin_results(file, index)
        if found.name and found.package in self.program.scopes:
            interface = self.program.types.get(f"{found.package}.{found.name.split('.')[0]}")
            signature = interface.signatures.get(found.name.split(".")[1]) if interface else None
            if interface and signature:
                return tuple(
                    self.canonical(kind, interface.file) for _, kind in self.conventions.parameters(signature[1])
                )
        return self._dynamic_results(file, index)

    def _library_results(self, found: Resolution) -> tuple[str, ...]:
        package = self.libraries.package(found.package)
        if package is not None:
            method = found.name.rpartition(".")[2]
            known = package.returns.get(found.name) or package.returns.get(f"*.{method}")
            if known:
                return tuple(self._library_type(name, found.package) for name in known)
        # What a function of a package makes is most likely a type of it; what a method gives may be anything.
        return (f"{found.package}.{'!' if '.' in found.name else '?'}",) if found.package else ()

    def _builtin_results(self, file: FileFacts, index: int) -> tuple[str, ...]:
        row = file.rows.calls[index]
        name = file.text[row.start : row.callee_end]
        inside = file.text[row.callee_end + 1 : row.end - 1]
        if name in ("make", "new"):
            return (self.canonical(self.conventions.split_list(inside)[0], file),)
        if name in ("append", "min", "max"):
            first = self.conventions.split_list(inside)[0]
            at = row.callee_end + 1 + inside.find(first)
            return (self.type_of_span(file, (at, at + len(first)), row.block),)
        return ("int",) if name in ("len", "cap", "copy") else ()

    def _dynamic_results(self, file: FileFacts, index: int) -> tuple[str, ...]:
        row = file.rows.calls[index]
        kind = self.type_of_span(file, (row.start, row.callee_end), row.block)
        if not kind.startswith("func@"):
            return ()
        _, path, text = kind.split("@", 2)
        other = next((found for found in self.program.files if found.path == path), file)
        head = self.conventions.split_list(text.partition("{")[0])
        written = ", ".join(head)
        close, depth = 0, 0
        for close, character in enumerate(written):
            depth += (character == "(") - (character == ")")
            if depth == 0 and character == ")":
                break
        tail = written[close + 1 :].strip()
        return tuple(self.canonical(name, other) for _, name in self.conventions.parameters(tail)) if tail else ()


def _split(kind: str) -> tuple[str, str]:
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
