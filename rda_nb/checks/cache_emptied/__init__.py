"""Caches that one request or message empties as a whole: all others then pay for what it had to forget."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.records import Control, Page
from rda_nb.service.calls import Call

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Expression
    from rda_nb.service import Service

PAGE = Page(
    title="One item empties a cache for all",
    topics=("bounded-memory", "critical-paths"),
    consequence="unpredictability",
    rows=Control,
    why="A cache that is emptied per item holds nothing under load: every call goes to the system behind it.",
    remedy="Take out the entries of the item alone, or give entries a lifetime short enough to be trusted.",
    proof="The hit rate stays up in the load harness while items arrive.",
    impact="overload",
)

_EMPTIES = re.compile(r"(?:Flush|Purge|Clear|Empty|Invalidate|DeleteAll|RemoveAll)(?:All|Cache|Caches|Entries)?")
_WORDS = re.compile(r"\.(?:Flush|Purge|Clear|Empty|Invalidate|DeleteAll|RemoveAll)")
_CONTEXT = re.compile(r"(?i)^(?:[\w.]*(?:ctx|context)(?:\(\))?|context\.(?:background|todo)\(\))$")
_DROPS = re.compile(
    r"(?<![!=<>])=\s*(?:nil\b|make\(|map\[[^\n{]*\{\s*\}|\[\][\w.*]+\{\s*\}|&?[\w.]*(?:Map|New\w*)[({])"
    r"|(?<!\.)\b(?:clear|delete)\(|\.(?:(?:Purge|Reset|Clear|Flush|DeleteAll|RemoveAll|Range)\w*|Del|Unlink)\("
)
_CACHE = re.compile(r"(?i)cache|lru|memo\b")


def assess(service: Service) -> Iterator[Control]:
    """One row per function on a hot path that empties a cache, at its first such call."""
    seen: set[str] = set()
    for call in _calls(service):
        key = call.function.key if call.function is not None else ""
        flows = service.item_flows(call.function, call.row.start) if key and key not in seen else []
        if flows and _empties(service, call):
            seen.add(key)
            yield _row(service, call, flows[0].entrypoint.title)


def _calls(service: Service) -> Iterator[Call]:
    """The calls of product code whose name says that they empty something."""
    for file in service.program.files:
        if file.role != "product" or _WORDS.search(file.text) is None:
            continue
        for callee, indexes in file.callees.items():
            if _EMPTIES.fullmatch(callee.rpartition(".")[2]):
                for index in indexes:
                    function = service.program.enclosing(file, file.rows.calls[index].block)
                    yield Call(file, index, function, service.names.resolve(file, index))


def _empties(service: Service, call: Call) -> bool:
    """True for a method of something that is called a cache, given nothing that names entries."""
    base, dot, _ = call.callee.rpartition(".")
    if not dot or any(_names_entries(service, call, part) for part in service.calls.arguments(call)):
        return False  # what is given besides a context names the entries that go
    targets = call.resolution.targets
    if targets and not all(_drops(target.file.text[target.row.start : target.row.end]) for target in targets):
        return (
            False  # a method of the target's own that is only called so: it writes what is kept, or sets a place back
        )
    holder = base.rpartition(".")[2]
    kind = service.names.type_of_span(call.file, (call.row.start, call.row.start + len(base)), call.block)
    return bool(_CACHE.search(holder) or _CACHE.search(kind.rpartition("/")[2]))


def _drops(body: str) -> bool:
    """True for a body that puts something empty in the place of what was kept, deletes from it, or has that done."""
    return _DROPS.search(body) is not None


def _names_entries(service: Service, call: Call, argument: Expression) -> bool:
    """True for a value that comes with the call: a constant name is that of a whole cache, and a context is none."""
    return argument.kind != "text" and _CONTEXT.search(service.source(argument, call.file)) is None


def _row(service: Service, call: Call, title: str) -> Control:
    function = call.function
    assert function is not None
    when = service.conditions(call)
    condition = f" when `{' '.join(when[0].split())[:60]}`" if when else ""
    return Control(
        control=call.callee.rpartition(".")[0].rpartition(".")[2],
        kind="cache_bound",
        value=absent("emptied as a whole", "items"),
        bounded=None,
        configurable=False,
        evidence=(service.cite(call),),
        assessment=Assessment.CONCERN,
        claim=f"{function.label} on {title} empties the whole cache by `{call.callee}`{condition}.",
        symbol=function.label,
        subject=call.callee,
        hot=True,
        quiet=bool(when),
    )
