"""A shared collection that is encoded whole while its lock is held, and a hot path that needs the same lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Expression
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.concurrency import LockRegion

PAGE = Page(
    title="A shared collection is encoded under its lock",
    topics=("locks",),
    consequence="unpredictability",
    rows=Hotspot,
    why="Encoding takes time that grows with the collection, and all who change it wait until the last byte is written.",
    remedy="Copy what is needed under the lock, release it, then encode; or publish a snapshot that is made now and then.",
    proof="A mutex profile while the page is read in a loop: the hot path does not wait for this lock.",
    references=("https://go.dev/doc/diagnostics#profiling",),
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per encoding of what a lock guards, when a request or message path takes that lock exclusively."""
    changing: dict[str, Operation] = {}
    regions = [region for region in service.lock_regions if region.operation.file.role == "product"]
    for region in regions:
        kind = _guarded(service, region)
        if kind and region.operation.role == "lock.acquire" and service.is_hot(region.operation):
            changing.setdefault(kind, region.operation)
    for region in regions:
        kind = _guarded(service, region)
        other = changing.get(kind)
        function = region.operation.function
        if other is None or function is None or other.function is None:
            continue
        encoded = next(_encodings(service, region, kind), None)
        if encoded is None or other is region.operation:
            continue
        flows = sorted({flow.entrypoint.title for flow in service.hot_flows(other.function)})
        held = "lock" if region.operation.role == "lock.acquire" else "read lock"
        what = " ".join(service.source(encoded[1], encoded[0].file).split())[:40]
        # What an initializer hands to a library runs when that is asked for it, not at the start.
        handed = function.parent is not None and function.root.name == "init"
        who = "What init registers" if handed else function.label
        claim = (
            f"{who} encodes all of `{what}` under its {held}; {other.function.label} waits for the same lock"
            f" on {flows[0]}."
        )
        yield Hotspot(
            pattern="lock_in_hot_path",
            function=function.label,
            why=claim,
            in_loop=len(service.loops(encoded[0])),
            on_path=flows[0],
            evidence=(service.cite(region.operation), service.cite(encoded[0]), service.cite(other, "caller")),
            assessment=Assessment.CONCERN,
            claim=claim,
            symbol=function.label,
            subject=what,
            hot=bool(service.hot_flows(function)) or None,
            quiet=not service.hot_flows(function),
        )


def _guarded(service: Service, region: LockRegion) -> str:
    """The type whose lock it is: that of `x` in `x.mu.Lock()`, and in `x.Lock()` when the lock is embedded; '' otherwise."""
    operation = region.operation
    parts = operation.callee.split(".")[:-1]
    while parts and all(part.isidentifier() for part in parts):
        kind = service.names.type_of_dotted(parts, operation.file, operation.block, operation.row.start)
        if kind in service.program.types:
            return kind
        parts = parts[:-1]
    return ""


def _encodings(service: Service, region: LockRegion, kind: str) -> Iterator[tuple[Operation, Expression]]:
    """Encodings under the lock of the guarded value itself, or of a collection that is a field of it."""
    operation = region.operation
    declared = service.program.types[kind]
    for call in service.calls.calls_of.get(operation.function.key, ()) if operation.function is not None else ():
        found = service.calls.operation(call.file, call.index)
        if found is None or found.role != "encode" or not region.start <= call.row.start < region.end:
            continue
        for argument in service.calls.arguments(call):
            node = argument.parts[0] if argument.kind == "unary" and argument.parts else argument
            own = service.names.type_of(node, call.file, call.block)
            if own == kind and any(_collects(written) for written in declared.fields.values()):
                yield found, node
            elif node.kind == "select" and _collects(declared.fields.get(node.text, "")):
                if service.names.type_of(node.parts[0], call.file, call.block) == kind:
                    yield found, node


def _collects(written: str) -> bool:
    return written.startswith(("map[", "[]"))
