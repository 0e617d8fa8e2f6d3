"""A whole body or batch that is copied on a hot path: converted between bytes and text, or joined to another text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service import Service
    from rda_nb.service.program import Function

PAGE = Page(
    title="A whole payload is copied",
    topics=("allocation",),
    consequence="inefficiency",
    rows=Hotspot,
    why="Each copy holds the payload once more in memory; under load that is what the garbage collector works on.",
    remedy="Keep one form (bytes or text) from the read to the write, and write pieces one after the other.",
    proof="The allocation profile of the path shows each payload's size once.",
    impact="throughput",
    references=("https://pkg.go.dev/io#MultiReader",),
)

_JOINED = re.compile(r"(?:^|\+\s*)(?:\w+\.)*((?i:body|content|payload))\s*(?:\+|$)")
_CONVERSIONS = ("string", "[]byte")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per copy of what was read whole, and per text that a payload is joined to, on hot paths."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for row in file.rows.bindings:
            function = service.program.enclosing(file, row.block) if row.block >= 0 else None
            if function is None or not row.values or not _runs(service, function):
                continue
            value = file.text[slice(*row.values[0])]
            what = _converted(service, file, value, row.start) or _joined(service, file, value, row.start, function)
            if what:
                yield _row(service, file, row.start, function, what)


def _runs(service: Service, function: Function) -> bool:
    return bool(service.hot_flows(function)) or function.key in service.background


def _converted(service: Service, file: FileFacts, value: str, offset: int) -> str:
    """The name in `string(name)`, when it holds what was read whole."""
    kind, _, rest = value.partition("(")
    name = rest.removesuffix(")")
    if kind not in _CONVERSIONS or not name.isidentifier():
        return ""
    found = service.names.local(name, file, offset)
    index = file.call_at.get(found[0].values[0]) if found is not None and found[0].values else None
    made = service.calls.operation(file, index) if index is not None else None
    return name if made is not None and made.role in ("read.all", "read.file") else ""


def _joined(service: Service, file: FileFacts, value: str, offset: int, function: Function) -> str:
    """The payload in `head + payload`, when it is a text that the function is given."""
    match = _JOINED.search(value) if "+" in value or (len(value) < 60 and '"' in value) else None
    if match is None or "\n" in value or len(value) > 200:
        return ""
    parameter = service.names.parameter(match[1], function)
    return match[1] if parameter is not None and parameter[2] == "string" else ""


def _row(service: Service, file: FileFacts, offset: int, function: Function, what: str) -> Hotspot:
    flows = service.hot_flows(function)
    where = f"on {flows[0].entrypoint.title}" if flows else "in background work"
    return Hotspot(
        pattern="alloc_in_loop",
        function=function.label,
        why=f"copies `{what}`",
        on_path=flows[0].entrypoint.title if flows else "",
        evidence=(service.cite_at(file, offset),),
        assessment=Assessment.CONCERN,
        claim=f"{function.label} copies all of `{what}`, {where}.",
        symbol=function.label,
        subject=f"{what} at {file.text[offset : offset + 40].split()[0]}",
        hot=bool(flows),
        quiet=True,
    )
