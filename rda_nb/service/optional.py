"""Bounds that are off unless somebody sets them: pointers that are nil, gates on zero, defaults that an unset key replaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, Block, FileFacts
from rda_nb.service import limit_units, limit_words
from rda_nb.service.comparing_branches import refuses
from rda_nb.service.option import Option
from rda_nb.service.optional_pointers import OptionalPointers
from rda_nb.service.otherwise import otherwise_set
from rda_nb.service.program import Function
from rda_nb.service.value import unset

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_GATE = re.compile(r"([A-Za-z_][\w.]*)\s*(?:>\s*0|!=\s*0|>=\s*1)(?![\w.])")
_CHECKING = re.compile(r"(?i)^(?:valid|normali|default|check|verif|sanit)")
_MAKING = re.compile(r"(?i)^(?:new|make|init|setup|start|run|open|build|create)")
_COUNTED = re.compile(r"u?int(?:8|16|32|64)?|float(?:32|64)|time\.Duration")


class Options:
    """Finds the optional bounds of a service's product code."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.names, self.values, self.program = service.names, service.values, service.program

    def all(self) -> Iterator[Option]:
        """One per bound and form, in document order."""
        found = [*self._branches(), *self._replaced()]
        # Where a bound takes effect says more than where its setting is checked.
        found.sort(key=lambda one: bool(one.function and _CHECKING.match(one.function.name)))
        first: dict[tuple[str, str], Option] = {}
        for option in found:
            option = replace(option, kind=limit_words.side(option.kind, option.name, option.symbol))
            first.setdefault((option.form, option.symbol), option)
        yield from sorted(first.values(), key=lambda one: (one.file.path, one.start))

    def _branches(self) -> Iterator[Option]:
        pointers = OptionalPointers(self.service)
        for file in self.program.files:
            if file.role != "product":
                continue
            for block in file.rows.blocks:
                if block.kind != BRANCH or block.header == (0, 0) or block.function < 0:
                    continue
                header = file.text[slice(*block.header)]
                if "nil" in header:
                    yield from pointers.tested(file, block, header)
                if "*" in header:
                    yield from pointers.taken(file, block, header)
                if "0" in header or "1" in header:
                    yield from self._gate(file, block, header)

    def _gate(self, file: FileFacts, block: Block, header: str) -> Iterator[Option]:
        body = file.text[block.header[1] : block.end]
        for match in _GATE.finditer(header):
            name = match[1].rpartition(".")[2]
            kind = (
                limit_words.kind_of(name, True) or limit_words.kind_of(name, False) if limit_words.speaks(name) else ""
            )
            if (
                not kind
                or "min" in limit_words.words(name)
                or refuses(file, block)
                or re.search(rf"\b{re.escape(match[1])}\s*=[^=]", body)
            ):
                continue
            at = block.header[0] + match.start(1)
            value = self.values.of_span(file, (at, at + len(match[1])), block.parent)
            if value.numbers != (0.0,) and not (unset(value) and not value.numbers):
                continue
            function = self.program.enclosing(file, block.parent)
            if not value.key or function is None or not self._switches(file, block, match[1], function):
                continue
            if otherwise_set(self.service, file, block, match[1]) or self._has_a_default(file, block):
                continue
            timed = value.duration or (limit_units.unit_of(name) is not None and bool(limit_words.kind_of(name, True)))
            places = tuple(origin.evidence for origin in value.origins[:2] if origin.evidence is not None)
            yield Option("gate", kind, name, timed, value, file, at, block.parent, function, value.key, places)

    def _has_a_default(self, file: FileFacts, block: Block) -> bool:
        """True for a gate before settings of a library that has a limit of its own for what nobody sets."""
        given = self.service.settings.within(file, block.header[1], block.end)
        packages = (self.names.libraries.package(one.package) for one in given)
        defaults = [
            {entry.means: entry.default for entry in package.budget} if package is not None else {}
            for package in packages
        ]
        return bool(given) and all(
            one.entry.zero == "default" or own.get(one.means) not in (None, "none", "unlimited")
            for one, own in zip(given, defaults, strict=True)
        )

    def _switches(self, file: FileFacts, block: Block, written: str, function: Function) -> bool:
        """True when a gate decides on what is made or done: a setting, or what a constructor is given, that no default
        replaces in the same function, before something else than a line of the log."""
        if "." not in written and not _MAKING.match(function.name):
            return False
        own = file.text[function.row.start : function.row.end]
        if re.search(
            rf"\bif\s+{re.escape(written)}\s*(?:==|<=|<)\s*[01]\b[^{{]*\{{[^}}]*\b{re.escape(written)}\s*=[^=]", own
        ):
            return False
        body = file.text[block.header[1] : block.end]
        return re.sub(r"(?is)\b\w*log\w*\.\w+\([^;]*?\)\s*(?=\n|\})", "", body).strip("{} \t\n") != ""

    def _replaced(self) -> Iterator[Option]:
        """Entries of a literal that give a field the value of an unset key, where another literal has a default for it."""
        for file in self.program.files:
            if file.role != "product":
                continue
            for entry in file.rows.entries:
                name = file.text[slice(*entry.key)]
                if entry.literal < 0 or not name.isidentifier() or not limit_words.speaks(name):
                    continue
                literal = file.rows.literals[entry.literal]
                owner = self.names.canonical(file.text[literal.start : literal.type_end], file)
                declared = self.program.types.get(owner)
                if declared is None or not _COUNTED.fullmatch(declared.fields.get(name, "")):
                    continue
                value = self.values.of_span(file, entry.value, entry.block)
                if value.numbers or not unset(value):
                    continue
                default = self._default(owner, name, entry.value)
                if default is not None:
                    places = (default, *self._compared(owner, name))
                    timed = declared.fields[name] == "time.Duration"
                    kind = limit_words.kind_of(name, timed)
                    function = self.program.enclosing(file, entry.block)
                    if kind:
                        symbol = f"{owner}.{name}@{file.path}"
                        yield Option(
                            "replaced",
                            kind,
                            name,
                            timed,
                            value,
                            file,
                            entry.start,
                            entry.block,
                            function,
                            symbol,
                            places,
                        )

    def _compared(self, owner: str, name: str) -> list[Evidence]:
        """The branches of product code that compare a field of a type with something."""
        pattern = re.compile(rf"([A-Za-z_][\w.]*)\.{re.escape(name)}\b")
        found = []
        for file in self.program.files:
            if file.role != "product" or f".{name}" not in file.text:
                continue
            for block in file.rows.blocks:
                match = pattern.search(file.text, *block.header) if block.kind == BRANCH else None
                if match is not None and "<" in file.text[slice(*block.header)].replace(">", "<"):
                    base = match[1].split(".")
                    if self.names.type_of_dotted(base, file, block.parent, match.start()) == owner:
                        found.append(self.service.cite_at(file, block.start, role="caller"))
        return found[:2]

    def _default(self, owner: str, name: str, but: tuple[int, int]) -> Evidence | None:
        """The line of the positive default that product code writes elsewhere for a field, None when it has none."""
        for holder, write in self.values.writes(name):
            if holder == owner and write.span != but and not write.guarded and write.file.role == "product":
                value = self.values.of_span(write.file, write.span, write.block)
                if value.numbers and min(value.numbers) > 0 and not value.key:
                    return self.service.cite_at(write.file, write.span[0], role="default")
        return None
