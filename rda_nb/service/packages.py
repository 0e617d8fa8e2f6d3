"""One package of a client library: its calls, its settings and its defaults, as far as they are known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

# How a value is printed: no question to anybody, whatever else its type does.
_PRINTED = frozenset({"String", "GoString"})


@dataclass(frozen=True, slots=True)
class Fill:
    """A channel that a library sends into: the index of the argument, and what becomes of an item that finds it full."""

    argument: int
    when_full: str
    since: str
    source: str


@dataclass(frozen=True, slots=True)
class CallEntry:
    """What one function or method of a library does; `paced` when one that fails has waited between its own tries.

    `waits` when it waits until there is work, whatever limits its client has. `path_field` and `verb_field` are those of the
    struct that describes a route.
    """

    role: str
    context: int | None = None
    blocking: bool | None = None
    context_from: str = ""
    batch: str = ""
    message: int | None = None
    handler: int | None = None
    count: int | None = None
    paced: bool = False
    background: str = ""
    lookup: bool = False
    waits: bool = False
    fills: Fill | None = None
    tag: str = ""
    stopped: str = ""
    forwards: bool = False
    path_field: str = ""
    verb_field: str = ""


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """What one setting of a library means, in which unit, and its default where that is known."""

    means: str
    unit: str = ""
    scale: float = 1.0
    title: str = ""
    zero: str = ""
    negative: str = ""
    default: Any = None
    since: str = ""
    source: str = ""
    of: tuple[str, ...] = ()

    def holds_for(self, name: str) -> bool:
        """True when the setting governs a call by its `Func` or `Type.Method`."""
        return _covers(self.of, name)


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """A library default that bounds (or does not bound) a call, with the version and source it was read in.

    One that `yields` holds where the call's context has no deadline of its own; one with `unless` where the client is seen
    being made, and none of these is set on it.
    """

    means: str
    default: Any
    since: str
    source: str
    scope: str = ""
    note: str = ""
    of: tuple[str, ...] = ()
    yields: bool = False
    unless: tuple[str, ...] = ()

    def holds_for(self, name: str, held: Collection[str] | None = None) -> bool:
        """True when the default governs a call by its `Func` or `Type.Method`, of a client on which `held` is set.

        `held` is None for a client that is not seen being made.
        """
        return _covers(self.of, name) and not (
            self.unless and (held is None or any(one in held for one in self.unless))
        )


def _covers(of: tuple[str, ...], name: str) -> bool:
    return not of or any(name == own or name.startswith(own + ".") for own in of)


@dataclass(frozen=True, slots=True)
class BehindEntry:
    """The role that calls of another role have behind a driver."""

    role: str
    of: tuple[str, ...] = ()

    def holds_for(self, name: str) -> bool:
        """True for a call by its `Func` or `Type.Method` that the driver changes."""
        return _covers(self.of, name)


@dataclass(frozen=True, slots=True)
class StubsEntry:
    """Clients that a generator writes for a library's connection: how a package of them, and a stream, are known.

    `made_by` matches a function's name whole and its one group is the type it makes; `given` are the connection's types;
    `opens` matches the name of a method that opens a stream, `stream_type` its result, `stream_methods` what it offers.
    """

    made_by: str
    given: tuple[str, ...]
    call: CallEntry
    stream: CallEntry
    opens: str
    stream_type: str
    stream_methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlagEntry:
    """A type whose literals are flags: the fields that hold its name, its default, what it sets, and what sets it."""

    name: str
    default: str
    holder: str = ""
    environment: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """All that is known of one import path. A `driver` works behind another library's interface, by its own defaults.

    One that goes `through` another library has that one's defaults, where it has none of its own.
    """

    path: str
    library: str
    system: str = ""
    returns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    calls: dict[str, CallEntry] = field(default_factory=dict)
    settings: dict[str, SettingEntry] = field(default_factory=dict)
    budget: tuple[BudgetEntry, ...] = ()
    callbacks: dict[str, str] = field(default_factory=dict)
    handlers: tuple[str, ...] = ()
    file: str = ""
    driver: bool = False
    through: str = ""
    behind: dict[str, BehindEntry] = field(default_factory=dict)
    stubs: StubsEntry | None = None
    flags: dict[str, FlagEntry] = field(default_factory=dict)

    def call(self, name: str) -> CallEntry | None:
        """The entry of `Func`, `Type.Method`, or the wildcard that covers it; None when nothing is known."""
        entry = self.calls.get(name)
        if entry is None and "." in name:
            kind, _, method = name.partition(".")
            if method in _PRINTED:
                return None
            entry = self.calls.get(f"{kind}.*") or self.calls.get(f"*.{method}") or self.calls.get("*.*")
        return entry

    def by_method(self, method: str) -> CallEntry | None:
        """The entry of a method whose type is not known, when every type of the package that has it agrees on the role."""
        found = [entry for name, entry in self.calls.items() if name.rpartition(".")[2] == method and "." in name]
        return found[0] if found and all(entry.role == found[0].role for entry in found) else None
