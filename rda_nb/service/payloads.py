"""Whether an expression holds a whole payload: a body, a message's content, or what was read from one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import Expression, FileFacts

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_NAMED = re.compile(r"(?i)^(?:raw|req|request|msg|message)?_?(?:body|payload|content)$")
_READS = ("read.all",)
_CONVERTED = ("string", "[]byte")
_DEEPEST = 4
_MOST = 8


def is_payload(service: Service, node: Expression | None, file: FileFacts, block: int, depth: int = 0) -> bool:
    """True for a name that says so, for what was read whole, and for a parameter that a caller gives either."""
    if node is None or depth > _DEEPEST:
        return False
    if node.kind in ("name", "select") and _NAMED.match(node.text):
        return True
    if node.kind == "binary" and node.text == "+":
        return any(is_payload(service, part, file, block, depth + 1) for part in node.parts)
    if node.kind == "convert" and node.parts:
        return is_payload(service, node.parts[0], file, block, depth + 1)
    if node.kind == "call":
        if len(node.parts) == 2 and node.parts[0].text in _CONVERTED:
            return is_payload(service, node.parts[1], file, block, depth + 1)
        index = file.call_at.get((node.start, node.end))
        operation = service.calls.operation(file, index) if index is not None else None
        if operation is None or operation.role not in _READS:
            return False
        # What a limiting reader gives is as short as it says.
        return service.bodies.of(service.argument(operation, 0), file, block).limit is None
    return node.kind == "name" and _follows(service, node, file, block, depth)


def _follows(service: Service, node: Expression, file: FileFacts, block: int, depth: int) -> bool:
    """The same for a local name and for a parameter."""
    found = service.names.local(node.text, file, node.start)
    if found is not None:
        row, position = found
        if not row.values or row.form == "range":
            return False
        span = row.values[min(position, len(row.values) - 1)]
        if span[1] - span[0] > 400:
            return False
        value = service.calls.conventions.expression(file.text[slice(*span)], span[0])
        return is_payload(service, value, file, row.block, depth + 1)
    parameter = service.names.parameter(node.text, service.program.enclosing(file, block))
    if parameter is None or parameter[1] < 0:
        return False
    return any(
        is_payload(service, service.calls.argument(call, parameter[1]), call.file, call.block, depth + 1)
        for call in service.calls.callers.get(parameter[0].key, ())[:_MOST]
        if call.file.role != "test"
    )
