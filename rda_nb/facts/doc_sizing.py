"""Comments that say what load a setting was tested with or sized for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rda_nb.facts.doc_files import LARGEST, Files
from rda_nb.source import SourceFile

_MARKS = (b"tested ", b"-tested", b"benchmarked", b"ized for", b"imensioned for")
_COMMENT = re.compile(r"^\s*(?:#|//|\*|--|;)\s*(.*)$|\s(?:#|//)\s+(.*)$")
_LOAD = (
    r"(?:nodes?|pods?|instances?|replicas|requests?|reqs?|rps|qps|messages?|msgs?|events?|rows?|records?|connections?|users?"
    r"|clients?|tenants?|jobs|tasks|flows?|spans?|series|devices?|hosts?|sessions?|streams?|topics?|items?|documents?)"
)
_SAID = re.compile(
    r"(?i)\b((?:(?:load|stress|perf(?:ormance)?)[- ]?tested|benchmarked|tested (?:against|with|at|up to|for)|sized for"
    r"|dimensioned for)\b[^.;\n]{0,60}?(?<![\w.])(\d[\d,_]*(?:\.\d+)?\s?[kM]?)\+?\s(?:\w+\s){0,2}?"
    + _LOAD
    + r"\b[^.,;\n]{0,40})"
)
_KINDS = ("yaml", "toml", "properties", "env", "dockerfile", "hcl", "shell", "go", "makefile")


class Sizing(NamedTuple):
    """One statement: the number as written, and the words around it."""

    file: SourceFile
    line: int
    number: str
    text: str


def statements(files: Files) -> Iterator[Sizing]:
    """Every such comment outside vendored and generated files and tests."""
    for file in files.target.files:
        if file.kind not in _KINDS or file.role in ("vendored", "generated", "test") or file.size > LARGEST:
            continue
        if not any(mark in file.data for mark in _MARKS):
            continue
        for number, line in enumerate(file.lines, 1):
            comment = _COMMENT.search(line) if "ested" in line or "marked" in line or "ed for" in line else None
            said = _SAID.search(comment[1] or comment[2] or "") if comment else None
            if said is not None:
                yield Sizing(file, number, said[2].strip(), " ".join(said[1].split()))
