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
    """How a stall stands to its budget, in words too.

    `ratio` is the stall as a multiple of the limit (None when either is missing); `sentence` gives both, `relation` is the
    sentence without its subject: "is 3.05 times the visibility timeout of 30 s: ...".
    """

    verdict: Verdict
    ratio: float | None
    sentence: str
    relation: str
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
    """The time a consumer may take from one poll to the next. Source: librdkafka, `max.poll.interval.ms`."""
    return Budget("poll interval", limit, "the consumer leaves its group and its partitions move to another one")


def rebalance_timeout(limit: Quantity) -> Budget:
    """The time a member may keep a rebalance of its group waiting. Source: franz-go, `RebalanceTimeout`."""
    return Budget("rebalance timeout", limit, "a rebalance that falls into it puts the consumer out of its group")


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
        return _told(verdict, None, f"{_shown(stall)}; there is no {budget.name}", stall, budget)
    against = f"the {budget.name} is {_limit_text(budget, limit)}"
    if not stall.bounded:
        return _told(Verdict.UNBOUNDED, None, f"unbounded, {against}: {budget.consequence}", stall, budget)
    if stall.result is None or limit is None:
        known = f"not known ({stall.missing})" if stall.result is None else _shown(stall)
        return _told(Verdict.UNKNOWN, None, f"{known}; {against}", stall, budget)
    return _measured(stall, stall.result, budget, limit)


def _told(verdict: Verdict, ratio: float | None, words: str, stall: Formula, budget: Budget) -> Comparison:
    return Comparison(verdict, ratio, f"worst case {words}", words, stall, budget)


def _measured(stall: Formula, seconds: float, budget: Budget, limit: float) -> Comparison:
    """Both numbers are there; a stall that is only an upper bound can prove a fit, not a breach."""
    ratio = seconds / limit if limit > 0 else None

    def made(verdict: Verdict, how: str, more: str = "") -> Comparison:
        relation = f"{how} the {budget.name} of {_limit_text(budget, limit)}{more}"
        return Comparison(verdict, ratio, f"worst case {_shown(stall)} {relation}", relation, stall, budget)

    if seconds > limit:
        if stall.missing:
            return made(Verdict.UNKNOWN, "may exceed", f": {stall.missing}")
        how = f"is {_ratio_text(seconds, limit)}" if ratio is not None else "exceeds"
        return made(Verdict.OVER, how, f": {budget.consequence}")
    needed = seconds * budget.multiple
    if seconds == limit or needed > limit:
        verdict = Verdict.UNKNOWN if stall.missing else Verdict.TIGHT
        missing = f" ({stall.missing})" if stall.missing else ""
        if seconds == limit:
            return made(verdict, "is all of", f": no margin is left{missing}")
        more = f", which should be {format_number(budget.multiple)} times as long, {format_seconds(needed)}"
        return made(verdict, "fits", f"{more}: {budget.consequence}{missing}")
    return made(Verdict.WITHIN, "fits within")


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
    origins = budget.limit.origins
    default = bool(origins) and all(origin.kind == "library_default" for origin in origins)
    return f"{format_seconds(limit)}{' (the lower end of its range)' if low_end else ' (a default)' if default else ''}"


def _ratio_text(seconds: float, limit: float) -> str:
    """`3.05 times` with three digits; a ratio that would read "1 times" says that it is more."""
    ratio = seconds / limit
    shown = f"{ratio:.3g}" if ratio < 999.5 else format_number(round(ratio))
    return "longer than" if shown == "1" else f"{shown} times"


def _demand_seconds(stall: Formula, budget: Budget) -> None:
    if stall.unit != "s" or budget.limit.unit not in ("s", ""):
        raise ValueError(f"{budget.name}: both sides must be in seconds")
