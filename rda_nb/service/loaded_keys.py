"""Configuration keys of struct fields: a library that loads a whole struct names each field by the path to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import TypeDeclaration
from rda_nb.service.types import split_type

_LOADS = "config.unmarshal"
_DEEPEST = 6
_MOST = 4


class LoadedKeys:
    """The keys by which the fields of one program's types are loaded. `text_of` reads an argument's text."""

    def __init__(self, calls: Calls, text_of: Callable[[Operation, int], str | None]) -> None:
        self.calls = calls
        self.program = calls.names.program
        self._text_of = text_of

    def of(self, owner: str, name: str) -> tuple[str, ...]:
        """The keys of a field, in lower case, parts joined by dots; () where no library loads it."""
        return tuple(self._found.get((owner, name), ()))

    def defaults(self, key: str) -> list[Operation]:
        """The calls that set a default for a key, whatever its case."""
        return self._defaults.get(key.lower(), [])

    @cached_property
    def _defaults(self) -> dict[str, list[Operation]]:
        found: dict[str, list[Operation]] = {}
        for operation in self.calls.role("config.default"):
            key = self._text_of(operation, operation.entry.message or 0)
            if key:
                found.setdefault(key.lower(), []).append(operation)
        return found

    @cached_property
    def _found(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for operation in self.calls.role(_LOADS):
            node = self.calls.argument(operation, operation.entry.count)
            if operation.file.role != "product" or node is None:
                continue
            prefix = self._text_of(operation, operation.entry.message) if operation.entry.message is not None else ""
            kind = self.calls.names.type_of_span(operation.file, (node.start, node.end), operation.block)
            declared = self.program.types.get(kind.lstrip("*"))
            if declared is not None and prefix is not None:
                self._walk(declared, prefix.lower(), operation.entry.tag, found, 0)
        return found

    def _walk(
        self, declared: TypeDeclaration, prefix: str, tag: str, found: dict[tuple[str, str], list[str]], depth: int
    ) -> None:
        """Every field of a struct, and those of the structs in it."""
        if depth > _DEEPEST:
            return
        names = self.calls.names
        for name, kind in declared.fields.items():
            written, squashed = self._key(declared, name, tag)
            if written == "-":
                continue
            path = prefix if squashed else f"{prefix}.{written}".strip(".").lower()
            keys = found.setdefault((declared.key, name), [])
            if path in keys or len(keys) >= _MOST:
                continue
            keys.append(path)
            inner = self.program.types.get(names.canonical(kind, declared.file).lstrip("*"))
            if inner is not None and inner.kind == "struct":
                self._walk(inner, path, tag, found, depth + 1)
        for kind in declared.embedded:
            inner = self.program.types.get(names.canonical(kind, declared.file).lstrip("*"))
            if inner is None or inner.kind != "struct":
                continue
            # Without a tag that says otherwise an embedded struct stands under the name of its type.
            _, own = split_type(inner.key)
            squashed = self.squashes(declared, kind, tag)
            self._walk(inner, prefix if squashed else f"{prefix}.{own}".strip(".").lower(), tag, found, depth + 1)

    def _key(self, declared: TypeDeclaration, name: str, tag: str) -> tuple[str, bool]:
        """What a field is called in its struct's configuration, and whether its own fields stand in its place."""
        row = declared.field_rows.get(name)
        written = declared.file.text[slice(*row.tag)] if row is not None and row.tag != (0, 0) else ""
        own, _, options = self.calls.conventions.tags(written).get(tag, "").partition(",")
        return own or name, "squash" in options

    def squashes(self, declared: TypeDeclaration, kind: str, tag: str) -> bool:
        """True when the line of an embedded struct has a tag that puts its fields in its place."""
        # Its name may end the name of the struct around it.
        found = re.compile(rf"^[ \t]*\*?{re.escape(kind.lstrip('*'))}\b.*$", re.M).search(
            declared.file.text, declared.start
        )
        line = found[0] if found else ""
        return f"{tag}:" in line and ("squash" in line or "inline" in line)
