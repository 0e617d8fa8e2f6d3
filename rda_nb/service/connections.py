"""Readers of connections that a listener of the target accepted: what a peer sends decides what is read there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Operation

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_DEEPEST = 5
_ACCEPT, _LIMIT = "network.accept", "read.limit"


class Connections:
    """Follows readers of one service back to the connections that they read."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls
        self.names = service.names

    def accepted(self, node: Expression | None, file: FileFacts, block: int, depth: int = 0) -> Operation | None:
        """Where the connection that a reader reads was accepted; None when it reads none, or through a limit."""
        if node is None or depth > _DEEPEST:
            return None
        if node.kind == "unary":
            return self.accepted(node.parts[0], file, block, depth + 1)
        made = self.service.settings.creations(file, (node.start, node.end), block)
        operations = [one.operation for one in made if one.operation is not None]
        if any(operation.role == _LIMIT for operation in operations):
            return None
        for operation in operations:
            if operation.role == _ACCEPT:
                return operation
        for call in (*operations, *self._given(node, file, block)):
            if isinstance(call, Operation) and call.role == _LIMIT:
                return None
            for argument in self.calls.arguments(call)[:2]:
                if argument.kind in ("name", "select", "unary", "call"):
                    found = self.accepted(argument, call.file, call.block, depth + 1)
                    if found is not None:
                        return found
        return None

    def _given(self, node: Expression, file: FileFacts, block: int) -> Iterator[Call]:
        """The call that a local is given, whatever it calls: a reader around another is made of it."""
        span = (node.start, node.end)
        if node.kind == "name":
            found = self.names.local(node.text, file, node.start)
            if found is None or found[1] or not found[0].values:
                return
            span = found[0].values[0]
        index = file.call_at.get(span)
        if index is not None:
            function = self.names.program.enclosing(file, block)
            yield self.calls.operation(file, index) or Call(file, index, function, self.names.resolve(file, index))


__all__ = ["Connections"]
