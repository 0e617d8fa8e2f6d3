"""One metric that the service defines, and the places that update it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Expression
from rda_nb.service.calls import Call, Operation
from rda_nb.service.metric_sites import Item

DEFINING = (
    "metric.counter",
    "metric.gauge",
    "metric.histogram",
    "metric.summary",
    "metric.callback",
    "metric.description",
)
UPDATING = ("metric.add", "metric.up", "metric.down", "metric.set", "metric.observe", "metric.time")


@dataclass(eq=False, slots=True)
class Update:
    """One place that updates a metric; `labels` are the label values given there as expressions.

    `operation` is the library's call; `call` is where the service asks for it: the same, or the call of its wrapper.
    """

    operation: Operation
    labels: tuple[Expression, ...] = ()
    labelled_by: Operation | None = None
    call: Call | None = None

    @property
    def at(self) -> Call:
        """The call that stands for the update in the service's code."""
        return self.call or self.operation


@dataclass(eq=False, slots=True)
class Metric:
    """One metric: full name ('' when it cannot be read), type, label names, bucket bounds when written out.

    `symbol` is the variable, field or key that holds it; `call` the defining call, a wrapper's where there is one; `item` the
    entry of the table that names it. `self_updating` when the library reads it by itself: a callback, or a description
    that a collector fills.
    """

    name: str
    type: str
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...]
    default_buckets: bool
    operation: Operation
    evidence: Evidence
    symbol: str
    updates: list[Update] = field(default_factory=list)
    call: Call | None = None
    item: Item | None = None
    self_updating: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its name, its symbol when the name cannot be read."""
        return tuple(re.findall(r"[a-z]+|[0-9]+", _split(self.name or self.symbol)))


def _split(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
