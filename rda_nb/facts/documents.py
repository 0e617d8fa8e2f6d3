"""Documents: what stands in the target's files that are not code; each property is read when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from rda_nb.core import Evidence, Gap
from rda_nb.facts import (
    doc_alerts,
    doc_build,
    doc_compose,
    doc_config,
    doc_goals,
    doc_queues,
    doc_validation,
    doc_workloads,
)
from rda_nb.facts.doc_alerts import Alert, Dashboard, Objective
from rda_nb.facts.doc_build import GoModule, MakeTarget
from rda_nb.facts.doc_compose import ComposeService
from rda_nb.facts.doc_config import Entry
from rda_nb.facts.doc_files import Files
from rda_nb.facts.doc_goals import Goal
from rda_nb.facts.doc_overrides import Overrides
from rda_nb.facts.doc_queues import Queue
from rda_nb.facts.doc_validation import Asset
from rda_nb.facts.doc_workloads import Workload
from rda_nb.source import Target

__all__ = ["Documents", "read"]


class Documents:
    """The files of one target that are not code. Every tuple is sorted by path and line."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._files = Files(target)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every setting of the service's own configuration files."""
        return doc_config.entries(self._files)

    @cached_property
    def _overrides(self) -> Overrides:
        return Overrides(self._files)

    def overrides(self, key: str) -> list[tuple[str, Evidence, str]]:
        """Values that product files set for an environment variable, a dotted config path or a flag: (value, evidence,
        origin), weakest first. A bare common word (timeout, port) matches only a flag of the service's own process."""
        return self._overrides.of(key)

    @cached_property
    def workloads(self) -> tuple[Workload, ...]:
        """Containers that Kubernetes, Helm, compose, ECS and SAM files start, with their resources and environment."""
        return doc_workloads.workloads(self._files)

    @cached_property
    def compose_services(self) -> tuple[ComposeService, ...]:
        """Services of compose files, with the real dependency that an image gives."""
        return doc_compose.compose_services(self._files)

    @cached_property
    def queues(self) -> tuple[Queue, ...]:
        """Queues, streams, topics and tables declared in CloudFormation, SAM, Terraform, serverless and init scripts."""
        return doc_queues.queues(self._files)

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """Alert and recording rules."""
        return doc_alerts.alerts(self._files)

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """Service level objectives of Sloth, OpenSLO and Pyrra files."""
        return doc_alerts.objectives(self._files)

    @cached_property
    def dashboards(self) -> tuple[Dashboard, ...]:
        """Grafana dashboards with the metrics of their panels."""
        return doc_alerts.dashboards(self._files)

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """Stated performance goals, each a quantity with its unit."""
        return doc_goals.goals(self._target, self.alerts, self.objectives)

    @cached_property
    def validation(self) -> tuple[Asset, ...]:
        """Load tests, benchmarks that are run, replay tools, compose files, performance pages; no benchmark functions."""
        return doc_validation.assets(self._files, self.make_targets, self.compose_services)

    @cached_property
    def make_targets(self) -> tuple[MakeTarget, ...]:
        """Targets of the Makefiles with their recipes."""
        return doc_build.make_targets(self._target)

    @cached_property
    def gomod(self) -> tuple[GoModule, ...]:
        """The go.mod files of the service, the root's first."""
        return doc_build.go_modules(self._target)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Files that could not be read, among those that were asked for so far."""
        return tuple(gap for _, gap in sorted(self._files.gaps.items()))

    @property
    def gaps_by_path(self) -> dict[str, Gap]:
        """The gaps by the file that left each."""
        return self._files.gaps

    def read_all(self) -> dict[str, object]:
        """Every property that is a tuple of plain values, by its name: what `take` takes in another process."""
        names = [name for name, kept in vars(Documents).items() if isinstance(kept, cached_property) and name[0] != "_"]
        return {name: getattr(self, name) for name in names}

    def take(self, read: Mapping[str, object], gaps: Mapping[str, Gap]) -> None:
        """Take over what another process has read of the same files."""
        self._files.gaps.update(gaps)
        for name, value in read.items():
            self.__dict__.setdefault(name, value)


def read(target: Target) -> Documents:
    """The documents of a target; nothing is parsed yet."""
    return Documents(target)
