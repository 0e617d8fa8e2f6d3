"""Numbers in prose: what a sentence states in seconds, bytes, items, counts and rates, with how it bounds them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rda_nb.findings.decisions.words import Vocabulary

# Digits that belong to a date, a version, a name, a percentile or a share are not amounts.
_DIGITS = r"(?<![\w.#$€£§%/:,@-])(?P<digits>\d{1,3}(?:[,_]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<scale>[kKM](?![\w]))?"
_NOT_AFTER = re.compile(r"\s*(?:%|percent\b|th\b|st\b|nd\b|rd\b|[-–]\d|\.\d|/\d|:\d)", re.I)
_NOT_BEFORE = re.compile(
    r"\b(?:ADR|AD|decision|decisions|section|chapter|step|version|v|release|phase|issue|ticket|pr|rfc|http|status|code|port|"
    r"line|lines|p|go|q)[\s#-]*$",
    re.I,
)
_ANSWERED = re.compile(r"\b(?:receive|return|answer|respond|reject|fail|reply|see|get)\w*(?: with)?(?: an?)?\s*$", re.I)
_PER = re.compile(
    r"\s*(?:(?P<noun>[a-z][\w-]*)\s*)?(?:/|\bper\b|\ban?\b|\beach\b|\bevery\b)\s*(?P<unit>[a-z]+)\b", re.I
)
_RATE_UNITS = re.compile(r"\s*(?:rps|qps|tps|req(?:uests)?/s(?:ec)?)\b", re.I)
# "A second" is a time only where it is not the second of something.
_WHOLE = (
    r"(?:second|minute|hour|day|week|month|year)\b"
    r"(?:[,.;)]|$|\s(?:has|have|or|and|later|at|after|between|apart|passed|long)\b)"
)
_EVERY = re.compile(r"\b(?:every|each|once (?:every|in|per))\s*$", re.I)
_WORD = re.compile(r"\s*-?([A-Za-z][A-Za-z]*)")


@dataclass(frozen=True, slots=True)
class Amount:
    """One stated amount: every number it may stand for (1 MB is 10^6 or 2^20 bytes), its dimension, noun and bound.

    `bound` is exact, at_most, at_least or about; `text` is as written; `start` and `end` are places in the slotted text.
    `periodic` is a time that something happens every so often; `telling` is False for "one row", which is rarely a size.
    """

    values: tuple[float, ...]
    dimension: str
    noun: str
    bound: str
    text: str
    start: int
    end: int
    periodic: bool = False
    telling: bool = True


@dataclass(frozen=True, slots=True)
class Slotted:
    """A sentence whose amounts are replaced by slots such as `[0:s]`, and the amounts in order."""

    text: str
    amounts: tuple[Amount, ...]


def slotted(sentence: str, words: Vocabulary) -> Slotted:
    """The sentence with its amounts as slots."""
    number = _number_pattern(tuple(sorted([*words.numbers, *words.multiples], key=len, reverse=True)))
    amounts: list[Amount] = []
    out, last = "", 0
    for found in number.finditer(sentence):
        if found.start() < last:
            continue
        read = _read(sentence, found, words)
        if read is None:
            continue
        values, dimension, noun, end = read
        out += sentence[last : found.start()]
        bound = _bound(sentence[: found.start()], sentence[end:], words)
        start = len(out)
        out += f"[{len(amounts)}:{dimension}]"
        written = sentence[found.start() : end].strip()
        periodic = dimension == "s" and bool(found["every"] or _EVERY.search(sentence[: found.start()]))
        telling = bool(found["digits"]) or dimension != "items" or values[0] > 1
        amounts.append(Amount(values, dimension, noun, bound, written, start, len(out), periodic, telling))
        last = end
    return Slotted(out + sentence[last:], tuple(amounts))


@lru_cache(maxsize=4)
def _number_pattern(numbers: tuple[str, ...]) -> re.Pattern[str]:
    """Digits, number words, and `every second` or `once a minute`, which state one unit of time."""
    spelt = "|".join(re.escape(n) for n in numbers)
    return re.compile(
        rf"{_DIGITS}|\b(?P<spelt>{spelt})\b(?![-.]\w)|\b(?P<every>every|each|once an?|once per|once every)\s+(?=[a-z])"
        rf"|\b(?P<a>an?)\s+(?={_WHOLE})",
        re.I,
    )


def _read(sentence: str, found: re.Match[str], words: Vocabulary) -> tuple[tuple[float, ...], str, str, int] | None:
    """Values, dimension, noun and end of the amount at a number; None when the number is none."""
    rest = sentence[found.end() :]
    if found["every"] or found["a"]:
        unit = _unit(rest, words, ("s",))
        return (unit[0], "s", "", found.end() + unit[2]) if unit else None
    if found["digits"]:
        number = float(found["digits"].replace(",", "").replace("_", ""))
        number *= {"k": 1e3, "m": 1e6}.get((found["scale"] or "").lower(), 1)
        answered = 100 <= number <= 599 and _ANSWERED.search(sentence[: found.start()])
        if answered or _NOT_AFTER.match(rest) or _NOT_BEFORE.search(sentence[: found.start()]):
            return None
    elif found["spelt"].lower() in words.multiples:
        return (words.multiples[found["spelt"].lower()],), "count", "times", found.end()
    else:
        number = words.numbers[found["spelt"].lower()]
    unit = _unit(rest, words, ("s", "bytes"))
    if unit:
        return tuple(number * size for size in unit[0]), unit[1], "", found.end() + unit[2]
    if rate := _RATE_UNITS.match(rest):
        return (number,), "rate", "", found.end() + rate.end()
    per = _PER.match(rest)
    if (
        per
        and (time := _unit(per["unit"], words, ("s",)))
        and (per["noun"] or "/" in per[0] or "per" in per[0].lower())
    ):
        return tuple(number / size for size in time[0]), "rate", (per["noun"] or "").lower(), found.end() + per.end()
    return _counted(number, rest, found, words)


def _counted(
    number: float, rest: str, found: re.Match[str], words: Vocabulary
) -> tuple[tuple[float, ...], str, str, int] | None:
    """A count with the noun that says of what; a spelt number without a telling noun is no amount."""
    first = _WORD.match(rest)
    noun, end = (first[1].lower(), first.end()) if first else ("", 0)
    if noun and words.items.fullmatch(noun):
        return (number,), "items", noun, found.end() + end
    if noun and _counts(noun, words):
        return (number,), "count", noun, found.end()
    # An adjective may stand between: "5,000 order rows", "10 open connections".
    second = _WORD.match(rest[end:]) if first else None
    if second and noun not in words.stop:
        after = second[1].lower()
        if words.items.fullmatch(after):
            return (number,), "items", after, found.end() + end + second.end()
        if _counts(after, words):
            return (number,), "count", after, found.end()
    telling = found["digits"] or noun == "times" or number >= 100
    return ((number,), "count", "", found.end()) if telling else None


def _counts(noun: str, words: Vocabulary) -> bool:
    return any(noun in m.nouns for m in words.measures)


def _unit(text: str, words: Vocabulary, dimensions: tuple[str, ...]) -> tuple[tuple[float, ...], str, int] | None:
    """The unit that a text begins with: its size, its dimension and where it ends."""
    for dimension in dimensions:
        for form, size in words.units[dimension]:
            if found := re.match(rf"[\s-]?(?:{form.pattern})(?![\w])", text, re.I):
                return size, dimension, found.end()
    return None


def _bound(before: str, after: str, words: Vocabulary) -> str:
    """How the words around an amount bound it."""
    for name, ahead, behind in words.comparators:
        if ahead.search(before) or behind.match(after):
            return name
    return "exact"
