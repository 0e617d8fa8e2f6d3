"""Bounds that are pointers: off while they are nil, whether a branch tests for it or dereferences them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Block, FileFacts
from rda_nb.service import limit_units, limit_words, tagged_keys
from rda_nb.service.comparing_branches import counting, refuses
from rda_nb.service.option import Option
from rda_nb.service.value import Value, unset
from rda_nb.service.writes import Write

if TYPE_CHECKING:
    from rda_nb.service.model import Service

# Errors are asked for nil most, and are no bound.
_NIL = re.compile(r"(?<![\w.])(?!(?:[\w.]*[eE]rr)\s)([A-Za-z_][\w.]*)\s*(==|!=)\s*nil\b")
_TAKEN = re.compile(r"\*\s*([A-Za-z_][\w]*(?:\.\w+)+)")
_SET_TO_NIL = r"\.{name}\s*=\s*nil\b"
_ASSIGNS = re.compile(r"\.(\w+)\s*=[^=]")
_DEFAULTS = re.compile(r"(?i)default")
# Optional parts that keep something bounded, by a word of their name; the kind of control that each is.
_KEEPERS = {
    "resource_limit": frozenset({"gc", "garbage", "collector", "cleanup", "cleaner", "prune", "pruner", "retention"}),
    "cache_bound": frozenset({"eviction", "evict", "expiry", "ttl"}),
    "rate_limit": frozenset({"limiter", "throttle", "throttler", "ratelimit", "quota"}),
}


class OptionalPointers:
    """Finds the pointer fields of a service's types that bound something where they are set."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.names, self.values, self.program = service.names, service.values, service.program

    def tested(self, file: FileFacts, block: Block, header: str) -> Iterator[Option]:
        """The bounds that a branch tests for nil."""
        body = file.text[block.header[1] : block.end]
        for match in _NIL.finditer(header):
            found = self._field(file, block, match[1], block.header[0] + match.start())
            if found is None or refuses(file, block) or re.search(rf"=\s*\*\s*{re.escape(match[1])}\b", body):
                continue
            owner, name = found
            if re.search(rf"\b{re.escape(match[1])}\s*=[^=]", body):
                continue
            option = self._pointer("nil", owner, name, file, block.header[0] + match.start(), block)
            if option is not None:
                more = (*self._cleared(file, block, body), *counting(self.service, file, block, option.function))
                yield replace(option, places=(*option.places, *more))

    def _cleared(self, file: FileFacts, block: Block, body: str) -> list[Evidence]:
        """Where the function around a branch sets what the branch fills in to nothing."""
        names = set(_ASSIGNS.findall(body))
        start, end = file.rows.blocks[block.function].start, block.start
        return [
            self.service.cite_at(file, match.start(), role="default")
            for name in sorted(names)
            for match in re.compile(_SET_TO_NIL.format(name=name)).finditer(file.text, start, end)
        ]

    def taken(self, file: FileFacts, block: Block, header: str) -> Iterator[Option]:
        """The bounds that a branch dereferences, and that nothing tests."""
        for match in _TAKEN.finditer(header):
            name = match[1].rpartition(".")[2]
            found = self._field(file, block, match[1], block.header[0] + match.start(1))
            if found is None or self._is_tested(file, name):
                continue
            option = self._pointer("taken", *found, file, block.header[0] + match.start(), block)
            if option is not None:
                yield option

    def _is_tested(self, file: FileFacts, name: str) -> bool:
        """True when code of the package asks whether a field of this name is nil, or has a method that may."""
        pattern = re.compile(rf"\b{re.escape(name)}\s*[!=]=\s*nil\b")
        package = self.program.package_of[file.path]
        return any(pattern.search(other.text) for other in self.program.files_of.get(package, ()))

    def _field(self, file: FileFacts, block: Block, written: str, at: int) -> tuple[str, str] | None:
        """(type, field) of the pointer field that an expression, or the local it was copied into, stands for."""
        base, dot, name = written.rpartition(".")
        if not dot:
            local = self.names.local(written, file, at)
            if local is None or local[1] >= len(local[0].values):
                return None
            span = local[0].values[local[1]]
            base, dot, name = file.text[slice(*span)].rpartition(".")
            if not dot or not name.isidentifier() or not all(part.isidentifier() for part in base.split(".")):
                return None
            at = span[0]
        owner = self.names.type_of_dotted(base.split("."), file, block.parent, at)
        declared = self.program.types.get(owner)
        if declared is None or not declared.fields.get(name, "").startswith("*"):
            return None
        return owner, name

    def _pointer(self, form: str, owner: str, name: str, file: FileFacts, start: int, block: Block) -> Option | None:
        declared = self.program.types[owner]
        inner = declared.fields[name].lstrip("*")
        kind, timed = self._kind(name, inner)
        value = self.values.field(owner, name) if kind else Value()
        if not kind or not (unset(value) or value.absent):
            return None
        if any(self._given_by_default(write) for holder, write in self.values.writes(name) if holder == owner):
            return None
        tagged = declared.field_rows[name].tag != (0, 0)
        if tagged and not tagged_keys.config_key(self.service, declared, name):
            return None  # a field of a message or schema, not a setting
        places = tuple(
            self.service.cite_at(write.file, write.span[0], role="default")
            for holder, write in self.values.writes(name)
            if holder == owner
            and (value.absent or not self.values.of_span(write.file, write.span, write.block).numbers)
        )
        function = self.program.enclosing(file, block.parent)
        return Option(
            form, kind, name, timed, value, file, start, block.parent, function, f"{owner}.{name}", places[:2]
        )

    def _given_by_default(self, write: Write) -> bool:
        """True for a value, whatever it is, that the function which makes the defaults gives."""
        function = self.program.enclosing(write.file, write.block)
        made = write.file.text[slice(*write.span)].strip()
        return function is not None and made != "nil" and _DEFAULTS.search(function.root.name) is not None

    def _kind(self, name: str, inner: str) -> tuple[str, bool]:
        """The kind of control that a pointer field is, and whether it is a time."""
        timed = inner == "time.Duration"
        if timed or inner in self.program.conventions.BASIC_TYPES:
            counted = not timed and limit_units.unit_of(name) is not None and limit_words.kind_of(name, True) != ""
            return limit_words.kind_of(name, timed or counted), timed or counted
        own = set(limit_words.words(name))
        return next((kind for kind, words in _KEEPERS.items() if own & words), ""), False
