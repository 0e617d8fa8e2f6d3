"""Performance goals that Markdown pages state: sentences and table rows with a quantity, its unit, and words of intent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from rda_nb.core import Evidence
from rda_nb.facts import doc_markdown
from rda_nb.facts.doc_files import tables
from rda_nb.facts.doc_markdown import Passage
from rda_nb.source import SourceFile, Target

_NUMBER = r"(?<![\w.,/\-#:$€])(\d{1,3}(?:,\d{3})+|\d{1,9}(?:\.\d{1,4})?)\s?([kKM](?=\s|/|rps|qps|req|msg|ev))?"
_TIMES = {"µs": 1e-6, "us": 1e-6, "ms": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0,
          "second": 1.0, "seconds": 1.0, "minute": 60.0, "minutes": 60.0, "min": 60.0}  # fmt: skip
_TIME = re.compile(rf"{_NUMBER}\s?-?(milliseconds?|seconds?|minutes?|secs?|min|ms|µs|us|s)\b(?!/)(?!\s+per\b)")
_PERCENT = re.compile(r"(?<![\w.,\-])(\d{1,3}(?:\.\d{1,5})?)\s?%")
_RATE = re.compile(
    rf"{_NUMBER}\s?(?:(rps|qps|tps)\b|((?:[a-z]+\s){{0,2}}?(?:req(?:uest)?|msg|message|event|row|record|insert|quer(?:y|ie)|"
    r"transaction|span|op(?:eration)?|write|read|point|sample|deliver(?:y|ie)|item|flow)s?)\s?(?:/|\bper\b)\s?(?:second|sec|s)\b)",
    re.IGNORECASE,
)
_BYTES = re.compile(rf"{_NUMBER}\s?([KMG])i?B\s?(?:/|per)\s?s(?:ec(?:ond)?)?\b")
_PERCENTILE = re.compile(
    r"\b[pP]\s?\(?(\d{2}(?:\.\d{1,3})?|\d{3})\)?(?!\w)|\b(\d{2}(?:\.\d{1,3})?)(?:th|st|rd|nd)?[- ]percentile"
)
_AIMED = re.compile(r"^\s?(?:[\w\-]+\s){0,2}(?:objective|SLOs?|SLAs?|goal|target|budget)\b", re.IGNORECASE)
_QUICK = re.compile(
    r"(?i)\b(?:SLOs?|SLAs?|p\d{2,3}|percentile|latency|throughput|availab|uptime|freshness|objective|per second|rps|qps)|\w/s\b"
)
_QUICK_UNIT = re.compile(
    r"\d\s?-?(?:ms|s\b|sec|min|%|rps|qps|tps|µs|(?:\s?\w{1,20})?(?:\s\w{1,20}){0,2}\s?(?:/s|per second)|[KMG]i?B/s)"
)
# A line beyond this is data and no sentence.
_LONGEST = 4_000
_ROUTE = re.compile(
    r"\b(GET|POST|PUT|PATCH|DELETE|HEAD)\s+`?(/[\w{}:.\-/*]*)|`(/[\w{}:.\-/*]+)`|(?<!\w)(/v\d[\w{}:.\-/*]*)"
)
_CODE = re.compile(r"`([^`\n]{2,60})`")
_WORD = re.compile(r"[A-Za-z][A-Za-z\-]{2,}")
_STOP = frozenset(
    "the and for with that this from into within below under over above than less more most least must shall should will can may"
    " are was were has have had not per any all each its our their which when after before until per cent percent second seconds"
    " millisecond milliseconds minute minutes latency availability throughput target objective objectives goal goals slo slos sla"
    " percentile requests request measured by without time times response rate service read readable sent at of in on to is be"
    .split()
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """A stated goal. `unit` is s, %, 1/s or bytes/s; `written` the quantity as the source has it; `bound` is max or min.

    `what` is latency, availability or throughput; `percentile` belongs to a latency; `subject` names routes, code words and
    topics of the passage, for matching with a flow; `source` is document, decision, alert, slo_file or load_test.
    """

    path: str
    line: int
    text: str
    what: str
    value: float
    unit: str
    written: str
    bound: str
    percentile: float | None
    subject: tuple[str, ...]
    source: str
    evidence: Evidence


class Quantity(NamedTuple):
    """A quantity that is a goal: what it bounds, value, unit, text, percentile."""

    what: str
    value: float
    unit: str
    written: str
    percentile: float | None = None


@cache
def _words(name: str) -> re.Pattern[str]:
    return re.compile(tables()["goals"][name], 0 if name == "template" else re.IGNORECASE)


def of_page(target: Target, file: SourceFile, source: str) -> Iterator[Goal]:
    """The goals of one page; `source` is document or decision."""
    if file.size > doc_markdown.LARGEST or _words("not_path").search(file.path) or not _worth(file):
        return
    for passage in doc_markdown.passages(file):
        if len(passage.text) > 600 or not _QUICK_UNIT.search(passage.text):
            continue
        for quantity in _quantities(passage):
            evidence = target.cite(file.path, passage.line, passage.end_line)
            bound = "max" if quantity.what == "latency" else "min"
            yield Goal(
                file.path,
                passage.line,
                passage.text,
                *quantity[:4],
                bound,
                quantity[4],
                subject(passage.text),
                source,
                evidence,
            )


def _worth(file: SourceFile) -> bool:
    """A cheap look before the page is parsed: a quantity with the word of a goal near it, in a heading or a table's head."""
    if not _QUICK.search(file.text()):
        return False
    lines = file.lines
    headings, table = ["", ""], ""
    for n, line in enumerate(lines):
        if line.startswith("#"):
            headings = [headings[1], line]
        if "|" not in line:
            table = ""
        elif not table:
            table = line
        if len(line) <= _LONGEST and _QUICK_UNIT.search(line):
            near = "\n".join(lines[max(0, n - 4) : n + 5])
            if _QUICK.search(near) or _QUICK.search(f"{headings[0]} {headings[1]} {table}"):
                return True
    return False


def _quantities(passage: Passage) -> list[Quantity]:
    """The goals in one passage; none when it reports, warns, teaches or is a template."""
    text = passage.text
    above = " / ".join(passage.headings[-2:])
    bare = _bare(passage)
    header = " | ".join(name for name in passage.header if "measured" not in name.lower())
    around = f"{above} | {header}"
    if _words("template").search(text) or _words("not_anywhere").search(bare) or _words("not_heading").search(around):
        return []
    stated_above = _words("normative").search(around) is not None
    if _words("not_sentence").search(bare) and not (passage.cells and stated_above):
        return []
    stated = stated_above or _words("normative").search(text) is not None
    found = _latencies(text, f"{text} | {around}", stated, bool(passage.cells))
    if not found:
        found = _availability(text, stated)
    return found + _rates(text, f"{text} | {above}")


def _bare(passage: Passage) -> str:
    """The passage without a column that only says how the goal is measured, and without code."""
    cells = [c for n, c in enumerate(passage.cells) if "measur" not in (passage.header[n : n + 1] or ("",))[0].lower()]
    return _CODE.sub(" ", " | ".join(cells) if passage.cells else passage.text)


def _latencies(text: str, context: str, stated: bool, row: bool) -> list[Quantity]:
    if not _words("latency").search(context):
        return []
    found = []
    percentiles = [(m.start(), float(m[1] or m[2])) for m in _PERCENTILE.finditer(text)]
    percentiles = [(at, p if p <= 100 else p / 10) for at, p in percentiles]
    shares = [(m.start(), float(m[1])) for m in _PERCENT.finditer(text)]
    for match in _TIME.finditer(text):
        before = text[: match.start()]
        below = _words("below").search(before[-40:]) is not None
        named = [p for at, p in percentiles if at < match.start()] or (
            [percentiles[0][1]] if len(percentiles) == 1 else []
        )
        shared = [p for at, p in shares if at < match.start() and p >= 50]
        percentile = named[-1] if named else shared[-1] if shared and below else None
        aimed = _AIMED.match(text[match.end() :]) is not None
        if not (aimed or (below and (stated or named)) or (row and stated and (named or below))):
            continue
        value = _number(match) * _TIMES[match[3]]
        if value > 0:
            found.append(Quantity("latency", value, "s", match[0].strip(), percentile))
    return found


def _availability(text: str, stated: bool) -> list[Quantity]:
    if not stated or not _words("availability").search(text):
        return []
    shares = [m for m in _PERCENT.finditer(text) if 90 <= float(m[1]) < 100]
    return [Quantity("availability", float(m[1]), "%", m[0].strip()) for m in shares[:1]]


def _rates(text: str, context: str) -> list[Quantity]:
    if not _words("throughput").search(context) or not _words("throughput_aim").search(context):
        return []
    found = [Quantity("throughput", _number(m), "1/s", " ".join(m[0].split())) for m in _RATE.finditer(text)]
    scale = {"K": 1e3, "M": 1e6, "G": 1e9}
    found += [Quantity("throughput", _number(m) * scale[m[3]], "bytes/s", m[0].strip()) for m in _BYTES.finditer(text)]
    return found


def _number(match: re.Match[str]) -> float:
    scale = {"k": 1e3, "K": 1e3, "M": 1e6}.get(match[2] or "", 1.0)
    return float(match[1].replace(",", "")) * scale


def subject(text: str) -> tuple[str, ...]:
    """Routes first, then code words, then topics: what a goal speaks of, for matching with a flow."""
    routes = [f"{m[1]} {m[2]}" if m[1] else m[3] or m[4] for m in _ROUTE.finditer(text)]
    codes = [m[1] for m in _CODE.finditer(text) if not any(route in m[1] for route in routes)]
    plain = _ROUTE.sub(" ", _CODE.sub(" ", text))
    words = [word.lower() for word in _WORD.findall(plain) if word.lower() not in _STOP]
    return tuple(dict.fromkeys([*routes, *codes, *words[:8]]))
