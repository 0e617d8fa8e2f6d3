"""What is said of one path: what it waits for, or why that cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.checks.entrypoint_inventory.waited import SHOWN, named_systems
from rda_nb.service.foreign import FOREIGN
from rda_nb.service.modules import module_of

if TYPE_CHECKING:
    from rda_nb.service import Flow, Service
    from rda_nb.service.answered import Answer
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.flows import Reached

_FILES = ("read.file", "write.file", "list.directory")


def claim(
    service: Service,
    flow: Flow,
    title: str,
    waits: list[Reached],
    bottleneck: str,
    blind: list[Call],
    foreign: list[Call],
) -> str:
    """The sentence for a path of this title; `blind` and `foreign` are the calls of it that are not followed."""
    if not flow.entrypoint.handler_known:
        return f"{title} is served by a handler that is not followed, or by one of a library."
    if not waits and foreign:
        call = foreign[0]
        where, module = f"`{call.callee}` at {call.path}:{call.line}", module_of(call.resolution.package)
        return f"{title} calls {where}: whether {module} waits there is not known."
    embedded = next((one.operation for one in flow.operations if one.operation.role.startswith("sql.")), None)
    if not waits and embedded is not None and not service.systems.of(embedded):
        where = f"{embedded.title} at {embedded.path}:{embedded.line}"
        return f"{title} works on a database in its own process ({where}): it waits for the disk."
    if not waits:
        unseen = f"; what `{blind[0].callee}` at {blind[0].path}:{blind[0].line} runs is not followed" if blind else ""
        if (file := _file(flow)) is not None:
            where = f"`{file.callee}` at {file.path}:{file.line}"
            return f"{title} waits for files ({where}); no other blocking IO that the target shows{unseen}."
        return f"{title} reaches no blocking IO that the target shows{unseen}."
    if all(reached.operation.role.startswith(FOREIGN) for reached in waits):
        named = list(dict.fromkeys(reached.operation.title for reached in waits))
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        behind = ", ".join(dict.fromkeys(reached.operation.library for reached in waits[:SHOWN]))
        return f"{title} calls {', '.join(named[:SHOWN])}{more}: how long {behind} waits is not known."
    first = f"; first bottleneck: {bottleneck}." if bottleneck else "."
    return f"{title} waits for {named_systems(service, waits)}{first}"


def claim_of_answer(service: Service, flow: Flow, asked: Answer) -> str:
    """Who answers a path that waits for no process itself, and what that one waits for."""
    taker = asked.takers[0]
    waits = [one for one in taker.operations if service.systems.of(one.operation)]
    who = f"{taker.entrypoint.title}, which takes from it, waits for {named_systems(service, waits)}"
    return f"{flow.entrypoint.title} waits for an answer over {asked.name} ({asked.evidence}): {who}."


def with_middlewares(service: Service, sentence: str, before: list[Flow]) -> str:
    """The sentence of a route, and what its requests wait for before its handler runs."""
    by_title: dict[str, list[Reached]] = {}
    for flow in before:
        waits = [one for one in flow.operations if service.systems.of(one.operation)]
        by_title.setdefault(flow.entrypoint.title, []).extend(waits)
    told = [f"{title} waits for {named_systems(service, waits)}" for title, waits in by_title.items()]
    return f"{sentence.removesuffix('.')}; before it, {', and '.join(told)}." if told else sentence


def _file(flow: Flow) -> Operation | None:
    """The first file that a path reads or writes itself."""
    return next((one.operation for one in flow.reached if one.operation.role in _FILES and not one.spawned), None)


__all__ = ["claim", "claim_of_answer", "with_middlewares"]
