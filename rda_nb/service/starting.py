"""Commands that end up serving: what they do before is the start of a service, and its ways in are elsewhere."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.service import terms
from rda_nb.service.serving import listeners

if TYPE_CHECKING:
    from rda_nb.core import Evidence
    from rda_nb.service.flows import Edge, Reached
    from rda_nb.service.model import Service
    from rda_nb.service.paths import Flow
    from rda_nb.service.program import Function

_COMMAND = "cli_job"


class Starting:
    """Answers for the flows of one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._places: dict[tuple[str, int], bool] = {}
        self._ending: dict[int, bool] = {}

    def serves(self, flow: Flow) -> bool:
        """True for a command that serves: by itself, or beside it what is there for clients or may be."""
        return bool(self._servers(flow))

    def _servers(self, flow: Flow) -> list[Reached]:
        if flow.entrypoint.kind != _COMMAND:
            return []
        serving = (one for one in flow.reached if terms.role(one.operation.role).serving)
        return [one for one in serving if not one.spawned or id(one.operation) not in self._beside]

    def before(self, flow: Flow) -> list[Reached]:
        """What a start waits for itself: not what it starts beside it, what stands behind the last of its servers, or what
        is only registered on its way."""
        last = max((_place(one) for one in self._servers(flow)), default=())
        waits = [one for one in flow.operations if not one.deferred and _place(one) < last]
        return [one for one in waits if self._itself(one.edges)]

    def functions(self, flow: Flow) -> list[Function]:
        """The functions that a start runs itself."""
        return [function for function in flow.reach.order if self._itself(flow.reach.edges_to(function))]

    def _itself(self, edges: tuple[Edge, ...]) -> bool:
        return not any(edge.spawned or edge.kind == "reference" or edge.target.key in self._others for edge in edges)

    def by_hand(self, place: Evidence) -> bool:
        """True for a place that only commands come to that end with their work: whoever runs one waits for it, and no load."""
        known = self._places.get((place.path, place.line))
        if known is None:
            inside = [one for one in self._functions.get(place.path, ()) if one.line <= place.line <= _last(one)]
            at = max(inside, key=lambda one: one.row.start, default=None)
            flows = [flow for flow in self.service.flows if at is not None and at in flow.reach]
            known = bool(flows) and all(self._ends(flow) for flow in flows)
            self._places[place.path, place.line] = known
        return known

    def _ends(self, flow: Flow) -> bool:
        """True for a command that neither serves nor comes to another way in, as to a loop that takes messages."""
        known = self._ending.get(id(flow))
        if known is None:
            known = flow.entrypoint.kind == _COMMAND and not self.serves(flow)
            run = flow.reach.order if known else ()
            leads = (edge.target.key for function in run for edge in self.service.graph.of(function))
            known = known and self._others.isdisjoint({function.key for function in run}.union(leads))
            self._ending[id(flow)] = known
        return known

    @cached_property
    def _functions(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for function in self.service.program.functions:
            found.setdefault(function.file.path, []).append(function)
        return found

    @cached_property
    def _others(self) -> frozenset[str]:
        return frozenset(one.function.key for one in self.service.entrypoints if one.kind != _COMMAND)

    @cached_property
    def _beside(self) -> frozenset[int]:
        """Servers for whoever operates the process, as those of metrics are: a job that ends may have one too."""
        return frozenset(id(one.operation) for one in listeners(self.service) if one.public is False)


def _last(function: Function) -> int:
    return function.file.line(function.row.end)


def _place(reached: Reached) -> tuple[int, ...]:
    """Where an operation stands on its way, so that what is done earlier is less."""
    return (*(edge.offset for edge in reached.edges), reached.operation.row.start)


__all__ = ["Starting"]
