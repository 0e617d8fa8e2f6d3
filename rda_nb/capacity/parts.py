"""How fast inserts make ClickHouse parts, and how many rows each insert carries.

Source: ClickHouse documentation, "Bulk inserts" and "Custom partitioning key": every insert makes one part in each
partition that its rows touch.
"""

from __future__ import annotations

import math
from dataclasses import replace

from rda_nb.capacity import terms
from rda_nb.capacity.terms import Term
from rda_nb.capacity.wording import format_number
from rda_nb.core import Formula, Quantity, State


def parts_per_second(
    *, replicas: Quantity, workers: Quantity, partitions: Quantity, flush_interval: Quantity
) -> Formula:
    """New parts per second in one table: `replicas × workers × partitions / flush interval`.

    `replicas` are copies of the service, `workers` the independent writers in each, `partitions` those that one insert
    touches, `flush_interval` the seconds between two inserts of one writer (`insert_interval` when a full batch flushes
    earlier). Unknown replicas leave the rate per replica in the text.
    """
    counts = [
        _count("R", replicas, "limit on replicas"),
        _count("P", workers, "limit on workers"),
        _count("partitions", partitions, "limit on partitions touched"),
    ]
    if flush_interval.state is State.ABSENT:
        # Without a timer only full batches are flushed: how often depends on traffic, it is not "never".
        why = f" ({flush_interval.reason})" if flush_interval.reason else ""
        flush_interval = replace(
            flush_interval, state=State.UNKNOWN, reason=f"no flush timer{why}, full batches decide"
        )
    interval = terms.operand("F", flush_interval, unit="s", noun="flush interval", worst="low")
    rate = terms.divide(terms.times(*counts), interval)
    if counts[0].value is None:
        rate = _per_replica(rate, counts[1:], interval)
    return terms.to_formula(rate, "parts/s")


def rows_per_insert(*, batch: Quantity, rate: Quantity, flush_interval: Quantity) -> Formula:
    """The rows that one insert of one writer carries: `min(batch, rate × flush interval)`.

    `rate` is rows per second reaching that writer. Small inserts are the risk, so a range counts with its lower end.
    Where the rate is unknown, `batch` is only an upper bound.
    """
    size = terms.operand("batch", batch, unit="", noun="limit on batch size", worst="low", shown_unit="")
    arriving = terms.operand("rate", rate, unit="/s", noun="limit on rate", worst="low")
    interval = terms.operand("F", flush_interval, unit="s", noun="flush interval", worst="low")
    return terms.to_formula(terms.least(size, terms.times(arriving, interval)), "rows")


def insert_interval(batch: float, rate: float, flush_interval: float) -> float:
    """Seconds between two inserts of one writer: the timer, or `batch / rate` when the batch is full before it.

    `flush_interval` may be infinite (flush by size only), and `rate` zero.
    """
    if batch <= 0 or rate < 0 or flush_interval <= 0:
        raise ValueError("batch and interval are positive, and a rate is not negative")
    return flush_interval if rate == 0 else min(flush_interval, batch / rate)


def partition_count(years: float, per_year: float) -> int:
    """Partitions kept after `years` of retention with `per_year` partitions a year (365 by day, 12 by month)."""
    if years < 0 or per_year <= 0:
        raise ValueError("years are not negative, and partitions a year are positive")
    return math.ceil(years * per_year)


def _count(symbol: str, quantity: Quantity, noun: str) -> Term:
    return terms.operand(symbol, quantity, unit="", noun=noun, least_allowed=1, absent_text="unlimited")


def _per_replica(rate: Term, counts: list[Term], interval: Term) -> Term:
    """Add what one replica makes, which is all that the target can say."""
    one = terms.divide(terms.times(*counts), interval)
    if one.value is None or math.isinf(one.value):
        return rate
    return replace(rate, text=f"{rate.text} = R × {format_number(one.value)} parts/s")
