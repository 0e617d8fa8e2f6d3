"""The places that belong to a call which leaves the process: what bounds it, where its client is made, who makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.service.budget import Budget
from rda_nb.service.calls import Operation
from rda_nb.service.creations import Creation

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_SHOWN = 4


def evidence(service: Service, operation: Operation, budget: Budget) -> tuple[Evidence, ...]:
    """The call, what bounds it, where its client is made, and where it is called from; each line once."""
    made = maker(service, operation)
    role = "absence" if budget.timeout.upper is None else "default"
    clients = [made, *_behind(service, made)] if made is not None else []
    client = [service.cite_at(one.file, one.start, role=role) for one in clients]
    found: dict[tuple[str, int], Evidence] = {}
    for place in (*budget.evidence, *client, *_callers(service, operation)):
        found.setdefault((place.path, place.line), place)
    return (service.cite(operation), *found.values())


def maker(service: Service, operation: Operation) -> Creation | None:
    """What makes the call's client, the first where there are several; None when it is not followed or is what is sent."""
    return next(iter(makers(service, operation)), None)


def makers(service: Service, operation: Operation) -> tuple[Creation, ...]:
    """Everything that may make the call's client; () when it cannot be followed or is what the call itself sends."""
    call = operation
    for _ in range(3):
        made = service.budgets.creations(call)
        if not made:
            return ()
        # A batch, a statement or a request is made by a call of the client: go on to that one's client.
        if made[0].operation is not None and "." in made[0].operation.client:
            call = made[0].operation
            continue
        # What the call's own function builds is a request or a query, not the client that all calls share.
        blocks = operation.file.rows.blocks
        own = made[0].file is operation.file and (
            made[0].start <= operation.row.start < made[0].end
            or (made[0].operation is None and blocks[made[0].block].function == blocks[operation.block].function)
        )
        return () if own else made
    return ()


def _behind(service: Service, made: Creation) -> tuple[Creation, ...]:
    """The client that a client is made from, where it sends through another one."""
    shared = service.settings.given(made.operation) if made.operation is not None else []
    found = [
        inner
        for setting in shared
        if setting.means == "shared_client"
        for inner in service.settings.creations(setting.file, setting.span, setting.block)
    ]
    return tuple(found[:1])


def _callers(service: Service, operation: Operation) -> tuple[Evidence, ...]:
    """Where the function around the call is called from, up to two steps out: that is where the wait is felt."""
    found: dict[tuple[str, int], Evidence] = {}
    pending = [operation.function] if operation.function else []
    for _ in range(2):
        outer = []
        for function in pending:
            for edge in service.graph.into.get(function.key, ())[:_SHOWN]:
                if edge.kind == "call" and edge.via is not None and edge.via.file.role == "product":
                    place = service.cite(edge.via, "caller")
                    found.setdefault((place.path, place.line), place)
                outer.append(edge.source)
        pending = outer
    return tuple(found.values())[:_SHOWN]


__all__ = ["evidence", "maker", "makers"]
