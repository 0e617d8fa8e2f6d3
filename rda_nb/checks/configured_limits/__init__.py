"""Limits that configuration files of the target set for keys which the code reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_number
from rda_nb.core import Assessment, Origin, State, known
from rda_nb.facts import doc_units
from rda_nb.records import Control, Page
from rda_nb.service import limit_units, limit_words

if TYPE_CHECKING:
    from rda_nb.facts.doc_config import Entry
    from rda_nb.service import Service

PAGE = Page(
    title="A limit in a configuration file switches a bound off",
    topics=("configurability", "bounded-memory"),
    consequence="unpredictability",
    rows=Control,
    why="The value in the file is the one that runs; it may differ from the default in the code.",
    remedy="State the bound in the file, and refuse values that switch it off.",
    proof="Start the service with the file and read the effective limit from its log or metrics.",
    impact="overload",
)

_NUMBER = re.compile(r"\d[\d_]*(\.\d+)?$")
_MOST = 30
_PLACES = 3


def assess(service: Service) -> Iterator[Control]:
    """One row per key of the configuration files that the code reads and whose name speaks of a limit."""
    if service.documents is None:
        return
    read = _keys(service)
    found: dict[str, list[tuple[Entry, float, str]]] = {}
    for entry in service.documents.entries:
        name = entry.keys[-1] if entry.keys else ""
        if _plain(name) in read and len(limit_words.words(name)) > 1 and (number := _number(name, entry.value.strip())):
            found.setdefault(_plain(name), []).append((entry, *number))
    for key in list(found)[:_MOST]:
        row = _row(service, found[key])
        if row is not None:
            yield row


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _keys(service: Service) -> frozenset[str]:
    """The keys that struct tags of product code name."""
    conventions = service.calls.conventions
    found: set[str] = set()
    for declared in service.program.types.values():
        if declared.file.role != "product":
            continue
        for row in declared.field_rows.values():
            tags = conventions.tags(declared.file.text[slice(*row.tag)]) if row.tag != (0, 0) else {}
            found |= {_plain(tags[word].split(",")[0]) for word in conventions.ENVIRONMENT_TAGS if tags.get(word)}
    return frozenset(key for key in found if len(key) > 3)


def _number(name: str, text: str) -> tuple[float, str] | None:
    """A value in seconds or as a plain number, with its unit; None when it is neither."""
    if not _NUMBER.match(text):
        seconds = doc_units.duration(text)
        return (seconds, "s") if seconds is not None else None
    number = float(text.replace("_", ""))
    step = limit_units.unit_of(name) if limit_words.kind_of(name, True) else None
    return (number * step, "s") if step else (number, "count")


def _row(service: Service, places: list[tuple[Entry, float, str]]) -> Control | None:
    entry, number, unit = places[0]
    name = entry.keys[-1]
    kind = limit_words.kind_of(name, unit == "s")
    if not kind:
        return None
    origins = [
        Origin("override", f"{name}: {other.value}"[:120], service.target.cite(other.path, other.line))
        for other, _, _ in places[:_PLACES]
    ]
    numbers = sorted({number for _, number, _ in places})
    key = ".".join(part for part in entry.keys if not part.isdigit())
    quantity = known(number, unit, *origins, config_key=key)
    if len(numbers) > 1:
        quantity = replace(quantity, state=State.RANGE, number=None, low=numbers[0], high=numbers[-1])
    shown = f"{entry.value}" if len(numbers) == 1 else f"{format_number(numbers[0])} to {format_number(numbers[-1])}"
    return Control(
        control=f"{' '.join(limit_words.words(name))} in {entry.path.rpartition('/')[2]}",
        kind=kind,
        value=quantity,
        bounded=None,
        configurable=True,
        evidence=tuple(origin.evidence for origin in origins if origin.evidence is not None),
        assessment=Assessment.GOOD,
        claim=f"`{name}` is set to {shown} in {len({e.path for e, _, _ in places})} configuration file(s).",
        symbol=entry.path,
        subject=key,
        hot=None,
    )
