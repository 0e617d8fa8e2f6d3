"""Locks that a function takes for its caller, and whose release it hands back as a function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.concurrency import LockRegion
from rda_nb.service.flows import Graph


def handed_out(calls: Calls, graph: Graph) -> Iterator[LockRegion]:
    """The code between the call of such a function and the call of what it gave back, in document order."""
    for operation in calls.role("lock.acquire", "rlock.acquire"):
        function = operation.function
        if function is None or function.parent is not None or operation.file.role == "generated":
            continue
        if not any(_is_release(kind) for _, kind in function.results) or not _returns_release(calls, graph, operation):
            continue
        for call in calls.callers.get(function.key, ()):
            if call.function is not None and call.file.role != "test":
                region = _region(operation, call)
                if region is not None:
                    yield region


def _is_release(kind: str) -> bool:
    return kind.replace(" ", "") == "func()"


def _returns_release(calls: Calls, graph: Graph, operation: Operation) -> bool:
    """True when the function returns the release of the lock, or a literal that releases it."""
    function = operation.function
    assert function is not None
    release = operation.role.replace("acquire", "release")
    holder = operation.callee.rpartition(".")[0]
    for edge in graph.of(function):
        made = calls.calls_of.get(edge.target.key, ()) if edge.kind == "literal" and not edge.deferred else ()
        if any(isinstance(one, Operation) and one.role == release for one in made):
            return True
    text = function.file.text[function.row.start : function.row.end]
    return re.search(rf"\breturn\b[^\n]*\b{re.escape(holder)}\.\w*[uU]nlock\b(?!\()", text) is not None


def _region(taken: Operation, call: Call) -> LockRegion | None:
    """What the caller does under the lock; None when its release cannot be followed."""
    function, file = call.function, call.file
    assert function is not None
    held = Operation(
        file,
        call.index,
        function,
        taken.resolution,
        taken.entry,
        taken.role,
        taken.system,
        taken.title,
        False,
        taken.library,
    )
    end = function.row.end
    if file.text.startswith("()", call.row.end):
        return LockRegion(held, call.row.end, end, True, True)  # defer lock()(): taken here, released at the end
    given = file.given.get((call.row.start, call.row.end))
    if given is None or not given[0].names:
        return None
    kinds = [kind for _, kind in (taken.function.results if taken.function is not None else ())]
    position = next((at for at, kind in enumerate(kinds) if _is_release(kind)), 0)
    name = given[0].names[min(position, len(given[0].names) - 1)]
    if not name.isidentifier() or name == "_":
        return None
    released = re.compile(rf"(\bdefer\s+)?(?<![\w.]){re.escape(name)}\(\)").search(file.text, call.row.end, end)
    if released is None:
        return None
    deferred = released[1] is not None
    return LockRegion(
        held, call.row.end, end if deferred else _last(file.text, name, call.row.end, end), deferred, True
    )


def _last(text: str, name: str, start: int, end: int) -> int:
    """The last call of the release: earlier ones stand before a return."""
    return max(
        match.start() for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\(\)", text[:end]) if match.start() > start
    )
