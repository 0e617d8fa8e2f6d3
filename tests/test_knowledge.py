"""The library knowledge: complete, sourced, free of contradictions, and right about facts that are known well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import rda_nb
from rda_nb.service import knowledge_problems, libraries
from rda_nb.service.defaults import version
from rda_nb.service.packages import CallEntry, Package

_ROOT = Path(rda_nb.__file__).parent / "knowledge"
_FILES = sorted((_ROOT / "go").glob("*.yaml"))
_LAWS = {"fixed", "linear", "quadratic", "exponential", "aws_v1", "aws_v2_legacy"}
_LAW_KEYS = {
    "kinds",
    "law",
    "base",
    "cap",
    "multiplier",
    "jitter_ratio",
    "jitter_seconds",
    "full_jitter",
    "cap_covers_jitter",
}
_SCOPES = {"", "attempt", "call", "connection", "block", "acquire", "beside"}
_ZERO = {"", "default", "none", "unlimited"}
_NEGATIVE = {"", "none", "zero"}
_TYPE = re.compile(r"^(?:\[\]|chan |map\[[\w.]+\])*(?:func\(\)|[\w.\-/]+)$")

AWS1, AWS2 = "github.com/aws/aws-sdk-go", "github.com/aws/aws-sdk-go-v2"
CLICKHOUSE = "github.com/ClickHouse/clickhouse-go/v2"


@cache
def _package(path: str) -> Package:
    package = libraries.load("go").package(path)
    assert package is not None, path
    return package


def _packages() -> Iterator[tuple[str, Package]]:
    for path in libraries.load("go").paths():
        yield path, _package(path)


def _default(path: str, means: str) -> Any:
    """The default that holds in the newest version."""
    return next(entry.default for entry in _package(path).budget if entry.means == means)


def _call(path: str, name: str) -> CallEntry:
    entry = _package(path).call(name)
    assert entry is not None, f"{path} {name}"
    return entry


def test_no_problem_is_left_in_the_knowledge_of_go() -> None:
    """Every role and meaning is in the vocabulary and every default has its version and source."""
    assert knowledge_problems.problems("go") == []


@pytest.mark.parametrize("file", [*_FILES, _ROOT / "vocabulary.yaml", _ROOT / "words.yaml"], ids=lambda file: file.name)
def test_no_key_is_written_twice(file: Path) -> None:
    """YAML would silently keep the last of two equal keys, so none may be there."""
    pending, twice = [yaml.compose(file.read_text(encoding="utf-8"), yaml.CSafeLoader)], []
    while pending:
        node = pending.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            twice += sorted({key for key in keys if keys.count(key) > 1})
            pending += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value
    assert twice == []


def test_a_package_is_described_once() -> None:
    """No import path stands in two files."""
    found = [
        path for file in _FILES for path in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["packages"]
    ]
    assert len(found) == len(set(found))


def test_every_default_names_a_number_a_law_none_or_a_text() -> None:
    """A budget row can be read by the resolver: its scope, its default, and for a backoff its law."""
    for path, package in _packages():
        for entry in package.budget:
            at = f"{path} {entry.means}"
            assert entry.since, at
            assert entry.source, at
            assert entry.scope in _SCOPES, at
            if isinstance(entry.default, dict):
                assert entry.default["law"] in _LAWS, at
                assert set(entry.default) <= _LAW_KEYS, at
                kinds = " ".join(entry.default.get("kinds", {}).values())
                assert set(kinds.split()) <= {"fixed", "exponential", "jitter"}, at
            else:
                assert isinstance(entry.default, int | float | str), at


def test_rows_of_one_meaning_stand_newest_first() -> None:
    """Where a default changed between versions, the newest row leads."""
    for path, package in _packages():
        newest: dict[tuple[str, ...], tuple[int, ...]] = {}
        for entry in package.budget:
            since = version(entry.since)
            about = (entry.means, *entry.of)
            assert since < newest.get(about, (10**9,)), f"{path} {about} {entry.since}"
            newest[about] = since


def test_calls_are_well_formed() -> None:
    """Indexes are numbers, and the batch form and the call that gives the context are calls of the same package."""
    for path, package in _packages():
        for name, entry in package.calls.items():
            at = f"{path} {name}"
            for index in (entry.context, entry.message, entry.handler, entry.count):
                assert index is None or isinstance(index, int), at
            for other in (entry.batch, entry.context_from):
                kind = name.rpartition(".")[0]
                assert not other or package.call(other) or package.call(f"{kind}.{other}"), f"{at}: {other}"


def test_types_are_well_formed() -> None:
    """Result and field types are names, alone or behind `[]`, `map[..]` or `chan`; a full path ends in a type."""
    for path, package in _packages():
        for name, kinds in (*package.returns.items(), *((key, (kind,)) for key, kind in package.fields.items())):
            for kind in kinds:
                assert _TYPE.match(kind), f"{path} {name}: {kind}"
                last = kind.rpartition("/")[2]
                assert "/" not in kind or "." in last, f"{path} {name}: {kind} is a package, not a type"


def test_settings_say_what_zero_means_in_known_words() -> None:
    """The words for a zero are those that the resolver reads."""
    for path, package in _packages():
        for name, entry in package.settings.items():
            assert entry.zero in _ZERO, f"{path} {name}"
            assert entry.negative in _NEGATIVE, f"{path} {name}"


BUDGETS = [
    (f"{AWS2}/service/sqs", "max_attempts", 3),
    (f"{AWS2}/service/dynamodb", "max_attempts", 3),
    (f"{AWS2}/service/glue", "max_attempts", 3),
    (f"{AWS2}/service/s3", "attempt_timeout", "none"),
    (f"{AWS2}/service/s3", "connect_timeout", 30),
    (f"{AWS2}/service/kinesis", "backoff", {"law": "aws_v2_legacy", "cap": 20}),
    (f"{AWS2}/service/sqs", "visibility_timeout", 30),
    (f"{AWS2}/service/sqs", "poll_wait", 0),
    (f"{AWS1}/service/sqs", "max_retries", 3),
    (f"{AWS1}/service/sqs/sqsiface", "max_retries", 3),
    (f"{AWS1}/service/dynamodb", "max_retries", 10),
    (f"{AWS1}/service/dynamodb", "backoff", {"law": "aws_v1", "base": 0.05, "cap": 300}),
    (f"{AWS1}/service/ec2", "throttle_backoff", {"law": "aws_v1", "base": 0.5, "cap": 300}),
    ("net/http", "attempt_timeout", "none"),
    ("net/http", "max_attempts", 1),
    ("database/sql", "pool_size", "none"),
    ("database/sql", "pool_idle", 2),
    (CLICKHOUSE, "read_timeout", 300),
    (CLICKHOUSE, "connect_timeout", 30),
    (CLICKHOUSE, "acquire_timeout", "connect_timeout"),
    (CLICKHOUSE, "pool_size", 10),
    ("github.com/ClickHouse/clickhouse-go", "connect_timeout", 5),
    ("github.com/ClickHouse/ch-go", "read_timeout", 3),
    ("github.com/jackc/pgx/v5/pgxpool", "pool_size", 4),
    ("github.com/jackc/pgx/v5/pgxpool", "connect_timeout", 120),
    ("github.com/redis/go-redis/v9", "max_retries", 3),
    ("github.com/redis/go-redis/v9", "read_timeout", 5),
    ("github.com/go-redis/redis/v8", "read_timeout", 3),
    ("github.com/go-redis/redis", "max_retries", 0),
    ("github.com/IBM/sarama", "max_retries", 3),
    ("github.com/Shopify/sarama", "session_timeout", 10),
    ("github.com/segmentio/kafka-go", "flush_interval", 1),
    ("github.com/twmb/franz-go/pkg/kgo", "max_retries", 20),
    ("github.com/confluentinc/confluent-kafka-go/v2/kafka", "delivery_timeout", 300),
    ("google.golang.org/grpc", "payload_limit", 4194304),
    ("github.com/hashicorp/go-retryablehttp", "max_retries", 4),
    ("github.com/go-resty/resty/v2", "max_retries", 0),
    ("k8s.io/client-go/kubernetes/typed/core/v1", "rate", 5),
    ("github.com/nats-io/nats.go", "max_reconnects", 60),
    ("github.com/cenkalti/backoff/v4", "max_elapsed", 900),
    ("github.com/avast/retry-go/v4", "max_attempts", 10),
    ("golang.org/x/sync/errgroup", "group_limit", "none"),
    ("go.mongodb.org/mongo-driver/mongo", "pool_size", 100),
]


@pytest.mark.parametrize(("path", "means", "expected"), BUDGETS)
def test_well_known_defaults(path: str, means: str, expected: Any) -> None:
    """Defaults that were read in the libraries' sources."""
    assert expected == _default(path, means)


def test_the_read_timeout_of_clickhouse_bounds_no_insert() -> None:
    """What is sent has no deadline; what is asked for ends by one deadline or two, where the native protocol is used."""
    entries = [entry for entry in _package(CLICKHOUSE).budget if entry.means == "read_timeout"]
    assert {entry.scope for entry in entries if entry.holds_for("Batch.Send", set())} == {"block"}
    assert {entry.scope for entry in entries if entry.holds_for("Conn.Exec", {"protocol"})} == {"block"}
    assert {entry.scope for entry in entries if entry.holds_for("Conn.Exec", None)} == {"block"}
    assert "attempt" in {entry.scope for entry in entries if entry.holds_for("Conn.Exec", set())}


CALLS = [
    (f"{AWS2}/service/sqs", "Client.ReceiveMessage", {"role": "sqs.receive", "context": 0}),
    (f"{AWS2}/service/sqs", "Client.PurgeQueue", {"role": "sqs.call", "context": 0}),
    (f"{AWS2}/service/glue", "Client.StartJobRun", {"role": "aws.call", "context": 0}),
    (f"{AWS2}/service/sqs", "Client.SendMessage", {"role": "sqs.send", "batch": "SendMessageBatch"}),
    (f"{AWS1}/service/sqs", "SQS.ReceiveMessage", {"role": "sqs.receive", "context": None}),
    (f"{AWS1}/service/sqs/sqsiface", "SQSAPI.ReceiveMessageWithContext", {"role": "sqs.receive", "context": 0}),
    (f"{AWS1}/service/s3", "S3.ListObjectsV2PagesWithContext", {"role": "s3.list", "context": 0, "handler": 2}),
    (f"{AWS1}/service/autoscaling", "AutoScaling.CompleteLifecycleAction", {"role": "aws.call", "context": None}),
    (f"{CLICKHOUSE}/lib/driver", "Conn.PrepareBatch", {"role": "clickhouse.prepare_batch", "context": 0, "message": 1}),
    (f"{CLICKHOUSE}/lib/driver", "Batch.Send", {"role": "clickhouse.insert", "context_from": "Conn.PrepareBatch"}),
    (f"{CLICKHOUSE}/lib/driver", "Conn.Select", {"role": "clickhouse.query", "context": 0, "message": 2}),
    ("database/sql", "DB.QueryContext", {"role": "sql.query", "context": 0, "message": 1}),
    ("database/sql", "Tx.Exec", {"role": "sql.exec", "context": None, "message": 0}),
    ("github.com/jmoiron/sqlx", "DB.GetContext", {"role": "sql.query", "context": 0, "message": 2}),
    ("github.com/jackc/pgx/v5/pgxpool", "Pool.Exec", {"role": "sql.exec", "context": 0, "message": 1}),
    ("github.com/redis/go-redis/v9", "Client.HGetAll", {"role": "redis.command", "context": 0}),
    ("github.com/redis/go-redis/v9", "Pipeliner.Set", {"role": "redis.queue", "context": 0}),
    ("github.com/redis/go-redis/v9", "UniversalClient.BLPop", {"role": "redis.blocking_pop", "count": 1}),
    ("github.com/go-redis/redis", "Client.Get", {"role": "redis.command", "context": None}),
    ("github.com/segmentio/kafka-go", "Reader.FetchMessage", {"role": "kafka.poll", "context": 0}),
    ("github.com/twmb/franz-go/pkg/kgo", "Client.ProduceSync", {"role": "kafka.produce", "context": 0}),
    ("github.com/IBM/sarama", "SyncProducer.SendMessage", {"role": "kafka.produce", "batch": "SendMessages"}),
    ("github.com/nats-io/nats.go", "Conn.Request", {"role": "nats.request", "context": None, "count": 2}),
    ("github.com/rabbitmq/amqp091-go", "Channel.PublishWithContext", {"role": "rabbitmq.publish", "context": None}),
    (
        "k8s.io/client-go/kubernetes/typed/apps/v1",
        "DeploymentInterface.Patch",
        {"role": "kubernetes.call", "context": 0},
    ),
    ("github.com/docker/docker/client", "Client.ContainerWait", {"role": "docker.call", "context": 0}),
    ("github.com/go-chi/chi/v5", "Router.Method", {"role": "http.route", "message": 1, "handler": 2}),
    ("github.com/gin-gonic/gin", "RouterGroup.POST", {"role": "http.route", "message": 0, "handler": -1}),
    ("github.com/cenkalti/backoff/v4", "Retry", {"role": "retry.run", "context": None, "handler": 0}),
    ("github.com/cenkalti/backoff/v5", "Retry", {"role": "retry.run", "context": 0, "handler": 1}),
    ("github.com/spf13/pflag", "FlagSet.IntVarP", {"role": "flag.define", "message": 1, "count": 3}),
    ("github.com/spf13/viper", "SetDefault", {"role": "config.default", "message": 0, "count": 1}),
    ("flag", "DurationVar", {"role": "flag.define", "message": 1, "count": 2}),
    ("context", "WithTimeout", {"role": "context.timeout", "context": 0, "count": 1}),
]


@pytest.mark.parametrize(("path", "name", "expected"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_well_known_calls(path: str, name: str, expected: dict[str, Any]) -> None:
    """Role, argument indexes and batch form of calls as the libraries declare them."""
    entry = _call(path, name)
    assert expected == {key: getattr(entry, key) for key in expected}


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        (CLICKHOUSE, "Open", (f"{CLICKHOUSE}/lib/driver.Conn", "error")),
        (f"{CLICKHOUSE}/lib/driver", "Conn.PrepareBatch", ("Batch", "error")),
        ("database/sql", "DB.QueryRowContext", ("Row",)),
        ("context", "WithTimeout", ("Context", "CancelFunc")),
        (f"{AWS2}/config", "LoadDefaultConfig", (f"{AWS2}/aws.Config", "error")),
        (f"{AWS1}/service/sqs", "*.ReceiveMessage", (f"{AWS1}/service/sqs.ReceiveMessageOutput", "error")),
        ("k8s.io/client-go/kubernetes", "*.CoreV1", ("k8s.io/client-go/kubernetes/typed/core/v1.CoreV1Interface",)),
        (
            "github.com/prometheus/client_golang/prometheus/promauto",
            "Factory.NewCounterVec",
            ("github.com/prometheus/client_golang/prometheus.CounterVec",),
        ),
    ],
)
def test_well_known_results(path: str, name: str, expected: tuple[str, ...]) -> None:
    """Result types lead on to the package that describes them."""
    assert expected == _package(path).returns[name]
