"""Whether a profile can be taken from the running service, and who can take it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.records import Page, ValidationAsset
from rda_nb.service.serving import servers
from rda_nb.service.words import Words

if TYPE_CHECKING:
    from rda_nb.service import Flow, Service

PAGE = Page(
    title="Profiles are open to whoever reaches the service's port",
    topics=("load-validation",),
    consequence="inefficiency",
    rows=ValidationAsset,
    why="A profile costs CPU while it is taken; on the intake's own port any client may start one.",
    remedy="Serve profiles on an internal port, apart from the routes that clients use.",
    proof="The profile's path answers on the internal port and is not found on the public one.",
    impact="overload",
)

_OPERATIONAL = Words("(?i)/{beside_profiles}")

_SHOWN = 2


def assess(service: Service) -> Iterator[ValidationAsset]:
    """One row for the profiling endpoint, or for the place where it would stand."""
    found = [place for file in service.program.files if file.role == "product" for place in _served(service, file)]
    for file, offset in found[:2]:
        public = _beside(service, file, offset)
        claim = "Profiles are served by the process."
        if public:
            claim = f"Profiles are served on the same listener as {public}, without a check of who asks."
        yield ValidationAsset(
            item="profiling endpoint",
            kind="profiling",
            detail="served over HTTP",
            evidence=(service.cite_at(file, offset),),
            assessment=Assessment.CONCERN if public else Assessment.GOOD,
            claim=claim,
            symbol=file.path,
            hot=False,
        )
    written = service.operations("profile.write")
    if found or any(asset.kind == "profiling" for asset in (service.documents.validation if service.documents else ())):
        return
    if written:
        claim = "A profile is written to a file by the process."
        yield _row(service, (service.cite(written[0]),), Assessment.GOOD, claim, present=True)
        return
    places = [*service.operations("metric.serve"), *service.operations("http.serve")]
    evidence = tuple(service.cite(op, "absence") for op in places[:1])
    evidence += tuple(
        service.cite_at(made.file, made.start, made.end, "absence")
        for op in service.operations("http.serve")[:_SHOWN]
        for made in servers(service, op)
        if made.operation is None
    )
    yield _row(service, evidence, Assessment.GAP, "No profile can be taken from the running process.", present=False)


def _for_clients(flow: Flow) -> bool:
    """True for a route with work behind it that is not one of operations' own."""
    return bool(flow.operations) and _OPERATIONAL.search(flow.entrypoint.title) is None


def _row(service: Service, evidence: tuple, assessment: Assessment, claim: str, present: bool) -> ValidationAsset:  # type: ignore[type-arg]
    return ValidationAsset(
        item="profiling" if present else "profiling (missing)",
        kind="profiling",
        present=present,
        evidence=evidence,
        assessment=assessment,
        claim=claim,
        symbol="profiling",
    )


def _served(service: Service, file: FileFacts) -> list[tuple[FileFacts, int]]:
    """Where a file hands out profiles: the first use of a profiling package, or the default router that it registers on."""
    for row in file.rows.imports:
        package = service.names.libraries.package(row.path)
        serving = sorted(k for k, e in package.calls.items() if e.role == "profile.serve") if package else []
        if package is None or not serving:
            continue
        if row.alias == "_":
            routes = service.operations("http.route", "http.serve")
            named = [op for op in routes if "pprof" in op.file.slice((op.row.start, op.row.end))]
            shared = [
                op
                for op in routes
                if op.file.slice((op.row.start, op.row.end)).rstrip(")").endswith(("nil", "DefaultServeMux"))
            ]
            return [(op.file, op.row.start) for op in (named or shared)[:1]]
        name = row.alias or package.path.rpartition("/")[2]
        match = re.search(rf"\b{name}\.(?:{'|'.join(serving)})\b", file.text)
        if match is not None:
            return [(file, match.start())]
    return []


def _beside(service: Service, file: FileFacts, offset: int) -> str:
    """A route for clients that is registered on the same router; '' when there is none."""
    at = next(
        (op for op in service.operations("http.route") if op.file is file and op.row.start <= offset < op.row.end), None
    )
    if at is None or "." not in at.callee:
        return ""
    router = at.callee.rpartition(".")[0]
    for flow in service.flows:
        source = flow.entrypoint.source
        if flow.entrypoint.kind == "api_route" and source is not None and source.file is file and source is not at:
            if source.callee.rpartition(".")[0] == router and source.function is at.function and _for_clients(flow):
                return flow.entrypoint.title
    return ""
