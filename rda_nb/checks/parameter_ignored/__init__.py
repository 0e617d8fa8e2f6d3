"""Limits that a function is given and never reads: the caller believes in a bound that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.records import Control, Page
from rda_nb.service import limit_words

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Call
    from rda_nb.service.program import Function

PAGE = Page(
    title="A limit is handed over and never read",
    topics=("configurability", "retries"),
    consequence="unpredictability",
    rows=Control,
    why="Whoever reads the call, or sets the value, believes in a timeout, pause or size that the function leaves out.",
    remedy="Apply the parameter where its name says, or take it away from the function and its configuration.",
    proof="A test hands over an extreme value and sees the behaviour change.",
    impact="overload",
)

_NUMBERS = re.compile(r"u?int(?:8|16|32|64)?|float(?:32|64)|time\.Duration")


def assess(service: Service) -> Iterator[Control]:
    """One row per parameter of a plain function of product code whose name speaks of a limit and that its body never names."""
    for function in service.program.functions:
        if function.file.role != "product" or function.parent is not None or function.owner_type:
            continue
        body = _body(function)
        for index, (name, kind) in enumerate(function.parameters):
            timed = kind == "time.Duration" or bool(limit_words.kind_of(name, True))
            control = limit_words.kind_of(name, timed)
            if not control or not _NUMBERS.fullmatch(kind) or re.search(rf"\b{re.escape(name)}\b", body):
                continue
            calls = [call for call in service.calls.callers.get(function.key, ()) if call.file.role == "product"]
            calls = [call for call in calls if not _read_elsewhere(service, call, index)]
            if calls and not _passed_on(service, function):
                yield _row(service, function, index, name, control, timed, calls)


def _body(function: Function) -> str:
    """A function's text behind its parameters."""
    return function.file.text[max(function.row.parameters[1], function.row.results[1]) : function.row.end]


def _passed_on(service: Service, function: Function) -> bool:
    """True when the function is also used as a value: then others decide on its parameters."""
    return any(edge.kind == "reference" for edge in service.graph.into.get(function.key, ()))


def _read_elsewhere(service: Service, call: Call, index: int) -> bool:
    """True when what is handed over is read beside the call too: a closure has it, or other code asks for the same field."""
    node, function = service.argument(call, index), call.function
    if node is None or function is None or node.kind not in ("name", "select"):
        return False
    if node.kind == "select":
        word = re.compile(rf"\.{re.escape(node.text)}\b(?!\s*:?=[^=])")
        files = (file.text for file in service.program.files if file.role == "product")
        return sum(len(word.findall(text)) for text in files) > 1
    body = function.file.text[
        max(function.root.row.parameters[1], function.root.row.results[1]) : function.root.row.end
    ]
    name = re.escape(node.text)
    given = len(re.findall(rf"\b{name}\b(?:\s*,\s*\w+)*\s*:?=[^=]", body))
    return len(re.findall(rf"(?<!\.)\b{name}\b", body)) - given > 1


def _row(
    service: Service, function: Function, index: int, name: str, kind: str, timed: bool, calls: list[Call]
) -> Control:
    given = service.argument(calls[0], index)
    value = service.quantity(given, calls[0], "s" if timed else "count")
    key = f", set by {value.config_key}," if value.config_key else ""
    shown = f" ({value.upper:g} at {service.cite(calls[0])})" if value.upper is not None else ""
    places = [service.cite(call, "caller") for call in calls[:2]]
    origins = [origin.evidence for origin in value.origins[:2] if origin.evidence is not None]
    return Control(
        control=f"{name} of {function.label}",
        kind=kind,
        value=absent("handed over and never read", "s" if timed else "count"),
        bounded=False,
        configurable=bool(value.config_key) or None,
        evidence=(service.cite_at(function.file, function.row.start), *places, *origins),
        assessment=Assessment.CONCERN,
        claim=f"{function.label} is given {name}{key}{shown} and never reads it: what is handed over changes nothing.",
        symbol=function.label,
        subject=name,
        hot=bool(service.hot_flows(function)) or None,
        label="DRIFT" if value.config_key else "",
    )
