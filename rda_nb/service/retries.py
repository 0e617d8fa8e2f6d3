"""Retry layers around a call: retry functions of libraries, interceptors, and loops of the target."""

from __future__ import annotations

import re
from dataclasses import replace

from rda_nb.capacity.backoff import Backoff
from rda_nb.core import Quantity, unknown
from rda_nb.facts.vocabulary import BRANCH
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.client_interceptors import ClientInterceptors
from rda_nb.service.client_settings import INTERCEPTS, ClientSettings
from rda_nb.service.creations import Creation
from rda_nb.service.flows import Graph
from rda_nb.service.limits import Limits
from rda_nb.service.program import Function
from rda_nb.service.retriers import Retriers
from rda_nb.service.retry_layers import Extent, Layer, weight
from rda_nb.service.retry_loops import STOPS, RetryLoops
from rda_nb.service.setting import Setting
from rda_nb.service.values import Values
from rda_nb.service.wrappers import Wrappers

_LONGEST = 8
_MOST_WAYS = 8


class Retries:
    """Finds the retry layers of one program."""

    def __init__(
        self,
        calls: Calls,
        graph: Graph,
        values: Values,
        clients: ClientSettings,
        limits: Limits,
        sent: ClientInterceptors | None = None,
    ) -> None:
        """`sent` finds the interceptors that a call goes through; there are none without it."""
        self.sent = sent
        self.calls = calls
        self.graph = graph
        self.values = values
        self.clients = clients
        self.settings = clients.settings
        self.limits = limits
        self.loops = RetryLoops(calls, values)
        self.wrappers = Wrappers(calls, graph, Retriers(calls, graph, values), self._loop_layers, self._library_layer)

    def layers(self, operation: Operation) -> list[Layer]:
        """The retry layers around an operation, innermost first, on the way that multiplies most."""
        around = self._layers_around(operation, operation.function, frozenset(), ())
        return [*self._policies(operation), *self._intercepted(operation), *around]

    def _policies(self, operation: Operation) -> list[Layer]:
        """The layers of the retrying interceptors that the client of a unary call is made with, the innermost first.

        Each of them tries again what those within it have given up, so that they multiply.
        """
        best: list[Layer] = []
        made = self.settings.client_of(operation) if operation.role == "grpc.call" else ()
        for client in made if self.calls.by_role.get(INTERCEPTS) else ():
            built = [one.operation for one in self.settings.built_from((client,)) if one.operation is not None]
            policies = [one for one in built if one.role == INTERCEPTS]
            policies.sort(key=lambda policy: (policy.path, -policy.row.start))
            # An option of the call takes the place of what the outermost was given.
            policies = policies[:-1] if self._asks_for_tries(operation) else policies
            layers = [self._library_layer(policy, None) for policy in policies]
            layers = [layer for layer in layers if layer.attempts.number != 1]
            if weight(layers) > weight(best):
                best = layers
        return best

    def _asks_for_tries(self, operation: Operation) -> bool:
        own = self.clients.of(operation).get("max_attempts", ())
        return any(self.clients.intercepts(setting.package) for setting in own)

    def _intercepted(self, operation: Operation) -> list[Layer]:
        """The layers that interceptors of the client make; each of them repeats those that come after it."""
        found: list[Layer] = []
        within: tuple[Extent, ...] = ()
        for handed in reversed(self.sent.of(operation)) if self.sent is not None else ():
            for one in handed[:1]:
                found += [replace(layer, repeated=(*layer.repeated, *within)) for layer in self._loop_layers(one.call)]
                within = (*within, *([_extent(one.call.function.root)] if one.call.function else []))
        return found

    def _layers_around(
        self, call: Call, function: Function | None, seen: frozenset[str], inside: tuple[Extent, ...]
    ) -> list[Layer]:
        """`inside` are the extents of the functions between the operation and this call."""
        if function is None or len(inside) > _LONGEST or function.key in seen:
            return []
        within = (*inside, _extent(function))
        best: list[Layer] = []
        for edge in self.graph.into.get(function.key, ())[:_MOST_WAYS]:
            via = None if edge.spawned or edge.confidence != "resolved" else self.wrappers.taker(edge)
            if via is None:
                continue
            outer = self._layers_around(via, edge.source, seen | {function.key}, within)
            if edge.kind != "call":
                around = self.wrappers.around(via, edge.target)
                outer = [*(replace(layer, repeated=within) for layer in around), *outer]
            if weight(outer) > weight(best):
                best = outer
        loops = [replace(layer, repeated=(*inside, *layer.repeated)) for layer in self._loop_layers(call)]
        return [*loops, *best]

    def _loop_layers(self, call: Call) -> list[Layer]:
        """The layers of the loops around a call in its function."""
        # What is deferred in a loop runs when the function ends, once for each time it was deferred.
        around = [] if self.calls.deferred(call) else Calls.loops(call)
        return [layer for loop in around if (layer := self.loops.layer(call, loop)) is not None]

    def _library_layer(self, operation: Operation, function: Function | None) -> Layer:
        """The layer of a retry library's call; `function` is what it runs, where that is written at the call."""
        entries = self.clients.entries(operation)
        row = operation.row
        creations = (
            Creation(operation.file, row.start, row.end, operation.block, ""),
            *self.settings.client_of(operation),
        )
        settings: dict[str, list[Setting]] = {}
        for setting in self.settings.of(creations):
            settings.setdefault(setting.means, []).append(setting)
        attempts, _ = self.limits.attempts(settings, entries)
        if attempts.upper is None:
            attempts = self._stopped(function) or attempts
        backoff: Backoff | Quantity | None = self.limits.backoff(settings, entries, attempts)
        elapsed = None
        if "max_elapsed" in settings or "max_elapsed" in entries:
            elapsed, _ = self.limits.limit("max_elapsed", settings, entries)
        if self._policy_is_foreign(operation):
            reason = "the retry policy comes from outside what can be followed"
            backoff, elapsed = unknown(reason, "s"), unknown(reason, "s")
            attempts = attempts if attempts.upper is not None else unknown(reason, "count")
        name = f"{operation.library} {operation.client}"
        return Layer(attempts, backoff, name, self.calls.cite(operation, "caller"), elapsed)

    def _policy_is_foreign(self, operation: Operation) -> bool:
        """True when the call is given a policy and what made it is not seen."""
        policies = [one for one in self.settings.given(operation) if one.means == "shared_client"]
        return any(not self.settings.creations(one.file, one.span, one.block) for one in policies)

    def _stopped(self, function: Function | None) -> Quantity | None:
        """The number of attempts after which a function tells the retry library to stop, where it counts them itself."""
        for call in self.calls.calls_of.get(function.key, ()) if function is not None else ():
            if not isinstance(call, Operation) or call.role != "retry.stop":
                continue
            region = Calls.within(call, BRANCH)
            counted = STOPS.search(call.file.text, *region.header) if region is not None else None
            if counted is None or not re.search(rf"\b{counted[1]}(?:\+\+|\s*\+= 1)", call.file.text):
                continue
            node = self.calls.conventions.expression(counted[3], counted.start(3))
            limit = self.values.quantity(self.values.of(node, call.file, call.block), "count")
            number, low, high = limit.number, limit.low, limit.high
            if counted[2] == ">":
                number, low, high = (one + 1 if one is not None else None for one in (number, low, high))
            return replace(limit, number=number, low=low, high=high)
        return None


def _extent(function: Function) -> Extent:
    row = function.row
    return function.file.path, function.file.line(row.start), function.file.line(row.end - 1)
