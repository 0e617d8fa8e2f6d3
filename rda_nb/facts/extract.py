"""Read facts from source text: one parse and one query per file in C, then one sweep that nests the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from rda_nb.core import Gap, RdaError
from rda_nb.facts import vocabulary as v
from rda_nb.facts.nesting import PLACED, Region, Unplaced, link_entries, nest
from rda_nb.facts.sql_texts import texts
from rda_nb.facts.vocabulary import FileFacts, Rows

_NONE = (0, 0)
_BLOCKS = {name: number for number, name in enumerate(v.BLOCK_KINDS)}
_BINDINGS = {
    "define": "define",
    "assign": "assign",
    "variable": "variable",
    "constant": "constant",
    "range": "range",
    "receive_into": "receive",
}
_JUMPS = ("leave", "again", "to")
_OTHERS = {"package", "import", "field", "signature", "call", "literal", "entry", "send", "receive", "return", *_JUMPS}
_FIELDS = {
    "function": {"name", "receiver", "parameters", "results"},
    "type": {"name", "definition"},
    "field": {"names", "type", "tag"},
    "signature": {"name", "parameters", "results"},
    "import": {"alias", "path"},
    "call": {"callee"},
    "literal": {"type"},
    "entry": {"key", "value"},
    "send": {"channel", "value"},
    "receive": {"channel"},
    "return": {"values"},
    "leave": {"label"},
    "again": {"label"},
    "to": {"label"},
    "loop": {"header"},
    "branch": {"header"},
    "case": {"header"},
} | {name: {"names", "values", "type"} for name in _BINDINGS}


class Pack(Protocol):
    """What extraction needs of a language: its name, a compiled parser and query, and its string nodes."""

    @property
    def name(self) -> str:
        """The language's name."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The file kinds it reads."""

    def parser(self) -> Any:
        """A parser of the language."""

    def query(self) -> Any:
        """The compiled facts query."""

    @property
    def strings(self) -> frozenset[str]:
        """Kinds of string nodes."""

    @property
    def joins(self) -> frozenset[str]:
        """Kinds of nodes that join two strings."""


def check_captures(language: str, names: Iterable[str]) -> None:
    """Refuse a capture name that is not in the vocabulary. Raises RdaError naming it."""
    for name in names:
        row, _, part = name.partition(".")
        if row not in _OTHERS and row not in _BLOCKS and row not in _BINDINGS:
            raise RdaError(f"languages/{language}/facts.scm: capture @{name}: no such fact")
        if part and part not in _FIELDS.get(row, set()):
            raise RdaError(f"languages/{language}/facts.scm: capture @{name}: {row} has no field {part!r}")


def _span(node: Any) -> tuple[int, int]:
    return node.start_byte, node.end_byte


def _one(captures: dict[str, list[Any]], name: str) -> tuple[int, int]:
    nodes = captures.get(name)
    return (nodes[0].start_byte, nodes[0].end_byte) if nodes else _NONE


def _listed(text: str, node: Any) -> tuple[tuple[int, int], ...]:
    """The spans of an expression list's members; the list itself when it has one."""
    start, end = node.start_byte, node.end_byte
    if "," not in text[start:end] or node.named_child_count < 2 or not node.type.endswith("_list"):
        return ((start, end),)
    return tuple(_span(child) for child in node.named_children if child.type != "comment")


class _Reader:
    """Collects one file's rows; those that stand in a region become rows in the sweep at the end, which knows its number."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows = Rows()
        self.blocks: list[Region] = []
        self.unplaced: dict[str, list[Unplaced]] = {name: [] for name in PLACED}

    def region(self, kind: int) -> Callable[[dict[str, list[Any]]], None]:
        row, header = v.BLOCK_KINDS[kind], f"{v.BLOCK_KINDS[kind]}.header"

        def take(captures: dict[str, list[Any]]) -> None:
            node = captures[row][0]
            self.blocks.append((node.start_byte, -node.end_byte, kind, _one(captures, header), None))

        return take

    def function(self, captures: dict[str, list[Any]]) -> None:
        start, end = _span(captures["function"][0])
        parts = [_one(captures, f"function.{part}") for part in ("name", "receiver", "parameters", "results")]
        self.blocks.append((start, -end, v.FUNCTION, _NONE, parts))

    def type(self, captures: dict[str, list[Any]]) -> None:
        start, end = _span(captures["type"][0])
        parts = [_one(captures, "type.name"), _one(captures, "type.definition")]
        self.blocks.append((start, -end, v.TYPE, _NONE, parts))

    def package(self, captures: dict[str, list[Any]]) -> None:
        start, end = _span(captures["package"][0])
        self.rows.package = self.text[start:end]

    def imported(self, captures: dict[str, list[Any]]) -> None:
        alias, path = _one(captures, "import.alias"), _one(captures, "import.path")
        written = self.text[path[0] : path[1]].strip("\"`'")
        self.rows.imports.append(v.Import(captures["import"][0].start_byte, written, self.text[alias[0] : alias[1]]))

    def field(self, captures: dict[str, list[Any]]) -> None:
        names = tuple(_span(node) for node in captures.get("field.names", ()))
        start = captures["field"][0].start_byte
        self.unplaced["fields"].append((start, start, names, _one(captures, "field.type"), _one(captures, "field.tag")))

    def signature(self, captures: dict[str, list[Any]]) -> None:
        parts = [_one(captures, f"signature.{part}") for part in ("name", "parameters", "results")]
        start = captures["signature"][0].start_byte
        self.unplaced["signatures"].append((start, start, *parts))

    def binding(self, row: str, form: str) -> Callable[[dict[str, list[Any]]], None]:
        names_key, values_key, type_key = f"{row}.names", f"{row}.values", f"{row}.type"
        text, bindings = self.text, self.unplaced["bindings"]

        def take(captures: dict[str, list[Any]]) -> None:
            node = captures[row][0]
            nodes = captures.get(names_key, ())
            operator = ""
            values = captures.get(values_key)
            if len(nodes) == 1:
                spans = _listed(text, nodes[0])
                if form == "assign" and values:
                    operator = text[nodes[0].end_byte : values[0].start_byte].strip()
            else:
                spans = tuple(_span(child) for child in nodes)
            names = tuple(text[start:end] for start, end in spans)
            found = _listed(text, values[0]) if values else ()
            start = node.start_byte
            bindings.append((start, start, node.end_byte, form, names, found, _one(captures, type_key), operator))

        return take

    def call(self, captures: dict[str, list[Any]]) -> None:
        node = captures["call"][0]
        start = node.start_byte
        self.unplaced["calls"].append((start, start, captures["call.callee"][0].end_byte, node.end_byte))

    def literal(self, captures: dict[str, list[Any]]) -> None:
        node = captures["literal"][0]
        start = node.start_byte
        self.unplaced["literals"].append((start, start, captures["literal.type"][0].end_byte, node.end_byte))

    def entry(self, captures: dict[str, list[Any]]) -> None:
        start = captures["entry"][0].start_byte
        self.unplaced["entries"].append((start, start, _one(captures, "entry.key"), _one(captures, "entry.value"), -1))

    def send(self, captures: dict[str, list[Any]]) -> None:
        start = captures["send"][0].start_byte
        self.unplaced["sends"].append((start, start, _one(captures, "send.channel"), _one(captures, "send.value")))

    def receive(self, captures: dict[str, list[Any]]) -> None:
        start = captures["receive"][0].start_byte
        self.unplaced["receives"].append((start, start, _one(captures, "receive.channel")))

    def returned(self, captures: dict[str, list[Any]]) -> None:
        start = captures["return"][0].start_byte
        nodes = captures.get("return.values")
        self.unplaced["returns"].append((start, start, _listed(self.text, nodes[0]) if nodes else ()))

    def jump(self, form: str) -> Callable[[dict[str, list[Any]]], None]:
        label, jumps = f"{form}.label", self.unplaced["jumps"]

        def take(captures: dict[str, list[Any]]) -> None:
            start, (first, last) = captures[form][0].start_byte, _one(captures, label)
            jumps.append((start, start, form, self.text[first:last]))

        return take

    def takers(self) -> dict[str, Callable[[dict[str, list[Any]]], None]]:
        takers: dict[str, Callable[[dict[str, list[Any]]], None]] = {
            name: self.region(number) for name, number in _BLOCKS.items()
        }
        takers |= {row: self.binding(row, form) for row, form in _BINDINGS.items()}
        takers |= {form: self.jump(form) for form in _JUMPS}
        return takers | {
            "function": self.function,
            "type": self.type,
            "package": self.package,
            "import": self.imported,
            "field": self.field,
            "signature": self.signature,
            "call": self.call,
            "literal": self.literal,
            "entry": self.entry,
            "send": self.send,
            "receive": self.receive,
            "return": self.returned,
        }


def read_file(path: str, role: str, data: bytes, pack: Pack) -> FileFacts:
    """One file's facts. A part that does not parse is listed in `rows.errors` (line numbers); the rest is read."""
    from tree_sitter import QueryCursor

    text = data.decode("latin-1")
    root = pack.parser().parse(data).root_node
    reader = _Reader(text)
    takers = reader.takers()
    takers_by_pattern: dict[int, Callable[[dict[str, list[Any]]], None]] = {}
    for pattern, captures in QueryCursor(pack.query()).matches(root):
        take = takers_by_pattern.get(pattern)
        if take is None:
            row = next(name for name in captures if "." not in name)
            take = takers_by_pattern[pattern] = takers[row]
        take(captures)
    rows = reader.rows
    reader.unplaced["texts"] = texts(data, root, pack.strings, pack.joins)
    nest(rows, reader.blocks, reader.unplaced)
    link_entries(rows)
    if root.has_error:
        rows.errors = _errors(root)
    return FileFacts(path, pack.name, role, text, rows)


def _errors(root: Any) -> list[tuple[int, int]]:
    """First lines of the broken parts, at most ten."""
    found: list[tuple[int, int]] = []
    pending = [root]
    while pending and len(found) < 10:
        node = pending.pop()
        if node.is_error or node.is_missing:
            found.append((node.start_point.row + 1, node.end_point.row + 1))
        elif node.has_error:
            pending.extend(reversed(node.children))
    return sorted(found)


def gap_for(facts: FileFacts) -> Gap | None:
    """The gap that a broken file leaves, or None."""
    if not facts.rows.errors:
        return None
    lines = ", ".join(str(line) for line, _ in facts.rows.errors)
    return Gap(
        f"{facts.path} does not parse as {facts.language} at line {lines}: the rest of the file was read",
        "compile the service; the broken part was not analysed",
    )
