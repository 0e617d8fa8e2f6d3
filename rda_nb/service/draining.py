"""How long the service gives itself to stop: timeouts of its shutdown, and timers that run once the stop has begun."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.core import Evidence, Quantity
from rda_nb.service.calls import Operation
from rda_nb.service.values import Values

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_STOPPING = re.compile(r"drain|shut_?down|graceful|grace_?period|terminat|stop", re.I)


@dataclass(frozen=True, slots=True)
class Drain:
    """One bound on the stop: seconds (None when not known), its configuration key, and where it is set."""

    what: str
    seconds: float | None
    key: str
    value: Quantity
    operation: Operation
    evidence: tuple[Evidence, ...]


def drains(service: Service) -> list[Drain]:
    """Timeouts of contexts that a shutdown is given, and timers in functions whose name says that they stop something."""
    plain = Values(service.calls)
    found: list[Drain] = []
    for timer in service.operations("timer.after", "timer.once"):
        if timer.function is not None and _STOPPING.search(timer.function.root.name):
            found.append(_drain(service, plain, "the drain", timer))
    for _, timeout in shutdown_contexts(service):
        found.append(_drain(service, plain, "the server's shutdown", timeout))
    return found


def shutdown_contexts(service: Service) -> list[tuple[Operation, Operation]]:
    """(shutdown, the call that gave its context a timeout) for every shutdown whose context can be followed."""
    timeouts = {(op.path, op.line): op for op in service.operations("context.timeout")}
    found = []
    for shutdown in service.operations("http.server_shutdown"):
        node = service.argument(shutdown, shutdown.entry.context)
        if node is None:
            continue
        for deadline in service.deadlines.context(node, shutdown.file, shutdown.block):
            place = deadline.places[0] if deadline.places else None
            timeout = timeouts.get((place.path, place.line)) if place is not None else None
            if timeout is not None:
                found.append((shutdown, timeout))
    return found


def _drain(service: Service, plain: Values, what: str, operation: Operation) -> Drain:
    """The bound as the code has it by default; which override holds is each workload's own matter."""
    node = service.argument(operation, operation.entry.count)
    limit = service.quantity(node, operation, "s")
    default = plain.quantity(plain.of(node, operation.file, operation.block), "s")
    origins = tuple(origin.evidence for origin in default.origins if origin.evidence is not None)
    places = (service.cite(operation, "caller"), *origins[:1])
    return Drain(what, default.number if default.known else None, limit.config_key, limit, operation, places)
