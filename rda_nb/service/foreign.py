"""Calls into modules that nothing is known of, and that may wait for another process."""

from __future__ import annotations

import re

from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.libraries import short
from rda_nb.service.packages import CallEntry
from rda_nb.service.types import CONTEXT
from rda_nb.service.words import Named, Words

# A type so called holds a connection, and a function so called makes one.
_CONNECTED = Words(r"(?:{connections}|{connection_types})$")
_CONNECTS = Words(r"^{connecting}(?![a-z])|{connections}$")
_SQL = re.compile(rb'"(?:database/sql|github\.com/jackc/pgx/[^"]*|entgo\.io/ent/dialect/sql)"')
# What is given a context for the values that it carries: lines of a log, spans, measurements, errors.
_CARRIED = Words(r"(?i)(?:^|[^a-z]){carried}(?:$|[^a-z])")
_CARRIES = Words("^{carrying}")
# Methods by which a client begins and ends, hands out what it holds, or writes lines: no question to anybody.
_NO_QUESTION = Words("^{no_question}")
# What a role of such a call begins with, and the roles of those that ask another process and a database.
FOREIGN = "foreign."
ASKED, ASKED_BY_SQL = "foreign.call", "foreign.sql"
# The system behind a module of somebody's own, by the words in its path and in the name of its type.
_SYSTEMS = Named("systems", "(?i){}")


def mark(calls: Calls) -> None:
    """Take what asks another process through a library that nothing is known of for an operation, of unknown limits."""
    for made in calls.calls_of.values():
        for at, call in enumerate(made):
            if not isinstance(call, Operation) and call.file.role in ("product", "tooling"):
                context = _asks(calls, call)
                if context is not None:
                    made[at] = _explained(calls, call, context)


def _asks(calls: Calls, call: Call) -> int | None:
    """The index of the context that a method of a foreign client is given; None for any other call.

    An interface of the target that nothing in it implements stands before such a client too.
    """
    found = call.resolution
    owner, dot, name = found.name.rpartition(".")
    if not dot or found.kind not in ("external", "unknown") or _NO_QUESTION.match(name) or measures(owner):
        return None
    own = found.package in calls.names.program.scopes
    if found.kind == "external":
        if own or carries_values(found.package) or calls.names.libraries.package(found.package) is not None:
            return None
        if owner not in ("?", "!") and not _CONNECTED.search(owner) and not _is_own(calls, found.package):
            return None
    elif not own or not _fails(calls, found.package, owner, name):
        return None
    for at, node in enumerate(calls.arguments(call)[:2]):
        if calls.names.type_of(node, call.file, call.block) == CONTEXT:
            return at
    return None


def _is_own(calls: Calls, package: str) -> bool:
    """True for a package of the target's own module of which no file was read: its code is generated."""
    roots = calls.names.program.modules.values()
    return any(package == root or package.startswith(f"{root}/") for root in roots)


def _queries(calls: Calls, package: str) -> bool:
    """True when the generated files of a package of the target's own speak to a SQL database."""
    for folder, root in calls.names.program.modules.items():
        if package == root or package.startswith(f"{root}/"):
            below = "/".join(part for part in (folder, package[len(root) + 1 :]) if part)
            files = (file for file in calls.target.files if file.path.rpartition("/")[0] == below)
            return any(_SQL.search(file.data) for file in files if file.role == "generated")
    return False


def _fails(calls: Calls, package: str, owner: str, name: str) -> bool:
    """True for a method of an interface that can fail."""
    declared = calls.names.program.types.get(f"{package}.{owner}")
    signature = declared.signatures.get(name) if declared is not None else None
    kinds = calls.conventions.parameters(signature[1]) if signature is not None else []
    return bool(kinds) and kinds[-1][1] == "error"


def _explained(calls: Calls, call: Call, context: int) -> Operation:
    found = call.resolution
    owner, _, name = found.name.rpartition(".")
    module = found.package if found.kind == "external" else _behind(calls, found.package, owner)
    known = owner if owner not in ("?", "!") else module.rpartition("/")[2]
    words = f"{module.partition('/')[2]} {known}"
    own = found.kind == "external" and _is_own(calls, module)
    sql = own and _queries(calls, module)
    system = "other" if own else _SYSTEMS.first(words) or "other"
    operation = calls.explain(call, CallEntry(ASKED_BY_SQL if sql else ASKED, context))
    operation.system, operation.title = system, f"{known}.{name}"
    operation.library = short(module) if module else found.package.rpartition("/")[2]
    return operation


def _behind(calls: Calls, package: str, owner: str) -> str:
    """The module whose types an interface of the target speaks of: most likely that of what stands behind it."""
    declared = calls.names.program.types.get(f"{package}.{owner}")
    for signature in declared.signatures.values() if declared is not None else ():
        for part in signature:
            for _, kind in calls.conventions.parameters(part):
                path = calls.names.canonical(kind.lstrip("*[]."), declared.file).rpartition(".")[0] if declared else ""
                if path and path not in calls.names.program.scopes and not carries_values(path):
                    if calls.names.libraries.package(path) is None:
                        return path
    return ""


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
