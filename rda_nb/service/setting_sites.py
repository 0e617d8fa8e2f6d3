"""Where a program gives settings their values: literals, assignments, options, setters and connection strings."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Entry, Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.packages import Package
from rda_nb.service.program import Span
from rda_nb.service.setting import Setting
from rda_nb.service.values import Values
from rda_nb.service.written_settings import written

_QUOTES = "\"'`"


class SettingSites:
    """Finds what gives a setting that knowledge names its value, in every form that a program may write it in."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values
        self.all: list[Setting] = []
        for file in self.program.files:
            if file.role != "generated":
                self._literals(file)
                self._assignments(file)
                self._arguments(file)
        self._named()
        self._strings()
        self.all.sort(key=lambda setting: (setting.file.path, setting.start))

    def _package(self, kind: str) -> tuple[Package | None, str]:
        path, _, name = kind.rpartition(".")
        if not path or path in self.program.scopes or kind.startswith(("[]", "map[", "chan ", "func@")):
            return None, ""
        return self.names.libraries.package(path), name

    def _add(
        self, package: Package, key: str, file: FileFacts, span: Span, block: int, start: int, holder: str
    ) -> None:
        entry = package.settings.get(key)
        if entry is None:
            _, dot, field = key.partition(".")
            entry = package.settings.get(f"*.{field}") if dot else None
        if entry is not None:
            function = self.program.enclosing(file, block)
            self.all.append(
                Setting(
                    entry.means, key, entry, package.library, package.path, file, span, block, start, holder, function
                )
            )

    def _literals(self, file: FileFacts) -> None:
        text, literals = file.text, file.rows.literals
        for index, entries in file.entries_of.items():
            literal = literals[index] if index >= 0 else None
            if literal is None:
                continue
            package, name = self._package(self.names.literal_owner(file, literal))
            if package is None or not package.settings:
                continue
            deeper = {key.rpartition(".")[0] for key in package.settings if key.count(".") > 1}
            for entry in entries:
                key = f"{name}.{text[slice(*entry.key)].strip(_QUOTES)}"
                self._add(package, key, file, entry.value, entry.block, entry.start, "")
                if key in deeper:
                    self._map(package, key, file, entry)

    def _map(self, package: Package, key: str, file: FileFacts, entry: Entry) -> None:
        """The settings in a map that is the value of a field: `Options.Settings.max_execution_time`."""
        for index, literal in enumerate(file.rows.literals):
            if literal.start == entry.value[0]:
                for inner in file.entries_of.get(index, ()):
                    name = file.text[slice(*inner.key)].strip(_QUOTES)
                    self._add(package, f"{key}.{name}", file, inner.value, inner.block, inner.start, "")

    def _assignments(self, file: FileFacts) -> None:
        for row in file.assignments:
            if row.operator != "=" or len(row.names) != len(row.values):
                continue
            for name, span in zip(row.names, row.values, strict=True):
                base, dot, member = name.rpartition(".")
                if name.endswith('"]') and (keyed := name.partition("[")[0]):
                    kind = self.names.type_of_span(file, (row.start, row.start + len(keyed)), row.block)
                    package, type_name = self._package(kind)
                    if package is not None and package.settings:
                        key = f"{type_name}.{name[len(keyed) + 2 : -2]}"
                        self._add(package, key, file, span, row.block, row.start, keyed)
                elif dot and member.isidentifier():
                    kind = self.names.type_of_span(file, (row.start, row.start + len(base)), row.block)
                    package, type_name = self._package(kind)
                    if package is not None and package.settings:
                        self._add(package, f"{type_name}.{member}", file, span, row.block, row.start, base)

    def _arguments(self, file: FileFacts) -> None:
        for index, row in enumerate(file.rows.calls):
            found = self.names.resolve(file, index)
            if found.kind != "external" or not found.package:
                continue
            package = self.names.libraries.package(found.package)
            if package is None or not package.settings:
                continue
            for position in range(4):
                key = f"{found.name}({position})"
                if key not in package.settings and "." in found.name:
                    key = f"*.{found.name.rpartition('.')[2]}({position})"
                if key in package.settings:
                    operation = self.calls.operation(file, index)
                    node = self._argument(file, index, position, operation)
                    if node is not None:
                        holder = file.text[row.start : row.callee_end].rpartition(".")[0] if "." in found.name else ""
                        self._add(package, key, file, (node.start, node.end), row.block, row.start, holder)

    def _named(self) -> None:
        """Settings that a call gives by their name: `config.SetKey("max.poll.interval.ms", 60000)`."""
        for operation in self.calls.role("settings.set"):
            package = self.names.libraries.package(operation.package)
            name = self.calls.argument(operation, operation.entry.message)
            value = self.calls.argument(operation, operation.entry.count)
            key = self.values.text_of(name, operation.file, operation.block)
            if package is None or value is None or not key:
                continue
            row, holder = operation.row, operation.callee.rpartition(".")[0]
            full = f"{operation.client.rpartition('.')[0]}.{key}"
            self._add(package, full, operation.file, (value.start, value.end), row.block, row.start, holder)

    def _strings(self) -> None:
        """Settings in connection strings; each stands at the call that is given the string."""
        for found in written(self.calls, self.values):
            operation, entry = found.operation, found.package.settings[found.key]
            row, package = operation.row, found.package
            span = (row.callee_end, row.end)
            self.all.append(
                Setting(
                    entry.means,
                    found.key,
                    entry,
                    package.library,
                    package.path,
                    operation.file,
                    span,
                    row.block,
                    row.callee_end,
                    "",
                    operation.function,
                    found.quantity,
                )
            )

    def _argument(self, file: FileFacts, index: int, position: int, operation: Operation | None) -> Expression | None:
        if operation is not None:
            return self.calls.argument(operation, position)
        row = file.rows.calls[index]
        node = self.calls.conventions.expression(file.text[row.start : row.end], row.start)
        arguments = node.parts[1:] if node.kind == "call" else ()
        return arguments[position] if position < len(arguments) else None
