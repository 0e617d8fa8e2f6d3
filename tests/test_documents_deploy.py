"""Workloads, compose services, declared queues, module files and Makefiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from rda_nb.facts import doc_hcl
from tests.test_documents import documents_of

POD = """apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: sink
spec:
  replicas: 2
  template:
    spec:
      terminationGracePeriodSeconds: 45
      containers:
        - name: sink
          image: sink:1
          args: ["--rows", "5"]
          readinessProbe:
            httpGet: {path: /readyz, port: 9}
            periodSeconds: 10
            timeoutSeconds: 2
          resources:
            requests: {cpu: 250m, memory: 192Mi}
            limits: {cpu: "2", memory: 1Gi}
        - name: exporter
          image: exporter:1
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: sink}
spec:
  scaleTargetRef: {kind: StatefulSet, name: sink}
  minReplicas: 2
  maxReplicas: 9
  metrics:
    - type: Resource
      resource: {name: cpu}
    - type: External
      external: {metric: {name: queue_depth}}
"""


def test_a_pod_has_its_numbers_and_their_lines(tmp_path: Path) -> None:
    """Cores, bytes, seconds and replicas are numbers, each with the line it stands on; the autoscaler is found by name."""
    sink, exporter = documents_of(tmp_path, {"deploy/sink.yaml": POD}).workloads
    assert ("sink", "StatefulSet", "sink", "product", ("--rows", "5")) == (
        sink.name, sink.kind, sink.container, sink.role, sink.args
    )  # fmt: skip
    amounts = [
        sink.replicas,
        sink.cpu_request,
        sink.cpu_limit,
        sink.memory_request,
        sink.memory_limit,
        sink.termination_grace_s,
    ]
    assert [(2.0, 6), (0.25, 19), (2.0, 20), (192 * 2**20, 19), (2.0**30, 20), (45.0, 9)] == [
        (a.value, a.evidence.line) for a in amounts if a and a.evidence
    ]
    (probe,) = sink.probes
    assert ("readiness", "/readyz", 10.0, 2.0) == (probe.kind, probe.path, probe.period_s, probe.timeout_s)
    scaling = sink.autoscaling
    assert scaling is not None and scaling.minimum and scaling.maximum
    assert (2.0, 9.0, ("cpu", "queue_depth")) == (scaling.minimum.value, scaling.maximum.value, scaling.metrics)
    assert exporter.cpu_limit is None


def test_a_missing_grace_period_is_the_platform_default_with_its_source(tmp_path: Path) -> None:
    """Kubernetes gives 30 s and compose 10 s; such an amount has a source and no evidence."""
    text = POD.replace("      terminationGracePeriodSeconds: 45\n", "")
    found = documents_of(
        tmp_path, {"k.yaml": text, "compose.yml": "services:\n  a:\n    image: a\n    mem_limit: 512m\n"}
    )
    graces = {w.kind: w.termination_grace_s for w in found.workloads}
    kubernetes, compose = graces["StatefulSet"], graces["compose"]
    assert kubernetes and compose
    assert (30.0, None, 10.0, None) == (kubernetes.value, kubernetes.evidence, compose.value, compose.evidence)
    assert "Kubernetes" in kubernetes.source and "Compose" in compose.source


def test_functions_and_tasks(tmp_path: Path) -> None:
    """A SAM function has its timeout and concurrency, an ECS task its cores and bytes."""
    sam = (
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        "      Timeout: 30\n      MemorySize: 256\n      ReservedConcurrentExecutions: 5\n      Environment:\n"
        "        Variables: {BATCH_ROWS: 10, TABLE: !Ref Table}\n"
    )
    container = '{"name": "svc", "image": "svc", "cpu": 512, "memory": 1024, "stopTimeout": 20}'
    ecs = f'{{"family": "svc", "containerDefinitions": [{container}]}}'
    found = documents_of(tmp_path, {"template.yaml": sam, "deploy/task.json": ecs})
    task, function = found.workloads
    assert task.cpu_request and task.memory_limit and task.termination_grace_s
    assert (0.5, 2.0**30, 20.0) == (task.cpu_request.value, task.memory_limit.value, task.termination_grace_s.value)
    assert function.timeout and function.memory_limit and function.concurrency
    assert (30.0, 256 * 2.0**20, 5.0) == (
        function.timeout.value,
        function.memory_limit.value,
        function.concurrency.value,
    )
    assert [("10", "cloudformation")] == [(v, o) for v, _, o in found.overrides("BATCH_ROWS")]


def test_compose_services_name_real_dependencies(tmp_path: Path) -> None:
    """A dependency is known by its image, by what a service extends, and by its Dockerfile's base."""
    compose = """services:
  ch: {image: "docker.io/clickhouse/clickhouse-server:24.8@sha256:abc", ports: ["9000:9000"]}
  queue: {image: "${QUEUE_IMAGE:-softwaremill/elasticmq:1}"}
  cache: {extends: {file: versions.yml, service: redis}}
  tables: {build: {context: ., dockerfile: tables.Dockerfile}}
  api: {build: ., depends_on: {ch: {condition: service_healthy}}}
  postgresql-exporter: {image: postgres-exporter}
"""
    found = documents_of(
        tmp_path,
        {
            "docker-compose.yml": compose,
            "versions.yml": "services:\n  redis: {image: valkey/valkey:8}\n",
            "tables.Dockerfile": "FROM amazon/dynamodb-local:latest\n",
            "examples/docker-compose.yml": "services:\n  kafka: {image: apache/kafka}\n",
        },
    )
    seen = {(s.path, s.name): (s.dependency, s.role) for s in found.compose_services}
    assert {
        ("docker-compose.yml", "ch"): ("clickhouse", "product"), ("docker-compose.yml", "queue"): ("aws", "product"),
        ("docker-compose.yml", "cache"): ("redis", "product"), ("docker-compose.yml", "tables"): ("aws", "product"),
        ("docker-compose.yml", "api"): ("", "product"), ("docker-compose.yml", "postgresql-exporter"): ("", "product"),
        ("versions.yml", "redis"): ("redis", "product"), ("examples/docker-compose.yml", "kafka"): ("kafka", "example"),
    } == seen  # fmt: skip
    api = next(s for s in found.compose_services if s.name == "api")
    assert (True, ("ch",)) == (api.built, api.depends_on)


TERRAFORM = """variable "visibility" {
  type    = number
  default = 45 # seconds
}

resource "aws_sqs_queue" "orders" {
  name                       = "orders"
  visibility_timeout_seconds = var.visibility
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    maxReceiveCount     = 4
  })
}

resource "aws_dynamodb_table" "state" {
  name = "state"
  billing_mode = "PROVISIONED"
  read_capacity  = 5
  write_capacity = local.write
  tags = { a = "}" }
}
"""


def test_queues_of_terraform(tmp_path: Path) -> None:
    """Attributes are numbers, a variable is its default, and what is computed elsewhere is left out."""
    queue, table = documents_of(tmp_path, {"infra/main.tf": TERRAFORM}).queues
    assert ("sqs", "orders", "aws_sqs_queue.dlq.arn") == (queue.system, queue.name, queue.dead_letter)
    assert [("max_receive_count", 4.0, 11), ("visibility_timeout_s", 45.0, 3)] == [
        (name, a.value, a.evidence.line) for name, a in queue.settings if a.evidence
    ]
    assert [("read_capacity", 5.0)] == [(name, a.value) for name, a in table.settings]
    assert "PROVISIONED" == table.billing


def test_queues_of_cloudformation_and_init_scripts(tmp_path: Path) -> None:
    """A template and an init script give the same settings; a queue named by a variable is left out."""
    template = """Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Dead.Arn
        maxReceiveCount: 3
Outputs: {}
"""
    script = """#!/bin/sh
awslocal sqs create-queue --queue-name events --attributes VisibilityTimeout=30,ReceiveMessageWaitTimeSeconds=20
aws --endpoint-url http://localhost:4566 sqs create-queue --queue-name=poison \\
  --attributes '{"RedrivePolicy":"{\\"deadLetterTargetArn\\":\\"arn:aws:sqs:eu:0:dead\\",\\"maxReceiveCount\\":\\"5\\"}"}'
awslocal sqs create-queue --queue-name "$NAME"
awslocal dynamodb create-table --table-name state --provisioned-throughput ReadCapacityUnits=7,WriteCapacityUnits=8
"""
    found = documents_of(tmp_path, {"infra/queue.yaml": template, "localstack/init.sh": script}).queues
    assert [
        ("Orders", "Dead", {"visibility_timeout_s": 60.0, "max_receive_count": 3.0}),
        ("events", "", {"visibility_timeout_s": 30.0, "receive_wait_s": 20.0}),
        ("poison", "dead", {"max_receive_count": 5.0}),
        ("state", "", {"read_capacity": 7.0, "write_capacity": 8.0}),
    ] == [(q.name, q.dead_letter, {name: a.value for name, a in q.settings}) for q in found]


@pytest.mark.parametrize(
    "text",
    ['resource "a" "b" {\n', 'x = "{"\n', "}\n}\n", 'a "b" {\n  c = <<EOT\n}\nEOT\n}\n', "a {}\nb {\n d = 1\n}\n"],
)
def test_broken_terraform_ends(text: str) -> None:
    """Unbalanced braces, heredocs and empty blocks end the reading, not the run."""
    assert len(list(doc_hcl.blocks(text.split("\n")))) <= 2


def test_module_file_and_makefile(tmp_path: Path) -> None:
    """Requirements have their version and line, a replaced one the new version; a recipe belongs to its target."""
    gomod = (
        "module example.com/svc\n\ngo 1.24\n\nrequire github.com/a/one v1.2.3\n\n"
        "require (\n\tgithub.com/b/two v0.1.0 // indirect\n"
        "\tgopkg.in/c.v3 v3.0.1\n)\n\nreplace github.com/b/two => github.com/d/two v0.2.0\n"
    )
    make = "X := 1\n.PHONY: a\na b: c\n\t@echo hi\n\tgo test ./...\n\nc:\n\tls\n"
    found = documents_of(tmp_path, {"go.mod": gomod, "Makefile": make})
    (module,) = found.gomod
    assert ("example.com/svc", "1.24") == (module.module, module.go)
    assert {
        "github.com/a/one": ("v1.2.3", 5), "github.com/b/two": ("v0.2.0", 12), "gopkg.in/c.v3": ("v3.0.1", 9),
    } == {name: (version, evidence.line) for name, (version, evidence) in module.requirements.items()}  # fmt: skip
    assert [("a", 3, 2), ("b", 3, 2), ("c", 7, 1)] == [(t.name, t.line, len(t.recipe)) for t in found.make_targets]
