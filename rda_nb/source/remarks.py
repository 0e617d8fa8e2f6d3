"""Remarks to the audit in the comments of the target: where `rda:ignore` stands, and which lines it speaks of."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from rda_nb.source.comments import Form, forms
from rda_nb.source.target import SourceFile, Target

_MARK = b"rda:ignore"
# Foreign code carries the remarks of its own audits.
_NOT_OURS = frozenset({"vendored", "generated"})


@dataclass(frozen=True, slots=True)
class Remark:
    """One `rda:ignore`: what follows it in its comment, and the lines `first` to `last` that it speaks of.

    A comment behind code speaks of its own line (`trailing`); one on a line of its own of the line below, comments
    between them left out, and where statements have an end mark, of the statement that begins there.
    """

    path: str
    line: int
    text: str
    first: int
    last: int
    trailing: bool


def remarks(target: Target) -> tuple[Remark, ...]:
    """Every remark of the target in order of path and line; files that do not hold the word are not looked into."""
    return tuple(
        remark
        for file in target.files
        if _MARK in file.data and file.role not in _NOT_OURS
        for remark in sorted(_of_file(file), key=lambda remark: remark.line)
    )


def _of_file(file: SourceFile) -> Iterator[Remark]:
    form = forms().get(file.kind)
    if form is None:
        return
    text = file.text().replace("\r\n", "\n").replace("\r", "\n")
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    commented: set[int] = set()  # lines that hold nothing but a comment
    found: list[tuple[int, str, int, bool]] = []
    for match in form.whole.finditer(text):
        comment = match["comment"]
        if comment is None:
            continue
        first, last = bisect_right(starts, match.start()), bisect_right(starts, match.end() - 1)
        trailing = bool(text[starts[first - 1] : match.start()].strip())
        commented.update(range(first + trailing, last + 1))
        for mark in form.marked.finditer(comment):
            line = bisect_right(starts, match.start() + mark.start("said"))
            found.append((line, _without_closer(mark["said"], form), last, trailing and line == first))
    for line, said, last, trailing in found:
        if trailing:
            yield Remark(file.path, line, said, line, line, True)
            continue
        below = last + 1
        while below in commented:
            below += 1
        yield Remark(file.path, line, said, below, _end(file.lines, below, form.statement_ends), False)


def _end(lines: list[str], first: int, mark: str) -> int:
    """The last line of what begins at `first`: that line itself, or the one with the mark that ends statements."""
    if not mark or first > len(lines) or not lines[first - 1].strip():
        return first
    return next((n for n in range(first, len(lines) + 1) if mark in lines[n - 1]), first)


def _without_closer(said: str, form: Form) -> str:
    said = said.strip()
    for closer in form.closers:
        said = said.removesuffix(closer).rstrip()
    return said
