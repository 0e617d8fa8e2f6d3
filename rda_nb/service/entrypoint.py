"""One way in to the service: its kind, the function that runs there and the line where it is registered or begins."""

from __future__ import annotations

from dataclasses import dataclass

from rda_nb.core import Evidence, Quantity
from rda_nb.facts.vocabulary import Block
from rda_nb.service.calls import Operation
from rda_nb.service.flows import Reached
from rda_nb.service.program import Function
from rda_nb.service.words import Words

# Routes that belong to whoever operates the service, not to its clients.
OPERATIONAL = Words(r"(?i)/{operated}\b")
# Those by which somebody runs it: seldom, and one at a time.
_ADMINISTERED = Words(r"(?i)/{administered}(?:/|$|\b)")
# How the title of a middleware begins.
MIDDLEWARE = "middleware "
PER_ITEM = frozenset({"api_route", "grpc_method", "queue_consumer", "poller", "stream_processor"})


@dataclass(frozen=True, eq=False, slots=True)
class Entrypoint:
    """One way in: `title` for the reader, the function that runs, and the line where it is registered or begins.

    `interval` is set for scheduled work. `source` is the operation that registers or feeds it. `inside` is the part of the
    function that this way in is, where another way in is another part of it. `module` is that of a library of which nothing
    is known, where it brings the messages.
    """

    kind: str
    title: str
    function: Function
    evidence: Evidence
    source: Operation | None = None
    interval: Quantity | None = None
    handler_known: bool = True
    loop: Block | None = None
    places: tuple[Evidence, ...] = ()
    inside: Block | None = None
    module: str = ""

    @property
    def per_item(self) -> bool:
        """True when it runs once per request or message: what it reaches is hot."""
        return self.kind in PER_ITEM and self.handler_known and self.of_service

    @property
    def of_service(self) -> bool:
        """True for what the service runs: code of its own, or what a generator made in front of that."""
        return self.function.file.role in ("product", "generated")

    @property
    def middleware(self) -> bool:
        """True for what runs before the handlers of many routes: no way in of its own, but on each request's way."""
        return self.title.startswith(MIDDLEWARE)

    @property
    def administers(self) -> bool:
        """True for a route by which somebody runs the service: what it reaches carries no load."""
        return self.kind == "api_route" and _ADMINISTERED.search(self.title) is not None

    def runs(self, reached: Reached) -> bool:
        """True unless this way in is one part of its function and the operation stands in another."""
        operation = reached.operation
        if self.inside is None or reached.edges or operation.function is not self.function:
            return True
        return self.inside.start <= operation.row.start < self.inside.end
