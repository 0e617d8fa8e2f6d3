"""Source text without its comments, as far as a few lines can be read without their file."""

from __future__ import annotations

import re
from functools import cache

from rda_nb.source.classify import classifier

_STRINGS = r"""\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`"""


def without_comments(text: str, path: str) -> str:
    """The text without comments of its language; all of it where nothing else would be left, or no form is known."""
    mark = classifier().comment_mark(path.rpartition("/")[2])
    if not mark or (mark not in text and "/*" not in text):
        return text
    left = _form(mark).sub(lambda found: found["string"] or "", text)
    return left if left.strip() else text


@cache
def _form(mark: str) -> re.Pattern[str]:
    """Strings, which are kept, and comments; a `#` within a word is none."""
    line = r"(?<!\S)#[^\n]*" if mark == "#" else re.escape(mark) + r"[^\n]*"
    block = r"" if mark == "#" else r"|/\*.*?(?:\*/|\Z)"
    return re.compile(f"(?P<string>{_STRINGS})|{line}{block}", re.DOTALL)
