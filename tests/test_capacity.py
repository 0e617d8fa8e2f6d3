"""Capacity arithmetic against worked numbers from the literature and from the clients' own sources."""

from __future__ import annotations

import math

import pytest

from rda_nb.capacity import amplification, budgets, cardinality, drain, little, parts, queues, slo, stall, usl
from rda_nb.core import Quantity, State, absent, known, unknown


def seconds(value: float) -> Quantity:
    return known(value, "s")


def count(value: float) -> Quantity:
    return known(value, "count")


def call(attempts: float, timeout: float, backoff: stall.Backoff | Quantity | None = None) -> float | None:
    return stall.worst_case(attempts=count(attempts), timeout=seconds(timeout), backoff=backoff).result


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [((4, 4, 4), 64), ((3, 3, 3, 3, 3), 243), ((2, 3), 6), ((3, 3), 9), ((3, 3, 3, 3), 81), ((1,), 1), ((), 1)],
)
def test_attempts_of_nested_layers_multiply(attempts: tuple[int, ...], expected: int) -> None:
    """Every layer repeats all the attempts of the layer below it."""
    layers = [(f"layer {i}", count(n)) for i, n in enumerate(attempts)]
    assert expected == amplification.total_attempts(layers).result


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (2, 3), (3, 4), (10, 11)])
def test_attempts_are_one_more_than_retries(retries: int, attempts: int) -> None:
    """A library that counts retries makes one attempt more than it says."""
    converted = amplification.attempts_from_retries(known(retries, "retries", config_key="MAX_RETRIES"))
    assert (attempts, "count", "MAX_RETRIES") == (converted.number, converted.unit, converted.config_key)
    assert retries == amplification.retries_from_attempts(attempts)


def test_retries_that_are_a_range_or_missing_convert_too() -> None:
    """Both ends of a range move by one, and an unknown or absent limit stays what it is."""
    span = amplification.attempts_from_retries(Quantity(State.RANGE, "retries", low=2, high=5))
    assert (3, 6) == (span.low, span.high)
    assert State.UNKNOWN is amplification.attempts_from_retries(unknown("RETRIES is not set", "retries")).state
    assert State.ABSENT is amplification.attempts_from_retries(absent("no limit", "retries")).state


@pytest.mark.parametrize(
    ("attempts", "timeout", "backoff", "expected"),
    [
        pytest.param(3, 5, stall.exponential(seconds(0.1)), 15.3, id="three attempts of 5 s, 0.1 s doubling"),
        pytest.param(5, 30, stall.exponential(seconds(1), cap=seconds(20)), 165, id="five attempts of 30 s, cap 20 s"),
        pytest.param(3, 5, stall.fixed(seconds(20)), 55, id="every delay at the AWS cap of 20 s"),
        pytest.param(3, 5, stall.aws_v2_legacy(seconds(20)), 21, id="AWS SDK v2 legacy: 2 s + 4 s"),
        pytest.param(3, 30, stall.exponential(seconds(0.5)), 91.5, id="three attempts of 30 s, 0.5 s doubling"),
        pytest.param(1, 30, stall.exponential(seconds(0.5)), 30, id="one attempt sleeps never"),
        pytest.param(3, 5, None, 15, id="no backoff"),
        pytest.param(3, 5, seconds(2), 19, id="a quantity is a fixed delay"),
        pytest.param(3, 5, absent("no sleep in the loop", "s"), 15, id="an absent backoff is none"),
        pytest.param(4, 1, stall.linear(seconds(2)), 16, id="linear 2 + 4 + 6"),
        pytest.param(4, 1, stall.linear(seconds(2), cap=seconds(5)), 15, id="linear, cap 5 s"),
        pytest.param(5, 1, stall.quadratic(seconds(0.1), cap=seconds(1)), 7.4, id="0.1 + 0.4 + 0.9 + 1"),
        pytest.param(5, 0, stall.exponential(seconds(1), cap=seconds(30)), 15, id="retryablehttp: four retries"),
        pytest.param(4, 0, stall.aws_v1(seconds(0.03), seconds(300)), 0.42, id="AWS SDK v1: three retries"),
        pytest.param(11, 0, stall.aws_v1(seconds(0.05), seconds(300)), 102.3, id="AWS SDK v1 DynamoDB"),
        pytest.param(11, 0, stall.aws_v1(seconds(0.5), seconds(300)), 811, id="AWS SDK v1 DynamoDB, throttled"),
        pytest.param(10, 0, stall.exponential(seconds(0.1), jitter_seconds=0.1), 52.0, id="avast/retry-go default"),
        pytest.param(11, 0, stall.exponential(seconds(1)), 1023, id="ten retries, uncapped doubling"),
        pytest.param(20_000, 0, stall.exponential(seconds(1), cap=seconds(30)), 599_851, id="a very long schedule"),
        pytest.param(6, 0, stall.listed(1, 5, 30), 96, id="a list of delays repeats its last"),
    ],
)
def test_worst_case_of_one_call(
    attempts: int, timeout: float, backoff: stall.Backoff | Quantity | None, expected: float
) -> None:
    """The stall is all attempts at their timeout and all delays at their longest."""
    assert expected == call(attempts, timeout, backoff)


@pytest.mark.parametrize(
    ("backoff", "attempts", "expected"),
    [
        (stall.fixed(seconds(2), jitter_ratio=0.5), 4, (3, 3, 3)),
        (stall.linear(seconds(2)), 4, (2, 4, 6)),
        (stall.exponential(seconds(1), cap=seconds(5)), 6, (1, 2, 4, 5, 5)),
        (stall.exponential(seconds(1), multiplier=3.0, full_jitter=True), 4, (1, 3, 9)),
        (stall.aws_v2_legacy(seconds(20)), 8, (2, 4, 8, 16, 20, 20, 20)),
        (stall.aws_v2_legacy(seconds(0.5)), 3, (0.5, 0.5)),
        (stall.aws_v2_legacy(seconds(8)), 5, (2, 4, 8, 8)),
        (stall.aws_v1(seconds(0.03), seconds(0.2)), 5, (0.06, 0.12, 0.2, 0.2)),
        (None, 3, (0, 0)),
        (seconds(1), 1, ()),
    ],
)
def test_schedule_lists_every_delay(
    backoff: stall.Backoff | Quantity | None, attempts: int, expected: tuple[float, ...]
) -> None:
    """The schedule holds one delay fewer than there are attempts, each at the top of its jitter."""
    assert expected == stall.schedule(backoff, attempts)


def test_schedule_of_cenkalti_backoff_puts_jitter_on_top_of_its_cap() -> None:
    """Its documented table ends each row at 1.5 times the interval, and the interval alone is capped."""
    plan = stall.exponential(seconds(0.5), multiplier=1.5, cap=seconds(60), jitter_ratio=0.5, cap_covers_jitter=False)
    delays = stall.schedule(plan, 40)
    documented = (0.75, 1.125, 1.687, 2.53, 3.795, 5.692, 8.538, 12.807, 19.210)
    assert delays[:9] == pytest.approx(documented, rel=1e-3)
    assert 90 == delays[-1]


def test_a_schedule_with_a_missing_number_is_refused() -> None:
    """A list of delays cannot be made up from an unknown base."""
    with pytest.raises(ValueError, match="missing number"):
        stall.schedule(stall.exponential(unknown("BASE_DELAY", "s")), 3)


@pytest.mark.parametrize(
    ("workers", "expected"), [(None, 153), (count(1), 153), (count(4), 45.9), (count(10), 15.3), (count(99), 15.3)]
)
def test_batches_run_in_rounds(workers: Quantity | None, expected: float) -> None:
    """Ten items of 15.3 s take as many rounds as the workers need."""
    one = stall.worst_case(attempts=count(3), timeout=seconds(5), backoff=stall.exponential(seconds(0.1)))
    assert expected == stall.batch(count(10), one, workers=workers).result


def test_a_batch_past_the_visibility_timeout_is_delivered_again() -> None:
    """153 s of sequential work against the queue's 30 s is over by a factor of 5.1."""
    one = stall.worst_case(attempts=count(3), timeout=seconds(5), backoff=stall.exponential(seconds(0.1)))
    found = budgets.compare(stall.batch(count(10), one), budgets.visibility_timeout(seconds(30)))
    assert (budgets.Verdict.OVER, 5.1) == (found.verdict, found.ratio)


@pytest.mark.parametrize(
    ("limit", "expected"), [(180, budgets.Verdict.WITHIN), (179, budgets.Verdict.TIGHT), (29, budgets.Verdict.OVER)]
)
def test_lambda_wants_six_times_its_timeout(limit: float, expected: budgets.Verdict) -> None:
    """A function of 30 s wants a visibility timeout of 180 s, and cannot work at all below 30 s."""
    timeout = stall.worst_case(attempts=count(1), timeout=seconds(30))
    assert expected is budgets.compare(timeout, budgets.lambda_visibility_timeout(seconds(limit))).verdict


@pytest.mark.parametrize(
    ("failure", "attempts", "expected"), [(0.5, 3, 1.75), (0.1, 4, 1.111), (0, 4, 1), (1, 4, 4), (0.3, 1, 1)]
)
def test_expected_attempts(failure: float, attempts: int, expected: float) -> None:
    """Attempt i + 1 happens only when the first i have failed."""
    assert expected == pytest.approx(amplification.expected_attempts(failure, attempts), rel=1e-12)


@pytest.mark.parametrize(("failure", "attempts", "expected"), [(1, 4, 32_000), (0.05, 2, 8_400), (0.1, 2, 8_800)])
def test_load_under_failure(failure: float, attempts: int, expected: float) -> None:
    """8,000 calls per second become 32,000 when everything fails and each call is retried three times."""
    assert expected == pytest.approx(amplification.load_under_failure(8_000, failure, attempts), rel=1e-12)


@pytest.mark.parametrize(
    ("requests", "accepts", "expected"),
    [(100, 40, 20 / 101), (100, 50, 0), (100, 100, 0), (0, 0, 0), (100, 0, 100 / 101)],
)
def test_throttling_clients_reject_above_twice_their_accepts(requests: int, accepts: int, expected: float) -> None:
    """With K = 2 nothing is rejected until half of the requests fail."""
    assert expected == pytest.approx(amplification.throttling_probability(requests, accepts), abs=1e-15)


@pytest.mark.parametrize(
    "flow",
    [
        little.Flow.from_concurrency_and_latency(3, 0.6),
        little.Flow.from_concurrency_and_throughput(3, 5),
        little.Flow.from_throughput_and_latency(5, 0.6),
    ],
)
def test_little_agrees_whichever_two_are_given(flow: little.Flow) -> None:
    """3 items at 0.6 s each are 5 items per second."""
    assert (3, 5, 0.6) == pytest.approx((flow.concurrency, flow.throughput, flow.latency), rel=1e-12)


def test_ten_workers_at_200_ms_finish_50_a_second() -> None:
    """A pool's ceiling is its concurrency divided by the latency of one item."""
    assert (50, "/s") == ((rate := little.max_rate(count(10), seconds(0.2))).result, rate.unit)


def test_the_ceiling_of_a_pool_counts_its_fewest_workers() -> None:
    """A pool of 5 to 10 workers is sure of 5 only."""
    workers = Quantity(State.RANGE, "count", low=5, high=10)
    assert 25 == little.max_rate(workers, seconds(0.2)).result


def test_in_flight_items_and_the_time_to_finish_them() -> None:
    """Ten workers holding 100 items each over a buffer of 500 hold 1,500, which take 30 s at 50 a second."""
    held = little.in_flight(count(10), count(100), buffers=count(500))
    assert (1_500, "items") == (held.result, held.unit)
    assert 30 == little.emptying_time(1_500, 50)


def test_a_fleet_quota_is_tasks_times_rate() -> None:
    """100 tasks of 500 requests per second each can send 50,000 per second."""
    assert 50_000 == little.in_flight(count(100), count(500)).result


@pytest.mark.parametrize(
    ("replicas", "workers", "partitions", "interval", "expected"),
    [(12, 4, 1, 1, 48), (1, 1, 2, 10, 0.2), (3, 2, 5, 15, 2)],
)
def test_parts_per_second(replicas: int, workers: int, partitions: int, interval: float, expected: float) -> None:
    """Every insert of every writer makes one part in each partition that it touches."""
    found = parts.parts_per_second(
        replicas=count(replicas), workers=count(workers), partitions=count(partitions), flush_interval=seconds(interval)
    )
    assert (expected, "parts/s") == (found.result, found.unit)


@pytest.mark.parametrize(("per_year", "expected"), [(365, 3_650), (12, 120)])
def test_partitions_of_ten_years(per_year: int, expected: int) -> None:
    """Ten years by day are 3,650 partitions, by month 120."""
    assert expected == parts.partition_count(10, per_year)


@pytest.mark.parametrize(("rate", "rows", "interval"), [(50, 50, 1), (5_000, 1_000, 0.2), (1_000, 1_000, 1)])
def test_a_batch_is_cut_by_its_size_or_by_its_timer(rate: float, rows: float, interval: float) -> None:
    """Slow traffic makes small inserts on the timer, fast traffic full inserts more often than the timer."""
    found = parts.rows_per_insert(batch=count(1_000), rate=known(rate, "1/s"), flush_interval=seconds(1))
    assert (rows, "rows") == (found.result, found.unit)
    assert interval == parts.insert_interval(1_000, rate, 1)


def test_without_a_flush_timer_the_parts_rate_is_not_zero_but_missing() -> None:
    """Full batches decide, and how often they fill cannot be read from the source."""
    none = absent("no ticker beside the size check", "s")
    found = parts.parts_per_second(replicas=count(1), workers=count(4), partitions=count(1), flush_interval=none)
    assert (None, True) == (found.result, found.bounded)
    assert "no flush timer (no ticker beside the size check)" in found.missing
    rows = parts.rows_per_insert(batch=count(1_000), rate=known(5, "1/s"), flush_interval=none)
    assert 1_000 == rows.result


@pytest.mark.parametrize(
    ("servers", "probability", "wait"),
    [(1, 0.8, 4.0), (2, 0.711111, 1.777778), (4, 0.596432, 0.745541), (10, 0.409180, 0.204590)],
)
def test_waiting_at_eighty_percent(servers: int, probability: float, wait: float) -> None:
    """At the same utilisation more servers wait less often and for less time."""
    found = queues.mmc(0.8 * servers, 1, servers)
    assert (0.8, probability, wait) == pytest.approx((found.utilisation, found.wait_probability, found.wait), abs=1e-6)


def test_erlang_b_of_ten_servers_and_eight_erlangs() -> None:
    """Without a waiting room 12.2 % of the arrivals are lost."""
    assert 0.121661 == pytest.approx(queues.erlang_b(10, 8), abs=1e-6)


def test_residence_grows_fivefold_from_95_to_99_percent() -> None:
    """Four points of utilisation near the top cost a factor of five."""
    assert 5 == pytest.approx(queues.mm1(9_900, 10_000).residence / queues.mm1(9_500, 10_000).residence)


def test_an_overloaded_queue_has_no_steady_state() -> None:
    """At a utilisation of one the wait is infinite and certain."""
    found = queues.mmc(2, 1, 2)
    assert (1, 1, math.inf, math.inf) == (found.utilisation, found.wait_probability, found.wait, found.inside)


SCALED = usl.Model(sigma=0.02671591, kappa=7.690945e-4, rate=995.6486)


def test_usl_peak() -> None:
    """Throughput peaks at 35 workers with 12,342 items per second."""
    assert 35 == SCALED.max_concurrency
    assert 12_341.7454 == pytest.approx(SCALED.max_throughput, rel=1e-5)


@pytest.mark.parametrize(
    ("concurrency", "throughput", "latency"),
    [(1, 995.6488, 0.00100437), (20, 11_063.633, 0.00180772), (35, 12_341.7457, 0.00283590)],
)
def test_usl_throughput_and_latency(concurrency: float, throughput: float, latency: float) -> None:
    """The curve passes through the published points."""
    found = (SCALED.throughput(concurrency), SCALED.latency(concurrency))
    assert (throughput, latency) == pytest.approx(found, rel=1e-5)


@pytest.mark.parametrize(
    ("latency", "concurrency", "throughput"),
    [(0.03, 177.69841, 5_923.278), (0.04, 208.52454, 5_213.112), (0.05, 235.61469, 4_712.292)],
)
def test_usl_at_a_latency_keeps_littles_law(latency: float, concurrency: float, throughput: float) -> None:
    """Throughput at a latency is the concurrency there divided by it (a published 7,047.84 at 30 ms is not)."""
    found = (SCALED.concurrency_at_latency(latency), SCALED.throughput_at_latency(latency))
    assert (concurrency, throughput) == pytest.approx(found, rel=1e-5)
    assert 7_047.84 != pytest.approx(SCALED.throughput_at_latency(0.03), rel=0.1)


def test_usl_at_a_throughput_keeps_crosstalk() -> None:
    """At the throughput of 20 workers latency is that of 20 workers (a published inverse drops κ and gives 1.39 ms)."""
    throughput = SCALED.throughput(20)
    assert 20 == pytest.approx(SCALED.concurrency_at_throughput(throughput), rel=1e-9)
    assert 0.00180772 == pytest.approx(SCALED.latency_at_throughput(throughput), rel=1e-5)


def test_usl_without_crosstalk_or_contention() -> None:
    """Contention alone levels off at λ/σ, and without either there is no ceiling."""
    contended = usl.Model(0.1, 0, 100)
    assert math.inf == contended.max_concurrency
    assert 1_000 == pytest.approx(contended.max_throughput)
    assert 3 == pytest.approx(contended.concurrency_at_latency(contended.latency(3)))
    assert math.inf == usl.Model(0, 0, 100).max_throughput
    with pytest.raises(ValueError, match="no concurrency"):
        usl.Model(0, 0, 100).concurrency_at_latency(0.01)
    with pytest.raises(ValueError, match="above the peak"):
        SCALED.concurrency_at_throughput(13_000)


@pytest.mark.parametrize(
    ("sizes", "buckets", "expected"),
    [((4, 50, 10), None, 2_000), ((4, 50, 10), 12, 28_000), ((), None, 1), ((), 12, 14)],
)
def test_cardinality_is_the_product_of_label_sizes(sizes: tuple[int, ...], buckets: int | None, expected: int) -> None:
    """Every combination of label values is a series, and a histogram adds `_sum` and `_count` to its buckets."""
    labels = [(f"label_{i}", count(size)) for i, size in enumerate(sizes)]
    found = cardinality.series(labels, buckets=None if buckets is None else count(buckets))
    assert (expected, "series") == (found.result, found.unit)


def test_the_default_prometheus_buckets_make_fourteen_series() -> None:
    """Eleven bounds in the code are twelve buckets with `+Inf`, and fourteen series with sum and count."""
    buckets = cardinality.buckets_with_infinity(count(11))
    assert 14 == cardinality.series([], buckets=buckets).result


@pytest.mark.parametrize(
    ("arrival", "service", "outage", "expected"),
    [
        (100, 150, 600, 1_200),
        (100, 200, 600, 600),
        (100, 100, 600, math.inf),
        (100, 80, 600, math.inf),
        (100, 80, 0, 0),
        (0, 0, 600, 0),
    ],
)
def test_drain_time(arrival: float, service: float, outage: float, expected: float) -> None:
    """The backlog shrinks by the surplus of service over arrivals, or never."""
    assert expected == drain.drain_seconds(arrival, service, outage)


def test_error_budgets() -> None:
    """99.9 % over 30 days allow 43.2 minutes, and a burn of 14.4 spends 2 % of them in an hour."""
    assert 43.2 == pytest.approx(slo.error_budget_minutes(0.999, 30))
    assert 0.02 == pytest.approx(slo.budget_spent(14.4, 1, 30))
    assert 14.4 == pytest.approx(slo.burn_rate_for(0.02, 1, 30))
    assert 14.4 == pytest.approx(slo.burn_rate(0.0144, 0.999))


def test_sequential_steps_add_up_and_parallel_steps_take_the_slowest() -> None:
    """A caller's deadline has to hold the sum of steps in sequence, but only the longest of steps side by side."""
    steps = [
        (name, stall.worst_case(attempts=count(1), timeout=seconds(t))) for name, t in (("a", 2), ("b", 5), ("c", 1))
    ]
    assert (8, 5) == (stall.in_sequence(steps).result, stall.in_parallel(steps).result)
    assert (
        budgets.Verdict.OVER is budgets.compare(stall.in_sequence(steps), budgets.caller_deadline(seconds(6))).verdict
    )
    assert (
        budgets.Verdict.WITHIN is budgets.compare(stall.in_parallel(steps), budgets.caller_deadline(seconds(6))).verdict
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: stall.worst_case(attempts=count(3), timeout=known(500, "ms")),
        lambda: stall.worst_case(attempts=known(3, "retries"), timeout=seconds(1)),
        lambda: stall.worst_case(attempts=count(3), timeout=[]),
        lambda: drain.drain_time(count(100), known(150, "1/s"), seconds(60)),
        lambda: budgets.compare(little.max_rate(count(1), seconds(1)), budgets.lease(seconds(1))),
        lambda: amplification.expected_attempts(1.5, 3),
        lambda: queues.mm1(1, 0),
        lambda: usl.Model(1, 0, 1),
        lambda: slo.error_budget_minutes(99.9, 30),
        stall.listed,
    ],
)
def test_mixed_units_and_impossible_numbers_are_refused(wrong: object) -> None:
    """Milliseconds beside seconds, retries as attempts or a percentage as a ratio never make a number."""
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"\w"):
        wrong()
