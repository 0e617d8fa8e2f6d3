"""Every timeout that a client of another system is given, at the line that gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Factor, Formula, Quantity, State, absent, known
from rda_nb.records import ExternalCall, Page
from rda_nb.service.creations import Creation

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts, Literal
    from rda_nb.service import Service
    from rda_nb.service.setting import Setting

PAGE = Page(
    title="A client's timeout is too long to protect its callers",
    topics=("call-budgets",),
    consequence="unpredictability",
    rows=ExternalCall,
    why="A timeout of many minutes lets one hung peer hold a worker for as long; callers have given up long before.",
    remedy="Choose the timeout from what the caller can wait for, and set the longest call's deadline by context.",
    proof="Blackhole the dependency in the load harness: calls fail within the chosen timeout.",
)

_MEANINGS = (
    "call_timeout",
    "attempt_timeout",
    "connect_timeout",
    "read_timeout",
    "write_timeout",
    "acquire_timeout",
    "header_timeout",
)
_SCOPES = {"connect_timeout": "connection", "acquire_timeout": "wait for the pool", "call_timeout": "call"}
# Longer than any interactive or queue budget: ten minutes, the rubric's limit for a stall that is not named a finding.
_LONG = 300.0


def assess(service: Service) -> Iterator[ExternalCall]:
    """One row per place that sets a client's timeout."""
    told = _told(service)
    yield from _replaced(service)
    yield from _unfollowed(service)
    for setting in service.settings.meaning(*_MEANINGS):
        package = service.names.libraries.package(setting.package)
        system = package.system if package else ""
        if not system or setting.file.role not in ("product", "tooling"):
            continue
        quantity = service.settings.quantity(setting)
        if quantity.number == 0 and setting.entry.zero in ("none", "unlimited"):
            quantity = absent("0 means no limit", "s", *quantity.origins)
        assessment, claim = _judge(setting, quantity)
        function = setting.function
        place = service.settings.cite(setting)
        yield ExternalCall(
            system=system if system != "sql" else "other",
            operation=f"client {setting.title}",
            client=f"{setting.library} {setting.key}",
            timeout=quantity,
            timeout_source="client",
            attempts=known(1, "count"),
            retry_source="none",
            backoff=absent("a setting, not a call", "s"),
            worst_case=_formula(setting, quantity, _scope(service, setting)),
            evidence=(place, *_origins(quantity)),
            assessment=assessment,
            claim=claim,
            symbol=function.label if function else setting.file.path,
            subject=setting.key,
            hot=None if setting.file.role == "product" else False,
            # Of several deployments one may be patient: the others are fine.
            quiet=(assessment is not Assessment.RISK and (_least(quantity) or 0) <= _LONG)
            or (place.path, place.line) in told,
        )


def _least(quantity: Quantity) -> float | None:
    return quantity.low if quantity.low is not None else quantity.upper


def _unfollowed(service: Service) -> Iterator[ExternalCall]:
    """One row per client without a timeout whose calls are not seen: whoever is handed it makes them.

    None at all where the client of any call is not followed: it may be one of these.
    """
    bare = list(_clients(service))
    made: set[tuple[str, int]] = set()
    for operation in service.external_operations if bare else ():
        package = service.names.libraries.package(operation.package)
        if package is None or package.system != "http" or "." not in operation.client:
            continue
        found = service.budgets.creations(operation)
        if not found:
            return
        made.update((one.file.path, one.start) for one in service.settings.built_from(found))
    for file, literal, kind in bare:
        function = service.program.enclosing(file, literal.block)
        if (file.path, literal.start) in made or service.unused.function(function):
            continue
        carried = service.settings.of((Creation(file, literal.start, literal.end, literal.block, kind),))
        if not any(one.means in _MEANINGS for one in carried):
            yield _bare(service, file, literal, kind)


def _clients(service: Service) -> Iterator[tuple[FileFacts, Literal, str]]:
    """Every literal of an HTTP client's type that has a timeout of its own, and does not name it."""
    for file in service.program.files:
        kinds = _timed(service, file) if file.role == "product" else {}
        names = tuple(kind.rpartition(".")[2] for kind in kinds)
        for literal in file.rows.literals if kinds else ():
            written = file.text[literal.start : literal.type_end]
            kind = service.names.canonical(written, file) if written.endswith(names) else ""
            if kind in kinds and f"{kinds[kind]}:" not in file.text[literal.type_end : literal.end]:
                yield file, literal, kind


def _timed(service: Service, file: FileFacts) -> dict[str, str]:
    """The types of HTTP clients that a file can make, with the field that is their timeout."""
    found = {}
    for path in set(service.program.imports(file).values()):
        package = service.names.libraries.package(path)
        if package is not None and package.system == "http":
            for key, entry in package.settings.items():
                if entry.means in ("call_timeout", "attempt_timeout") and "(" not in key and "." in key:
                    name, _, field = key.partition(".")
                    found[f"{path}.{name}"] = field
    return found


def _bare(service: Service, file: FileFacts, literal: Literal, kind: str) -> ExternalCall:
    function = service.program.enclosing(file, literal.block)
    where = function.label if function else file.path
    none = absent("the client is made without one", "s")
    return ExternalCall(
        system="http",
        operation="client that is handed on",
        client=kind.rpartition("/")[2],
        timeout=none,
        timeout_source="none",
        attempts=known(1, "count"),
        retry_source="none",
        backoff=absent("a setting, not a call", "s"),
        worst_case=Formula("no limit", None, "s", False),
        evidence=(service.cite_at(file, literal.start),),
        assessment=Assessment.CONCERN,
        claim=f"The HTTP client that {where} makes has no timeout; its calls are made elsewhere, and only a context ends them.",
        remedy=f"Give the client made in {where} a timeout below what its callers can wait for.",
        symbol=where,
        subject=kind,
        hot=None,
        quiet=True,
    )


def _replaced(service: Service) -> Iterator[ExternalCall]:
    """One row per client that takes the place of one which was given a timeout, and has none of its own."""
    for setting in service.settings.meaning("replacing_client"):
        inner = service.settings.creations(setting.file, setting.span, setting.block)
        own = {one.means for one in service.settings.of(inner)}
        before = [
            one
            for one in service.settings.meaning("call_timeout", "attempt_timeout")
            if one.package == setting.package and one.function is setting.function and one.start < setting.start
        ]
        if setting.file.role != "product" or not inner or not before or own & {"call_timeout", "attempt_timeout"}:
            continue
        package = service.names.libraries.package(setting.package)
        lost, function = before[-1], setting.function
        places = [service.settings.cite(lost), *(service.cite_at(made.file, made.start) for made in inner[:1])]
        yield ExternalCall(
            system=package.system if package else "other",
            operation="client without the timeout that was set before",
            client=f"{setting.library} {setting.key}",
            timeout=absent("the client that is put in has none", "s"),
            timeout_source="none",
            attempts=known(1, "count"),
            retry_source="none",
            backoff=absent("a setting, not a call", "s"),
            worst_case=Formula("no limit", None, "s", False),
            evidence=(service.settings.cite(setting), *places),
            assessment=Assessment.CONCERN,
            claim=(
                f"{setting.library}: {setting.key.partition('(')[0]} replaces the client that {lost.key.partition('(')[0]} "
                f"gave its timeout at {places[0]}; what is connected by this way has no timeout."
            ),
            symbol=function.label if function else setting.file.path,
            subject=setting.key,
            hot=None,
        )


def _told(service: Service) -> set[tuple[str, int]]:
    """Places that bound a call which is itself a finding: they are cited there, with the time that they add up to."""
    found = set()
    for operation in service.external_operations:
        worst = service.budget(operation).worst_case
        if (not worst.bounded or (worst.result or 0) > 2 * _LONG) and service.is_hot(operation):
            found |= {(place.path, place.line) for place in service.budget(operation).evidence}
    return found


def _judge(setting: Setting, quantity: Quantity) -> tuple[Assessment, str]:
    title = f"{setting.library}: {setting.title}"
    if quantity.state is State.ABSENT:
        return Assessment.CONCERN, f"{title} is switched off ({quantity.reason})."
    if quantity.upper is None:
        return Assessment.GAP, f"{title} cannot be read: {quantity.reason}."
    low = f"{quantity.low:g} to " if quantity.low is not None and quantity.low >= 0 else ""
    if quantity.upper > _LONG and setting.file.role == "product":
        return Assessment.CONCERN, f"{title} is {low}{quantity.upper:g} s."
    return Assessment.GOOD, f"{title} is {low}{quantity.upper:g} s."


def _scope(service: Service, setting: Setting) -> str:
    """What the timeout bounds: where the library's default bounds one block of an answer, so does the setting."""
    package = service.names.libraries.package(setting.package)
    scopes = [entry.scope for entry in package.budget if entry.means == setting.means] if package else []
    return "block" if "block" in scopes else _SCOPES.get(setting.means, "attempt")


def _formula(setting: Setting, quantity: Quantity, scope: str) -> Formula:
    factors = tuple(
        Factor("T", quantity.upper, "s", origin.kind, origin.evidence, origin.source)
        for origin in quantity.origins[-1:]
    )
    if quantity.upper is not None:
        return Formula(f"{quantity.upper:g} s per {scope}", quantity.upper, "s", True, "", factors)
    if quantity.state is State.ABSENT:
        return Formula("no limit", None, "s", False, "", factors)
    return Formula(f"T per {scope}, T unknown: {quantity.reason}", None, "s", True, quantity.reason, factors)


def _origins(quantity: Quantity) -> tuple[Evidence, ...]:
    return tuple(origin.evidence for origin in quantity.origins[:3] if origin.evidence is not None)
