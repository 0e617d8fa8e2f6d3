"""Creations: the literals and constructor calls of a library that the value of an expression can come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from rda_nb.facts.vocabulary import Binding, Expression, FileFacts, Literal
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.held import Held
from rda_nb.service.memo import Memo
from rda_nb.service.program import Function, Span, TypeDeclaration
from rda_nb.service.values import Values

_MOST = 8
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Creation:
    """An expression that makes a client or options value: a literal or a constructor call of a library."""

    file: FileFacts
    start: int
    end: int
    block: int
    type: str
    operation: Operation | None = None


class Creations:
    """The creations of one program, each place followed once."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values
        self.held = Held(calls, values)
        self._creations: Memo[tuple[str, int, int], tuple[Creation, ...]] = Memo(())
        self._held: dict[str, tuple[Creation, ...]] = {}

    def at(self, file: FileFacts, span: Span, block: int) -> tuple[Creation, ...]:
        """The literals and constructor calls that the expression at a span can come from; () when it cannot be followed."""
        text = file.text
        start, end = span
        while start < end and text[start] in "&* \t\n":
            start += 1
        if end - start > 20_000:
            return ()
        return self._creations.get((file.path, start, end), lambda: self._made_at(file, start, end, block))

    def _made_at(self, file: FileFacts, start: int, end: int, block: int) -> tuple[Creation, ...]:
        node = self.calls.conventions.expression(file.text[start:end], start)
        return tuple(_unique(self._made(node, file, block)))[:_MOST]

    def _made(self, node: Expression, file: FileFacts, block: int) -> list[Creation]:
        kind = node.kind
        if kind == "literal":
            return [
                Creation(file, node.start, node.end, block, self.names.canonical(node.text, file) if node.text else "")
            ]
        if kind == "call":
            return self._made_by_call(node, file, block)
        if kind == "name":
            return self._made_by_name(node, file, block)
        if kind == "select":
            return self._made_by_field(node, file, block)
        if kind in ("assert", "convert", "index", "slice") and node.parts:
            return list(self.at(file, (node.parts[0].start, node.parts[0].end), block))
        return []

    def _made_by_call(self, node: Expression, file: FileFacts, block: int) -> list[Creation]:
        index = file.call_at.get((node.start, node.end))
        if index is None:
            return []
        found = self.names.resolve(file, index)
        if found.kind == "external" and found.entry is not None and found.entry.role == "value.first_set":
            return self._first_set(node.parts[1:], file, block)
        if found.kind == "external":
            results = self.names.results(file, index)
            return [
                Creation(
                    file, node.start, node.end, block, results[0] if results else "", self.calls.operation(file, index)
                )
            ]
        if found.kind == "conversion" and len(node.parts) == 2:
            return list(self.at(file, (node.parts[1].start, node.parts[1].end), block))
        if found.kind == "builtin" and node.parts[0].text == "append":
            return self._appended(node, file, block)
        made: list[Creation] = []
        targets = list(found.targets)
        if found.kind == "dynamic" and node.parts[0].kind in ("name", "select"):
            targets = self.held.functions(node.parts[0], file, block)
        for target in targets[:3]:
            for row in target.returns:
                if row.values:
                    made += self.at(target.file, row.values[0], row.block)
            made += self._made_by_results(target)
        return made

    def _appended(self, node: Expression, file: FileFacts, block: int) -> list[Creation]:
        """What a list of options is made of: what stands in the call is one part, however many options it adds."""
        made: list[Creation] = []
        for part in node.parts[1:]:
            if part.kind in ("name", "select", "slice"):
                made += self.at(file, (part.start, part.end), block)
        own = node.parts[2:]
        return [*made, Creation(file, own[0].start, own[-1].end, block, "")] if own else made

    def _made_by_results(self, target: Function) -> list[Creation]:
        """What is assigned to a named result."""
        made: list[Creation] = []
        names = {name for name, _ in target.results if name and name != "_"}
        if not names:
            return made
        for row in target.file.rows.bindings:
            if (
                row.form == "assign"
                and row.block >= 0
                and target.file.rows.blocks[row.block].function == target.row.block
            ):
                for position, name in enumerate(row.names):
                    if name in names and row.values:
                        span = row.values[position] if len(row.values) == len(row.names) else row.values[0]
                        if position == 0 or len(row.values) == len(row.names):
                            made += self.at(target.file, span, row.block)
        return made

    def _made_by_name(self, node: Expression, file: FileFacts, block: int) -> list[Creation]:
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            row, position = found
            made = []
            # What a loop takes out of a list is one of what was put into it.
            item = row.form == "range" and position == len(row.names) - 1
            if row.values and (len(row.values) == len(row.names) or position == 0 or item):
                span = row.values[position] if len(row.values) == len(row.names) else row.values[0]
                made = list(self.at(file, span, row.block))
            for other in file.assigned.get(node.text, ()):
                if row.start < other.start < node.start:
                    at = other.names.index(node.text)
                    if other.values and (len(other.values) == len(other.names) or at == 0):
                        span = other.values[at] if len(other.values) == len(other.names) else other.values[0]
                        made += self.at(file, span, other.block)
            return made
        if parameter is not None:
            owner, index, _ = parameter
            return self._made_by_parameter(node, file, owner, index) if index >= 0 else []
        scope = self.program.scope(file)
        if node.text in scope.values:
            other_file, index, position = scope.values[node.text]
            row = other_file.rows.bindings[index]
            made = []
            if row.values and (len(row.values) == len(row.names) or position == 0):
                span = row.values[position] if len(row.values) == len(row.names) else row.values[0]
                made = list(self.at(other_file, span, row.block))
            return made + self._assigned_globals(scope.path, node.text)
        return []

    def _made_by_parameter(self, node: Expression, file: FileFacts, owner: Function, index: int) -> list[Creation]:
        """What the callers give; where none of them gives anything, what the function takes instead."""
        instead = self._instead(node, file, owner)
        if instead and self.never_given(owner, index):
            return self._spans(file, instead)
        made: list[Creation] = []
        for call, argument in self._arguments(owner, index):
            made += self.at(call.file, (argument.start, argument.end), call.block)
        return made

    def _arguments(self, owner: Function, index: int) -> list[tuple[Call, Expression]]:
        """What the callers of a function give as one of its parameters."""
        calls = self.calls.served(owner)[: 2 * _MOST]
        given = [(call, self.calls.argument(call, index)) for call in calls]
        return [(call, argument) for call, argument in given if argument is not None]

    def _instead(self, node: Expression, file: FileFacts, owner: Function) -> list[Binding]:
        """The assignments to a parameter before its use that only stand in for a caller who gives nothing."""
        found = []
        for row in file.assigned.get(node.text, ()):
            if not owner.row.start < row.start < row.end <= node.start or len(row.names) > 1 < len(row.values):
                continue
            if self.names.local(node.text, file, row.start) is None and row.names[0] == node.text and row.values:
                if self.values.stands_in(file, row.block, node.text) or self._or_else(file, row):
                    found.append(row)
        return found

    def _spans(self, file: FileFacts, rows: list[Binding]) -> list[Creation]:
        return [made for row in rows for made in self.at(file, row.values[0], row.block)]

    def _or_else(self, file: FileFacts, row: Binding) -> bool:
        """True for `c = cmp.Or(c, d)`."""
        index = file.call_at.get(row.values[0])
        operation = self.calls.operation(file, index) if index is not None else None
        if operation is None or operation.role != "value.first_set":
            return False
        return any(part.kind == "name" and part.text == row.names[0] for part in self.calls.arguments(operation))

    def never_given(self, owner: Function, index: int, depth: int = 0) -> bool:
        """True when every caller in product code gives nil as a parameter."""
        calls = [one for one in self._arguments(owner, index) if one[0].file.role == "product"]
        return all(self._nothing(argument, call, depth) for call, argument in calls)

    def _nothing(self, node: Expression, call: Call, depth: int) -> bool:
        """True for nil, for a variable that is nil, and for a parameter that is nil at every call."""
        if node.kind != "name" or depth > _DEEPEST:
            return node.kind == "nil"
        file = call.file
        bound = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, call.block))
        if bound is not None and (parameter is None or bound[0].start > parameter[0].row.start):
            row = bound[0]
            span = row.values[bound[1]] if bound[1] < len(row.values) else (0, 0)
            empty = row.form == "variable" and not row.values
            later = any(row.start < other.start < node.start for other in file.assigned.get(node.text, ()))
            return not later and (empty or self.calls.conventions.expression(file.text[slice(*span)], 0).kind == "nil")
        if parameter is None or parameter[1] < 0:
            return False
        return bool(self.calls.callers.get(parameter[0].key)) and self.never_given(*parameter[:2], depth + 1)

    def _first_set(self, arguments: tuple[Expression, ...], file: FileFacts, block: int) -> list[Creation]:
        """The first of several values whose making is seen: those before it are given by nobody."""
        for part in arguments:
            made = list(self.at(file, (part.start, part.end), block))
            if made:
                return made
        return []

    def _assigned_globals(self, package: str, name: str) -> list[Creation]:
        made: list[Creation] = []
        for file in self.program.files_of.get(package, ()):
            for row in file.assigned.get(name, ()):
                if row.values and self.names.local(name, file, row.start) is None:
                    at = row.names.index(name)
                    if len(row.values) == len(row.names) or at == 0:
                        span = row.values[at] if len(row.values) == len(row.names) else row.values[0]
                        made += self.at(file, span, row.block)
        return made

    def _made_by_field(self, node: Expression, file: FileFacts, block: int) -> list[Creation]:
        owner = self.names.type_of(node.parts[0], file, block)
        if owner in self.program.types:
            made = self._written(owner, node.text)
            if not made:
                for place, span, at in self.held.injected(self.names.member(owner, node.text)):
                    made += self.at(place, span, at)
            return made or list(self.holders(owner))
        base = node.parts[0]
        if base.kind == "name" and self.names.package_named(base.text, file, block, node.start) is not None:
            return [Creation(file, node.start, node.end, block, self.names.type_of(node, file, block))]
        return list(self.at(file, (base.start, base.end), block))

    def _written(self, owner: str, name: str) -> list[Creation]:
        """What is written to a field; what only stands in for a field left out counts where something leaves it out."""
        made: list[Creation] = []
        instead: list[Creation] = []
        followed = []
        for holder, write in self.values.writes(name):
            if holder == owner and write.kind != "flag":
                found = self.at(write.file, write.span, write.block)
                if write.guarded:
                    instead += found
                else:
                    made += found
                    followed.append(bool(found))
        always = followed and all(followed) and not self._left_out(owner, name)
        return made if always else [*made, *instead]

    def _left_out(self, owner: str, name: str) -> bool:
        """True when product code writes a literal of a type without one of its fields."""
        for file, literal in self._literals.get(owner, ()):
            index = file.literal_at[literal.start, literal.end]
            entries = file.entries_of.get(index, ())
            names = {file.text[slice(*entry.key)] for entry in entries}
            if name not in names and (names or literal.end - literal.type_end <= 2):
                return True
        return False

    def holders(self, kind: str) -> tuple[Creation, ...]:
        """Where a type of the target that embeds a client is made: the client is among the values it is made of."""
        found = self._held.get(kind)
        if found is None:
            declared = self.program.types.get(kind)
            found = self._held[kind] = self._literals_of(declared) if declared and declared.embedded else ()
        return found

    def _literals_of(self, declared: TypeDeclaration) -> tuple[Creation, ...]:
        return tuple(
            Creation(file, literal.start, literal.end, literal.block, declared.key)
            for file, literal in self._literals.get(declared.key, ())[:_MOST]
        )

    @cached_property
    def _literals(self) -> dict[str, list[tuple[FileFacts, Literal]]]:
        """The composite literals of product code by their type."""
        found: dict[str, list[tuple[FileFacts, Literal]]] = {}
        for file in self.program.files:
            if file.role == "product":
                for literal in file.rows.literals:
                    kind = self.names.canonical(file.text[literal.start : literal.type_end], file)
                    found.setdefault(kind, []).append((file, literal))
        return found


def _unique(made: list[Creation]) -> list[Creation]:
    found: dict[tuple[str, int, int], Creation] = {}
    for creation in made:
        found.setdefault((creation.file.path, creation.start, creation.end), creation)
    return list(found.values())
