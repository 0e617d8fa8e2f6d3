"""Maps, slices and caches that live as long as the process and are added to per request or message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Quantity, absent
from rda_nb.facts.vocabulary import BRANCH, FileFacts, Literal
from rda_nb.records import Control, Page
from rda_nb.service.enumerations import enumerated
from rda_nb.service.stores import held_in, keys
from rda_nb.service.words import Words

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.growth import Growth
    from rda_nb.service.program import Function

PAGE = Page(
    title="Something in memory only grows",
    topics=("bounded-memory",),
    consequence="unbounded growth",
    rows=Control,
    why="What is added per request and never taken away ends in an out-of-memory kill, sooner the more traffic there is.",
    remedy="Bound it: a cache with a size and a lifetime, or delete what is no longer needed.",
    proof="Feed 1,000,000 distinct keys in the load harness: the heap after a collection is what it was after 1,000.",
    impact="overload",
)

_SWITCH = Words("(?i){switches}")
_STORES = Words(r"\.{stores}$")
_NEW = re.compile(r"\bnew\((\w+)\)")
# Where a word of a name begins and ends, in whatever case.
_WORD, _ENDS = r"(?i)(?:^|[^a-z]|(?<=[a-z])(?=[A-Z]))", r"s?(?![a-z])"
# Words of a key whose values come with the traffic; all others may be few.
_TRAFFIC = Words(rf"{_WORD}(?:{{fresh_keys}}|{{traffic_keys}}){_ENDS}")
# Those whose values never come again: each request, message, sender's text or moment has its own.
_FRESH = Words(rf"{_WORD}{{fresh_keys}}{_ENDS}|\b{{sent_values}}\b|\b{{moments}}\b")
# Words of a key that a deployment, the code or a slowly growing population names.
_NAMED = Words(r"(?i){named_keys}|\b{configuration}\b")
_NEW_VALUE = Words(r"!\s*{already_there}\s*$")
# What prepares, loads or restarts runs seldom, whatever path leads to it.
_SELDOM = Words("(?i)^{prepares}")


def assess(service: Service) -> Iterator[Control]:
    """One row per place that adds on a hot path, and per bounded cache of a library."""
    made, per_item = _made(service)
    grown: dict[str, list[Growth]] = {}
    for growth in service.growths:
        if growth.holder.rpartition(".")[0] not in per_item and _often(service, growth.function, growth.start):
            if growth.file.role == "product" and _outlives(service, growth, made) and not _for_tests(growth):
                grown.setdefault(growth.holder, []).append(growth)
    for holder in sorted(grown):
        row = _grown(service, grown[holder])
        if row is not None:
            yield row
    deleted = {held_in(service, operation) for operation in service.operations("map.delete")}
    stored: dict[str, Operation] = {}
    for operation in service.operations("map.store"):
        held = held_in(service, operation)
        if (
            held
            and held.rpartition(".")[0] not in per_item
            and _often(service, operation.function, operation.row.start)
        ):
            stored.setdefault(held, operation)
    for held, operation in stored.items():
        yield _stored(service, operation, held, held in deleted)
    for operation in service.operations("cache.new"):
        yield _cache(service, operation)


def _often(service: Service, function: Function | None, offset: int) -> bool:
    """True on a way from a request or message that passes nothing which prepares or restarts."""
    for flow in service.item_flows(function, offset):
        edges = flow.reach.edges_to(function) if function else ()
        if flow.entrypoint.handler_known and not any(_SELDOM.match(edge.target.root.name) for edge in edges):
            return True
    return False


def _for_tests(growth: Growth) -> bool:
    """True behind a switch that only tests and debugging turn on."""
    blocks = (block for _, block in growth.file.chain(growth.block) if block.kind == BRANCH)
    return any(_SWITCH.search(growth.file.text[slice(*block.header)]) for block in blocks)


def _outlives(service: Service, growth: Growth, made: set[str]) -> bool:
    """True for a value of a package, and for a field of the method's own receiver whose values are made elsewhere."""
    head = re.match(r"\w+", growth.file.text[growth.start :])
    if head is None or growth.holder.rpartition(".")[0] in service.program.scopes:
        return head is not None
    owner = service.names.parameter(head[0], growth.function)
    return owner is not None and owner[1] == -1 and growth.holder.rpartition(".")[0] in made


def _made(service: Service) -> tuple[set[str], set[str]]:
    """Types that product code makes values of, and those of which a request or message makes one of its own."""
    made, per_item = set(), set()
    for file in service.program.files:
        if file.role != "product":
            continue
        package = service.program.package_of[file.path]
        if "new(" in file.text:
            made |= {f"{package}.{name}" for name in _NEW.findall(file.text)}
        for row in file.rows.literals:
            kind = service.names.canonical(file.text[row.start : row.type_end], file)
            made.add(kind)
            function = service.program.enclosing(file, row.block)
            if (
                function is not None
                and service.item_flows(function, row.start)
                and not _stored_away(service, row, function)
            ):
                per_item.add(kind)
    return made, per_item


def _stored_away(service: Service, row: Literal, function: Function) -> bool:
    """True for a literal that a store takes as it is made: it lives as long as what it is put into."""
    return any(
        call.row.callee_end <= row.start < call.row.end and _STORES.search(call.callee)
        for call in service.calls.calls_of.get(function.key, ())
    )


def _grown(service: Service, growths: list[Growth]) -> Control | None:
    growth = growths[0]
    file, name = growth.file, growth.holder.rpartition(".")[2]
    written = file.slice((growth.start, file.text.find("\n", growth.start)))
    if _measured(service, file, name):
        return None
    key = written.partition("[")[2].partition("]")[0] if growth.form == "map" else ""
    if growth.form == "map" and (
        not re.search(r"[A-Za-z_]", re.sub(r'"[^"]*"', "", key)) or _few_keys(service, growth)
    ):
        return None
    kind = "cache_bound" if growth.form == "map" else "queue_bound"
    what = f"{growth.holder.rpartition('/')[2]}, a {growth.form} that lives as long as the process,"
    places = tuple(other.evidence for other in growths[1:4])
    if growth.shrinks or any(_removes(file, other) for other in growths) or _deletes_below(service, file, name):
        claim = f"{what} is added to per item; other code takes away from it or replaces it."
        return _row(service, kind, growth.evidence, places, Assessment.GOOD, claim, growth.function, name, True)
    flow = service.item_flows(growth.function, growth.start)[0]
    certain = growth.function is not None and all(
        edge.confidence == "resolved" for edge in flow.reach.edges_to(growth.function)
    )
    words = f"{key} {_given(service, growth.function, file, key, growth.start)}"
    interned = growth.form == "slice" and all(_missed(other) for other in growths)
    traffic = (growth.form == "slice" and not interned) or (
        _TRAFFIC.search(words) is not None and _NAMED.search(key) is None
    )
    # What stands behind another way out of its function is not added by every item.
    certain = certain and not (growth.form == "slice" and all(_skipped(other) for other in growths))
    by = f" by `{key[:40]}`" if key else ""
    claim = f"{what} is added to{by} on {flow.entrypoint.title}, and nothing takes away from it or replaces it."
    fresh = growth.form == "slice" or _FRESH.search(words) is not None
    worst = Assessment.RISK if traffic and fresh and certain else Assessment.CONCERN
    few = _NAMED.search(words) is not None or interned
    row = _row(service, kind, growth.evidence, places, worst, claim, growth.function, name, False, quiet=few)
    # The same line in another file is the same fault, copied.
    return replace(row, cause=f"growth at {' '.join(written.split())}")


def _few_keys(service: Service, growth: Growth) -> bool:
    """True for a map whose keys are constants of a type."""
    holder = (growth.start, growth.file.text.find("[", growth.start))
    kind = service.names.type_of_span(growth.file, holder, growth.block)
    key = kind[4 : kind.find("]")] if kind.startswith("map[") else ""
    return enumerated(service.names, key)


def _missed(growth: Growth) -> bool:
    """True in the branch for what a map did not have: one element for each value that there is, not for each item."""
    blocks = (block for _, block in growth.file.chain(growth.block) if block.kind == BRANCH)
    return any(_NEW_VALUE.search(growth.file.text[slice(*block.header)]) is not None for block in blocks)


def _skipped(growth: Growth) -> bool:
    """True when a condition that is no failure leaves the function before it adds."""
    file, function = growth.file, growth.function
    if function is None:
        return False
    for row in file.rows.returns:
        if function.row.start <= row.start < growth.start and row.block >= 0:
            branch = file.rows.blocks[row.block]
            header = file.text[slice(*branch.header)]
            if branch.kind == BRANCH and branch.end <= growth.start and "err" not in header.lower():
                return True
    return False


def _removes(file: FileFacts, growth: Growth) -> bool:
    """True for `x = append(x[:i], x[i+1:]...)`: an element is cut out."""
    line = file.text[growth.start : file.text.find("\n", growth.start)]
    return growth.form == "slice" and re.search(r"append\([\w.]+\[", line) is not None


def _deletes_below(service: Service, file: FileFacts, name: str) -> bool:
    """True when the package deletes from a map that is kept in this one."""
    pattern = re.compile(rf"\bdelete\([^,\n]*\b{re.escape(name)}\b")
    package = service.program.package_of[file.path]
    return any(pattern.search(f.text) for f in service.program.files if service.program.package_of[f.path] == package)


def _given(service: Service, function: Function | None, file: FileFacts, key: str, offset: int) -> str:
    """How a key's local is built, as written."""
    found = service.names.local(key, file, offset) if key.isidentifier() else None
    if found is None or not found[0].values:
        return ""
    return file.slice(found[0].values[min(found[1], len(found[0].values) - 1)])[:200]


def _measured(service: Service, file: FileFacts, name: str) -> bool:
    """True when code of the package compares its length with something else than nothing: a bound of its own."""
    pattern = re.compile(rf"len\([\w.]*\b{re.escape(name)}\)\s*(?:>=|>|==|<|<=)\s*(?!0\b|len\()")
    package = service.program.package_of[file.path]
    return any(pattern.search(f.text) for f in service.program.files if service.program.package_of[f.path] == package)


def _stored(service: Service, operation: Operation, held: str, deleted: bool) -> Control:
    owner, _, name = held.rpartition(".")
    declared = service.program.types.get(owner)
    place = declared.field_rows.get(name) if declared else None
    evidence = (service.cite_at(declared.file, place.start),) if declared and place else ()
    what = f"{held.rpartition('/')[2]}, a concurrent map"
    flow = service.item_flows(operation.function, operation.row.start)[0]
    if deleted:
        claim = f"{what}, is stored into per item; other code deletes from it."
        return _row(
            service,
            "cache_bound",
            service.cite(operation),
            evidence,
            Assessment.GOOD,
            claim,
            operation.function,
            name,
            True,
        )
    words = keys(service, operation)
    few = not _TRAFFIC.search(words) or _NAMED.search(words) is not None
    claim = f"{what}, is stored into on {flow.entrypoint.title}, and nothing deletes from it: every new key stays."
    return _row(
        service,
        "cache_bound",
        service.cite(operation),
        evidence,
        Assessment.CONCERN,
        claim,
        operation.function,
        name,
        False,
        quiet=few,
    )


def _cache(service: Service, operation: Operation) -> Control:
    value = service.quantity(service.argument(operation, operation.entry.count), operation, "items")
    size = f" of at most {value.upper:g} items" if value.upper is not None else ""
    claim = f"{operation.client} makes a cache{size} that evicts by itself."
    made = _row(
        service,
        "cache_bound",
        service.cite(operation),
        (),
        Assessment.GOOD,
        claim,
        operation.function,
        operation.client,
        True,
        value,
    )
    return made


def _row(
    service: Service,
    kind: str,
    site: Evidence,
    more: tuple[Evidence, ...],
    assessment: Assessment,
    claim: str,
    function: Function | None,
    name: str,
    bounded: bool,
    value: Quantity | None = None,
    quiet: bool = False,
) -> Control:
    quantity = value or absent("no size is compared with a limit", "items")
    return Control(
        control=name,
        kind=kind,
        value=quantity,
        bounded=bounded,
        configurable=bool(quantity.config_key) if quantity.upper is not None else None,
        evidence=(site, *more, *(o.evidence for o in quantity.origins[:3] if o.evidence is not None)),
        assessment=assessment,
        claim=claim,
        symbol=function.label if function else site.path,
        subject=name,
        hot=bool(service.hot_flows(function)) or None,
        quiet=quiet or assessment is Assessment.GOOD,
    )
