"""The systems that a path waits for, as the report names them: those of one call's alternatives are told with `or`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.flows import Edge, Reached

SHOWN = 5


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
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return f"{', '.join(told[:SHOWN])}{more}"


def _told(service: Service, found: dict[str, list[Reached]]) -> list[str]:
    """One text per system, or per choice between several: the systems of each of its types."""
    choices = {name: choice for name, ways in found.items() if (choice := _choice(service, ways)) is not None}
    told: list[str] = []
    taken: set[str] = set()
    for name in found:
        own = choices.get(name)
        beside = {other: one.chosen for other, one in choices.items() if own is not None and one[:2] == own[:2]}
        if len(set(beside.values())) < 2:
            told.append(name)
        elif name not in taken:
            taken.update(beside)
            types = dict.fromkeys(beside.values())
            told.append(" or ".join(" and ".join(n for n in beside if beside[n] == one) for one in types))
    return told


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
    """What an edge chooses: one of the types that a function gives back by turns, of which one is kept in a field.

    None where the others of its call may run as well: in a loop over them, or one behind another.
    """
    via = edge.via
    if edge.kind != "call" or edge.confidence != "candidate" or via is None or edge.loops:
        return None
    _, dot, field = via.callee.rpartition(".")[0].rpartition(".")
    types = frozenset(target.owner_type for target in via.resolution.targets)
    if not dot or len(types) < 2 or not service.factories.alternatives(types):
        return None
    if any(_wraps(service, one, types) for one in types):
        return None
    return Choice(field, types, edge.target.owner_type)


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


__all__ = ["SHOWN", "named_systems"]
