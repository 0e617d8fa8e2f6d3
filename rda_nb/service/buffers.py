"""Buffers that collect items and are emptied when they are flushed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.facts.vocabulary import Binding, FileFacts
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_EMPTY = re.compile(r"^(?:nil|make\(.*|\[\][\w.*\[\]{}]+\{\}|[\w.]+\[:0\])$", re.DOTALL)
_BEGINS = ("new", "init", "reset", "clear", "close")


class Reset(NamedTuple):
    """One place that empties a buffer: `name` as written, `holder` as `Type.field` or `package.name`."""

    file: FileFacts
    row: Binding
    function: Function
    name: str
    holder: str


def working(service: Service, function: Function | None) -> bool:
    """True on a request or message path and in background work."""
    return function is not None and (bool(service.hot_flows(function)) or function.key in service.background)


def resets(service: Service) -> Iterator[Reset]:
    """Every place in work, not in construction, that empties a slice which other code appends to."""
    holders = {growth.holder for growth in service.growths if growth.form == "slice"}
    grown = {holder.rpartition(".")[2]: holder for holder in sorted(holders)}
    for file in service.program.files:
        if file.role != "product":
            continue
        for row in file.assignments:
            name = row.names[0]
            field = name.rpartition(".")[2]
            if "." not in name or field not in grown or len(row.values) != 1 or row.block < 0:
                continue
            function = service.program.enclosing(file, row.block)
            if function is None or not working(service, function) or not _EMPTY.match(file.text[slice(*row.values[0])]):
                continue
            # A field of the same name in another struct, as an answer that is put together, is no buffer.
            owner = service.names.type_of_dotted(name.split(".")[:-1], file, row.block, row.start).lstrip("*")
            holder = f"{owner}.{field}" if owner in service.program.types else grown[field]
            if holder in holders and not function.root.name.lower().startswith(_BEGINS):
                yield Reset(file, row, function, name, holder)
