"""Little's law, L = λW: concurrency, throughput and residence time from any two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from rda_nb.capacity import terms
from rda_nb.core import Formula, Quantity


@dataclass(frozen=True, slots=True)
class Flow:
    """A steady flow: `concurrency` items inside, `throughput` items per second, `latency` seconds each.

    Source: J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations Research 9 (1961).
    """

    concurrency: float
    throughput: float
    latency: float

    @classmethod
    def from_concurrency_and_latency(cls, concurrency: float, latency: float) -> Self:
        """Throughput is what is inside, divided by how long each item stays."""
        _positive(concurrency, latency)
        return cls(concurrency, concurrency / latency, latency)

    @classmethod
    def from_concurrency_and_throughput(cls, concurrency: float, throughput: float) -> Self:
        """Latency is what is inside, divided by how many leave per second."""
        _positive(concurrency, throughput)
        return cls(concurrency, throughput, concurrency / throughput)

    @classmethod
    def from_throughput_and_latency(cls, throughput: float, latency: float) -> Self:
        """Concurrency is arrivals per second times the seconds each one stays."""
        _positive(throughput, latency)
        return cls(throughput * latency, throughput, latency)


def max_rate(concurrency: Quantity, latency: Quantity) -> Formula:
    """The most items per second that `concurrency` workers finish at `latency` seconds each: `P / W`.

    The worse end of a range counts: fewest workers, longest latency. Absent concurrency means no limit on it.
    """
    hands = terms.operand("P", concurrency, unit="", noun="limit on concurrency", least_allowed=1, worst="low")
    stay = terms.operand("W", latency, unit="s", noun="limit on latency")
    return terms.to_formula(terms.divide(hands, stay), "/s")


def in_flight(workers: Quantity, batch: Quantity, *, buffers: Quantity | None = None) -> Formula:
    """The most items held at once: `workers × batch + buffered`, where `buffers` is the sum of channel capacities."""
    hands = terms.operand("P", workers, unit="", noun="limit on workers", absent_text="unlimited")
    items = terms.operand("b", batch, unit="", noun="limit on batch size", absent_text="unlimited")
    held = terms.times(hands, items)
    if buffers is not None:
        held = terms.add(held, terms.operand("Q", buffers, unit="", noun="limit on buffered items"))
    return terms.to_formula(held, "items")


def emptying_time(items: float, throughput: float) -> float:
    """Seconds to finish `items` already inside at `throughput` items per second, nothing more arriving."""
    if items < 0 or throughput <= 0:
        raise ValueError("items are not negative and throughput is positive")
    return items / throughput


def _positive(*values: float) -> None:
    if min(values) <= 0:
        raise ValueError("Little's law needs positive numbers")
