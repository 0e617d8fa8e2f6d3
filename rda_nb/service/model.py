"""The resolved service: what checks ask. Nothing here knows a grammar, a client method or a page of the report."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rda_nb.core import ExternalDep, Gap
from rda_nb.facts.extract import gap_for
from rda_nb.facts.vocabulary import Facts
from rda_nb.service.before_handlers import BeforeHandlers
from rda_nb.service.bodies import Bodies
from rda_nb.service.budget import Budget
from rda_nb.service.budgets import Budgets
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.clickhouse import ClickHouse
from rda_nb.service.concurrency import Channel, Concurrency, LockRegion, Spawn
from rda_nb.service.connections import Connections
from rda_nb.service.deadlines import Deadlines
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.entrypoints import Entrypoints
from rda_nb.service.evaluation import file_overrides
from rda_nb.service.factories import Factories
from rda_nb.service.flows import Graph, Reached
from rda_nb.service.growth import Growth, Growths
from rda_nb.service.iterations import Iterations
from rda_nb.service.knob import Knob
from rda_nb.service.knobs import Knobs
from rda_nb.service.labels import Labels
from rda_nb.service.loaded_fields import LoadedFields
from rda_nb.service.lock_helpers import handed_out
from rda_nb.service.mentions import Mentions
from rda_nb.service.metric import Metric
from rda_nb.service.metrics import Metrics
from rda_nb.service.modules import external_deps, language_version
from rda_nb.service.names import Names
from rda_nb.service.paths import Flow, Paths
from rda_nb.service.program import Function, Program
from rda_nb.service.reading import Reading
from rda_nb.service.settings import Settings
from rda_nb.service.signals import Signals
from rda_nb.service.starting import Starting
from rda_nb.service.statements import Sql, Statements
from rda_nb.service.systems import Systems
from rda_nb.service.unused import Unused
from rda_nb.service.values import Values
from rda_nb.service.writes import Writes
from rda_nb.source import Target


class Service(Reading):
    """One service of one language, resolved. Everything is worked out when first asked for and then kept."""

    def __init__(self, target: Target, facts: Facts, calls: Calls, graph: Graph, writes: Writes) -> None:
        self.target = target
        self.facts = facts
        self.graph = graph
        self.names: Names = calls.names
        self.program: Program = calls.names.program
        documents = facts.documents
        self.documents = documents
        overrides = (lambda key: list(file_overrides(documents, key))) if documents else None
        super().__init__(calls, Values(calls, overrides, writes))

    # Parts

    @cached_property
    def settings(self) -> Settings:
        """All library settings of the target and where clients are created."""
        return Settings(self.calls, self.values)

    @cached_property
    def systems(self) -> Systems:
        """Which system a call talks to."""
        return Systems(self.calls, self.values, self.settings)

    @cached_property
    def deadlines(self) -> Deadlines:
        """Deadlines by context."""
        return Deadlines(self.calls, self.graph, self.values, self.settings, lambda kind: self._served[kind])

    @cached_property
    def _served(self) -> dict[str, frozenset[str]]:
        """Functions that a server or consumer of the target calls, of a kind and of all ('').

        A context that they are given is a request's.
        """
        entries = [entry for entry in self.entrypoints if entry.per_item]
        kinds = {"", "grpc_method", *(entry.kind for entry in entries)}
        return {kind: frozenset(e.function.key for e in entries if kind in ("", e.kind)) for kind in kinds}

    @cached_property
    def budgets(self) -> Budgets:
        """Time budgets of operations."""
        return Budgets(self.calls, self.graph, self.values, self.settings, self.deadlines)

    @property
    def unused(self) -> Unused:
        """Functions and types that nothing of the program uses."""
        return self.names.unused

    @cached_property
    def factories(self) -> Factories:
        """Functions that give back one of several types."""
        return Factories(self.names)

    @cached_property
    def before_handlers(self) -> BeforeHandlers:
        """The middlewares on the way of each route."""
        return BeforeHandlers(self)

    @cached_property
    def starting(self) -> Starting:
        """Which commands serve, and what only those do that end with their work."""
        return Starting(self)

    @cached_property
    def entrypoints(self) -> tuple[Entrypoint, ...]:
        """Every way in."""
        return Entrypoints(self.calls, self.graph, self.values).all()

    @cached_property
    def paths(self) -> Paths:
        """What every entrypoint reaches."""
        return Paths(self.calls, self.graph, self.entrypoints)

    @cached_property
    def concurrency(self) -> Concurrency:
        """Goroutines, channels and locks."""
        return Concurrency(self.calls, self.graph, self.values)

    @cached_property
    def spawns(self) -> tuple[Spawn, ...]:
        """Every goroutine start."""
        return self.concurrency.spawns()

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel made."""
        return self.concurrency.channels()

    @cached_property
    def lock_regions(self) -> tuple[LockRegion, ...]:
        """Every region under a lock."""
        return (*self.concurrency.lock_regions(), *handed_out(self.calls, self.graph))

    @cached_property
    def growths(self) -> tuple[Growth, ...]:
        """Everything outside a function's locals that is added to."""
        return Growths(self.calls).all()

    @cached_property
    def iterations(self) -> Iterations:
        """What loops go through, and the nearest loop over items around a call."""
        return Iterations(self)

    @cached_property
    def language_version(self) -> tuple[int, ...]:
        """The language version that the target's first module asks for, such as (1, 22); () when it does not say."""
        return language_version(self.target, self.calls)

    @cached_property
    def bodies(self) -> Bodies:
        """Where readers come from, and what limits them."""
        return Bodies(self)

    @cached_property
    def connections(self) -> Connections:
        """Readers of connections that the target accepted."""
        return Connections(self)

    @cached_property
    def labels(self) -> Labels:
        """Where label values of metrics come from."""
        return Labels(self)

    @cached_property
    def background(self) -> frozenset[str]:
        """Keys of the functions that scheduled jobs and background loops reach and no request or message does."""
        return self.paths.background

    @cached_property
    def loaded_fields(self) -> LoadedFields:
        """Which fields a document sets by their names."""
        return LoadedFields(self)

    @cached_property
    def knobs(self) -> tuple[Knob, ...]:
        """Every limit that the product code declares, at the line of its default."""
        return Knobs(self).all

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric with its updates."""
        return tuple(Metrics(self.calls, self.values, self.settings).found)

    @cached_property
    def signals(self) -> Signals:
        """Which capacity signal each metric gives."""
        return Signals(self)

    @cached_property
    def mentions(self) -> Mentions:
        """Where names stand beside their declarations."""
        return Mentions(self.program, self.calls)

    @cached_property
    def statements(self) -> tuple[Sql, ...]:
        """Every SQL statement."""
        return self._statements.all

    @cached_property
    def schema(self) -> Any:
        """The ClickHouse schema that the target's DDL builds."""
        return self._statements.schema()

    @cached_property
    def _statements(self) -> Statements:
        return Statements(
            self.target, self.calls, self.values, self.systems.of, self.systems.dialect, self.facts.ahead.classify
        )

    @cached_property
    def clickhouse(self) -> ClickHouse:
        """What the service does with ClickHouse."""
        return ClickHouse(self)

    # Operations and flows

    def operations(self, *roles: str, product: bool = True) -> list[Operation]:
        """Operations by role (a role ending in `.` means all that begin so), tools and examples left out if `product`."""
        found = self.calls.role(*roles) if roles else self.calls.operations
        return [operation for operation in found if not product or operation.file.role == "product"]

    @cached_property
    def external_operations(self) -> list[Operation]:
        """Every operation that waits for another process, outside generated code and tests, in document order."""
        found = [
            op for op in self.calls.operations if op.blocking and op.role not in ("sleep",) and self.systems.of(op)
        ]
        found = [op for op in found if op.file.role not in ("generated", "test")]
        return sorted(found, key=lambda operation: (operation.path, operation.row.start))

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """What every entrypoint reaches. Handlers registered on the way belong to their own entrypoints."""
        return self.paths.flows

    @cached_property
    def hot(self) -> dict[str, list[Flow]]:
        """Function key -> the per-request and per-message flows that reach it."""
        return self.paths.hot

    def hot_calls(self, call: Call) -> list[Flow]:
        """The per-request and per-message flows that make a call each time: not those that make it before their loop."""
        return self.paths.hot_calls(call)

    def hot_flows(self, function: Function | None) -> list[Flow]:
        """The per-request and per-message flows that reach a function."""
        return self.paths.hot_flows(function)

    def item_flows(self, function: Function | None, offset: int) -> list[Flow]:
        """The flows that come to a place once per request or message: what stands before a consumer's loop does not count."""
        return self.paths.item_flows(function, offset)

    def flows_to(self, operation: Operation) -> list[tuple[Flow, Reached]]:
        """The flows that reach an operation, with the way there."""
        return self.paths.flows_to(operation)

    def is_hot(self, call: Call) -> bool | None:
        """True on a per-request or per-message path, False when it is reached only otherwise, None when by nothing."""
        return self.paths.is_hot(call)

    def surely_hot(self, call: Call) -> bool:
        """True when a per-request or per-message flow makes the call by edges that are all resolved."""
        return self.paths.surely_hot(call)

    def item_loops(self, call: Call) -> int:
        """Loops around a call on its hottest way, the consumer's own receive loop not counted."""
        return self.paths.item_loops(call)

    def budget(self, operation: Operation) -> Budget:
        """The time budget of an operation."""
        return self.budgets.of(operation)

    def in_error_branch(self, call: Call) -> bool:
        """True when the call stands in a branch that handles an error."""
        return self.iterations.handles_error(call.file, call.block, call.row.start)

    # What lies outside

    @cached_property
    def external_deps(self) -> tuple[ExternalDep, ...]:
        """Imported modules that are not part of the target, with the first line that imports each."""
        return external_deps(self.calls)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read or followed; complete once the checks have asked for the documents they need."""
        broken = [gap for file in self.program.files if (gap := gap_for(file)) is not None]
        return (*self.facts.gaps, *broken, *(self.documents.gaps if self.documents else ()))


__all__ = ["Flow", "Service"]
