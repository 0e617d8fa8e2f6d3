"""Sizes that a constructor is handed: `NewPool(workers, queue)` decides how large what it makes is, call by call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Evidence, Quantity, State
from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call
from rda_nb.service.program import Function
from rda_nb.service.value import Frame, join

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_MOST = 8
_SHOWN = 3


def handed(
    service: Service, file: FileFacts, block: int, node: Expression, unit: str
) -> tuple[Quantity | None, tuple[Evidence, ...]]:
    """What product code hands the constructor that an expression takes its value from, and where; (None, ()) when the
    expression reads no parameter and no field that one sets."""
    values, calls = [], []
    for function, index, expression, at, inside in _sources(service, file, block, node):
        for call in service.calls.callers.get(function.key, ())[:_MOST]:
            if call.file.role == "product" and service.argument(call, index) is not None:
                values.append(service.values.of(expression, at, inside, Frame(function, call, None)))
                calls.append(call)
    if not calls:
        return None, ()
    quantity = service.values.quantity(join(values), unit)
    known = [value for value in values if value.numbers]
    if len(known) < len(values) and quantity.state is State.KNOWN:
        quantity = replace(quantity, state=State.UNKNOWN, number=None, reason="not every caller's value is known")
    return quantity, _places(service, calls)


def _sources(
    service: Service, file: FileFacts, block: int, node: Expression
) -> list[tuple[Function, int, Expression, FileFacts, int]]:
    """(constructor, parameter, expression, its file and block) of the parameters that an expression stands for."""
    if node.kind == "name":
        parameter = service.names.parameter(node.text, service.program.enclosing(file, block))
        local = service.names.local(node.text, file, node.start)
        if parameter is None or parameter[1] < 0 or (local is not None and local[0].start > parameter[0].row.start):
            return []
        return [(parameter[0], parameter[1], node, file, block)]
    if node.kind != "select":
        return []
    owner = service.names.type_of(node.parts[0], file, block)
    found = []
    for holder, write in service.values.writes(node.text):
        if holder != owner or write.kind == "flag" or not write.file.text[slice(*write.span)].isidentifier():
            continue
        inner = service.calls.conventions.expression(write.file.text[slice(*write.span)], write.span[0])
        found += _sources(service, write.file, write.block, inner)
    return found


def _places(service: Service, calls: list[Call]) -> tuple[Evidence, ...]:
    found = {(call.path, call.line): service.cite(call, "caller") for call in calls}
    return tuple(found.values())[:_SHOWN]


__all__ = ["handed"]
