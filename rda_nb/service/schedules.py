"""Quantities from settings put together: several settings of one meaning, a default with more on it, a backoff by its law."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rda_nb.capacity.backoff import Backoff, aws_v1, aws_v2_legacy, exponential, fixed, linear, quadratic
from rda_nb.core import Origin, Quantity, State, unknown


def plus(quantity: Quantity, more: float, *more_origins: Origin) -> Quantity:
    """A quantity and some more; whatever is not known stays so."""
    numbers = (quantity.number, quantity.low, quantity.high)
    number, low, high = (one + more if one is not None else None for one in numbers)
    return replace(quantity, number=number, low=low, high=high, origins=(*quantity.origins, *more_origins))


def product(one: Quantity, other: Quantity) -> Quantity:
    """How often what is done so often is done, where all of it is repeated as often as the other says."""
    if one.upper is None or other.upper is None:
        return one if one.upper is None else other
    origins = (*one.origins, *other.origins)
    if one.number is not None and other.number is not None:
        return replace(one, number=one.number * other.number, origins=origins)
    low, high = (one.low or one.upper) * (other.low or other.upper), one.upper * other.upper
    return Quantity(State.RANGE, one.unit, None, low, high, origins=origins)


def merged(quantities: list[Quantity]) -> Quantity:
    """One quantity from several settings of the same meaning: the same number, or a range."""
    useful = [quantity for quantity in quantities if quantity.state in (State.KNOWN, State.RANGE)]
    if not useful:
        return quantities[0]
    numbers = sorted({n for q in useful for n in (q.number, q.low, q.high) if n is not None})
    origins = tuple(dict.fromkeys(origin for quantity in useful for origin in quantity.origins))
    first = useful[0]
    if len(numbers) == 1:
        return replace(first, state=State.KNOWN, number=numbers[0], low=None, high=None, origins=origins)
    return replace(first, state=State.RANGE, number=None, low=numbers[0], high=numbers[-1], origins=origins)


def of_law(
    law: dict[str, Any], base: Quantity | None, cap: Quantity | None, multiplier: Quantity | None
) -> Backoff | Quantity | None:
    """The schedule of a backoff: `law` as the knowledge writes it, `base` and `cap` in seconds, `multiplier` a ratio.

    None where there is no backoff; a quantity that says why where its numbers are not known.
    """
    shape = law.get("law", "")
    ratio, seconds = float(law.get("jitter_ratio", 0.0)), float(law.get("jitter_seconds", 0.0))
    if shape == "aws_v2_legacy" and cap is not None:
        return aws_v2_legacy(cap)
    if base is None:
        return None if not law else unknown("the library's backoff is not known in numbers")
    if shape == "aws_v1" and cap is not None:
        return aws_v1(base, cap)
    if shape == "linear":
        return linear(base, cap=cap)
    if shape == "quadratic":
        return quadratic(base, cap=cap)
    if shape in ("exponential", "exponential_jitter", ""):
        return exponential(
            base,
            multiplier=multiplier or float(law.get("multiplier", 2.0)),
            cap=cap,
            full_jitter=bool(law.get("full_jitter")),
            jitter_ratio=ratio,
            jitter_seconds=seconds,
            cap_covers_jitter=bool(law.get("cap_covers_jitter", True)),
        )
    return fixed(base, jitter_ratio=ratio, jitter_seconds=seconds)
