"""Load tests, replay tools, compose files and measured documents, and the kinds of them that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, known
from rda_nb.records import Page, ValidationAsset
from rda_nb.service.benchmarks import benchmarks
from rda_nb.service.coverage import covered
from rda_nb.service.driving import drivers, driving

if TYPE_CHECKING:
    from rda_nb.facts.doc_validation import Asset
    from rda_nb.service import Service

PAGE = Page(
    title="Performance cannot be validated from this repository",
    topics=("load-validation",),
    consequence="unpredictability",
    rows=ValidationAsset,
    why="A limit that nobody has driven to is a guess, and a regression is met in production first.",
    remedy="Keep a harness beside the service that drives its entrypoints against real dependencies at a stated rate.",
    proof="CI runs the harness and fails when a stated goal is missed.",
    impact="throughput",
)

# What the image of a compose service gives -> the systems of the code that it stands in for.
_GIVES = {"aws": {"sqs", "sns", "kinesis", "dynamodb", "s3"}, "mongo": {"mongodb"}, "wiremock": {"http"}}
_STORES = frozenset(
    {"sqs", "sns", "kinesis", "dynamodb", "s3", "clickhouse", "postgres", "mysql", "redis", "kafka", "rabbitmq", "nats"}
) | {"elasticsearch", "mongodb"}
_DRIVE = ("load_test", "replay_tool")
_DRIVEN = frozenset({"benchmark", "load_test", "replay_tool"})
_NOT_OURS = ("example", "vendor", "generated")
_MOST = 6
_SPEAKS = re.compile(r"\bperformance\b", re.I)
_RUN = re.compile(r"\b(go test|gotestsum)\b.*\./")
_TESTED = re.compile(r"\b(go test|gotestsum|make (?:unit-)?tests?)\b")


def assess(service: Service) -> Iterator[ValidationAsset]:
    """One row per asset of the service's own, then one per kind that is missing."""
    if service.documents is None:
        return
    kinds: dict[str, int] = {}
    without = _lacking(service)
    for asset in service.documents.validation:
        if asset.role in _NOT_OURS or kinds.get(asset.kind, 0) >= _MOST:
            continue
        kinds[asset.kind] = kinds.get(asset.kind, 0) + 1
        lacking = without if asset.kind == "compose" else []
        notes = f"; no compose file starts {', '.join(lacking)}, which the service talks to" if lacking else ""
        # A page, a dashboard or a set of containers is nothing that CI could run by itself.
        run = f"; {'run' if asset.ci else 'not run'} by CI" if asset.ci or asset.kind in _DRIVEN else ""
        told = asset.detail.rstrip(". ")
        yield ValidationAsset(
            item=asset.item,
            kind=asset.kind,
            detail=f"{told}{run}{notes}",
            evidence=_places(service, asset),
            assessment=Assessment.CONCERN if lacking else Assessment.GOOD,
            claim=f"{asset.item}: {told}{notes}.",
            symbol=asset.item,
            in_ci=asset.ci,
            covers=covered(service, asset) if asset.kind in _DRIVE else (),
            value=known(asset.value, asset.unit) if asset.value is not None else None,
            hot=False,
            quiet=True,
        )
    elsewhere = {
        kind for kind, found in (("benchmark", benchmarks), ("load_test", drivers)) if next(found(service), None)
    }
    yield from _missing(service, set(kinds) | elsewhere)


def _places(service: Service, asset: Asset) -> tuple[Evidence, ...]:
    """Where an asset stands: of a program first the function that sends, then where it starts."""
    if asset.kind == "compose":
        return (asset.evidence, *_parts(service, asset.path))
    found = driving(service, asset.path.rpartition("/")[0]) if asset.kind in _DRIVE else None
    if found is None or found[0].file.path.rpartition("/")[0] not in asset.path:
        return (asset.evidence, *asset.more)
    function, operation = found
    places = (service.cite_at(function.file, function.row.start), service.cite(operation), asset.evidence)
    return tuple(dict.fromkeys((*places, *asset.more)))


def _lacking(service: Service) -> list[str]:
    """The stores that the service talks to and none of its compose files starts."""
    given: set[str] = set()
    for one in service.documents.compose_services:
        if one.dependency and one.role not in _NOT_OURS:
            given |= _GIVES.get(one.dependency, {one.dependency})
    return sorted((service.signals.systems & _STORES) - given)


def _parts(service: Service, path: str) -> tuple[Evidence, ...]:
    """The other services of a compose file."""
    return tuple(one.evidence for one in service.documents.compose_services if one.path == path)[:_MOST]


def _missing(service: Service, present: set[str]) -> Iterator[ValidationAsset]:
    """A row for each kind that nothing in the target gives, at the place where it would stand."""
    place = _test_places(service)
    names = _entrypoints(service)
    driven = f" for {', '.join(names)}" if names else ""
    wanted = {
        "benchmark": ("no benchmark", f"Benchmarks{driven} beside the tests that run here."),
        "load_test": ("no load test and no replay tool", f"A load script{driven} at a stated rate, with thresholds."),
        "compose": (
            "no compose file with the service's dependencies",
            "A compose file that starts what the service calls.",
        ),
        "perf_doc": (
            "no measured figures",
            "Measured throughput and latency per replica, with date, load and machine.",
        ),
    }
    for kind, (what, remedy) in wanted.items():
        if kind in present or (kind == "load_test" and "replay_tool" in present):
            continue
        if kind == "compose" and not service.signals.systems & _STORES:
            continue
        yield ValidationAsset(
            item=f"{kind.replace('_', ' ')} (missing)",
            kind=kind,
            present=False,
            detail=remedy,
            evidence=(_documents(service) or place) if kind == "perf_doc" else place,
            assessment=Assessment.GAP,
            claim=f"The target has {what}.",
            symbol=kind,
            remedy=remedy,
        )


def _test_places(service: Service) -> tuple[Evidence, ...]:
    """Where tests are run today: in CI, then by a make target."""
    found: dict[str, Evidence] = {}
    for file in service.target.files:
        if file.role in ("vendored", "generated"):
            continue
        if file.path.startswith(".github/workflows/") or file.path.endswith((".gitlab-ci.yml", "Makefile")):
            lines = [number for number, line in enumerate(file.lines, 1) if _TESTED.search(line)]
            direct = [number for number in lines if _RUN.search(file.lines[number - 1])]
            if lines:
                found[file.path] = service.target.cite(file.path, (direct or lines)[0], role="absence")
    return tuple(found[path] for path in sorted(found))[:3]


def _documents(service: Service) -> tuple[Evidence, ...]:
    """Where documents state goals, else where the read-me speaks of performance: measured figures would stand there."""
    goals = [goal.evidence for goal in service.documents.goals if goal.source == "document"]
    if goals:
        return tuple(goals[:3])
    for file in service.target.files:
        if file.kind == "markdown" and file.path.lower().startswith("readme"):
            lines = [number for number, line in enumerate(file.lines, 1) if _SPEAKS.search(line)]
            return (service.target.cite(file.path, lines[0] if lines else 1, role="absence"),)
    return ()


def _entrypoints(service: Service) -> list[str]:
    """The service's own request and message paths, those with waits first."""
    served = (flow for flow in service.flows if flow.entrypoint.per_item and not flow.entrypoint.middleware)
    flows = sorted(served, key=lambda flow: -len(flow.operations))
    return list(dict.fromkeys(flow.entrypoint.title for flow in flows))[:4]
