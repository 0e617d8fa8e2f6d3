"""Lengths that code compares with a limit: batches that are sent when full, queues and caches that evict, inputs refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.facts.vocabulary import BRANCH, Block, FileFacts
from rda_nb.records import Control, Page
from rda_nb.service.thresholds import Threshold, threshold

if TYPE_CHECKING:
    from rda_nb.core import Quantity
    from rda_nb.service import Service
    from rda_nb.service.program import Function

PAGE = Page(
    title="A length is bounded by a limit that cannot be read",
    topics=("batch-sizes", "bounded-memory"),
    consequence="unpredictability",
    rows=Control,
    why="The comparison is where a batch is cut, a cache evicts or an input is refused: it is the real bound.",
    remedy="Name the limit, set it from configuration, and count how often it is reached.",
    proof="A test at the limit and one above it show what happens.",
    impact="overload",
    version=2,
)

_LENGTH = re.compile(
    r"\b(?:u?int(?:32|64)?\()?len\(([\w.]+(?:\[[\w.]+\])?)\)\)?\s*(>=|>|==)\s*((?:\*|u?int(?:32|64)?\()*[A-Za-z_][\w.]*\)*|[1-9][\d_]+)"
)
_FLUSH = re.compile(r"(?i)flush|send|write|insert|commit|publish|submit|upload|push|process|emit|produce|exec|batch")
_REFUSE = re.compile(
    r"(?i)\breturn\b[^\n]*(?:err|status|too|fmt\.|false)|http\.Error|\bStatus\w+|too (?:long|large|many)|exceed"
)
_ENDS = re.compile(r"(?i)\b(?:panic|fatal\w*|abort\w*|exit)\(|\berr\w*\s*=\s*(?:\w+\.)?\w*err\w*")
_PASSES_ON = re.compile(r"\berr\s*:?=\s*[\w.]+\([^\n]*\n?[^\n]*\berr\s*!=\s*nil")
_EVICT = re.compile(r"\bdelete\(|\[1:\]|evict|remove|\[len\(|prune|\[:0\]|\[\d*:\w+\]", re.I)


def assess(service: Service) -> Iterator[Control]:
    """One row per comparison of something's length with a limit, in product code that runs per item or in a loop."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for number, block in enumerate(file.rows.blocks):
            if block.kind != BRANCH or block.function < 0:
                continue
            match = _LENGTH.search(file.text[slice(*block.header)])
            if match is not None:
                row = _row(service, file, number, match)
                if row is None:
                    continue
                apart = threshold(service, file, block)
                if apart is None:
                    yield row
                elif row.kind in ("batch_size", "queue_bound"):
                    yield from _apart(service, row, apart)


def _row(service: Service, file: FileFacts, number: int, match: re.Match[str]) -> Control | None:
    block = file.rows.blocks[number]
    function = service.program.function_of[file.path, block.function]
    start = block.header[0] + match.start(3)
    excess = max(0, match[3].count(")") - match[3].count("("))
    span = (start, start + len(match[3]) - excess)
    if match[3].startswith("len("):
        return None
    kind = _kind(service, file, function, block, match[1])
    if kind is None or (kind == "payload_limit" and not _leaves(service, file, number)):
        return None
    holder = service.names.type_of_span(file, _at(file, block, match[1]), block.parent)
    unit = "bytes" if kind == "payload_limit" and holder in ("string", "[]byte") else "items"
    value = service.values.quantity(service.values.of_span(file, span, block.parent), unit)
    if value.upper is None and not value.config_key:
        return None
    if kind == "queue_bound" and match[2] == ">=" and _drops_one(file, function, block, match[1]):
        value = _one_less(value)
    if value.upper is not None and value.upper < 2:
        return None
    limit = f"{value.upper:g}" if value.upper is not None else value.config_key
    does = {
        "batch_size": "is sent when it holds",
        "cache_bound": "evicts at",
        "queue_bound": "is trimmed at",
        "payload_limit": "is refused above",
    }[kind]
    key = f", set by {value.config_key}" if value.config_key else ""
    return Control(
        control=f"length of {match[1]}",
        kind=kind,
        value=value,
        bounded=True,
        configurable=bool(value.config_key),
        evidence=(service.cite_at(file, block.header[0]), *(o.evidence for o in value.origins[:4] if o.evidence)),
        assessment=Assessment.GOOD,
        claim=f"{match[1]} {does} {limit}{key}.",
        symbol=function.label,
        subject=match[1],
        hot=bool(service.hot_flows(function)) or None,
    )


def _apart(service: Service, row: Control, apart: Threshold) -> Iterator[Control]:
    """A threshold that is looked at from time to time, and the list that grows between two looks."""
    function, every = apart.added.function, f"in each turn of {apart.turns.root.label}"
    limit = f"{row.value.upper:g}" if row.value.upper is not None else row.value.config_key
    yield replace(
        row,
        kind="batch_size",
        bounded=None,
        claim=f"{apart.name} is sent once {apart.looks.label} finds {limit} or more in it, {every}: a threshold, and no bound.",
    )
    label = function.label if function is not None else apart.added.file.path
    yield Control(
        control=f"bound of {apart.name}",
        kind="queue_bound",
        value=absent("what adds to it does not ask for its length", "items"),
        bounded=False,
        configurable=None,
        evidence=(apart.added.evidence, *row.evidence[:1]),
        assessment=Assessment.CONCERN,
        title="A queue in memory is looked at from time to time, and grows in between",
        consequence="unbounded growth",
        claim=(
            f"{label} adds to {apart.name} whatever its length; {apart.looks.label} alone looks at it, {every}: between two"
            " looks it grows by all that comes."
        ),
        remedy="Ask for the length where it is added to, and let the sender wait, or refuse, when it is full.",
        proof="Hold up what is sent for 60 s in the load harness: the list stays at its bound, and the senders wait.",
        symbol=label,
        subject=apart.name,
        hot=bool(service.hot_flows(function)) or None,
    )


def _leaves(service: Service, file: FileFacts, number: int) -> bool:
    """True when a branch ends its function or turn, or panics, on every way; or answers, and all else stands in its `else`.

    A branch that waits for a place and then goes on refuses nothing, whatever it returns when the wait is given up.
    """
    block = file.rows.blocks[number]
    other = service.calls.conventions.alternative(file.text, block.start, block.header[1], block.end)
    returns = ((row.block, row.start) for row in file.rows.returns)
    jumps = ((jump.block, jump.start) for jump in file.rows.jumps)
    if any(own == number and start < other for own, start in (*returns, *jumps)):
        return True
    # What only passes an error on that its own work may end in does that work: the length lets it through.
    if other == block.end and _PASSES_ON.search(file.text, block.header[1], block.end):
        return False
    return other < block.end or _ENDS.search(file.text, block.header[1], other) is not None


def _drops_one(file: FileFacts, function: Function, block: Block, name: str) -> bool:
    """True when the branch drops the oldest right after an append: then one place fewer stays taken."""
    if re.search(rf"\b{re.escape(name)}\[1:\]", file.text[block.header[1] : block.end]) is None:
        return False
    before = file.text[function.row.start : block.start]
    return re.search(rf"\b{re.escape(name)}\s*=\s*append\(\s*{re.escape(name)}\s*,[^\n]*\n\s*$", before) is not None


def _one_less(value: Quantity) -> Quantity:
    number, low, high = (part - 1 if part is not None else None for part in (value.number, value.low, value.high))
    return replace(value, number=number, low=low, high=high)


def _kind(service: Service, file: FileFacts, function: Function, block: Block, name: str) -> str | None:
    """What the branch does with what is too long; None when it is no bound of the service's work."""
    body = file.text[block.header[1] : block.end]
    holder = service.names.type_of_span(file, _at(file, block, name), block.parent)
    hot, outlives = bool(service.hot_flows(function)), "." in name
    if _REFUSE.search(body):
        counted = holder in ("string", "") or holder.startswith("[]") or holder.endswith(("!", "?"))
        return "payload_limit" if hot and counted else None
    if holder.startswith("map[") and (outlives or _EVICT.search(body)):
        return "cache_bound"
    if holder.startswith("[]"):
        if _EVICT.search(body) and outlives and not _FLUSH.search(body):
            return "queue_bound"
        if _FLUSH.search(body) and (outlives or block.loop >= 0):
            return "batch_size"
    return None


def _at(file: FileFacts, block: Block, name: str) -> tuple[int, int]:
    start = file.text.find(f"len({name})", block.header[0]) + 4
    return start, start + len(name)
