"""Which files validate performance, and which only look as if they did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_documents import documents_of

K6 = """import http from 'k6/http';
export const options = { thresholds: { http_req_failed: ['rate<0.01'] } };
http.get('http://localhost:8080/x');
"""
MAIN = 'package main\n\nimport "github.com/segmentio/kafka-go"\n\nfunc main() {\n}\n'


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("loadtest/a.js", K6, ("load_test", "k6: loadtest/a.js",
         "targets http://localhost:8080/x; with thresholds", False)),
        ("perf/locustfile.py", "from locust import HttpUser\n", ("load_test", "locust: perf/locustfile.py", "", False)),
        ("load/soak.yml", "config:\n  target: http://api:8080\n  phases:\n    - duration: 60\n      arrivalRate: 20\n",
         ("load_test", "artillery: load/soak.yml", "targets http://api:8080", False)),
        ("load/Sim.scala", "class Sim extends Simulation {\n}\n", ("load_test", "gatling: load/Sim.scala", "", False)),
        ("load/plan.jmx", "<jmeterTestPlan version=\"1\">\n", ("load_test", "jmeter: load/plan.jmx", "", False)),
        ("Makefile", "bench:\n\tgo test -run=NONE -bench=. ./...\n", ("benchmark", "make bench", "go test -bench", False)),
        ("Makefile", "stress:\n\t./bin/stress\n", ("load_test", "make stress", "./bin/stress", False)),
        ("Makefile", "load:\n\techo GET http://x | vegeta attack -rate 5\n", ("load_test", "make load", "vegeta", False)),
        ("scripts/run.sh", "hey -n 1000 http://x\n", ("load_test", "scripts/run.sh (hey)", "hey -n 1000 http://x", False)),
        (".github/workflows/ci.yml", "jobs:\n  b:\n    steps:\n      - run: go test -bench=. ./...\n",
         ("benchmark", "CI: go test -bench", "go test -bench=. ./...", True)),
        (".github/workflows/ci.yml", "jobs:\n  b:\n    steps:\n      - run: make loadtest\n",
         ("load_test", "CI: make loadtest", "make loadtest", True)),
        ("cmd/kafka_gen_log/main.go", MAIN, ("replay_tool", "cmd/kafka_gen_log", "works on kafka", False)),
        ("cmd/loadgen/main.go", MAIN, ("load_test", "cmd/loadgen", "works on kafka", False)),
        ("tools/replay.go", MAIN, ("replay_tool", "tools/replay.go", "works on kafka", False)),
        ("docker-compose.yml", "services:\n  ch: {image: clickhouse/clickhouse-server}\n  r: {image: redis}\n",
         ("compose", "docker-compose.yml", "starts clickhouse, redis", False)),
        ("docs/perf.md", "# Load test, 2025-03-02\n\nOne pod takes 4,200 req/s, p99 18 ms.\n",
         ("perf_doc", "docs/perf.md", "measured: 4,200 req/s, 18 ms; dated 2025-03-02", False)),
        ("docs/ops.md", "Profile with `go tool pprof http://localhost:6060/debug/pprof/heap`.\n",
         ("profiling", "docs/ops.md", "Profile with `go tool pprof http://localhost:6060/debug/pprof/heap`.", False)),
    ],
)  # fmt: skip
def test_assets(tmp_path: Path, path: str, text: str, expected: tuple[str, str, str, bool]) -> None:
    """Each kind of asset is found, with what it works on."""
    found = documents_of(tmp_path, {path: text}).validation
    assert [expected] == [(a.kind, a.item, a.detail, a.ci) for a in found]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "generate:\n\tgo generate ./...\n"), ("Makefile", "test:\n\tgo test ./...\n"),
        ("Makefile", "tools:\n\tgo install golang.org/x/perf/cmd/benchstat@latest\n"),
        ("Makefile", "help:\n\t@echo k6 run x.js\n"),
        ("scripts/a.sh", "# hey -n 5\nab=1\nwork -t 5\n"), ("docker-compose.yml", "services:\n  a: {build: .}\n"),
        ("docs/a.md", "Follow requests with flamegraphs and traces.\n"), ("CHANGELOG.md", "- Benchmark: 12 ns/op, pprof added\n"),
        ("docs/a.md", "# Performance\n\nThe default timeout is 30 ms.\n"), ("docs/slo.md", "p99 target: 300 ms throughput\n"),
        ("internal/replay/replay.go", "package replay\n\nfunc Run() {}\n"), ("cmd/docgen/main.go", MAIN),
        ("cmd/api/main.go", MAIN), ("internal/loader/loader.go", "package loader\n"), ("config/load.yml", "scenarios: 1\n"),
        ("web/config.ts", 'import { open } from "k6/experimental/fs";\n'), ("pkg/generator/main_test.go", MAIN),
    ],
)  # fmt: skip
def test_what_validates_nothing(tmp_path: Path, path: str, text: str) -> None:
    """Code generators, installs, aims, defaults, features and libraries are no assets."""
    assert [] == [(a.kind, a.item) for a in documents_of(tmp_path, {path: text}).validation]
