"""Every size, limit, interval and count that a client library is given, and those that a receive leaves to the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from rda_nb.core import Assessment, Evidence, Origin, Quantity, State, absent, known
from rda_nb.records import Control, Page
from rda_nb.service import terms
from rda_nb.service.creations import Creation

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.packages import BudgetEntry, SettingEntry
    from rda_nb.service.setting import Setting

PAGE = Page(
    title="A client's setting wastes requests or removes a bound",
    topics=("batch-sizes", "concurrency-bounds", "polling", "backpressure", "pools", "configurability"),
    consequence="unpredictability",
    rows=Control,
    why="Library settings decide how many requests a message costs and how much a client may hold at once.",
    remedy="Set the value from the load that is expected, from configuration, with its reason beside it.",
    proof="Requests per item and connections in use, measured at the expected load, match the chosen value.",
    impact="throughput",
    references=(
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html",
    ),
)


@cache
def _data() -> dict[str, Any]:
    text = (resources.files(__package__) / "rules.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def assess(service: Service) -> Iterator[Control]:
    """One row per line and kind that gives a setting its value, then one per setting that is left to the default."""
    found: dict[tuple[str, int, str], tuple[Setting, Quantity]] = {}
    for setting in service.settings.all:
        kind = terms.meaning(setting.means).control
        if kind not in _data()["kinds"] or setting.file.role not in ("product", "tooling"):
            continue
        quantity, silent = service.settings.quantity(setting), _data()["silent"].get(setting.means)
        if silent is not None and (quantity.upper is None or quantity.upper <= silent["at_most"]):
            continue
        key = (setting.file.path, setting.file.line(_start(setting)), kind)
        if key not in found or (found[key][1].upper is None and quantity.upper is not None):
            found[key] = (setting, quantity)
    for (_, _, kind), (setting, quantity) in found.items():
        if quantity.number == 0 and setting.entry.zero == "default":
            if setting.entry.default is None:
                continue  # a question for what is set, or a word for what the library decides
            source = f"{setting.entry.source} ({setting.entry.since})"
            stands_for = Origin("library_default", f"0 stands for {setting.entry.default}", None, source)
            quantity = known(float(setting.entry.default), quantity.unit, *quantity.origins, stands_for)
        yield _row(service, setting, kind, quantity)
    for rule in _data()["absent"]:
        for operation in service.operations(rule["role"]):
            yield from _of_call(service, operation, rule["means"])
    yield from _of_literals(service)
    yield from _of_openings(service)
    for rule in _data()["unlimited"]:
        if not service.operations(rule["set_by"]):
            for operation in service.operations(rule["role"]):
                yield from _unlimited(service, operation, rule)


def _of_openings(service: Service) -> Iterator[Control]:
    """Rows for limits of a client that is opened without them, where its library has a number of its own."""
    opened = _data()["opened"]
    for operation in service.operations(*opened["roles"]):
        package = service.names.libraries.package(operation.package)
        made = Creation(operation.file, operation.row.start, operation.row.end, operation.block, "", operation)
        found = [entry for entry in package.budget if entry.means in opened["means"]] if package is not None else []
        numbers = [one for one in found if isinstance(one.default, int | float) and one.holds_for(operation.client)]
        carried = {setting.means for setting in service.settings.of([made])} if numbers else set()
        for entry in numbers:
            if entry.means not in carried and entry.default <= opened["at_most"]:
                yield _of_library(service, operation, entry)


def _of_library(service: Service, operation: Operation, entry: BudgetEntry) -> Control:
    meaning, function = terms.meaning(entry.means), operation.function
    origin = Origin("library_default", f"{entry.means} is not set", None, f"{entry.source} (since {entry.since})")
    value = known(float(entry.default), meaning.unit, origin)
    note = f", {entry.note}" if entry.note else ""
    return _unset(
        entry.means,
        value=value,
        evidence=(service.cite(operation, "absence"),),
        assessment=Assessment.GOOD,
        claim=f"{operation.library}: {meaning.title} is {_number(value)} by the library's default{note}; nothing here sets it.",
        symbol=function.label if function else operation.path,
        subject=f"{operation.client} {entry.means}",
        quiet=True,
    )


def _start(setting: Setting) -> int:
    """Where a reader looks: a field's name, or the argument itself, which may stand lines below the call's start."""
    return setting.span[0] if setting.key.endswith(")") else setting.start


def _row(service: Service, setting: Setting, kind: str, quantity: Quantity) -> Control:
    package = service.names.libraries.package(setting.package)
    unlimited = quantity.number == 0 and setting.entry.zero in ("none", "unlimited")
    rule = _rule(setting.means, package.system if package else "", quantity.upper, unlimited)
    product = setting.file.role == "product"
    what = f"{setting.library}: {setting.title}"
    if quantity.upper is None:
        assessment, claim = Assessment.GAP, f"{what} cannot be read: {quantity.reason}."
    elif unlimited:
        quantity = absent("0 means no limit", quantity.unit, *quantity.origins)
        assessment, claim = (
            Assessment(rule.get("assessment", "GOOD")),
            f"{what} is 0, which means no limit{_say(rule)}.",
        )
    else:
        assessment, claim = Assessment(rule.get("assessment", "GOOD")), f"{what} is {_number(quantity)}{_say(rule)}."
    function = setting.function
    flows = service.item_flows(function, setting.start)
    return Control(
        control=setting.title,
        kind=kind,
        value=quantity,
        bounded=not unlimited,
        configurable=bool(quantity.config_key) if quantity.upper is not None or quantity.config_key else None,
        evidence=(service.cite_at(setting.file, _start(setting)), *_places(quantity)),
        assessment=assessment if product or assessment is not Assessment.GAP else Assessment.GOOD,
        claim=claim,
        symbol=function.label if function else setting.file.path,
        subject=setting.key,
        hot=True if flows else None if product else False,
        topic=_data()["topics"].get(kind, ""),
        **_advice(rule),
        quiet=bool(rule.get("quiet")) or not product,
    )


def _of_call(service: Service, operation: Operation, means: list[str]) -> Iterator[Control]:
    """Rows for settings that the request of a call does not carry, when the request is seen whole."""
    consumes = any(entry.source is operation for entry in service.entrypoints)
    for argument in service.calls.arguments(operation):
        for made in service.settings.creations(operation.file, (argument.start, argument.end), operation.block):
            written = made.start < operation.row.start or made.file is not operation.file
            places = (service.cite_at(made.file, made.start),) if written else ()
            for key, entry in _missing(service, made, means):
                evidence = (service.cite(operation, "absence"), *places)
                function = operation.function
                label = function.label if function else operation.path
                hot = service.is_hot(operation)
                yield _default(
                    service, operation.package, key, entry, evidence, label, operation.title, hot, not consumes
                )


def _of_literals(service: Service) -> Iterator[Control]:
    """Rows for settings that a literal of a library's type leaves out."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for row in file.rows.literals:
            kind = service.names.canonical(file.text[row.start : row.type_end], file)
            made = Creation(file, row.start, row.end, row.block, kind)
            for key, entry in _missing(service, made, _data()["left_out"]):
                function = service.program.enclosing(file, row.block)
                label, evidence = (
                    function.label if function else file.path,
                    (service.cite_at(file, row.start, 0, "absence"),),
                )
                yield _default(
                    service, kind.rpartition(".")[0], key, entry, evidence, label, key.partition(".")[0], None, False
                )


def _unlimited(service: Service, operation: Operation, rule: dict[str, Any]) -> Iterator[Control]:
    """A row for a limit that the library has none of by default and the target sets nowhere."""
    budgets = service.budgets
    settings, meaning = budgets.client_settings(operation), terms.meaning(rule["means"])
    value, _ = budgets.limits.limit(rule["means"], settings, budgets.clients.entries(operation))
    own = [one for one in settings.get(rule["unless"], ()) if operation.row.start <= one.span[0] < operation.row.end]
    otherwise = {service.settings.quantity(setting).number for setting in own if setting.file is operation.file}
    if rule["means"] in settings or value.state is not State.ABSENT or otherwise != {0}:
        return
    function = operation.function
    yield _unset(
        rule["means"],
        rule,
        value=value,
        bounded=False,
        evidence=(service.cite(operation, "absence"),),
        assessment=Assessment.CONCERN,
        claim=f"{operation.title} limits no {meaning.title}: {rule['say']}.",
        symbol=function.label if function else operation.path,
        subject=operation.client,
        hot=True if service.is_hot(operation) else None,
    )


def _unset(means: str, rule: Mapping[str, Any] = MappingProxyType({}), *, bounded: bool = True, **row: Any) -> Control:
    """A row for a limit that the target does not set, so that its deployments cannot change it."""
    meaning = terms.meaning(means)
    return Control(
        control=meaning.title,
        kind=meaning.control,
        bounded=bounded,
        configurable=False,
        topic=_data()["topics"].get(meaning.control, ""),
        **_advice(rule),
        **row,
    )


def _advice(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(rule.get(name, "")) for name in ("consequence", "remedy", "proof")}


def _missing(service: Service, made: Creation, means: list[str]) -> list[tuple[str, SettingEntry]]:
    """The settings with these meanings, and a known default, that a value of a library's type does not carry."""
    path, _, name = made.type.rpartition(".")
    package = service.names.libraries.package(path) if path and made.operation is None else None
    keys = [(key, entry) for key, entry in (package.settings if package else {}).items() if key.startswith(f"{name}.")]
    keys = [(key, entry) for key, entry in keys if entry.means in means and entry.default is not None]
    carried = {setting.means for setting in service.settings.of([made])} if keys else set()
    return [(key, entry) for key, entry in keys if entry.means not in carried]


def _default(
    service: Service,
    path: str,
    key: str,
    entry: SettingEntry,
    evidence: tuple[Evidence, ...],
    symbol: str,
    title: str,
    hot: bool | None,
    quiet: bool,
) -> Control:
    package, meaning = service.names.libraries.package(path), terms.meaning(entry.means)
    source = f"{entry.source} (since {entry.since})"
    value = known(entry.default, meaning.unit, Origin("library_default", f"{key} is not set", None, source))
    rule = _rule(entry.means, package.system if package else "", value.upper, False)
    overruled = _data()["overruled"].get(entry.means)
    return _unset(
        entry.means,
        rule,
        value=value,
        evidence=evidence,
        assessment=Assessment.GAP if overruled else Assessment(rule.get("assessment", "GOOD")),
        claim=f"{title} sets no {meaning.title}: the default is {_number(value)}{f'; {overruled}' if overruled else _say(rule)}.",
        symbol=symbol,
        subject=key,
        hot=hot,
        quiet=quiet or bool(rule.get("quiet")),
    )


def _rule(means: str, system: str, number: float | None, unlimited: bool) -> dict[str, Any]:
    for rule in _data()["rules"]:
        if rule["means"] != means or rule.get("system", system) != system or number is None:
            continue
        if rule.get("unlimited"):
            if unlimited:
                return dict(rule)
        elif not unlimited and rule.get("at_least", number) <= number <= rule.get("at_most", number):
            return dict(rule)
    return {}


def _say(rule: dict[str, Any]) -> str:
    return f": {rule['say']}" if rule else ""


def _number(quantity: Quantity) -> str:
    unit = "" if quantity.unit in ("count", "items", "") else f" {quantity.unit}"
    span = f"{quantity.low:,.10g} to " if quantity.state is State.RANGE and quantity.low is not None else ""
    key = f", set by {quantity.config_key}" if quantity.config_key else ""
    return f"{span}{quantity.upper:,.10g}{unit}{key}"


def _places(quantity: Quantity) -> tuple[Evidence, ...]:
    return tuple(origin.evidence for origin in quantity.origins[:4] if origin.evidence is not None)
