"""Places cited in a Markdown report, in whatever style its writer has, and what of it each citation quotes."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rda_nb.source.classify import classifier

_LONGEST = 20_000  # a longer line is neither prose nor a row of a table
_RANGE = r"(?P<{0}>\d{{1,7}})(?:[-\u2013:]\d{{1,7}})?"
_HASH = r"#L(?P<{0}>\d{{1,7}})(?:C\d+)?(?:-L?\d{{1,7}}(?:C\d+)?)?"
# `a.go` line 12; `a.go` (lines 12-20); `a.go`, L12
_WORDS = r"[,:]?\s*\(?(?:lines?|L\.?)\s*(?P<{0}>\d{{1,7}})"
_NAME = r"(?:[\w@+~=.-]+/)*[\w@+~=-][\w@+~=.-]*"
_CITATION = re.compile(
    "|".join(
        (
            r"\[(?P<text>(?:[^\]\\]|\\.)*)\]\((?P<link>[^)\s]+)\)",
            r"(?P<fence>`+)\s?(?P<code>[^`]+?)\s?(?P=fence)(?:" + _WORDS.format("worded") + ")?",
            rf"(?<![\w/.:@#-])(?P<bare>{_NAME})(?:{_HASH.format('hashed')}|:{_RANGE.format('colon')})(?![\w.])",
            rf"(?<![\w/.:@#-])(?P<plain>{_NAME}\.\w+){_WORDS.format('said')}",
        )
    )
)
_IN_CODE = re.compile(rf"(?P<path>[^\s:#`]*)(?:{_HASH.format('hashed')}|:{_RANGE.format('colon')})")
_IN_LINK = re.compile(rf"(?P<path>[^:#]+)(?:{_HASH.format('hashed')}|:{_RANGE.format('colon')})")
_BLOB = re.compile(r"https?://[^/]+/.+?/(?:-/)?(?:blob|tree|src)/[^/]+/")
# The kit's own form: one space, then the text of the place as code.
_QUOTED = re.compile(r" (?:(?P<fence>`+)(?P<code>.+?)(?P=fence)(?!`)|<code>(?P<entities>[^<]*)</code>)")


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation at `at`, a line of the report. `bare` ones name no file: they belong to the one named before them."""

    path: str
    line: int
    at: int
    quoted: str = ""
    bare: bool = False


def citations(markdown: str) -> Iterator[Cited]:
    """Every citation of a report in its order; the machine block and fenced code hold none."""
    fenced = False
    last = ""
    for at, line in enumerate(markdown.splitlines(), 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif line.startswith("#"):
            last = ""
        elif not fenced and len(line) <= _LONGEST and not line.startswith("<!--"):
            for cited in cited_in(line, at, last):
                last = cited.path
                yield cited


def cited_in(line: str, at: int = 0, last: str = "") -> Iterator[Cited]:
    """The citations of one line; `last` is the file that a bare `:12` at its beginning belongs to."""
    for found in _CITATION.finditer(line):
        place = _place(found)
        if place is None:
            continue
        path, number = place
        path = path.removeprefix("./")
        bare = not path
        path = path or last
        if not path or (not bare and not _is_path(path)):
            continue
        last = path
        quoted = _QUOTED.match(line, found.end()) if found["code"] else None
        text = _unescaped(quoted) if quoted else ""
        yield Cited(path, number, at, "" if _IN_CODE.fullmatch(text) else text, bare)


def _place(found: re.Match[str]) -> tuple[str, int] | None:
    """Path and line of a match; None when it is a link or code of another kind."""
    if found["link"] is not None:
        inner = _IN_LINK.fullmatch(_BLOB.sub("", found["link"], count=1))
        if inner and "://" not in inner["path"]:
            return inner["path"], _number(inner)
        shown = next(cited_in(found["text"]), None)
        return (shown.path, shown.line) if shown else None
    if found["code"] is not None:
        if found["worded"]:
            return found["code"], int(found["worded"])
        inner = _IN_CODE.fullmatch(found["code"].replace("\\|", "|"))
        return (inner["path"], _number(inner)) if inner else None
    if found["bare"]:
        return found["bare"], _number(found)
    return found["plain"], int(found["said"])


def _number(found: re.Match[str]) -> int:
    return int(found["hashed"] or found["colon"])


def _is_path(path: str) -> bool:
    """True for what names a file: a known kind of file, or something in a directory; not a host with its port."""
    name = path.rpartition("/")[2]
    known = classifier().kind(name, b"") != "text" or name.endswith((".txt", ".md"))
    return known or ("/" in path and not path.startswith("/") and "//" not in path and any(map(str.isalpha, name)))


def _unescaped(quoted: re.Match[str]) -> str:
    """The text that a code span shows."""
    if quoted["entities"] is not None:
        return html.unescape(quoted["entities"])
    text = quoted["code"]
    inner = text[1:-1] if text.startswith(" `") or text.endswith("` ") else text
    return inner.replace("\\|", "|")


def meant(path: str, paths: Collection[str]) -> str:
    """The file that a report means: as written, below a longer path, or by a name that only one file has; else ''."""
    if path in paths:
        return path
    parts = path.split("/")
    for n in range(1, len(parts) - 1):
        if "/".join(parts[n:]) in paths:
            return "/".join(parts[n:])
    named = [known for known in paths if known.endswith(f"/{path}")]
    return named[0] if len(named) == 1 else ""
