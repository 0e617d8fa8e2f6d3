"""Numbers in the form a reader wants: scaled, with their unit, without noise."""

from __future__ import annotations

from rda_nb.core import Formula

_BYTES = ("B", "KiB", "MiB", "GiB", "TiB")


def number(value: float) -> str:
    """A number without noise: whole numbers plain with thousands separators, others to three significant digits."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def seconds(value: float) -> str:
    """A duration in the unit that a reader would use, with the seconds kept beside minutes and hours."""
    if value == 0:
        return "0 s"
    if value < 0.001:
        return f"{number(value * 1e6)} µs"
    if value < 1:
        return f"{number(value * 1000)} ms"
    if value < 120:
        return f"{number(value)} s"
    larger = f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.3g} h" if value < 172800 else ""
    return f"{number(value)} s ({larger or f'{value / 86400:.3g} d'})"


def amount(value: float, unit: str) -> str:
    """A number with its unit: seconds and bytes scaled, counts bare, anything else as it is called."""
    if unit == "s":
        return seconds(value)
    if unit == "bytes":
        step = 0
        while value >= 1024 and step < len(_BYTES) - 1:
            value, step = value / 1024, step + 1
        return f"{number(value)} {_BYTES[step]}"
    return number(value) if unit in ("", "count") else f"{number(value)} {unit}"


def worked(f: Formula) -> str:
    """A bounded formula with its result, said once; empty when there is no result."""
    if f.result is None:
        return ""
    result = amount(f.result, f.unit)
    # The text may say the same amount with the larger unit rounded otherwise.
    said = result.partition(" (")[0] in f.text
    return f"{f.text} = {result}" if f.text and not said else f.text or result
