"""Calls that report an event by the metric of another one, while the method for it is called by nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import CapacitySignal, Page
from rda_nb.service.signals import use

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Call
    from rda_nb.service.metric import Metric
    from rda_nb.service.program import Function

PAGE = Page(
    title="An event is counted under another one's name",
    topics=("capacity-signals",),
    consequence="unpredictability",
    rows=CapacitySignal,
    why="One event's series never moves, and the other's shows both: neither can be planned with.",
    remedy="Call the method that is named after the event.",
    proof="Under the load harness the series of each kind of event moves on its own.",
    impact="overload",
)


def assess(service: Service) -> Iterator[CapacitySignal]:
    """One row per method that nothing calls and whose event is reported by a sister of it."""
    updating = _updating(service)
    for owner in sorted(updating):
        methods = updating[owner]
        for method in sorted(methods, key=lambda one: one.row.start):
            if _called(service, method) or _selected(service, method):
                continue
            metric = methods[method]
            taken = next(_taken(service, method, methods), None)
            if taken is None:
                continue  # a library may call it through an interface of its own
            other = taken.callee.rpartition(".")[2]
            label = taken.function.label if taken.function is not None else taken.path
            claim = f"{label} reports by {other}; {method.name}, which its name speaks of, is called by nothing."
            signal = service.signals.of(metric)
            yield CapacitySignal(
                signal=signal,
                present=True,
                metric=metric.name or metric.symbol,
                metric_type=metric.type,
                labels=metric.labels,
                capacity_use=use(signal),
                gaps=f"{method.name} is never called",
                evidence=(service.cite(taken), service.cite_at(method.file, method.row.start, role="default")),
                assessment=Assessment.CONCERN,
                claim=claim,
                symbol=method.label,
                subject=method.name,
                hot=False,
            )


def _updating(service: Service) -> dict[str, dict[Function, Metric]]:
    """Type -> its methods that update a metric, by themselves or by one other method of the type."""
    found: dict[str, dict[Function, Metric]] = {}
    for metric in service.metrics:
        for update in metric.updates:
            function = update.operation.function
            if function is None or not function.root.owner_type or function.file.role != "product":
                continue
            root = function.root
            known = found.setdefault(root.owner_type, {})
            known.setdefault(root, metric)
            for edge in service.graph.into.get(root.key, ()):
                if edge.source.root.owner_type == root.owner_type and edge.source.root is not root:
                    known.setdefault(edge.source.root, metric)
    return found


def _called(service: Service, method: Function) -> bool:
    return any(call.file.role != "test" for call in service.calls.callers.get(method.key, ()))


def _selected(service: Service, method: Function) -> bool:
    """True when the method is selected anywhere, as a value or on a receiver that could not be followed."""
    pattern = re.compile(rf"\.{re.escape(method.name)}\b")
    files = (file for file in service.program.files if file.role != "test" and method.name in file.text)
    return any(pattern.search(file.text) for file in files)


def _taken(service: Service, method: Function, methods: dict[Function, Metric]) -> Iterator[Call]:
    """Calls of a sister method with the same parameters, in a function whose name speaks of this one."""
    own = _words(method.name)
    kinds = [kind for _, kind in method.parameters]
    for sister in sorted(methods, key=lambda one: one.row.start):
        other = _words(sister.name)
        if sister is method or [kind for _, kind in sister.parameters] != kinds or not own - other or not own & other:
            continue
        for call in service.calls.callers.get(sister.key, ()):
            about = _words(call.function.root.name) if call.function is not None and call.file.role != "test" else set()
            if own - other <= about and not about & (other - own):
                yield call


def _words(name: str) -> set[str]:
    """The words of a name, without the s of a plural."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
