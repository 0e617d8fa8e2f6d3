"""Replicas, CPU, memory and grace periods of the service's own workloads, held against the drain that the code asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rda_nb.core import Assessment, Evidence, Origin, Quantity, known
from rda_nb.records import Control, Page
from rda_nb.service.draining import Drain, drains

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A workload is killed before it has drained",
    topics=("inbound-limits", "concurrency-bounds"),
    consequence="unpredictability",
    rows=Control,
    why="Work that is cut off by the kill is lost or done twice, at every deployment.",
    remedy="Set the grace period above the drain timeout, with room for the step that runs before it.",
    proof="A rolling restart at 100 messages a second loses none, handles none twice, and logs no killed process.",
    impact="overload",
    references=("https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",),
)

# (attribute, unit, kind, what it is)
_NUMBERS = (
    ("replicas", "count", "concurrency", "replicas"),
    ("memory_limit", "bytes", "resource_limit", "memory limit"),
    ("cpu_limit", "count", "resource_limit", "CPU limit"),
    ("concurrency", "count", "concurrency", "reserved concurrency"),
    ("timeout", "s", "server_timeout", "function timeout"),
)
_NANOSECONDS = 1e9
_NOT_OURS = ("vendor", "generated", "test")
_STOPPED = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Rollout")


def assess(service: Service) -> Iterator[Control]:
    """One row per number of the service's own workloads that bounds its capacity."""
    if service.documents is None:
        return
    found = drains(service)
    for workload in service.documents.workloads:
        if workload.dependency or workload.role in _NOT_OURS:
            continue
        for attribute, unit, kind, what in _NUMBERS:
            amount = getattr(workload, attribute)
            if amount is not None and amount.evidence is not None:
                yield _row(workload, what, kind, _quantity(amount, unit))
        if workload.autoscaling is not None and workload.autoscaling.maximum is not None:
            amount = workload.autoscaling.maximum
            if amount.evidence is not None:
                yield _row(workload, "most replicas", "concurrency", _quantity(amount, "count"))
        yield from _grace(service, workload, found)


def _quantity(amount: Any, unit: str) -> Quantity:
    return known(amount.value, unit, Origin("constant", amount.text, amount.evidence, amount.source))


def _row(
    workload: Any,
    what: str,
    kind: str,
    quantity: Quantity,
    assessment: Assessment = Assessment.GOOD,
    claim: str = "",
    places: tuple[Evidence, ...] = (),
) -> Control:
    name = workload.container or workload.name
    first = next((origin.evidence for origin in quantity.origins if origin.evidence is not None), workload.evidence)
    return Control(
        control=f"{name}: {what}",
        kind=kind,
        value=quantity,
        bounded=True,
        configurable=True,
        evidence=(first, *places),
        assessment=assessment,
        claim=claim or f"{workload.kind} {workload.name} sets its {what} to {quantity.origins[0].text}.",
        symbol=f"{workload.kind}/{workload.name}",
        subject=what,
        hot=None if assessment is Assessment.GOOD else True,
        title="The grace period is shorter than the drain" if assessment is Assessment.RISK else "",
    )


def _grace(service: Service, workload: Any, found: list[Drain]) -> Iterator[Control]:
    """The grace period against the longest drain that this workload's environment gives."""
    amount = workload.termination_grace_s
    if amount is None or workload.kind not in _STOPPED:
        return
    set_here = {name: (value, place) for name, value, place in workload.env}
    longest: tuple[float, Drain, tuple[Evidence, ...]] | None = None
    for drain in found:
        seconds, places = drain.seconds, drain.evidence
        override = set_here.get(drain.key)
        if override is not None:
            written = service.program.conventions.duration_text(override[0])
            seconds = written / _NANOSECONDS if written is not None else None
            places = (override[1], *drain.evidence)
        if seconds is not None and (longest is None or seconds > longest[0]):
            longest = (seconds, drain, places)
    quantity = _quantity(amount, "s")
    stated = amount.evidence is not None
    if longest is not None and amount.value < longest[0]:
        source = "" if stated else f" ({amount.source})"
        claim = (
            f"The grace period of {workload.kind} {workload.name} is {amount.value:g} s{source}, but {longest[1].what}"
            f" may take {longest[0]:g} s: the process is killed with work in hand."
        )
        yield _row(workload, "termination grace period", "server_timeout", quantity, Assessment.RISK, claim, longest[2])
    elif stated:
        claim = f"The grace period of {workload.kind} {workload.name} is {amount.value:g} s."
        if longest is not None:
            claim += f" The drain takes up to {longest[0]:g} s."
        places = longest[2] if longest is not None else ()
        yield _row(workload, "termination grace period", "server_timeout", quantity, Assessment.GOOD, claim, places)
