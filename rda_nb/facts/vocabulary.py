"""Facts: what stands in one source file, as flat rows of offsets, the same for every language.

Rows hold byte offsets into the file; `FileFacts.text` is the file with one character per byte, so a slice by offsets is the
source. Lines are 1-based and computed on demand. A capture name in a language's `facts.scm` is a row and field name here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

FUNCTION, LOOP, BRANCH, CASE, SPAWN, DEFER, SELECT, SWITCH, TYPE = range(9)
BLOCK_KINDS = ("function", "loop", "branch", "case", "spawn", "defer", "select", "switch", "type")


class Block(NamedTuple):
    """A region: function, loop, branch, case, spawn, defer, select, switch or type; `parent` is -1 at the top."""

    kind: int
    start: int
    end: int
    parent: int
    function: int
    loop: int
    header: tuple[int, int]


class Function(NamedTuple):
    """A function, method or literal; parts are (start, end) spans, (0, 0) when absent. A literal has no name span."""

    block: int
    start: int
    end: int
    name: tuple[int, int]
    receiver: tuple[int, int]
    parameters: tuple[int, int]
    results: tuple[int, int]


class Type(NamedTuple):
    """A named type and the span of its definition."""

    block: int
    start: int
    end: int
    name: tuple[int, int]
    definition: tuple[int, int]


class Field(NamedTuple):
    """A field of a struct: several names may share a type; no names means embedded."""

    block: int
    start: int
    names: tuple[tuple[int, int], ...]
    type: tuple[int, int]
    tag: tuple[int, int]


class Signature(NamedTuple):
    """A method of an interface."""

    block: int
    start: int
    name: tuple[int, int]
    parameters: tuple[int, int]
    results: tuple[int, int]


class Import(NamedTuple):
    """An import: path as written without quotes, alias or ''."""

    start: int
    path: str
    alias: str


class Binding(NamedTuple):
    """Names given a value: `form` is define, assign, variable, constant, range or receive."""

    block: int
    start: int
    end: int
    form: str
    names: tuple[str, ...]
    values: tuple[tuple[int, int], ...]
    type: tuple[int, int]
    operator: str


class Call(NamedTuple):
    """A call: the callee is text[start:callee_end], the arguments with their brackets text[callee_end:end]."""

    block: int
    start: int
    callee_end: int
    end: int


class Literal(NamedTuple):
    """A composite literal with its type's span."""

    block: int
    start: int
    type_end: int
    end: int


class Entry(NamedTuple):
    """`key: value` in a composite literal; `literal` is the index of that literal (filled after reading)."""

    block: int
    start: int
    key: tuple[int, int]
    value: tuple[int, int]
    literal: int


class Send(NamedTuple):
    """A send on a channel."""

    block: int
    start: int
    channel: tuple[int, int]
    value: tuple[int, int]


class Receive(NamedTuple):
    """A receive from a channel."""

    block: int
    start: int
    channel: tuple[int, int]


class Return(NamedTuple):
    """A return with its values' spans."""

    block: int
    start: int
    values: tuple[tuple[int, int], ...]


class Jump(NamedTuple):
    """A statement that goes on elsewhere in its function: `form` is leave (a loop, select or switch), again (the next turn
    of a loop) or to (a label); `label` is the one that it names, or ''."""

    block: int
    start: int
    form: str
    label: str


class Text(NamedTuple):
    """A string (or a chain of joined strings) that a caller asked for, such as one that holds SQL."""

    block: int
    start: int
    end: int


@dataclass(slots=True)
class Rows:
    """The rows of one file by kind, in document order."""

    package: str = ""
    imports: list[Import] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    types: list[Type] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    literals: list[Literal] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    receives: list[Receive] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)


_ROW_TYPES: dict[str, type[Any]] = {
    "imports": Import, "blocks": Block, "functions": Function, "types": Type, "fields": Field, "signatures": Signature,
    "bindings": Binding, "calls": Call, "literals": Literal, "entries": Entry, "sends": Send, "receives": Receive,
    "returns": Return, "jumps": Jump, "texts": Text,
}  # fmt: skip


def flat(rows: Rows) -> tuple[Any, ...]:
    """One file's rows as plain tuples and strings, which travel between processes at little cost."""
    return (rows.package, rows.errors, *(list(map(tuple, getattr(rows, name))) for name in _ROW_TYPES))


def unflat(plain: tuple[Any, ...]) -> Rows:
    """The rows that `flat` made plain."""
    new, rows = tuple.__new__, Rows(plain[0], errors=plain[1])
    for (name, row_type), found in zip(_ROW_TYPES.items(), plain[2:], strict=True):
        setattr(rows, name, [new(row_type, row) for row in found])
    return rows


@dataclass(eq=False)
class FileFacts:
    """One source file's rows with its text; `role` is the file's class (product, test, generated, tooling ...)."""

    path: str
    language: str
    role: str
    text: str
    rows: Rows

    @cached_property
    def _line_ends(self) -> list[int]:
        text, ends, at = self.text, [], -1
        while (at := text.find("\n", at + 1)) >= 0:
            ends.append(at)
        return ends

    def line(self, offset: int) -> int:
        """1-based line of an offset."""
        return bisect_right(self._line_ends, offset - 1) + 1

    def slice(self, span: tuple[int, int]) -> str:
        """The source between two offsets, decoded."""
        return self.text[span[0] : span[1]].encode("latin-1").decode("utf-8", "replace")

    @cached_property
    def returns_of(self) -> dict[int, list[Return]]:
        """The returns of each function by its block, in document order; those of its literals are theirs."""
        found: dict[int, list[Return]] = {}
        for row in self.rows.returns:
            if row.block >= 0:
                found.setdefault(self.rows.blocks[row.block].function, []).append(row)
        return found

    @cached_property
    def call_at(self) -> dict[tuple[int, int], int]:
        """Index of the call that spans exactly (start, end)."""
        return {(row.start, row.end): index for index, row in enumerate(self.rows.calls)}

    @cached_property
    def literal_at(self) -> dict[tuple[int, int], int]:
        """Index of the composite literal that spans exactly (start, end)."""
        return {(row.start, row.end): index for index, row in enumerate(self.rows.literals)}

    @cached_property
    def function_at(self) -> dict[tuple[int, int], int]:
        """Index of the function or literal that spans exactly (start, end)."""
        return {(row.start, row.end): index for index, row in enumerate(self.rows.functions)}

    @cached_property
    def entries_of(self) -> dict[int, list[Entry]]:
        """The keyed entries of each composite literal."""
        found: dict[int, list[Entry]] = {}
        for row in self.rows.entries:
            found.setdefault(row.literal, []).append(row)
        return found

    @cached_property
    def callees(self) -> dict[str, list[int]]:
        """Indexes of the calls by the called expression as written, in document order."""
        found: dict[str, list[int]] = {}
        text = self.text
        for index, row in enumerate(self.rows.calls):
            found.setdefault(text[row.start : row.callee_end], []).append(index)
        return found

    @cached_property
    def assignments(self) -> list[Binding]:
        """The bindings that are assignments, in document order."""
        return [row for row in self.rows.bindings if row.form == "assign"]

    @cached_property
    def ranges(self) -> dict[int, list[Binding]]:
        """What loops range over, by the start of the loop's header."""
        found: dict[int, list[Binding]] = {}
        for row in self.rows.bindings:
            if row.form == "range" and row.values:
                found.setdefault(row.start, []).append(row)
        return found

    @cached_property
    def assigned(self) -> dict[str, list[Binding]]:
        """Plain and multiple assignments by each name they assign, in document order."""
        found: dict[str, list[Binding]] = {}
        for row in self.assignments:
            for name in row.names:
                found.setdefault(name, []).append(row)
        return found

    @cached_property
    def given(self) -> dict[tuple[int, int], tuple[Binding, int]]:
        """Span of a value -> the binding that gives it to a name, and its position."""
        return {span: (row, position) for row in self.rows.bindings for position, span in enumerate(row.values)}

    def chain(self, block: int) -> Iterator[tuple[int, Block]]:
        """The blocks that enclose a row, innermost first."""
        blocks = self.rows.blocks
        while block >= 0:
            row = blocks[block]
            yield block, row
            block = row.parent


@dataclass(frozen=True, slots=True)
class Facts:
    """All files' facts, the documents that are not code, and what a second process reads of both meanwhile."""

    files: tuple[FileFacts, ...]
    documents: Any = None
    gaps: tuple[Any, ...] = ()
    ahead: Any = None  # an `ahead.Ahead`


class Expression(NamedTuple):
    """An expression as a tree. `kind` with the meaning of `text` and `parts`:

    name (identifier) | number (literal as written) | text (string value) | nil | boolean
    select (text = member; parts = [base]) | call (parts = [callee, argument...]) | index (parts = [base, index])
    binary (text = operator; parts = [left, right]) | unary (text = operator; parts = [operand])
    literal (text = type; parts = entries) | entry (text = key or ''; parts = [value])
    function (a function literal) | assert (text = type; parts = [base]) | convert (text = type; parts = [value])
    other (text = source)

    `start` and `end` are offsets into the file.
    """

    kind: str
    text: str
    parts: tuple[Expression, ...]
    start: int
    end: int
