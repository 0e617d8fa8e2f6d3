"""Pools of connections against the goroutines that share them: smaller than they are, without a limit, or without idle ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Origin, Quantity, State, absent, known
from rda_nb.records import Control, Page
from rda_nb.service.calls import Operation
from rda_nb.service.iterations import detached, loops_at

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.concurrency import Spawn
    from rda_nb.service.creations import Creation
    from rda_nb.service.setting import Setting

PAGE = Page(
    title="A pool is smaller than the concurrency that uses it",
    topics=("pools", "throughput-bottlenecks"),
    consequence="inefficiency",
    rows=Control,
    why="Goroutines that find no connection wait in line: the pool, not the number of workers, is what limits throughput.",
    remedy="Give the pool as many connections as goroutines use it at once, or start no more goroutines than that.",
    proof="Under load the time spent waiting for a connection stays near zero, and so does the rate of new connections.",
    impact="throughput",
    references=("https://pkg.go.dev/database/sql#DBStats", "https://pkg.go.dev/net/http#Transport"),
)

_SERVED = ("api_route", "grpc_method")


_OPENING = (".open", ".connect", "client.new")
_CLOSING = "sql.close"


@dataclass(frozen=True, slots=True)
class Use:
    """One pool as the code uses it: its limit, where that stands, a call that takes a connection, and the widest start."""

    operation: Operation
    limit: Quantity
    place: Evidence
    idle: bool
    width: Spawn | None


def assess(service: Service) -> Iterator[Control]:
    """One row per pool that does not fit what uses it."""
    widest = _widths(service)
    worst: dict[tuple[str, int, bool], Use] = {}
    for operation in service.external_operations:
        if operation.file.role != "product" or operation.function is None:
            continue
        for use in _uses(service, operation, widest.get(operation.function.key)):
            key = (use.place.path, use.place.line, use.idle)
            if key not in worst or _count(use) > _count(worst[key]):
                worst[key] = use
    for use in worst.values():
        row = _unlimited(service, use) if use.limit.state is State.ABSENT else _small(service, use)
        if row is not None:
            yield row


def _count(use: Use) -> float:
    return use.width.count.upper or 0 if use.width is not None else 0


def _widths(service: Service) -> dict[str, Spawn]:
    """Function key -> the start that lets most goroutines run it at once, where their number is known."""
    found: dict[str, Spawn] = {}
    for spawn in service.spawns:
        if spawn.file.role != "product" or not spawn.count.known or not spawn.count.number or spawn.count.number < 2:
            continue
        for target in spawn.targets:
            reach = service.concurrency.reach_of(target)
            for function in reach.order:
                edges = reach.edges_to(function)
                # What another goroutine or a guess leads to is not done by all of them at once.
                if any(detached(edge) or edge.confidence != "resolved" for edge in edges):
                    continue
                best = found.get(function.key)
                if best is None or (best.count.number or 0) < spawn.count.number:
                    found[function.key] = spawn
    return found


def _uses(service: Service, operation: Operation, width: Spawn | None) -> Iterator[Use]:
    """The pools that a call takes its connection from: as they are set, else as the library has them."""
    settings = service.budgets.client_settings(operation)
    made = [
        one
        for one in service.budgets.creations(operation)
        if one.operation is None or not service.systems.opens_embedded(one.operation)
    ]
    entries = service.budgets.clients.entries(operation)
    if not made or any(loops_at(one.file, one.block) for one in made):
        return  # a client that is not seen, or one of several
    place = service.cite_at(made[0].file, made[0].start)
    smallest = float("inf")
    for means, idle in (("pool_size", False), ("pool_idle_per_host", True)):
        given = settings.get(means, [])
        if given:
            for setting in given:
                limit = service.settings.quantity(setting)
                if loops_at(setting.file, setting.block):
                    continue
                if limit.number == 0 and setting.entry.zero == "unlimited":
                    continue  # said where the setting is judged
                if limit.known and limit.number and limit.number < smallest:
                    smallest = limit.number
                    yield Use(operation, limit, service.settings.cite(setting), idle, width)
        elif means in entries and "shared_client" not in settings:
            entry = entries[means]
            origin = Origin("library_default", f"{means} is not set", None, f"{entry.source} (since {entry.since})")
            # Only where the pool is opened can be told that nothing limits it: a statement that is prepared opens none.
            opened = all(
                one.operation is not None
                and one.operation.package == operation.package
                and one.operation.role.endswith(_OPENING)
                for one in made
            )
            closed = any(_closed_again(service, one) or _limited_beside(service, one, means) for one in made)
            if entry.default == "none" and opened and not closed and not _set_by_a_helper(service, means):
                yield Use(operation, absent("the library sets no limit", "count", origin), place, idle, width)
            elif isinstance(entry.default, int | float) and entry.default < smallest:
                yield Use(operation, known(float(entry.default), "count", origin), place, idle, width)


def _closed_again(service: Service, made: Creation) -> bool:
    """True for a pool that its function opens, uses and closes: it serves one goroutine, and ends with it."""
    name, function = _name(made), service.program.enclosing(made.file, made.block)
    if function is None:
        return False
    own = service.calls.calls_of.get(function.key, ())
    closed = any(
        isinstance(call, Operation) and call.role == _CLOSING and call.callee.rpartition(".")[0] == name for call in own
    )
    body = made.file.text[function.row.start : function.row.end]
    return name.isidentifier() and closed and not _leaves(body, name)


def _leaves(body: str, name: str) -> bool:
    """True when a local is returned, or put into a field."""
    return re.search(rf"\breturn\b[^\n]*\b{name}\b(?!\.)|=\s*{name}\s*$|:\s*{name},", body, re.M) is not None


def _limited_beside(service: Service, made: Creation, means: str) -> bool:
    """True when the function that opens a pool also limits it: after a first use as well as before."""
    function = service.program.enclosing(made.file, made.block)
    return function is not None and any(
        one.file is made.file
        and function.row.start <= one.start < function.row.end
        and _name(made) in _asked_of(service, one)
        for one in service.settings.meaning(means)
    )


def _asked_of(service: Service, setting: Setting) -> set[str]:
    """The name that a setting is set on, and that of the handle which it was asked of: `db` of `pool, err := db.DB()`."""
    head = setting.holder
    bound = service.names.local(head, setting.file, setting.start)
    values = bound[0].values if bound is not None else ()
    return {head, _receiver(setting.file.text[slice(*values[0])])} if values else {head}


def _name(made: Creation) -> str:
    """What the pool is called where it is opened; '' for none."""
    given = made.file.given.get((made.start, made.end))
    return given[0].names[given[1]] if given is not None and given[1] < len(given[0].names) else ""


def _set_by_a_helper(service: Service, means: str) -> bool:
    """True when code sets such a limit on a handle that a function is given: it may be this one's."""
    for setting in service.settings.meaning(means):
        head = setting.holder.partition(".")[0].partition("(")[0].lstrip("&*")
        if setting.file.role != "product" or setting.function is None or not head:
            continue
        bound = service.names.local(head, setting.file, setting.start)
        given = (
            head
            if bound is None
            else _receiver(setting.file.text[slice(*bound[0].values[0])] if bound[0].values else "")
        )
        parameter = service.names.parameter(given, setting.function)
        if parameter is not None and parameter[1] >= 0:
            return True
    return False


def _receiver(written: str) -> str:
    """`db` of `db.DB()`: what another handle of the same pool is asked of."""
    return written.partition(".")[0].strip()


def _small(service: Service, use: Use) -> Control | None:
    """More goroutines than connections."""
    size, width = use.limit.number or 0, use.width
    # One or two that dial anew now and then are not worth a word.
    enough = 2 * size if use.idle else size
    if width is None or width.count.number is None or width.count.number <= enough:
        return None
    wide = width.count.number
    own = not any(origin.kind == "library_default" for origin in use.limit.origins)
    by = "is set to" if own else "is by default"
    if use.idle:
        claim = (
            f"{wide:g} goroutines call {use.operation.title} through one client, whose idle connections for each host"
            f" are {size:g}{'' if own else ' by default'}: the others dial a new one each time, unless the host speaks HTTP/2."
        )
    else:
        left = wide - size
        claim = (
            f"{wide:g} goroutines use {use.operation.title} at once, and the pool {by} {size:g}: {left:g} of them wait."
        )
    return _row(service, use, Assessment.CONCERN, claim, bounded=True)


def _unlimited(service: Service, use: Use) -> Control | None:
    """A pool without a limit behind routes: as many connections as there are requests."""
    flows = [flow for flow in service.hot_calls(use.operation) if flow.entrypoint.kind in _SERVED]
    if use.idle or not flows:
        return None
    wide = f", {use.width.count.number:g} for each" if use.width is not None else ""
    claim = (
        f"The pool behind {use.operation.title} has no limit: it opens a connection for every request in hand on"
        f" {flows[0].entrypoint.title}{wide}, and the server refuses beyond its own."
    )
    return _row(service, use, Assessment.CONCERN, claim, bounded=False)


def _row(service: Service, use: Use, assessment: Assessment, claim: str, bounded: bool) -> Control:
    operation, function = use.operation, use.operation.function
    started = (use.width.evidence,) if use.width is not None else ()
    return Control(
        control="idle connections per host" if use.idle else "open connections",
        kind="pool_size",
        value=use.limit,
        bounded=bounded,
        configurable=bool(use.limit.config_key),
        evidence=(use.place, *started, service.cite(operation, "caller")),
        assessment=assessment,
        claim=claim,
        symbol=function.label if function else operation.path,
        subject=f"{operation.client} {'idle' if use.idle else 'open'}",
        hot=bool(service.hot_calls(operation)) or None,
        topic="pools",
        title="" if bounded else "A pool of connections has no limit",
        remedy="" if bounded else "Set the most open connections from the server's own limit divided by the replicas.",
        proof="" if bounded else "Under a load of twice the expected requests the open connections stay at the limit.",
        consequence="" if bounded else "unpredictability",
    )
