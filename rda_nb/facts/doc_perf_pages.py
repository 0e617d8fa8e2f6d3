"""Pages that report measured performance, with their dates, and pages that tell how to profile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rda_nb.facts import doc_markdown
from rda_nb.source import SourceFile, Target

_QUICK = re.compile(
    r"(?i)benchmark|throughput|load[ -]?test|stress[ -]?test|\bp9\d|percentile|profil|pprof|flame ?graph"
)
_UNIT = re.compile(
    r"(?i)(?<![\w.])\d[\d,.]*\s?[kM]?\s?(?:(?:ms|µs|ns|us)\b|ns/op|allocs?/op|rps\b|qps\b|[KMG]i?B/s"
    r"|(?:req(?:uest)?|msg|message|event|row|record|insert|quer(?:y|ie)|op|flow|span)s?\s?(?:/\s?s(?:ec)?\b|per second))"
)
_REPORTS = re.compile(
    r"(?i)\b(?:benchmark(?:s|ing)?|(?:load|stress)[ -]?test(?:s|ed|ing)?|throughput|performance (?:test|result|number)s?"
    r"|measured|p9\d)\b"
)
_HEADING = re.compile(
    r"(?i)\b(?:benchmark(?:s|ing)?|(?:load|stress)[ -]?test\w*|performance|throughput|results?|measurements?)\b"
)
_AIM = re.compile(
    r"(?i)\b(?:SLOs?|SLAs?|objectives?|goals?|targets?|must|should|plan|default|timeout|interval|set|configure|would)\b"
)
_DATE = re.compile(
    r"\b(20\d\d-\d\d(?:-\d\d)?|(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? (?:\d{1,2},? )?20\d\d)\b"
)
# A product may draw flame graphs for its users: only a profiler that is run on the service itself counts.
_PROFILING = re.compile(r"(?i)\bpprof\b|\b(?:cpu|heap|mem)profile\b|\bpy-spy\b|\basync-profiler\b|\bpyroscope\b")
# A column that names its unit.
_COLUMN = re.compile(r"(?i)\b(?:ms|ns/op|rps|qps|msgs?/s|rows/s|req/s|events/s|MB/s)\b")
_NOT = re.compile(r"(?i)(?:^|[/_.-])(?:change_?log|release[-_ ]?notes?|license|notice|node_modules|sdks?)(?:[./-]|$)")


class Page(NamedTuple):
    """One page: `kind` is perf_doc or profiling; `line` that of its first number or instruction."""

    path: str
    line: int
    kind: str
    detail: str


def pages(target: Target) -> Iterator[Page]:
    """Performance pages of the service's documentation."""
    for file in target.files:
        relevant = file.kind == "markdown" and file.role in ("docs", "product", "tooling", "test")
        if relevant and file.size <= doc_markdown.LARGEST and not _NOT.search(file.path) and _worth(file.text()):
            yield from _page(file)


def _worth(text: str) -> bool:
    """A cheap look before the page is parsed."""
    if _PROFILING.search(text):
        return True
    if _REPORTS.search(text) is None and _HEADING.search(text) is None:
        return False
    return _UNIT.search(text) is not None or _COLUMN.search(text) is not None


def _page(file: SourceFile) -> Iterator[Page]:
    measured: list[doc_markdown.Passage] = []
    profiling: list[doc_markdown.Passage] = []
    for passage in doc_markdown.passages(file):
        above = " / ".join(passage.headings)
        table = " | ".join(passage.header)
        reported = _REPORTS.search(passage.text) or _HEADING.search(above) or _REPORTS.search(table)
        if reported and _units(passage) and not _AIM.search(f"{passage.text} {above} {table}"):
            measured.append(passage)
        elif _PROFILING.search(passage.text):
            profiling.append(passage)
    if measured:
        dates = [m[1] for m in _DATE.finditer(file.text())]
        numbers = list(dict.fromkeys(" ".join(m[0].split()) for p in measured for m in _UNIT.finditer(p.text)))
        when = f"; dated {dates[-1]}" if dates else "; no date"
        yield Page(
            file.path,
            measured[0].line,
            "perf_doc",
            f"measured: {', '.join(numbers[:4]) or measured[0].text[:80]}{when}",
        )
    if profiling:
        yield Page(file.path, profiling[0].line, "profiling", profiling[0].text[:160])


def _units(passage: doc_markdown.Passage) -> bool:
    """True when a number stands with its unit, or in a row whose column names the unit."""
    if _UNIT.search(passage.text):
        return True
    return any(
        _COLUMN.search(name) and re.search(r"\d", cell)
        for name, cell in zip(passage.header, passage.cells, strict=False)
    )
