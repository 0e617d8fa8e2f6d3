"""How many time series one metric can make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rda_nb.capacity import terms
from rda_nb.core import Formula, Quantity


def series(labels: Sequence[tuple[str, Quantity]], *, buckets: Quantity | None = None) -> Formula:
    """The upper bound of time series of one metric in one process: the product of its label sizes, in series.

    Each label comes with the number of values it can take: absent means that nothing bounds it, and then nothing bounds
    the metric. For a histogram `buckets` counts the bucket series *including* `+Inf`; with `_sum` and `_count` every
    combination of labels makes `buckets + 2` series. Code that lists its upper bounds usually leaves `+Inf` out
    (`buckets_with_infinity`).
    Source: Prometheus exposition format, "Histograms and summaries".
    """
    sizes = [_label(name, size) for name, size in labels]
    if buckets is not None:
        counted = terms.operand("buckets", buckets, unit="", noun="limit on buckets", least_allowed=1, whole=True)
        sizes.append(terms.add(counted, terms.number(2)))
    return terms.to_formula(terms.times(*(sizes or [terms.number(1)])), "series")


def buckets_with_infinity(upper_bounds: Quantity) -> Quantity:
    """The bucket series of a histogram whose code lists `upper_bounds` finite bounds: the client adds `+Inf`."""
    return replace(
        upper_bounds,
        number=_one_more(upper_bounds.number),
        low=_one_more(upper_bounds.low),
        high=_one_more(upper_bounds.high),
    )


def _label(name: str, size: Quantity) -> terms.Term:
    """`4 (method)`, `unbounded (user_id)`, or `|path|` when its size is not known."""
    symbol = f"|{name}|"
    term = terms.operand(symbol, size, unit="", noun=f"bound on {name}", least_allowed=1, whole=True)
    return term if term.value is None else replace(term, text=f"{term.text} ({name})")


def _one_more(value: float | None) -> float | None:
    return None if value is None else value + 1
