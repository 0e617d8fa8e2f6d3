"""Lengths that another function than the one that adds looks at from time to time: thresholds, and no bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import LOOP, Block, FileFacts
from rda_nb.service.calls import Operation
from rda_nb.service.flows import Edge
from rda_nb.service.growth import Growth
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_PAUSES = ("sleep", "timer.ticker", "timer.tick")
_ASKED = re.compile(r"\blen\(([\w.]+)\)")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A list that grows at `added` whatever its length; `looks` looks at it, once in each turn of `turns`."""

    name: str
    added: Growth
    looks: Function
    turns: Function


def threshold(service: Service, file: FileFacts, branch: Block) -> Threshold | None:
    """The list whose length a branch asks for on a timer, while what adds to it never asks; None where it is a bound."""
    asked = _ASKED.search(file.text, *branch.header)
    parts = asked[1].split(".") if asked is not None else []
    if asked is None or len(parts) < 2 or branch.function < 0:
        return None
    looks = service.program.function_of[file.path, branch.function]
    owner = service.names.type_of_dotted(parts[:-1], file, branch.parent, asked.start())
    holder = f"{owner}.{parts[-1]}"
    added = [
        one for one in service.growths if one.holder == holder and one.form == "slice" and one.function is not None
    ]
    adders = {one.function.root.key: one.function.root for one in added if one.function is not None}
    if not adders or any(_asks(service, adder, looks, parts[-1]) for adder in adders.values()):
        return None
    turns = _turns(service, looks)
    often = [one for one in added if service.item_flows(one.function, one.start)]
    return Threshold(asked[1], often[0], looks, turns) if turns is not None and often else None


def _asks(service: Service, adder: Function, looks: Function, name: str) -> bool:
    """True when what adds asks for the length, or it or one of its callers has it looked at."""
    if adder is looks.root or re.search(
        rf"\blen\([\w.]*\b{re.escape(name)}\)", adder.file.text[adder.row.start : adder.row.end]
    ):
        return True
    callers = [edge.source for edge in service.graph.into.get(adder.key, ())]
    return any(edge.target.root is looks.root for one in (adder, *callers) for edge in _below(service, one))


def _below(service: Service, function: Function) -> list[Edge]:
    """The edges that leave a function and its literals."""
    edges = list(service.graph.of(function))
    return edges + [inner for edge in edges if edge.kind == "literal" for inner in service.graph.of(edge.target)]


def _turns(service: Service, looks: Function) -> Function | None:
    """The function whose loop has the length looked at once in each turn, with a pause between two; None for any other."""
    edges = [edge for edge in service.graph.into.get(looks.key, ()) if edge.source.file.role == "product"]
    if not edges or any(edge.kind != "call" or edge.spawned for edge in edges):
        return None
    for edge in edges:
        loop = next(
            (row for _, row in edge.source.file.chain(edge.via.block if edge.via else -1) if row.kind == LOOP), None
        )
        if loop is None or not _pauses(service, edge.source, loop):
            return None
    return edges[0].source


def _pauses(service: Service, function: Function, loop: Block) -> bool:
    """True for a loop that sleeps in each turn, or that a ticker of its function drives."""
    header = function.file.text[slice(*loop.header)] if loop.header != (0, 0) else ""
    around = (function, function.root)
    for call in (call for one in around for call in service.calls.calls_of.get(one.key, ())):
        if isinstance(call, Operation) and call.role in _PAUSES:
            within = loop.start <= call.row.start < loop.end
            driven = call.role.startswith("timer.tick") and ".C" in (
                header or function.file.text[loop.start : loop.end]
            )
            if (call.role == "sleep" and within) or driven:
                return True
    return False
