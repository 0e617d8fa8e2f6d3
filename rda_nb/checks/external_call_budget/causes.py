"""What calls that end late or never have in common: one setting, one client, or one library."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rda_nb.service.call_places import maker, makers
from rda_nb.service.modules import module_of

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.budget import Budget
    from rda_nb.service.calls import Operation
    from rda_nb.service.creations import Creation

# The type of a value that a call outside the target makes and of which nothing is known.
_FOREIGN = ".?"
# Of calls that end on some ways alone.
SOME = "on some ways"
ENDLESS = "|without a deadline"
UNFOLLOWED = f"sql{ENDLESS}"
# Protocols whose clients are many: what calls share is the one client they go through.
PROTOCOLS = ("http.", "sql.", "grpc.", "network.", "process.")
# Libraries for many peers: what their calls have in common is the client, not the library.
_SHARED_HOSTS = ("gopkg.in", "golang.org", "google.golang.org")


class Governed(NamedTuple):
    """What governs a call: how (what its limits come to, or what bounds less than the call), and the lines to look at."""

    how: str
    places: tuple[str, ...]


def place_made(service: Service, operation: Operation) -> str:
    """The place where the call's client is made; '' when it cannot be followed."""
    made = maker(service, operation)
    # A SQL handle is always opened by a call: a literal around it is whatever keeps it.
    kept = made is None or (made.operation is None and operation.role.startswith("sql."))
    return "" if made is None or kept else f"{made.file.path}:{made.file.line(made.start)}"


def family(operation: Operation) -> str:
    """What the libraries of one maker have in common: their module, or the host that only this maker's modules stand on."""
    module = module_of(operation.package)
    host, _, rest = module.partition("/")
    return module if "/" in rest or host in _SHARED_HOSTS else host


def cause(service: Service, operation: Operation, budget: Budget, pool: str) -> str:
    """What calls have in common that end late or never: the setting that bounds them, their client, or their library."""
    if budget.worst_case.bounded:
        bounding = [
            way for way in budget.deadlines if way.limit is not None and way.limit.upper is not None and way.places
        ]
        if budget.timeout_source == "context" and bounding and not budget.elsewhere:
            longest = max(bounding, key=lambda way: way.limit.upper or 0.0 if way.limit is not None else 0.0)
            return f"{longest.places[0].path}:{longest.places[0].line}|deadline"
        limits = [f"{e.path}:{e.line}" for e in budget.evidence if e.role == "default"]
        return f"{operation.library}|{limits[0]}" if limits else f"{place_made(service, operation)}|{operation.package}"
    # A transaction that its store knows nothing of is waited for as its statements are.
    begins = operation.role == "sql.acquire" and operation.entry.role == "sql.begin"
    if budget.timeout_scope == "block" or begins:
        return f"{service.systems.of(operation)}|bounded block by block"
    if not operation.role.startswith(PROTOCOLS):
        return f"{family(operation)}{ENDLESS}"
    if pool and of_a_handle(service, operation):
        return f"{pool}{ENDLESS}"
    return f"{place_made(service, operation) or _shared(operation)}{ENDLESS}"


def governed(service: Service, operation: Operation, budget: Budget, pool: str) -> Governed | None:
    """What a call has in common with those that are told beside it; None where that cannot be pinned to lines.

    The lines of its client's limits with what they come to, or the one line that makes a client without a timeout: both can
    be looked up. Neither a library in common nor a deadline of every request says what two calls have in common.
    """
    if not operation.blocking or operation.waiting or operation.file.role != "product":
        return None
    if budget.worst_case.bounded:
        set_by = {f"{e.path}:{e.line}" for e in budget.evidence if e.role == "default"}
        lines = sorted(set_by.difference(f"{e.path}:{e.line}" for way in budget.deadlines for e in way.places))
        worst = budget.worst_case.result
        by_context = budget.timeout_source == "context"
        return None if worst is None or not lines or by_context else Governed(f"{worst:g} s", tuple(lines))
    made, handle = makers(service, operation), of_a_handle(service, operation)
    if handle:
        # A SQL handle is always opened by a call: a literal around it is whatever keeps it.
        made = tuple(one for one in made if one.operation is not None or one.type.endswith(_FOREIGN))
    places = {f"{one.file.path}:{one.file.line(one.start)}" for one in made}
    if handle and pool:
        # Statements go through other values than their handle; that there is but one is seen at once.
        places = {pool}
    some = any(way.limit is not None for way in budget.deadlines)
    how = SOME if some else "block" if budget.timeout_scope == "block" else ""
    return Governed(how, tuple(places)) if len(places) == 1 else None


def only_pool(service: Service) -> str:
    """Where the one SQL handle of the service is opened, that every other handle comes from; '' when there are several."""
    opened = [
        one for one in service.operations("sql.open") if one.file.role == "product" and not _migrates(service, one)
    ]
    # A handle that another one is opened with is the same pool.
    within = {id(made.operation) for one in opened for made in _given(service, one) if made.operation is not one}
    places = {f"{one.path}:{one.line}" for one in opened if id(one) not in within}
    if len(places) != 1 or any(_opened_elsewhere(service, one) for one in service.operations("sql.")):
        return ""
    return places.pop()


def _opened_elsewhere(service: Service, operation: Operation) -> bool:
    """True for a statement whose handle a library opens that is not known to: it is another one."""
    if operation.file.role != "product" or not of_a_handle(service, operation):
        return False
    return any(one.operation is None and one.type.endswith(_FOREIGN) for one in makers(service, operation))


def _given(service: Service, operation: Operation) -> tuple[Creation, ...]:
    """What the arguments of a call are made of."""
    return tuple(
        made
        for argument in service.calls.arguments(operation)
        for made in service.settings.built_from(
            service.settings.creations(operation.file, (argument.start, argument.end), operation.block)
        )
    )


def of_a_handle(service: Service, operation: Operation) -> bool:
    """True for a call of SQL that goes through the handle which the service opens; a library of migrations opens its own."""
    return operation.role.startswith("sql.") and not _migrates(service, operation)


def _migrates(service: Service, operation: Operation) -> bool:
    """True for a handle that a library of migrations opens for itself."""
    package = service.names.libraries.package(operation.package)
    return package is not None and any(entry.role == "sql.migrate" for entry in package.calls.values())


def _shared(operation: Operation) -> str:
    """What calls of a client that is made nowhere have in common: SQL's handle, the standard library, or their library."""
    if operation.role.startswith("sql."):
        return "sql"
    if operation.role.startswith(("http.", "network.")) and "." not in operation.package.partition("/")[0]:
        return "the standard library's own clients"
    return operation.package
