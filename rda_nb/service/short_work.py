"""Goroutines that end soon: all that they run is followed, and waits for nothing but single calls of a few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.service.calls import Call, Operation
from rda_nb.service.concurrency import Spawn
from rda_nb.service.program import Function, Span

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_MOST = 40
_TARGETS = 8
# Waits whose end is in other hands.
_OPEN = ("semaphore.acquire", "ratelimit.wait", "pool.submit", "condition.wait", "workflow.wait", "queue.take")


class ShortWork:
    """Follows one goroutine start."""

    def __init__(self, service: Service, most: float) -> None:
        self.service = service
        self.names = service.names
        self.most = most

    def ends_soon(self, spawn: Spawn) -> bool:
        """True when everything that is started is known, and none of it takes longer than the seconds that are allowed."""
        waiting = [(target, False) for target in spawn.targets if target is not spawn.function]
        seen: set[str] = set()
        while waiting:
            function, repeated = waiting.pop()
            if function.key in seen:
                continue
            seen.add(function.key)
            if len(seen) > _MOST or not self._own_channels(function):
                return False
            for call in self.service.calls.calls_of.get(function.key, ()):
                reached = self._reached(call, repeated)
                if reached is None:
                    return False
                waiting += reached
            # What a goroutine of its own runs is waited for over a channel of its own, at most.
            for edge in self.service.graph.of(function):
                waiting.append((edge.target, repeated or bool(edge.loops and not edge.spawned)))
        return bool(seen)

    def _reached(self, call: Call, repeated: bool) -> list[tuple[Function, bool]] | None:
        """The functions that a call may run; None when it may take longer than is allowed, or is not known."""
        found = call.resolution
        if isinstance(call, Operation):
            if call.role in _OPEN or (call.blocking and (repeated or not self._short(call))):
                return None
            return []
        if found.targets:
            again = repeated or bool(self.service.loops(call))
            return [(target, again) for target in found.targets] if len(found.targets) <= _TARGETS else None
        if found.kind in ("builtin", "conversion"):
            return []
        if found.kind == "external":
            head = found.package.partition("/")[0]
            return [] if "." not in head or self.names.libraries.package(found.package) is not None else None
        span: Span = (call.row.start, call.row.callee_end)
        return [] if self.names.type_of_span(call.file, span, call.block) == "context.CancelFunc" else None

    def _short(self, operation: Operation) -> bool:
        worst = self.service.budget(operation).worst_case
        known = worst.bounded and worst.result is not None and worst.result <= self.most
        return known and not self.service.loops(operation)

    def _own_channels(self, function: Function) -> bool:
        """True when a function sends on and receives from channels alone that it or one around it makes."""
        rows = function.file.rows
        spans = [row.channel for row in rows.sends if self._inside(row.start, function)]
        spans += [row.channel for row in rows.receives if self._inside(row.start, function)]
        spans += [
            row.values[0]
            for row in rows.bindings
            if row.form == "range"
            and row.values
            and self._inside(row.start, function)
            and self.names.type_of_span(function.file, row.values[0], row.block).startswith("chan ")
        ]
        made = {
            channel.name
            for channel in self.service.channels
            if channel.file is function.file and channel.function is not None and channel.function.root is function.root
        }
        return all(function.file.text[slice(*span)] in made for span in spans)

    @staticmethod
    def _inside(start: int, function: Function) -> bool:
        return function.row.start <= start < function.row.end


__all__ = ["ShortWork"]
