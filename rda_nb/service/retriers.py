"""Retries that a receiver carries: a wrapper that goes through a field of its receiver retries only where that is set."""

from __future__ import annotations

from typing import NamedTuple

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Calls
from rda_nb.service.flows import Graph
from rda_nb.service.memo import Memo
from rda_nb.service.program import Function, Span
from rda_nb.service.values import Values

# A field of a type of the target: (type, name).
Held = tuple[str, str]
_DEEPEST = 8
_MOST = 12


class _Givers(NamedTuple):
    """Keys of the functions that give a field its value or call one that does, and the types that may carry it."""

    keys: frozenset[str]
    kinds: frozenset[str]


class Retriers:
    """Tells of the receiver of a call whether it can have been given what it would retry by."""

    def __init__(self, calls: Calls, graph: Graph, values: Values) -> None:
        self.calls = calls
        self.graph = graph
        self.names = calls.names
        self.program = calls.names.program
        self.values = values
        self._givers: dict[Held, _Givers | None] = {}
        self._lacking: Memo[tuple[Held, str, int, int], bool] = Memo(True)

    def held_by(self, call: Call, function: Function) -> Held | None:
        """The field of a method's receiver through which it makes a call; None for any other call."""
        own, _, name = call.callee.rpartition(".")[0].partition(".")
        if not own or own != function.receiver or not name.isidentifier():
            return None
        return self._declared(function.owner_type, name, 0)

    def _declared(self, kind: str, name: str, depth: int) -> Held | None:
        """The type that declares a field: a type of the target, or one that it embeds."""
        declared = self.program.types.get(kind)
        if declared is None or depth > _DEEPEST:
            return None
        if name in declared.fields:
            return declared.key, name
        inner = (self._declared(self.names.canonical(one, declared.file), name, depth + 1) for one in declared.embedded)
        return next((found for found in inner if found is not None), None)

    def lacks(self, call: Call, held: Held) -> bool:
        """True when the receiver of a call is seen to be made without what this field holds."""
        callee = call.row.start, call.row.callee_end
        node = self.calls.conventions.expression(call.file.text[slice(*callee)], callee[0])
        if node.kind != "select" or self._giving(held) is None:
            return False
        return self._without(held, node.parts[0], call.file, call.block)

    def _giving(self, held: Held) -> _Givers | None:
        """What gives a field its value; None where nothing is seen to, or where it is not seen who does."""
        if held not in self._givers:
            self._givers[held] = self._found(held)
        return self._givers[held]

    def _found(self, held: Held) -> _Givers | None:
        own = self._setters(held, 0)
        if not own:
            return None
        keys, pending = {function.key for function in own}, list(own)
        carrying = {held[0], *(kind for function in own for kind in self._results(function))}
        while pending:
            for edge in self.graph.into.get(pending.pop().key, ()):
                caller = edge.source.root
                if caller.key not in keys:
                    keys.add(caller.key)
                    pending.append(caller)
                    # What a caller gives back carries it too: `base().WithRetry(r)` in a constructor.
                    carrying.update(self._results(caller))
        declared = self.program.types[held[0]]
        carrying.add(self.names.canonical(declared.fields[held[1]], declared.file))
        return _Givers(frozenset(keys), frozenset(kind.lstrip("*") for kind in carrying if "." in kind))

    def _results(self, function: Function) -> list[str]:
        return [self.names.canonical(kind, function.file) for _, kind in function.results]

    def _setters(self, held: Held, depth: int) -> list[Function] | None:
        """The functions that give a field a value which is not itself a field that others give one."""
        found: list[Function] = []
        for owner, write in self.values.writes(held[1]):
            if owner != held[0] or write.file.text[slice(*write.span)] == "nil":
                continue
            function = self.program.enclosing(write.file, write.block)
            if function is None:
                return None
            node = self.calls.conventions.expression(write.file.text[slice(*write.span)], write.span[0])
            inner = None
            if node.kind == "select" and depth < _DEEPEST:
                kind = self.names.type_of(node.parts[0], write.file, write.block).lstrip("*")
                other = self._declared(kind, node.text, 0)
                inner = self._setters(other, depth + 1) if other is not None and other != held else None
            found += inner or [function.root]
        return found

    def _without(self, held: Held, node: Expression, file: FileFacts, block: int) -> bool:
        """True for an expression whose value cannot have been given it; False also where it cannot be followed."""
        key = (held, file.path, node.start, node.end)
        return self._lacking.get(key, lambda: self._lacks(held, node, file, block))

    def _lacks(self, held: Held, node: Expression, file: FileFacts, block: int) -> bool:
        if node.kind == "nil":
            return True
        if node.kind == "name":
            return self._named(held, node, file, block)
        if node.kind == "select":
            return self._field(held, node, file, block)
        if (node.start, node.end) in file.call_at and self._made(held, node, file, block):
            return True
        if node.kind == "literal":
            return all(self._plain(held, part, file, block) for entry in node.parts for part in entry.parts)
        if node.kind in ("unary", "assert") and node.parts:
            return self._without(held, node.parts[0], file, block)
        return False

    def _plain(self, held: Held, node: Expression, file: FileFacts, block: int) -> bool:
        """True for a part of an expression that is of no type which may carry it, or is made without it."""
        giving = self._giving(held)
        if giving is None:
            return False
        if node.kind == "function":
            literal = self.names.function_value(file, (node.start, node.end), block)
            return literal is not None and literal.root.key not in giving.keys
        if node.kind in ("text", "number", "boolean", "nil"):
            return True
        kind = self.names.type_of(node, file, block).removeprefix("[]").lstrip("*")
        return (kind != "" and kind not in giving.kinds) or self._without(held, node, file, block)

    def _span(self, held: Held, file: FileFacts, span: Span, block: int) -> bool:
        node = self.calls.conventions.expression(file.text[slice(*span)], span[0])
        return self._without(held, node, file, block)

    def _named(self, held: Held, node: Expression, file: FileFacts, block: int) -> bool:
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if parameter is not None and (found is None or found[0].start < parameter[0].row.start):
            return False
        if found is None:
            scope = self.program.scope(file)
            if node.text not in scope.values:
                return False
            file, index, position = scope.values[node.text]
            found = file.rows.bindings[index], position
        rows = [
            found[0],
            *(row for row in file.assigned.get(node.text, ()) if row.values and row.names[0] == node.text),
        ]
        # A variable that is declared alone holds nothing; only the first of several results is followed.
        spans = [
            (row.values[found[1]] if len(row.values) == len(row.names) else row.values[0], row.block)
            for row in rows
            if row.values
        ]
        return bool(spans) and found[1] < 1 and all(self._span(held, file, span, inner) for span, inner in spans)

    def _field(self, held: Held, node: Expression, file: FileFacts, block: int) -> bool:
        owner = self.names.type_of(node.parts[0], file, block).lstrip("*")
        other = self._declared(owner, node.text, 0)
        writes = [write for holder, write in self.values.writes(node.text) if other is not None and holder == other[0]]
        writes = [write for write in writes if write.file.role != "test"]
        if not 0 < len(writes) <= _MOST:
            return False
        return all(self._span(held, write.file, write.span, write.block) for write in writes)

    def _made(self, held: Held, node: Expression, file: FileFacts, block: int) -> bool:
        """A value that a call makes: without it where neither the call nor what it is called on and with brings it."""
        index, giving = file.call_at.get((node.start, node.end)), self._giving(held)
        if index is None or giving is None:
            return False
        found = self.names.resolve(file, index)
        if found.kind not in ("resolved", "candidate") or any(one.key in giving.keys for one in found.targets):
            return False
        # A call of one argument that names its types reads like a conversion, of which only the argument is told.
        parts = list(node.parts[1:]) if node.kind == "call" else list(node.parts)
        callee = node.parts[0]
        if node.kind == "call" and callee.kind == "select":
            if callee.parts[0].kind != "name" or not self.names.package_named(
                callee.parts[0].text, file, block, node.start
            ):
                parts.append(callee.parts[0])
        return all(self._plain(held, part, file, block) for part in parts) and all(
            self._gives_back(held, target) for target in found.targets
        )

    def _gives_back(self, held: Held, target: Function) -> bool:
        """True where no value that a function hands back is one which something else was given."""
        for row in target.returns:
            text = target.file.text[slice(*row.values[0])] if row.values else ""
            node = self.calls.conventions.expression(text, row.values[0][0]) if text else None
            if node is None or (node.kind == "name" and self.names.parameter(node.text, target) is not None):
                continue
            if not self._plain(held, node, target.file, row.block):
                return False
        return True
