"""The small algebra behind every formula: terms with a text, a value and what is missing.

All values are non-negative. `inf` means that there is no bound, None that a factor is missing. A finite value beside
missing symbols is an upper bound that holds whatever the missing symbol turns out to be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from rda_nb.capacity.wording import UNBOUNDED, format_amount, format_result
from rda_nb.core import Factor, Formula, Quantity, State

End = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Term:
    """One operand: `compound` texts are bracketed inside products; `notes` follow the worked formula."""

    text: str
    value: float | None
    factors: tuple[Factor, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    compound: bool = False


def number(value: float, unit: str = "", text: str = "") -> Term:
    """A plain number that needs no origin."""
    return Term(text or format_amount(value, unit), value)


def operand(
    symbol: str,
    quantity: Quantity,
    *,
    unit: str,
    noun: str,
    shown_unit: str | None = None,
    least_allowed: float = 0.0,
    whole: bool = False,
    worst: End = "high",
    absent_text: str = UNBOUNDED,
) -> Term:
    """A quantity as a term: its number, the worse end of its range, its symbol when unknown, no bound when absent.

    `noun` says in the notes what is not there ("timeout per attempt"). A number below `least_allowed` (no attempts, a
    negative duration), or a fraction where only a `whole` number makes sense, counts as unknown, with the reason.
    """
    _demand_unit(symbol, quantity, unit)
    if quantity.state is State.ABSENT:
        # A reason that says itself what there is none of needs no introduction.
        stated = quantity.reason.startswith(f"no {noun.partition(' ')[0]} ")
        note = quantity.reason if stated else f"no {noun}: {quantity.reason}" if quantity.reason else f"no {noun}"
        return Term(absent_text, math.inf, (_factor(symbol, quantity, unit, None),), (note,))
    value = _chosen(quantity, worst)
    if value is None:
        return _missing(symbol, quantity, unit, quantity.reason or "not known inside the target")
    if not math.isfinite(value) or value < least_allowed or (whole and value != int(value)):
        return _missing(symbol, quantity, unit, f"{format_amount(value, unit)} cannot be a {noun}")
    notes: tuple[str, ...] = ()
    if quantity.state is State.RANGE and quantity.low != quantity.high:
        end = "upper" if worst == "high" else "lower"
        notes = (f"{symbol} at the {end} end of {_span(quantity, unit)}",)
    shown = format_amount(value, unit if shown_unit is None else shown_unit)
    return Term(shown, value, (_factor(symbol, quantity, unit, value),), notes)


def worked(symbol: str, formula: Formula) -> Term:
    """The result of another formula as a term: the symbol, with the inner working as a note.

    A symbol that the inner working has used is numbered: "2 × S2, S2 = 3 × S, S = 5 s".
    """
    used = re.findall(rf"(?<!\w){re.escape(symbol)}(\d*) [=≤]", formula.text)
    if used:
        symbol = f"{symbol}{max(int(number or 1) for number in used) + 1}"
    value = formula.result if formula.bounded else math.inf
    missing = (formula.missing,) if formula.missing else ()
    return Term(symbol, value, formula.factors, (f"{symbol} = {formula.text}",), missing)


def add(*terms: Term) -> Term:
    """The sum; terms that are exactly zero and come from no place are left out of the text."""
    kept = [t for t in terms if t.value != 0 or t.factors] or [number(0.0)]
    return _joined(kept, " + ".join(t.text for t in kept), _strict(kept, math.fsum), compound=len(kept) > 1)


def times(*terms: Term) -> Term:
    """The product."""
    text = " × ".join(f"({t.text})" if t.compound else t.text for t in terms)
    return _joined(terms, text, _strict(terms, math.prod))


def divide(over: Term, under: Term) -> Term:
    """The quotient. Something divided by zero has no bound; by what has no bound, it is zero."""
    top, bottom = over.value, under.value
    value: float | None
    if top is None or bottom is None:
        value = None
    elif math.isinf(top) or bottom == 0:
        value = math.inf
    else:
        value = top / bottom
    text = " / ".join(f"({t.text})" if t.compound else t.text for t in (over, under))
    return _joined((over, under), text, value)


def least(*terms: Term) -> Term:
    """The smallest; a known term bounds the result from above even where another term is missing."""
    if len(terms) == 1:
        return terms[0]
    finite = [t.value for t in terms if t.value is not None and not math.isinf(t.value)]
    value: float | None = None
    if finite:
        value = min(finite)
    elif all(t.value is not None for t in terms):
        value = math.inf
    return _joined(terms, f"min({', '.join(t.text for t in terms)})", value)


def greatest(*terms: Term) -> Term:
    """The largest of terms that happen side by side."""
    if len(terms) == 1:
        return terms[0]
    return _joined(terms, f"max({', '.join(t.text for t in terms)})", _strict(terms, max))


def combined(terms: Iterable[Term], text: str, value: float | None, *, compound: bool = False) -> Term:
    """A term whose text and value the caller works out, with the factors, notes and gaps of its parts."""
    return _joined(list(terms), text, value, compound=compound)


def with_note(term: Term, note: str) -> Term:
    """The same term with one more note."""
    return replace(term, notes=(*term.notes, note))


def to_formula(term: Term, unit: str, *, shown_unit: str | None = None) -> Formula:
    """The worked formula: `text = result`, `text ≤ result` where a bound holds despite a missing factor."""
    shown = unit if shown_unit is None else shown_unit
    value = None if term.value is None else float(f"{term.value:.12g}")
    if value is None:
        text = term.text
    elif math.isinf(value):
        text = term.text if term.text == UNBOUNDED else f"{term.text} = {UNBOUNDED}"
    else:
        text = f"{term.text} {'≤' if term.missing else '='} {format_result(value, shown)}"
    bounded = value is None or not math.isinf(value)
    return Formula(
        text=", ".join((text, *term.notes)),
        result=value if bounded else None,
        unit=unit,
        bounded=bounded,
        missing="; ".join(term.missing) if bounded else "",
        factors=term.factors,
    )


def _joined(terms: Iterable[Term], text: str, value: float | None, *, compound: bool = False) -> Term:
    parts = list(terms)
    return Term(
        text,
        value,
        tuple(dict.fromkeys(f for t in parts for f in t.factors)),
        tuple(dict.fromkeys(n for t in parts for n in t.notes)),
        tuple(dict.fromkeys(m for t in parts for m in t.missing)),
        compound,
    )


def _strict(terms: Iterable[Term], combine: Callable[[list[float]], float]) -> float | None:
    """No bound wins over a missing factor: whatever the missing one is, the whole stays without a bound."""
    values = [t.value for t in terms]
    known = [v for v in values if v is not None]
    if any(math.isinf(v) for v in known):
        return math.inf
    return combine(known) if len(known) == len(values) else None


def _missing(symbol: str, quantity: Quantity, unit: str, reason: str) -> Term:
    return Term(
        symbol,
        None,
        (_factor(symbol, quantity, unit, None, reason),),
        (f"{symbol} unknown: {reason}",),
        (f"{symbol}: {reason}",),
    )


def _chosen(quantity: Quantity, worst: End) -> float | None:
    if quantity.state is State.KNOWN:
        return quantity.number
    if quantity.state is State.RANGE:
        return quantity.high if worst == "high" else quantity.low
    return None


def _span(quantity: Quantity, unit: str) -> str:
    low = "?" if quantity.low is None else format_amount(quantity.low, unit)
    high = "?" if quantity.high is None else format_amount(quantity.high, unit)
    return f"{low} to {high}"


def _factor(symbol: str, quantity: Quantity, unit: str, value: float | None, reason: str = "") -> Factor:
    """The factor with its governing origin, which is the last of the chain."""
    if not quantity.origins:
        return Factor(symbol, value, unit, reason or quantity.reason)
    last = quantity.origins[-1]
    return Factor(symbol, value, unit, f"{last.kind}: {last.text}", last.evidence, last.source)


def _demand_unit(symbol: str, quantity: Quantity, unit: str) -> None:
    """Refuse to add milliseconds to seconds, or retries to attempts; only a caller's mistake can bring us here."""
    if quantity.state in (State.UNKNOWN, State.ABSENT) and not quantity.unit:
        return
    expected = {"s": ("s",), "/s": ("/s", "1/s"), "bytes": ("bytes",)}.get(unit)
    wrong = quantity.unit not in expected if expected else quantity.unit in ("s", "/s", "1/s", "ms", "retries")
    if wrong:
        raise ValueError(f"{symbol}: unit {quantity.unit!r} where {unit or 'a count'} is expected")
