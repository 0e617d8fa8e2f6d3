"""Shutdown contexts whose time runs from the start of the process instead of from the stop signal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Origin, known
from rda_nb.records import Control, Page
from rda_nb.service.cut_short import Cut, cut_short
from rda_nb.service.draining import shutdown_contexts

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="The shutdown's deadline has passed before the shutdown begins",
    topics=("inbound-limits",),
    consequence="unpredictability",
    rows=Control,
    why="A deadline that is made before the wait for the stop signal is over when the signal comes: nothing is drained.",
    remedy="Make the shutdown's context after the stop signal was received.",
    proof="A request that takes 1 s and is in flight when the stop signal comes is answered, and the shutdown returns no error.",
    impact="overload",
    references=("https://pkg.go.dev/net/http#Server.Shutdown",),
)


def assess(service: Service) -> Iterator[Control]:
    """One row per shutdown whose context has a timeout; RISK where a wait lies between the two, or nobody waits for it."""
    cut = cut_short(service)
    yield from (_cut(service, one) for one in cut)
    for shutdown, timeout in shutdown_contexts(service):
        if any(shutdown is one.shutdown for one in cut):
            continue
        limit = service.quantity(service.argument(timeout, timeout.entry.count), timeout, "s")
        file = timeout.file
        waits = _waits(service, shutdown, timeout)
        shown = f"{limit.upper:g} s" if limit.upper is not None else "a time that is not known here"
        claim = f"The shutdown is given {shown}."
        if waits:
            line = file.line(waits[0])
            claim = f"The shutdown's {shown} run from line {timeout.line}, before the wait at line {line}: they are used up."
        places = tuple(service.cite_at(file, start, role="caller") for start in waits[:1])
        yield Control(
            control="shutdown timeout",
            kind="server_timeout",
            value=limit,
            bounded=True,
            configurable=bool(limit.config_key),
            evidence=(service.cite(timeout), *places, service.cite(shutdown, "caller")),
            assessment=Assessment.RISK if waits else Assessment.GOOD,
            claim=claim,
            symbol=timeout.function.label if timeout.function else timeout.path,
            subject="shutdown",
        )


def _cut(service: Service, cut: Cut) -> Control:
    """A row for a server whose return ends the process, though its requests are still drained then."""
    served = cut.serve.client.rpartition(".")[2]
    function = cut.ends.function
    return Control(
        control="shutdown timeout",
        kind="server_timeout",
        value=known(0, "s", Origin("constant", "the process ends first", service.cite(cut.ends))),
        bounded=True,
        configurable=False,
        evidence=(service.cite(cut.ends), service.cite(cut.serve, "caller"), service.cite(cut.shutdown, "caller")),
        assessment=Assessment.RISK,
        title="The process ends as soon as its shutdown begins",
        claim=(
            f"{served} returns {cut.serve.entry.stopped} as soon as the shutdown begins, and that ends the process here: "
            "requests in flight are cut off."
        ),
        remedy=f"Leave {cut.serve.entry.stopped} out of the errors that end the process, and wait for the shutdown to return.",
        symbol=function.label if function else cut.ends.path,
        subject="shutdown",
    )


def _waits(service: Service, shutdown: Operation, timeout: Operation) -> list[int]:
    """Offsets of the receives between the timeout's start and the call that uses it, in one function."""
    callers = service.calls.callers.get(shutdown.function.key, []) if shutdown.function is not None else []
    file, root = timeout.file, timeout.function.root if timeout.function is not None else None
    uses = [
        call.row.start
        for call in (shutdown, *callers)
        if call.file is file and call.function is not None and call.function.root is root
    ]
    starts = [row.start for row in file.rows.receives]
    starts += [row.start for row in file.rows.bindings if row.values and file.text.startswith("<-", row.values[0][0])]
    return sorted(start for start in starts if any(timeout.row.end < start < use for use in uses))
