"""Partition arithmetic: how many partitions a PARTITION BY expression makes, from its text and the column types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rda_nb.facts.sql_cursor import Cursor, parts, unquoted, unwrapped
from rda_nb.facts.sql_split import Token, tokens_of, words

_UNIT_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_592_000,
    "quarter": 7_776_000,
    "year": 31_536_000,
}
_A_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
_TIME = {
    "toyyyymm": "month",
    "toyyyymmdd": "day",
    "toyyyymmddhhmmss": "second",
    "tomonday": "week",
    "toyearweek": "week",
    "tolastdayofweek": "week",
    "tolastdayofmonth": "month",
    "todate": "day",
    "todate32": "day",
    "date": "day",
    "toyear": "year",
    "toisoyear": "year",
    "tostartofisoyear": "year",
    "todatetime": "second",
    "todatetime64": "second",
    "todatetime32": "second",
    "tounixtimestamp": "second",
    "tounixtimestamp64milli": "second",
    "fromunixtimestamp": "second",
    "now": "second",
}
_TIME |= {f"tostartof{unit}": unit for unit in _UNIT_SECONDS} | {f"torelative{unit}num": unit for unit in _UNIT_SECONDS}
_MINUTES = {
    "tostartoffiveminutes": 5,
    "tostartoffiveminute": 5,
    "tostartoftenminutes": 10,
    "tostartoffifteenminutes": 15,
}
_CYCLE = {
    "tohour": 24,
    "tominute": 60,
    "tosecond": 60,
    "tomonth": 12,
    "toquarter": 4,
    "todayofweek": 7,
    "todayofmonth": 31,
    "todayofyear": 366,
    "toweek": 54,
    "toisoweek": 53,
}
_SAME_VALUES = words(
    """assumenotnull ifnull coalesce tostring materialize identity lower upper tonullable tolowcardinality
    touint8 touint16
    touint32 touint64 toint8 toint16 toint32 toint64 parsedatetimebesteffort
    parsedatetime64besteffort totimezone reinterpret"""
)
_FORMAT_UNITS = {
    "S": "second",
    "T": "second",
    "i": "minute",
    "R": "minute",
    "H": "hour",
    "d": "day",
    "F": "day",
    "D": "day",
}
_FORMAT_UNITS |= {"j": "day", "V": "week", "m": "month", "Q": "quarter", "Y": "year", "y": "year"}


class PartitionGrain(NamedTuple):
    """How finely a table is partitioned.

    `grain` is none, constant, a unit of time (`day`, `month`, `15 minutes`), cycle (`toHour(ts)`), hash (a modulo),
    value (one partition per distinct value) or unknown. `partitions_per_year` counts new partitions in a year for a
    unit of time, and all there will ever be for none, constant, cycle and hash; None when values decide.
    `symbolic` is the same with its factors in words.
    """

    grain: str
    partitions_per_year: int | None
    symbolic: str


class _Factor(NamedTuple):
    """One element of the key: `seconds` per partition for time, else None; `number` None when values decide."""

    grain: str
    seconds: int | None
    number: int | None
    symbolic: str
    column: str = ""


def partition_grain(expression: str, types: Mapping[str, str] | None = None) -> PartitionGrain:
    """The grain of a PARTITION BY expression; `types` maps column names to types and decides bare columns."""
    tokens = unwrapped(tokens_of(expression))
    if len(tokens) > 1 and tokens[0].upper == "TUPLE":
        tokens = unwrapped(tokens[1:])
    if not tokens:
        return PartitionGrain("none", 1, "1 in all")
    source = Cursor(expression, tokens)
    factors = [_factor(source, part, types or {}) for part in parts(tokens)]
    if not factors:
        return PartitionGrain("unknown", None, expression)
    timed = sorted((f for f in factors if f.seconds is not None), key=lambda f: f.seconds or 0)
    others = [f for f in factors if f.seconds is None]
    if len({f.column for f in timed}) == 1:
        timed = timed[:1]  # the finer unit of one column decides the coarser
    product: int | None = 1
    for factor in timed + others:
        product = None if product is None or factor.number is None else product * factor.number
    if len(timed) > 1:
        product = None  # two clocks run together in a way that the schema does not tell
    kept = timed + [f for f in others if f.grain != "constant"] or others[:1]
    lead = timed[0] if timed else max(others, key=lambda f: _WEIGHT.index(f.grain))
    return PartitionGrain(lead.grain, product, " × ".join(dict.fromkeys(f.symbolic for f in kept)))


_WEIGHT = ("constant", "cycle", "hash", "value", "unknown")


def _timed(seconds: int, label: str, a_year: int, column: str) -> _Factor:
    return _Factor(label, seconds, a_year, f"{a_year:,} a year", column)


def _unit(unit: str, times: int, column: str) -> _Factor:
    """`times` units of time per partition."""
    seconds = _UNIT_SECONDS[unit] * times
    yearly = _A_YEAR.get(unit, _UNIT_SECONDS["year"] // _UNIT_SECONDS[unit])
    return _timed(seconds, unit if times == 1 else f"{times} {unit}s", -(-yearly // times), column)


def _value(text: str) -> _Factor:
    return _Factor("value", None, None, f"values of {text}")


def _factor(source: Cursor, tokens: Sequence[Token], types: Mapping[str, str]) -> _Factor:
    """One element of the key."""
    tokens = unwrapped(tokens)
    text = source.slice(tokens)
    if not tokens or any(token.kind == "hole" for token in tokens):
        return _Factor("unknown", None, None, text or "an empty element")
    level = min(token.depth for token in tokens)
    for index, token in enumerate(tokens):
        modulo = token.text in {"%", "%%"} or token.upper == "MOD"
        if modulo and token.depth == level and 0 < index and index + 2 == len(tokens) and tokens[-1].text.isdecimal():
            return _Factor("hash", None, int(tokens[-1].text), f"{int(tokens[-1].text):,} in all")
        if token.text == "::" and token.depth == level and index and index + 1 < len(tokens):
            return _cast(_factor(source, tokens[:index], types), source.slice(tokens[index + 1 :]), tokens[0].text)
    if len(tokens) == 1 and tokens[0].kind in {"number", "string"}:
        return _Factor("constant", None, 1, "1 in all")
    if len(tokens) > 2 and tokens[0].kind == "word" and tokens[1].text == "(" and tokens[-1].text == ")":
        return _function(source, tokens, types)
    if all(token.kind in {"word", "name"} or token.text == "." for token in tokens):
        return _column(unquoted(tokens[-1].text), types)
    return _value(text)


def _column(name: str, types: Mapping[str, str]) -> _Factor:
    """A bare column: its type tells the grain, an enumeration its number of values."""
    kind = types.get(name, "").replace(" ", "")
    for _ in range(3):
        kind = re.sub(r"^(?:Nullable|LowCardinality)\((.*)\)$", r"\1", kind)
    if re.match(r"date(?:32)?$", kind, re.IGNORECASE):
        return _unit("day", 1, name)
    if re.match(r"datetime|timestamp", kind, re.IGNORECASE):
        return _unit("second", 1, name)
    members = len(re.findall(r"'(?:[^'\\]|\\.)*'", kind)) if kind.lower().startswith("enum") else 0
    if kind.lower() in {"bool", "boolean"}:
        members = 2
    return _Factor("hash", None, members, f"{members} in all") if members else _value(name)


def _cast(inner: _Factor, kind: str, column: str) -> _Factor:
    """A value cast to a date is one per day unless it was coarser; to a time, one per second."""
    flat = unquoted(kind.strip()).lower()
    if flat in {"date", "date32"}:
        return inner if (inner.seconds or 0) > _UNIT_SECONDS["day"] else _unit("day", 1, inner.column or column)
    return inner


def _function(source: Cursor, tokens: Sequence[Token], types: Mapping[str, str]) -> _Factor:
    """One function call over the whole element."""
    name = tokens[0].text.lower().replace("_", "")
    arguments = parts(tokens[2:-1])
    text = source.slice(tokens)
    inner = _factor(source, arguments[0], types) if arguments else _Factor("constant", None, 1, "1 in all")
    column = inner.column or (source.slice(arguments[0]) if arguments else "")
    if name in {"datetrunc", "tostartofinterval", "formatdatetime", "cast"} or (
        name == "intdiv" and len(arguments) == 2
    ):
        return _parametrised(source, name, arguments, inner, types) or _value(text)
    if name in _MINUTES:
        return _unit("minute", _MINUTES[name], column)
    if name in _TIME:
        coarser = inner.seconds is not None and inner.seconds > _UNIT_SECONDS[_TIME[name]]
        return inner if coarser else _unit(_TIME[name], 1, column)
    if name in _CYCLE:
        return _Factor("cycle", None, _CYCLE[name], f"{_CYCLE[name]} in all")
    last = source.slice(arguments[-1]) if arguments else ""
    if name in {"modulo", "positivemodulo", "modulolegacy", "mod"} and len(arguments) == 2 and last.isdecimal():
        return _Factor("hash", None, int(last), f"{int(last):,} in all")
    if name == "bitand" and len(arguments) == 2 and last.isdecimal() and (int(last) + 1) & int(last) == 0:
        return _Factor("hash", None, int(last) + 1, f"{int(last) + 1:,} in all")
    if name in _SAME_VALUES and arguments:
        return inner if inner.grain != "value" else _value(inner.symbolic.removeprefix("values of "))
    return _value(text)


def _parametrised(
    source: Cursor, name: str, arguments: Sequence[Sequence[Token]], inner: _Factor, types: Mapping[str, str]
) -> _Factor | None:
    """Functions whose second argument gives the unit; None when that is not literal."""
    texts = [source.slice(argument) for argument in arguments]
    if name == "cast":
        kind = re.search(r"\bAS\s+(\S+)$", texts[0], re.IGNORECASE)
        origin = _factor(source, arguments[0][:-2], types) if kind else inner
        return _cast(origin, kind.group(1) if kind else texts[-1], source.slice(arguments[0][:1]))
    if len(arguments) < 2:
        return None
    if name == "datetrunc":
        unit = unquoted(texts[0]).lower()
        return _unit(unit, 1, texts[1]) if unit in _UNIT_SECONDS else None
    if name == "tostartofinterval":
        interval = re.match(
            r"(?:interval\s+'?(\d+)\s*'?\s*([a-z]+?)s?'?|tointerval([a-z]+)\((\d+)\))$", texts[1], re.IGNORECASE
        )
        if interval is None:
            return None
        times, unit = interval.group(1) or interval.group(4), (interval.group(2) or interval.group(3)).lower()
        return _unit(unit, max(1, int(times)), texts[0]) if unit in _UNIT_SECONDS else None
    if name == "formatdatetime":
        codes = re.findall(r"%(\w)", texts[1])
        if not codes or not _FORMAT_UNITS.keys() >= set(codes):
            return None
        return _unit(min((_FORMAT_UNITS[code] for code in codes), key=_UNIT_SECONDS.__getitem__), 1, texts[0])
    divisor = int(texts[1]) if texts[1].isdecimal() else 0
    if not divisor or inner.seconds is None or inner.seconds * divisor > _UNIT_SECONDS["year"]:
        return None
    seconds = inner.seconds * divisor
    exact = next((unit for unit, length in _UNIT_SECONDS.items() if length == seconds), "")
    if exact:
        return _unit(exact, 1, inner.column)
    return _timed(seconds, f"{seconds} seconds", -(-_UNIT_SECONDS["year"] // seconds), inner.column)
