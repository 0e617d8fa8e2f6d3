"""The longest that a call may take through its retry layers, with the deadlines that lie around some of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rda_nb.capacity import stall
from rda_nb.capacity.backoff import Backoff
from rda_nb.core import Formula, Quantity, State, absent, known, unknown
from rda_nb.service import deadline as dl
from rda_nb.service.deadline import Deadline
from rda_nb.service.retry_layers import Layer


def worst_case(first: Any, layers: tuple[Layer, ...], ways: tuple[Deadline, ...], rest: Any = None) -> Formula:
    """The worst case of the ways to a call.

    `first` are the client's own (attempts, timeout, backoff, time after which it starts no attempt), `rest` what an attempt
    that outlives its deadline may still take.
    """
    return _worst(_layered(first, layers, level, limit, rest) for level, limit in _levels(ways, layers))


def while_silent(attempts: Quantity, phases: list[stall.Phase], backoff: Any, layers: tuple[Layer, ...]) -> Formula:
    """The worst case where the server says nothing, of a call whose timeout bounds a part of it alone."""
    silent = stall.worst_case(attempts=attempts, timeout=phases, backoff=backoff)
    for layer in layers:
        silent = stall.worst_case(
            attempts=layer.attempts, timeout=silent, backoff=layer.backoff, max_elapsed=layer.max_elapsed
        )
    return silent


def _levels(ways: tuple[Deadline, ...], layers: tuple[Layer, ...]) -> list[tuple[int, Quantity | None]]:
    """(number of layers inside a deadline, that deadline) of the ways to a call; one without a deadline when a way has none."""
    if not ways or dl.open_ways(ways):
        return [(len(layers), None)]
    by_level: dict[int, list[Deadline]] = {}
    for way in ways:
        outside = [number for number, layer in enumerate(layers) if way.places and layer.repeats(way.places[0])]
        by_level.setdefault(min(outside, default=len(layers)), []).append(way)
    return [(level, dl.bounded(tuple(found))) for level, found in sorted(by_level.items())]


def _layered(first: Any, layers: tuple[Layer, ...], level: int, deadline: Quantity | None, rest: Any = None) -> Formula:
    """The worst case through all layers, where a deadline lies around the first `level` of them.

    Where an attempt that runs outlives the deadline by the `rest` of it, none begins after it, and that is all it does.
    """
    attempts, timeout, backoff, elapsed = first
    ends, begins = (None, deadline) if rest is not None else (deadline, None)
    formula = stall.worst_case(
        attempts=attempts,
        timeout=timeout,
        backoff=backoff,
        deadline=ends if level == 0 else None,
        max_elapsed=begins if begins is not None and level == 0 else elapsed,
        remainder=rest if begins is not None and level == 0 else None,
    )
    for number, layer in enumerate(layers, 1):
        formula = stall.worst_case(
            attempts=layer.attempts,
            timeout=formula,
            backoff=layer.backoff,
            deadline=ends if number == level else None,
            max_elapsed=begins if number == level and begins is not None else layer.max_elapsed,
            remainder=rest if number == level and begins is not None else None,
        )
    return formula


def _worst(formulas: Iterable[Formula]) -> Formula:
    """The formula that allows the longest wait: one without a bound, then one that misses a number, then the largest."""
    return max(formulas, key=lambda one: (not one.bounded, one.result is None, one.result or 0.0))


def total_attempts(attempts: Quantity, source: str, layers: tuple[Layer, ...]) -> tuple[Quantity, str]:
    """How often a call is tried in all, through its own attempts and all layers, and where that comes from."""
    total, origins, sources = attempts.upper, list(attempts.origins), [source]
    for layer in layers:
        upper = layer.attempts.upper
        origins += layer.attempts.origins
        sources.append(layer.source)
        if layer.attempts.state is State.ABSENT:
            return replace(layer.attempts, origins=tuple(origins)), "loop"
        total = total * upper if total is not None and upper is not None else None
    if not layers:
        return attempts, source
    if total is None:
        missing = next((layer.attempts for layer in layers if layer.attempts.upper is None), attempts)
        return replace(missing, origins=tuple(origins)), " × ".join(sources)
    least = 1.0
    for quantity in (attempts, *(layer.attempts for layer in layers)):
        least *= quantity.low if quantity.low is not None else (quantity.upper or 1.0)
    if least < total:
        return Quantity(State.RANGE, "count", None, least, total, origins=tuple(origins)), " × ".join(sources)
    return known(total, "count", *origins), " × ".join(sources)


def total_backoff(backoff: Backoff | Quantity | None, attempts: Quantity, layers: tuple[Layer, ...]) -> Quantity:
    """The sum of the backoffs of one call for the table; unknown when a number is missing."""
    own = layers[0].backoff if layers else backoff
    count = (layers[0].attempts if layers else attempts).upper
    if isinstance(own, Quantity):
        return own
    if own is None or count is None or count <= 1:
        return absent("no backoff", "s")
    try:
        return known(sum(stall.schedule(own, int(min(count, 10_000)))), "s")
    except ValueError as error:
        return unknown(str(error), "s")
