"""Laws that capacity arithmetic keeps for all numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rda_nb.capacity import amplification, budgets, cardinality, drain, little, parts, queues, slo, stall, usl
from rda_nb.core import Formula, Quantity, absent, known, unknown

EXAMPLES = 60

durations = st.floats(0.001, 10_000)
tries = st.integers(1, 30)
rates = st.floats(0.01, 100_000)


def law(*examples: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A test for all drawn values; without a time limit, since a busy machine proves nothing wrong."""
    return lambda test: settings(max_examples=EXAMPLES, deadline=None)(given(*examples)(test))


def seconds(value: float) -> Quantity:
    return known(value, "s")


def count(value: float) -> Quantity:
    return known(value, "count")


@st.composite
def backoffs(draw: st.DrawFn) -> stall.Backoff | None:
    base, cap = seconds(draw(durations)), draw(st.none() | durations.map(seconds))
    return draw(
        st.sampled_from(
            [
                None,
                stall.fixed(base, jitter_ratio=draw(st.floats(0, 1))),
                stall.linear(base, cap=cap),
                stall.exponential(
                    base, multiplier=draw(st.floats(1, 4)), cap=cap, jitter_seconds=draw(st.floats(0, 5))
                ),
                stall.aws_v1(base, seconds(300)),
                stall.aws_v2_legacy(cap or seconds(20)),
            ]
        )
    )


def call(attempts: int, timeout: float, backoff: stall.Backoff | None, deadline: Quantity | None = None) -> float:
    result = stall.worst_case(
        attempts=count(attempts), timeout=seconds(timeout), backoff=backoff, deadline=deadline
    ).result
    assert result is not None
    return result


@law(tries, durations, backoffs())
def test_a_stall_is_its_attempts_and_its_schedule(attempts: int, timeout: float, backoff: stall.Backoff | None) -> None:
    """The formula and the listed delays tell the same story."""
    expected = attempts * timeout + math.fsum(stall.schedule(backoff, attempts))
    assert expected == pytest.approx(call(attempts, timeout, backoff), rel=1e-9)


@law(tries, tries, durations, durations, backoffs())
def test_more_attempts_and_longer_timeouts_never_shorten_a_stall(
    fewer: int, more: int, shorter: float, longer: float, backoff: stall.Backoff | None
) -> None:
    """The worst case grows with both."""
    fewer, more = sorted((fewer, more))
    shorter, longer = sorted((shorter, longer))
    assert call(fewer, shorter, backoff) <= call(more, shorter, backoff) <= call(more, longer, backoff)


@law(st.integers(1, 10**9), st.integers(1, 10**9), durations, durations)
def test_long_schedules_stay_fast_and_monotone(fewer: int, more: int, base: float, cap: float) -> None:
    """A billion attempts are summed without walking them, and never to less than fewer attempts."""
    fewer, more = sorted((fewer, more))
    plan = stall.exponential(seconds(base), cap=seconds(cap))
    assert call(fewer, 1, plan) <= call(more, 1, plan) <= more * (1 + cap) * (1 + 1e-9)


@law(tries, durations, backoffs(), durations)
def test_a_deadline_caps_a_stall(attempts: int, timeout: float, backoff: stall.Backoff | None, limit: float) -> None:
    """With a deadline the stall is the smaller of the two."""
    free = call(attempts, timeout, backoff)
    assert min(free, limit) == pytest.approx(call(attempts, timeout, backoff, deadline=seconds(limit)), rel=1e-9)


@law(tries, durations, backoffs(), durations)
def test_an_unknown_timeout_stays_below_its_stated_bound(
    attempts: int, timeout: float, backoff: stall.Backoff | None, limit: float
) -> None:
    """A bound given despite a missing timeout holds for every timeout."""
    bound = stall.worst_case(
        attempts=count(attempts), timeout=unknown("elsewhere", "s"), backoff=backoff, deadline=seconds(limit)
    )
    assert bound.result is not None
    assert bound.missing
    assert call(attempts, timeout, backoff, deadline=seconds(limit)) <= bound.result


@law(tries, durations, durations, durations, st.floats(1, 4))
def test_an_unknown_base_or_cap_stays_below_its_stated_bound(
    attempts: int, timeout: float, base: float, cap: float, multiplier: float
) -> None:
    """Half a schedule still bounds the whole one."""
    whole = call(attempts, timeout, stall.exponential(seconds(base), multiplier=multiplier, cap=seconds(cap)))
    gap = unknown("elsewhere", "s")
    for half in (
        stall.exponential(gap, multiplier=multiplier, cap=seconds(cap)),
        stall.exponential(seconds(base), multiplier=multiplier, cap=gap),
    ):
        assert whole <= call(attempts, timeout, half) * (1 + 1e-9)


@law(tries, backoffs())
def test_no_timeout_means_no_bound(attempts: int, backoff: stall.Backoff | None) -> None:
    """Without a timeout and a deadline there is never a number."""
    formula = stall.worst_case(attempts=count(attempts), timeout=absent("none set", "s"), backoff=backoff)
    assert (None, False) == (formula.result, formula.bounded)
    assert "unbounded" in formula.text


@law(st.integers(1, 1000), st.integers(1, 100), durations)
def test_workers_divide_a_batch_but_never_below_one_item(items: int, workers: int, timeout: float) -> None:
    """Rounds lie between an even share and all items in a row."""
    one = stall.worst_case(attempts=count(1), timeout=seconds(timeout))
    whole, shared = (stall.batch(count(items), one), stall.batch(count(items), one, workers=count(workers)))
    assert whole.result is not None
    assert shared.result is not None
    slack = 1 + 1e-9
    assert items * timeout / workers <= shared.result * slack
    assert timeout <= shared.result * slack
    assert shared.result <= whole.result * slack


@law(st.lists(durations, min_size=1, max_size=8))
def test_parallel_steps_lie_between_the_longest_and_the_sum(timeouts: list[float]) -> None:
    """Doing steps side by side never takes longer than doing them in a row."""
    steps: list[tuple[str, Formula]] = [
        (f"step {i}", stall.worst_case(attempts=count(1), timeout=seconds(t))) for i, t in enumerate(timeouts)
    ]
    row, side = stall.in_sequence(steps).result, stall.in_parallel(steps).result
    assert max(timeouts) == pytest.approx(side, rel=1e-9)
    assert math.fsum(timeouts) == pytest.approx(row, rel=1e-9)


@law(st.permutations([("a", 2), ("b", 3), ("c", 5), ("d", 1)]))
def test_the_order_of_layers_does_not_matter(layers: list[tuple[str, int]]) -> None:
    """Attempts multiply, whichever layer is outside."""
    assert 30 == amplification.total_attempts([(name, count(n)) for name, n in layers]).result


@law(st.floats(0, 1), tries)
def test_expected_attempts_lie_between_one_and_all(failure: float, attempts: int) -> None:
    """On average a call makes at least one attempt and at most all of them."""
    found = amplification.expected_attempts(failure, attempts)
    assert 1 - 1e-9 <= found <= attempts * (1 + 1e-9)
    geometric = math.fsum(failure**i for i in range(attempts))
    assert geometric == pytest.approx(found, rel=1e-6)


@law(st.integers(0, 10**6), st.integers(0, 10**6))
def test_throttling_is_a_probability(requests: int, accepts: int) -> None:
    """It lies in [0, 1) and falls as more requests are accepted."""
    found = amplification.throttling_probability(requests, accepts)
    assert 0 <= found < 1
    assert amplification.throttling_probability(requests, accepts + 1) <= found


@law(rates, durations)
def test_little_holds_for_every_flow(throughput: float, latency: float) -> None:
    """Concurrency is throughput times latency, and comes back from either pair."""
    flow = little.Flow.from_throughput_and_latency(throughput, latency)
    assert throughput == pytest.approx(
        little.Flow.from_concurrency_and_latency(flow.concurrency, latency).throughput, rel=1e-9
    )
    assert latency == pytest.approx(
        little.Flow.from_concurrency_and_throughput(flow.concurrency, throughput).latency, rel=1e-9
    )


@law(st.integers(1, 200), st.floats(0, 300))
def test_erlang_formulas_are_probabilities(servers: int, load: float) -> None:
    """Waiting is at least as likely as being lost, and both lie in [0, 1]."""
    lost, waits = queues.erlang_b(servers, load), queues.erlang_c(servers, load)
    assert 0 <= lost <= waits + 1e-12 <= 1 + 1e-9


@law(st.integers(1, 50), st.floats(0.01, 0.99))
def test_another_server_never_lengthens_the_wait(servers: int, utilisation: float) -> None:
    """The same arrivals wait less, and Little's law ties items to seconds."""
    arrival = utilisation * servers
    few, more = queues.mmc(arrival, 1, servers), queues.mmc(arrival, 1, servers + 1)
    assert more.wait <= few.wait * (1 + 1e-9)
    assert few.inside == pytest.approx(arrival * few.residence, rel=1e-9)
    assert few.residence == pytest.approx(few.wait + 1, rel=1e-9)


models = st.builds(usl.Model, st.floats(0, 0.9), st.floats(1e-6, 0.1), st.floats(0.1, 1e5))


@law(models, st.floats(1, 1000))
def test_usl_inverts_and_keeps_littles_law(model: usl.Model, concurrency: float) -> None:
    """R(N(r)) = r, N(R(n)) = n, and X × R = N at every point."""
    latency = model.latency(concurrency)
    assert concurrency == pytest.approx(model.throughput(concurrency) * latency, rel=1e-9)
    assume(latency > 1.001 * model.latency(1))
    found = model.concurrency_at_latency(latency)
    assert concurrency == pytest.approx(found, rel=1e-6)
    assert latency == pytest.approx(model.latency(found), rel=1e-9)
    assert found == pytest.approx(model.throughput_at_latency(latency) * latency, rel=1e-9)


@law(models, st.floats(0.05, 0.95))
def test_usl_finds_the_rising_side_of_a_throughput(model: usl.Model, share: float) -> None:
    """Below its peak a throughput is reached with no more than the peak's concurrency."""
    throughput = share * model.max_throughput
    found = model.concurrency_at_throughput(throughput)
    assert throughput == pytest.approx(model.throughput(found), rel=1e-6)
    assert found <= math.sqrt((1 - model.sigma) / model.kappa) * (1 + 1e-6)
    assert model.latency_at_throughput(throughput) == pytest.approx(model.latency(found), rel=1e-6)


@law(models, st.floats(1, 2000))
def test_usl_peak_is_a_peak(model: usl.Model, concurrency: float) -> None:
    """No concurrency gives more than the continuous peak, which the whole one comes close to from below."""
    peak = math.sqrt((1 - model.sigma) / model.kappa)
    assert model.throughput(concurrency) <= model.throughput(peak) * (1 + 1e-9)
    assert model.max_throughput <= model.throughput(peak) * (1 + 1e-9)


@law(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_backlog_drains_in_positive_time_or_never(arrival: float, service: float, outage: float) -> None:
    """The drain is never negative, and infinite exactly when something waits and nothing is gained on it."""
    found = drain.drain_seconds(arrival, service, outage)
    assert found >= 0
    assert math.isinf(found) is (arrival * outage > 0 and service <= arrival) or found > 1e300
    formula = drain.drain_time(known(arrival, "1/s"), known(service, "1/s"), seconds(outage))
    assert formula.bounded is not math.isinf(found)


@law(st.lists(st.integers(1, 50), max_size=5), st.integers(1, 30))
def test_cardinality_multiplies_and_any_free_label_breaks_it(sizes: list[int], buckets: int) -> None:
    """A histogram has buckets + 2 series per combination, and one label without bound takes the bound away."""
    labels = [(f"l{i}", count(n)) for i, n in enumerate(sizes)]
    assert math.prod(sizes) * (buckets + 2) == cardinality.series(labels, buckets=count(buckets)).result
    mixed = [*labels, ("path", unknown("elsewhere")), ("user", absent("free text"))]
    assert (None, False) == ((free := cardinality.series(mixed)).result, free.bounded)


@law(st.integers(1, 50), st.integers(1, 50), durations)
def test_parts_grow_with_writers_and_shrink_with_the_interval(replicas: int, workers: int, interval: float) -> None:
    """Twice the interval makes half the parts."""

    def made(times: float) -> float | None:
        return parts.parts_per_second(
            replicas=count(replicas),
            workers=count(workers),
            partitions=count(1),
            flush_interval=seconds(interval * times),
        ).result

    once, twice = made(1), made(2)
    assert once is not None
    assert twice is not None
    assert once == pytest.approx(2 * twice, rel=1e-9)
    assert once == pytest.approx(replicas * workers / interval, rel=1e-9)


@law(st.floats(1, 1e6), st.floats(0.01, 1e6), durations)
def test_an_insert_carries_what_arrives_between_two_inserts(batch: float, rate: float, timer: float) -> None:
    """Rows per insert are the rate times the effective interval."""
    rows = parts.rows_per_insert(batch=count(batch), rate=known(rate, "1/s"), flush_interval=seconds(timer)).result
    assert rows == pytest.approx(rate * parts.insert_interval(batch, rate, timer), rel=1e-9)


@law(durations, durations)
def test_a_verdict_agrees_with_its_ratio(stalled: float, limit: float) -> None:
    """Over means a ratio above one, and nothing else does."""
    found = budgets.compare(
        stall.worst_case(attempts=count(1), timeout=seconds(stalled)), budgets.visibility_timeout(seconds(limit))
    )
    assert found.ratio is not None
    assert (found.verdict is budgets.Verdict.OVER) is (found.ratio > 1)


@law(st.floats(0.001, 0.9999), st.floats(0.1, 90), st.floats(0.1, 100))
def test_burn_rates_and_shares_invert(objective: float, days: float, hours: float) -> None:
    """The burn that spends a share in some hours spends that share in those hours."""
    burn = slo.burn_rate_for(0.02, hours, days)
    assert 0.02 == pytest.approx(slo.budget_spent(burn, hours, days), rel=1e-9)
    assert 0 < slo.error_budget_minutes(objective, days) < days * 24 * 60
