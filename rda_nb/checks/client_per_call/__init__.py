"""A client, connection pool or process that is made for each request or message instead of once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import Literal
from rda_nb.records import Hotspot, Page
from rda_nb.service.calls import Call, Operation
from rda_nb.service.names import Resolution

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service import Service

PAGE = Page(
    title="A client or process is made per request or message",
    topics=("throughput-bottlenecks", "pools"),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each one opens connections anew (handshakes, credentials) or forks, and no pool limits how many there are.",
    remedy="Make one when the service starts and share it; it is made to be used by many goroutines at once.",
    proof="Under load the count of open connections (or started processes) stays constant while requests grow.",
    references=("https://pkg.go.dev/net/http#Client", "https://pkg.go.dev/database/sql#DB"),
)

_MAKING = ("client.new", "clickhouse.open", "sql.open", "grpc.dial", "kafka.connect", "process.new")
_STORES = re.compile(r"\.(?:Add|Set|Store|Put|LoadOrStore|Register)\w*$")
_POOLS = frozenset({"pool_size", "pool_idle", "pool_idle_per_host"})


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per place on a hot path that makes a client, a transport with its own pool, or a process."""
    made: set[tuple[str, str]] = set()
    for operation in service.operations(*_MAKING):
        what = "starts a process" if operation.role == "process.new" else f"makes a client of {operation.library}"
        row = None if _kept(service, operation) else _row(service, operation, what, operation.client)
        if row is not None and (row.symbol, what) not in made:
            made.add((row.symbol, what))
            yield row
    for file in service.program.files:
        if file.role == "product":
            for literal in file.rows.literals:
                name = _pool(service, file, literal)
                if name:
                    call = _as_call(service, file, literal)
                    row = _row(service, call, f"makes a {name} with its own connections", name) if call else None
                    if row is not None:
                        yield replace(row, evidence=(service.cite_at(file, literal.start, literal.type_end),))


def _kept(service: Service, operation: Operation) -> bool:
    """True when the client is put into a field, a package value or a store: it outlives the call."""
    file, row = operation.file, operation.row
    binding = next((one for one in file.rows.bindings if (row.start, row.end) in one.values), None)
    if binding is None or operation.function is None:
        return False
    name = binding.names[0]
    if binding.form == "assign":
        local = service.names.local(name, file, row.start) or service.names.parameter(name, operation.function)
        return local is None
    for one in file.rows.bindings:
        if (
            one.form == "assign"
            and row.start < one.start < operation.function.row.end
            and not one.names[0].isidentifier()
        ):
            if any(file.slice(span) == name for span in one.values):
                return True
    for call in service.calls.calls_of.get(operation.function.key, ()):
        if call.row.start > row.start and _STORES.search(call.callee):
            arguments = service.calls.arguments(call)
            if arguments and service.source(arguments[-1], file) == name:
                return True
    return False


def _pool(service: Service, file: FileFacts, literal: Literal) -> str:
    """The type of a literal that holds a connection pool, by the settings that are known of it."""
    if literal.block < 0 or file.rows.blocks[literal.block].function < 0:
        return ""
    path, _, name = service.names.canonical(file.text[literal.start : literal.type_end], file).rpartition(".")
    package = service.names.libraries.package(path) if path else None
    if package is None:
        return ""
    held = any(key.startswith(f"{name}.") and entry.means in _POOLS for key, entry in package.settings.items())
    made = any(entry.role in _MAKING for entry in package.calls.values())
    return f"{path.rpartition('/')[2]}.{name}" if held and not made else ""


def _as_call(service: Service, file: FileFacts, literal: Literal) -> Call | None:
    """The call that stands around a literal's place, for the questions that are asked of calls."""
    function = service.program.enclosing(file, literal.block)
    near = [i for i, row in enumerate(file.rows.calls) if row.block == literal.block]
    inside = [i for i in near if abs(file.rows.calls[i].start - literal.start) < 4000]
    if function is None or not inside:
        return None
    index = min(inside, key=lambda i: abs(file.rows.calls[i].start - literal.start))
    return Call(file, index, function, Resolution("unknown"))


def _row(service: Service, call: Call, what: str, subject: str) -> Hotspot | None:
    flow = service.iterations.repeated(call)
    function = call.function
    if flow is None or function is None:
        return None
    turn = next(iter(service.iterations.nearest(call, frozenset(service.hot))), None)
    per = f"each of `{turn.over[:60]}` on {flow.entrypoint.title}" if turn else f"each run of {flow.entrypoint.title}"
    return Hotspot(
        pattern="client_per_call",
        function=function.label,
        why="made anew instead of shared",
        in_loop=service.item_loops(call),
        on_path=flow.entrypoint.title,
        evidence=(service.cite(call),),
        assessment=Assessment.CONCERN,
        claim=f"{function.label} {what} ({subject}) for {per}.",
        symbol=function.label,
        subject=subject,
        hot=True,
    )
