"""Whether a worst case fits the budget that encloses it: visibility timeout, server timeout, grace period, lease."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rda_nb.capacity.wording import format_number, format_seconds
from rda_nb.core import Formula, Quantity, State


class Verdict(StrEnum):
    """How a stall stands to its budget.

    TIGHT: it fits without the margin that the budget asks for, or with none left. UNBOUNDED: nothing ends the stall.
    NO_BUDGET: there is no enclosing limit. UNKNOWN: a number that decides is missing.
    """

    WITHIN = "within"
    TIGHT = "tight"
    OVER = "over"
    UNBOUNDED = "unbounded"
    NO_BUDGET = "no budget"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Budget:
    """An enclosing limit in seconds: what it is called, what happens when it is exceeded, the multiple it should be."""

    name: str
    limit: Quantity
    consequence: str
    multiple: float = 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict, the stall as a multiple of the limit (None when either is missing), and one sentence with both."""

    verdict: Verdict
    ratio: float | None
    sentence: str
    stall: Formula
    budget: Budget


def visibility_timeout(limit: Quantity) -> Budget:
    """The time a queue hides a received message. Source: Amazon SQS developer guide, "Visibility timeout"."""
    return Budget("visibility timeout", limit, "the message is delivered again while it is still being processed")


def lambda_visibility_timeout(limit: Quantity) -> Budget:
    """The same for an AWS Lambda trigger, where it should be six times the function's timeout.

    Source: AWS Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
    """
    return Budget("visibility timeout", limit, "throttled batches are delivered again before they were retried", 6.0)


def write_timeout(limit: Quantity) -> Budget:
    """An HTTP server's time to write a response. Source: Go net/http, Server.WriteTimeout."""
    return Budget("server write timeout", limit, "the client loses its response while the handler still works")


def grace_period(limit: Quantity) -> Budget:
    """The time between the stop signal and the kill. Source: Kubernetes, "Pod lifecycle: termination of Pods"."""
    return Budget("termination grace period", limit, "the process is killed with work in hand")


def poll_interval(limit: Quantity) -> Budget:
    """The time a consumer may take between two polls, such as Kafka's `max.poll.interval.ms`."""
    return Budget("poll interval", limit, "the consumer is put out of its group and its partitions move")


def lease(limit: Quantity) -> Budget:
    """The time a lock or lease is held without renewal."""
    return Budget("lease", limit, "another holder starts the same work")


def caller_deadline(limit: Quantity) -> Budget:
    """The deadline of whoever waits for the call."""
    return Budget("caller's deadline", limit, "the caller has given up while the work goes on")


def compare(stall: Formula, budget: Budget) -> Comparison:
    """Hold a worst case in seconds against its budget; a range of limits counts with its lower end."""
    _demand_seconds(stall, budget)
    limit = _lowest(budget.limit)
    if budget.limit.state is State.ABSENT:
        verdict = Verdict.NO_BUDGET if stall.bounded else Verdict.UNBOUNDED
        return Comparison(verdict, None, f"worst case {_shown(stall)}; there is no {budget.name}", stall, budget)
    if not stall.bounded:
        against = f"the {budget.name} is {_limit_text(budget, limit)}"
        return Comparison(
            Verdict.UNBOUNDED, None, f"worst case unbounded, {against}: {budget.consequence}", stall, budget
        )
    if stall.result is None or limit is None:
        return Comparison(Verdict.UNKNOWN, None, _unknown_sentence(stall, budget, limit), stall, budget)
    return _measured(stall, stall.result, budget, limit)


def _measured(stall: Formula, seconds: float, budget: Budget, limit: float) -> Comparison:
    """Both numbers are there; a stall that is only an upper bound can prove a fit, not a breach."""
    ratio = seconds / limit if limit > 0 else None
    pair = f"worst case {_shown(stall)} {{}} the {budget.name} of {_limit_text(budget, limit)}"
    if seconds > limit:
        if stall.missing:
            sentence = f"{pair.format('may exceed')}: {stall.missing}"
            return Comparison(Verdict.UNKNOWN, ratio, sentence, stall, budget)
        how = f"is {_ratio_text(seconds, limit)}" if ratio is not None else "exceeds"
        return Comparison(Verdict.OVER, ratio, f"{pair.format(how)}: {budget.consequence}", stall, budget)
    needed = seconds * budget.multiple
    if seconds == limit or needed > limit:
        if seconds == limit:
            sentence = f"{pair.format('is all of')}: no margin is left"
        else:
            sentence = (
                f"{pair.format('fits')}, which should be {format_number(budget.multiple)} times as long,"
                f" {format_seconds(needed)}: {budget.consequence}"
            )
        verdict = Verdict.UNKNOWN if stall.missing else Verdict.TIGHT
        return Comparison(verdict, ratio, sentence + (f" ({stall.missing})" if stall.missing else ""), stall, budget)
    return Comparison(Verdict.WITHIN, ratio, pair.format("fits within"), stall, budget)


def _lowest(limit: Quantity) -> float | None:
    value = limit.number if limit.state is State.KNOWN else limit.low if limit.state is State.RANGE else None
    return value if value is not None and value >= 0 else None


def _shown(stall: Formula) -> str:
    if stall.result is None:
        return "unknown" if stall.bounded else "unbounded"
    return f"{'at most ' if stall.missing else ''}{format_seconds(stall.result)}"


def _limit_text(budget: Budget, limit: float | None) -> str:
    if limit is None:
        return f"unknown ({budget.limit.reason})" if budget.limit.reason else "unknown"
    low_end = budget.limit.state is State.RANGE and budget.limit.low != budget.limit.high
    return f"{format_seconds(limit)}{' (the lower end of its range)' if low_end else ''}"


def _ratio_text(seconds: float, limit: float) -> str:
    """`3.05 times` with three digits; a ratio that would read "1 times" says that it is more."""
    ratio = seconds / limit
    shown = f"{ratio:.3g}" if ratio < 999.5 else format_number(round(ratio))
    return "longer than" if shown == "1" else f"{shown} times"


def _unknown_sentence(stall: Formula, budget: Budget, limit: float | None) -> str:
    against = f"the {budget.name} is {_limit_text(budget, limit)}"
    if stall.result is None:
        return f"worst case not known ({stall.missing}); {against}"
    return f"worst case {_shown(stall)}; {against}"


def _demand_seconds(stall: Formula, budget: Budget) -> None:
    if stall.unit != "s" or budget.limit.unit not in ("s", ""):
        raise ValueError(f"{budget.name}: both sides must be in seconds")
