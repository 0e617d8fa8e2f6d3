"""Functions that a client calls around its work, and that only write a log line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.core import Evidence
from rda_nb.service.calls import Call, Operation
from rda_nb.service.program import Function
from rda_nb.service.signals import hooks

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_MOST = 6


class Unseen(NamedTuple):
    """A signal that the code has in hand: where it is known, the most telling place first, and what it is, in words."""

    signal: str
    places: tuple[Evidence, ...]
    hot: bool
    claim: str
    what: str
    symbol: str


class Hooks:
    """Finds them in one service: methods of types that are built upon a client's own, and functions given to it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls

    def all(self) -> Iterator[Unseen]:
        """Functions that a client calls around its work, and that only write a log line."""
        for hook in hooks():
            found = []
            for declared in self.service.program.types.values():
                method = declared.methods.get(hook["method"])
                if method is None or declared.file.role != "product":
                    continue
                kinds = [self.service.names.canonical(kind, declared.file) for kind in declared.embedded]
                if hook["embeds"] in [kind.lstrip("*") for kind in kinds] and self._only_logs(method):
                    found.append(method)
            if found:
                yield self._hooked(hook["signal"], hook["what"], found, [])
        calls: dict[str, list[tuple[Operation, Function]]] = {}
        for operation in self.service.operations("client.hook"):
            for edge in self.service.graph.of(operation.function) if operation.function is not None else ():
                if edge.via is operation and self._only_logs(edge.target):
                    calls.setdefault(operation.library, []).append((operation, edge.target))
        for library in sorted(calls):
            what = f"time and errors of the requests of {library}"
            yield self._hooked("latency", what, [f for _, f in calls[library]], [op for op, _ in calls[library]])

    def _hooked(self, signal: str, what: str, functions: list[Function], calls: list[Operation]) -> Unseen:
        places = [self.service.cite(call, "absence") for call in calls[:_MOST]]
        for function in functions if not calls else ():
            places += [self.service.cite(log, "absence") for log in self._logs(function)[:1]]
            places.append(self.service.cite_at(function.file, function.row.start, role="absence"))
        claim = f"{functions[0].label} is told of the {what} and only writes a log line: no metric shows them."
        return Unseen(signal, tuple(dict.fromkeys(places))[:_MOST], True, claim, what, functions[0].label)

    def _logs(self, function: Function) -> list[Call]:
        """The calls of a function that write a log line, by themselves or in a short wrapper of the target."""
        found = []
        for call in self.calls.calls_of.get(function.key, []):
            below = (
                inner for target in call.resolution.targets[:2] for inner in self.calls.calls_of.get(target.key, ())
            )
            if any(isinstance(one, Operation) and one.role.startswith("log.") for one in (call, *below)):
                found.append(call)
        return found

    def _only_logs(self, function: Function) -> bool:
        counted = {
            update.at.function.root.key
            for metric in self.service.metrics
            for update in metric.updates
            if update.at.function is not None
        }
        near = [function, *(edge.target for edge in self.service.graph.of(function))]
        return bool(self._logs(function)) and not any(one.root.key in counted for one in near)
