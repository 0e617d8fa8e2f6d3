"""The resolved service: what checks ask. Nothing here knows a grammar, a client method or a page of the report."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from rda_nb.core import Evidence, ExternalDep, Gap, Origin, Quantity
from rda_nb.facts.doc_overrides import level
from rda_nb.facts.extract import gap_for
from rda_nb.facts.vocabulary import BRANCH, FUNCTION, LOOP, Block, Expression, Facts, FileFacts
from rda_nb.service import libraries
from rda_nb.service.bodies import Bodies
from rda_nb.service.budgets import Budget, Budgets
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.clickhouse import ClickHouse
from rda_nb.service.concurrency import Channel, Concurrency, Growth, LockRegion, Spawn
from rda_nb.service.deadlines import Deadlines
from rda_nb.service.deployed import with_tools_marked
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.entrypoints import Entrypoints
from rda_nb.service.flows import Edge, Graph, Reach, Reached, reach, reached_operations
from rda_nb.service.iterations import Iterations
from rda_nb.service.knobs import Knob, Knobs
from rda_nb.service.labels import Labels
from rda_nb.service.lock_helpers import handed_out
from rda_nb.service.mentions import Mentions
from rda_nb.service.metrics import Metric, Metrics
from rda_nb.service.names import Names
from rda_nb.service.program import Function, Program
from rda_nb.service.settings import Setting, Settings
from rda_nb.service.signals import Signals
from rda_nb.service.statements import Sql, Statements
from rda_nb.service.systems import Systems
from rda_nb.service.values import Frame, Value, Values
from rda_nb.source import Target


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


class Service:
    """One service of one language, resolved. Everything is worked out when first asked for and then kept."""

    def __init__(self, target: Target, facts: Facts, calls: Calls, graph: Graph) -> None:
        self.target = target
        self.facts = facts
        self.calls = calls
        self.graph = graph
        self.names: Names = calls.names
        self.program: Program = calls.names.program
        documents = facts.documents
        self.documents = documents
        overrides = (lambda key: list(_overrides(documents, key))) if documents else None
        self.values = Values(calls, overrides)

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
        return Deadlines(self.calls, self.graph, self.values, self.settings, lambda: self._served)

    @cached_property
    def _served(self) -> frozenset[str]:
        """Functions that a server or consumer of the target calls: a context that they are given is a request's."""
        return frozenset(entry.function.key for entry in self.entrypoints if entry.per_item)

    @cached_property
    def budgets(self) -> Budgets:
        """Time budgets of operations."""
        return Budgets(self.calls, self.graph, self.values, self.settings, self.deadlines)

    @cached_property
    def entrypoints(self) -> tuple[Entrypoint, ...]:
        """Every way in."""
        return Entrypoints(self.calls, self.graph, self.values).all()

    @cached_property
    def concurrency(self) -> Concurrency:
        """Goroutines, channels, locks, growth."""
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
        return self.concurrency.growths()

    @cached_property
    def iterations(self) -> Iterations:
        """What loops go through, and the nearest loop over items around a call."""
        return Iterations(self)

    @cached_property
    def language_version(self) -> tuple[int, ...]:
        """The language version that the target's first module asks for, such as (1, 22); () when it does not say."""
        conventions = self.calls.conventions
        for file in sorted(self.target.files, key=lambda file: (file.path.count("/"), file.path)):
            if file.path.rpartition("/")[2] == conventions.MODULE_FILE:
                found: tuple[int, ...] = conventions.language_version(file.text())
                return found
        return ()

    @cached_property
    def bodies(self) -> Bodies:
        """Where readers come from, and what limits them."""
        return Bodies(self)

    @cached_property
    def labels(self) -> Labels:
        """Where label values of metrics come from."""
        return Labels(self)

    @cached_property
    def background(self) -> frozenset[str]:
        """Keys of the functions that scheduled jobs and background loops reach and no request or message does."""
        kinds = ("scheduled_job", "background_loop")
        entries = [entry for entry in self.entrypoints if entry.kind in kinds]
        own = [e.loop if e.loop and e.loop.function == e.function.row.block else None for e in entries]
        reached = [reach(self.graph, e.function, inside=loop) for e, loop in zip(entries, own, strict=True)]
        return frozenset(f.key for found in reached for f in found.order if f.key not in self.hot)

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
    def _operations_of(self) -> dict[str, list[Operation]]:
        found: dict[str, list[Operation]] = {}
        for operation in self.calls.operations:
            if operation.function is not None:
                found.setdefault(operation.function.key, []).append(operation)
        return found

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
    def hot(self) -> dict[str, list[Flow]]:
        """Function key -> the per-request and per-message flows that reach it."""
        found: dict[str, list[Flow]] = {}
        for flow in self.flows:
            if flow.entrypoint.per_item and flow.entrypoint.handler_known:
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

    def budget(self, operation: Operation) -> Budget:
        """The time budget of an operation."""
        return self.budgets.of(operation)

    # Values and places

    def argument(self, call: Call, index: int | None) -> Expression | None:
        """One argument as an expression."""
        return self.calls.argument(call, index)

    def value(self, node: Expression | None, call: Call) -> Value:
        """What can reach an expression that stands at a call."""
        return self.values.of(node, call.file, call.block)

    def quantity(self, node: Expression | None, call: Call, unit: str, via: Call | None = None) -> Quantity:
        """The expression's value as a quantity; with `via`, the call that reached its function, for that call alone."""
        if via is None or call.function is None or via.function is call.function:
            return self.values.quantity(self.value(node, call), unit)
        value = self.values.of(node, call.file, call.block, Frame(call.function, via, None))
        return self.values.quantity(value, unit)

    def text(self, node: Expression | None, call: Call) -> str | None:
        """The expression's text when it is constant."""
        return self.values.text_of(node, call.file, call.block)

    def source(self, node: Expression, file: FileFacts) -> str:
        """An expression as written."""
        return file.slice((node.start, node.end))

    def cite(self, call: Call, role: str = "site") -> Evidence:
        """A call's lines as evidence."""
        return self.calls.cite(call, role)

    def cite_at(self, file: FileFacts, offset: int, end: int = 0, role: str = "site") -> Evidence:
        """The lines between two offsets as evidence."""
        return self.calls.cite_at(file, offset, end, role)

    def conditions(self, call: Call) -> list[str]:
        """The conditions of the branches around a call in its function, innermost first, as written; not those of an `else`.

        A call in the condition itself, or in the statement before it, runs whatever the condition says.
        """
        found = []
        for _, block in call.file.chain(call.block):
            if block.kind == FUNCTION:
                break
            if block.kind == BRANCH and block.header[1] <= call.row.start:
                text = call.file.text
                other = self.calls.conventions.alternative(text, block.start, block.header[1], block.end)
                if call.row.start < other:
                    found.append(text[slice(*block.header)])
        return found

    def in_error_branch(self, call: Call) -> bool:
        """True when the call stands in a branch that handles an error."""
        return self.iterations.handles_error(call.file, call.block, call.row.start)

    def loops(self, call: Call) -> list[Block]:
        """The loops around a call in its function, innermost first."""
        return Calls.loops(call)

    def loop_header(self, file: FileFacts, loop: Block) -> str:
        """A loop's header as written; '' for an endless one."""
        return file.text[slice(*loop.header)].strip() if loop.kind == LOOP and loop.header != (0, 0) else ""

    # What lies outside

    @cached_property
    def external_deps(self) -> tuple[ExternalDep, ...]:
        """Imported modules that are not part of the target, with the first line that imports each."""
        found: dict[str, ExternalDep] = {}
        for file in self.program.files:
            if file.role not in ("product", "tooling"):
                continue
            for row in file.rows.imports:
                if row.path in self.program.scopes or "." not in row.path.partition("/")[0]:
                    continue
                name = module_of(row.path)
                if name not in found:
                    found[name] = ExternalDep(name, "module", (self.calls.cite_at(file, row.start),))
        return tuple(found[name] for name in sorted(found))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read or followed; complete once the checks have asked for the documents they need."""
        broken = [gap for file in self.program.files if (gap := gap_for(file)) is not None]
        return (*self.facts.gaps, *broken, *(self.documents.gaps if self.documents else ()))


def module_of(path: str) -> str:
    """The module that an import path most likely belongs to: host, owner and repository."""
    parts = path.split("/")
    size = 3 if parts[0] in ("github.com", "gitlab.com", "bitbucket.org") else 2
    kept = parts[:size]
    if len(parts) > size and parts[size].startswith("v") and parts[size][1:].isdigit():
        kept.append(parts[size])
    return "/".join(kept)


def _overrides(documents: Any, key: str) -> Iterable[tuple[str, Origin, int]]:
    for text, evidence, origin in documents.overrides(key):
        yield text, Origin("override", f"{origin}: {text}", evidence), level(origin)


def _ends(call: Call) -> bool:
    """True for what a process does once, when it ends, whatever leads there."""
    return isinstance(call, Operation) and libraries.role(call.role).ending


def resolve(target: Target, facts: Facts) -> Service:
    """Resolve a target's facts into a service."""
    from rda_nb.languages import pack

    language = facts.files[0].language if facts.files else "go"
    conventions = pack(language).conventions
    modules = {
        file.path.rpartition("/")[0]: name
        for file in target.files
        if file.path.rpartition("/")[2] == conventions.MODULE_FILE and (name := conventions.module_of(file.text()))
    }
    files = with_tools_marked(target, facts.files, conventions.ROOT_NAMES, modules, conventions.TEST_PACKAGES)
    program = Program(files, conventions, modules or {"": target.name})
    names = Names(program, libraries.load(language))
    calls = Calls(names, target)
    graph = Graph(calls)
    facts.ahead.join(facts.documents)
    return Service(target, facts, calls, graph)


__all__ = ["Edge", "Flow", "Service", "Setting", "resolve"]
