"""Bind calls to what they call, without a compiler."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Binding, FileFacts
from rda_nb.service.bindings import BUILTIN, CONVERSION, DYNAMIC, UNKNOWN, Resolution
from rda_nb.service.dispatch import Dispatch
from rda_nb.service.program import Function, Span, TypeDeclaration
from rda_nb.service.types import DOTTED, split_type

__all__ = ["Names", "Resolution"]


class Names(Dispatch):
    """The name resolver of one program. All answers are memoised; recursion ends at a name already being asked for."""

    def resolve(self, file: FileFacts, index: int) -> Resolution:
        """What a call of a file is bound to."""
        key = (file.path, index)
        found = self._calls.get(key)
        if found is None:
            if key in self._asking:
                return UNKNOWN
            self._asking.add(key)
            found = self._calls[key] = self._resolve(file, index)
            self._asking.discard(key)
        return found

    def received_at_once(self, file: FileFacts, span: Span) -> bool:
        """True for a call that hands out, over a channel that ends, what one receive has brought."""
        index = file.call_at.get(span)
        entry = self.resolve(file, index).entry if index is not None else None
        return entry is not None and entry.role == "queue.batch"

    def rebind(self, file: FileFacts, index: int, found: Resolution) -> None:
        """Keep what a call turned out to be bound to."""
        self._calls[file.path, index] = found

    def _resolve(self, file: FileFacts, index: int) -> Resolution:
        row = file.rows.calls[index]
        callee = file.text[row.start : row.callee_end]
        if DOTTED.match(callee):
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
        dot, start = self.conventions.called_name(callee)
        if dot >= 0:
            kind = self.type_of_span(file, (row.start, row.start + len(callee[:dot].rstrip())), row.block)
            return self.method(kind, callee[start:])
        generic = callee.partition("[")[0]
        if callee.endswith("]") and DOTTED.match(generic):
            parts = generic.split(".")
            if len(parts) == 1:
                return self._plain(generic, file, row.block, row.start)
            path = self.package_named(parts[0], file, row.block, row.start)
            if path is not None:
                return self._of_package(path, parts[1])
        if callee.startswith(("[]", "map[", "func", "chan ", "interface", "(")):
            return CONVERSION
        return UNKNOWN

    def _plain(self, name: str, file: FileFacts, block: int, offset: int) -> Resolution:
        found = self.local(name, file, offset)
        if found is not None:
            target = self.bound_function(file, *found)
            return Resolution("resolved", (target,)) if target else DYNAMIC
        if self.parameter(name, self.program.enclosing(file, block)):
            return DYNAMIC
        scope = self.program.scope(file)
        if name in scope.functions:
            return Resolution("resolved", (scope.functions[name],))
        if name in scope.types or name in self.conventions.BASIC_TYPES:
            return CONVERSION
        if name in self.conventions.BUILTINS:
            return BUILTIN
        if name in scope.values:
            return DYNAMIC
        for imported in file.rows.imports:
            if imported.alias == ".":
                return self._of_package(imported.path, name)
        return UNKNOWN

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
        if not DOTTED.match(written):
            return None
        parts = written.split(".")
        if len(parts) == 1:
            bound = self.local(written, file, span[0])
            parameter = self.parameter(written, self.program.enclosing(file, block))
            if bound is not None and (parameter is None or bound[0].start > parameter[0].row.start):
                return None if written in file.assigned else self.bound_function(file, *bound)
            if bound is not None or parameter is not None:
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
        found = self._functions.get((path, name))
        if found is None:
            found = self._functions[path, name] = self._named_function(path, name)
        return found

    def _named_function(self, path: str, name: str) -> Resolution:
        scope = self.program.scopes.get(path)
        stub = self.stubs.get(path)
        if scope is None or (stub is not None and name in stub.returns):
            package = self.libraries.package(path)
            return Resolution("external", (), path, name, package.call(name) if package else None)
        if name in scope.functions:
            return Resolution("resolved", (scope.functions[name],))
        if name in scope.types:
            return CONVERSION
        return DYNAMIC if name in scope.values else UNKNOWN

    def method(self, kind: str, name: str) -> Resolution:
        """What calling a method on a value of a type means."""
        if not kind:
            return UNKNOWN
        key = (kind, name)
        found = self._methods.get(key)
        if found is None:
            if ("method", key) in self._asking:
                return UNKNOWN
            self._asking.add(("method", key))
            found = self._methods[key] = self._method(kind, name)
            self._asking.discard(("method", key))
        return found

    def _method(self, kind: str, name: str) -> Resolution:
        declared = self.program.types.get(kind)
        path, type_name = split_type(kind)
        stub = self.stubs.get(path)
        if stub is not None and f"New{type_name}" in stub.returns and (entry := stub.call(f"{type_name}.{name}")):
            return self._of_stub(Resolution("external", (), path, f"{type_name}.{name}", entry), declared, name)
        if declared is None:
            if not path:
                return Resolution("external", (), "", f"{kind}.{name}") if kind == "error" else UNKNOWN
            full = f"{type_name}.{name}"
            if path in self.program.scopes:
                # A type of the target that was not read: generated code, or a file that is left out.
                return Resolution("external", (), path, full)
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
        if name in declared.fields:
            return DYNAMIC
        found = [self.method(self.canonical(embedded, declared.file), name) for embedded in declared.embedded]
        # What is declared in the target is certain; a foreign type may have a method of any name.
        for promoted in sorted(found, key=lambda one: one.kind == "external"):
            if promoted.kind != "unknown":
                return promoted
        return UNKNOWN

    def _of_stub(self, found: Resolution, declared: TypeDeclaration | None, name: str) -> Resolution:
        """A generated client's method, and those of the target's own types that stand behind its interface too."""
        others = self.implementers(declared) if declared is not None and declared.kind == "interface" else ()
        methods = [self.method(one.key, name) for one in others if one.file.role != "generated"]
        targets = tuple(dict.fromkeys(target for method in methods for target in method.targets))
        return found._replace(kind="candidate", targets=targets) if targets else found

    def results(self, file: FileFacts, index: int) -> tuple[str, ...]:
        """The result types of a call; () when unknown."""
        found = self.resolve(file, index)
        row = file.rows.calls[index]
        if found.targets:
            target = found.targets[0]
            return tuple(self.canonical(kind, target.file) for _, kind in target.results)
        if found.kind == "external" and found.entry is not None and found.entry.role == "value.first_set":
            return self._one_of_its_arguments(file, index)
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

    def _one_of_its_arguments(self, file: FileFacts, index: int) -> tuple[str, ...]:
        """The type of the first argument that has one: all of them are of the same."""
        row = file.rows.calls[index]
        node = self.conventions.expression(file.text[row.start : row.end], row.start)
        types = (self.type_of(part, file, row.block) for part in node.parts[1:])
        found = next((kind for kind in types if kind), "")
        return (found,) if found else ()

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
        depth, tail = 0, ""
        for at, character in enumerate(written):
            depth += (character == "(") - (character == ")")
            if depth == 0 and character == ")":
                tail = written[at + 1 :].strip()
                break
        return tuple(self.canonical(name, other) for _, name in self.conventions.parameters(tail)) if tail else ()
