"""Text from an audited tree made safe for Markdown: it shows as written, opens no HTML and breaks no table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SPACE = re.compile(r"\s+")
_FENCES = re.compile(r"`+")
_SPECIAL = re.compile(r"([\\*\[\]~])")
# An underscore inside a word is a plain character on GitHub; at a word's edge it would open emphasis.
_EDGE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_CODE = re.compile(r"`([^`]+)`")


def one_line(text: str) -> str:
    """Whitespace collapsed to single spaces."""
    return _SPACE.sub(" ", text).strip()


def shorten(text: str, most: int) -> str:
    """At most so many characters, cut at the end with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def code(text: str) -> str:
    """A code span that shows the text exactly, in a table cell too; empty text gives nothing."""
    text = one_line(text)
    if not text:
        return ""
    longest = max((len(run) for run in _FENCES.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    # GitHub splits a table row at `|` even inside code, unless it is escaped there.
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def prose(text: str) -> str:
    """A sentence: code spans of the kit's own wording stay code, everything else shows as written."""
    text = one_line(text)
    if text.count("`") % 2 or "``" in text:
        text = text.replace("`", "'")
    parts = []
    end = 0
    for span in _CODE.finditer(text):
        parts += [_plain(text[end : span.start()]), code(span.group(1))]
        end = span.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    """Text outside code: Markdown's and HTML's special characters escaped."""
    text = _SPECIAL.sub(r"\\\1", text)
    text = _EDGE_UNDERSCORE.sub(r"\\_", text)
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "\\|").replace("$", "&#36;")
    )


def place(evidence: Mapping[str, Any]) -> str:
    """`path:line` as code."""
    return code(f"{evidence['path']}:{evidence['line']}")
