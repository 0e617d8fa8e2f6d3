"""What a formula says: its text, its bound, what is missing, and where each factor came from."""

from __future__ import annotations

import math

import pytest

from rda_nb.capacity import amplification, budgets, cardinality, drain, parts, stall
from rda_nb.capacity.wording import format_number, format_seconds
from rda_nb.core import Evidence, Formula, Origin, Quantity, State, absent, known, unknown

NO_TIMEOUT = absent("http.Client has no Timeout", "s")
OUTSIDE = unknown("set by CLICKHOUSE_TIMEOUT outside the target", "s")
AGAIN = "the message is delivered again while it is still being processed"
GAP = "T: set by CLICKHOUSE_TIMEOUT outside the target"
DOUBLING = stall.exponential(known(0.5, "s"))


def seconds(value: float) -> Quantity:
    return known(value, "s")


def count(value: float) -> Quantity:
    return known(value, "count")


def call(timeout: Quantity, attempts: Quantity | None = None, **more: object) -> Formula:
    return stall.worst_case(attempts=attempts or count(3), timeout=timeout, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("formula", "text", "result"),
    [
        pytest.param(call(seconds(30), backoff=DOUBLING), "3 × 30 s + (0.5 s + 1 s) = 91.5 s", 91.5, id="all known"),
        pytest.param(
            call(OUTSIDE, backoff=DOUBLING),
            "3 × T + (0.5 s + 1 s), T unknown: set by CLICKHOUSE_TIMEOUT outside the target",
            None,
            id="unknown timeout stays a symbol",
        ),
        pytest.param(
            call(NO_TIMEOUT, backoff=stall.aws_v2_legacy(seconds(20))),
            "3 × unbounded + (2 s + 4 s) = unbounded, no timeout per attempt: http.Client has no Timeout, "
            "jitter at its top",
            None,
            id="absent timeout has no bound",
        ),
        pytest.param(
            call(NO_TIMEOUT, deadline=seconds(60)),
            "min(3 × unbounded, 60 s) = 60 s, no timeout per attempt: http.Client has no Timeout",
            60,
            id="a deadline bounds what has no timeout",
        ),
        pytest.param(
            call(OUTSIDE, deadline=seconds(60)),
            "min(3 × T, 60 s) ≤ 60 s, T unknown: set by CLICKHOUSE_TIMEOUT outside the target",
            60,
            id="a deadline bounds what is unknown",
        ),
        pytest.param(
            call(NO_TIMEOUT, deadline=OUTSIDE),
            "min(3 × unbounded, D), no timeout per attempt: http.Client has no Timeout, "
            "D unknown: set by CLICKHOUSE_TIMEOUT outside the target",
            None,
            id="an unknown deadline may bound it",
        ),
        pytest.param(
            call(seconds(30), deadline=OUTSIDE),
            "min(3 × 30 s, D) ≤ 90 s, D unknown: set by CLICKHOUSE_TIMEOUT outside the target",
            90,
            id="an unknown deadline can only shorten",
        ),
        pytest.param(
            call(seconds(30), deadline=absent("context.Background")),
            "3 × 30 s = 90 s",
            90,
            id="an absent deadline is none",
        ),
        pytest.param(
            call(Quantity(State.RANGE, "s", low=10, high=30), backoff=seconds(0.5)),
            "3 × 30 s + 2 × 0.5 s = 91 s, T at the upper end of 10 s to 30 s",
            91,
            id="a range counts with its upper end and says so",
        ),
        pytest.param(
            call(Quantity(State.RANGE, "s", low=10, reason="the flag may raise it")),
            "3 × T, T unknown: the flag may raise it",
            None,
            id="a range without a top is unknown",
        ),
        pytest.param(
            call(seconds(30), unknown("RETRIES", "count"), backoff=seconds(1)),
            "n × 30 s + (n − 1) × 1 s, n unknown: RETRIES",
            None,
            id="unknown attempts",
        ),
        pytest.param(
            call(seconds(30), absent("for without end"), backoff=seconds(1)),
            "unlimited × 30 s + unlimited × 1 s = unbounded, no limit on attempts: for without end",
            None,
            id="unlimited attempts have no bound",
        ),
        pytest.param(
            call(seconds(30), absent("no WithMaxRetries"), max_elapsed=seconds(900)),
            "min(unlimited × 30 s, 900 s + 30 s) = 930 s (15.5 min), no limit on attempts: no WithMaxRetries",
            930,
            id="the last attempt may start just before the elapsed limit",
        ),
        pytest.param(
            call(seconds(30), absent("no WithMaxRetries"), max_elapsed=unknown("MAX_ELAPSED", "s")),
            "min(unlimited × 30 s, E + 30 s), no limit on attempts: no WithMaxRetries, E unknown: MAX_ELAPSED",
            None,
            id="an unknown elapsed limit",
        ),
        pytest.param(
            call(seconds(30), max_elapsed=absent("MaxElapsedTime is 0")),
            "3 × 30 s = 90 s",
            90,
            id="an absent elapsed limit is none",
        ),
        pytest.param(
            call(seconds(1), count(0)),
            "n × 1 s, n unknown: 0 cannot be a limit on attempts",
            None,
            id="no attempts at all make no number",
        ),
        pytest.param(
            call(seconds(-1)), "3 × T, T unknown: -1 s cannot be a timeout per attempt", None, id="negative timeout"
        ),
        pytest.param(
            call(seconds(1), backoff=stall.exponential(OUTSIDE, cap=seconds(20))),
            "3 × 1 s + 2 delays from B ≤ 43 s, B unknown: set by CLICKHOUSE_TIMEOUT outside the target, "
            "every delay at most 20 s",
            43,
            id="the cap bounds an unknown base",
        ),
        pytest.param(
            call(seconds(1), backoff=stall.exponential(seconds(1), cap=OUTSIDE)),
            "3 × 1 s + (1 s + 2 s) ≤ 6 s, C unknown: set by CLICKHOUSE_TIMEOUT outside the target",
            6,
            id="an unknown cap can only shorten",
        ),
        pytest.param(
            call(seconds(1), count(5_000), backoff=stall.exponential(seconds(1))),
            "5,000 × 1 s + 4,999 delays from 1 s = unbounded, no cap on a growing backoff",
            None,
            id="doubling without a cap outruns every number",
        ),
        pytest.param(
            call(seconds(1), count(10), backoff=stall.exponential(seconds(1), cap=seconds(30))),
            "10 × 1 s + (1 s + 2 s + 4 s + … + 30 s, 9 delays) = 161 s (2.7 min)",
            161,
            id="a long schedule is shortened",
        ),
        pytest.param(
            call(seconds(1), backoff=seconds(2), sleeps_after_last=True),
            "3 × 1 s + 3 × 2 s = 9 s",
            9,
            id="a loop that also sleeps after its last failure",
        ),
        pytest.param(
            stall.worst_case(
                attempts=count(3),
                timeout=[
                    stall.Phase("pool", seconds(6)),
                    stall.Phase("dial", seconds(5.1), 5),
                    stall.Phase("read", seconds(5)),
                ],
            ),
            "3 × (6 s + 5 × 5.1 s + 5 s) = 109.5 s",
            109.5,
            id="phases of one attempt",
        ),
        pytest.param(
            stall.worst_case(attempts=count(2), timeout=call(seconds(5)), backoff=seconds(1)),
            "2 × S + 1 s = 31 s, S = 3 × 5 s = 15 s",
            31,
            id="a retried call that retries itself",
        ),
        pytest.param(
            stall.batch(count(10), call(NO_TIMEOUT)),
            "10 × S = unbounded, S = 3 × unbounded = unbounded, no timeout per attempt: http.Client has no Timeout",
            None,
            id="a batch of calls without bound",
        ),
        pytest.param(
            stall.batch(count(10), call(seconds(5)), workers=unknown("WORKERS", "count")),
            "ceil(10 / P) × S ≤ 150 s (2.5 min), P unknown: WORKERS, S = 3 × 5 s = 15 s",
            150,
            id="unknown workers are at least one",
        ),
        pytest.param(
            stall.batch(count(10), call(seconds(5)), workers=Quantity(State.RANGE, "count", low=2, high=8)),
            "ceil(10 / 2) × S = 75 s, P at the lower end of 2 to 8, S = 3 × 5 s = 15 s",
            75,
            id="fewer workers are worse",
        ),
        pytest.param(
            stall.in_sequence([("receive", call(seconds(20), count(1))), ("insert", call(OUTSIDE))]),
            "receive 20 s + insert, insert = 3 × T, T unknown: set by CLICKHOUSE_TIMEOUT outside the target",
            None,
            id="a path with a step that is not known",
        ),
        pytest.param(
            amplification.total_attempts([("redelivery", count(3)), ("client", unknown("MaxAttempts", "count"))]),
            "3 (redelivery) × n(client), n(client) unknown: MaxAttempts",
            None,
            id="layers with an unknown one",
        ),
        pytest.param(
            cardinality.series([("method", count(4)), ("user_id", absent("read from the request"))]),
            "4 (method) × unbounded (user_id) = unbounded, no bound on user_id: read from the request",
            None,
            id="one label without bound",
        ),
        pytest.param(
            cardinality.series([("path", unknown("routes are loaded from a file"))], buckets=count(12)),
            "|path| × (12 + 2), |path| unknown: routes are loaded from a file",
            None,
            id="a label of unknown size",
        ),
        pytest.param(
            parts.parts_per_second(
                replicas=unknown("set outside the target"),
                workers=count(4),
                partitions=count(1),
                flush_interval=seconds(1),
            ),
            "R × 4 × 1 / 1 s = R × 4 parts/s, R unknown: set outside the target",
            None,
            id="parts per replica",
        ),
        pytest.param(
            parts.rows_per_insert(batch=count(1_000), rate=unknown("traffic", "1/s"), flush_interval=seconds(1)),
            "min(1,000, rate × 1 s) ≤ 1,000 rows, rate unknown: traffic",
            1_000,
            id="rows per insert without a known rate",
        ),
        pytest.param(
            drain.drain_time(known(100, "1/s"), known(150, "1/s"), seconds(600)),
            "100/s × 600 s / (150/s − 100/s) = 1,200 s (20 min)",
            1_200,
            id="drain",
        ),
        pytest.param(
            drain.drain_time(known(100, "1/s"), known(80, "1/s"), seconds(600)),
            "never drained: 100/s arrive and 80/s are served",
            None,
            id="never drained",
        ),
        pytest.param(
            drain.drain_time(known(100, "1/s"), known(100, "1/s"), seconds(600)),
            "never drained: 100/s arrive and 100/s are served",
            None,
            id="never drained without a surplus",
        ),
    ],
)
def test_formula_text(formula: Formula, text: str, result: float | None) -> None:
    """A reader can redo the sum from the text, and sees what is missing and why."""
    assert (text, result) == (formula.text, formula.result)
    assert formula.bounded is ("= unbounded" not in text and "never" not in text)
    assert bool(formula.missing) is (" unknown: " in text and formula.bounded)


def test_factors_carry_the_governing_origin() -> None:
    """Of a default and its override the last one gave the number, and a library default names its source."""
    default = Origin("default", "10 * time.Second", Evidence("config.go", 32, 32, "10 * time.Second", "default"))
    override = Origin("override", "timeout: 30s", Evidence("values.yaml", 14, 14, "timeout: 30s", "override"))
    library = Origin("library_default", "3", source="aws-sdk-go-v2 v1.30 aws/retry/standard.go")
    formula = stall.worst_case(
        attempts=known(3, "count", library), timeout=known(30, "s", default, override), label="insert"
    )
    attempts, timeout = formula.factors
    assert ("n(insert)", 3, "library_default: 3", None) == (
        attempts.symbol,
        attempts.value,
        attempts.origin,
        attempts.evidence,
    )
    assert "aws-sdk-go-v2 v1.30 aws/retry/standard.go" == attempts.source
    assert ("T(insert)", 30, "s", "override: timeout: 30s") == (
        timeout.symbol,
        timeout.value,
        timeout.unit,
        timeout.origin,
    )
    assert "values.yaml:14" == str(timeout.evidence)


def test_missing_factors_keep_their_place() -> None:
    """An unknown and an absent factor stand among the factors without a value."""
    formula = call(NO_TIMEOUT, deadline=OUTSIDE)
    assert [("n", 3.0), ("T", None), ("D", None)] == [(f.symbol, f.value) for f in formula.factors]
    assert "D: set by CLICKHOUSE_TIMEOUT outside the target" == formula.missing


@pytest.mark.parametrize(
    ("stalled", "limit", "verdict", "sentence"),
    [
        (
            call(seconds(30), backoff=DOUBLING),
            seconds(30),
            budgets.Verdict.OVER,
            "worst case 91.5 s is 3.05 times the visibility timeout of 30 s: " + AGAIN,
        ),
        (
            call(seconds(10.01)),
            seconds(30),
            budgets.Verdict.OVER,
            "worst case 30.03 s is longer than the visibility timeout of 30 s: " + AGAIN,
        ),
        (
            call(seconds(10)),
            seconds(30),
            budgets.Verdict.TIGHT,
            "worst case 30 s is all of the visibility timeout of 30 s: no margin is left",
        ),
        (
            call(seconds(5)),
            seconds(30),
            budgets.Verdict.WITHIN,
            "worst case 15 s fits within the visibility timeout of 30 s",
        ),
        (
            call(NO_TIMEOUT),
            seconds(30),
            budgets.Verdict.UNBOUNDED,
            "worst case unbounded, the visibility timeout is 30 s: " + AGAIN,
        ),
        (
            call(OUTSIDE),
            seconds(30),
            budgets.Verdict.UNKNOWN,
            "worst case not known (T: set by CLICKHOUSE_TIMEOUT outside the target); the visibility timeout is 30 s",
        ),
        (
            call(OUTSIDE, deadline=seconds(60)),
            seconds(30),
            budgets.Verdict.UNKNOWN,
            "worst case at most 60 s may exceed the visibility timeout of 30 s: " + GAP,
        ),
        (
            call(OUTSIDE, deadline=seconds(20)),
            seconds(30),
            budgets.Verdict.WITHIN,
            "worst case at most 20 s fits within the visibility timeout of 30 s",
        ),
        (
            call(seconds(5)),
            unknown("set on the queue", "s"),
            budgets.Verdict.UNKNOWN,
            "worst case 15 s; the visibility timeout is unknown (set on the queue)",
        ),
        (
            call(seconds(5)),
            absent("not set", "s"),
            budgets.Verdict.NO_BUDGET,
            "worst case 15 s; there is no visibility timeout",
        ),
        (
            call(seconds(5)),
            Quantity(State.RANGE, "s", low=10, high=60),
            budgets.Verdict.OVER,
            "worst case 15 s is 1.5 times the visibility timeout of 10 s (the lower end of its range): " + AGAIN,
        ),
    ],
)
def test_comparison_with_a_budget(stalled: Formula, limit: Quantity, verdict: budgets.Verdict, sentence: str) -> None:
    """The sentence gives both numbers, and an upper bound can prove a fit but never a breach."""
    found = budgets.compare(stalled, budgets.visibility_timeout(limit))
    assert (verdict, sentence) == (found.verdict, found.sentence)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 s"),
        (0.0005, "0.5 ms"),
        (0.05, "50 ms"),
        (0.1, "0.1 s"),
        (91.5, "91.5 s"),
        (120, "120 s"),
        (153, "2.5 min"),
        (930, "15.5 min"),
        (7200, "120 min"),
        (9000, "2.5 h"),
        (172_800, "48 h"),
        (864_000, "10 days"),
        (math.inf, "unbounded"),
    ],
)
def test_durations_read_in_one_unit(value: float, text: str) -> None:
    """Seconds stay seconds up to 120, then minutes, hours and days with one decimal."""
    assert text == format_seconds(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3.0, "3"),
        (15.3, "15.3"),
        (1 / 3, "0.333"),
        (0.00180772, "0.00181"),
        (0.99999, "1"),
        (2000, "2,000"),
        (1234.5678, "1,234.568"),
        (12_341.7454, "12,342"),
        (-2.5, "-2.5"),
        (math.inf, "unbounded"),
        (-math.inf, "-unbounded"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    """Thousands are grouped and no digit stands that carries nothing."""
    assert text == format_number(value)
