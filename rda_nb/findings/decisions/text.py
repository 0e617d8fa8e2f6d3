"""Decision records as sentences: which documents hold them, which records are in force, what each sentence says where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rda_nb.findings.decisions.layout import Layout
from rda_nb.source.target import SourceFile, Target

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?\r?\n)---[ \t]*(?:\r?\n|\Z)", re.S)
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bapprox\.)\s+(?=\S)|(?<=;)\s+")
_LONGEST_SENTENCE = 1000  # what is longer is a listing or a paste, and no statement
_LABEL = re.compile(r"\s*([A-Z][\w /&'-]{1,40}?)\s*:(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, bullet or table cell of a record in force. `text` keeps inline code in backticks, nothing else.

    `heading` is the record's title; `block` the whole paragraph, row or item that the sentence stands in; `line` and
    `end_line` are 1-based in the document at `path`.
    """

    path: str
    heading: str
    text: str
    block: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Records:
    """What a target's decision documents say: sentences in force, and titles of records that are not, with their status."""

    documents: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    not_in_force: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Block:
    """One paragraph, list item or table cell with the headings above it; `label` is a leading `Word:`, taken off."""

    headings: tuple[str, ...]
    label: str
    pieces: list[tuple[int, str]]  # line, text

    @property
    def text(self) -> str:
        return " ".join(text for _, text in self.pieces).strip()


@dataclass(slots=True)
class _Walk:
    """State while the tokens of one document pass by."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)  # the label that each open list item stands under
    label: str = ""
    columns: list[str] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    column: int = 0


def read(target: Target, layout: Layout) -> Records:
    """The records of the decisions file and of the decision folders, in path order with the decisions file first."""
    documents = [target.decisions] if target.decisions is not None else []
    documents += [file for file in target.of_kind("markdown", roles=("docs", "product")) if layout.holds(file.path)]
    blocks = [(file.path, *_blocks(file, layout)) for file in documents]
    replaced = {number for _, _, own in blocks for block in own for number in _replaces(block, layout)}
    sentences: list[Sentence] = []
    not_in_force: dict[str, str] = {}
    for path, front, own in blocks:
        states = _states(own, front, layout, replaced, path)
        for block in own:
            status = next(
                (s for depth in range(len(block.headings) + 1) if (s := states.get(block.headings[:depth]))), ""
            )
            title = _title(block.headings, layout, path)
            if status:
                not_in_force.setdefault(title, status)
            elif not layout.aside(block.label) and not any(map(layout.aside, block.headings)):
                sentences += _sentences(path, title, block)
    return Records(tuple(f.path for f in documents), tuple(sentences), tuple(not_in_force.items()))


def _title(headings: tuple[str, ...], layout: Layout, path: str) -> str:
    """The innermost heading that names a record rather than one of its sections."""
    named = [h for h in headings if not layout.section(h)]
    return named[-1] if named else path.rpartition("/")[2]


def _sentences(path: str, title: str, block: _Block) -> Iterator[Sentence]:
    """The sentences of a block, each with the lines it stands on."""
    text, starts = "", []
    for line, piece in block.pieces:
        starts.append((len(text), line))
        text += piece + " "
    begin = 0
    for end in [*(m.start() for m in _SENTENCE_END.finditer(text)), len(text)]:
        sentence = text[begin:end].strip()
        first = begin + len(text[begin:end]) - len(text[begin:end].lstrip())
        if sentence and len(sentence) <= _LONGEST_SENTENCE:
            yield Sentence(path, title, sentence, block.text, _line(starts, first), _line(starts, max(first, end - 1)))
        begin = end


def _line(starts: list[tuple[int, int]], offset: int) -> int:
    return [line for start, line in starts if start <= offset][-1]


def _states(
    blocks: list[_Block], front: str, layout: Layout, replaced: set[int], path: str
) -> dict[tuple[str, ...], str]:
    """Headings of records that are not in force, with the word that says so; () stands for the whole document."""
    states: dict[tuple[str, ...], str] = {}
    if status := layout.not_in_force(front):
        states[()] = status
    number = _number(path.rpartition("/")[2])
    if number in replaced and layout.holds(path):
        states[()] = "superseded"
    for block in blocks:
        record = block.headings
        while record and layout.section(record[-1]):
            record = record[:-1]
        for depth in range(1, len(record) + 1):
            in_title = layout.marked(record[depth - 1])
            if in_title or (_number(record[depth - 1]) in replaced and not layout.holds(path)):
                states.setdefault(record[:depth], in_title or "superseded")
        if layout.is_status(block.label) or (block.headings and layout.is_status(block.headings[-1])):
            if status := layout.not_in_force(block.text):
                states.setdefault(record, status)
        elif status := layout.banner(block.text):
            states.setdefault(record, status)
    return states


def _replaces(block: _Block, layout: Layout) -> list[int]:
    """Numbers of records that this block's status says it replaces."""
    if not (layout.is_status(block.label) or (block.headings and layout.is_status(block.headings[-1]))):
        return [int(n) for n in layout.replaces.findall(f"{block.label}: {block.text}")] if block.label else []
    return [int(n) for n in layout.replaces.findall(block.text)]


def _number(title: str) -> int:
    """The number that a record's title or file name begins with; -1 when there is none."""
    found = re.match(r"\W*(?:ADR|AD|Decision|Record)?[\s:#_-]*0*(\d{1,5})\b|0*(\d{1,5})[-_]", title, re.I)
    return int(found[1] or found[2]) if found else -1


def _blocks(file: SourceFile, layout: Layout) -> tuple[str, list[_Block]]:
    """The front matter's text and the document's blocks in order."""
    from markdown_it import MarkdownIt  # 40 ms, and most targets have no decisions

    text, front = file.text(), ""
    if found := _FRONT_MATTER.match(text):
        front = " ".join(line for line in found[1].splitlines() if layout.is_status(line.partition(":")[0].strip()))
        text = "\n" * found[0].count("\n") + text[found.end() :]
    walk, blocks = _Walk(), []
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        _structure(walk, token)
        if token.type != "inline" or token.map is None or before is None:
            continue
        pieces = _pieces(token, token.map[0] + 1)
        if before.type == "heading_open":
            level = int(before.tag[1:])
            walk.headings = [h for h in walk.headings if h[0] < level]
            walk.headings.append((level, " ".join(t for _, t in pieces).strip()))
            walk.label = ""
        elif before.type == "th_open":
            walk.columns.append(" ".join(t for _, t in pieces).strip())
        elif before.type == "td_open":
            blocks += _cell(walk, pieces, layout)
        else:
            blocks += _paragraph(walk, pieces, layout)
    return front, blocks


def _structure(walk: _Walk, token: Token) -> None:
    """Follow lists and tables."""
    if token.type == "list_item_open":
        walk.items.append(walk.items[-1] if walk.items else "")
    elif token.type == "list_item_close":
        walk.items.pop()
    elif token.type == "table_open":
        walk.columns = []
    elif token.type == "tr_open":
        walk.row, walk.column = [], 0


def _pieces(token: Token, line: int) -> list[tuple[int, str]]:
    """The visible text of an inline token by line: code in backticks, struck-out text and marks left out."""
    lines: list[tuple[int, str]] = [(line, "")]
    struck = 0
    for child in token.children or []:
        struck += {"s_open": 1, "s_close": -1}.get(child.type, 0)
        if child.type in ("softbreak", "hardbreak"):
            lines.append((lines[-1][0] + 1, ""))
        elif not struck and child.type in ("text", "code_inline"):
            shown = f"`{child.content}`" if child.type == "code_inline" else child.content
            lines[-1] = (lines[-1][0], lines[-1][1] + shown)
    return lines


def _paragraph(walk: _Walk, pieces: list[tuple[int, str]], layout: Layout) -> list[_Block]:
    """A paragraph or list item; a label that stands alone names what follows it."""
    text = " ".join(piece for _, piece in pieces).strip()
    alone = text.rstrip(": ")
    if alone and (layout.section(alone) or layout.aside(alone)) and not walk.items:
        walk.label = alone
        return []
    label = (walk.items[-1] if walk.items else "") or walk.label
    headings = tuple(h for _, h in walk.headings)
    blocks = [_Block(headings, label, [])]
    for line, piece in pieces:
        found = _LABEL.match(piece)
        if found and (layout.section(found[1]) or layout.aside(found[1])):
            blocks.append(_Block(headings, found[1], []))
            piece = piece[found.end() :]
            if walk.items:
                walk.items[-1] = found[1]
        blocks[-1].pieces.append((line, piece))
    return [block for block in blocks if block.text]


def _cell(walk: _Walk, pieces: list[tuple[int, str]], layout: Layout) -> list[_Block]:
    """A cell as a statement on its row: `row name: column value`; columns of asides and the row's name give none."""
    text = " ".join(piece for _, piece in pieces).strip()
    column = walk.columns[walk.column] if walk.column < len(walk.columns) else ""
    walk.row.append(text)
    walk.column += 1
    name = walk.row[0]
    headings = tuple(h for _, h in walk.headings)
    if layout.is_status(name) and walk.column == 2:
        return [_Block(headings, name, pieces)]
    if not text or layout.aside(column) or layout.is_status(column):
        return []
    if walk.column == 1:
        return [_Block(headings, walk.label, pieces)] if len(text.split()) > 5 else []
    told = text if layout.plain_column(column) else f"{column} {text}"
    return [_Block(headings, walk.label, [(pieces[0][0], f"{name}: {told}")])]
