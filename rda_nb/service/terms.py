"""The terms that knowledge is written in, and that the rest speaks: roles of calls and meanings of settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from rda_nb.service import knowledge_files


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """What a role is: its system for table 3.3 ('' = the package's), whether it waits for another process, its title.

    `ending` for what a process does once, when it ends; `waiting` for what waits for work by design, without a limit;
    `serving` for what a process does from its start to its end, as long as it is a server.
    """

    blocking: bool
    title: str
    system: str = ""
    ending: bool = False
    waiting: bool = False
    serving: bool = False


@dataclass(frozen=True, slots=True)
class MeaningEntry:
    """What a setting's meaning is: its unit and the kind of control it is in table 3.2 ('' = none)."""

    unit: str
    title: str
    control: str = ""


@cache
def roles() -> dict[str, RoleEntry]:
    """Every role by name."""
    return {
        name: _entry(name, RoleEntry, row) for name, row in knowledge_files.read("vocabulary.yaml")["roles"].items()
    }


@cache
def meanings() -> dict[str, MeaningEntry]:
    """Every meaning by name."""
    return {
        name: _entry(name, MeaningEntry, row) for name, row in knowledge_files.read("vocabulary.yaml")["means"].items()
    }


def _entry(name: str, kind: type, row: dict[str, Any]) -> Any:
    try:
        return kind(**row)
    except TypeError as error:
        raise knowledge_files.refuse(f"vocabulary.yaml {name}", f"{row!r}: {error}") from None


def role(name: str) -> RoleEntry:
    """The entry of a role. Raises RdaError for a role that vocabulary.yaml does not have."""
    try:
        return roles()[name]
    except KeyError:
        raise knowledge_files.refuse("vocabulary.yaml", f"no role {name!r}") from None


def meaning(name: str) -> MeaningEntry:
    """The entry of a meaning. Raises RdaError for one that vocabulary.yaml does not have."""
    try:
        return meanings()[name]
    except KeyError:
        raise knowledge_files.refuse("vocabulary.yaml", f"no meaning {name!r}") from None
