"""How long a retrying caller sleeps between attempts, delay by delay, with jitter taken at its top."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from rda_nb.capacity import terms
from rda_nb.capacity.terms import Term
from rda_nb.capacity.wording import format_amount, format_number
from rda_nb.core import Quantity, State, known

# Delays worked out one by one; a longer schedule counts the rest at its largest delay, which keeps the sum a bound.
_LISTED = 10_000
_SHOWN = 5


class Shape(StrEnum):
    """How the delay grows with the number of the attempt that has just failed."""

    FIXED = "fixed"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    EXPONENTIAL = "exponential"
    AWS_V2_LEGACY = "aws_v2_legacy"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Backoff:
    """A schedule of delays in seconds; `base`, `multiplier` and `cap` keep the places they were read in.

    `jitter_ratio` and `jitter_seconds` are what jitter can add on top of a delay; jitter that only shortens it (full
    jitter, `rand × delay`) needs `randomised` alone. `cap_covers_jitter` is False where the cap is applied first.
    """

    shape: Shape
    base: Quantity | None = None
    multiplier: Quantity | None = None
    cap: Quantity | None = None
    jitter_ratio: float = 0.0
    jitter_seconds: float = 0.0
    cap_covers_jitter: bool = True
    randomised: bool = False
    delays: tuple[float, ...] = ()


def fixed(delay: Quantity, *, jitter_ratio: float = 0.0, jitter_seconds: float = 0.0) -> Backoff:
    """The same delay before every retry."""
    return Backoff(
        Shape.FIXED,
        delay,
        jitter_ratio=jitter_ratio,
        jitter_seconds=jitter_seconds,
        randomised=bool(jitter_ratio or jitter_seconds),
    )


def linear(step: Quantity, *, cap: Quantity | None = None) -> Backoff:
    """`step`, 2 × `step`, 3 × `step` and so on, none above `cap`."""
    return Backoff(Shape.LINEAR, step, cap=cap)


def quadratic(step: Quantity, *, cap: Quantity | None = None) -> Backoff:
    """`step`, 4 × `step`, 9 × `step` and so on, none above `cap`."""
    return Backoff(Shape.QUADRATIC, step, cap=cap)


def exponential(
    base: Quantity,
    *,
    multiplier: Quantity | float = 2.0,
    cap: Quantity | None = None,
    jitter_ratio: float = 0.0,
    jitter_seconds: float = 0.0,
    cap_covers_jitter: bool = True,
    full_jitter: bool = False,
) -> Backoff:
    """`base × multiplier^i` for i = 0, 1, 2 and so on.

    cenkalti/backoff: `jitter_ratio=0.5, cap_covers_jitter=False`; avast/retry-go: `jitter_seconds=0.1`; `rand × delay`:
    `full_jitter=True`, whose top is the delay itself. Decorrelated jitter (`rand(base, 3 × previous)`) has the top of
    `multiplier=3` starting at 3 × base.
    """
    factor = multiplier if isinstance(multiplier, Quantity) else known(multiplier, "")
    return Backoff(
        Shape.EXPONENTIAL,
        base,
        factor,
        cap,
        jitter_ratio,
        jitter_seconds,
        cap_covers_jitter,
        full_jitter or bool(jitter_ratio or jitter_seconds),
    )


def aws_v1(min_delay: Quantity, max_delay: Quantity) -> Backoff:
    """AWS SDK v1: `2^n × uniform[min, 2 × min)`, n from 0; above `max_delay` it draws from [max / 2, max) instead.

    Source: aws-sdk-go v1.55 aws/client/default_retryer.go, DefaultRetryer.RetryRules.
    """
    return exponential(min_delay, cap=max_delay, jitter_ratio=1.0)


def aws_v2_legacy(max_backoff: Quantity) -> Backoff:
    """AWS SDK for Go v2: `rand[0, 1) × 2^attempt` s, attempt from 1; flat `max_backoff` once 2^attempt would exceed it.

    With the default of 20 s the delay is flat from attempt 5 on. Source: aws-sdk-go-v2 aws/retry/jitter_backoff.go.
    """
    return Backoff(Shape.AWS_V2_LEGACY, cap=max_backoff, randomised=True)


def listed(*delays: float) -> Backoff:
    """Delays written out in the code, in seconds; further retries repeat the last one."""
    if not delays or min(delays) < 0:
        raise ValueError("a listed backoff needs at least one delay, none of them negative")
    return Backoff(Shape.LISTED, delays=delays)


def schedule(backoff: Backoff | Quantity | None, attempts: int) -> tuple[float, ...]:
    """The upper bound of every delay between `attempts` attempts, in seconds: `attempts - 1` of them.

    Raises ValueError when a number that the schedule needs is not known.
    """
    count = max(0, attempts - 1)
    plan = _plan(backoff)
    if plan is None or count == 0:
        return (0.0,) * count
    delays = [_delay(plan, i) for i in range(count)]
    if any(d is None for d in delays):
        raise ValueError("the schedule has a missing number; use worst_case for a symbolic answer")
    return tuple(float(f"{d:.12g}") for d in delays if d is not None)


def sleeps(backoff: Backoff | Quantity | None, attempts: Term, *, after_last: bool = False, label: str = "") -> Term:
    """The sum of all sleeps as a term: n − 1 of them, or n when the caller also sleeps after the last failure."""
    plan = _plan(backoff)
    if plan is None:
        return terms.number(0.0, "s")
    if attempts.value is None:
        count_text = attempts.text if after_last else f"({attempts.text} − 1)"
        return _uncounted(plan, count_text, label)
    if math.isinf(attempts.value):
        return _uncounted(plan, attempts.text, label)
    count = int(attempts.value) - (0 if after_last else 1)
    if count <= 0:
        return terms.number(0.0, "s")
    operands = _operands(plan, label)
    total = _total(plan, count)
    if total is None:
        return _partly_known(plan, count, operands)
    if math.isinf(total):
        return _endless(plan, count, operands)
    term = terms.combined(operands, _text(plan, count), total)
    return terms.with_note(term, "jitter at its top") if plan.randomised else term


def _plan(backoff: Backoff | Quantity | None) -> Backoff | None:
    """None for no sleep at all: a quantity is a fixed delay, and an absent one is none."""
    if isinstance(backoff, Quantity):
        backoff = fixed(backoff)
    if backoff is None or (backoff.base is not None and _is_absent(backoff.base)):
        return None
    return backoff


def _is_absent(quantity: Quantity) -> bool:
    return quantity.state is State.ABSENT


def _number(quantity: Quantity | None) -> float | None:
    """The upper end, when it is a number a delay can have."""
    upper = None if quantity is None else quantity.upper
    return upper if upper is not None and upper >= 0 else None


def _delay(plan: Backoff, i: int) -> float | None:
    """The upper bound of delay `i` (from 0) in seconds; an unknown cap leaves the uncapped delay, which is larger."""
    cap = _number(plan.cap)
    if plan.shape is Shape.LISTED:
        return plan.delays[min(i, len(plan.delays) - 1)]
    if plan.shape is Shape.AWS_V2_LEGACY:
        if cap is None:
            return None
        flat_after = int(math.log2(cap)) if cap > 0 else 0
        return cap if i + 1 > flat_after else float(2 ** (i + 1))
    base = _number(plan.base)
    if base is None:
        return None
    if plan.shape is Shape.FIXED:
        delay = base
    elif plan.shape is Shape.LINEAR:
        delay = base * (i + 1)
    elif plan.shape is Shape.QUADRATIC:
        delay = base * (i + 1) ** 2
    else:
        multiplier = _number(plan.multiplier)
        if multiplier is None:
            return base if i == 0 else None
        delay = base * _power(multiplier, i)
    return _jittered(plan, delay, cap)


def _jittered(plan: Backoff, delay: float, cap: float | None) -> float:
    bound = math.inf if cap is None else cap
    if plan.cap_covers_jitter:
        return min(bound, delay * (1 + plan.jitter_ratio) + plan.jitter_seconds)
    return min(bound, delay) * (1 + plan.jitter_ratio) + plan.jitter_seconds


def _power(multiplier: float, i: int) -> float:
    try:
        return float(multiplier**i)
    except OverflowError:
        return math.inf


def _total(plan: Backoff, count: int) -> float | None:
    delays: list[float] = []
    for i in range(min(count, _LISTED)):
        delay = _delay(plan, i)
        if delay is None:
            return None
        if math.isinf(delay):
            return math.inf
        delays.append(delay)
    rest = count - len(delays)
    if rest == 0:
        return math.fsum(delays)
    last = _delay(plan, count - 1)
    return None if last is None else math.fsum(delays) + rest * max(delays[-1], last)


def _text(plan: Backoff, count: int) -> str:
    """`0.5 s`, `2 × 0.5 s`, `(0.5 s + 1 s)`, or the first three and the last of many."""
    shown = [_delay(plan, i) or 0.0 for i in range(min(count, _SHOWN))]
    last = _delay(plan, count - 1) or 0.0
    if len({*shown, last}) == 1 and (plan.shape is not Shape.LISTED or len(set(plan.delays)) == 1):
        one = format_amount(last, "s")
        return one if count == 1 else f"{format_number(count)} × {one}"
    if count <= _SHOWN:
        return f"({' + '.join(format_amount(d, 's') for d in shown)})"
    head = " + ".join(format_amount(d, "s") for d in shown[:3])
    return f"({head} + … + {format_amount(last, 's')}, {format_number(count)} delays)"


def _operands(plan: Backoff, label: str) -> list[Term]:
    """The quantities of the schedule as terms, for their factors and notes."""
    suffix = f"({label})" if label else ""
    found = []
    if plan.base is not None:
        found.append(terms.operand(f"B{suffix}", plan.base, unit="s", noun="backoff"))
    if plan.multiplier is not None and (plan.multiplier.origins or not plan.multiplier.known):
        found.append(terms.operand(f"m{suffix}", plan.multiplier, unit="", noun="backoff multiplier"))
    if plan.cap is not None and not _is_absent(plan.cap):
        found.append(terms.operand(f"C{suffix}", plan.cap, unit="s", noun="backoff cap"))
    return found


def _capped(plan: Backoff) -> float | None:
    """The largest single delay, from the cap alone."""
    cap = _number(plan.cap)
    if cap is None:
        return None
    return cap if plan.cap_covers_jitter else cap * (1 + plan.jitter_ratio) + plan.jitter_seconds


def _partly_known(plan: Backoff, count: int, operands: list[Term]) -> Term:
    """A number of the schedule is missing: symbolic, yet bounded by the cap when that one is known."""
    largest = _capped(plan)
    text = _series(plan, "" if count == 1 else format_number(count), operands)
    if largest is None:
        return terms.combined(operands, text, None)
    note = f"every delay at most {format_amount(largest, 's')}"
    return terms.with_note(terms.combined(operands, text, count * largest), note)


def _endless(plan: Backoff, count: int, operands: list[Term]) -> Term:
    """A growing delay that outruns every number: no bound, unless a cap exists whose value is missing."""
    text = _series(plan, format_number(count), operands)
    if any(t.value is None for t in operands):
        return terms.combined(operands, text, None)
    return terms.with_note(terms.combined(operands, text, math.inf), "no cap on a growing backoff")


def _uncounted(plan: Backoff, count_text: str, label: str) -> Term:
    """The number of attempts is missing or has no bound."""
    operands = _operands(plan, label)
    return terms.combined(operands, _series(plan, count_text, operands), None)


def _series(plan: Backoff, count_text: str, operands: list[Term]) -> str:
    """`(n − 1) × 0.5 s` when every delay is the same, `(n − 1) delays from 0.5 s` when they grow."""
    first = _delay(plan, 0)
    symbol = next((t.text for t in operands if t.value is None), "B")
    shown = symbol if first is None else format_amount(first, "s")
    if not count_text:
        return shown
    return f"{count_text} × {shown}" if plan.shape is Shape.FIXED else f"{count_text} delays from {shown}"
