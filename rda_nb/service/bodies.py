"""Where a reader comes from: an inbound request, the answer of another service, a file, or something else; limited or not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import Block, Expression, FileFacts
from rda_nb.service.body_limits import Before, BodyLimits
from rda_nb.service.calls import Operation
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

INBOUND, ANSWER, FILE, OTHER = "inbound", "answer", "file", "other"
_FILES = ("os.File", "io/fs.File")
_BODY = re.compile(r"^(.*?)(?:\(\))?\.Body(?:\(\))?$")
_ANSWERS = re.compile(r"(?i)(?:^|\.)\w*(?:resp|response|reply)$|^res$")
_REQUESTS = re.compile(r"(?i)(?:^|\.)(?:r|req|request)(?:\(\))?$")
# A request in chunks declares no length: the number is then -1.
_DECLARED = re.compile(
    r"\bif\b[^\n{]*\.ContentLength\s*>=?\s*(?!0\b)[\w.(]|\bif\b[^\n{]*[\w.)]\s*<=?\s*[\w.]+\.ContentLength\b"
)
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Reader:
    """What an expression reads: its kind, the operation that limits it, and whether it is decompressed on the way."""

    kind: str
    limit: Operation | None = None
    inflated: bool = False


class Bodies:
    """Follows readers back to where they come from."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls
        self.names = service.names

    def read_by(self, operation: Operation) -> Reader:
        """What a call reads: its first argument, or the body of the request whose context it is a method of."""
        node = self.calls.argument(operation, 0)
        package = self.names.libraries.package(operation.package)
        routes = package is not None and any(entry.role == "http.route" for entry in package.calls.values())
        if node is None and operation.role == "read.all" and routes:
            receiver = self.calls.conventions.expression(operation.callee, operation.row.start)
            function = self.names.program.enclosing(operation.file, operation.block)
            return Reader(INBOUND, self._replaced(receiver, operation.file, function))
        return self.of(node, operation.file, operation.block)

    def of(self, node: Expression | None, file: FileFacts, block: int, depth: int = 0) -> Reader:
        """Where the reader in an expression comes from."""
        if node is None or depth > _DEEPEST:
            return Reader(OTHER)
        written = file.slice((node.start, node.end)).lstrip("&")
        body = _BODY.match(written)
        if body is not None and node.kind in ("select", "call"):
            return self._body(node, body[1], file, block)
        if node.kind == "call":
            return self._called(node, file, block, depth)
        if node.kind == "name":
            return self._named(node, file, block, depth)
        return self.of(node.parts[0], file, block, depth + 1) if node.kind == "unary" else Reader(OTHER)

    def _body(self, node: Expression, holder: str, file: FileFacts, block: int) -> Reader:
        function = self.names.program.enclosing(file, block)
        base = node.parts[0] if node.kind == "select" else node.parts[0].parts[0]
        kind = self.names.type_of(base, file, block)
        if kind.endswith("Response") or (not kind.endswith("Request") and _ANSWERS.search(holder)):
            return Reader(ANSWER)
        if not (kind.endswith("Request") or _REQUESTS.search(holder)) or self._made_here(base, file):
            return Reader(OTHER)
        return Reader(INBOUND, self._replaced(node, file, function))

    def _made_here(self, base: Expression, file: FileFacts) -> bool:
        """True for a request that the function builds itself: it goes out."""
        found = self.names.local(base.text, file, base.start) if base.kind == "name" else None
        if found is None or not found[0].values:
            return False
        span = found[0].values[min(found[1], len(found[0].values) - 1)]
        index = file.call_at.get(span)
        operation = self.calls.operation(file, index) if index is not None else None
        return operation is not None and operation.role == "http.new_request"

    def _replaced(self, node: Expression, file: FileFacts, function: Function | None) -> Operation | None:
        """The limit that the same function puts around the body before it is read."""
        if function is None:
            return None
        for call in self.calls.calls_of.get(function.root.key, ()):
            if isinstance(call, Operation) and call.role == "read.limit" and call.row.start < node.start:
                return call
        return None

    def _called(self, node: Expression, file: FileFacts, block: int, depth: int) -> Reader:
        index = file.call_at.get((node.start, node.end))
        operation = self.calls.operation(file, index) if index is not None else None
        if operation is None:
            return Reader(OTHER)
        if operation.blocking and operation.system:
            return Reader(ANSWER)
        inner = Reader(OTHER)
        for argument in self.calls.arguments(operation):
            inner = self.of(argument, file, block, depth + 1)
            if inner.kind != OTHER:
                break
        if operation.role == "read.limit":
            return replace(inner, limit=operation, inflated=False)
        if operation.role == "decompress":
            return replace(inner, inflated=True, limit=None)
        return inner if operation.role in ("buffer.new", "decode.reader") else Reader(OTHER)

    def _named(self, node: Expression, file: FileFacts, block: int, depth: int) -> Reader:
        if self.names.type_of(node, file, block).lstrip("*") in _FILES:
            return Reader(FILE)
        function = self.names.program.enclosing(file, block)
        found = self.names.local(node.text, file, node.start)
        best = Reader(OTHER)
        if found is not None:
            spans = [span for row in self._given(node, file, function) for span in row]
            for span in spans:
                inner = self.of(
                    self.calls.conventions.expression(file.text[slice(*span)], span[0]), file, block, depth + 1
                )
                if inner.limit is not None:
                    return inner
                best = inner if inner.kind != OTHER or (inner.inflated and best.kind == OTHER) else best
            return best
        parameter = self.names.parameter(node.text, function)
        if parameter is None or parameter[1] < 0:
            return best
        readers = [
            self.of(self.calls.argument(call, parameter[1]), call.file, call.block, depth + 1)
            for call in self.calls.callers.get(parameter[0].key, ())[:12]
        ]
        inbound = [reader for reader in readers if reader.kind == INBOUND]
        unlimited = [reader for reader in inbound if reader.limit is None]
        return (unlimited or inbound or [reader for reader in readers if reader.kind != OTHER] or [best])[0]

    def _given(self, node: Expression, file: FileFacts, function: Function | None) -> list[list[tuple[int, int]]]:
        """The values that a local name is given before a place, each as the spans that may be it."""
        if function is None:
            return []
        found = []
        for row in file.rows.bindings:
            if not function.row.start <= row.start < node.start or node.text not in row.names or not row.values:
                continue
            position = row.names.index(node.text)
            found.append([row.values[position] if position < len(row.values) else row.values[0]])
        return found

    def limited_on(self, flow: Flow, function: Function) -> Operation | None:
        """The limit that a function on the way of a flow puts around the body before it passes it on."""
        for edge in flow.reach.edges_to(function) if function in flow.reach else ():
            for call in self.calls.calls_of.get(edge.source.key, ()):
                if isinstance(call, Operation) and call.role == "read.limit" and call.row.start < edge.offset:
                    return call
        return None

    def only_declared(self, file: FileFacts, branch: Block) -> bool:
        """True for a branch that compares the length a request declares, in a function that puts no limit on the body."""
        function = self.names.program.enclosing(file, branch.parent)
        if function is None or _DECLARED.search(file.text, branch.start, branch.header[1] + 1) is None:
            return False
        own = self.calls.calls_of.get(function.key, ())
        return not any(isinstance(call, Operation) and call.role == "read.limit" for call in own)

    def declared(self, flow: Flow, function: Function, until: int) -> tuple[FileFacts, int] | None:
        """Where the length that a request declares is all that is compared before its body is read; None without it."""
        edges = flow.reach.edges_to(function) if function in flow.reach else ()
        for one, end in ((function, until), *((edge.source, edge.offset) for edge in edges)):
            match = _DECLARED.search(one.file.text, one.root.row.start, max(end, one.root.row.start))
            if match is not None:
                return one.file, match.start()
        return None

    def before(self, flow: Flow) -> Before:
        """The limit that a middleware or the framework puts on every request of a flow's route."""
        return self._limits.before(flow)

    def stands_before(self, operation: Operation, flow: Flow) -> bool:
        """True for an operation of a middleware that every request of a flow's route goes through."""
        return self._limits.stands_before(operation, flow)

    @cached_property
    def _limits(self) -> BodyLimits:
        return BodyLimits(self.service)
