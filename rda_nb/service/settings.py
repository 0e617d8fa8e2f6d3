"""The settings that clients carry: which belong to a client by where it was created, and what each comes to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rda_nb.core import Evidence, Origin, Quantity, known
from rda_nb.facts.vocabulary import BRANCH, FUNCTION, Binding, Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.creations import Creation, Creations
from rda_nb.service.program import Span
from rda_nb.service.setting import Setting
from rda_nb.service.setting_sites import SettingSites
from rda_nb.service.value import NO_DEFAULT
from rda_nb.service.values import Values

_DEEPEST = 8
# A condition that holds for what somebody gave a value.
_NOT_ZERO = re.compile(r"([A-Za-z_][\w.]*)\s*(?:>|!=)\s*0")


class Settings:
    """All settings of a program, read by place, by meaning and by the client that carries them."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.values = values
        self.made = Creations(calls, values)
        self.all = SettingSites(calls, values).all
        self._by_file: dict[str, list[Setting]] = {}
        self._known_parts: dict[tuple[str, int, int], tuple[tuple[Setting, ...], tuple[Creation, ...]]] = {}
        for setting in self.all:
            self._by_file.setdefault(setting.file.path, []).append(setting)

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
