"""Which capacity signal a metric gives: by its type, the words of its name and where it is updated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rda_nb.service.ages import Ages
from rda_nb.service.calls import Operation
from rda_nb.service.knowledge_files import read
from rda_nb.service.metric import Metric

if TYPE_CHECKING:
    from rda_nb.service.model import Service


def _vocabulary() -> dict[str, Any]:
    found: dict[str, Any] = read("signals.yaml")
    return found


def use(signal: str) -> str:
    """What a signal is good for when capacity is planned."""
    return str(_vocabulary()["uses"][signal])


def hooks() -> list[dict[str, str]]:
    """Methods through which clients report what they do: `embeds` the client's own type, `signal` what they would give."""
    return list(_vocabulary()["hooks"])


def foreign(name: str) -> bool:
    """True for a metric that an exporter, a runtime or the platform gives."""
    return re.search(_vocabulary()["foreign"], name) is not None


def instrumented(imports: Iterable[str]) -> bool:
    """True when a library that measures requests by itself is imported."""
    pattern = re.compile(_vocabulary()["instrumented_by"])
    return any(pattern.search(path) for path in imports)


def given_by(imports: Iterable[str]) -> frozenset[str]:
    """The signals that imported libraries measure and serve by themselves."""
    known = _vocabulary()["given_by"]
    return frozenset(signal for path in imports for signal in known.get(path, ()))


def measures(generated: str) -> bool:
    """True when generated code defines a metric."""
    return re.search(_vocabulary()["in_generated"], generated) is not None


def base_name(name: str) -> str:
    """A series' name without what a histogram, summary or exporter adds to the metric's own."""
    for suffix in _vocabulary()["suffixes"]:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name


def signal_of_name(name: str) -> str:
    """The signal that a name alone suggests, for a metric that is only named."""
    words = frozenset(re.findall(r"[a-z]+|[0-9]+", name.lower()))
    for rule in _vocabulary()["rules"]:
        if "near" in rule or "system" in rule or not words & set(rule.get("words", ())):
            continue
        if "with" not in rule or words & set(rule["with"]):
            return str(rule["signal"])
    return "throughput"


class Signals:
    """The signals that the metrics of one service give."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ages = Ages(service)
        self._below: dict[str, list[Operation]] | None = None

    @cached_property
    def all(self) -> tuple[tuple[Metric, str], ...]:
        """Every metric with its signal."""
        return tuple((metric, self.of(metric)) for metric in self.service.metrics)

    @cached_property
    def systems(self) -> frozenset[str]:
        """The systems that the service's product code talks to."""
        service = self.service
        found = (service.systems.of(op) for op in service.external_operations if op.file.role == "product")
        return frozenset(system for system in found if system)

    def of(self, metric: Metric) -> str:
        """The signal that a metric gives."""
        words = frozenset(metric.words)
        if metric.type in ("gauge", "histogram", "summary") and self.ages.of_messages(metric):
            return "queue_lag"
        for rule in _vocabulary()["rules"]:
            if self._holds(rule, metric, words):
                return str(rule["signal"])
        return "throughput"

    def beside(self, metric: Metric) -> list[Operation]:
        """The operations in the functions that update a metric, literals counted with their function."""
        if self._below is None:
            self._below = {}
            for operation in self.service.calls.operations:
                if operation.function is not None:
                    self._below.setdefault(operation.function.root.key, []).append(operation)
        roots = {update.at.function.root.key for update in metric.updates if update.at.function is not None}
        return [operation for key in sorted(roots) for operation in self._below.get(key, ())]

    def _holds(self, rule: dict[str, Any], metric: Metric, words: frozenset[str]) -> bool:
        if "types" in rule and metric.type not in rule["types"]:
            return False
        if any(key in rule and not words & set(rule[key]) for key in ("words", "with")):
            return False
        if "ending" in rule and not any(word.endswith(tuple(rule["ending"])) for word in words - set(rule["except"])):
            return False
        if "system" in rule and rule["system"] not in self.systems:
            return False
        return "near" not in rule or any(_matches(operation.role, rule["near"]) for operation in self.beside(metric))


def is_average(metric: Metric) -> bool:
    """True for a gauge that holds a mean of durations."""
    rule = _vocabulary()["average"]
    words = set(metric.words)
    return metric.type == "gauge" and bool(words & set(rule["words"])) and bool(words & set(rule["with"]))


def _matches(role: str, wanted: list[str]) -> bool:
    return any(role == name or (name.endswith(".") and role.startswith(name)) for name in wanted)
