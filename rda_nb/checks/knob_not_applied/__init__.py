"""A setting that a deployment can change and that nothing acts on: it promises a bound that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Quantity
from rda_nb.records import Control, Page
from rda_nb.service.limit_words import kind_of, speaks
from rda_nb.service.tagged_keys import config_key
from rda_nb.service.uses import Uses

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.knob import Knob

PAGE = Page(
    title="A setting is read and never applied",
    topics=("configurability",),
    consequence="unpredictability",
    rows=Control,
    why="Whoever turns the knob during an incident believes in a bound that does not exist.",
    remedy="Apply it where it was meant to act, or delete it from code, configuration and documentation.",
    proof="A test sets it to an extreme value and sees the behaviour change.",
    impact="overload",
)


# Types of a limit, and tags that only a loader of configuration reads.
_COUNTED = re.compile(r"u?int(?:8|16|32|64)?|float64|time\.Duration")
# Tags of messages and rows, tags of configuration files, and what a type of configuration is called.
_CARRIED = re.compile(r"\b(?:json|bun|db|bson|gorm|protobuf|form|query)\s*:")
_READ_IN = re.compile(r"\b(?:env|envconfig|mapstructure|koanf|yaml|toml|hcl|ini|flag|long|arg)\s*:")
_CONFIGURES = re.compile(r"(?i)conf|setting|option|opts|limit|cfg|env|flag|propert")
_LOADED = re.compile(r"\b(?:env|envconfig|mapstructure|koanf)\s*:")


def assess(service: Service) -> Iterator[Control]:
    """One row per configurable limit without a reader."""
    if not any(function.name == "main" for function in service.program.functions):
        return
    uses = Uses(service)
    seen = set()
    for knob in service.knobs:
        if (
            knob.configurable
            and knob.symbol
            and knob.form in ("flag", "field", "tag", "file")
            and knob.symbol not in seen
        ):
            seen.add(knob.symbol)
            if (
                not _sent(service, knob.symbol)
                and not uses.applied(knob.symbol)
                and not _read_again(service, uses, knob.value.config_key, knob.symbol)
            ):
                yield _row(service, uses, knob)
    yield from _fields(service, uses, seen)


def _sent(service: Service, symbol: str) -> bool:
    """True for a field whose tag is for messages or rows, not for configuration: who reads it is outside."""
    key, _, name = symbol.rpartition(".")
    owner = service.program.types.get(key)
    row = owner.field_rows.get(name) if owner is not None else None
    if owner is None or row is None or row.tag == (0, 0):
        return False
    tag = owner.file.text[slice(*row.tag)]
    carried = _CARRIED.search(tag) is not None and _READ_IN.search(tag) is None and _CONFIGURES.search(key) is None
    return carried or not config_key(service, owner, name)


def _read_again(service: Service, uses: Uses, key: str, symbol: str) -> bool:
    """True when another line asks for the same key, or another field that is used is tagged with it: that one acts."""
    if not key:
        return False
    found = {
        (operation.path, operation.line)
        for operation in service.operations("env.get")
        if service.text(service.argument(operation, operation.entry.message or 0), operation) == key
    }
    others = (
        f"{owner.key}.{name}"
        for owner in service.program.types.values()
        if owner.file.role == "product" and f'"{key}"' in owner.file.text
        for name, row in owner.field_rows.items()
        if f'"{key}"' in owner.file.text[slice(*row.tag)]
    )
    return len(found) > 1 or any(other != symbol and uses.applied(other) for other in others)


def _fields(service: Service, uses: Uses, seen: set[str]) -> Iterator[Control]:
    """Fields that a file or the environment sets and that have no default in code."""
    for owner in service.program.types.values():
        if owner.file.role != "product":
            continue
        for name, row in sorted(owner.field_rows.items(), key=lambda item: item[1].start):
            symbol = f"{owner.key}.{name}"
            key = config_key(service, owner, name) if speaks(name) and symbol not in seen else ""
            written = owner.fields[name].lstrip("*")
            if (
                key
                and _COUNTED.fullmatch(written)
                and _LOADED.search(owner.file.text[slice(*row.tag)])
                and not uses.applied(symbol)
                and not _read_again(service, uses, key, symbol)
            ):
                timed = bool(kind_of(name, True))
                value = service.values.quantity(service.values.field(owner.key, name), "s" if timed else "count")
                place = service.cite_at(owner.file, row.start)
                yield _control(uses, name, kind_of(name, timed), value, key, place, (), owner.name)


def _row(service: Service, uses: Uses, knob: Knob) -> Control:
    label = knob.function.label if knob.function else knob.symbol
    key = knob.value.config_key
    return _control(uses, knob.name, knob.kind, knob.value, key, knob.evidence, knob.more, label)


def _control(
    uses: Uses, name: str, kind: str, value: Quantity, key: str, site: Evidence, more: tuple[Evidence, ...], symbol: str
) -> Control:
    page = uses.documented(key) if key else None
    said = f", though {page} documents it" if page else ""
    return Control(
        control=name,
        kind=kind,
        value=value,
        bounded=False,
        configurable=True,
        evidence=(site, *((page,) if page else ()), *more),
        assessment=Assessment.CONCERN,
        claim=f"{key or name} is read into {name} and nothing acts on it: changing it changes nothing{said}.",
        remedy=f"Apply {key or name} where it was meant to act, or delete it from code, configuration and documentation.",
        proof=f"A test sets {key or name} to 1 and sees the behaviour change, or no line names it any more.",
        symbol=symbol,
        subject=name,
        hot=None,
        label="DRIFT" if page else "",
    )
