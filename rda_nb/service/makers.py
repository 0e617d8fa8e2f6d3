"""The call whose context governs another one that is given none: what made a request, a batch, a statement or a handle."""

from __future__ import annotations

from collections.abc import Iterator

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.flows import Graph
from rda_nb.service.settings import Settings

# A chain of calls on one statement or handle is not longer.
_LONGEST = 24


def maker(calls: Calls, graph: Graph, settings: Settings, operation: Operation) -> Operation | None:
    """The operation with a context that made this one's receiver or argument; of a call that names it, the one so named."""
    named = operation.entry.context_from
    parts = list(_parts(calls, operation))
    if named and (found := _named(calls, graph, settings, operation, named, parts)) is not None:
        return found
    for part in parts:
        for creation in settings.creations(operation.file, (part.start, part.end), operation.block):
            made = creation.operation
            if made is None or made.entry.context is None or made is operation:
                continue
            # A context that the call is given and does not honour makes nothing.
            if not made.role.startswith("context.") or made.role == "context.request":
                return made
    return None


def _named(
    calls: Calls, graph: Graph, settings: Settings, operation: Operation, named: str, parts: list[Expression]
) -> Operation | None:
    """The call of that name on the way back from a call's receiver and arguments: `db.WithContext(ctx).Where(..).Find(..)`."""
    open_ends = [(operation.file, part, operation.block) for part in parts]
    seen: set[tuple[str, int, int]] = set()
    while open_ends and len(seen) < _LONGEST:
        file, node, block = open_ends.pop(0)
        if (file.path, node.start, node.end) in seen:
            continue
        seen.add((file.path, node.start, node.end))
        creations = settings.creations(file, (node.start, node.end), block)
        if not creations:
            open_ends += _handed_in(calls, graph, node, file, block)
        for creation in creations:
            made = creation.operation
            if made is not None and made is not operation and _governs(made, operation, named):
                return made
            inner = calls.conventions.expression(creation.file.text[creation.start : creation.end], creation.start)
            receiver = _receiver(inner)
            if receiver is not None:
                open_ends.append((creation.file, receiver, creation.block))
    return None


def _handed_in(
    calls: Calls, graph: Graph, node: Expression, file: FileFacts, block: int
) -> list[tuple[FileFacts, Expression, int]]:
    """What a function is called on that hands its handle to a literal: `db.WithContext(ctx).Transaction(func(tx) ..)`."""
    found = (
        calls.names.parameter(node.text, calls.names.program.enclosing(file, block)) if node.kind == "name" else None
    )
    ends = []
    for edge in graph.into.get(found[0].key, ()) if found is not None else ():
        if edge.via is not None and edge.kind != "call":
            callee = calls.conventions.expression(edge.via.callee, edge.via.row.start)
            if callee.kind == "select" and callee.parts:
                ends.append((edge.via.file, callee.parts[0], edge.via.block))
    return ends


def _governs(made: Operation, operation: Operation, named: str) -> bool:
    """True for the call of the name that is looked for, and for one of the same library that is given a context itself."""
    kind, _, method = named.rpartition(".")
    paths = sorted((made.package, operation.package), key=len)
    own = paths[1].startswith(paths[0]) and made.entry.context is not None
    return own or made.client == named or (kind == "*" and made.client.rpartition(".")[2] == method)


def _receiver(node: Expression) -> Expression | None:
    """What the method of a call is called on."""
    callee = node.parts[0] if node.kind == "call" and node.parts else None
    return callee.parts[0] if callee is not None and callee.kind == "select" and callee.parts else None


def _parts(calls: Calls, operation: Operation) -> Iterator[Expression]:
    node = calls.conventions.expression(operation.callee, operation.row.start)
    if node.kind == "select" and node.parts:
        yield node.parts[0]
    yield from calls.arguments(operation)
