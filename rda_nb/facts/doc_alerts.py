"""Alert rules, recording rules and service level objectives in YAML, and Grafana dashboards in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.facts import doc_promql, doc_tree
from rda_nb.facts.doc_files import Files
from rda_nb.facts.doc_tree import Mapping, Node, Scalar
from rda_nb.facts.doc_units import duration
from rda_nb.source import SourceFile

_ROLES = ("product", "tooling", "example", "docs")
_RULE_MARKS = (b"expr:", b'"expr"', b"slos:", b"openslo", b"pyrra")
_LARGEST_DASHBOARD = 2_000_000


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule: `kind` is alert or record. `threshold` is (comparison, number); `hold_s` is its `for` in seconds."""

    path: str
    line: int
    kind: str
    name: str
    expression: str
    metrics: tuple[str, ...]
    quantile: float | None
    threshold: tuple[str, float] | None
    hold_s: float | None
    severity: str
    role: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Objective:
    """A service level objective of a Sloth, OpenSLO or Pyrra file; `target` in percent, `latency_s` when it bounds one."""

    path: str
    line: int
    name: str
    target: float
    window: str
    latency_s: float | None
    metrics: tuple[str, ...]
    role: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a dashboard and the metrics its queries name; `line` is that of the first query, `title_line` its title's."""

    title: str
    line: int
    title_line: int
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A Grafana dashboard."""

    path: str
    title: str
    panels: tuple[Panel, ...]
    role: str
    evidence: Evidence

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric of every panel, sorted."""
        return tuple(sorted({metric for panel in self.panels for metric in panel.metrics}))


def _roots(files: Files) -> Iterator[tuple[SourceFile, Node]]:
    for file in files.of(_ROLES, "yaml"):
        if any(mark in file.data for mark in _RULE_MARKS):
            for tree in files.trees(file):
                yield file, tree.root


def alerts(files: Files) -> tuple[Alert, ...]:
    """Rules of Prometheus rule files and of PrometheusRule objects."""
    found: list[Alert] = []
    for file, root in _roots(files):
        top = doc_tree.mapping(root)
        for groups in (top.get("groups"), top.get("spec", "groups"), top.get("additionalPrometheusRulesMap")):
            for group in doc_tree.items(groups):
                for rule in doc_tree.items(doc_tree.mapping(group).get("rules")):
                    found.extend(_rule(files, file, doc_tree.mapping(rule)))
    return tuple(sorted(found, key=lambda a: (a.path, a.line, a.name)))


def _rule(files: Files, file: SourceFile, rule: Mapping) -> Iterator[Alert]:
    kind = "alert" if rule.get("alert") is not None else "record"
    key, expression = rule.key(kind), doc_tree.text(rule.get("expr"))
    if key is None or not expression:
        return
    query = doc_promql.read(expression)
    at = rule.get("expr")
    end = at.line + (1 if isinstance(at, Scalar) and at.block else 0) if at is not None else key.line
    near = key.line < end <= key.line + 5
    yield Alert(
        file.path,
        key.line,
        kind,
        doc_tree.text(rule.get(kind)),
        " ".join(expression.split()),
        query.metrics,
        query.quantile,
        query.threshold,
        duration(doc_tree.text(rule.get("for"))),
        doc_tree.text(rule.get("labels", "severity")),
        file.role,
        files.target.cite(file.path, key.line, end if near else key.line),
    )


def objectives(files: Files) -> tuple[Objective, ...]:
    """Objectives of Sloth, OpenSLO and Pyrra files."""
    found: list[Objective] = []
    for file, root in _roots(files):
        top = doc_tree.mapping(root)
        version = doc_tree.text(top.get("apiVersion")) or doc_tree.text(top.get("version"))
        if top.get("slos") is not None and version.startswith("prometheus/"):
            found.extend(_sloth(files, file, top))
        elif version.startswith("sloth.slok.dev/"):
            found.extend(_sloth(files, file, doc_tree.mapping(top.get("spec"))))
        elif version.startswith("openslo/") and doc_tree.text(top.get("kind")) == "SLO":
            found.extend(_openslo(files, file, top))
        elif version.startswith("pyrra.dev/"):
            found.extend(_pyrra(files, file, top))
    return tuple(sorted(found, key=lambda o: (o.path, o.line, o.name)))


def _objective(
    files: Files,
    file: SourceFile,
    name: str,
    target: Node | None,
    window: str,
    body: Node,
    latency: float | None,
    scale: float = 1,
) -> Iterator[Objective]:
    try:
        value = float(doc_tree.text(target)) * scale
    except ValueError:
        return
    metrics: dict[str, None] = {}
    for keys, scalar in doc_tree.scalars(body):
        if keys and (keys[-1] in ("query", "metric", "expr") or keys[-1].endswith("_query")):
            metrics.update(dict.fromkeys(doc_promql.read(_plain(scalar.value)).metrics))
    assert target is not None
    line = target.line
    evidence = files.target.cite(file.path, line)
    yield Objective(file.path, line, name, value, window, latency, tuple(metrics), file.role, evidence)


def _plain(query: str) -> str:
    """A query without the template action that Sloth puts in for the window."""
    return query.replace("{{.window}}", "5m").replace("{{ .window }}", "5m")


def _sloth(files: Files, file: SourceFile, top: Mapping) -> Iterator[Objective]:
    service = doc_tree.text(top.get("service"))
    for slo in doc_tree.items(top.get("slos")):
        node = doc_tree.mapping(slo)
        name = f"{service}/{doc_tree.text(node.get('name'))}".strip("/")
        yield from _objective(files, file, name, node.get("objective"), "30d", node, None)


def _openslo(files: Files, file: SourceFile, top: Mapping) -> Iterator[Objective]:
    name = doc_tree.text(top.get("metadata", "name"))
    windows = doc_tree.items(top.get("spec", "timeWindow"))
    window = doc_tree.text(doc_tree.mapping(windows[0]).get("duration")) if windows else ""
    for item in doc_tree.items(top.get("spec", "objectives")):
        node = doc_tree.mapping(item)
        percent = node.get("targetPercent")
        target = percent if percent is not None else node.get("target")
        yield from _objective(files, file, name, target, window, top, None, 1.0 if percent is not None else 100.0)


def _pyrra(files: Files, file: SourceFile, top: Mapping) -> Iterator[Objective]:
    spec = doc_tree.mapping(top.get("spec"))
    name = doc_tree.text(top.get("metadata", "name"))
    success = doc_tree.text(spec.get("indicator", "latency", "success", "metric"))
    bound = success.partition('le="')[2].partition('"')[0]
    latency = float(bound) if bound.replace(".", "", 1).isdigit() else None
    yield from _objective(files, file, name, spec.get("target"), doc_tree.text(spec.get("window")), spec, latency)


def dashboards(files: Files) -> tuple[Dashboard, ...]:
    """Grafana dashboards: JSON with panels whose targets have PromQL expressions."""
    found: list[Dashboard] = []
    for file in files.target.files:
        wanted = file.kind == "json" and file.role in _ROLES and file.size <= _LARGEST_DASHBOARD
        if wanted and b'"panels"' in file.data and b'"expr"' in file.data:
            try:
                roots = doc_tree.parse(file.text())
                panels = [panel for root in roots for panel in _panels(root)]
            except doc_tree.Unreadable as error:
                files.gap(file.path, f"dashboard cannot be read: {error}")
                continue
            top = doc_tree.mapping(roots[0] if roots else None)
            key = top.key("title") or top.key("panels")
            if panels and key is not None:
                title = doc_tree.text(top.get("title"))
                cite = files.target.cite(file.path, key.line)
                found.append(Dashboard(file.path, title, tuple(panels), file.role, cite))
    return tuple(sorted(found, key=lambda d: d.path))


def _panels(root: Node) -> Iterator[Panel]:
    stack: list[Node] = [root]
    found: list[Panel] = []
    visits = 0
    while stack:
        node = stack.pop()
        visits += 1
        if visits > doc_tree.MOST_NODES:
            raise doc_tree.Unreadable(f"more than {doc_tree.MOST_NODES} values once aliases are followed")
        if isinstance(node, Mapping):
            metrics: dict[str, None] = {}
            line = 0
            for target in doc_tree.items(node.get("targets")):
                expression = doc_tree.mapping(target).get("expr")
                if isinstance(expression, Scalar):
                    line = line or expression.line
                    metrics.update(dict.fromkeys(doc_promql.read(expression.value).metrics))
            if line:
                key = node.key("title")
                found.append(Panel(doc_tree.text(node.get("title")), line, key.line if key else line, tuple(metrics)))
            stack.extend(value for _, value in node.pairs if not isinstance(value, Scalar))
        elif isinstance(node, doc_tree.Sequence):
            stack.extend(item for item in node.items if not isinstance(item, Scalar))
    yield from sorted(found, key=lambda p: p.line)
