"""Limits that the code declares: flags, configuration defaults, constants and literal defaults whose name speaks of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import Binding, Expression, FileFacts
from rda_nb.service.file_knobs import FileKnobs
from rda_nb.service.knob import Knob, one_per_default
from rda_nb.service.limit_units import Units, in_seconds, size_of, unit_of, unit_word
from rda_nb.service.limit_uses import LimitUses
from rda_nb.service.limit_words import kind_of, speaks, vocabulary, words
from rda_nb.service.program import Span, TypeDeclaration
from rda_nb.service.tagged_keys import symbol_key
from rda_nb.service.value import number_text

if TYPE_CHECKING:
    from rda_nb.service.model import Service

# A local that starts at a number may be a counter; one with such a word in its name is a limit.
_BOUNDING = frozenset({"max", "maximum", "limit", "timeout", "interval", "ttl", "size"})


class Knobs:
    """Collects the declared limits of a service's product code, one per place of a default."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.values, self.names, self.program = service.values, service.names, service.program
        self.conventions = service.calls.conventions
        self._known_settings = {(s.file.path, s.line) for s in service.settings.all}
        self.units = Units(self.program)
        declared = [*self._flags(), *self._defaults(), *self._tags(), *self._bindings(), *self._entries()]
        found = one_per_default(
            [*declared, *FileKnobs(service).besides({knob.symbol for knob in declared})], self.program
        )
        self._uses, self._fields = LimitUses(service.settings), service.loaded_fields
        self.all = tuple(self._placed(knob) for knob in found)

    def _files(self) -> Iterator[FileFacts]:
        return (file for file in self.program.files if file.role == "product")

    def _placed(self, knob: Knob) -> Knob:
        """A limit with the kind of what its value is given to, and with the name by which a document sets it."""
        owner, _, name = knob.symbol.rpartition(".")
        loaded = self._fields.key(owner, name) if knob.form == "field" and not knob.configurable else ""
        return replace(knob, kind=self._uses.kind(knob, symbol_key(self.service, knob.symbol)), loaded=loaded)

    # Collecting

    def _flags(self) -> Iterator[Knob]:
        for flag in self.values.flags.all:
            name = self.values.text_of(flag.name, flag.file, flag.block)
            if flag.default is None or not name or flag.file.role != "product":
                continue
            if flag.holder is not None:
                symbol = self._symbol(flag.holder, flag.file, flag.block)
            else:
                symbol = self._given(flag.file, flag.span)
            about = self.values.text_of(flag.about, flag.file, flag.block) or ""
            node = self.values.flag_default(flag) or flag.default
            yield from self._knob("flag", name, flag.file, flag.start, node, flag.block, symbol, name, about)

    def _defaults(self) -> Iterator[Knob]:
        for operation in self.service.operations("config.default"):
            node = self.service.argument(operation, operation.entry.count or 1)
            key = self.service.text(self.service.argument(operation, operation.entry.message or 0), operation)
            if node is not None and key:
                yield from self._knob(
                    "default", key, operation.file, operation.name_start, node, operation.block, "", key
                )

    def _tags(self) -> Iterator[Knob]:
        for owner in self.program.types.values():
            if owner.file.role != "product":
                continue
            for name, row in owner.field_rows.items():
                if row.tag == (0, 0) or not speaks(name):
                    continue
                tags = self.conventions.tags(owner.file.text[slice(*row.tag)])
                text = next((tags[word] for word in self.conventions.DEFAULT_TAGS if word in tags), None)
                if text is not None:
                    yield from self._tag(owner, name, row.start, text)

    def _tag(self, owner: TypeDeclaration, name: str, start: int, text: str) -> Iterator[Knob]:
        value = self.values.field(owner.key, name)
        timed = value.duration or (kind_of(name, True) != "" and unit_of(name) is not None)
        if value.numbers and (kind := kind_of(name, timed)):
            unit, scale = ("s", 1.0) if timed else (unit_word(name), size_of(name))
            quantity = in_seconds(self.values.quantity(value, unit, scale), name, value.duration)
            evidence = self.service.cite_at(owner.file, start)
            yield Knob(
                "tag", kind, name, quantity, owner.file, start, (0, 0), None, f"{owner.key}.{name}", True, evidence
            )

    def _bindings(self) -> Iterator[Knob]:
        for file in self._files():
            scope = self.program.scope(file)
            for row in file.rows.bindings:
                if row.form not in ("constant", "variable", "define", "assign"):
                    continue
                # `var timeout, _ = time.ParseDuration("5s")`
                parsed = row.form == "variable" and len(row.values) == 1 and set(row.names[1:]) == {"_"}
                if (row.form == "assign" and row.operator != "=") or (len(row.names) != len(row.values) and not parsed):
                    continue
                for name, span in zip(row.names, row.values, strict=False):
                    last = name.rpartition(".")[2]
                    if last.isidentifier() and speaks(last):
                        yield from self._binding(file, row, name, span, scope.path)

    def _binding(self, file: FileFacts, row: Binding, name: str, span: Span, package: str) -> Iterator[Knob]:
        last = name.rpartition(".")[2]
        if row.form == "assign":
            if last == name or (file.path, file.line(row.start)) in self._known_settings:
                return
            at = row.start + max(0, file.text[row.start : row.end].find(name))
            owner = self.names.type_of_span(file, (at, at + len(name) - len(last) - 1), row.block)
            if owner not in self.program.types:
                return
            form, symbol = "field", f"{owner}.{last}"
        elif row.block == -1:
            form, symbol = row.form, f"{package}#{last}"
        else:
            form, symbol = "constant" if row.form == "constant" else "local", ""
        node = self.conventions.expression(file.text[slice(*span)], span[0])
        if form == "local" and row.form == "define" and self._set_again(file, last, row):
            return
        if form == "local" and node.kind in ("number", "name", "select") and not set(words(last)) & _BOUNDING:
            return
        yield from self._knob(
            form, last, file, span[0] if "\n" in file.text[row.start : span[0]] else row.start, node, row.block, symbol
        )

    @staticmethod
    def _set_again(file: FileFacts, name: str, first: Binding) -> bool:
        """True for a local that is given another value below: where it starts is no limit."""
        own = file.rows.blocks[first.block].function
        return any(
            row.form == "assign"
            and name in row.names
            and row.start > first.start
            and file.rows.blocks[row.block].function == own
            for row in file.rows.bindings
        )

    def _entries(self) -> Iterator[Knob]:
        for file in self._files():
            for entry in file.rows.entries:
                name = file.text[slice(*entry.key)]
                if entry.literal < 0 or not name.isidentifier() or not speaks(name):
                    continue
                if (file.path, file.line(entry.start)) in self._known_settings:
                    continue
                literal = file.rows.literals[entry.literal]
                owner = self.names.literal_owner(file, literal)
                node = self.conventions.expression(file.text[slice(*entry.value)], entry.value[0])
                yield from self._knob(
                    "field", name, file, entry.start, node, entry.block, f"{owner}.{name}" if owner else ""
                )

    def _knob(
        self,
        form: str,
        name: str,
        file: FileFacts,
        start: int,
        node: Expression,
        block: int,
        symbol: str,
        key: str = "",
        about: str = "",
    ) -> Iterator[Knob]:
        """A knob when the name speaks of a limit and the value is a number that stands here."""
        if not speaks(name) or not (self._constant(node, file, block) or _environment(node)):
            return
        value = self.values.of(node, file, block)
        if form != "flag" and node.kind == "call" and self.values.names_flag(value.key):
            return  # it reads a flag, which is told where it is defined
        if form == "flag" and value.text is not None and value.text.isdigit():
            value = number_text(value)  # some libraries write every default as a text
        if (
            form in ("constant", "local", "variable", "field")
            and not value.key
            and not self._constant(node, file, block)
        ):
            return
        if value.text is not None and not value.numbers:
            nanoseconds = self.conventions.duration_text(value.text) if not value.text.isdigit() else None
            if nanoseconds is None:
                return
            value = value._replace(numbers=(nanoseconds,), duration=True)
        if (
            not value.numbers
            or value.moment
            or (value.key and form not in ("flag", "default") and not _environment(node))
        ):
            return
        factor = None if value.duration else self.units.factor(name, symbol, about)
        timed = value.duration or factor is not None or bool(set(words(name)) & set(vocabulary()["times"]))
        kind = kind_of(name, timed)
        if kind == "poll_interval" and kind_of(about, True) == "backoff":
            kind = "backoff"
        unit = "s" if value.duration or factor else "" if timed else unit_word(name)
        quantity = self.values.quantity(value, unit, factor or size_of(name))
        least = 0 if form in ("flag", "default", "tag") or (value.key and form != "local") else 1e-9 if timed else 1
        if not kind or quantity.upper is None or quantity.upper < least or quantity.upper >= 2**53:
            return
        if key:
            quantity = replace(quantity, config_key=key)
        function = self.program.enclosing(file, block)
        configurable = bool(quantity.config_key) or (form == "field" and bool(symbol_key(self.service, symbol)))
        evidence = self.service.cite_at(file, start)
        span = (node.start, node.end)
        yield Knob(form, kind, name, quantity, file, start, span, function, symbol, configurable, evidence)

    def _constant(self, node: Expression, file: FileFacts, block: int) -> bool:
        """True for numbers, values of packages and what is computed from them: no parameters, fields or calls."""
        if node.kind in ("number", "text"):
            return True
        if node.kind == "name":
            inside = self.program.enclosing(file, block)
            own = self.names.local(node.text, file, node.start) or self.names.parameter(node.text, inside)
            return own is None and node.text in self.program.scope(file).values
        if node.kind == "select" and node.parts[0].kind == "name":
            return self.names.package_named(node.parts[0].text, file, block, node.start) is not None
        if node.kind in ("binary", "unary", "convert"):
            return all(self._constant(part, file, block) for part in node.parts)
        converted = node.kind == "call" and len(node.parts) == 2 and node.parts[0].kind in ("name", "select")
        return converted and self._constant(node.parts[1], file, block)

    # Names

    def _symbol(self, node: Expression, file: FileFacts, block: int) -> str:
        """The name in code that a flag's value is put into."""
        if node.kind == "unary" and node.parts:
            node = node.parts[0]
        if node.kind == "name":
            local = self.names.local(node.text, file, node.start)
            return f"{self.program.package_of[file.path]}#{node.text}" if local is None else ""
        if node.kind == "select":
            owner = self.names.type_of(node.parts[0], file, block)
            return f"{owner}.{node.text}" if owner else ""
        return ""

    def _given(self, file: FileFacts, span: Span) -> str:
        """The package value that a flag function's result is put into."""
        given = file.given.get(span)
        if given is None or given[0].block != -1:
            return ""
        return f"{self.program.package_of[file.path]}#{given[0].names[given[1]]}"


def _environment(node: Expression) -> bool:
    """True for a call that may read the environment: it takes a key, or a key and a default."""
    if node.kind != "call" or node.parts[0].kind not in ("name", "select"):
        return False
    return len(node.parts) >= 3 or any(part.kind == "text" for part in node.parts[1:])
