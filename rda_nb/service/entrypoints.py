"""Where work enters the service: routes, gRPC methods, consumers, pollers, schedulers, loops and commands."""

from __future__ import annotations

from collections.abc import Iterator

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.callbacks import Callbacks
from rda_nb.service.calls import Calls
from rda_nb.service.entry_forms import Forms
from rda_nb.service.entrypoint import PER_ITEM, Entrypoint
from rda_nb.service.flows import Graph
from rda_nb.service.grpc_services import GrpcServices
from rda_nb.service.handler_shapes import Shapes
from rda_nb.service.handlers import Handlers
from rda_nb.service.program import Function
from rda_nb.service.rpc_servers import RpcServers
from rda_nb.service.values import Values
from rda_nb.service.work_loops import WorkLoops


class Entrypoints:
    """Finds every entrypoint of a program."""

    def __init__(self, calls: Calls, graph: Graph, values: Values) -> None:
        self.calls = calls
        self.program = calls.names.program
        self.graph = graph
        self.forms = Forms(calls, graph)
        self.handlers = Handlers(calls, graph, values)
        self.callbacks = Callbacks(calls, values, self.handlers)
        self.grpc = GrpcServices(calls)
        self.rpc = RpcServers(calls)
        self.shapes = Shapes(calls, graph)
        self.loops = WorkLoops(calls, graph, values, self.forms)

    def all(self) -> tuple[Entrypoint, ...]:
        """Every entrypoint, in the order of their files and lines; one per function and kind."""
        found: dict[tuple[str, str, str], Entrypoint] = {}
        for entry in (
            *self.handlers.routes(),
            *self.handlers.mounts(),
            *self.handlers.filled(),
            *self.callbacks.served(),
            *self.callbacks.registered(),
            *self.grpc.methods(),
            *self.rpc.methods(),
            *self.loops.consumers(),
            *self.callbacks.called_back(),
            *self.callbacks.brought(),
            *self.loops.loops(),
            *self._commands(),
            *self._goroutines(),
            *self._pooled(),
        ):
            key = (entry.kind, entry.title, entry.function.key)
            found.setdefault(key, entry)
        for entry in self.shapes.all({entry.function.key for entry in found.values()}):
            found[entry.kind, entry.title, entry.function.key] = entry
        named = {e.function.root.key for e in found.values() if not e.title.startswith("goroutine: ")}
        found = {k: e for k, e in found.items() if not (e.title.startswith("goroutine: ") and e.function.key in named)}
        # A route whose handler is not known stands in the function that registers it, which is a way in of its own.
        items = [e for e in found.values() if e.kind in PER_ITEM and e.source is not None and e.handler_known]
        taken = {(e.function.key, id(e.loop)) for e in items}
        kept = [e for e in found.values() if e.source is not None or (e.function.key, id(e.loop)) not in taken]
        kept = [e for e in kept if not self._idle(e.function)]
        # A middleware serves many: what stands behind it is told by the way in of its own.
        return tuple(sorted(kept, key=lambda e: (e.middleware, e.evidence.path, e.evidence.line, e.kind, e.title)))

    def _idle(self, function: Function) -> bool:
        """True where no start of the program comes to: a double that only tests run, an alternative that nothing makes."""
        unused = self.calls.names.unused
        return unused.function(function) or (function.file.role == "test" and unused.never_started(function))

    def _goroutines(self) -> Iterator[Entrypoint]:
        """Named functions that run in goroutines of their own and wait for another process there."""
        for function in self.program.functions:
            if function.parent is not None or function.file.role == "generated":
                continue
            starts = [edge for edge in self.graph.into.get(function.key, ()) if edge.spawned and edge.kind == "call"]
            if starts and function.key in self.graph.waiting:
                at = self.calls.cite_at(function.file, function.row.start)
                places = tuple(self.calls.cite_at(edge.source.file, edge.offset, role="caller") for edge in starts[:2])
                yield Entrypoint("background_loop", f"goroutine: {function.label}", function, at, places=places)

    def _pooled(self) -> Iterator[Entrypoint]:
        """Functions that a pool's workers run."""
        for form in self.forms.pooled():
            title = f"work of a pool: {form.function.label}"
            yield Entrypoint("background_loop", title, form.function, form.evidence, places=form.places)

    def _commands(self) -> Iterator[Entrypoint]:
        for file in self.program.files:
            if file.rows.package not in self.calls.conventions.ROOT_NAMES:
                continue
            for name in self.calls.conventions.ROOT_NAMES:
                function = self.program.scope(file).functions.get(name)
                if function is not None and function.file is file:
                    at = self.calls.cite_at(file, function.row.start)
                    yield Entrypoint("cli_job", f"command {_command_name(file)}", function, at)


def _command_name(file: FileFacts) -> str:
    folder = file.path.rpartition("/")[0]
    return folder.rpartition("/")[2] or "main"
