"""Calls into modules that nothing is known of, and that may wait for another process."""

from __future__ import annotations

import re

from rda_nb.service.calls import Call, Calls
from rda_nb.service.deadlines import CONTEXT

# A type so called holds a connection, and a function so called makes one.
_CONNECTED = re.compile(r"(?:Client|Conn|Connection|Session)$")
_CONNECTS = re.compile(r"^(?:Dial|Connect)(?![a-z])|(?:Client|Conn|Connection|Session)$")
# What is given a context for the values that it carries: lines of a log, spans, measurements, errors.
_CARRIED = re.compile(
    r"(?i)(?:^|[^a-z])(?:\w*log|logger|logging|slog|\w*zap|\w*trac(?:e|er|ing)|telemetry|otel\w*|\w*metrics?|stats|errors?)(?:$|[^a-z])"
)
_CARRIES = re.compile(r"^(?:With[A-Z_]|New\w*Context$|\w*(?:From|In)(?:Context|Ctx)$)")


def measures(name: str) -> bool:
    """True for a name that says of what it stands for that it logs, measures or traces."""
    return _CARRIED.search(name) is not None


def carries_values(path: str) -> bool:
    """True for a package of the language's own, and for one whose name says that it logs, measures or traces."""
    host, _, rest = path.partition("/")
    return "." not in host or measures(rest)


def takes_context(calls: Calls, call: Call) -> bool:
    """True for a call that is given a context as its first or second argument."""
    return any(calls.names.type_of(node, call.file, call.block) == CONTEXT for node in calls.arguments(call)[:2])


def may_wait(calls: Calls, call: Call) -> bool:
    """True for a call into a package that is neither known nor the language's own: with a context, or of a connection."""
    found = call.resolution
    if (
        found.kind != "external"
        or "(" in call.callee
        or carries_values(found.package)
        or calls.names.libraries.package(found.package) is not None
    ):
        return False
    owner, dot, name = found.name.rpartition(".")
    if _CONNECTED.search(owner) or (not dot and _CONNECTS.search(name)):
        return True
    # A function that is given a context alone looks a value up in it.
    looks_up = not dot and (len(calls.arguments(call)) == 1 or _CARRIES.search(name))
    return not looks_up and takes_context(calls, call)
