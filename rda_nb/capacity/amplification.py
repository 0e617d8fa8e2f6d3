"""How retries multiply load: attempts over nested layers, expected attempts, load under failure, client throttling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rda_nb.capacity import terms
from rda_nb.core import Formula, Quantity


def attempts_from_retries(retries: Quantity) -> Quantity:
    """A count of retries as a count of attempts, which is one more; ranges, gaps and origins are kept.

    cenkalti's `WithMaxRetries(n)` and retryablehttp's `RetryMax` count retries; AWS `maxAttempts` and avast's
    `Attempts` count attempts. An absent limit on retries is an absent limit on attempts.
    """
    return replace(
        retries,
        unit="count",
        number=_plus_one(retries.number),
        low=_plus_one(retries.low),
        high=_plus_one(retries.high),
    )


def retries_from_attempts(attempts: int) -> int:
    """How many of `attempts` attempts are retries."""
    if attempts < 1:
        raise ValueError("a call has at least one attempt")
    return attempts - 1


def total_attempts(layers: Sequence[tuple[str, Quantity]]) -> Formula:
    """Attempts that reach the last layer when every layer retries the one below it: `Π attempts_i`.

    `layers` go from the outside in, each with a label and its attempts (not retries); the result is in attempts.
    Source: Google SRE book, "Addressing Cascading Failures": three layers of four attempts make 64.
    """
    factors = [_layer(label, attempts) for label, attempts in layers] or [terms.number(1)]
    return terms.to_formula(terms.times(*factors), "attempts")


def expected_attempts(failure: float, attempts: int) -> float:
    """The mean number of attempts when each fails independently with probability `failure`: `(1 − p^n) / (1 − p)`.

    The sum of a geometric series: attempt i + 1 is made when the first i have failed.
    """
    if not 0 <= failure <= 1:
        raise ValueError("a probability lies between 0 and 1")
    if attempts < 1:
        raise ValueError("a call has at least one attempt")
    return float(attempts) if failure == 1 else (1 - failure**attempts) / (1 - failure)


def load_under_failure(rate: float, failure: float, attempts: int) -> float:
    """Requests per second sent for `rate` calls per second when each attempt fails with probability `failure`.

    All attempts failing (`failure=1`) gives the full `rate × attempts`.
    """
    if rate < 0:
        raise ValueError("a rate is not negative")
    return rate * expected_attempts(failure, attempts)


def throttling_probability(requests: float, accepts: float, k: float = 2.0) -> float:
    """The share of requests a throttling client rejects itself: `max(0, (requests − K × accepts) / (requests + 1))`.

    Both counts cover the same window, locally rejected requests included in `requests`; K = 2 is the usual choice.
    Source: Google SRE book, "Handling Overload".
    """
    if requests < 0 or accepts < 0 or k < 0:
        raise ValueError("counts and K are not negative")
    return max(0.0, (requests - k * accepts) / (requests + 1))


def _layer(label: str, attempts: Quantity) -> terms.Term:
    term = terms.operand(
        f"n({label})",
        attempts,
        unit="",
        noun=f"limit on attempts of {label}",
        least_allowed=1,
        whole=True,
        absent_text="unlimited",
    )
    return term if term.value is None else replace(term, text=f"{term.text} ({label})")


def _plus_one(value: float | None) -> float | None:
    return None if value is None else value + 1
