"""Single flight: a flag that is tested and set under a lock before a start, and taken back by what was started."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, FileFacts
from rda_nb.service.calls import Call, Operation
from rda_nb.service.concurrency import Spawn
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

# `if r.running { return false }`; what stands between the braces before the return gives the lock back, at most.
_UNDER_WAY = re.compile(r"\bif ([A-Za-z_][\w.]*) \{([^{}]*?\breturn\b([^\n}]*))")


def single_flight(service: Service, spawn: Spawn) -> Evidence | None:
    """Where the flag is set that lets one goroutine of a start run at a time; None when there is no such flag."""
    function = spawn.function
    for holder in (function, *_deciding(service, spawn)):
        until = spawn.start if holder is function else holder.row.end
        found = _flag(service, holder, until, holder is not function)
        if found is not None and _taken_back(service, spawn, holder, found[0]):
            return service.cite_at(holder.file, found[1], role="default")
    return None


def _deciding(service: Service, spawn: Spawn) -> Iterator[Function]:
    """The functions of the target whose answer decides whether the start is come to."""
    for call in service.calls.calls_of.get(spawn.function.key, ()):
        found = call.resolution
        if call.row.start >= spawn.start or found.kind != "resolved" or len(found.targets) != 1:
            continue
        if not isinstance(call, Operation) and _decides(spawn, call):
            yield found.targets[0]


def _decides(spawn: Spawn, call: Call) -> bool:
    """True when the start stands behind a call's `true`, or after a branch that leaves at its `false` or its error."""
    file, row = call.file, call.row
    given = file.given.get((row.start, row.end))
    answer = given[0].names[-1] if given is not None else file.text[row.start : row.end]
    around = {number for number, _ in file.chain(spawn.block)}
    for number, block in enumerate(file.rows.blocks):
        if block.kind != BRANCH or block.header[1] < row.end or block.start > spawn.start:
            continue
        condition = file.text[slice(*block.header)].strip()
        if number in around and condition == answer:
            return True
        if block.parent in around and block.end <= spawn.start and condition in (f"!{answer}", f"{answer} != nil"):
            return _leaves(file, number)
    return False


def _leaves(file: FileFacts, number: int) -> bool:
    own = (*(row.block for row in file.rows.returns), *(jump.block for jump in file.rows.jumps))
    return number in own


def _flag(service: Service, function: Function, until: int, answers: bool) -> tuple[str, int] | None:
    """(flag, offset) where a function sets a flag under the lock that it has tested it under, and leaves when it was set."""
    own = service.calls.calls_of.get(function.key, ())
    locks = [call.row.start for call in own if isinstance(call, Operation) and call.role == "lock.acquire"]
    freed = [call for call in own if isinstance(call, Operation) and call.role == "lock.release"]
    text = function.file.text
    for match in _UNDER_WAY.finditer(text, min(locks), until) if locks else ():
        flag, answer = match[1], match[3].rpartition(",")[2].strip()
        if answers and answer in ("", "nil", "true"):
            continue
        kept = re.compile(rf"(?<![\w.]){re.escape(flag)}\s*=\s*true\b").search(text, match.end(), until)
        if kept is None:
            continue
        closed = text.find("}", match.end())
        between = (call for call in freed if closed < call.row.start < kept.start())
        if not any(not service.calls.deferred(call) for call in between):
            return flag, kept.start()
    return None


def _taken_back(service: Service, spawn: Spawn, holder: Function, flag: str) -> bool:
    """True when what was started sets the flag back: at its end, or in a function that it calls."""
    back = re.compile(rf"(?<!\w){re.escape(flag.rpartition('.')[2])}\s*=\s*false\b")
    if back.search(spawn.file.text, spawn.start, spawn.end):
        return True
    reached = (one for target in spawn.targets for one in service.concurrency.reach_of(target).order)
    return any(
        one.package == holder.package and back.search(one.file.text, one.row.start, one.row.end) is not None
        for one in reached
    )


__all__ = ["single_flight"]
