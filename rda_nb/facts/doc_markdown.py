"""Markdown as passages with lines: sentences of paragraphs and list items, and rows of tables, each under its headings."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from rda_nb.source import SourceFile

# No hand-written page is larger; what is, is generated reference or data.
LARGEST = 400_000

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z`*\[\"'(])|(?<=;)\s+")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


class Passage(NamedTuple):
    """A sentence or a table row. `header` are the table's column names, `cells` the row's; empty for a sentence."""

    text: str
    line: int
    end_line: int
    headings: tuple[str, ...]
    header: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 20}).enable("table")


def passages(file: SourceFile) -> list[Passage]:
    """The passages of a page in order; code blocks, HTML and images are left out."""
    source = "\n".join(file.lines)
    front = _FRONT.match(source)
    if front:
        source = "\n" * front[0].count("\n") + source[front.end() :]
    found: list[Passage] = []
    headings: list[tuple[int, str]] = []
    header: list[str] = []
    row: list[str] = []
    level, in_head = 0, False
    row_line = 0
    for token in _parser().parse(source):
        kind = token.type
        if kind == "heading_open":
            level = int(token.tag[1])
        elif kind == "thead_open":
            header, in_head = [], True
        elif kind == "thead_close":
            in_head = False
        elif kind == "tr_open":
            row, row_line = [], (token.map[0] + 1 if token.map else 0)
        elif kind == "tr_close":
            if in_head:
                header = row
            elif row_line:
                above = tuple(text for _, text in headings)
                found.append(Passage(" | ".join(row), row_line, row_line, above, tuple(header), tuple(row)))
            row_line = 0
        elif kind == "table_close":
            header = []
        elif kind == "inline":
            if level:
                headings = [h for h in headings if h[0] < level] + [(level, _plain(token))]
                level = 0
            elif row_line:
                row.append(_plain(token))
            elif token.map:
                found.extend(_sentences(token, tuple(text for _, text in headings)))
    return found


def _plain(token: Any) -> str:
    """Inline text as a reader sees it, code kept in backticks."""
    parts = []
    for child in token.children or ():
        if child.type == "text":
            parts.append(child.content)
        elif child.type == "code_inline":
            parts.append(f"`{child.content}`")
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts).strip()


def _sentences(token: Any, headings: tuple[str, ...]) -> list[Passage]:
    text = _plain(token)
    first, last = token.map[0] + 1, token.map[1]
    found = []
    position = 0
    for sentence in _SENTENCE.split(text):
        at = text.find(sentence, position)
        position = at + len(sentence)
        line = min(first + text.count("\n", 0, at), last)
        end = min(line + sentence.count("\n"), last)
        found.append(Passage(" ".join(sentence.split()), line, end, headings))
    return found
