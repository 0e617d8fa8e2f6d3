"""Which string literals reach the statement argument of an operation: by names, fields, parameters and builders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rda_nb.facts.vocabulary import Binding, Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import Function, Span
from rda_nb.service.query_builders import BUILT, builder_start
from rda_nb.service.values import Values

_DEEPEST = 9
_CALLERS = 12
_BUILDERS = ("strings.Builder", "bytes.Buffer")
_SENDING = ("clickhouse.", "sql.", "http.request", "http.new_request")


# By kind, too: an entry of a list and the text it holds stand at one place.
Seen = set[tuple[str, int, int, int, str]]


class Place(NamedTuple):
    """A string literal by its file and offset, or an embedded file with offset 0.

    `piece` when code adds other text to it before it is sent; `user` is the function that names it: behind a wrapper
    that takes the statement as a parameter, the caller. `end` where a name is joined with more text here, and all of it is
    constant: the statement stands nowhere in one piece.
    """

    path: str
    start: int
    piece: bool = False
    user: Function | None = None
    end: int = 0


def _first(node: Expression) -> Expression:
    """The leftmost operand of a chain of joined texts."""
    while node.kind == "binary" and node.parts:
        node = node.parts[0]
    return node


class Sending:
    """Follows statement arguments back to the literals they are made of."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values
        self._embedded: dict[tuple[str, str], str] = {}
        for file in self.program.files:
            for name, written in self.calls.conventions.embedded(file.text).items():
                folder = file.path.rpartition("/")[0]
                self._embedded[self.program.scope(file).path, name] = f"{folder}/{written}".lstrip("/")
        self._builder_writes: dict[tuple[str, int], dict[str, list[Expression]]] = {}

    def by_place(self) -> dict[tuple[str, int], list[tuple[Operation, Place]]]:
        """(path, offset of a string) -> the operations that are given it, each with the way it comes there."""
        found: dict[tuple[str, int], list[tuple[Operation, Place]]] = {}
        for operation in self.calls.operations:
            if not operation.role.startswith(_SENDING) or operation.entry.message is None:
                continue
            if operation.file.role in ("test", "generated"):
                continue
            for place in self.of(operation):
                found.setdefault((place.path, place.start), []).append((operation, place))
        return found

    def of(self, operation: Operation) -> Iterator[Place]:
        """The literals that the statement argument of one operation can come from."""
        node = self.calls.argument(operation, operation.entry.message)
        yield from self._of(node, operation.file, operation.block, 0, set(), 0)

    def literals(self, node: Expression, file: FileFacts, block: int) -> Iterator[Place]:
        """The literals that any expression can come from."""
        yield from self._of(node, file, block, 0, set(), 0)

    def _of(
        self, node: Expression | None, file: FileFacts, block: int, depth: int, seen: Seen, at: int
    ) -> Iterator[Place]:
        """`at` is the result's position when the expression is a call with several."""
        if node is None or depth > _DEEPEST or (file.path, node.start, node.end, at, node.kind) in seen:
            return
        seen.add((file.path, node.start, node.end, at, node.kind))
        kind = node.kind
        if kind == "text":
            yield Place(file.path, node.start, False, self.program.enclosing(file, block))
        elif kind == "binary":
            whole = Place(file.path, node.start, False, self.program.enclosing(file, block))
            if _first(node).kind != "text" and self.values.text_of(node, file, block) is not None:
                yield whole._replace(end=node.end)
                return
            yield whole
            for part in node.parts:
                for place in self._of(part, file, block, depth + 1, seen, 0):
                    yield place._replace(piece=True)
        elif kind == "name":
            yield from self._name(node, file, block, depth, seen)
        elif kind == "call":
            yield from self._call(node, file, block, depth, seen, at)
        elif kind == "select":
            yield from self._select(node, file, block, depth, seen)
        elif kind in ("literal", "entry", "convert", "assert", "index", "slice", "unary"):
            for part in node.parts[:200]:
                yield from self._of(part, file, block, depth + 1, seen, 0)

    def _span(self, file: FileFacts, span: Span, block: int, depth: int, seen: Seen, at: int = 0) -> Iterator[Place]:
        if span[1] - span[0] <= 60_000:
            node = self.calls.conventions.expression(file.text[slice(*span)], span[0])
            yield from self._of(node, file, block, depth + 1, seen, at)

    def _name(self, node: Expression, file: FileFacts, block: int, depth: int, seen: Seen) -> Iterator[Place]:
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            yield from self._local(node, file, *found, depth, seen)
        elif parameter is not None:
            if parameter[1] >= 0:
                for call in self.calls.callers.get(parameter[0].key, ())[:_CALLERS]:
                    argument = self.calls.argument(call, parameter[1])
                    yield from self._of(argument, call.file, call.block, depth + 1, seen, 0)
        else:
            user = self.program.enclosing(file, block)
            yield from self._package_value(self.program.scope(file).path, node.text, depth, seen, user)

    def _local(
        self,
        node: Expression,
        file: FileFacts,
        row: Binding,
        position: int,
        depth: int,
        seen: Seen,
    ) -> Iterator[Place]:
        """A local's definition and what is assigned to it before the use; added text makes all of it pieces."""
        later = [
            other
            for other in dict.fromkeys(file.assigned.get(node.text, ()))
            if row.start < other.start < node.start
            and self.names.local(node.text, file, other.start) == (row, position)
        ]
        pieces = any(other.operator not in ("=", "") or _adds(file, other, node.text) for other in later)
        for bound in (row, *later):
            index = position if bound is row else bound.names.index(node.text)
            if not bound.values:
                continue
            single = len(bound.values) == len(bound.names)
            span = bound.values[index] if single else bound.values[0]
            for place in self._span(file, span, bound.block, depth, seen, 0 if single else index):
                yield place._replace(piece=place.piece or pieces)

    def _package_value(self, package: str, name: str, depth: int, seen: Seen, user: Function | None) -> Iterator[Place]:
        if (package, name) in self._embedded:
            yield Place(self._embedded[package, name], 0, False, user)
            return
        scope = self.program.scopes.get(package)
        if scope is not None and name in scope.values:
            other, index, position = scope.values[name]
            row = other.rows.bindings[index]
            if position < len(row.values):
                for place in self._span(other, row.values[position], row.block, depth, seen):
                    yield place._replace(user=place.user or user)

    def _select(self, node: Expression, file: FileFacts, block: int, depth: int, seen: Seen) -> Iterator[Place]:
        base = node.parts[0]
        path = self.names.package_named(base.text, file, block, node.start) if base.kind == "name" else None
        if path:
            yield from self._package_value(path, node.text, depth, seen, self.program.enclosing(file, block))
            return
        owner = self.names.type_of(base, file, block)
        if owner in self.program.types:
            for holder, write in self.values.writes(node.text)[:_CALLERS]:
                if holder == owner:
                    user = self.program.enclosing(file, block)
                    for place in self._span(write.file, write.span, write.block, depth, seen):
                        yield place._replace(user=user)

    def _call(self, node: Expression, file: FileFacts, block: int, depth: int, seen: Seen, at: int) -> Iterator[Place]:
        index = file.call_at.get((node.start, node.end))
        if index is None:
            return
        callee = node.parts[0]
        if callee.kind == "select" and self.names.type_of(callee.parts[0], file, block).lstrip("*") in _BUILDERS:
            for argument in self._written(file, block, callee.parts[0].text, node.start):
                for place in self._of(argument, file, block, depth + 1, seen, 0):
                    yield place._replace(piece=True)
            return
        if callee.kind == "select" and callee.text in BUILT:
            start = builder_start(self.calls, callee.parts[0], file, block)
            if start is not None:
                yield Place(file.path, start, False, self.program.enclosing(file, block))
        found = self.names.resolve(file, index)
        if not found.targets:
            # A function (Sprintf, TrimSpace) gives its first argument back changed; a method of a builder adds to a whole.
            adds = "." in found.name and (found.entry is None or found.entry.message is None)
            for number, part in enumerate(node.parts[1:]):
                for place in self._of(part, file, block, depth + 1, seen, 0):
                    yield place._replace(piece=place.piece or adds or number > 0)
            if callee.kind == "select" and callee.parts[0].kind == "call":  # a chain: what its first calls were given
                for place in self._of(callee.parts[0], file, block, depth + 1, seen, 0):
                    yield place._replace(piece=True)
        for target in found.targets[:3]:
            yield from self._returned(target, at, depth, seen)

    def _returned(self, target: Function, at: int, depth: int, seen: Seen) -> Iterator[Place]:
        file = target.file
        for row in target.returns:
            if at < len(row.values):
                yield from self._span(file, row.values[at], row.block, depth, seen)
            elif len(row.values) == 1:
                yield from self._span(file, row.values[0], row.block, depth, seen, at)

    def _written(self, file: FileFacts, block: int, name: str, before: int) -> list[Expression]:
        """What a function writes to a builder of this name."""
        function = self.program.enclosing(file, block)
        if function is None or not name:
            return []
        key = (file.path, function.row.block)
        if key not in self._builder_writes:
            found: dict[str, list[Expression]] = {}
            for call in self.calls.calls_of.get(function.key, ()):
                head, _, method = call.callee.rpartition(".")
                arguments = self.calls.arguments(call)
                if method == "WriteString" and arguments:
                    found.setdefault(head, []).append(arguments[0])
                elif call.callee == "fmt.Fprintf" and len(arguments) > 1:
                    found.setdefault(file.slice((arguments[0].start, arguments[0].end)).lstrip("&"), []).append(
                        arguments[1]
                    )
            self._builder_writes[key] = found
        return [argument for argument in self._builder_writes[key].get(name, ()) if argument.start < before]


def _adds(file: FileFacts, row: Binding, name: str) -> bool:
    """True when a value is given to a name that begins with what the name held: `text = text + more`."""
    return any(re.match(rf"{re.escape(name)}\s*\+", file.text[slice(*span)]) is not None for span in row.values)
