"""Calls of function values: bound to the one function that every place of the target gives them, or that one makes."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Binding, Expression, FileFacts
from rda_nb.service.bindings import Resolution
from rda_nb.service.calls import Call, Calls
from rda_nb.service.program import Function, Scope, Span
from rda_nb.service.writes import Writes

_DEEPEST = 4
_MOST = 12

# What may be given: functions of the target; None where something is given that cannot be followed.
Functions = frozenset[Function] | None
NOTHING: frozenset[Function] = frozenset()


def bind(calls: Calls, writes: Writes) -> None:
    """Bind each call of a parameter, field or local that is given one and the same function wherever it is given any.

    Where several are given, the call stays open: which of them a caller means would be lost, and every caller would seem
    to do what the others do.
    """
    given = _Given(calls, writes)
    bound: list[tuple[list[Call], int, Function]] = []
    for made in calls.calls_of.values():
        for position, call in enumerate(made):
            if call.resolution.kind == "dynamic" and call.file.role != "generated":
                found = given.called(call)
                if found is not None and len(found) == 1:
                    bound.append((made, position, next(iter(found))))
    for made, position, target in bound:
        call = made[position]
        made[position] = calls.rebound(call, Resolution("resolved", (target,)))


class _Given:
    def __init__(self, calls: Calls, writes: Writes) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.writes = writes
        self._parameters: dict[tuple[str, int], Functions] = {}
        self._fields: dict[tuple[str, str], Functions] = {}

    def called(self, call: Call) -> Functions:
        """The functions that a call of a name or field may run."""
        callee, row = call.callee, call.row
        holder, dot, name = callee.rpartition(".")
        if not callee.replace(".", "").replace("_", "").isalnum():
            return None
        if dot:
            path = self.names.package_named(holder, call.file, row.block, row.start) if "." not in holder else None
            scope = self.program.scopes.get(path) if path else None
            if scope is not None:
                return self._package_value(scope, name, 0)
            owner = self.names.type_of_span(call.file, (row.start, row.start + len(holder)), row.block)
            return self._field(owner, name, 0)
        return self._name(callee, call.file, row.block, row.start, 0)

    def _of(self, node: Expression, file: FileFacts, block: int, depth: int) -> Functions:
        if node.kind == "nil":
            return NOTHING
        named = self.names.function_value(file, (node.start, node.end), block)
        if named is not None:
            return frozenset((named,))
        if depth > _DEEPEST:
            return None
        if node.kind == "name":
            return self._name(node.text, file, block, node.start, depth + 1)
        if node.kind == "select":
            owner = self.names.type_of(node.parts[0], file, block)
            return self._field(owner, node.text, depth + 1)
        if node.kind == "call":
            return self._made((node.start, node.end), file, 0, depth + 1)
        return None

    def _made(self, span: Span, file: FileFacts, position: int, depth: int) -> Functions:
        """The functions that a call of a constructor gives back at a position of its results."""
        index = file.call_at.get(span)
        found = self.names.resolve(file, index) if index is not None else None
        if found is None or depth > _DEEPEST:
            return None
        if found.kind == "conversion":
            inner = self.calls.conventions.expression(file.text[slice(*span)], span[0]).parts[1:]
            return self._of(inner[0], file, file.rows.calls[index or 0].block, depth) if len(inner) == 1 else None
        if found.kind != "resolved" or len(found.targets) != 1:
            return None
        maker = found.targets[0]
        if position >= len(maker.results) or not maker.returns:
            return None
        given = NOTHING
        for row in maker.returns:
            if len(row.values) == len(maker.results):
                one = self._span(maker.file, row.values[position], row.block, depth)
            else:  # what another constructor gives back is handed on
                one = self._made(row.values[0], maker.file, position, depth + 1) if len(row.values) == 1 else None
            if one is None or len(given | one) > 1:
                return None
            given |= one
        return given

    def _local(self, name: str, row: Binding, position: int, file: FileFacts, depth: int) -> Functions:
        """What a local is given that no other place of its file gives anything."""
        if name in file.assigned or row.form == "range":
            return None
        if len(row.values) == len(row.names):
            return self._span(file, row.values[position], row.block, depth)
        return self._made(row.values[0], file, position, depth) if len(row.values) == 1 else None

    def _name(self, name: str, file: FileFacts, block: int, offset: int, depth: int) -> Functions:
        bound = self.names.local(name, file, offset)
        parameter = self.names.parameter(name, self.program.enclosing(file, block))
        if bound is not None and (parameter is None or bound[0].start > parameter[0].row.start):
            return self._local(name, *bound, file, depth)
        if parameter is None:
            return self._package_value(self.program.scope(file), name, depth)
        if parameter[1] < 0 or name in file.assigned:
            return None
        return self._parameter(parameter[0], parameter[1], depth)

    def _package_value(self, scope: Scope, name: str, depth: int) -> Functions:
        """The function that a variable of a package is made with, where no product code gives it another."""
        if name not in scope.values:
            return None
        file, index, position = scope.values[name]
        row = file.rows.bindings[index]
        if position >= len(row.values) or self._tests(file):
            return None
        written = (name, f"{scope.path.rpartition('/')[2]}.{name}")
        for other in self.program.files:
            if not self._tests(other) and any(one in other.assigned for one in written):
                return None
        return self._span(file, row.values[position], row.block, depth)

    def _parameter(self, function: Function, index: int, depth: int) -> Functions:
        key = (function.key, index)
        if key not in self._parameters:
            self._parameters[key] = None  # what is asked for while it is being found cannot be followed
            self._parameters[key] = self._arguments(function, index, depth)
        return self._parameters[key]

    def _arguments(self, function: Function, index: int, depth: int) -> Functions:
        callers = [call for call in self.calls.callers.get(function.key, ()) if not self._tests(call.file)]
        if not callers or len(callers) > _MOST:
            return None
        found = NOTHING
        for call in callers:
            arguments = self.calls.arguments(call)
            if index >= len(arguments):
                return None
            given = self._of(arguments[index], call.file, call.block, depth)
            if given is None or len(found | given) > 1:
                return None
            found |= given
        return found

    def _tests(self, file: FileFacts) -> bool:
        """True for a file of tests. One that only takes the test framework is a helper beside others, and counts."""
        read = self.calls.target.file(file.path)
        return file.role == "test" and (read is None or read.role == "test")

    def _field(self, owner: str, name: str, depth: int) -> Functions:
        declared = self.program.types.get(owner)
        if declared is None or name not in declared.fields:
            return None
        key = (owner, name)
        if key not in self._fields:
            self._fields[key] = None
            self._fields[key] = self._written(owner, name, depth)
        return self._fields[key]

    def _written(self, owner: str, name: str, depth: int) -> Functions:
        found = NOTHING
        places = [
            write for holder, write in self.writes.writes(name) if holder == owner and not self._tests(write.file)
        ]
        for write in places[: _MOST + 1]:
            given = self._span(write.file, write.span, write.block, depth)
            if given is None or len(found | given) > 1:
                return None
            found |= given
        return found if len(places) <= _MOST else None

    def _span(self, file: FileFacts, span: Span, block: int, depth: int) -> Functions:
        if span[1] - span[0] > 4000 and file.function_at.get(span) is None:
            return None
        literal = self.names.function_value(file, span, block)
        if literal is not None:
            return frozenset((literal,))
        return self._of(self.calls.conventions.expression(file.text[slice(*span)], span[0]), file, block, depth)
