"""Bounds that hold only when somebody sets them: optional settings that are nil or zero by default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Origin, Quantity, absent, known
from rda_nb.records import Control, Page
from rda_nb.service import limit_words
from rda_nb.service.option import Option
from rda_nb.service.optional import Options

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A bound is off unless it is configured",
    topics=("configurability", "concurrency-bounds", "bounded-memory"),
    consequence="unpredictability",
    rows=Control,
    why="A deployment that leaves the key out runs without the bound, and nothing says so until the load comes.",
    remedy="Give the setting a default that holds under load, and make `unlimited` a value that has to be written.",
    proof="Start the service with an empty configuration in the load harness: the bound holds, and its value is logged.",
    impact="overload",
    version=2,
)

# What these switch on is work, not a bound: off is no danger.
_WORK = frozenset({"poll_interval", "flush_interval", "backoff", "prefetch", "batch_size", "visibility_timeout"})
_CLEANS = frozenset(
    {"clean", "cleanup", "gc", "evict", "eviction", "prune", "purge", "retention", "expire", "expiry", "ttl"}
)


def assess(service: Service) -> Iterator[Control]:
    """One row per optional bound, at the line that tests it, uses it, or gives it an unset key's value."""
    for option in Options(service).all():
        if option.form != "gate" or _keeps(option):
            yield _row(service, option)


def _keeps(option: Option) -> bool:
    """True for a bound, and for work that keeps something bounded; other work that is off is no danger."""
    work = option.kind in _WORK or (option.kind == "cache_bound" and option.form == "gate")
    return not work or bool(_CLEANS.intersection(limit_words.words(option.name)))


def _row(service: Service, option: Option) -> Control:
    key = option.value.key
    flows = service.hot_flows(option.function)
    worst = Assessment.CONCERN if _keeps(option) else Assessment.GOOD
    label = option.function.label if option.function else option.file.path
    crash = option.form == "taken"
    return Control(
        control=f"{' '.join(limit_words.words(option.name))}, optional",
        kind=option.kind,
        value=_quantity(service, option),
        bounded=False,
        configurable=bool(key),
        evidence=(service.cite_at(option.file, option.start), *_unique(service, option)),
        assessment=Assessment.CONCERN if crash else worst,
        claim=_claim(option, label),
        symbol=label,
        subject=option.name,
        hot=bool(flows) or None,
        consequence="outage" if crash else "",
        quiet=not crash and not (flows and option.kind == "concurrency"),
    )


def _quantity(service: Service, option: Option) -> Quantity:
    """Zero where zero is what runs, nothing where the pointer is nil."""
    unit = "s" if option.timed else "items"
    origins = option.value.origins[:2]
    if option.form in ("gate", "replaced"):
        zero = origins or (Origin("default", f"{option.value.key} is not set: 0", None, "the zero value of its type"),)
        return known(0, unit, *zero, config_key=option.value.key)
    return absent(f"nil unless {option.value.key} is set" if option.value.key else "nil by default", unit, *origins)


def _claim(option: Option, label: str) -> str:
    set_by = f"{option.value.key} is set" if option.value.key else "the code sets it"
    if option.form == "taken":
        return f"{option.name} is nil unless {set_by}, and {label} dereferences it without a test: unset, the process panics."
    if option.form == "replaced":
        where = f" at {option.places[0]}" if option.places else ""
        return f"{option.name} takes the value of {option.value.key}, which has no default: unset, 0 replaces the default{where}."
    if option.form == "gate":
        return f"{option.name} is 0 unless {set_by}: {label} then leaves out what it switches on."
    return f"{option.name} is nil unless {set_by}: {label} then applies no bound."


def _unique(service: Service, option: Option) -> tuple[Evidence, ...]:
    """The lines that leave it unset, and those of the same function that use it; each once, the first row's own left out."""
    own = option.file.line(option.start)
    found: dict[tuple[str, int], Evidence] = {}
    function = option.function
    places = list(option.places)
    if function is not None and option.form == "nil":
        pattern = re.compile(rf"\*[\w.]*\b{re.escape(option.name)}\b")
        for match in pattern.finditer(option.file.text, function.row.start, function.row.end):
            places.append(service.cite_at(option.file, match.start(), role="caller"))
    for place in places:
        if (place.path, place.line) != (option.file.path, own):
            found.setdefault((place.path, place.line), place)
    return tuple(found.values())[:5]
