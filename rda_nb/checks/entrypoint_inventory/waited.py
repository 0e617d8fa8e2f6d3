"""The systems that a path waits for, as the report names them: those of one call's alternatives are told with `or`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.flows import Edge, Reached

_SHOWN = 5


class Choice(NamedTuple):
    """One type of several that a call can come to: what the call is made on, those types, and the one of this way."""

    on: str
    types: frozenset[str]
    chosen: str


def named_systems(service: Service, waits: list[Reached]) -> str:
    """The systems behind some waits, in order; a long list is cut."""
    found: dict[str, list[Reached]] = {}
    for reached in waits:
        system, title = service.systems.of(reached.operation), reached.operation.title
        # A system that has no name of its own is told by what is done with it.
        found.setdefault(title if system == "other" else system, []).append(reached)
    told = _told(service, {name: found[name] for name in sorted(found)})
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return f"{', '.join(told[:_SHOWN])}{more}"


def _told(service: Service, found: dict[str, list[Reached]]) -> list[str]:
    """One text per system, or per choice between several."""
    told: list[str] = []
    choices = {name: choice for name, ways in found.items() if (choice := _choice(service, ways)) is not None}
    taken: set[str] = set()
    for name in found:
        if name in taken:
            continue
        others = [name, *_others(name, choices)]
        taken.update(others)
        told.append(" or ".join(others))
    return told


def _others(name: str, choices: dict[str, Choice]) -> Iterator[str]:
    """The systems that are waited for where that of this name is not: each behind another type of the same call."""
    own = choices.get(name)
    for other, choice in choices.items():
        if own is not None and choice[:2] == own[:2] and choice.chosen != own.chosen:
            yield other


def _choice(service: Service, ways: Iterable[Reached]) -> Choice | None:
    """The choice that all ways to a system hang on; None when one comes to it otherwise."""
    found: set[Choice] | None = None
    for reached in ways:
        here = {choice for edge in reached.edges if (choice := _of(service, edge)) is not None}
        found = here if found is None else found & here
        if not found:
            return None
    return min(found, key=lambda one: (one.on, sorted(one.types), one.chosen)) if found else None


def _of(service: Service, edge: Edge) -> Choice | None:
    """What an edge chooses; None where the others of its call may run as well: in a loop over them, or one behind another."""
    via = edge.via
    if edge.kind != "call" or edge.confidence != "candidate" or via is None or edge.loops:
        return None
    types = frozenset(target.owner_type for target in via.resolution.targets)
    if len(types) < 2 or "" in types or any(_wraps(service, one, types) for one in types):
        return None
    return Choice(via.callee.rpartition(".")[0].rpartition(".")[2], types, edge.target.owner_type)


def _wraps(service: Service, key: str, types: frozenset[str]) -> bool:
    """True for a type that holds another of them behind an interface, and so does its work beside its own."""
    declared = service.program.types.get(key)
    for written in declared.fields.values() if declared is not None else ():
        assert declared is not None
        held = service.program.types.get(service.names.canonical(written, declared.file))
        if held is not None and held.kind == "interface":
            if any(one.key in types and one.key != key for one in service.names.implementers(held)):
                return True
    return False


__all__ = ["named_systems"]
