"""How long a backlog lasts after an outage."""

from __future__ import annotations

import math
from dataclasses import replace

from rda_nb.capacity import terms
from rda_nb.core import Formula, Quantity


def backlog(arrival: float, outage: float) -> float:
    """Items waiting after `outage` seconds without service at `arrival` items per second."""
    if arrival < 0 or outage < 0:
        raise ValueError("neither a rate nor a duration is negative")
    return arrival * outage


def drain_seconds(arrival: float, service: float, outage: float) -> float:
    """Seconds from the end of an outage until the backlog is gone: `λ × outage / (μ − λ)`; infinite when μ ≤ λ.

    A fluid approximation with steady rates: both in items per second, and arrivals go on while the backlog drains.
    """
    waiting = backlog(arrival, outage)
    if service < 0:
        raise ValueError("a rate is not negative")
    if waiting == 0:
        return 0.0
    return waiting / (service - arrival) if service > arrival else math.inf


def drain_time(arrival: Quantity, service: Quantity, outage: Quantity) -> Formula:
    """`drain_seconds` worked out from quantities; a range counts with its worse end. Rates in 1/s, the outage in s."""
    coming = terms.operand("λ", arrival, unit="/s", noun="limit on arrivals")
    going = terms.operand("μ", service, unit="/s", noun="limit on service", worst="low")
    gone = terms.operand("outage", outage, unit="s", noun="limit on the outage")
    text = f"{coming.text} × {gone.text} / ({going.text} − {coming.text})"
    value = _drain(coming.value, going.value, gone.value)
    formula = terms.to_formula(terms.combined((coming, going, gone), text, value), "s")
    overloaded = coming.value is not None and going.value is not None and going.value <= coming.value < math.inf
    if formula.bounded or not overloaded:
        return formula
    notes = [*coming.notes, *going.notes, *gone.notes]
    never = f"never drained: {coming.text} arrive and {going.text} are served"
    return replace(formula, text=", ".join((never, *notes)))


def _drain(arrival: float | None, service: float | None, outage: float | None) -> float | None:
    if arrival is None or service is None or outage is None:
        return None
    if math.isinf(service) and not math.isinf(arrival):
        return 0.0
    if math.isinf(arrival) or math.isinf(outage):
        return math.inf
    return drain_seconds(arrival, service, outage)
