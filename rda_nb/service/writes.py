"""Every place of a program that gives a field its value: literals, assignments, flags."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import NamedTuple

from rda_nb.facts.vocabulary import BRANCH, Binding, FileFacts, Literal
from rda_nb.service.calls import Calls
from rda_nb.service.flags import Flags
from rda_nb.service.program import Span


class Write(NamedTuple):
    """A place that gives a field its value; `guarded` when it fills in a default (`if x == 0 { x = … }`)."""

    file: FileFacts
    span: Span
    block: int
    guarded: bool
    kind: str


class Writes:
    """Field name -> (type, place) of everything that gives it a value; found when first asked for."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.conventions = calls.conventions
        self.flags = Flags(calls)
        self._writes: dict[str, list[tuple[str, Write]]] | None = None

    @cached_property
    def _held(self) -> Counter[str]:
        """Type -> the fields of the target that are of it."""
        types = self.program.types.values()
        return Counter(self.names.canonical(kind, own.file) for own in types for kind in own.fields.values())

    def wraps(self, kind: str) -> bool:
        """True for a struct around one number or duration that several fields are of, as a configuration's own duration
        is: what counts is the field that holds it, never what all of its values have in common."""
        declared = self.program.types.get(kind)
        if declared is None or declared.kind != "struct" or len(declared.fields) != 1:
            return False
        inner = self.names.canonical(next(iter(declared.fields.values())), declared.file)
        basic = inner in self.conventions.BASIC_TYPES or inner == self.conventions.DURATION_TYPE
        return basic and self._held[kind] > 1

    def _field_writes(self) -> dict[str, list[tuple[str, Write]]]:
        """Field name -> (type, write) of every literal entry, assignment and flag of the target."""
        if self._writes is None:
            self._writes = {}
            for file in self.program.files:
                self._literal_writes(file)
                self._assigned_writes(file)
                self._helped_writes(file)
            self._flag_writes()
        return self._writes

    def writes(self, name: str) -> list[tuple[str, Write]]:
        """(type, place) of everything that gives a field of this name its value."""
        return self._field_writes().get(name, [])

    def _literal_writes(self, file: FileFacts) -> None:
        writes, text, literals = self._writes, file.text, file.rows.literals
        assert writes is not None
        for entry in file.rows.entries:
            if entry.literal < 0:
                continue
            literal = literals[entry.literal]
            owner = self.names.literal_owner(file, literal)
            if owner in self.program.types:
                write = Write(file, entry.value, entry.block, False, "literal")
                writes.setdefault(text[slice(*entry.key)], []).append((owner, write))
        keyed = file.entries_of
        for index, literal in enumerate(literals):
            if index not in keyed and literal.end - literal.type_end > 2:
                self._listed_writes(file, literal)

    def _listed_writes(self, file: FileFacts, literal: Literal) -> None:
        """The values of a literal without keys, by the order in which its type declares its fields."""
        writes, text = self._writes, file.text
        assert writes is not None
        owner = self.names.canonical(text[literal.start : literal.type_end], file)
        declared = self.program.types.get(owner)
        if declared is None or declared.kind != "struct" or declared.embedded or literal.end - literal.start > 4000:
            return
        parts = self.conventions.expression(text[literal.start : literal.end], literal.start).parts
        if len(parts) != len(declared.fields) or any(part.kind != "entry" or part.text for part in parts):
            return
        for name, part in zip(declared.fields, parts, strict=True):
            span = (part.parts[0].start, part.parts[0].end) if part.parts else (part.start, part.end)
            writes.setdefault(name, []).append((owner, Write(file, span, literal.block, False, "literal")))

    def _assigned_writes(self, file: FileFacts) -> None:
        writes = self._writes
        assert writes is not None
        for row in file.assignments:
            if row.operator != "=" or not row.values:
                continue
            # `x.f, err = call()` gives its first name the call's first result; later results are not followed.
            for name, span in zip(row.names, row.values, strict=False):
                base, dot, member = name.rpartition(".")
                if not dot or not member.isidentifier():
                    continue
                owner = self.names.type_of_span(file, (row.start, row.start + len(base)), row.block)
                if row.names[0] != name:
                    at = row.start + file.text[row.start : row.end].find(name)
                    owner = self.names.type_of_span(file, (at, at + len(base)), row.block)
                if "." in base and self.wraps(owner):
                    outer, _, member = base.rpartition(".")
                    at = row.start + file.text[row.start : row.end].find(name)
                    owner = self.names.type_of_span(file, (at, at + len(outer)), row.block)
                if owner in self.program.types and not self._clamps(file, row.block, name, file.text[slice(*span)]):
                    write = Write(file, span, row.block, self.stands_in(file, row.block, name), "assign")
                    writes.setdefault(member, []).append((owner, write))

    def _helped_writes(self, file: FileFacts) -> None:
        """Defaults that a function of the target fills in: `setDefault(&cfg.Size, 100)`."""
        writes, text = self._writes, file.text
        assert writes is not None
        for index, row in enumerate(file.rows.calls):
            if not text.startswith("(&", row.callee_end):
                continue
            found = self.names.resolve(file, index)
            target = found.targets[0] if found.kind == "resolved" else None
            if target is None or len(target.parameters) != 2 or target.owner_type:
                continue
            pointer = target.parameters[0][0]
            body = target.file.text[target.row.parameters[1] : target.row.end]
            if not re.search(rf"\*{re.escape(pointer)}\s*=[^=]|\bSet(?:Int|Uint|Float|String|Bool)?\(", body):
                continue
            arguments = self.conventions.expression(text[row.start : row.end], row.start).parts[1:]
            place = arguments[0] if len(arguments) == 2 else None
            if place is None or place.kind != "select":
                continue
            owner = self.names.type_of(place.parts[0], file, row.block)
            if owner in self.program.types:
                span = (arguments[1].start, arguments[1].end)
                writes.setdefault(place.text, []).append((owner, Write(file, span, row.block, True, "assign")))

    def _flag_writes(self) -> None:
        writes = self._writes
        assert writes is not None
        for flag in self.flags.all:
            node = flag.holder
            if node is not None and node.kind == "unary" and node.parts:
                node = node.parts[0]
            if node is None:
                continue
            write = Write(flag.file, flag.span, flag.block, False, "flag")
            if node.kind == "select":
                owner = self.names.type_of(node.parts[0], flag.file, flag.block)
                if owner in self.program.types:
                    writes.setdefault(node.text, []).append((owner, write))
            elif node.kind == "name":
                local = self.names.local(node.text, flag.file, node.start)
                package = f"{self.program.package_of[flag.file.path]}#{node.text}"
                owner = local_key(flag.file, *local) if local is not None else package
                writes.setdefault(node.text, []).append((owner, write))

    @staticmethod
    def _clamps(file: FileFacts, block: int, name: str, value: str) -> bool:
        """True for `if x > limit { x = limit }`: it cuts a value that comes from elsewhere and gives none of its own."""
        region = file.rows.blocks[block] if block >= 0 else None
        if region is None or region.kind != BRANCH:
            return False
        condition = file.text[slice(*region.header)].replace(" ", "")
        return any(f"{name}{sign}{value}".replace(" ", "") == condition for sign in (">", ">=", "<", "<="))

    def stands_in(self, file: FileFacts, block: int, name: str) -> bool:
        """True when the assignment stands in a branch that asks whether the same name is unset."""
        for _, region in file.chain(block):
            if region.kind == BRANCH:
                condition = file.text[slice(*region.header)]
                if name in condition and any(sign in condition for sign in self.conventions.UNSET_SIGNS):
                    return True
            elif region.kind == 0:
                return False
        return False


def local_key(file: FileFacts, row: Binding, position: int) -> str:
    """What a local stands under among those that hold a value: two locals of one name are two."""
    return f"{file.path}:{row.start}:{position}"
