"""Functions that variables, fields and parameters hold, and values that a container injects by type."""

from __future__ import annotations

from functools import cached_property

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.program import Function, Span
from rda_nb.service.values import Values

_DEEPEST = 5
_MOST = 6


class Held:
    """Follows function values, and finds the constructors that are given to a dependency injection container."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values

    def functions(self, node: Expression, file: FileFacts, block: int, depth: int = 0) -> list[Function]:
        """The functions of the target that an expression can stand for; [] when that cannot be followed."""
        if depth > _DEEPEST:
            return []
        named = self.names.function_value(file, (node.start, node.end), block)
        if named is not None:
            return [named]
        found: list[Function] = []
        if node.kind == "name":
            found = self._named(node, file, block, depth)
        elif node.kind == "select":
            owner = self.names.type_of(node.parts[0], file, block)
            for holder, write in self.values.writes(node.text):
                if holder == owner and write.kind != "flag":
                    found += self._span(write.file, write.span, write.block, depth)
        elif node.kind == "call":
            found = self._made(node, file, depth)
        return list(dict.fromkeys(found))[:_MOST]

    def _made(self, node: Expression, file: FileFacts, depth: int) -> list[Function]:
        """The functions that a constructor of the target gives back, as its first result."""
        index = file.call_at.get((node.start, node.end))
        found = self.names.resolve(file, index) if index is not None else None
        if found is None or found.kind != "resolved" or len(found.targets) != 1:
            return []
        maker = found.targets[0]
        spans = [(row.values[0], row.block) for row in maker.returns if row.values]
        return [one for span, block in spans for one in self._span(maker.file, span, block, depth)]

    def _named(self, node: Expression, file: FileFacts, block: int, depth: int) -> list[Function]:
        bound = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if bound is not None and (parameter is None or bound[0].start > parameter[0].row.start):
            target, row = self.names.bound_function(file, *bound), bound[0]
            if target is None and row.form != "range" and bound[1] < len(row.values):
                return self._span(file, row.values[bound[1]], row.block, depth)
            return [target] if target is not None else []
        if parameter is None or parameter[1] < 0:
            return []
        owner, index, _ = parameter
        found: list[Function] = []
        for call in self.calls.callers.get(owner.key, ())[: 2 * _MOST]:
            argument = self.calls.argument(call, index)
            if argument is not None:
                found += self.functions(argument, call.file, call.block, depth + 1)
        return found

    def _span(self, file: FileFacts, span: Span, block: int, depth: int) -> list[Function]:
        node = self.calls.conventions.expression(file.text[slice(*span)], span[0])
        return self.functions(node, file, block, depth + 1)

    @cached_property
    def _constructors(self) -> dict[str, list[tuple[Function, int]]]:
        """Type -> (constructor, position among its results) of all that is given to a container."""
        found: dict[str, list[tuple[Function, int]]] = {}
        for operation in self.calls.role("app.provide"):
            for function in self._provided(operation):
                for position, (_, kind) in enumerate(function.results):
                    made = self.names.canonical(kind, function.file)
                    if made and made != "error" and (function, position) not in found.setdefault(made, []):
                        found[made].append((function, position))
        return found

    def _provided(self, operation: Operation) -> list[Function]:
        found = []
        for argument in self.calls.arguments(operation):
            inner = list(argument.parts[1:]) if argument.kind == "call" else [argument]
            for node in inner:
                function = self.names.function_value(operation.file, (node.start, node.end), operation.block)
                if function is not None:
                    found.append(function)
        return found

    def injected(self, kind: str) -> list[tuple[FileFacts, Span, int]]:
        """(file, span, block) of what the only constructor of a type returns; [] when there are none or several."""
        made = self._constructors.get(kind, [])
        if len(made) != 1:
            return []
        function, position = made[0]
        return [
            (function.file, row.values[position], row.block) for row in function.returns if position < len(row.values)
        ]
