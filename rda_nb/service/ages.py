"""Metrics of how old a message is when it is worked on: what is observed is the time since a date that came with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.knowledge_files import read

if TYPE_CHECKING:
    from rda_nb.service.metric import Metric
    from rda_nb.service.model import Service
    from rda_nb.service.program import Function

_DEEPEST = 4
_MOST = 12


def _vocabulary() -> dict[str, Any]:
    found: dict[str, Any] = read("signals.yaml")["ages"]
    return found


class Ages:
    """Follows what the metrics of one service observe."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls
        self.names = service.names

    def of_messages(self, metric: Metric) -> bool:
        """True for a metric of a message's age, updated where messages are taken."""
        return any(
            any(self._age(node, op.file, op.block, 0) for node in self.calls.arguments(op))
            and any(
                function is not None and self._beside_a_consumer(function.root)
                for function in (update.at.function, op.function)
            )
            for update in metric.updates
            for op in (update.operation,)
        )

    def _beside_a_consumer(self, function: Function) -> bool:
        """True on a path from a consumer, or in its package: what it hands messages to may be a value."""
        return any(
            flow.entrypoint.function.package == function.package or function in flow.reach
            for flow in self.service.flows
            if flow.entrypoint.kind in ("queue_consumer", "poller")
        )

    def _age(self, node: Expression, file: FileFacts, block: int, depth: int) -> bool:
        """True when an expression holds the time since a date that was not taken here."""
        if depth > _DEEPEST:
            return False
        if node.kind == "call" and self._named(node, file) in _vocabulary()["since"] and len(node.parts) == 2:
            return self._dated(node.parts[1], file, block, depth + 1)
        if node.kind == "name":
            return any(self._age(*value, depth + 1) for value in self._given(node, file, block))
        return any(self._age(part, file, block, depth + 1) for part in node.parts)

    def _dated(self, node: Expression, file: FileFacts, block: int, depth: int) -> bool:
        """True for a date that is read from a text or a number, or that a field of a library's message holds."""
        if depth > _DEEPEST:
            return False
        if node.kind == "call":
            return self._named(node, file) in _vocabulary()["dates"]
        if node.kind == "select":
            library = self.names.libraries.package(self.names.type_of(node.parts[0], file, block).rpartition(".")[0])
            return library is not None and bool(library.system) and node.text in _vocabulary()["fields"]
        if node.kind != "name":
            return False
        return any(self._dated(*value, depth + 1) for value in self._given(node, file, block))

    def _named(self, node: Expression, file: FileFacts) -> str:
        index = file.call_at.get((node.start, node.end))
        found = self.names.resolve(file, index) if index is not None else None
        return f"{found.package}.{found.name}" if found is not None else ""

    def _given(self, node: Expression, file: FileFacts, block: int) -> list[tuple[Expression, FileFacts, int]]:
        """What a local name is given where it is defined, or what callers give a parameter."""
        found = self.names.local(node.text, file, node.start)
        if found is not None:
            row, position = found
            spans = row.values if len(row.values) == len(row.names) else row.values[:1] if position == 0 else ()
            span = spans[position] if position < len(spans) else None
            if span is None or row.form in ("range", "receive"):
                return []
            return [(self.calls.conventions.expression(file.text[slice(*span)], span[0]), file, row.block)]
        owner = self.names.parameter(node.text, self.names.program.enclosing(file, block))
        if owner is None or owner[1] < 0:
            return []
        callers = self.calls.callers.get(owner[0].key, ())[:_MOST]
        given = [(self.calls.argument(call, owner[1]), call) for call in callers]
        return [(argument, call.file, call.block) for argument, call in given if argument is not None]


__all__ = ["Ages"]
