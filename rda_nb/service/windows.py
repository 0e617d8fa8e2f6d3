"""How far back a query looks: `now() - INTERVAL 1 DAY`, `addSeconds(now(), -%d)` with what the code fills in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.core import Evidence, Origin, Quantity, known
from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.program import Function
from rda_nb.service.statements import Sql

if TYPE_CHECKING:
    from rda_nb.service.calls import Call
    from rda_nb.service.model import Service

_UNITS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
_UNIT = "(second|minute|hour|day|week)s?"
_NUMBER = r"(%[ds]|\d+)"
_NOW = r"(?:now(?:64)?\([^()]*\)|today\(\)|CURRENT_TIMESTAMP)"
_FORMS = (
    re.compile(rf"add{_UNIT}\(\s*{_NOW}\s*,\s*-\s*{_NUMBER}\s*\)", re.I),
    re.compile(rf"subtract{_UNIT}\(\s*{_NOW}\s*,\s*{_NUMBER}\s*\)", re.I),
    re.compile(rf"{_NOW}\s*-\s*toInterval{_UNIT}\(\s*{_NUMBER}\s*\)", re.I),
)
_INTERVAL = re.compile(rf"{_NOW}\s*-\s*INTERVAL\s+'?{_NUMBER}'?\s*{_UNIT}", re.I)
_VERB = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")


def window(service: Service, one: Sql) -> tuple[Quantity, tuple[Evidence, ...]] | None:
    """The time that a statement looks back in seconds, with the places that decide it; None when it names none."""
    text = one.statement.text
    found = next(((m[1], m[2], m.start(2)) for form in _FORMS if (m := form.search(text))), None)
    if found is None and (match := _INTERVAL.search(text)):
        found = (match[2], match[1], match.start(1))
    if found is None:
        return None
    unit, number, at = found
    scale = _UNITS[unit.lower()]
    if number.isdigit():
        place = one.place(service.target)
        return known(float(number) * scale, "s", Origin("constant", number, place)), ()
    position = len(_VERB.findall(text[:at].replace("%%", "")))
    for function in service.clickhouse.functions(one):
        for call in service.calls.calls_of.get(function.key, ()):
            node = _filled_in(service, one, call, position)
            if node is not None:
                value = service.values.of(node, call.file, call.block)
                quantity = service.values.quantity(value, "s", scale)
                origins = tuple(origin.evidence for origin in quantity.origins[:3] if origin.evidence is not None)
                return quantity, (service.cite(call, "caller"), *origins)
    return None


def _filled_in(service: Service, one: Sql, call: Call, position: int) -> Expression | None:
    """The argument that a formatting call puts at a verb of the statement; None for any other call."""
    if not call.callee.endswith("printf") and not call.callee.endswith("Sprintf"):
        return None
    arguments = service.calls.arguments(call)
    if len(arguments) <= position + 1 or not _names(one, arguments[0], call.file, call.function):
        return None
    return arguments[position + 1]


def _names(one: Sql, node: Expression, file: FileFacts, function: Function | None) -> bool:
    """True when an expression is the statement itself or the name it is kept under."""
    if one.file is None:
        return False
    if one.file is file and node.start <= one.offset < max(node.end, node.start + 1):
        return True
    name = node.text if node.kind in ("name", "select") else ""
    for row in one.file.rows.bindings if name else ():
        for own, span in zip(row.names, row.values, strict=False):
            if own == name and span[0] <= one.offset < span[1]:
                return True
    return False


__all__ = ["window"]
