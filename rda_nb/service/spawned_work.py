"""What a goroutine start sets going: the calls to other processes in it, how long they take, and who waits for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.service.calls import Operation
from rda_nb.service.concurrency import Spawn

if TYPE_CHECKING:
    from rda_nb.service.model import Service

# Calls whose result is a channel of messages that come as long as it is open.
_OPENS = ("rabbitmq.consume", "kafka.consume_partition", "kafka.messages", "redis.subscribe", "nats.subscribe")


def waits(service: Service, spawn: Spawn) -> bool:
    """True when what is started waits for another process: only then do starts pile up while it is slow."""
    return next(inside(service, spawn), None) is not None


def inside(service: Service, spawn: Spawn) -> Iterator[Operation]:
    """The calls to other processes that what is started makes."""
    targets = [target for target in spawn.targets if target is not spawn.function]
    reached = {function.key for target in targets for function in service.concurrency.reach_of(target).order}
    for operation in service.external_operations:
        own = operation.path == spawn.file.path and spawn.start <= operation.row.start < spawn.end
        if own or (operation.function is not None and operation.function.key in reached):
            yield operation


def ends_within(service: Service, spawn: Spawn) -> float | None:
    """Seconds of the longest call in what is started; None when one of them may take for ever, or is not known."""
    stalls = [service.budget(operation).worst_case for operation in inside(service, spawn) if operation.blocking]
    if not stalls or not all(stall.bounded and stall.result is not None for stall in stalls):
        return None
    return max(stall.result or 0.0 for stall in stalls)


def repeats(service: Service, spawn: Spawn) -> bool:
    """True when a call of what is started stands in a loop of it, or is reached through one."""
    targets = [target for target in spawn.targets if target is not spawn.function]
    for operation in inside(service, spawn):
        loops = [loop for loop in service.loops(operation) if loop not in spawn.loops]
        if any(service.budgets.retry_loop(operation, loop) is None for loop in loops):
            return True
        for target in targets:
            reach = service.concurrency.reach_of(target)
            if operation.function is not None and operation.function in reach:
                if any(edge.loops for edge in reach.edges_to(operation.function)):
                    return True
    return False


def works_on(service: Service, spawn: Spawn) -> Operation | None:
    """The call that opens the stream of messages which the goroutine works on, where each turn of its loop opens one."""
    loop = spawn.loops[0]
    for opening in service.operations(*_OPENS):
        if opening.file is not spawn.file or not loop.start <= opening.row.start < spawn.start:
            continue
        for row in spawn.file.rows.bindings:
            if loop.start <= row.start < spawn.start and any(a <= opening.row.start < b for a, b in row.values):
                own = spawn.file.text[spawn.start : spawn.end]
                if any(name != "_" and re.search(rf"(?<![\w.]){re.escape(name)}\b", own) for name in row.names[:1]):
                    return opening
    return None


def runs_what_is_given(spawn: Spawn) -> bool:
    """True when the function around the start is given the function that the goroutine runs."""
    own = spawn.file.text[spawn.start : spawn.end]
    given = (name for name, kind in spawn.function.root.parameters if kind.startswith("func"))
    return any(re.search(rf"(?<![\w.]){re.escape(name)}\(", own) for name in given)


def waited_elsewhere(service: Service, spawn: Spawn) -> bool:
    """True when another method of the type waits for the group that the start is counted in."""
    owner = spawn.function.root.owner_type
    text = spawn.function.file.text[spawn.function.row.start : spawn.function.row.end]
    return bool(owner) and any(
        wait.function is not None
        and wait.function.root.owner_type == owner
        and f"{wait.callee.rpartition('.')[0].rpartition('.')[2]}.Add(" in text
        for wait in service.operations("group.wait")
    )


__all__ = ["ends_within", "inside", "repeats", "runs_what_is_given", "waited_elsewhere", "waits", "works_on"]
