"""Workloads: what runs the service and with how much, from Kubernetes, Helm, compose, ECS and SAM files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rda_nb.core import Evidence
from rda_nb.facts import doc_tree
from rda_nb.facts.doc_containers import Container, arguments, containers, dependency, documents, environment, settled
from rda_nb.facts.doc_files import Files, Tree, foreign
from rda_nb.facts.doc_tree import Mapping, Node, Scalar
from rda_nb.facts.doc_units import duration, quantity, size

ROLES = ("product", "example", "tooling", "test")

# terminationGracePeriodSeconds "defaults to 30 seconds":
# https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#lifecycle
_KUBERNETES_GRACE = (30.0, "Kubernetes API, PodSpec.terminationGracePeriodSeconds")
# "Default value is 10 seconds": https://docs.docker.com/reference/compose-file/services/#stop_grace_period
_COMPOSE_GRACE = (10.0, "Compose file reference, stop_grace_period")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the text it was written as; without evidence it is a default, and `source` says whose."""

    value: float
    text: str
    evidence: Evidence | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A health check: `kind` is readiness, liveness, startup or healthcheck; seconds, None when not set."""

    kind: str
    path: str
    period_s: float | None
    timeout_s: float | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Autoscaling:
    """Bounds of an autoscaler and the metrics or triggers it follows."""

    minimum: Amount | None
    maximum: Amount | None
    metrics: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Workload:
    """One container of a workload. CPU in cores, memory in bytes, times in seconds; None when the file does not say.

    `kind` is a Kubernetes kind, compose, ecs or lambda; `role` the file's; `dependency` names what the image gives when
    it is not the service (clickhouse, redis ...). `timeout` and `concurrency` are a function's.
    """

    path: str
    line: int
    name: str
    kind: str
    container: str
    role: str
    image: str
    dependency: str
    evidence: Evidence
    replicas: Amount | None = None
    cpu_request: Amount | None = None
    cpu_limit: Amount | None = None
    memory_request: Amount | None = None
    memory_limit: Amount | None = None
    termination_grace_s: Amount | None = None
    timeout: Amount | None = None
    concurrency: Amount | None = None
    probes: tuple[Probe, ...] = ()
    env: tuple[tuple[str, str, Evidence], ...] = ()
    args: tuple[str, ...] = ()
    autoscaling: Autoscaling | None = None


def deployment_trees(files: Files, *flavours: str) -> Iterator[Tree]:
    """Documents of these flavours in YAML and JSON files of every role but vendored and generated ones."""
    for file in files.of(ROLES, "yaml", "json"):
        if file.kind == "json" and foreign(file):
            continue
        data = file.data
        if (
            b"container" in data
            or b"services" in data
            or b"Resources" in data
            or b"functions" in data
            or b"scale" in data
        ):
            yield from (tree for tree in files.trees(file) if tree.flavour in flavours)


def workloads(files: Files) -> tuple[Workload, ...]:
    """Every container that a deployment file starts, with its autoscaler when one names the workload."""
    found: list[Workload] = []
    scalers: dict[str, Autoscaling] = {}
    for tree in deployment_trees(
        files, "kubernetes", "helm_template", "compose", "ecs", "cloudformation", "serverless"
    ):
        reader = _Reader(files, tree)
        found.extend(reader.workload(container) for container in containers(tree))
        if tree.flavour in ("kubernetes", "helm_template"):
            for top in documents(tree):
                scalers.update(reader.scaler(top))
    scaled = [replace(w, autoscaling=scalers.get(w.name)) if w.name in scalers else w for w in found]
    return tuple(sorted(scaled, key=lambda w: (w.path, w.line, w.container)))


def _value(amount: Amount | None) -> float | None:
    return None if amount is None else amount.value


def _line(node: Node | None) -> int:
    return node.line if node is not None else 0


class _Reader:
    """Reads one document's containers."""

    def __init__(self, files: Files, tree: Tree) -> None:
        self.files = files
        self.tree = tree

    def cite(self, line: int, end: int = 0) -> Evidence:
        return self.files.target.cite(self.tree.file.path, line, end)

    def amount(self, node: Node | None, parse: Callable[[str], float | None], scale: float = 1.0) -> Amount | None:
        """A scalar as a number; None when there is none or it cannot be told."""
        if not isinstance(node, Scalar) or node.null:
            return None
        place = settled(self.files, self.tree, node)
        value = parse(place.value) if place else None
        if place is None or value is None:
            return None
        return Amount(value * scale, place.value, self.files.target.cite(place.path, place.line, place.end_line))

    def workload(self, c: Container) -> Workload:
        """A container with its numbers, whichever kind of file it stands in."""
        end = _line(c.node.get("image")) or c.line
        env = tuple(
            (name, place.value, self.files.target.cite(place.path, place.line, place.end_line))
            for name, place in environment(self.files, c)
        )
        base = Workload(
            path=self.tree.file.path,
            line=c.line,
            name=self._named(c.workload),
            kind=c.kind,
            container=self._named(c.name),
            role=self.tree.file.role,
            image="" if doc_tree.MARK in c.image else c.image,
            dependency=dependency(c.image),
            evidence=self.cite(c.line, end if c.line <= end <= c.line + 5 else c.line),
            env=env,
            args=tuple(word for word, _ in arguments(c)),
        )
        if c.kind == "compose":
            return self._compose(base, c.node)
        if c.kind == "ecs":
            return self._ecs(base, c.node)
        if c.kind == "lambda":
            return self._lambda(base, c.node)
        return self._pod(base, c)

    def _named(self, name: str) -> str:
        return doc_tree.TEMPLATED.sub("*", name)

    def _pod(self, base: Workload, c: Container) -> Workload:
        resources = doc_tree.mapping(c.node.get("resources"))
        grace = self.amount(c.pod.get("terminationGracePeriodSeconds"), quantity)
        probes = [self._probe(c.node, kind) for kind in ("readiness", "liveness", "startup")]
        return replace(
            base,
            replicas=self.amount(c.top.get("spec", "replicas"), quantity),
            cpu_request=self.amount(resources.get("requests", "cpu"), quantity),
            cpu_limit=self.amount(resources.get("limits", "cpu"), quantity),
            memory_request=self.amount(resources.get("requests", "memory"), quantity),
            memory_limit=self.amount(resources.get("limits", "memory"), quantity),
            termination_grace_s=grace or Amount(_KUBERNETES_GRACE[0], "30s", None, _KUBERNETES_GRACE[1]),
            probes=tuple(probe for probe in probes if probe),
        )

    def _probe(self, node: Mapping, kind: str) -> Probe | None:
        key, probe = node.key(f"{kind}Probe"), node.get(f"{kind}Probe")
        if key is None or not isinstance(probe, Mapping):
            return None
        period, timeout = (
            self.amount(probe.get("periodSeconds"), quantity),
            self.amount(probe.get("timeoutSeconds"), quantity),
        )
        path = doc_tree.text(probe.get("httpGet", "path"))
        return Probe(kind, path, _value(period), _value(timeout), self.cite(key.line, key.line + 1))

    def _compose(self, base: Workload, node: Mapping) -> Workload:
        deploy = doc_tree.mapping(node.get("deploy"))
        limits = doc_tree.mapping(deploy.get("resources", "limits"))
        reserved = doc_tree.mapping(deploy.get("resources", "reservations"))
        grace = self.amount(node.get("stop_grace_period"), duration)
        probe = node.get("healthcheck")
        probes: tuple[Probe, ...] = ()
        if isinstance(probe, Mapping):
            key = node.key("healthcheck")
            period, timeout = self.amount(probe.get("interval"), duration), self.amount(probe.get("timeout"), duration)
            evidence = self.cite(key.line if key else probe.line)
            probes = (Probe("healthcheck", "", _value(period), _value(timeout), evidence),)
        return replace(
            base,
            replicas=self.amount(deploy.get("replicas") or node.get("scale"), quantity),
            cpu_request=self.amount(reserved.get("cpus"), quantity),
            cpu_limit=self.amount(limits.get("cpus") or node.get("cpus"), quantity),
            memory_request=self.amount(reserved.get("memory") or node.get("mem_reservation"), size),
            memory_limit=self.amount(limits.get("memory") or node.get("mem_limit"), size),
            termination_grace_s=grace or Amount(_COMPOSE_GRACE[0], "10s", None, _COMPOSE_GRACE[1]),
            probes=probes,
        )

    def _ecs(self, base: Workload, node: Mapping) -> Workload:
        mebibyte = 2.0**20
        return replace(
            base,
            cpu_request=self.amount(node.get("cpu"), quantity, 1 / 1024),
            memory_request=self.amount(node.get("memoryReservation"), quantity, mebibyte),
            memory_limit=self.amount(node.get("memory"), quantity, mebibyte),
            termination_grace_s=self.amount(node.get("stopTimeout"), quantity),
        )

    def _lambda(self, base: Workload, node: Mapping) -> Workload:
        lower = self.tree.flavour == "serverless"
        names = ("memorySize", "timeout", "reservedConcurrency") if lower else (
            "MemorySize", "Timeout", "ReservedConcurrentExecutions")  # fmt: skip
        return replace(
            base,
            memory_limit=self.amount(node.get(names[0]), quantity, 2.0**20),
            timeout=self.amount(node.get(names[1]), quantity),
            concurrency=self.amount(node.get(names[2]), quantity),
        )

    def scaler(self, top: Mapping) -> Iterator[tuple[str, Autoscaling]]:
        """The workload that a HorizontalPodAutoscaler or a KEDA ScaledObject names, with its bounds."""
        kind, spec = doc_tree.text(top.get("kind")), doc_tree.mapping(top.get("spec"))
        name = self._named(doc_tree.text(spec.get("scaleTargetRef", "name")))
        keys = {
            "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas", "metrics"),
            "ScaledObject": ("minReplicaCount", "maxReplicaCount", "triggers"),
        }.get(kind)
        if not keys or not name:
            return
        metrics = [_metric(item) for item in doc_tree.items(spec.get(keys[2]))]
        if spec.get("targetCPUUtilizationPercentage") is not None:
            metrics.append("cpu")
        low, high = self.amount(spec.get(keys[0]), quantity), self.amount(spec.get(keys[1]), quantity)
        yield name, Autoscaling(low, high, tuple(m for m in metrics if m), self.cite(spec.line))


def _metric(item: Node) -> str:
    node = doc_tree.mapping(item)
    for kind in ("resource", "containerResource"):
        if node.get(kind) is not None:
            return doc_tree.text(node.get(kind, "name"))
    for kind in ("pods", "object", "external"):
        if node.get(kind) is not None:
            return doc_tree.text(node.get(kind, "metric", "name"))
    return doc_tree.text(node.get("metadata", "metricName")) or doc_tree.text(node.get("type"))
