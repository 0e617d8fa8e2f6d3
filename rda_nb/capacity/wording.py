"""How numbers and durations read in formulas and sentences."""

from __future__ import annotations

import math

UNBOUNDED = "unbounded"


def format_number(value: float) -> str:
    """A number for people: thousands grouped by commas, trailing zeros dropped.

    From 1 upwards at most three decimals, and none from 10,000; below 1 three significant digits, never an exponent.
    Infinity reads "unbounded".
    """
    if math.isinf(value):
        return UNBOUNDED if value > 0 else f"-{UNBOUNDED}"
    size = abs(value)
    if size >= 10_000:
        return f"{value:,.0f}"
    if size >= 0.9995 or size == 0:
        return _trimmed(f"{value:,.3f}")
    decimals = 2 - math.floor(math.log10(size))
    return _trimmed(f"{value:.{decimals}f}")


def format_seconds(seconds: float) -> str:
    """A duration for people, one unit at a time.

    Below 0.1 s in milliseconds, up to 120 s in seconds, up to 120 min in minutes, up to 48 h in hours, then in days.
    Milliseconds and seconds follow `format_number`; from minutes on one decimal, dropped when it is zero.
    """
    if math.isinf(seconds):
        return UNBOUNDED
    if 0 < seconds < 0.1:
        return f"{format_number(seconds * 1000)} ms"
    if seconds <= 120:
        return f"{format_number(seconds)} s"
    if seconds <= 120 * 60:
        return f"{_trimmed(f'{seconds / 60:.1f}')} min"
    if seconds <= 48 * 3600:
        return f"{_trimmed(f'{seconds / 3600:.1f}')} h"
    return f"{_trimmed(f'{seconds / 86400:,.1f}')} days"


def format_amount(value: float, unit: str) -> str:
    """A number with its unit as an operand of a formula: plain seconds, so that a reader can redo the sum."""
    if unit.startswith("/"):
        return f"{format_number(value)}{unit}"
    return f"{format_number(value)} {unit}" if unit else format_number(value)


def format_result(value: float, unit: str) -> str:
    """The right-hand side of a formula; seconds above 120 also in their larger unit: `915 s (15.3 min)`."""
    plain = format_amount(value, unit)
    return f"{plain} ({format_seconds(value)})" if unit == "s" and value > 120 else plain


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
