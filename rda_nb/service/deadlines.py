"""Which deadline governs a call: contexts followed from the call back to where each was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.asked_deadlines import AskedDeadlines, loosest, or_else
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.client_interceptors import ClientInterceptors
from rda_nb.service.deadline import Deadline, distinct, tighter_of
from rda_nb.service.flows import Edge, Graph
from rda_nb.service.interceptors import Interceptors
from rda_nb.service.makers import maker
from rda_nb.service.memo import Memo
from rda_nb.service.outer_deadlines import OuterDeadlines
from rda_nb.service.program import Function
from rda_nb.service.settings import Settings
from rda_nb.service.types import CONTEXT, split_type
from rda_nb.service.values import Values

_DEEPEST = 16
_MOST = 12


class Deadlines:
    """Follows contexts through one program."""

    def __init__(
        self,
        calls: Calls,
        graph: Graph,
        values: Values,
        settings: Settings,
        served: Callable[[str], frozenset[str]],
    ) -> None:
        """`served` tells the functions that a server or consumer calls, of one kind or (with '') of all."""
        self.calls = calls
        self._served = served
        self.names = calls.names
        self.program = calls.names.program
        self.graph = graph
        self.values = values
        self.settings = settings
        self._parameters: Memo[tuple[str, int], tuple[Deadline, ...]] = Memo(())
        self._returns: Memo[str, tuple[Deadline, ...]] = Memo(())
        self.asked = AskedDeadlines(calls)
        interceptors = Interceptors(calls)
        self.outer = OuterDeadlines(self, graph, values, interceptors)
        self.sent = ClientInterceptors(calls, settings, interceptors)
        self._by: dict[str, Call] = {}

    def of(self, operation: Operation) -> tuple[Deadline, ...]:
        """The deadlines on all ways to an operation; () when it takes no context."""
        node = self.calls.argument(operation, operation.entry.context)
        if node is not None and operation.entry.context is not None:
            return self._sent(operation, distinct(self.context(node, operation.file, operation.block)))
        made = maker(self.calls, self.graph, self.settings, operation)
        if made is None:
            here = self.calls.cite(operation)
            return distinct(list(self.outer.of_request(here, operation.function))) if operation.entry.forwards else ()
        inner = self.calls.argument(made, made.entry.context)
        return distinct(self.context(inner, made.file, made.block)) if inner is not None else ()

    def along(self, operation: Operation, edges: Sequence[Edge]) -> tuple[Deadline, ...]:
        """The deadlines on one way to an operation: what other callers of the functions on it give counts for nothing."""
        with self.apart({edge.target.key: edge.via for edge in edges if edge.via is not None and edge.kind == "call"}):
            return self.of(operation)

    @contextmanager
    def apart(self, by: dict[str, Call]) -> Iterator[None]:
        """What is answered meanwhile rests on what holds for the moment alone, and is kept for nothing else.

        `by` are the only calls that count of some functions.
        """
        kept = self._parameters, self._returns, self._by
        self._parameters, self._returns, self._by = Memo(()), Memo(()), by
        try:
            yield
        finally:
            self._parameters, self._returns, self._by = kept

    def _sent(self, operation: Operation, ways: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
        """The deadlines on the ways to a call, with those that interceptors of its client set on all their own ways."""
        for handed in self.sent.of(operation):
            set_ = [way for one in handed for way in self.context(one.node, one.file, one.block)]
            if set_ and all(way.limit is not None for way in set_):
                ways = distinct([tighter_of(loosest(set_), way) for way in ways])
        return ways

    def context(self, node: Expression, file: FileFacts, block: int, depth: int = 0) -> list[Deadline]:
        """The deadlines that a context expression can carry."""
        if depth > _DEEPEST:
            return [Deadline(None, "unknown")]
        if node.kind in ("name", "select") and self._never_ends(node, file, block):
            return [Deadline(None, "background", (self.calls.cite_at(file, node.start),))]
        if node.kind == "name":
            return self._named(node, file, block, depth + 1)
        if node.kind == "call":
            return self._called(node, file, block, depth + 1)
        if node.kind == "select":
            return self._field(node, file, block, depth + 1)
        return [Deadline(None, "unknown", (self.calls.cite_at(file, node.start),))]

    def _never_ends(self, node: Expression, file: FileFacts, block: int) -> bool:
        """True for a framework's own context that is given as one and is never done."""
        path, name = split_type(self.names.type_of(node, file, block).lstrip("*"))
        package = self.names.libraries.package(path) if path and path not in self.program.scopes else None
        entry = package.calls.get(f"{name}.Done") if package is not None else None
        return entry is not None and entry.role == "context.background" and not self._falls_back

    @cached_property
    def _falls_back(self) -> bool:
        """True when the target has its framework's contexts end with the request."""
        return bool(self.settings.meaning("request_context"))

    def _named(self, node: Expression, file: FileFacts, block: int, depth: int) -> list[Deadline]:
        found = self.names.local(node.text, file, node.start)
        function = self.program.enclosing(file, block)
        parameter = self.names.parameter(node.text, function)
        defined = found[0].start if found else (parameter[0].row.start if parameter else -1)
        latest = None
        for row in file.assigned.get(node.text, ()):
            # A context that is made from itself is not yet what it becomes.
            if defined <= row.start and row.end <= node.start and row.values and row.names[0] == node.text:
                if _visible(file, row.block, node.start) or self.asked.fills_in(file, row, node.start):
                    latest = row
        if latest is not None:
            made = self._span(file, latest.values[0], latest.block, depth)
            if _visible(file, latest.block, node.start):
                return made
            before = self.context(node._replace(start=latest.start, end=latest.start), file, latest.block, depth)
            return [or_else(way, loosest(made)) for way in before]
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            row = found[0]
            # errgroup.WithContext and its like give the context as their second result.
            span = (
                row.values[found[1]] if len(row.values) == len(row.names) else (row.values[0] if row.values else None)
            )
            return self._span(file, span, row.block, depth) if span else [Deadline(None, "unknown")]
        if parameter is not None:
            return list(self._parameter(parameter[0], parameter[1]))
        scope = self.program.scope(file)
        if node.text in scope.values:
            other, index, position = scope.values[node.text]
            row = other.rows.bindings[index]
            if row.values:
                return self._span(other, row.values[min(position, len(row.values) - 1)], row.block, depth)
        return [Deadline(None, "unknown", (self.calls.cite_at(file, node.start),))]

    def _span(self, file: FileFacts, span: tuple[int, int], block: int, depth: int) -> list[Deadline]:
        return self.context(self.calls.conventions.expression(file.text[slice(*span)], span[0]), file, block, depth)

    def _called(self, node: Expression, file: FileFacts, block: int, depth: int) -> list[Deadline]:
        index = file.call_at.get((node.start, node.end))
        operation = self.calls.operation(file, index) if index is not None else None
        here = self.calls.cite_at(file, node.start)
        role = operation.role if operation else ""
        if operation is not None and role in ("context.timeout", "context.deadline"):
            limit = self.values.quantity(
                self.values.of(self.calls.argument(operation, operation.entry.count), file, block), "s"
            )
            parents = self._argument(node, operation.entry.context or 0, file, block, depth)
            return [tighter_of(Deadline(limit, "context", (here,)), parent) for parent in parents]
        if role == "context.background":
            return [Deadline(None, "background", (here,))]
        if role == "context.detach":
            return [Deadline(None, "detached", (here,))]
        if role in ("context.cancel", "context.value", "context.request"):
            return self._parent(node, file, block, depth, operation)
        if index is None:
            return [Deadline(None, "unknown", (here,))]
        found = self.names.resolve(file, index)
        if found.kind == "external" and found.name.endswith(".Context"):
            return list(self.outer.of_request(here, self.program.enclosing(file, block)))
        made = list(self._returned(found.targets[0])) if found.targets else []
        for position, argument in enumerate(node.parts[1:]):
            if self.names.type_of(argument, file, block) == CONTEXT:
                given = self._argument(node, position, file, block, depth)
                own = [way for way in made if way.limit is not None and self._set_in(found.targets[0], way)]
                if own and self.asked.hands_back(found.targets[0]):
                    return [or_else(way, loosest(own)) for way in given]
                return [tighter_of(way, parent) for way in own for parent in given] or given
        return made or [Deadline(None, "unknown", (here,))]

    def _parent(
        self, node: Expression, file: FileFacts, block: int, depth: int, operation: Operation | None
    ) -> list[Deadline]:
        """What a derived context has from its parent. Of none a library takes the parent of what the call is made on."""
        if operation is None or not operation.entry.context_from or len(node.parts) != 2 or node.parts[1].kind != "nil":
            return self._argument(node, 0, file, block, depth)
        made = maker(self.calls, self.graph, self.settings, operation)
        inner = self.calls.argument(made, made.entry.context) if made is not None else None
        if made is None or inner is None:
            return [Deadline(None, "background", (self.calls.cite_at(file, node.start),))]
        return self.context(inner, made.file, made.block, depth)

    def _returned(self, target: Function) -> tuple[Deadline, ...]:
        """The deadlines of what a function of the target returns first."""
        return self._returns.get(target.key, lambda: self._first_results(target))

    def _first_results(self, target: Function) -> tuple[Deadline, ...]:
        rows = [row for row in target.returns if row.values]
        return tuple(way for row in rows[:3] for way in self._span(target.file, row.values[0], row.block, 0))

    @staticmethod
    def _set_in(function: Function, way: Deadline) -> bool:
        """True when the deadline of a way is set by a function itself, not by its callers."""
        row, file = function.row, function.file
        place = way.places[0] if way.places else None
        return (
            place is not None and place.path == file.path and file.line(row.start) <= place.line <= file.line(row.end)
        )

    def _argument(self, node: Expression, position: int, file: FileFacts, block: int, depth: int) -> list[Deadline]:
        arguments = node.parts[1:]
        if position >= len(arguments):
            return [Deadline(None, "unknown")]
        return self.context(arguments[position], file, block, depth)

    def _field(self, node: Expression, file: FileFacts, block: int, depth: int) -> list[Deadline]:
        owner = self.names.type_of(node.parts[0], file, block)
        if owner not in self.program.types:
            return [Deadline(None, "unknown", (self.calls.cite_at(file, node.start),))]
        found: list[Deadline] = []
        writes = [write for holder, write in self.values.writes(node.text)[:_MOST] if holder == owner]
        # What stands in for a context that nobody gave says nothing of those that are given.
        given = [write for write in writes if not write.guarded]
        for write in given or writes:
            found += self._span(write.file, write.span, write.block, depth)
        return found or [Deadline(None, "unknown", (self.calls.cite_at(file, node.start),))]

    def _parameter(self, function: Function, index: int) -> tuple[Deadline, ...]:
        if index < 0:
            return ()
        return self._parameters.get((function.key, index), lambda: self._given(function, index))

    def _given(self, function: Function, index: int) -> tuple[Deadline, ...]:
        """What the callers of a function give as its parameter."""
        made: list[Deadline] = []
        given = self._by.get(function.key)
        for call in [given] if given is not None else self.calls.served(function)[: 3 * _MOST]:
            argument = self.calls.argument(call, index)
            if argument is not None:
                made += self.context(argument, call.file, call.block)
        return tuple(distinct(made or self._called_back(function, index)))[:_MOST]

    def _handed(self, via: Call, function: Function, index: int) -> Deadline | None:
        """The deadline that a helper of the target sets before it calls the function that it is given; None for none.

        What the helper's other callers give it says nothing of this one.
        """
        made: list[Deadline] = []
        given: list[Deadline] = []
        for helper in via.resolution.targets[:1] if via.resolution.kind == "resolved" else ():
            for position, node in enumerate(self.calls.arguments(via)[: len(helper.parameters)]):
                if self.names.type_of(node, via.file, via.block) == CONTEXT:
                    given += self._parameter(helper, position)
                if self.names.function_value(via.file, (node.start, node.end), via.block) is not function:
                    continue
                name = helper.parameters[position][0]
                for call in self.calls.calls_of.get(helper.key, ()):
                    argument = self.calls.argument(call, index) if call.callee == name else None
                    if argument is not None:
                        made += self.context(argument, call.file, call.block)
        own = [way for way in made if way.limit is not None and way not in given]
        return loosest(own) if own else None

    def _called_back(self, function: Function, index: int) -> list[Deadline]:
        """A context that a function is called back with: what a helper of the target calls it with, that of the library's
        call which takes it, else the caller's."""
        here = self.calls.cite_at(function.file, function.row.start)
        for edge in self.graph.into.get(function.key, ()):
            via = edge.via
            if via is None or edge.kind == "call":
                continue
            invocation = self.outer.of_invocation(via)
            if invocation is not None:
                return [invocation]
            own = self._handed(via, function, index)
            for argument in self.calls.arguments(via):
                if self.names.type_of(argument, via.file, via.block) == CONTEXT:
                    given = self.context(argument, via.file, via.block)
                    return [tighter_of(own, way) for way in given] if own is not None else given
        if function.key in self._served(""):
            ways = list(self.outer.of_request(here, function))
            every = self.outer.of_unary_methods() if function.key in self._served("grpc_method") else ()
            return [tighter_of(one, way) for one in every for way in ways] or ways
        return [Deadline(None, "caller", (here,))]


def _visible(file: FileFacts, block: int, offset: int) -> bool:
    if block < 0:
        return False
    region = file.rows.blocks[block]
    return region.start <= offset < region.end
