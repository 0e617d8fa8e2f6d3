"""Types that the bodies of requests are decoded into, at once or through helpers that are handed what to fill."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.bodies import INBOUND
from rda_nb.service.calls import Call, Operation

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_DEEPEST = 2
_MOST = 48


class _Place(NamedTuple):
    """An expression and where it stands."""

    node: Expression
    file: FileFacts
    block: int


class Decoded:
    """Finds them in one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.names = service.names
        self.calls = service.calls

    @cached_property
    def types(self) -> frozenset[str]:
        """Types of the target that the bodies of requests are decoded into."""
        found: set[str] = set()
        for operation in self.service.operations("decode"):
            readers = None if self._of_framework(operation) else self._readers(operation)
            if readers is None or readers:
                for argument in self.calls.arguments(operation):
                    found.update(self._filled(_Place(argument, operation.file, operation.block), readers, 0))
        return frozenset(kind for kind in found if kind in self.names.program.types)

    def _filled(self, target: _Place, readers: list[_Place] | None, depth: int) -> Iterator[str]:
        """The types of what is filled from a request's body; `readers` None when nothing else can be read here."""
        owner = self._parameter(target)
        if owner is not None and depth < _DEEPEST:
            for call in self.calls.callers.get(owner[0], ())[:_MOST]:
                argument = self.calls.argument(call, owner[1])
                if argument is not None and call.file.role == "product":
                    given = [self._as_given(one, owner[0], call) for one in readers] if readers is not None else None
                    yield from self._filled(_Place(argument, call.file, call.block), given, depth + 1)
        elif readers is None or any(self.service.bodies.of(*one).kind == INBOUND for one in readers):
            node = target.node
            yield self.names.type_of_span(target.file, (node.start, node.end), target.block)

    def _parameter(self, place: _Place) -> tuple[str, int] | None:
        """The key of the function and the index of the parameter that a place names or points at."""
        node = place.node
        while node.kind == "unary" and node.parts:
            node = node.parts[0]
        if node.kind != "name" or self.names.local(node.text, place.file, node.start) is not None:
            return None
        found = self.names.parameter(node.text, self.names.program.enclosing(place.file, place.block))
        return (found[0].key, found[1]) if found is not None and found[1] >= 0 else None

    def _as_given(self, reader: _Place, function: str, call: Call) -> _Place:
        """What a caller hands in as the reader; the reader itself where it is no parameter."""
        owner = self._parameter(reader)
        argument = self.calls.argument(call, owner[1]) if owner is not None and owner[0] == function else None
        return _Place(argument, call.file, call.block) if argument is not None else reader

    def _of_framework(self, operation: Operation) -> bool:
        """True for the decoding of a web framework, which reads the request that it was called for."""
        package = self.names.libraries.package(operation.package)
        return package is not None and any(entry.role == "http.route" for entry in package.calls.values())

    def _readers(self, operation: Operation) -> list[_Place]:
        """What is read to be decoded, straight or before."""
        file = operation.file
        node = self.calls.conventions.expression(operation.callee, operation.row.start)
        nodes = [node.parts[0]] if node.kind == "select" else []
        found = []
        for one in (*nodes, *self.calls.arguments(operation)[:1]):
            for made in (one, *self._values_of(one, file)):
                index = file.call_at.get((made.start, made.end))
                inner = self.calls.operation(file, index) if index is not None else None
                if inner is not None and inner.role in ("decode.reader", "read.all"):
                    source = self.calls.argument(inner, 0)
                    if source is not None:
                        found.append(_Place(source, file, inner.block))
        return found

    def _values_of(self, node: Expression, file: FileFacts) -> list[Expression]:
        found = self.names.local(node.text, file, node.start) if node.kind == "name" else None
        spans = found[0].values if found is not None else ()
        return [self.calls.conventions.expression(file.text[slice(*span)], span[0]) for span in spans]


__all__ = ["Decoded"]
