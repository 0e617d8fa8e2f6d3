"""Decisions: which documents and records count, what a sentence states, and when a departure may be called one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rda_nb import checks, facts, languages, service, source
from rda_nb.findings.decisions import Decision, compare
from rda_nb.findings.decisions.layout import layout
from rda_nb.findings.decisions.quantities import slotted
from rda_nb.findings.decisions.text import read
from rda_nb.findings.decisions.words import vocabulary
from rda_nb.records import Record
from rda_nb.source.target import SourceFile, Target

EXAMPLE = Path(__file__).parents[1] / "examples" / "orders-ingest"
DECISIONS = "docs/rda/ARCHITECTURAL_DECISIONS.md"
Run = tuple[Target, Mapping[str, Sequence[Record]]]


@pytest.fixture(scope="module")
def run() -> Run:
    """The example's target and rows."""
    target = source.read(EXAMPLE)
    return target, checks.run(service.resolve(target, facts.extract(target, languages.packs())))


def decided(run: Run, text: str) -> tuple[Decision, ...]:
    """What the decisions come to when the example's decisions file says this."""
    target, rows = run
    return compare(deciding(target, f"# Decisions\n\n{text}\n".encode()), rows).all


def deciding(target: Target, data: bytes) -> Target:
    """The target with another decisions file."""
    others = tuple(f for f in target.files if f.path != DECISIONS)
    return replace(target, files=others, decisions=SourceFile(DECISIONS, "markdown", "docs", len(data), data))


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("docs/adr/0001-batches.md", True),
        ("docs/adrs/batches.md", True),
        ("doc/adr/0001-batches.md", True),
        ("adr/0007-retries.markdown", True),
        ("docs/decisions/0002-use-madr.md", True),
        ("docs/architecture/decisions/0003-x.md", True),
        ("docs/architecture-decisions/3.md", True),
        ("docs/decisions.md", True),
        ("docs/adr/README.md", False),
        ("docs/adr/template.md", False),
        ("docs/adr/0001.png", False),
        ("docs/guides/batches.md", False),
        ("internal/adr.go", False),
    ],
)
def test_records_lie_in_the_usual_folders(path: str, holds: bool) -> None:
    """MADR, adr-tools and their kin; indexes and templates are no records."""
    assert holds is layout().holds(path)


@pytest.mark.parametrize(
    "record",
    [
        "## A\n\nStatus: superseded by B\n\n{}",
        "## A\n\n**Status:** Rejected\n\n{}",
        "## A\n\n- Status: deprecated since 2024\n- {}",
        "## A\n\n### Status\n\nSuperseded by [ADR-7](7.md)\n\n### Decision\n\n{}",
        "## A\n\n| Status | Proposed |\n|---|---|\n| Date | 2024 |\n\n## [superseded] A\n\n{}",
        "## A (deprecated)\n\n{}",
        "## A\n\nDeprecated.\n\n{}",
        "## 1. A\n\n{}\n\n## 2. B\n\nStatus: accepted, supersedes 1\n",
        "## A\n\n~~{}~~",
        "## A\n\n### Context\n\n{}",
        "## A\n\n**Alternatives considered:** {}",
        "## A\n\n### Considered Options\n\n- {}",
        "## A\n\n```\n{}\n```",
    ],
)
def test_what_is_not_in_force_states_nothing(run: Run, record: str) -> None:
    """Superseded, rejected, deprecated and struck-out records, contexts, options and listings."""
    assert () == decided(run, record.format("The writer flushes every 9 seconds."))


@pytest.mark.parametrize(
    "record",
    [
        "## A\n\nStatus: accepted\n\n{}",
        "## A\n\n- **Status**: ~~proposed~~ accepted 2024-01\n- **Decision**: {}",
        "## A\n\n### Status\n\nAccepted\n\n### Decision\n\n{}",
        "## 2. A\n\nStatus: accepted, supersedes 1\n\n{}",
        "## A\n\n> {}",
        "## A\n\nDecision: we keep it simple.\n{}",
    ],
)
def test_what_is_in_force_is_compared(run: Run, record: str) -> None:
    """An accepted record in the common layouts, with its own heading and line."""
    found = decided(run, record.format("The writer flushes every 9 seconds."))
    assert [("DRIFT", "flush interval: every 9 seconds")] == [
        (d.verdict, d.stated.replace(": 9", ": every 9")) for d in found
    ]
    assert found[0].heading in ("A", "2. A")
    assert "flushes every 9 seconds" in found[0].evidence[-1].excerpt


def test_a_record_without_a_status_holds(run: Run) -> None:
    """Most decision files never write a status."""
    assert ["ALIGNED"] == [d.verdict for d in decided(run, "## A\n\nThe writer flushes every two seconds.")]


@pytest.mark.parametrize(
    ("sentence", "amounts"),
    [
        ("a batch of 5,000 rows", [("items", 5000.0, "exact")]),
        ("at most 10k events", [("items", 10000.0, "at_most")]),
        ("not longer than 1.5 s", [("s", 1.5, "at_most")]),
        ("flush every second", [("s", 1.0, "exact")]),
        ("after a minute, or", [("s", 60.0, "exact")]),
        ("about 250ms", [("s", 0.25, "about")]),
        ("four workers and 2 GiB", [("count", 4.0, "exact"), ("bytes", 2147483648.0, "exact")]),
        ("100 requests per second, 600 per minute", [("rate", 100.0, "exact"), ("rate", 10.0, "exact")]),
        ("at least 3 times", [("count", 3.0, "at_least")]),
        ("ADR 7 of 2024-03 in v2.3 says 99.9% at p99 on port 8123", []),
        ("a second attempt by one writer", []),
        ("`BATCH_5000` and utf8", []),
    ],
)
def test_amounts_of_a_sentence(sentence: str, amounts: list[tuple[str, float, str]]) -> None:
    """Numbers with their dimension and bound; dates, versions, shares and names are none."""
    found = slotted(sentence, vocabulary()).amounts
    assert amounts == [(a.dimension, a.values[0], a.bound) for a in found]


@pytest.mark.parametrize(
    ("statement", "verdict", "stated"),
    [
        ("The writer flushes every 2 seconds.", "ALIGNED", "flush interval"),
        ("`FLUSH_INTERVAL` is 2 s.", "ALIGNED", "flush interval"),
        ("`FLUSH_INTERVAL` is 20 s.", "DRIFT", "flush interval"),
        ("The pricing service is tried three times.", "ALIGNED", "attempts"),
        ("The pricing service is tried six times.", "DRIFT", "attempts"),
        ("A refunds insert is retried twice.", "ALIGNED", "attempts"),
        ("The ClickHouse pool has 10 open connections.", "ALIGNED", "pool size"),
        ("The ClickHouse pool has 25 open connections.", "DRIFT", "pool size"),
        ("The revenue cache keeps 128 entries.", "ALIGNED", "cache size"),
        ("`pipeline_audit` is kept for 90 days.", "ALIGNED", "kept"),
        ("`pipeline_audit` is kept for a year: TTL 1 year.", "DRIFT", "kept"),
        ("`refund_events` is partitioned by month.", "ALIGNED", "partition"),
        ("`sku_daily` is a SummingMergeTree.", "ALIGNED", "SummingMergeTree"),
        ("`sku_daily` is an AggregatingMergeTree.", "DRIFT", "AggregatingMergeTree"),
        ("Nowhere do we use FINAL: never FINAL in a query.", "DRIFT", "FINAL"),
        ("Every queue is acknowledged at least once, after the write.", "DRIFT", "acknowledge"),
        ("All external calls have a deadline.", "DRIFT", "external calls"),
        ("Metrics carry no order ids as labels.", "DRIFT", "no order ids"),
    ],
)
def test_statements_against_the_example(run: Run, statement: str, verdict: str, stated: str) -> None:
    """One sentence, one verdict, held against rows that somebody else's checks made."""
    found = [d for d in decided(run, statement) if stated in d.stated]
    assert [verdict] == [d.verdict for d in found], [(d.stated, d.verdict, d.observed) for d in decided(run, statement)]
    if verdict in ("ALIGNED", "DRIFT"):
        assert len(found[0].evidence) > 1


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("The timeout is 7 seconds.", "several can be meant"),
        ("Batches have 7,000 items.", "several can be meant"),
        ("The billing consumer flushes every 30 seconds.", "several can be meant"),
        ("`BILLING_TIMEOUT` is a timeout of 7 seconds.", "`BILLING_TIMEOUT` is not found"),
        ("A Redis call has a timeout of 7 seconds.", "no such row of redis"),
        ("The rate limit is 100 requests per second.", "nothing that was read has a rate limit"),
        ("The writer runs with backpressure.", "states nothing that can be compared"),
    ],
)
def test_doubt_is_a_gap_with_its_reason(run: Run, statement: str, told: str) -> None:
    """Where several rows could be meant and differ, or none is, nothing is called a departure."""
    (found,) = decided(run, f"## A\n\n{statement}")
    assert ("GAP", True) == (found.verdict, told in found.observed), found.observed


@pytest.mark.parametrize(
    "statement",
    [
        "Inserts are retried until ClickHouse is back.",
        "We retry immediately, without any backoff.",
        "HTTP clients have no timeout.",
        "OPTIMIZE TABLE order_events FINAL runs every hour.",
        "Each event is inserted into ClickHouse individually.",
        "Offsets are committed before the rows are written.",
        "Every report query uses FINAL.",
        "Inserts use wait_for_async_insert=0.",
        "The in-memory queue is unbounded.",
        "Each request starts its own goroutine.",
        "The cache never expires.",
        "Counters are labelled by order_id.",
        "The export loads the whole table into memory.",
        "Delivery is at-most-once.",
    ],
)
def test_dangerous_decisions(run: Run, statement: str) -> None:
    """A decision that endangers performance is one whether or not the code carries it out."""
    assert "DECISION RISK" in [d.verdict for d in decided(run, statement)]


@pytest.mark.parametrize(
    "statement",
    [
        "We never retry until ClickHouse is back.",
        "Retries without backoff are not allowed; we avoid retrying immediately.",
        "No call may run without a timeout.",
        "We do not run OPTIMIZE TABLE order_events FINAL every hour any more.",
        "Rather than committing offsets before the rows are written, we wait.",
        "Instead of unbounded queues we block.",
        "Telemetry is at-most-once, which is fine for metrics.",
        "We considered fire-and-forget inserts and said no.",
        "Goroutines per request are limited by a semaphore: each request starts its own goroutine, at most 20.",
        "It used to be that each event was inserted individually.",
        "The cache must never grow without eviction.",
    ],
)
def test_dangers_that_are_denied_are_none(run: Run, statement: str) -> None:
    """A sentence that rules a danger out, speaks of the past or bounds it decides nothing dangerous."""
    assert [] == [d.quote for d in decided(run, statement) if d.verdict == "DECISION RISK"]


@pytest.mark.parametrize(
    "statement",
    [
        "Requests without a token receive 403.",
        "Evidence of a review is kept for 365 days in the vault.",
        "The stop path has an error budget of 5 ms.",
        "Pool sizing is described in §6 of the handbook.",
        "Signing keys of the gateway are rotated every 90 days.",
        "Twenty concurrent cancels were measured in the lab.",
        "The indicator of stale data appears within 35 s.",
        "Query results are capped at 1,000 against exfiltration through oversized answers of the model.",
        "The primary key is (string, naming series).",
    ],
)
def test_what_speaks_of_something_else_departs_from_nothing(run: Run, statement: str) -> None:
    """Numbers of other systems, answers, budgets and measurements are not held against this service."""
    assert [] == [(d.stated, d.observed) for d in decided(run, statement) if d.verdict in ("DRIFT", "DECISION RISK")]


def test_fine_partitions_with_a_long_retention_are_a_risk(run: Run) -> None:
    """Hourly partitions for a year are 8,760; monthly ones for ten years are 120."""
    fine = decided(run, "`pipeline_audit` is partitioned by hour. Its rows are kept for 1 year.")
    assert "DECISION RISK" in [d.verdict for d in fine] and "8,760" in "".join(d.stated for d in fine)
    coarse = decided(run, "`refund_events` is partitioned by month. Rows are kept for 10 years.")
    assert "DECISION RISK" not in [d.verdict for d in coarse]


def test_tables_are_read_row_by_row(run: Run) -> None:
    """A table of settings states one thing per cell, and its quote names the row."""
    table = "| Setting | Value | Why |\n|---|---|---|\n| Writer flush interval | 2 s | fresh for 5 s |\n"
    assert [("Writer flush interval: 2 s", "ALIGNED")] == [(d.quote, d.verdict) for d in decided(run, table)]


def test_every_sentence_knows_its_lines(run: Run) -> None:
    """Wrapped sentences keep the lines that they stand on, whatever stands before them."""
    target, _ = run
    data = b"---\nstatus: accepted\n---\n# T\n\nFirst one. The second\nruns over\nthree lines. Last.\n"
    text = read(deciding(target, data), layout())
    assert [("First one.", 6, 6), ("The second runs over three lines.", 6, 8), ("Last.", 8, 8)] == [
        (s.text, s.line, s.end_line) for s in text.sentences
    ]


def test_no_document_is_no_decision(run: Run) -> None:
    """Without any record nothing is stated."""
    target, rows = run
    assert () == compare(replace(target, decisions=None), rows).all
