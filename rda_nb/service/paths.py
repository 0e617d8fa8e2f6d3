"""Paths: what each entrypoint reaches, and which code runs once per request or message."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from rda_nb.service import terms
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.flows import Graph, Reach, Reached, reach, reached_operations
from rda_nb.service.program import Function


class Flow:
    """One entrypoint and everything it reaches; `operations` are those that wait for another process, nearest first."""

    def __init__(self, entrypoint: Entrypoint, found: Reach, reached: list[Reached]) -> None:
        self.entrypoint = entrypoint
        self.reach = found
        self.reached = reached

    @cached_property
    def operations(self) -> list[Reached]:
        """Reached operations that leave the process."""
        return [reached for reached in self.reached if reached.operation.blocking and reached.operation.system]

    def steps(self, reached: Reached) -> tuple[str, ...]:
        """The functions on the way to an operation, from the entrypoint on, literals counted with their function."""
        labels: list[str] = [self.entrypoint.function.label]
        for edge in reached.edges:
            label = edge.target.label
            if label != labels[-1]:
                labels.append(label)
        return tuple(labels)


class Paths:
    """The flows of a program's entrypoints. Everything is worked out when first asked for and then kept."""

    def __init__(self, calls: Calls, graph: Graph, entrypoints: Sequence[Entrypoint]) -> None:
        self.calls = calls
        self.graph = graph
        self.entrypoints = entrypoints

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """What every entrypoint reaches. Handlers registered on the way belong to their own entrypoints."""
        stop = {entry.function.key for entry in self.entrypoints if entry.per_item}
        made = []
        for entry in self.entrypoints:
            found = reach(self.graph, entry.function, frozenset(stop - {entry.function.key}), entry.inside)
            reached = reached_operations(self.graph, found, self._operations_of)
            made.append(Flow(entry, found, [one for one in reached if entry.runs(one)]))
        return tuple(made)

    @cached_property
    def _operations_of(self) -> dict[str, list[Operation]]:
        found: dict[str, list[Operation]] = {}
        for operation in self.calls.operations:
            if operation.function is not None:
                found.setdefault(operation.function.key, []).append(operation)
        return found

    @cached_property
    def hot(self) -> dict[str, list[Flow]]:
        """Function key -> the per-request and per-message flows that reach it."""
        found: dict[str, list[Flow]] = {}
        for flow in self.flows:
            entry = flow.entrypoint
            if entry.per_item and entry.handler_known and not entry.administers:
                for function in self._repeated(flow).order:
                    found.setdefault(function.key, []).append(flow)
        return found

    def _repeated(self, flow: Flow) -> Reach:
        """What a flow reaches per item: of a function that prepares and then loops, only what its loop reaches."""
        entry = flow.entrypoint
        if id(flow) not in self._preparing:
            return flow.reach
        stop = {other.function.key for other in self.entrypoints if other.per_item} - {entry.function.key}
        return reach(self.graph, entry.function, frozenset(stop), entry.loop)

    @cached_property
    def _preparing(self) -> frozenset[int]:
        """Flows whose function runs once and holds the loop over items; not those that another flow calls per item."""
        hot = [flow for flow in self.flows if flow.entrypoint.per_item]
        found = []
        for flow in hot:
            entry = flow.entrypoint
            if entry.loop is None or entry.loop.function != entry.function.row.block:
                continue
            callers = self.graph.into.get(entry.function.key, ())
            if not any(
                edge.loops or any(edge.source in one.reach for one in hot if one is not flow) for edge in callers
            ):
                found.append(id(flow))
        return frozenset(found)

    @cached_property
    def background(self) -> frozenset[str]:
        """Keys of the functions that scheduled jobs and background loops reach and no request or message does."""
        kinds = ("scheduled_job", "background_loop")
        entries = [entry for entry in self.entrypoints if entry.kind in kinds]
        own = [e.loop if e.loop and e.loop.function == e.function.row.block else None for e in entries]
        reached = [reach(self.graph, e.function, inside=loop) for e, loop in zip(entries, own, strict=True)]
        return frozenset(f.key for found in reached for f in found.order if f.key not in self.hot)

    def hot_calls(self, call: Call) -> list[Flow]:
        """The per-request and per-message flows that make a call each time: not those that make it before their loop."""
        found = []
        for flow in self.hot_flows(call.function):
            entry = flow.entrypoint
            before = id(flow) in self._preparing and entry.function is call.function and entry.loop is not None
            if not (before and entry.loop and not entry.loop.start <= call.row.start < entry.loop.end):
                found.append(flow)
        return found

    def hot_flows(self, function: Function | None) -> list[Flow]:
        """The per-request and per-message flows that reach a function."""
        return self.hot.get(function.key, []) if function is not None else []

    def item_flows(self, function: Function | None, offset: int) -> list[Flow]:
        """The flows that come to a place once per request or message: what stands before a consumer's loop does not count."""
        found = []
        for flow in self.hot_flows(function):
            loop = flow.entrypoint.loop
            if loop is None or flow.entrypoint.function is not function or loop.start <= offset < loop.end:
                found.append(flow)
        return found

    def flows_to(self, operation: Operation) -> list[tuple[Flow, Reached]]:
        """The flows that reach an operation, with the way there."""
        return self._flows_to.get(id(operation), [])

    @cached_property
    def _flows_to(self) -> dict[int, list[tuple[Flow, Reached]]]:
        found: dict[int, list[tuple[Flow, Reached]]] = {}
        for flow in self.flows:
            for reached in flow.reached:
                found.setdefault(id(reached.operation), []).append((flow, reached))
        return found

    def is_hot(self, call: Call) -> bool | None:
        """True on a per-request or per-message path, False when it is reached only otherwise, None when by nothing."""
        if _ends(call):
            return False
        if self.hot_calls(call):
            return True
        if isinstance(call, Operation) and self.flows_to(call):
            return False
        return None if call.function is None or not self.graph.into.get(call.function.root.key) else False

    def surely_hot(self, call: Call) -> bool:
        """True when a per-request or per-message flow makes the call by edges that are all resolved."""
        if call.function is None or _ends(call):
            return False
        ways = (flow.reach.edges_to(call.function) for flow in self.hot_calls(call))
        return any(all(edge.confidence == "resolved" for edge in edges) for edges in ways)

    def item_loops(self, call: Call) -> int:
        """Loops around a call on its hottest way, the consumer's own receive loop not counted."""
        best = len(Calls.loops(call))
        for flow in self.hot_flows(call.function):
            edges = flow.reach.edges_to(call.function) if call.function is not None else ()
            loops = sum(edge.loops for edge in edges) + len(Calls.loops(call))
            if flow.entrypoint.loop is not None:
                loops = max(0, loops - 1)
            best = max(best, loops)
        return best


def _ends(call: Call) -> bool:
    """True for what a process does once, when it ends, whatever leads there."""
    return isinstance(call, Operation) and terms.role(call.role).ending
