"""How one value of audit.json looks on the page: numbers in words, nulls as what is known of them, text escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from rda_nb.report import display

Audit = Mapping[str, Any]


class Spot(NamedTuple):
    """The element id of a card, and whether the card has still to be made."""

    id: str
    fresh: bool


class Cards:
    """Ids of the cards of one part: lines that several rows cite share one card."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._made: dict[Any, str] = {}

    def new(self) -> Spot:
        """A card that nothing else opens."""
        return self._spot(object())

    def of(self, evidence: Mapping[str, Any]) -> Spot:
        """The card of a citation."""
        return self._spot((evidence["path"], evidence["line"], evidence["end_line"], evidence.get("role")))

    def of_text(self, text: str) -> Spot:
        """The card of a source outside the target."""
        return self._spot(text)

    def _spot(self, key: Any) -> Spot:
        fresh = key not in self._made
        return Spot(self._made.setdefault(key, f"{self._part}-e{len(self._made) + 1}"), fresh)


class Shown(NamedTuple):
    """One cell: its text, the key it sorts by, the small lines below it, a list's items, and whether it is a figure."""

    text: str
    sort: str | float | None
    below: list[str]
    items: list[str]
    figure: bool = False


def show(row: Audit, column: Mapping[str, Any]) -> Shown:
    """One cell of a table: the number in words; for a null what the audit says instead of it, never a bare null."""
    field, kind = column["field"], column.get("as", "text")
    value = row.get(field)
    said = [text for name in column.get("below", ()) for text in _lines(row.get(name))]
    # A claim often quotes its formula: the shorter text is then said already.
    below = [text for text in said if not any(text != other and text in other for other in said)]
    if kind in ("list", "steps"):
        return Shown("", ", ".join(map(str, value or ())), below, [str(item) for item in value or ()])
    text = _text_of(row, column, kind, value)
    if kind not in ("seconds", "number", "value", "factors"):
        return Shown(text, None, [line for line in below if line != text], [])
    known = isinstance(value, (int, float))
    sort = value if known else 1e308 if text.startswith(("unbounded", "none", "unlimited")) else ""
    return Shown(text, sort, [line for line in below if line != text], [], known or text == "unbounded")


def _text_of(row: Audit, column: Mapping[str, Any], kind: str, value: Any) -> str:
    if value is None or value == "":
        if kind == "factors":
            return "unbounded" if row["bounded"] is False else "unknown"
        said = (row.get("display") or {}).get(column.get("else"))
        return said or ("unknown" if kind in ("seconds", "number", "value") else "–")
    if kind == "bool":
        return "yes" if value else "no"
    if kind in ("seconds", "factors"):
        return display.seconds(value)
    if kind in ("number", "value"):
        return display.amount(value, row.get("unit") or "") if kind == "value" else display.number(value)
    return words(value)


def _lines(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return ["on " + ", ".join(map(str, value))] if value else []
    return [words(value)] if value else []


def words(value: Any) -> str:
    """Vocabulary words with spaces; other text as it stands."""
    text = str(value)
    return text.replace("_", " ") if text.isascii() and text.replace("_", "").isalpha() and text.islower() else text


def breakable(text: str) -> Markup:
    """Lets long paths wrap after a slash."""
    safe = str(escape(text))
    return Markup("".join(char + "<wbr>" if char == "/" else char for char in safe))


def inline(text: Any) -> Markup:
    """A sentence whose `code` spans, the kit's own wording, are set as code; everything in it is escaped."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    marked = (f"<code>{escape(part)}</code>" if index % 2 else str(escape(part)) for index, part in enumerate(parts))
    return Markup("".join(marked))


def script_json(value: Any) -> Markup:
    """JSON that cannot end the script element around it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)
