"""Shutdowns that nobody waits for: the server returns as soon as one begins, and what tests its error ends the process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.facts.vocabulary import BRANCH, FUNCTION
from rda_nb.service.calls import Call, Operation

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_ENDS = ("log.fatal", "process.exit")
_FAILED = re.compile(r"(?:^|[;\s])\w*[eE]rr\w*\s*!=\s*nil\s*$")
_DEEPEST = 2


class Cut(NamedTuple):
    """A call that serves, the call that ends the process when it has returned, and the shutdown that this cuts short."""

    serve: Operation
    ends: Operation
    shutdown: Operation


def cut_short(service: Service) -> list[Cut]:
    """Every shutdown whose server's own end ends the process, whatever error it returned; one for each way it ends."""
    found: dict[int, Cut] = {}
    for serve in service.operations("http.serve"):
        if not serve.entry.stopped:
            continue
        shutdown = next((one for one in service.operations("http.server_shutdown") if _same(service, serve, one)), None)
        ends = _ended_by(service, serve, serve.entry.stopped) if shutdown is not None else None
        if shutdown is not None and ends is not None:
            found.setdefault(id(ends), Cut(serve, ends, shutdown))
    return list(found.values())


def _same(service: Service, serve: Operation, shutdown: Operation) -> bool:
    """True when both are calls of one server: made at one place, of one name in a function, or one field of a type."""
    made = {(one.file.path, one.start) for one in service.budgets.creations(serve)}
    if made & {(one.file.path, one.start) for one in service.budgets.creations(shutdown)}:
        return True
    if serve.function is None or shutdown.function is None:
        return False
    ours, theirs = (one.callee.rpartition(".")[0] for one in (serve, shutdown))
    if serve.function.root is shutdown.function.root:
        return ours == theirs
    owners = {one.function.root.owner_type for one in (serve, shutdown) if one.function is not None}
    fields = {name.partition(".")[2] for name in (ours, theirs)}
    return len(owners) == 1 and len(fields) == 1 and owners | fields != {""} and "" not in owners | fields


def _ended_by(service: Service, call: Call, error: str, depth: int = 0) -> Operation | None:
    """The call that ends the process for any error of a call, tested where it is made or by the caller it is handed to."""
    function, file = call.function, call.file
    if function is None or error in file.text[function.root.row.start : function.root.row.end]:
        return None
    for other in service.calls.calls_of.get(function.key, ()):
        if isinstance(other, Operation) and other.role in _ENDS:
            given = other.row.callee_end <= call.row.start < other.row.end
            if given or _in_its_branch(service, call, other):
                return other
    if depth == _DEEPEST or function is not function.root or not _handed_back(call):
        return None
    callers = service.calls.callers.get(function.key, ())
    found = [_ended_by(service, caller, error, depth + 1) for caller in callers if caller.file.role == "product"]
    return found[0] if found and all(found) else None


def _in_its_branch(service: Service, call: Call, ends: Operation) -> bool:
    """True for a call in the branch of the first test below another call, which is of that call's error alone."""
    file = call.file
    for _, region in file.chain(ends.block):
        if region.kind == FUNCTION:
            return False
        if region.kind != BRANCH:
            continue
        other = service.calls.conventions.alternative(file.text, region.start, region.header[1], region.end)
        below = call.row.end <= region.start and "if " not in file.text[call.row.end : region.start]
        within = region.start <= call.row.start < region.header[1]
        tests = _FAILED.search(file.text[slice(*region.header)]) is not None
        return tests and (below or within) and region.header[1] <= ends.row.start < other
    return False


def _handed_back(call: Call) -> bool:
    """True for a call whose result its function returns as it is."""
    return any(
        span == (call.row.start, call.row.end)
        for row in call.file.rows.returns
        if row.block >= 0 and call.function is not None
        for span in row.values
    )
