"""The settings that clients carry: literals, assignments, options and setters that knowledge names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rda_nb.core import Evidence, Origin, Quantity, known
from rda_nb.facts.vocabulary import BRANCH, FUNCTION, Binding, Entry, Expression, FileFacts
from rda_nb.service import terms
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.creations import Creation, Creations
from rda_nb.service.packages import Package, SettingEntry
from rda_nb.service.program import Function, Span
from rda_nb.service.value import NO_DEFAULT
from rda_nb.service.values import Values
from rda_nb.service.written_settings import written

_DEEPEST = 8
# A condition that holds for what somebody gave a value.
_NOT_ZERO = re.compile(r"([A-Za-z_][\w.]*)\s*(?:>|!=)\s*0")
_QUOTES = "\"'`"


@dataclass(frozen=True, eq=False, slots=True)
class Setting:
    """One place that gives a library setting its value. `holder` is the text of what is assigned to, '' otherwise.

    `written` is the value that a connection string gives; the setting then stands where the string is handed over.
    """

    means: str
    key: str
    entry: SettingEntry
    library: str
    package: str
    file: FileFacts
    span: Span
    block: int
    start: int
    holder: str
    function: Function | None
    written: Quantity | None = None

    @property
    def title(self) -> str:
        """What the setting is, for the reader."""
        return self.entry.title or terms.meaning(self.means).title

    @property
    def unit(self) -> str:
        """The unit of its value."""
        return self.entry.unit or terms.meaning(self.means).unit

    @property
    def line(self) -> int:
        """1-based line of the setting."""
        return self.file.line(self.start)


class Settings:
    """All settings of a program, and the creations that a value can come from."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values
        self.made = Creations(calls, values)
        self.all: list[Setting] = []
        for file in self.program.files:
            if file.role != "generated":
                self._literals(file)
                self._assignments(file)
                self._arguments(file)
        self._named()
        self._strings()
        self.all.sort(key=lambda setting: (setting.file.path, setting.start))
        self._by_file: dict[str, list[Setting]] = {}
        self._known_parts: dict[tuple[str, int, int], tuple[tuple[Setting, ...], tuple[Creation, ...]]] = {}
        for setting in self.all:
            self._by_file.setdefault(setting.file.path, []).append(setting)

    # Collecting

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

    # Reading

    def quantity(self, setting: Setting) -> Quantity:
        """The setting's value in its unit, with the chain of places that gave it.

        One that is only applied where it is not 0, and that nobody gives a value, leaves its library's default as it is.
        """
        if setting.written is not None:
            return setting.written
        value = self.values.of_span(setting.file, setting.span, setting.block)
        found = self.values.quantity(value, setting.unit, setting.entry.scale)
        return self._default_of(setting, found) if self._left_to_default(setting, found) else found

    def left_to_default(self, setting: Setting) -> bool:
        """True for a setting that is only applied where it is not 0, and that nobody gives a value."""
        return setting.written is None and self._left_to_default(setting, self.quantity(setting))

    def _left_to_default(self, setting: Setting, found: Quantity) -> bool:
        if found.number != 0 and NO_DEFAULT not in (found.reason or ""):
            return False
        block = next((row for _, row in setting.file.chain(setting.block) if row.kind in (BRANCH, FUNCTION)), None)
        if block is None or block.kind != BRANCH:
            return False
        gate = _NOT_ZERO.fullmatch(setting.file.text[slice(*block.header)].strip())
        return gate is not None and gate[1] in setting.file.text[slice(*setting.span)]

    def _default_of(self, setting: Setting, found: Quantity) -> Quantity:
        """The library's own default of a setting; what was found where it has no number."""
        package = self.names.libraries.package(setting.package)
        for entry in package.budget if package is not None else ():
            default = entry.default
            if entry.means == "backoff" and isinstance(default, dict) and setting.means.startswith("backoff_"):
                default = default.get(setting.means.removeprefix("backoff_"))
            elif entry.means != setting.means:
                continue
            if isinstance(default, int | float):
                origin = Origin("library_default", f"{default:g}", None, f"{entry.source} ({entry.since})")
                made = known(float(default), setting.unit, origin, *found.origins, config_key=found.config_key)
                return made
        return found

    def cite(self, setting: Setting) -> Evidence:
        """The setting's line; that of the connection string which holds it."""
        if setting.written is not None and setting.written.origins and setting.written.origins[0].evidence is not None:
            return setting.written.origins[0].evidence
        return self.calls.cite_at(setting.file, setting.start)

    def meaning(self, *means: str) -> list[Setting]:
        """All settings with one of these meanings."""
        return [setting for setting in self.all if setting.means in means]

    def within(self, file: FileFacts, start: int, end: int) -> list[Setting]:
        """The settings that a part of a file gives."""
        return [one for one in self._by_file.get(file.path, ()) if start <= one.start < end]

    def given(self, operation: Operation) -> list[Setting]:
        """The settings that the call itself is: a timeout among its arguments."""
        return [one for one in self._by_file.get(operation.path, ()) if one.start == operation.row.start]

    def of(self, creations: Iterable[Creation]) -> list[Setting]:
        """The settings that these creations carry: inside them, in what they are built from, and set on them afterwards."""
        found: dict[int, Setting] = {}
        seen: dict[tuple[str, int, int], Creation] = {}
        for creation in creations:
            self._collect(creation, found, seen, 0)
        return sorted(found.values(), key=lambda setting: (setting.file.path, setting.start))

    def built_from(self, creations: Iterable[Creation]) -> tuple[Creation, ...]:
        """These creations and all that they are built from."""
        seen: dict[tuple[str, int, int], Creation] = {}
        for creation in creations:
            self._collect(creation, {}, seen, 0)
        return tuple(seen.values())

    def _collect(
        self, creation: Creation, found: dict[int, Setting], seen: dict[tuple[str, int, int], Creation], depth: int
    ) -> None:
        key = (creation.file.path, creation.start, creation.end)
        if key in seen or depth > _DEEPEST:
            return
        seen[key] = creation
        own, inner = self._parts(creation, key)
        for setting in own:
            found[id(setting)] = setting
        for one in inner:
            self._collect(one, found, seen, depth + 1)

    def _parts(self, creation: Creation, key: tuple[str, int, int]) -> tuple[tuple[Setting, ...], tuple[Creation, ...]]:
        """The settings in a creation and on its name, and the creations that it is built from; asked for by many clients."""
        known = self._known_parts.get(key)
        if known is None:
            own: list[Setting] = []
            inner: list[Creation] = []
            for setting in self._by_file.get(creation.file.path, ()):
                inside = creation.start <= setting.start < creation.end
                if inside or (setting.holder and self._holds(creation, setting)):
                    own.append(setting)
                    if setting.means in ("shared_client", "replacing_client"):
                        inner += self.creations(setting.file, setting.span, setting.block)
            written = creation.file.text[creation.start : creation.end]
            for part in _values_in(self.calls.conventions.expression(written, creation.start)):
                inner += self.creations(creation.file, (part.start, part.end), creation.block)
            known = self._known_parts[key] = (tuple(own), tuple(inner))
        return known

    def _holds(self, creation: Creation, setting: Setting) -> bool:
        """True when the name that the setting is assigned to, in the same function, was given this creation."""
        if setting.function is None or setting.file is not creation.file:
            return False
        head = setting.holder.partition(".")[0].lstrip("&*(")
        bound = self.names.local(head, setting.file, setting.start)
        if bound is None:
            return False
        row = bound[0]
        # A name that is declared alone is given its value later, in one branch or another.
        given = [bound] if row.values else [(one, one.names.index(head)) for one in self._given_later(creation, head)]
        for one, at in given:
            span = one.values[at] if len(one.values) == len(one.names) else one.values[0]
            if span[0] <= creation.start and creation.end <= span[1]:
                return True
            if any(
                (made.start, made.end) == (creation.start, creation.end) and made.file is creation.file
                for made in self.creations(setting.file, span, one.block)
            ):
                return True
        return False

    @staticmethod
    def _given_later(creation: Creation, name: str) -> list[Binding]:
        """The assignments to a name that hold a creation."""
        rows = creation.file.assigned.get(name, ())
        return [row for row in rows if row.values and row.start <= creation.start and creation.end <= row.values[-1][1]]

    # Creations

    def creations(self, file: FileFacts, span: Span, block: int) -> tuple[Creation, ...]:
        """The literals and constructor calls that the expression at a span can come from; () when it cannot be followed."""
        return self.made.at(file, span, block)

    def client_of(self, operation: Operation) -> tuple[Creation, ...]:
        """Where the client that makes this call was created; () when that cannot be followed."""
        node = self.calls.conventions.expression(operation.callee, operation.row.start)
        if node.kind != "select" or not node.parts:
            return ()
        base = node.parts[0]
        if base.kind == "name" and self.names.package_named(base.text, operation.file, operation.block, base.start):
            return ()
        made = self.creations(operation.file, (base.start, base.end), operation.block)
        return made or self.holders(self.names.type_of(base, operation.file, operation.block))

    def holders(self, kind: str) -> tuple[Creation, ...]:
        """Where a type of the target that embeds a client is made: the client is among the values it is made of."""
        return self.made.holders(kind)


def _values_in(node: Expression) -> list[Expression]:
    """The expressions that a creation is built from: a call's arguments and receiver, a literal's values."""
    if node.kind == "call":
        callee = node.parts[0]
        receiver = [callee.parts[0]] if callee.kind == "select" and callee.parts else []
        return [part for part in (*receiver, *node.parts[1:]) if part.kind in ("name", "select", "call", "literal")]
    if node.kind == "literal":
        values = [part.parts[0] for part in node.parts if part.parts]
        return [value for value in values if value.kind in ("name", "select", "call", "literal")]
    return []
