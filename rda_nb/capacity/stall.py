"""How long one call, a batch of calls or a path can hold its caller in the worst case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rda_nb.capacity import terms
from rda_nb.capacity.backoff import (
    Backoff,
    Shape,
    aws_v1,
    aws_v2_legacy,
    exponential,
    fixed,
    linear,
    listed,
    quadratic,
    schedule,
)
from rda_nb.capacity.backoff import sleeps as _sleeps
from rda_nb.capacity.terms import Term
from rda_nb.core import Formula, Quantity, State

__all__ = [
    "Backoff",
    "Phase",
    "Shape",
    "aws_v1",
    "aws_v2_legacy",
    "batch",
    "exponential",
    "fixed",
    "in_parallel",
    "in_sequence",
    "linear",
    "listed",
    "quadratic",
    "schedule",
    "worst_case",
]


@dataclass(frozen=True, slots=True)
class Phase:
    """One timed part of an attempt, such as dialling: `times` is how often it can run in full within one attempt."""

    symbol: str
    timeout: Quantity
    times: int = 1


def worst_case(
    *,
    attempts: Quantity,
    timeout: Quantity | Formula | Sequence[Phase],
    backoff: Quantity | Backoff | None = None,
    deadline: Quantity | None = None,
    max_elapsed: Quantity | None = None,
    remainder: Quantity | Formula | Sequence[Phase] | None = None,
    sleeps_after_last: bool = False,
    label: str = "",
) -> Formula:
    """The longest time one call can take, in seconds: `min(n × T + Σ backoff, E + T, D)`.

    `attempts` counts tries, the first included (`amplification.attempts_from_retries` converts); absent means that
    nothing limits them. `timeout` bounds one attempt: a quantity, the phases an attempt consists of, or the worst case
    of an inner call that this one retries. A library's "0 means none" must arrive as absent. A quantity as `backoff`
    is a fixed delay. `deadline` covers the whole call. `max_elapsed` is a retry library's total: no attempt *starts*
    after it, and the running one is not cut short, or is but for its `remainder`. `label` tells the symbols of several
    calls apart.

    A range counts with its upper end and says so. No timeout and no deadline: `bounded` is False. A missing factor: its
    symbol stays in the text and `missing` names it; `result` is then None, or an upper bound when a deadline gives one.
    Source: Google SRE book, "Addressing Cascading Failures", for retries; each library's delays in `backoff`.
    """
    mark = f"({label})" if label else ""
    tries = terms.operand(
        f"n{mark}", attempts, unit="", noun="limit on attempts", least_allowed=1, whole=True, absent_text="unlimited"
    )
    one = _attempt(timeout, mark)
    bounds = [terms.add(terms.times(tries, one), _sleeps(backoff, tries, after_last=sleeps_after_last, label=label))]
    if max_elapsed is not None and max_elapsed.state is not State.ABSENT:
        elapsed = terms.operand(f"E{mark}", max_elapsed, unit="s", noun="limit on elapsed time")
        bounds.append(terms.add(elapsed, one if remainder is None else _attempt(remainder, mark)))
    return _formula(_within(bounds, deadline, mark))


def batch(
    items: Quantity, per_item: Formula, *, workers: Quantity | None = None, deadline: Quantity | None = None
) -> Formula:
    """The longest time to finish a batch, in seconds: `N × S` one by one, `ceil(N / P) × S` with P workers.

    Absent workers mean that nothing limits them: all items at once. Unknown workers leave `N × S` as upper bound.
    """
    count = terms.operand("N", items, unit="", noun="limit on items", whole=True, absent_text="unlimited")
    rounds = count if workers is None else _rounds(count, workers)
    return _formula(_within([terms.times(rounds, terms.worked("S", per_item))], deadline, ""))


def in_sequence(steps: Sequence[tuple[str, Formula]], *, deadline: Quantity | None = None) -> Formula:
    """The longest time of labelled steps run one after another: their sum, capped by a deadline over all of them."""
    return _formula(_within([terms.add(*(_step(label, formula) for label, formula in steps))], deadline, ""))


def in_parallel(steps: Sequence[tuple[str, Formula]], *, deadline: Quantity | None = None) -> Formula:
    """The longest time of labelled steps started together and all waited for: the slowest of them."""
    if not steps:
        return in_sequence(steps)
    return _formula(_within([terms.greatest(*(_step(label, formula) for label, formula in steps))], deadline, ""))


def _attempt(timeout: Quantity | Formula | Sequence[Phase], mark: str) -> Term:
    if isinstance(timeout, Quantity):
        return terms.operand(f"T{mark}", timeout, unit="s", noun="timeout per attempt")
    if isinstance(timeout, Formula):
        return terms.worked(f"S{mark}", timeout)
    if not timeout:
        raise ValueError("an attempt has at least one phase; a missing timeout is an absent quantity")
    return terms.add(*(_phase(phase, mark) for phase in timeout))


def _phase(phase: Phase, mark: str) -> Term:
    term = terms.operand(f"{phase.symbol}{mark}", phase.timeout, unit="s", noun=f"{phase.symbol} timeout")
    return term if phase.times == 1 else terms.times(terms.number(phase.times), term)


def _rounds(count: Term, workers: Quantity) -> Term:
    """`ceil(N / P)`; fewer workers are worse, so a range counts with its lower end."""
    hands = terms.operand(
        "P",
        workers,
        unit="",
        noun="limit on workers",
        least_allowed=1,
        whole=True,
        worst="low",
        absent_text="unlimited",
    )
    value = count.value
    if value is not None and not math.isinf(value) and hands.value is not None:
        value = float(min(value, 1) if math.isinf(hands.value) else math.ceil(value / hands.value))
    return terms.combined((count, hands), f"ceil({count.text} / {hands.text})", value)


def _step(label: str, formula: Formula) -> Term:
    """`insert 91.5 s`; a step without a number keeps its label and shows its working as a note."""
    if formula.result is None:
        return terms.worked(label, formula)
    shown = terms.number(formula.result, "s")
    missing = (f"{label}: {formula.missing}",) if formula.missing else ()
    return Term(f"{label} {shown.text}", formula.result, formula.factors, missing=missing)


def _within(bounds: list[Term], deadline: Quantity | None, mark: str) -> Term:
    if deadline is not None and deadline.state is not State.ABSENT:
        bounds = [*bounds, terms.operand(f"D{mark}", deadline, unit="s", noun="deadline")]
    return terms.least(*bounds)


def _formula(term: Term) -> Formula:
    return terms.to_formula(term, "s")
