"""Concurrent maps that calls store into: the field or value that holds them, and what they are stored by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.service.calls import Operation
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service


def held_in(service: Service, operation: Operation) -> str:
    """`Type.field` or `package.name` of the concurrent map that a call works on; '' for a local."""
    parts = operation.callee.split(".")[:-1]
    if not parts or not all(part.isidentifier() for part in parts):
        return ""
    if len(parts) == 1:
        parameter = service.names.parameter(parts[0], operation.function)
        if parameter is not None and parameter[1] >= 0:
            return _passed(service, *parameter[:2])
        scope = service.program.scope(operation.file)
        return f"{scope.path}.{parts[0]}" if parts[0] in scope.values else ""
    owner = service.names.type_of_dotted(parts[:-1], operation.file, operation.block, operation.row.start)
    return f"{owner}.{parts[-1]}" if owner in service.program.types else ""


def _passed(service: Service, function: Function, index: int) -> str:
    """The field whose address every call of product code hands a function; '' when it is not one and the same."""
    held = set()
    for call in service.calls.callers.get(function.key, ()):
        node = service.argument(call, index)
        if call.file.role == "product" and node is not None:
            owner = service.names.type_of(node.parts[0], call.file, call.block) if node.kind == "select" else ""
            held.add(f"{owner}.{node.text}" if owner in service.program.types else "")
    return held.pop() if len(held) == 1 else ""


def keys(service: Service, operation: Operation) -> str:
    """What a map is stored into by, as written; of a parameter what its callers give, up to three steps out."""
    first = service.argument(operation, 0)
    if first is None:
        return ""
    seen, pending = {service.source(first, operation.file)}, [(first, operation.function)]
    for _ in range(3):
        outer = []
        for node, function in pending:
            parameter = service.names.parameter(node.text, function) if node.kind == "name" else None
            if parameter is None or parameter[1] < 0:
                continue
            for call in service.calls.callers.get(parameter[0].key, ())[:8]:
                given = service.argument(call, parameter[1])
                if given is not None and call.file.role == "product":
                    seen.add(service.source(given, call.file)[:80])
                    outer.append((given, call.function))
        pending = outer
    return " ".join(sorted(seen))


__all__ = ["held_in", "keys"]
