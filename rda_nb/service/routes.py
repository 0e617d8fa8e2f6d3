"""Paths of routes: what groups, chains, mounts and functions that are given a group put before a route's own path."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.flows import Graph
from rda_nb.service.program import Function
from rda_nb.service.values import Values

_DEEPEST = 10


class Prefixes:
    """Answers for one service: the path that stands before a route's own."""

    def __init__(self, calls: Calls, graph: Graph, values: Values) -> None:
        self.calls = calls
        self.graph = graph
        self.names = calls.names
        self.values = values

    def of(self, route: Operation) -> str:
        """The prefix of a route, '' when it stands at the root or its groups cannot be followed."""
        return self._before(route, 0)

    def _before(self, route: Operation, depth: int) -> str:
        node = self.calls.conventions.expression(route.callee, route.row.start)
        receiver = node.parts[0] if node.kind == "select" and node.parts else None
        return self._mounted(route.function, depth + 1) + self._carried(receiver, route.file, route.block, depth + 1)

    def _carried(self, node: Expression | None, file: FileFacts, block: int, depth: int) -> str:
        """What the router or group that an expression stands for was given, within its function and its callers."""
        if node is None or depth > _DEEPEST:
            return ""
        if node.kind == "call":
            callee = node.parts[0]
            inside = callee.parts[0] if callee.kind == "select" and callee.parts else None
            index = file.call_at.get((node.start, node.end))
            operation = self.calls.operation(file, index) if index is not None else None
            own = self._message(operation) if operation is not None and operation.role == "http.group" else ""
            return self._carried(inside, file, block, depth + 1) + own
        return self._named(node, file, block, depth) if node.kind == "name" else ""

    def _named(self, node: Expression, file: FileFacts, block: int, depth: int) -> str:
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.names.program.enclosing(file, block))
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            row, position = found
            if len(row.values) != len(row.names):
                return ""
            span = row.values[position]
            value = self.calls.conventions.expression(file.text[slice(*span)], span[0])
            return self._carried(value, file, row.block, depth + 1) if value.kind == "call" else ""
        if parameter is None or parameter[1] < 0 or parameter[0].parent is not None:
            return ""
        ways = set()
        for caller in self.calls.callers.get(parameter[0].key, ()):
            if caller.file.role != "test":
                argument = self.calls.argument(caller, parameter[1])
                carried = self._carried(argument, caller.file, caller.block, depth + 1)
                ways.add(self._mounted(caller.function, depth + 1) + carried)
        return ways.pop() if len(ways) == 1 else ""

    def _mounted(self, function: Function | None, depth: int) -> str:
        """Where a function's routes hang: it is a group's function, or its result is what a group is given."""
        while function is not None and depth <= _DEEPEST:
            ways = {
                self._before(group, depth + 1) + self._message(group)
                for edge in self.graph.into.get(function.key, ())
                if edge.via is not None
                and edge.via.file.role != "test"
                and (group := self._group_given(edge.via)) is not None
            }
            if ways:
                return ways.pop() if len(ways) == 1 else ""
            function = function.parent
        return ""

    def _group_given(self, via: Call) -> Operation | None:
        """The group that a call is, or whose handler its result is, in place or through a local name."""
        if isinstance(via, Operation) and via.role == "http.group":
            return via
        if isinstance(via, Operation):
            return None
        given = via.file.given.get((via.row.start, via.row.end))
        name = given[0].names[given[1]] if given is not None and given[1] < len(given[0].names) else ""
        for group in self.calls.role("http.group"):
            if group.file is not via.file or group.entry.handler is None or group.function is not via.function:
                continue
            node = self.calls.argument(group, group.entry.handler)
            if node is not None and ((node.start, node.end) == (via.row.start, via.row.end) or node.text == name != ""):
                return group
        return None

    def _message(self, group: Operation) -> str:
        node = self.calls.argument(group, group.entry.message)
        return (self.values.text_of(node, group.file, group.block) or "").rstrip("/")


__all__ = ["Prefixes"]
