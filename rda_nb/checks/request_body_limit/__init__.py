"""Routes that take a body of any size, as controls that are not there; the read itself is a row of the hotspots table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.records import Control, Page
from rda_nb.service.bodies import INBOUND

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A route takes a body of any size",
    topics=("inbound-limits", "bounded-memory"),
    consequence="unbounded growth",
    rows=Control,
    why="Without a limit one client decides how much memory a request takes.",
    remedy="Limit the body in the server, in a middleware or with a limiting reader, and answer 413.",
    proof="A request of twice the limit is refused with 413, and memory stays flat while it is sent.",
    impact="overload",
    references=("https://pkg.go.dev/net/http#MaxBytesReader",),
)

_SERVING = ("api_route", "grpc_method")


def assess(service: Service) -> Iterator[Control]:
    """One quiet row per function that reads whole request bodies without a limit."""
    seen: set[str] = set()
    for operation in service.operations("read.all"):
        function = operation.function
        reader = service.bodies.read_by(operation)
        if function is None or reader.kind != INBOUND or reader.limit is not None or function.root.key in seen:
            continue
        flows = [flow for flow in service.hot_calls(operation) if flow.entrypoint.kind in _SERVING]
        flows = [flow for flow in flows if service.bodies.limited_on(flow, function) is None]
        # Where it cannot be told which router a limit stands on, nothing is said of its routes.
        flows = [flow for flow in flows if service.bodies.before(flow) == (None, True)]
        if not flows:
            continue
        seen.add(function.root.key)
        more = f" and {len(flows) - 1} more" if len(flows) > 1 else ""
        yield Control(
            control="request body limit",
            kind="payload_limit",
            value=absent("no limit on the request body", "bytes"),
            bounded=False,
            configurable=False,
            evidence=(service.cite(operation, "absence"), *(flow.entrypoint.evidence for flow in flows[:2])),
            assessment=Assessment.CONCERN,
            claim=f"{flows[0].entrypoint.title}{more} takes a body of any size and reads it whole.",
            symbol=function.label,
            subject="request body",
            hot=True,
            quiet=True,
        )
