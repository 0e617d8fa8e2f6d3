"""Bounds that are off unless somebody sets them: pointers that are nil, gates on zero, defaults that an unset key replaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, Block, FileFacts
from rda_nb.service import limit_units, limit_words, tagged_keys
from rda_nb.service.limit_words import side
from rda_nb.service.otherwise import otherwise_set
from rda_nb.service.program import Function
from rda_nb.service.value import Value, unset
from rda_nb.service.writes import Write

if TYPE_CHECKING:
    from rda_nb.service.model import Service

# Errors are asked for nil most, and are no bound.
_NIL = re.compile(r"(?<![\w.])(?!(?:[\w.]*[eE]rr)\s)([A-Za-z_][\w.]*)\s*(==|!=)\s*nil\b")
_GATE = re.compile(r"([A-Za-z_][\w.]*)\s*(?:>\s*0|!=\s*0|>=\s*1)(?![\w.])")
_TAKEN = re.compile(r"\*\s*([A-Za-z_][\w]*(?:\.\w+)+)")
_REFUSES = re.compile(r"(?i)\breturn\b[^\n]*\berr|errors?\.\w|fmt\.Errorf|panic\(|fatal")
_CHECKING = re.compile(r"(?i)^(?:valid|normali|default|check|verif|sanit)")
_MAKING = re.compile(r"(?i)^(?:new|make|init|setup|start|run|open|build|create)")
_SET_TO_NIL = r"\.{name}\s*=\s*nil\b"
_ASSIGNS = re.compile(r"\.(\w+)\s*=[^=]")
_COMPARED = re.compile(r"\b([A-Za-z_]\w*)\s*(?:>=|>|==)")
# Optional parts that keep something bounded, by a word of their name; the kind of control that each is.
_KEEPERS = {
    "resource_limit": frozenset({"gc", "garbage", "collector", "cleanup", "cleaner", "prune", "pruner", "retention"}),
    "cache_bound": frozenset({"eviction", "evict", "expiry", "ttl"}),
    "rate_limit": frozenset({"limiter", "throttle", "throttler", "ratelimit", "quota"}),
}


@dataclass(frozen=True, eq=False, slots=True)
class Option:
    """One bound that is off unless set. `form` is nil (tested for nil), taken (dereferenced without a test), gate (tested
    against zero) or replaced (an unset key takes the place of a default). `places` are the lines that say so.
    """

    form: str
    kind: str
    name: str
    timed: bool
    value: Value
    file: FileFacts
    start: int
    block: int
    function: Function | None
    symbol: str
    places: tuple[Evidence, ...] = ()


_DEFAULTS = re.compile(r"(?i)default")
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
            option = replace(option, kind=side(option.kind, option.name, option.symbol))
            first.setdefault((option.form, option.symbol), option)
        yield from sorted(first.values(), key=lambda one: (one.file.path, one.start))

    def _branches(self) -> Iterator[Option]:
        for file in self.program.files:
            if file.role != "product":
                continue
            for block in file.rows.blocks:
                if block.kind != BRANCH or block.header == (0, 0) or block.function < 0:
                    continue
                header = file.text[slice(*block.header)]
                if "nil" in header:
                    yield from self._nil(file, block, header)
                if "*" in header:
                    yield from self._dereferenced(file, block, header)
                if "0" in header or "1" in header:
                    yield from self._gate(file, block, header)

    # Pointers

    def _nil(self, file: FileFacts, block: Block, header: str) -> Iterator[Option]:
        body = file.text[block.header[1] : block.end]
        for match in _NIL.finditer(header):
            found = self._field(file, block, match[1], block.header[0] + match.start())
            if found is None or _REFUSES.search(body) or re.search(rf"=\s*\*\s*{re.escape(match[1])}\b", body):
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

    def _dereferenced(self, file: FileFacts, block: Block, header: str) -> Iterator[Option]:
        for match in _TAKEN.finditer(header):
            name = match[1].rpartition(".")[2]
            found = self._field(file, block, match[1], block.header[0] + match.start(1))
            if found is None or self._tested(file, name):
                continue
            option = self._pointer("taken", *found, file, block.header[0] + match.start(), block)
            if option is not None:
                yield option

    def _tested(self, file: FileFacts, name: str) -> bool:
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

    # Gates and replaced defaults

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
                or _REFUSES.search(body)
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


def refuses(file: FileFacts, block: Block) -> bool:
    """True for a branch that ends in an error: what it refuses is no bound that somebody left out."""
    return _REFUSES.search(file.text, block.header[1], block.end) is not None


def counting(service: Service, file: FileFacts, block: Block, function: Function | None) -> tuple[Evidence, ...]:
    """Where a count that a branch compares is taken and given back: other calls of what the compared local came from."""
    if function is None:
        return ()
    found: list[Evidence] = []
    header = file.text[slice(*block.header)]
    for match in _COMPARED.finditer(header):
        local = service.names.local(match[1], file, block.header[0] + match.start())
        if local is None or local[1] >= len(local[0].values):
            continue
        callee, call, _ = file.text[slice(*local[0].values[local[1]])].partition("(")
        calls = file.callees.get(callee.strip(), ()) if call and "." in callee else ()
        for index in calls:
            at = file.rows.calls[index].start
            if function.root.row.start <= at < function.root.row.end and file.line(at) != file.line(block.start):
                found.append(service.cite_at(file, at, role="caller"))
    return tuple(found)


__all__ = ["Option", "Options", "counting", "refuses"]
