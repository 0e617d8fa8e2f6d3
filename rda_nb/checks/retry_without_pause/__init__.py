"""Loops that try a failed call again at once: all tries fall into the moment in which the other side is down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Origin, known
from rda_nb.facts.vocabulary import BRANCH, LOOP, Block, FileFacts
from rda_nb.records import Control, Page
from rda_nb.service.calls import Call, Operation
from rda_nb.service.retry_loops import ANY_FAILURE, left_by
from rda_nb.service.waits import WAITS, Waits

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.program import Function

PAGE = Page(
    title="A failed call is tried again without a pause",
    topics=("retries",),
    consequence="unpredictability",
    rows=Control,
    why="Tries that follow each other at once meet the same outage: they use up the attempts and add load where it hurts.",
    remedy="Pause between two tries, longer after each, with jitter and a cap.",
    proof="Let the call fail twice in a test: the time between the tries is at least the pause.",
    impact="overload",
    references=("https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",),
)

_FAILED = re.compile(r"\berrors?\.Is\(|\b\w*[eE]rr\w*\s*!=\s*nil")
_CONTINUES = re.compile(r"\bcontinue(?:\s+\w+)?\s*\}\s*$")
_PAUSES = re.compile(r"(?i)sleep|wait|backoff|back_off|pause|delay|throttle|next\b")
_WRITES_OUT = re.compile(r"//[^\n]*")


def assess(service: Service) -> Iterator[Control]:
    """One row per loop of product code that tries a call to another process again, and waits nowhere between two tries."""
    waits = Waits(service)
    for file in service.program.files:
        if file.role != "product":
            continue
        for block in file.rows.blocks:
            if block.kind != LOOP or block.function < 0 or "range " in file.text[slice(*block.header)]:
                continue
            function = service.program.function_of[file.path, block.function]
            call = _leaves(service, function, block)
            if call is None:
                continue
            place = _tried(service, waits, file, function, block, call)
            if place is not None:
                yield _row(service, file, function, block, call, place)


def _leaves(service: Service, function: Function, loop: Block) -> Call | None:
    """The first call in a loop that reaches another process."""
    for call in service.calls.calls_of.get(function.key, ()):
        if not loop.start <= call.row.start < loop.end or service.calls.deferred(call) or service.calls.spawned(call):
            continue
        if isinstance(call, Operation):
            if call.blocking and call.system:
                return call
        elif call.resolution.kind == "resolved" and _reaches(service, call.resolution.targets[0]):
            return call
    return None


def _reaches(service: Service, target: Function) -> bool:
    reached = {function.key for function in service.concurrency.reach_of(target).order}
    return any(op.function is not None and op.function.key in reached for op in service.external_operations)


def _tried(
    service: Service, waits: Waits, file: FileFacts, function: Function, loop: Block, call: Call
) -> Evidence | None:
    """The line at which a failed try goes on to the next: the loop itself, or the branch of the failure; None when it waits."""
    if left_by(file, loop, ANY_FAILURE):
        return None  # a failure ends it: what it tries again has been answered
    layer = service.budgets.retry_loop(call, loop)
    if layer is not None:
        counted = (layer.attempts.upper or 0) > 1
        if layer.backoff is None and counted and _silent(service, waits, file, function, loop, call):
            return service.cite_at(file, loop.start)
        return None
    if file.text[slice(*loop.header)].strip() not in ("", "true") or not _ends(file, loop):
        return None
    for branch in file.rows.blocks:
        if branch.kind != BRANCH or not call.row.end <= branch.start < loop.end or branch.function != loop.function:
            continue
        body = _WRITES_OUT.sub("", file.text[branch.start : branch.end])
        if not _CONTINUES.search(body) or not _FAILED.search(file.text, *branch.header):
            continue
        if _silent(service, waits, file, function, loop, call):
            return service.cite_at(file, branch.start)
    return None


def _ends(file: FileFacts, loop: Block) -> bool:
    """True for a loop that returns a result: it tries one thing, and takes no work."""
    return any(loop.start <= row.start < loop.end and row.values for row in file.rows.returns)


def _silent(service: Service, waits: Waits, file: FileFacts, function: Function, loop: Block, call: Call) -> bool:
    """True when nothing in the loop but the call itself waits, and nothing that cannot be followed is named as if it did."""
    around = [(loop.start, call.row.start), (call.row.end, loop.end)]
    found = [waits.between(file, function, start, end) for start, end in around]
    if WAITS in found:
        return False
    others = (c for c in service.calls.calls_of.get(function.key, ()) if loop.start <= c.row.start < loop.end)
    return not any(_PAUSES.search(other.callee) for other in others if other is not call)


def _another(service: Service, file: FileFacts, loop: Block, call: Call) -> bool:
    """True when each turn picks whom it asks anew: the next try goes to another peer, which need not rest."""
    head, member, _ = call.callee.partition(".")
    chosen = service.names.local(head, file, call.row.start) if member else None
    return chosen is not None and loop.start <= chosen[0].start < loop.end


def _row(service: Service, file: FileFacts, function: Function, loop: Block, call: Call, place: Evidence) -> Control:
    what = call.title if isinstance(call, Operation) else f"`{call.callee}`"
    hot = bool(service.hot_flows(function))
    return Control(
        control=f"pause between tries in {function.label}",
        kind="backoff",
        value=known(0, "s", Origin("computed", "nothing between two tries waits", place)),
        bounded=False,
        configurable=False,
        evidence=(place, service.cite_at(file, loop.start, role="caller"), service.cite(call, "caller")),
        assessment=Assessment.CONCERN,
        claim=f"After a failed {what}, {function.label} tries again at once: no sleep, timer or channel stands between.",
        symbol=function.label,
        subject=call.callee,
        hot=hot or None,
        quiet=not hot or _another(service, file, loop, call),
    )
