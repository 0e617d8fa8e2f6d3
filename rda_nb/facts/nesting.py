"""Nesting: the regions of one file as a tree, and every row with the innermost region that it stands in."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from rda_nb.facts import vocabulary as v
from rda_nb.facts.vocabulary import Rows

# (start, start, field, ...): a row before the sweep, its start in the place of its region's number.
Unplaced = tuple[Any, ...]
# (start, -end, kind, span of the header, further fields of a function or type)
Region = tuple[int, int, int, tuple[int, int], Any]
PLACED: dict[str, type] = {
    "fields": v.Field,
    "signatures": v.Signature,
    "bindings": v.Binding,
    "calls": v.Call,
    "literals": v.Literal,
    "entries": v.Entry,
    "sends": v.Send,
    "receives": v.Receive,
    "returns": v.Return,
    "jumps": v.Jump,
    "texts": v.Text,
}


def nest(rows: Rows, regions: list[Region], unplaced: dict[str, list[Unplaced]]) -> None:
    """Number the regions, link each to its parent, then give every row its innermost region."""
    stack: list[int] = []
    blocks = rows.blocks
    for start, negative_end, kind, header, parts in sorted(regions, key=lambda row: row[:3]):
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
    for name, row_type in PLACED.items():
        setattr(rows, name, _placed(row_type, unplaced[name], blocks, starts))


def _placed(row_type: type[Any], found: list[Unplaced], blocks: list[v.Block], starts: list[int]) -> list[Any]:
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


def link_entries(rows: Rows) -> None:
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
