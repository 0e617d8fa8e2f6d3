"""Settings that are handed on under another one's name: the value of one field stands where its neighbour's belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import Entry, Expression, FileFacts
from rda_nb.records import Control, Page
from rda_nb.service import limit_units, limit_words

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A limit is given another limit's value",
    topics=("configurability",),
    consequence="unpredictability",
    rows=Control,
    why="The setting that has the right name changes nothing, and the one that is used bounds two things at once.",
    remedy="Hand on the field of the same name, and let a test set the two to different values.",
    proof="A test sets both to different values and sees each take effect where its name says.",
    impact="overload",
)


# What says that a limit is one of open connections, and no idle ones.
_OPEN = re.compile(r"(?i)^(?!.*idle).*max\w*_?open", re.S)


def assess(service: Service) -> Iterator[Control]:
    """One row per field of a literal that takes a neighbour's value although its source has a field of its own name."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for entries in file.entries_of.values():
            if len(entries) > 1:
                yield from _literal(service, file, entries)
    yield from _idle(service)


def _idle(service: Service) -> Iterator[Control]:
    """A limit of open connections that is given to the setter of idle ones, where nothing limits open ones."""
    sized = [(one.file.path, one.function.key if one.function else "") for one in service.settings.meaning("pool_size")]
    for one in service.settings.meaning("pool_idle"):
        written = one.file.slice(one.span)
        place = (one.file.path, one.function.key if one.function else "")
        if one.file.role != "product" or _OPEN.search(written) is None or place in sized:
            continue
        function = service.program.enclosing(one.file, one.block)
        quantity = service.settings.quantity(one)
        yield Control(
            control=" ".join(written.split())[:60],
            kind="pool_size",
            value=quantity,
            bounded=False,
            configurable=bool(quantity.config_key) or None,
            evidence=(service.settings.cite(one),),
            assessment=Assessment.CONCERN,
            claim=f"`{' '.join(written.split())[:60]}` limits the idle connections; nothing here limits the open ones.",
            symbol=function.label if function else one.file.path,
            subject=" ".join(written.split())[:60],
            hot=None,
            label="DRIFT",
        )


def _literal(service: Service, file: FileFacts, entries: list[Entry]) -> Iterator[Control]:
    given = {file.text[slice(*entry.key)]: entry for entry in entries}
    for name, entry in given.items():
        written = file.text[slice(*entry.value)]
        other = written.rpartition(".")[2]
        # The neighbour is in the same literal and takes its own value: one of the two was copied and not changed.
        if other == name or other not in given or not name.isidentifier() or not limit_words.speaks(name):
            continue
        node = service.calls.conventions.expression(written, entry.value[0])
        if node.kind != "select" or file.text[slice(*given[other].value)] != written:
            continue
        owner = service.names.type_of(node.parts[0], file, entry.block)
        declared = service.program.types.get(owner)
        if declared is not None and name in declared.fields and declared.fields[name] == declared.fields[other]:
            yield _row(service, file, entry, name, other, node)


def _row(service: Service, file: FileFacts, entry: Entry, name: str, other: str, node: Expression) -> Control:
    value = service.values.of(node, file, entry.block)
    timed = value.duration or bool(limit_words.kind_of(name, True) and limit_units.unit_of(name))
    quantity = service.values.quantity(value, "s" if timed else "count")
    function = service.program.enclosing(file, entry.block)
    shown = f" ({quantity.upper:,.10g})" if quantity.upper is not None else ""
    source = service.source(node.parts[0], file)
    origins = tuple(origin.evidence for origin in quantity.origins[:3] if origin.evidence is not None)
    return Control(
        control=name,
        kind=limit_words.kind_of(name, timed) or limit_words.kind_of(name, not timed),
        value=quantity,
        bounded=True,
        configurable=bool(quantity.config_key) or None,
        evidence=(service.cite_at(file, entry.start), *origins),
        assessment=Assessment.CONCERN,
        claim=f"{name} takes the value of {source}.{other}{shown}; {source}.{name} is there and is not used here.",
        symbol=function.label if function else file.path,
        subject=name,
        hot=None,
        label="DRIFT",
    )
