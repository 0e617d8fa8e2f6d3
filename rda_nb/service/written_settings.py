"""Settings that are written as text: in a connection string, or by their name in a map of settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from rda_nb.core import Origin, Quantity, known, unknown
from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service import terms
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.packages import Package, SettingEntry
from rda_nb.service.sending import Place, Sending
from rda_nb.service.values import Values

_PREFIX = "dsn:"
_OPENING = ("sql.open", "clickhouse.open", "clickhouse.connect", "config.load")
_PAIR = re.compile(r"(?:^|[?&;\s])([A-Za-z_][\w.\-]*)=([^\s&;\"'`]*)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?\Z")
_TRUTH = {"true": 1.0, "false": 0.0}
_NANOSECONDS = 1e9
_LONGEST = 4000


class Written(NamedTuple):
    """A setting that a connection string gives: the library's entry, and the value with the place of the string."""

    package: Package
    key: str
    operation: Operation
    quantity: Quantity


def written(calls: Calls, values: Values) -> Iterator[Written]:
    """The settings in every connection string that can be followed to what it opens."""
    sending = Sending(calls, values)
    files = {file.path: file for file in calls.names.program.files}
    for operation in calls.role(*_OPENING):
        if operation.file.role == "generated":
            continue
        arguments = calls.arguments(operation)[:3]
        package = _package(calls, values, operation, arguments)
        if package is None:
            continue
        seen: set[tuple[str, int, str]] = set()
        for argument in arguments:
            for place in sending.literals(argument, operation.file, operation.block):
                file = files.get(place.path)
                for key, value, offset in _pairs(file, place) if file is not None else ():
                    entry = package.settings.get(f"{_PREFIX}{key}")
                    if file is not None and entry is not None and (place.path, offset, key) not in seen:
                        seen.add((place.path, offset, key))
                        quantity = _filled_in(calls, values, file, place, entry, value, offset)
                        yield Written(
                            package,
                            f"{_PREFIX}{key}",
                            operation,
                            quantity or _quantity(calls, file, entry, value, offset),
                        )


def _pairs(file: FileFacts, place: Place) -> Iterator[tuple[str, str, int]]:
    """(key, value, offset) of each pair in one string literal."""
    text = file.text[place.start : place.start + _LONGEST]
    quote = text[:1]
    end = text.find(quote, 1) if quote in ('"', "`") else -1
    for match in _PAIR.finditer(text, 1, end) if end > 0 else ():
        yield match[1], match[2], place.start + match.start(1)


def _quantity(calls: Calls, file: FileFacts, entry: SettingEntry, value: str, offset: int) -> Quantity:
    unit = entry.unit or terms.meaning(entry.means).unit
    origin = Origin("constant", value, calls.cite_at(file, offset))
    if "%" in value or "{" in value or "$" in value or not value:
        return unknown("the connection string is given it when it is made", unit, origin)
    if _NUMBER.match(value):
        return known(float(value) * entry.scale, unit, origin)
    if value.lower() in _TRUTH:
        return known(_TRUTH[value.lower()], unit, origin)
    duration = calls.conventions.duration_text(value)
    if duration is not None and unit == "s":
        return known(duration / _NANOSECONDS, unit, origin)
    return unknown(f"`{value}` is not a number that is followed", unit, origin)


def _filled_in(
    calls: Calls, values: Values, file: FileFacts, place: Place, entry: SettingEntry, value: str, offset: int
) -> Quantity | None:
    """The number that a format puts into a connection string, where it stands there alone: `statement_timeout=%d`."""
    verbs = calls.conventions.FORMAT_VERB
    if not verbs.fullmatch(value):
        return None
    for index, row in enumerate(file.rows.calls):
        if not row.callee_end < place.start < row.end or row.end - row.callee_end > _LONGEST:
            continue
        operation = calls.operation(file, index)
        if operation is None or operation.role != "format" or operation.entry.message is None:
            continue
        written = calls.argument(operation, operation.entry.message)
        if written is None or written.start != place.start:
            continue
        position = operation.entry.message + 1 + len(verbs.findall(file.text[place.start : offset]))
        unit = entry.unit or terms.meaning(entry.means).unit
        found = values.quantity(
            values.of(calls.argument(operation, position), file, operation.block), unit, entry.scale
        )
        here = Origin("constant", value, calls.cite_at(file, offset))
        return replace(found, origins=(here, *found.origins)) if found.upper is not None else None
    return None


def _package(calls: Calls, values: Values, operation: Operation, arguments: Iterable[Expression]) -> Package | None:
    """The library that reads the connection string: the one called, else the driver that it is handed to."""
    own = calls.names.libraries.package(operation.package)
    if own is not None and _reads_strings(own):
        return own
    if own is None or own.system not in ("", "other", "sql"):
        parent = calls.names.libraries.package(operation.package.rpartition("/")[0])
        return parent if parent is not None and _reads_strings(parent) else None
    drivers = _drivers(calls)
    named = [values.text_of(argument, operation.file, operation.block) for argument in arguments]
    systems = {_SYSTEMS[name.lower()] for name in named if name and name.lower() in _SYSTEMS}
    fitting = [one for one in drivers if not systems or one.system in systems]
    return fitting[0] if len({one.system for one in fitting}) == 1 else None


_SYSTEMS = {
    "clickhouse": "clickhouse",
    "chhttp": "clickhouse",
    "postgres": "postgres",
    "pgx": "postgres",
    "mysql": "mysql",
}


def _reads_strings(package: Package) -> bool:
    return any(key.startswith(_PREFIX) for key in package.settings)


def _drivers(calls: Calls) -> list[Package]:
    """The drivers that product code imports, each as the library whose connection strings it reads."""
    paths = dict.fromkeys(
        row.path for file in calls.names.program.files if file.role == "product" for row in file.rows.imports
    )
    found: dict[str, Package] = {}
    for path in paths:
        for one in (path, path.rpartition("/")[0]):
            package = calls.names.libraries.package(one) if one else None
            if package is not None and _reads_strings(package):
                found.setdefault(package.path, package)
                break
    return list(found.values())


__all__ = ["Written", "written"]
