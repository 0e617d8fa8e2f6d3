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
    r"(?i)(?<![\w.,])\d[\d,.]{0,20}\s?[kM]?\s?(?:(?:ms|µs|ns|us)\b|ns/op|allocs?/op|rps\b|qps\b|[KMG]i?B/s"
    r"|(?:req(?:uest)?|msg|message|event|row|record|insert|quer(?:y|ie)|op|flow|span|block"
    r"|packet|metric|sample|document|object|job|transaction)s?\s?(?:/\s?s(?:ec)?\b|per second))"
)
_REPORTS = re.compile(
    r"(?i)\b(?:benchmark(?:s|ing)?|(?:load|stress)[ -]?test(?:s|ed|ing)?|throughput|performance (?:test|result|number)s?"
    r"|measured|p9\d)\b|\b(?:serves?|handles?|ingests?|process(?:es)?|sustains?) (?:up to|more than|over|about) \d"
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
# How long one piece of work takes, in words: a result that is stated without a throughput. Work of operations is none.
_TAKES = re.compile(
    r"(?i)\b(?:takes?|took|time to (?:process|handle|answer|respond|complete)|processing|process(?:es)?|complet(?:es?|ed)"
    r"|responds?|answers?|latenc(?:y|ies)|p\d{2}|percentile|wall[- ]?clock|elapsed)\b"
)
_LASTS = re.compile(r"(?i)(?<![\w.,])\d[\d.,]{0,20}\s?(?:s|secs?|seconds?|min(?:ute)?s?)\b(?![-/])")
_OPERATIONS = re.compile(
    r"(?i)\b(?:start(?:s|ed|ing|up)?|boots?|install\w*|builds?|building|download\w*|deploy\w*|wait(?:s|ing)?|restart\w*"
    r"|compil\w+|provision\w*|roll\w*|heartbeat\w*|expir\w+|retention|ttl|refresh\w*|every|schedul\w+|polls?|polling"
    r"|retr(?:y|ies)|back-?off|limit\w*|sleeps?|until|allowed?|if|at least|at most|maximum|minimum|up to date|grace|cache[sd]?"
    r"|window|period|migrat\w+|upgrad\w+|propagat\w+|effect|CI|tests?|read this|tutorial|guide|lease|cron"
    r"|initiali[sz]\w*|confirm\w*|set-?up|infrastructure)\b"
)
_CODE = re.compile(r"`[^`]*`")
_RESULTS = re.compile(r"(?i)\b(?:results?|outcome|measured|measurements?|timings?)\b")
_NOT = re.compile(r"(?i)(?:^|[/_.-])(?:change_?log|release[-_ ]?notes?|license|notice|node_modules|sdks?)(?:[./-]|$)")
_SHOWN = 4


class Page(NamedTuple):
    """One page: `kind` is perf_doc or profiling; `line` that of its first number or instruction, `more` the lines of
    its heading and of further numbers, `figure` the first number with its unit."""

    path: str
    line: int
    kind: str
    detail: str
    more: tuple[int, ...] = ()
    figure: str = ""


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
    if _TAKES.search(text) and _LASTS.search(text):
        return True
    if _REPORTS.search(text) is None and _HEADING.search(text) is None:
        return False
    return _UNIT.search(text) is not None or _COLUMN.search(text) is not None


def _page(file: SourceFile) -> Iterator[Page]:
    measured: list[doc_markdown.Passage] = []
    lasting: list[doc_markdown.Passage] = []
    profiling: list[doc_markdown.Passage] = []
    results = _RESULTS.search(file.path.replace("_", " ").replace("-", " ")) is not None
    for passage in doc_markdown.passages(file):
        above = " / ".join(passage.headings)
        table = " | ".join(passage.header)
        reported = _REPORTS.search(passage.text) or _HEADING.search(above) or _REPORTS.search(table)
        if reported and _units(passage) and not _AIM.search(f"{passage.text} {above} {table}"):
            measured.append(passage)
        elif _takes(passage, results):
            lasting.append(passage)
        elif _PROFILING.search(passage.text):
            profiling.append(passage)
    if measured:
        numbers = list(dict.fromkeys(" ".join(m[0].split()) for p in measured for m in _UNIT.finditer(p.text)))
        detail = f"measured: {', '.join(numbers[:4]) or measured[0].text[:80]}{_when(file)}"
        yield Page(file.path, measured[0].line, "perf_doc", detail, _further(file, measured), *numbers[:1])
    elif lasting:
        numbers = list(dict.fromkeys(" ".join(m[0].split()) for p in lasting for m in _LASTS.finditer(p.text)))
        detail = f"states how long work takes: {', '.join(numbers[:4])}; no load is stated{_when(file)}"
        yield Page(file.path, lasting[0].line, "perf_doc", detail, _further(file, lasting), *numbers[:1])
    if profiling:
        yield Page(file.path, profiling[0].line, "profiling", profiling[0].text[:160])


def _takes(passage: doc_markdown.Passage, results: bool) -> bool:
    """True when a sentence says how long the service's own work takes, or a row of a page of results does."""
    text = _CODE.sub("", passage.text)
    if passage.cells:
        above = " / ".join(passage.headings)
        if not (results or _RESULTS.search(above)) or len(passage.cells) < 2:
            return False
        text = _CODE.sub("", " ".join(passage.cells[:2]))
    said = _TAKES.search(text)
    if said is None or _LASTS.search(text, said.start(), said.start() + 160) is None:
        return False
    # What operations take is told by the row's name, or by the sentence and the headings above it.
    around = passage.cells[0] if passage.cells else " / ".join((text, *passage.headings))
    return _AIM.search(text) is None and _OPERATIONS.search(around) is None


def _when(file: SourceFile) -> str:
    dates = [m[1] for m in _DATE.finditer(file.text())]
    return f"; dated {dates[-1]}" if dates else "; no date"


def _further(file: SourceFile, found: list[doc_markdown.Passage]) -> tuple[int, ...]:
    """The line of the heading over the first number, and those of further numbers."""
    above = range(found[0].line - 1, max(0, found[0].line - 60), -1)
    heading = next((number for number in above if re.match(r"#{1,6} ", file.lines[number - 1])), None)
    lines = dict.fromkeys(passage.line for passage in found[1:])
    return (*((heading,) if heading else ()), *list(lines)[:_SHOWN])


def _units(passage: doc_markdown.Passage) -> bool:
    """True when a number stands with its unit, or in a row whose column names the unit."""
    if _UNIT.search(passage.text):
        return True
    return any(
        _COLUMN.search(name) and re.search(r"\d", cell)
        for name, cell in zip(passage.header, passage.cells, strict=False)
    )
