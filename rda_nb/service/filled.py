"""Channels that a library sends into: what it does when one is full is the library's choice, not the channel's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Expression
from rda_nb.service.calls import Call, Operation

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_DEEPEST = 4


class Filled:
    """The channels of a service that are handed to a library which sends into them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._at: dict[tuple[str, int], tuple[Operation, Evidence]] = {}
        for operation in service.calls.operations:
            if operation.entry.fills is not None:
                argument = service.argument(operation, operation.entry.fills.argument)
                self._follow(operation, operation, argument, 0)

    def by(self, path: str, start: int) -> tuple[Operation, Evidence] | None:
        """The call that hands the channel made at a place to a library, and where its maker gives it away."""
        return self._at.get((path, start))

    def _follow(self, operation: Operation, call: Call, node: Expression | None, depth: int) -> None:
        """Back from an argument to where the channel was made, through the parameters of functions."""
        if node is None or node.kind != "name" or depth > _DEEPEST:
            return
        names = self.service.names
        found = names.local(node.text, call.file, node.start)
        if found is not None and found[1] < len(found[0].values):
            self._at.setdefault(
                (call.path, found[0].values[found[1]][0]), (operation, self.service.cite(call, "caller"))
            )
            return
        parameter = names.parameter(node.text, call.function)
        if found is None and parameter is not None and parameter[1] >= 0:
            for caller in self.service.calls.callers.get(parameter[0].key, ()):
                self._follow(operation, caller, self.service.calls.argument(caller, parameter[1]), depth + 1)


__all__ = ["Filled"]
