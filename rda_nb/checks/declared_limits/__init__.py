"""Every limit that the code declares by name, at the line of its default: flags, configuration, constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, State
from rda_nb.records import Control, Page
from rda_nb.service.limit_words import vocabulary, words

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.knob import Knob

PAGE = Page(
    title="A declared limit is far outside what its name promises",
    topics=("configurability", "concurrency-bounds", "batch-sizes", "bounded-memory", "retries"),
    consequence="unpredictability",
    rows=Control,
    why="Limits decide how much the service takes on and how long it holds on; a reviewer needs each with its default.",
    remedy="Choose the limit from a measured load, say why beside it, and let a deployment change it.",
    proof="Drive the service to the limit in the load harness: it holds, and a metric shows that it was reached.",
    impact="overload",
    version=2,
)

_FORMS = {
    "flag": "a flag",
    "default": "a configuration default",
    "tag": "a configuration default",
    "field": "a default in code",
    "constant": "a constant",
    "variable": "a package variable",
    "local": "a local constant",
    "file": "set by a configuration file",
}
_FIXED = "fixed in code"


def assess(service: Service) -> Iterator[Control]:
    """One row per declared limit; settings of client libraries have their own check."""
    outside = frozenset(vocabulary()["set_outside"])
    for knob in service.knobs:
        if knob.configurable or knob.form == "file" or outside.isdisjoint(words(knob.name)):
            yield _row(service, knob)


def _row(service: Service, knob: Knob) -> Control:
    rule = _rule(knob) or _off(knob)
    value = knob.value
    span = f"{value.low:,.10g} to " if value.state is State.RANGE and value.low is not None else ""
    unit = "" if value.unit in ("count", "items", "") else f" {value.unit}"
    change = _change(service, knob)
    form = "a value in code" if knob.form == "field" and change == _FIXED else _FORMS[knob.form]
    claim = f"{knob.name}, {form}, is {span}{value.upper:,.10g}{unit} ({change})"
    origins = [origin.evidence for origin in value.origins[:4] if origin.evidence is not None]
    others = [
        place
        for place in (*knob.more, *origins)
        if (place.path, place.line) != (knob.evidence.path, knob.evidence.line)
    ]
    return Control(
        control=knob.name,
        kind=knob.kind,
        value=value,
        bounded=True,
        configurable=knob.configurable or bool(knob.loaded),
        evidence=(knob.evidence, *dict.fromkeys(others)),
        assessment=Assessment.CONCERN if rule else Assessment.GOOD,
        claim=f"{claim}: {rule}." if rule else f"{claim}.",
        symbol=knob.function.label if knob.function else knob.symbol or knob.file.path,
        subject=knob.name,
        hot=None,
        quiet=True,
    )


def _change(service: Service, knob: Knob) -> str:
    """What sets a limit, as far as the target says."""
    if knob.value.config_key:
        return f"set by {knob.value.config_key}"
    if knob.configurable:
        return "configurable"
    if knob.loaded:
        here = "" if service.loaded_fields.set_by_files(knob.loaded) else ", not set in the target's files"
        return f"key {knob.loaded} in the configuration{here}"
    # What decodes a configuration into a structure names no key: only a name's own value, and what stands in a value of
    # the package that nothing seen is decoded into, is surely fixed.
    fixed = knob.form not in ("field", "file", "tag") or _of_package(service, knob)
    return _FIXED if fixed else "no key found that sets it"


def _of_package(service: Service, knob: Knob) -> bool:
    """True for a field in a value of the package, of a struct whose fields no tag names."""
    declared = service.program.types.get(knob.symbol.rpartition(".")[0])
    at_package = knob.form == "field" and knob.function is None
    return at_package and declared is not None and not service.loaded_fields.tagged(declared)


def _off(knob: Knob) -> str:
    """What a timeout of 0 stands for."""
    # A unit may follow; what is named after something else besides, as the time before a check begins, is no limit.
    ends = set(words(knob.name)[-2:])
    limits = knob.value.upper == 0 and knob.kind in ("server_timeout", "resource_limit")
    off = limits and not ends.isdisjoint(vocabulary()["off_at_zero"])
    return "0 stands for no such limit" if off else ""


def _rule(knob: Knob) -> str:
    """What the vocabulary says against a value of this kind, '' when nothing."""
    for rule in vocabulary()["judge"]:
        if (
            rule["kind"] == knob.kind
            and (rule["value"] == "time") == knob.timed
            and (knob.value.upper or 0) >= rule["at_least"]
            and not set(words(knob.name)).isdisjoint(rule["words"])
        ):
            return str(rule["say"])
    return ""
