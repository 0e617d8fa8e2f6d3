"""Interceptors of a gRPC server: the contexts with which each goes on to the handler of a unary method."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Calls
from rda_nb.service.program import Function

_INTERCEPTS = "grpc.unary_interceptor"
_SERVER = "grpc.server"
_HANDLER = "UnaryHandler"


class Handed(NamedTuple):
    """A context that an interceptor goes on with, and the call that is given it."""

    node: Expression
    file: FileFacts
    block: int
    call: Call


class Interceptors:
    """The interceptors of one program's gRPC server."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.names = calls.names
        self._literals: dict[str, list[Function]] | None = None

    @cached_property
    def chain(self) -> list[list[Handed]]:
        """The contexts that each interceptor of the target goes on with; of several servers, which has it is not known."""
        servers = [operation for operation in self.calls.role(_SERVER) if operation.file.role == "product"]
        if len(servers) != 1:
            return []
        found: dict[str, Function] = {}
        for operation in self.calls.role(_INTERCEPTS):
            if operation.file.role == "product":
                for function in self.given(operation):
                    found[function.key] = function
        return [self.goes_on(function, _HANDLER) for function in found.values()]

    def given(self, call: Call, depth: int = 0) -> Iterator[Function]:
        """The functions of the target among the arguments of a call, those of calls that join several or make one too."""
        for node in self.calls.arguments(call):
            function = self.names.function_value(call.file, (node.start, node.end), call.block)
            if function is not None:
                yield function
            index = call.file.call_at.get((node.start, node.end)) if node.kind == "call" and depth < 3 else None
            if index is None:
                continue
            inner = Call(call.file, index, call.function, self.names.resolve(call.file, index))
            yield from self.given(inner, depth + 1)
            for made in inner.resolution.targets[:1]:
                for row in made.returns:
                    for span in row.values[:1]:
                        literal = self.names.function_value(made.file, span, row.block)
                        if literal is not None:
                            yield literal

    def goes_on(self, function: Function, kind: str) -> list[Handed]:
        """The contexts given with the handler, of a type: to itself, or to another interceptor that is called with it."""
        handler = next((name for name, own in function.parameters if own.rpartition(".")[2] == kind and name), "")
        found: list[Handed] = []
        for inside in self._with_literals(function) if handler else ():
            for call in self.calls.calls_of.get(inside.key, ()):
                arguments = self.calls.arguments(call)
                passed = any(node.kind == "name" and node.text == handler for node in arguments)
                if arguments and (passed or call.callee == handler):
                    found.append(Handed(arguments[0], call.file, call.block, call))
        return found

    def _with_literals(self, function: Function) -> list[Function]:
        """A function and the literals that stand in it."""
        if self._literals is None:
            self._literals = {}
            for one in self.names.program.functions:
                if one.parent is not None:
                    self._literals.setdefault(one.parent.key, []).append(one)
        found = [function]
        for one in found:
            found += self._literals.get(one.key, ())
        return found
