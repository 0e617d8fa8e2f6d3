"""A small service on disk and hand-made rows about it: what the tests of judgement and rendering start from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rda_nb.core import (
    Assessment,
    Evidence,
    ExternalDep,
    Factor,
    Formula,
    Gap,
    Origin,
    Quantity,
    absent,
    known,
    unknown,
)
from rda_nb.records import (
    CapacitySignal,
    ClickHouseAspect,
    Control,
    CriticalPath,
    ExternalCall,
    Hotspot,
    Page,
    Record,
    ValidationAsset,
)
from rda_nb.source import GitState, Target, read

GOOD, CONCERN, RISK, GAP = Assessment.GOOD, Assessment.CONCERN, Assessment.RISK, Assessment.GAP

FILES = {
    "go.mod": "module example.org/orders\n\ngo 1.24\n\nrequire github.com/ClickHouse/clickhouse-go/v2 v2.30.0\n",
    "config/config.go": """package config

import "time"

const (
	Workers       = 8
	BatchSize     = 500
	FlushInterval = time.Second
	MaxAttempts   = 3
)
""",
    "worker/consumer.go": """package worker

func (c *Consumer) Run(ctx context.Context) error {
	for {
		out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{MaxNumberOfMessages: 10})
		if err != nil {
			continue
		}
		for _, m := range out.Messages {
			c.queue <- m
			c.log.Info("message", "body", m.Body)
			re := regexp.MustCompile(`^a|b$`)
			c.seen[m.ID] = true
		}
	}
}
""",
    "sink/writer.go": """package sink

func (w *Writer) Flush(ctx context.Context, rows []Row) error {
	batch, err := w.conn.PrepareBatch(ctx, "INSERT INTO events")
	if err != nil {
		return err
	}
	return batch.Send()
}
""",
    "metrics/metrics.go": """package metrics

var inserted = promauto.NewCounterVec(opts, []string{"tenant_id"})
""",
    "migrations/001.sql": "CREATE TABLE events (id UUID) ENGINE = MergeTree PARTITION BY toHour(ts) ORDER BY id;\n",
    "worker/consumer_test.go": "package worker\n\nfunc BenchmarkRun(b *testing.B) {}\n",
    "docs/rda/ARCHITECTURAL_DECISIONS.md": """# Decisions

## ADR-1 Batching
We insert in batches of 500 and flush every second.

## ADR-2 Naming
Services are named after fruit.
""",
}


def page(title: str, topics: tuple[str, ...], consequence: str, rows: type[Record], **more: object) -> Page:
    """A check's page with plain sentences."""
    return Page(
        title=title,
        topics=topics,
        consequence=consequence,
        rows=rows,
        why=f"{title} is why.",
        remedy=f"Remedy of: {title.lower()}",
        proof=f"Proof of: {title.lower()}",
        **more,  # type: ignore[arg-type]
    )


PAGES: dict[str, Page] = {
    "critical_path": page("A critical path", ("critical-paths",), "unpredictability", CriticalPath),
    "control_bounds": page(
        "A control without a bound",
        ("concurrency-bounds", "bounded-memory"),
        "unbounded growth",
        Control,
        impact="overload",
    ),
    "call_without_deadline": page(
        "An external call runs without a deadline", ("call-budgets",), "stuck pipeline", ExternalCall
    ),
    "partition_key": page(
        "A partition key makes too many parts", ("clickhouse-schema",), "outage", ClickHouseAspect, impact="throughput"
    ),
    "regex_in_loop": page(
        "A regular expression is compiled per item", ("hot-loops",), "inefficiency", Hotspot, impact="throughput"
    ),
    "metric_labels": page(
        "A metric label takes unbounded values", ("metric-cardinality",), "unbounded growth", Hotspot, impact="cost"
    ),
    "capacity_signals": page(
        "A capacity signal is missing", ("capacity-signals",), "unpredictability", CapacitySignal, impact="overload"
    ),
    "validation_assets": page("No load validation", ("load-validation",), "unpredictability", ValidationAsset),
}


def make_target(folder: Path, files: dict[str, str] = FILES) -> Target:
    """Write the files below `folder` and read them; git is set to a fixed commit."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    state = GitState(commit="0123456789abcdef0123456789abcdef01234567", branch="main", dirty=False)
    return replace(read(folder), name="orders", git=state, gaps=())


def at(target: Target, path: str, text: str, role: str = "site") -> Evidence:
    """The citation of the first line of a file that holds a text."""
    file = target.file(path)
    assert file is not None
    line = next(n for n, content in enumerate(file.lines, 1) if text in content)
    return target.cite(path, line, role=role)  # type: ignore[arg-type]


def setting(target: Target, name: str, value: float, unit: str) -> Quantity:
    """A quantity read from a constant of the sample."""
    evidence = at(target, "config/config.go", name)
    return known(value, unit, Origin("constant", evidence.excerpt, evidence))


def make_records(target: Target) -> dict[str, tuple[Record, ...]]:
    """Rows for every table: good, bad and unknown ones."""
    receive = at(target, "worker/consumer.go", "ReceiveMessage")
    send = at(target, "sink/writer.go", "batch.Send()")
    attempts = setting(target, "MaxAttempts", 3, "count")
    read_timeout = known(
        300, "s", Origin("library_default", "ReadTimeout", source="clickhouse-go v2.30.0 clickhouse_options.go")
    )
    factors = (
        Factor("attempts", 3, "count", "constant", at(target, "config/config.go", "MaxAttempts")),
        Factor("read timeout", 300, "s", "library_default", source="clickhouse-go v2.30.0"),
    )
    rows: list[Record] = [
        CriticalPath(
            evidence=(at(target, "worker/consumer.go", "Run("), receive), assessment=CONCERN, symbol="Consumer.Run",
            claim="The order consumer polls, decodes and inserts in one goroutine", hot=True, flow="order ingest",
            kind="queue_consumer", entrypoint="Consumer.Run", steps=("receive", "decode", "Writer.Flush"),
            blocking_io=("SQS receive", "ClickHouse insert"), bottleneck="one goroutine receives and inserts",
            rule="critical_path",
        ),
        Control(
            evidence=(at(target, "config/config.go", "Workers"),), assessment=GOOD, symbol="Workers", hot=True,
            claim="Worker concurrency is bounded at 8", control="Worker concurrency", kind="concurrency",
            value=setting(target, "Workers", 8, "count"), bounded=True, configurable=False, rule="control_bounds",
        ),
        Control(
            evidence=(at(target, "worker/consumer.go", "c.seen"),), assessment=RISK, symbol="Consumer.Run", hot=True,
            claim="`seen` grows by one entry per message and nothing removes one", control="Map `seen`",
            kind="cache_bound", value=absent("nothing removes an entry", "items"), bounded=False, configurable=False,
            rule="control_bounds",
        ),
        Control(
            evidence=(at(target, "worker/consumer.go", "c.queue"),), assessment=GAP, symbol="Consumer.queue",
            claim="The capacity of channel `queue` is set outside the target", control="Channel `queue`",
            kind="queue_bound", value=unknown("made outside the target", "items"), rule="control_bounds",
        ),
        ExternalCall(
            evidence=(send, at(target, "sink/writer.go", "PrepareBatch", "caller")), assessment=RISK,
            symbol="Writer.Flush", subject="events", hot=True, cause="clickhouse without deadline",
            claim="The insert into events has no deadline; a silent server holds it for 900 s", system="clickhouse",
            operation="ClickHouse insert events", client="clickhouse-go", timeout=read_timeout,
            timeout_source="library_default", attempts=attempts, retry_source="loop", backoff=known(1, "s"),
            worst_case=Formula("3 x 300 s", 900.0, "s", factors=factors), paths=("order ingest",),
            rule="call_without_deadline",
        ),
        ExternalCall(
            evidence=(at(target, "sink/writer.go", "PrepareBatch"),), assessment=CONCERN, symbol="Writer.Flush",
            subject="prepare", hot=True, cause="clickhouse without deadline", claim="The preparation has no deadline",
            system="clickhouse", operation="ClickHouse prepare events", client="clickhouse-go", timeout=read_timeout,
            timeout_source="library_default", attempts=attempts, retry_source="loop", backoff=known(1, "s"),
            worst_case=Formula("3 x 300 s", 900.0, "s", factors=factors), rule="call_without_deadline",
        ),
        ExternalCall(
            evidence=(receive,), assessment=CONCERN, symbol="Consumer.Run", hot=True,
            claim="The receive has no client timeout", system="sqs", operation="SQS receive", client="aws-sdk-go-v2",
            timeout=absent("no HTTP client timeout", "s"), timeout_source="none", attempts=attempts,
            retry_source="client", backoff=unknown("jittered", "s"),
            worst_case=Formula("3 x no timeout", None, "s", bounded=False), rule="call_without_deadline",
        ),
        ClickHouseAspect(
            evidence=(at(target, "migrations/001.sql", "PARTITION BY"),), assessment=RISK, symbol="events",
            claim="Table events is partitioned by hour: 8,760 partitions a year", aspect="partition",
            approach="PARTITION BY toHour(ts)", risk="8,760 partitions a year", recommendation="Partition by month",
            statement="CREATE TABLE events", rule="partition_key", hot=None,
        ),
        Hotspot(
            evidence=(at(target, "worker/consumer.go", "regexp"),), assessment=CONCERN, symbol="Consumer.Run", hot=True,
            claim="A regular expression is compiled for every message", pattern="regex_in_loop",
            function="Consumer.Run", why="once per message", recommendation="Compile it once", in_loop=2,
            rule="regex_in_loop",
        ),
        Hotspot(
            evidence=(at(target, "metrics/metrics.go", "tenant_id"),), assessment=RISK, symbol="inserted", hot=False,
            claim="Label `tenant_id` has one series per tenant", pattern="high_cardinality_label", function="inserted",
            why="one series per tenant", rule="metric_labels",
        ),
        CapacitySignal(
            evidence=(at(target, "metrics/metrics.go", "inserted"),), assessment=GOOD, symbol="inserted",
            claim="Counter `inserted` gives throughput", signal="throughput", present=True, metric="inserted",
            metric_type="counter", labels=("tenant_id",), capacity_use="rows/s", rule="capacity_signals",
        ),
        CapacitySignal(
            evidence=(at(target, "worker/consumer.go", "ReceiveMessage", "absence"),), assessment=CONCERN,
            symbol="queue_lag", claim="No metric gives the age of the oldest message", signal="queue_lag",
            present=False, gaps="`SentTimestamp` is not read", rule="capacity_signals",
        ),
        ValidationAsset(
            evidence=(at(target, "worker/consumer_test.go", "Benchmark"),), assessment=CONCERN, symbol="BenchmarkRun",
            claim="The only benchmark has an empty body", item="BenchmarkRun", kind="benchmark",
            rule="validation_assets",
        ),
    ]  # fmt: skip
    tables: dict[str, tuple[Record, ...]] = {}
    for row in rows:
        tables[row.table] = (*tables.get(row.table, ()), row)
    return tables


def external_deps(target: Target) -> tuple[ExternalDep, ...]:
    """The one dependency that the sample's manifest names."""
    evidence = at(target, "go.mod", "clickhouse-go")
    return (ExternalDep("github.com/ClickHouse/clickhouse-go/v2", "module", (evidence,)),)


GAPS = (Gap("Real queue attributes (visibility, DLQ) are set outside the target", "the infrastructure code", 5),)
RUN = {
    "timestamp_utc": "2026-11-24T02:00:00Z",
    "kit_version": "0.1.0",
    "duration_s": 0.25,
    "parameters": {"target": "."},
    "languages": {"go": {"files": 5, "lines": 44}},
}
