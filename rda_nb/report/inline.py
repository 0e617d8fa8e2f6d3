"""Text from an audited tree made safe for Markdown: it shows as written, opens no HTML and breaks no table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_SPACE = re.compile(r"\s+")
_FENCES = re.compile(r"`+")
_SPECIAL = re.compile(r"([\\*\[\]~])")
# An underscore inside a word is a plain character on GitHub; at a word's edge it would open emphasis.
_EDGE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_CODE = re.compile(r"`([^`]+)`")
_ENTITY = re.compile(r"[^\w ]|_")
# What would open a heading, a list or a rule at the start of a line or list item.
_OPENING = re.compile(r"^(\d*)([#+=.)-])(?=[\s#+=-]|$)")


def one_line(text: str) -> str:
    """Whitespace collapsed to single spaces."""
    return _SPACE.sub(" ", text).strip()


def shorten(text: str, most: int) -> str:
    """At most so many characters, cut at the end with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def code(text: str, *, in_table: bool = False) -> str:
    """A code span that shows the text exactly; empty text gives nothing."""
    text = one_line(text)
    if not text:
        return ""
    if in_table and "\\|" in text:
        # Renderers disagree on a backslash before an escaped pipe, so this rare excerpt is written as entities.
        return f"<code>{_ENTITY.sub(lambda m: f'&#{ord(m[0])};', text)}</code>"
    longest = max((len(run) for run in _FENCES.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    span = f"{fence}{pad}{text}{pad}{fence}"
    # GitHub splits a table row at `|` even inside code, unless it is escaped there.
    return span.replace("|", "\\|") if in_table else span


def prose(text: str, *, in_table: bool = False) -> str:
    """A sentence: code spans of the kit's own wording stay code, everything else shows as written."""
    text = one_line(text)
    if text.count("`") % 2 or "``" in text:
        text = text.replace("`", "'")
    parts = []
    end = 0
    for span in _CODE.finditer(text):
        parts += [_plain(text[end : span.start()], in_table), code(span.group(1), in_table=in_table)]
        end = span.end()
    return _OPENING.sub(r"\1\\\2", "".join([*parts, _plain(text[end:], in_table)]), count=1)


def _plain(text: str, in_table: bool) -> str:
    """Text outside code: Markdown's and HTML's special characters escaped."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
    text = _SPECIAL.sub(r"\\\1", text)
    text = _EDGE_UNDERSCORE.sub(r"\\_", text)
    return text.replace("|", "\\|") if in_table else text


def place(evidence: Mapping[str, Any], *, in_table: bool = False) -> str:
    """`path:line` as code."""
    return code(f"{evidence['path']}:{evidence['line']}", in_table=in_table)


def places(items: Sequence[Mapping[str, Any]], most: int, *, in_table: bool = False) -> str:
    """Several places, the rest counted."""
    shown = ", ".join(place(e, in_table=in_table) for e in items[:most])
    rest = len(items) - most
    return f"{shown} and {rest} more place{'s' if rest > 1 else ''}" if rest > 0 else shown


def cited(items: Sequence[Mapping[str, Any]], most: int, excerpt: int, *, in_table: bool = False) -> str:
    """The site with a short excerpt, then further places."""
    if not items:
        return ""
    text = shorten(one_line(items[0]["excerpt"]), excerpt)
    first = f"{place(items[0], in_table=in_table)} {code(text, in_table=in_table)}"
    rest = places(items[1:], most - 1, in_table=in_table) if most > 1 else ""
    return f"{first.strip()}; {rest}" if rest else first.strip()
