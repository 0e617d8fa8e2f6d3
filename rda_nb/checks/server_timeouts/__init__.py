"""The timeouts of every HTTP server, listeners without any, and limits that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, absent, unknown
from rda_nb.records import Control, Page
from rda_nb.service.serving import TIMEOUTS, Listener, Longest, client_routes, listeners, longest, longest_call, servers

if TYPE_CHECKING:
    from rda_nb.core import Quantity
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.setting import Setting

PAGE = Page(
    title="A server gives its clients no limit, or a limit that its handlers exceed",
    topics=("inbound-limits",),
    consequence="unpredictability",
    rows=Control,
    why="Without a read limit slow clients hold connections for ever; a write limit below the handler's own loses the response.",
    remedy="Set ReadHeaderTimeout, ReadTimeout and IdleTimeout, and a WriteTimeout above the longest handler.",
    proof="A client that sends one byte a second is cut off in the load harness; the slowest route still answers.",
    impact="overload",
    references=("https://pkg.go.dev/net/http#Server",),
)

_READING = ("server_read_timeout", "server_header_timeout")
_SERVING = frozenset({"http.serve", "http.timeout_middleware", "http.server_shutdown"})
_MEANS = (*TIMEOUTS, "server_handler_timeout", "shutdown_timeout", "header_limit")


def assess(service: Service) -> Iterator[Control]:
    """One row per timeout that is set, then one per listener that reads without a limit."""
    over = _contradictions(service)
    for setting in service.settings.meaning(*_MEANS):
        if setting.file.role == "product" and _serves(service, setting):
            yield _set(service, setting, over.get(id(setting)))
    for listener in listeners(service):
        if not any(setting.means in _READING for setting in listener.settings):
            yield _bare(service, listener)


def _serves(service: Service, setting: Setting) -> bool:
    """True when the setting's package serves HTTP, itself or as middleware."""
    package = service.names.libraries.package(setting.package)
    return package is not None and any(entry.role in _SERVING for entry in package.calls.values())


def _contradictions(service: Service) -> dict[int, tuple[float, str, tuple[Evidence, ...]]]:
    """Write timeout -> the longer limit behind it, in words, with its places. Only where one server has such a timeout."""
    writes = [s for s in service.settings.meaning("server_write_timeout") if s.file.role == "product"]
    known = [(s, service.settings.quantity(s)) for s in writes]
    known = [(s, q) for s, q in known if q.known and q.number]
    if len(known) != 1:
        return {}
    setting, quantity = known[0]
    assert quantity.number is not None
    found: Longest | None = longest(service, client_routes(service))
    said: list[tuple[float, str, tuple[Evidence, ...]]] = []
    if found is not None:
        text = f"{found.flow.entrypoint.title} gives {found.operation.title} {found.seconds:g} s"
        said.append((found.seconds, text, (*found.evidence[:1], service.cite(found.operation, "caller"))))
    call = longest_call(service, client_routes(service))
    if call is not None:
        formula = service.budget(call.operation).worst_case.text
        text = f"{call.flow.entrypoint.title} may wait {call.seconds:g} s for {call.operation.title} ({formula})"
        said.append((call.seconds, text, (service.cite(call.operation, "caller"), *call.evidence)))
    for other in service.settings.meaning("server_handler_timeout"):
        value: Quantity = service.settings.quantity(other)
        if other.file.role == "product" and value.known and value.number:
            text = f"the handler timeout is {value.number:g} s"
            said.append((value.number, text, (service.settings.cite(other),)))
    top = max(said, key=lambda item: item[0], default=None)
    return {id(setting): top} if top is not None and top[0] > quantity.number else {}


def _set(service: Service, setting: Setting, over: tuple[float, str, tuple[Evidence, ...]] | None) -> Control:
    quantity = service.settings.quantity(setting)
    none = quantity.number == 0 and setting.entry.zero == "none"
    low = f"{quantity.low:g} to " if quantity.low is not None and quantity.low >= 0 else ""
    shown = "not known here" if quantity.upper is None else f"{low}{quantity.upper:g} {quantity.unit}"
    assessment = Assessment.GAP if quantity.upper is None else Assessment.CONCERN if none else Assessment.GOOD
    claim = f"The {setting.title} is {shown}{', which means none' if none else ''}."
    if over is not None:
        assessment = Assessment.RISK
        claim = f"The {setting.title} is {shown}, but {over[1]}: the work is done and its response is lost."
    function = setting.function
    return Control(
        control=setting.title,
        kind="payload_limit" if setting.means == "header_limit" else "server_timeout",
        value=quantity,
        bounded=not none,
        configurable=bool(quantity.config_key),
        evidence=(service.settings.cite(setting), *(over[2] if over else ()), *_origins(quantity)),
        assessment=assessment,
        claim=claim,
        symbol=function.label if function else setting.file.path,
        subject=setting.means,
        hot=True if over else None,
        title="The write timeout is shorter than a handler may take" if over else "",
        remedy=f"Raise the write timeout above {over[0]:g} s, or shorten what the handler waits for to less than {shown}."
        if over
        else "",
        proof="The slowest route returns its response whole while its dependency takes as long as it may."
        if over
        else "",
        quiet=over is None,
    )


def _origins(quantity: Quantity) -> tuple[Evidence, ...]:
    return tuple(origin.evidence for origin in quantity.origins if origin.evidence is not None)[-2:]


def _unseen(service: Service, operation: Operation) -> Control:
    """A listener whose server is made where it cannot be seen: another module's constructor, a map of servers."""
    function = operation.function
    return Control(
        control="server read timeout",
        kind="server_timeout",
        value=unknown("how the server is made is not seen here", "s"),
        bounded=None,
        configurable=False,
        evidence=(service.cite(operation),),
        assessment=Assessment.GAP,
        claim=f"How the server of {operation.callee} is made is not seen here: its timeouts are not known.",
        symbol=function.label if function else operation.path,
        subject="read limit",
        quiet=True,
    )


def _bare(service: Service, listener: Listener) -> Control:
    """A listener whose server reads without a limit."""
    operation = listener.operation
    function = operation.function
    public = listener.public
    own = f"{operation.package}.{operation.client.partition('.')[0]}"
    made = servers(service, operation)
    if operation.client.startswith("Server.") and not any(one.type.lstrip("*&") == own for one in made):
        return _unseen(service, operation)
    what = "a listener for clients" if public else "an operations listener" if public is False else "a listener"
    return Control(
        control="server read timeout",
        kind="server_timeout",
        value=absent("no read, header or idle timeout is set on this server", "s"),
        bounded=False,
        configurable=False,
        evidence=(service.cite(operation),),
        assessment=Assessment.RISK if public else Assessment.CONCERN,
        claim=f"{operation.client} serves {what} without a read or header timeout: slow clients hold connections for ever.",
        symbol=function.label if function else operation.path,
        subject="read limit",
        hot=public,
        title="A listener has no read timeout",
        remedy="Set ReadHeaderTimeout (5 s or less), ReadTimeout and IdleTimeout, and WriteTimeout above the longest handler.",
        proof="A client that sends one byte a second is cut off within ReadHeaderTimeout, and 1,000 of them leave no goroutine.",
        # What no start comes to here may serve another program's clients: its routes are not known to be for any.
        quiet=public is False or service.unused.function(function),
        cause="servers without a read timeout",
    )
