"""Alert rules, objectives, dashboards, PromQL, and which sentences are performance goals."""

from __future__ import annotations

from pathlib import Path

import pytest

from rda_nb.facts import doc_promql
from tests.test_documents import documents_of

RULES = """groups:
  - name: svc
    rules:
      - record: svc:rate5m
        expr: sum by (code) (rate(svc_requests_total[5m]))
      - alert: Slow
        expr: |
          histogram_quantile(0.95, sum by (le) (rate(svc_request_duration_seconds_bucket[5m]))) > 0.5
        for: 10m
        labels: {severity: page}
      - alert: Old
        expr: max(svc_oldest_message_age_seconds) >= 120
      - alert: Failing
        expr: sum(rate(svc_errors_total[5m])) / sum(rate(svc_requests_total[5m])) > 0.01
"""


@pytest.mark.parametrize(
    ("expression", "metrics", "threshold"),
    [
        ('sum(rate(a_total{code=~"5..", x="b_total"}[5m])) by (le, job) > 10', ("a_total",), (">", 10.0)),
        ("sum without (pod) (a) / on (job) group_left (team) b < bool 0.5", ("a", "b"), ("<", 0.5)),
        ('{__name__="a_total", job="x"}', ("a_total",), None),
        (
            "histogram_quantile(0.99, sum by (le, table) (rate(a_bucket[10m] offset 1h))) > 1e1",
            ("a_bucket",),
            (">", 10.0),
        ),
        ("job:a:rate5m > (14.4 * 0.001)", ("job:a:rate5m",), (">", 0.0144)),
        ("rate(a[$__rate_interval]) and absent(b) unless c", ("a", "b", "c"), None),
        ("max by (pod) (a) > 200", ("a",), (">", 200.0)),
        ("time() - last_run > 3600", ("last_run",), (">", 3600.0)),
        ("a > b", ("a", "b"), None),
        ("a == -1 # not c", ("a",), ("==", -1.0)),
        ("topk(5, a) or vector(0)", ("a",), None),
    ],
)
def test_promql(expression: str, metrics: tuple[str, ...], threshold: tuple[str, float] | None) -> None:
    """Metric names are told from functions, labels, groupings and durations; the threshold is what is compared with."""
    query = doc_promql.read(expression)
    assert metrics == query.metrics
    assert (threshold is None) == (query.threshold is None)
    if threshold and query.threshold:
        assert threshold[0] == query.threshold[0]
        assert threshold[1] == pytest.approx(query.threshold[1])


def test_rules_and_their_goals(tmp_path: Path) -> None:
    """A rule has its metrics, quantile, hold and severity; one on a latency or an age is a goal, one on errors is not."""
    found = documents_of(tmp_path, {"deploy/rules.yaml": RULES})
    record, slow, _, _ = found.alerts
    assert ("record", ("svc_requests_total",)) == (record.kind, record.metrics)
    assert (6, 0.95, (">", 0.5), 600.0, "page") == (
        slow.line,
        slow.quantile,
        slow.threshold,
        slow.hold_s,
        slow.severity,
    )
    assert [(0.5, 95.0, 6), (120.0, None, 11)] == [(g.value, g.percentile, g.line) for g in found.goals]


def test_objectives(tmp_path: Path) -> None:
    """Sloth, OpenSLO and Pyrra files say the same in three ways."""
    sloth = (
        "version: prometheus/v1\nservice: svc\nslos:\n  - name: requests\n    objective: 99.9\n    sli:\n      events:\n"
        "        error_query: sum(rate(svc_errors_total[{{.window}}]))\n"
        "        total_query: sum(rate(svc_requests_total[{{.window}}]))\n"
    )
    openslo = (
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: avail}\nspec:\n  timeWindow:\n    - duration: 28d\n"
        "  objectives:\n    - target: 0.995\n"
    )
    pyrra = (
        "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: fast}\nspec:\n"
        "  target: '99'\n  window: 2w\n"
        "  indicator:\n    latency:\n      success: {metric: 'svc_seconds_bucket{le=\"0.3\"}'}\n"
        "      total: {metric: svc_seconds_count}\n"
    )
    found = documents_of(tmp_path, {"slo/a.yaml": sloth, "slo/b.yaml": openslo, "slo/c.yaml": pyrra})
    assert [
        ("svc/requests", 99.9, None, ("svc_errors_total", "svc_requests_total")), ("avail", 99.5, None, ()),
        ("fast", 99.0, 0.3, ("svc_seconds_bucket", "svc_seconds_count")),
    ] == [(o.name, o.target, o.latency_s, o.metrics) for o in found.objectives]  # fmt: skip
    assert [("%", 99.9), ("%", 99.5), ("s", 0.3)] == [(g.unit, g.value) for g in found.goals]


def test_dashboards(tmp_path: Path) -> None:
    """A panel has the metrics of its queries, wherever its title stands."""
    board = (
        '{"panels": [\n {"targets": [\n  {"expr": "rate(svc_requests_total[$__rate_interval])"}],\n  "title": "Requests"},\n'
        ' {"panels": [{"targets": [{"expr": "svc_depth"}], "title": "Depth"}]}],\n "title": "Service"}\n'
    )
    (dashboard,) = documents_of(tmp_path, {"grafana/svc.json": board}).dashboards
    assert ("Service", ("svc_depth", "svc_requests_total")) == (dashboard.title, dashboard.metrics)
    assert [("Requests", 3), ("Depth", 5)] == [(p.title, p.line) for p in dashboard.panels]


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("The p99 latency of `POST /v1/orders` must stay below 300 ms.", ("latency", 0.3, "s", 99.0)),
        ("p95 < 250ms for reads", ("latency", 0.25, "s", 95.0)),
        ("# SLO\n\n- 99 % of events are readable within 60 s (freshness)", ("latency", 60.0, "s", 99.0)),
        ("This is part of the 60 s freshness objective.", ("latency", 60.0, "s", None)),
        ("# Service level objectives\n\n| Objective | Target |\n|---|---|\n| API availability | 99.9 % |",
         ("availability", 99.9, "%", None)),
        ("| Endpoint | Latency target |\n|---|---|\n| `/search` | p95 ≤ 1.5 s |", ("latency", 1.5, "s", 95.0)),
        ("The service must sustain 2,500 requests per second.", ("throughput", 2500.0, "1/s", None)),
        ("We plan for a peak of 10k msg/s.", ("throughput", 10000.0, "1/s", None)),
        ("Our throughput target is 50 MB/s per pod.", ("throughput", 5e7, "bytes/s", None)),
        ("The uptime SLA is 99.95%.", ("availability", 99.95, "%", None)),
    ],
)  # fmt: skip
def test_goals(tmp_path: Path, text: str, goal: tuple[str, float, str, float | None]) -> None:
    """A sentence or row that states a quantity to keep is a goal, with unit and percentile."""
    assert [goal] == [
        (g.what, g.value, g.unit, g.percentile) for g in documents_of(tmp_path, {"docs/slo.md": text}).goals
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The p99 latency must be below <TARGET> ms.", "Latency SLO: TBD (below 300 ms?)", "p99 latency: XX ms",
        "We measured a p99 latency of 12 ms.", "The benchmark shows p95 below 20 ms.",
        "# Benchmark results\n\np99 < 20 ms at 5,000 req/s",
        "Redis must answer in 1 ms compared to 5 ms for others, p99 latency.",
        "Requests must finish within 30 s, the client timeout; latency is not affected.",
        "If p99 latency stays below 500ms, no alert is sent.", "An alert fires when p99 latency is above 500 ms.",
        "Execution of a query usually takes several seconds (p90 is ~2 seconds).",
        "The message must be acknowledged within 30 seconds.", "Tokens must expire within 60 minutes.",
        "Retries must back off within 5 s to keep latency low.", "Flush when the batch reached 80% of its size; latency is low.",
        "To simulate a high load of 1000 events per second, you would set `rate: 1000`.",
        "# Rate limits\n\nClients must not exceed 100 requests per second; load is shed.", "The goal is low latency.",
        "Memory must stay below 80 %; availability matters.", "For example, an SLO could say p99 latency below 300 ms.",
        "```\np99 latency must be below 300 ms\n```", "The response must have at most 5 items; latency target.",
        "# Tutorial\n\nSet your SLO: p99 latency below 200 ms.", "Service has been 100% backward compatible, uptime target.",
    ],
)  # fmt: skip
def test_what_is_no_goal(tmp_path: Path, text: str) -> None:
    """Templates, reports, benchmarks, timeouts, limits for clients, conditions and lessons are no goals."""
    assert [] == [(g.text, g.written) for g in documents_of(tmp_path, {"docs/notes.md": text}).goals]


@pytest.mark.parametrize(
    "path", ["CHANGELOG.md", "docs/tutorials/slo.md", "examples/README.md", "docs/blog/fast.md", "sdks/go/README.md"]
)
def test_pages_about_something_else_state_no_goals(tmp_path: Path, path: str) -> None:
    """A changelog, a tutorial, an example or a blog speaks of other things."""
    assert () == documents_of(tmp_path, {path: "The p99 latency must stay below 300 ms."}).goals


def test_goals_of_decisions_and_thresholds(tmp_path: Path) -> None:
    """The decisions file and k6 thresholds state goals; the subject names route and tag."""
    script = (
        "import http from 'k6/http';\nexport const options = {\n  thresholds: {\n    'http_req_duration{name:create}': "
        "['p(99)<300', 'avg<100'],\n"
        "    http_req_failed: ['rate<0.01'],\n    checks: ['rate>0.9'],\n  },\n};\n"
    )
    found = documents_of(
        tmp_path,
        {
            "docs/rda/ARCHITECTURAL_DECISIONS.md": "# Decisions\n\n## 1. Fast\n\n"
            "`GET /v1/x` has a p95 latency objective below 80 ms.\n",
            "loadtest/k6.js": script,
        },
    )
    assert [
        ("decision", 0.08, 95.0, "GET /v1/x", 5), ("load_test", 0.1, None, "http_req_duration", 4),
        ("load_test", 0.3, 99.0, "http_req_duration", 4), ("load_test", 99.0, None, "http_req_failed", 5),
    ] == sorted((g.source, g.value, g.percentile, g.subject[0], g.line) for g in found.goals)  # fmt: skip
