"""Settings of files that are not code: trees, units, what a key is set to, and hostile files."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rda_nb import source
from rda_nb.facts import doc_tree, documents
from rda_nb.facts.doc_units import duration, quantity, size


def documents_of(root: Path, files: dict[str, str]) -> documents.Documents:
    """The documents of a small tree written below `root`."""
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return documents.read(source.read(root))


def values(found: documents.Documents, key: str) -> list[tuple[str, str, str]]:
    """What a key is set to: value, place, origin."""
    return [(value, str(evidence), origin) for value, evidence, origin in found.overrides(key)]


COMPOSE = """services:
  api:
    build: .
    command: ["./api", "--max-drain", "32", "-flush-interval=5s", "--port", "8080"]
    environment:
      WORKER_CONCURRENCY: "4"
      EMPTY:
      FROM_SHELL: ${FROM_SHELL}
      WITH_DEFAULT: ${WITH_DEFAULT:-15s}
  worker:
    image: registry.example.com/worker:1
    environment:
      - WORKER_CONCURRENCY=8
  redis:
    image: redis:7
    command: redis-server --maxmemory 100mb --port 6380
    environment:
      WORKER_CONCURRENCY: "99"
"""

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: svc}
spec:
  template:
    spec:
      containers:
        - name: svc
          image: registry.example.com/svc:1
          args:
            - --max-drain=64
          env:
            - name: WORKER_CONCURRENCY
              value: "16"
            - name: FROM_SECRET
              valueFrom: {secretKeyRef: {name: s, key: k}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: svc}
data:
  MAX_IN_FLIGHT: "500"
  config.yaml: |
    kafka:
      batch_size: 900
"""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", 0.5), ("2", 2.0), ("1.5", 1.5), ("2Gi", 2147483648.0), ("512Mi", 536870912.0), ("1e3", 1000.0),
        ("100k", 100000.0), ("12E", 12e18), ("2GB", None), ("", None), ("abc", None), ("1 Gi", None),
    ],
)  # fmt: skip
def test_kubernetes_quantities(text: str, number: float | None) -> None:
    """A quantity is its number, and what Kubernetes would refuse is None."""
    assert number == quantity(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30.0), ("1m30s", 90.0), ("500ms", 0.5), ("PT5S", 5.0), ("PT1M30S", 90.0), ("P1DT1H", 90000.0), ("1.5h", 5400.0),
        ("2 minutes", 120.0), ("250 millis", 0.25), ("-5s", -5.0), ("0", 0.0), ("30", None), ("P", None), ("soon", None),
        ("5 apples", None), ("", None), ("7d", 604800.0),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: float | None) -> None:
    """A duration needs its unit; a bare number is None, since its unit is not in the file."""
    assert seconds == duration(text)


@given(st.integers(0, 10**6), st.integers(0, 59), st.integers(0, 999))
def test_a_duration_is_the_sum_of_its_parts(minutes: int, seconds: int, millis: int) -> None:
    """Go's notation and its parts agree."""
    assert duration(f"{minutes}m{seconds}s{millis}ms") == pytest.approx(minutes * 60 + seconds + millis / 1000)


@given(st.text(max_size=80))
def test_no_text_breaks_the_units(text: str) -> None:
    """Any text gives a number or None."""
    for parse in (duration, quantity, size):
        assert parse(text) is None or isinstance(parse(text), float)


def test_docker_sizes_are_powers_of_1024() -> None:
    """`512m` in a compose file is 512 MiB."""
    assert 536870912.0 == size("512m")
    assert 2147483648.0 == size("2GB")


def test_environment_of_compose_and_kubernetes_in_order(tmp_path: Path) -> None:
    """Both list and map form count, the strongest stands last, and a dependency's own container sets nothing."""
    found = documents_of(tmp_path, {"docker-compose.yml": COMPOSE, "deploy/k8s.yaml": DEPLOYMENT})
    assert [
        ("4", "docker-compose.yml:6", "compose"),
        ("8", "docker-compose.yml:13", "compose"),
        ("16", "deploy/k8s.yaml:13", "kubernetes"),
    ] == values(found, "WORKER_CONCURRENCY")
    assert [("500", "deploy/k8s.yaml:22", "kubernetes")] == values(found, "MAX_IN_FLIGHT")
    assert "override" == found.overrides("MAX_IN_FLIGHT")[0][1].role


def test_values_from_elsewhere_are_no_values(tmp_path: Path) -> None:
    """A secret, an empty entry and a shell variable without default leave the key unset; a default counts."""
    found = documents_of(tmp_path, {"docker-compose.yml": COMPOSE, "deploy/k8s.yaml": DEPLOYMENT})
    assert [] == values(found, "FROM_SECRET") + values(found, "EMPTY") + values(found, "FROM_SHELL")
    assert [("15s", "docker-compose.yml:9", "compose")] == values(found, "WITH_DEFAULT")


def test_flags_of_the_service_and_not_of_its_dependencies(tmp_path: Path) -> None:
    """Both forms of a flag are read; a bare common word counts only in the service's own process."""
    found = documents_of(tmp_path, {"docker-compose.yml": COMPOSE, "deploy/k8s.yaml": DEPLOYMENT})
    assert [("32", "docker-compose.yml:4", "compose"), ("64", "deploy/k8s.yaml:11", "kubernetes")] == values(
        found, "max-drain"
    )
    assert values(found, "--max-drain") == values(found, "max_drain")
    assert [("5s", "docker-compose.yml:4", "compose")] == values(found, "flush-interval")
    assert [("8080", "docker-compose.yml:4", "compose")] == values(found, "port")
    assert [] == values(found, "maxmemory")


def test_dotted_paths_match_in_every_spelling(tmp_path: Path) -> None:
    """A path matches whole or by its last parts, whatever its case and separators."""
    text = "app:\n  kafka:\n    batch-size: 500\n    maxWait: 2s\n"
    found = documents_of(tmp_path, {"config/app.yaml": text, "deploy/k8s.yaml": DEPLOYMENT})
    both = [("500", "config/app.yaml:3", "config file"), ("900", "deploy/k8s.yaml:25", "kubernetes")]
    assert both == values(found, "kafka.batch_size") == values(found, "Kafka.BatchSize")
    assert both[:1] == values(found, "app.kafka.batch-size")
    assert [("2s", "config/app.yaml:4", "config file")] == values(found, "kafka.max_wait")


@pytest.mark.parametrize("key", ["timeout", "port", "host", "size", "name", "batch_size", "batch-size", "TIMEOUT"])
def test_a_bare_word_matches_no_nested_setting(tmp_path: Path, key: str) -> None:
    """One word is not enough to tell whose setting it is."""
    text = "http:\n  timeout: 5s\n  port: 80\n  host: x\n  size: 3\n  name: n\n  batch_size: 4\ntimeout: 9s\nport: 1\n"
    assert [] == documents_of(tmp_path, {"config.yaml": text}).overrides(key)


def test_a_compound_word_at_the_top_is_a_path(tmp_path: Path) -> None:
    """`flush_interval` at the top of the configuration file is that setting."""
    found = documents_of(tmp_path, {"config.toml": "flush_interval = '3s'\n[server]\nread_timeout = '7s'\n"})
    assert [("3s", "config.toml:1", "config file")] == values(found, "flush-interval")
    assert [("7s", "config.toml:3", "config file")] == values(found, "server.read_timeout")


@pytest.mark.parametrize(
    "path",
    [".env.example", ".env.sample", "config/app.example.yaml", "config/app.sample.yaml", "examples/app/config.yaml",
     "testdata/config.yaml", "test/config.yaml", "docs/config.yaml", ".github/workflows/ci.yml", "config/app.yaml.tmpl"],
)  # fmt: skip
def test_examples_tests_and_workflows_override_nothing(tmp_path: Path, path: str) -> None:
    """What is not deployed sets nothing."""
    text = "LIMIT_ROWS=5\n" if ".env" in path else "kafka:\n  batch_size: 5\nenv:\n  LIMIT_ROWS: 5\n"
    found = documents_of(tmp_path, {path: text})
    assert [] == found.overrides("LIMIT_ROWS") + found.overrides("kafka.batch_size")


def test_env_files_and_the_last_stage_of_a_dockerfile(tmp_path: Path) -> None:
    """An env file is stronger than the image; a build stage's ENV does not reach the image."""
    dockerfile = (
        "FROM golang AS build\nENV BATCH_ROWS=1 CGO_ENABLED=0\nRUN go build\n"
        'FROM alpine\nENV BATCH_ROWS=100 \\\n    OTHER_ROWS="7"\nENV OLD_FORM 3\nENTRYPOINT ["/svc", "--max-rows", "9"]\n'
    )
    found = documents_of(tmp_path, {"Dockerfile": dockerfile, ".env": "# x\nexport BATCH_ROWS='200' # why\n"})
    assert [("100", "Dockerfile:5", "dockerfile"), ("200", ".env:2", "env file")] == values(found, "BATCH_ROWS")
    assert [("7", "Dockerfile:5", "dockerfile")] == values(found, "OTHER_ROWS")
    assert [("3", "Dockerfile:7", "dockerfile")] == values(found, "OLD_FORM")
    assert [] == values(found, "CGO_ENABLED")
    assert [("9", "Dockerfile:8", "dockerfile")] == values(found, "max-rows")


def test_procfile_and_unit(tmp_path: Path) -> None:
    """A Procfile and a systemd unit start the service's own process."""
    unit = '[Service]\nEnvironment="POOL_SIZE=5" MODE=x\nExecStart=/usr/bin/svc -workers 3\n'
    found = documents_of(tmp_path, {"Procfile": "web: bin/svc --timeout 30s\n", "deploy/svc.service": unit})
    assert [("30s", "Procfile:1", "procfile")] == values(found, "timeout")
    assert [("5", "deploy/svc.service:2", "systemd")] == values(found, "POOL_SIZE")
    assert [("3", "deploy/svc.service:3", "systemd")] == values(found, "workers")


def test_helm_templates_take_their_values_from_the_chart(tmp_path: Path) -> None:
    """A template's `.Values` reference is the value in values.yaml, cited there; `default` fills in."""
    template = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "svc.fullname" . }}
  {{- with .Values.labels }}
  labels: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
            - name: BATCH_ROWS
              value: {{ .Values.batch.rows | quote }}
            - name: POLL_WAIT
              value: {{ .Values.poll.wait | default "20s" | quote }}
            - name: RELEASE
              value: {{ .Release.Name }}
"""
    chart_values = (
        "replicas: 3\nimage: {repository: svc, tag: x}\nbatch:\n  rows: 700\nextraEnv:\n  - name: EXTRA_ROWS\n    value: 8\n"
        "env:\n  PLAIN_ROWS: 9\nconfig:\n  kafka:\n    batch_size: 11\n"
    )
    found = documents_of(
        tmp_path,
        {"chart/Chart.yaml": "name: svc\n", "chart/templates/d.yaml": template, "chart/values.yaml": chart_values},
    )
    assert [("700", "chart/values.yaml:4", "helm")] == values(found, "BATCH_ROWS")
    assert [("20s", "chart/templates/d.yaml:18", "helm")] == values(found, "POLL_WAIT")
    assert [] == values(found, "RELEASE")
    assert [("8", "chart/values.yaml:6", "helm")] == values(found, "EXTRA_ROWS")
    assert [("9", "chart/values.yaml:9", "helm")] == values(found, "PLAIN_ROWS")
    assert [("11", "chart/values.yaml:12", "helm")] == values(found, "kafka.batch_size")
    (workload,) = found.workloads
    assert workload.replicas is not None
    assert (3.0, "chart/values.yaml:1") == (workload.replicas.value, str(workload.replicas.evidence))
    assert () == found.gaps


def test_entries_keep_keys_lines_and_kind(tmp_path: Path) -> None:
    """Every kind of configuration file gives its settings with their lines; lock files and interface descriptions do not."""
    found = documents_of(
        tmp_path,
        {
            "config/a.yaml": "base: &b\n  x: 1\nuse:\n  <<: *b\n  y: on\ndup: 1\ndup: 2\n---\nz: 3\n",
            "config/b.json": '{"a": {"b": [1, "two"]},\n "c": null}',
            "config/c.toml": "[a]\nb = 1\n[[list]]\nn = 1\n[[list]]\nn = 2\n",
            "config/d.ini": "; c\n[pool]\nsize = 4\n",
            "config/users.xml": (
                "<clickhouse>\n<profiles><default>\n<max_execution_time>60</max_execution_time>\n"
                "<!-- <async_insert>1</async_insert> -->\n</default></profiles></clickhouse>\n"
            ),
            "package.json": '{"name": "x"}',
            "openapi.yaml": "openapi: 3.0.0\n",
        },
    )
    seen = {(e.path, e.line, ".".join(e.keys), e.value, e.document) for e in found.entries}
    assert {
        ("config/a.yaml", 2, "base.x", "1", 0), ("config/a.yaml", 2, "use.x", "1", 0), ("config/a.yaml", 5, "use.y", "on", 0),
        ("config/a.yaml", 7, "dup", "2", 0), ("config/a.yaml", 9, "z", "3", 1),
        ("config/b.json", 1, "a.b.0", "1", 0), ("config/b.json", 1, "a.b.1", "two", 0), ("config/b.json", 2, "c", "null", 0),
        ("config/c.toml", 2, "a.b", "1", 0), ("config/c.toml", 4, "list.0.n", "1", 0), ("config/c.toml", 6, "list.1.n", "2", 0),
        ("config/d.ini", 3, "pool.size", "4", 0),
        ("config/users.xml", 3, "clickhouse.profiles.default.max_execution_time", "60", 0),
    } == seen  # fmt: skip


HOSTILE = {
    "bomb.yaml": "a: &a [x, x]\n"
    + "".join(f"b{n}: &b{n} [*{p}, *{p}]\n" for n, p in enumerate(["a", *(f"b{m}" for m in range(40))])),
    "merge.yaml": "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "deep.json": "[" * 50_000,
    "dashes.yaml": "- " * 50_000,
    "itself.yaml": "a: &a\n  b: *a\n",
    "tabs.yaml": "a:\n\tb: 1\n",
    "unknown.yaml": "a: *nowhere\n",
    "broken.toml": "a = [1,\n",
    "entity.xml": '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
    "deep.xml": "<a>" * 5000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_end_in_a_gap(tmp_path: Path, name: str) -> None:
    """A bomb, a loop, deep nesting and broken syntax cost no time worth naming and leave one gap that names the file."""
    found = documents_of(tmp_path, {f"config/{name}": HOSTILE[name], "config/good.yaml": "kafka:\n  size: 4\n"})
    start = time.perf_counter()
    assert ["4"] == [value for value, _, _ in found.overrides("kafka.size")]
    assert found.entries and not found.workloads and not found.goals
    assert 2.0 > time.perf_counter() - start
    gaps = [gap.what for gap in found.gaps]
    assert (name == "merge.yaml" and not gaps) or (len(gaps) == 1 and f"config/{name}: " in gaps[0])


def test_a_large_file_of_one_line_is_data_and_not_read(tmp_path: Path) -> None:
    """Ten megabytes in one line are no configuration."""
    found = documents_of(tmp_path, {"config/big.json": '{"a": "' + "x" * 1_900_000 + '"}'})
    start = time.perf_counter()
    assert () == found.entries
    assert [] == found.overrides("a.b")
    assert 0.5 > time.perf_counter() - start


@given(st.text(max_size=200))
def test_no_text_breaks_the_tree(text: str) -> None:
    """Any text is documents or Unreadable, and so is what neutralising leaves of it."""
    for written in (text, doc_tree.neutralised(text)):
        with contextlib.suppress(doc_tree.Unreadable):
            for root in doc_tree.parse(written):
                assert all(scalar.line >= 1 for _, scalar in doc_tree.scalars(root))


def test_overrides_are_cheap_to_ask_for(tmp_path: Path) -> None:
    """Thousands of questions cost little once the index stands."""
    text = "\n".join(f"section{n}:\n  batch_size: {n}\n  wait: {n}s" for n in range(500))
    found = documents_of(tmp_path, {"config.yaml": text})
    found.overrides("x.y")
    start = time.perf_counter()
    for n in range(5000):
        found.overrides(f"nothing{n}.here")
        found.overrides("section7.wait")
    assert 0.5 > time.perf_counter() - start
    assert [("7s", "config.yaml:24", "config file")] == values(found, "section7.wait")
