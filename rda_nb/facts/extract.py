"""Read facts from source text: one parse and one query per file in C, then one sweep that nests the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, Protocol

from rda_nb.core import Gap, RdaError
from rda_nb.facts import vocabulary as v
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
_OTHERS = {"package", "import", "field", "signature", "call", "literal", "entry", "send", "receive", "return"}
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
    "loop": {"header"},
    "branch": {"header"},
    "case": {"header"},
} | {name: {"names", "values", "type"} for name in _BINDINGS}

_SQL = re.compile(
    rb"(?i)\b(?:select\b|insert\s+into\b|create\s+(?:or\s+replace\s+)?(?:table|materialized|view|dictionary|database)\b|alter\s+table\b"
    rb"|optimize\s+table\b|delete\s+from\b|update\s+\w+\s+set\b|truncate\b|system\s+\w+|with\s+\w+\s+as\s*\("
    rb"|(?:drop|attach|detach)\s+(?:table|view|database|dictionary)\b|rename\s+table\b|exchange\s+tables\b|kill\s+mutation\b"
    rb"|set\s+[a-z]+_\w+\s*=)"
)

_SQL_WORDS = (
    *b"select insert create alter optimize delete update truncate system with drop attach detach rename exchange kill".split(),
    b"set ",
)


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


_Unplaced = tuple[Any, ...]
_PLACED: dict[str, type] = {
    "fields": v.Field,
    "signatures": v.Signature,
    "bindings": v.Binding,
    "calls": v.Call,
    "literals": v.Literal,
    "entries": v.Entry,
    "sends": v.Send,
    "receives": v.Receive,
    "returns": v.Return,
    "texts": v.Text,
}


class _Reader:
    """Collects one file's rows; those that stand in a region become rows in the sweep at the end, which knows its number."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows = Rows()
        self.blocks: list[tuple[int, int, int, tuple[int, int], Any]] = []
        self.unplaced: dict[str, list[_Unplaced]] = {name: [] for name in _PLACED}

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

    def takers(self) -> dict[str, Callable[[dict[str, list[Any]]], None]]:
        takers: dict[str, Callable[[dict[str, list[Any]]], None]] = {
            name: self.region(number) for name, number in _BLOCKS.items()
        }
        takers |= {row: self.binding(row, form) for row, form in _BINDINGS.items()}
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


def _nest(reader: _Reader) -> None:
    """Number the regions, link each to its parent, then give every row its innermost region."""
    rows = reader.rows
    stack: list[int] = []
    blocks = rows.blocks
    for start, negative_end, kind, header, parts in sorted(reader.blocks, key=lambda row: row[:3]):
        end = -negative_end
        while stack and blocks[stack[-1]].end <= start:
            stack.pop()
        parent = stack[-1] if stack else -1
        number = len(blocks)
        above = blocks[parent] if parent >= 0 else None
        function = number if kind == v.FUNCTION else (above.function if above else -1)
        loop = -1 if kind == v.FUNCTION else number if kind == v.LOOP else (above.loop if above else -1)
        blocks.append(v.Block(kind, start, end, parent, function, loop, header))
        if kind == v.FUNCTION:
            rows.functions.append(v.Function(number, start, end, *parts))
        elif kind == v.TYPE:
            rows.types.append(v.Type(number, start, end, *parts))
        stack.append(number)
    starts = [block.start for block in blocks]
    for name, row_type in _PLACED.items():
        setattr(rows, name, _placed(row_type, reader.unplaced[name], blocks, starts))


def _placed(row_type: type[Any], found: list[_Unplaced], blocks: list[v.Block], starts: list[int]) -> list[Any]:
    """The rows with the innermost region that contains each, in document order."""
    found.sort(key=itemgetter(1))
    new = tuple.__new__
    rows: list[Any] = []
    stack: list[int] = []
    upcoming, count = 0, len(blocks)
    for row in found:
        at = row[1]
        # A region that starts where the row starts lies inside it: the literal of a function called on the spot.
        while upcoming < count and starts[upcoming] < at:
            end = blocks[upcoming].end
            while stack and blocks[stack[-1]].end <= starts[upcoming]:
                stack.pop()
            if end > at:
                stack.append(upcoming)
            upcoming += 1
        while stack and blocks[stack[-1]].end <= at:
            stack.pop()
        rows.append(new(row_type, (stack[-1] if stack else -1, *row[1:])))
    return rows


def _link_entries(rows: Rows) -> None:
    """Give every keyed entry the composite literal it stands in (the innermost one that encloses it)."""
    literals, upcoming = rows.literals, 0
    stack: list[int] = []
    for index, row in enumerate(rows.entries):
        while upcoming < len(literals) and literals[upcoming].start < row.start:
            while stack and literals[stack[-1]].end <= literals[upcoming].start:
                stack.pop()
            stack.append(upcoming)
            upcoming += 1
        while stack and literals[stack[-1]].end <= row.start:
            stack.pop()
        if stack:
            rows.entries[index] = v.Entry(row.block, row.start, row.key, row.value, stack[-1])


def _statements(data: bytes) -> Iterator[int]:
    """Where `_SQL` matches, left to right: its words are looked for first, since most of a file holds none of them."""
    lower = data.lower()
    starts: list[int] = []
    for word in _SQL_WORDS:
        at = lower.find(word)
        while at >= 0:
            starts.append(at)
            at = lower.find(word, at + 1)
    behind = 0
    for start in sorted(starts):
        if start >= behind and (match := _SQL.match(data, start)) is not None:
            behind = match.end()
            yield start


def _texts(data: bytes, root: Any, pack: Pack) -> list[_Unplaced]:
    """Strings that hold SQL words, each widened to the whole chain of joined strings it stands in."""
    found: dict[tuple[int, int], _Unplaced] = {}
    for start in _statements(data):
        node = root.descendant_for_byte_range(start, start)
        while node is not None and node.type not in pack.strings:
            node = node.parent if node.parent is not None and node.end_byte - node.start_byte < 100_000 else None
        if node is None:
            continue
        while node.parent is not None and node.parent.type in pack.joins:
            node = node.parent
        found.setdefault(_span(node), (node.start_byte, node.start_byte, node.end_byte))
    return list(found.values())


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
    reader.unplaced["texts"] = _texts(data, root, pack)
    _nest(reader)
    _link_entries(rows)
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
