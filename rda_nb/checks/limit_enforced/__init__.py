"""Where a limit takes effect: a size or count compared with it in a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_number
from rda_nb.core import Assessment, State
from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION, LOOP, SELECT, Block, Expression, FileFacts
from rda_nb.records import Control, Page
from rda_nb.service import limit_words
from rda_nb.service.comparing_branches import counting, refuses
from rda_nb.service.optional import Options
from rda_nb.service.thresholds import threshold
from rda_nb.service.value import Value, unset

if TYPE_CHECKING:
    from rda_nb.core import Evidence, Quantity
    from rda_nb.service import Service

PAGE = Page(
    title="A limit is compared with, and its value is not known",
    topics=("concurrency-bounds", "batch-sizes", "bounded-memory"),
    consequence="unpredictability",
    rows=Control,
    why="A limit only counts where it is enforced; the comparison shows what is counted and what happens at the limit.",
    remedy="Give the limit a default in the code and a check for values that switch it off.",
    proof="Drive the service beyond the limit in the load harness: the size that is compared stops growing.",
    impact="overload",
    version=2,
)

_ORDER = frozenset({">", ">=", "<", "<="})
_COUNTS = frozenset({"concurrency", "backoff", "pool_size"})
# A lower bound is no limit, and the range of a number type is nobody's choice.
_OTHER = frozenset({"min", "minimum", "math"})
_COUNTED = frozenset({"len", "cap"})
_FLUSHES = re.compile(r"(?i)\b(?:\w+\.)*\w*flush\w*\(")
_REMOVES = re.compile(r"(?i)\b(?:\w+\.)*(?:remove|evict|prune|purge|delete)\w*\(")
_REFUSES = re.compile(r"(?i)\breturn\b[^\n]*(?:err|fmt\.)|fatal|panic\(")
_TRIMS = re.compile(r"=\s*[\w.]+\[\d+:\]")
_COUNTS_ON = re.compile(r"\{\s*\*?[\w.]+\s*(?:\+\+|\+=\s*1)\s*\}")
_SHORT = re.compile(r"(?:\w+\()?len\([\w.]+\)\)?\s*(?:<|!=)\s*[\w.()]+")
_MOST = frozenset({"max", "maximum", "limit", "most"})


def assess(service: Service) -> Iterator[Control]:
    """One row per branch that compares a size or count with something whose name speaks of a limit."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for block in file.rows.blocks:
            if block.kind != BRANCH or block.header == (0, 0):
                continue
            text = file.text[slice(*block.header)]
            if not any(sign in text for sign in "<>"):
                continue
            node = service.calls.conventions.expression(text, block.header[0])
            flushes = _FLUSHES.search(file.text, block.header[1], block.end) is not None
            for limit, kind in _limits(node, file, flushes):
                row = _row(service, file, block, limit, kind)
                if row is not None:
                    yield row
            needed = _needed(service, file, block, node)
            if needed is not None:
                yield needed


def _needed(service: Service, file: FileFacts, branch: Block, node: Expression) -> Control | None:
    """The least that a limit is checked against, where the code works it out from others: `if budget < tries*timeout + slack`."""
    if node.kind != "binary" or node.text not in ("<", "<=") or not _REFUSES.search(file.text, *_body(branch)):
        return None
    limit, least = node.parts
    name = _name(limit)
    timed = bool(limit_words.kind_of(name, True)) if name else False
    kind = limit_words.kind_of(name, timed) if name else ""
    local = service.names.local(least.text, file, least.start) if least.kind == "name" else None
    if not kind or local is None or local[1] >= len(local[0].values) or local[0].form != "define":
        return None
    span = local[0].values[local[1]]
    sum_ = service.calls.conventions.expression(file.text[slice(*span)], span[0])
    value = service.values.of(least, file, branch.parent)
    if sum_.kind != "binary" or sum_.text not in "+*" or len(value.numbers) != 1 or value.numbers[0] <= 0:
        return None
    unit = "s" if timed or value.duration else "count"
    quantity = service.values.quantity(value, unit)
    function = service.program.enclosing(file, branch.parent)
    origins = (origin.evidence for origin in quantity.origins[:4] if origin.evidence is not None)
    written = " ".join(file.slice(span).split())[:80]
    return Control(
        control=f"least {' '.join(limit_words.words(name))}",
        kind=kind,
        value=quantity,
        bounded=True,
        configurable=bool(quantity.config_key) or None,
        evidence=(service.cite_at(file, span[0]), service.cite_at(file, branch.start, role="caller"), *origins),
        assessment=Assessment.GOOD,
        claim=f"`{name}` is refused below {format_number(quantity.upper or 0)}, worked out from `{written}`.",
        symbol=function.label if function else file.path,
        subject=f"least {name}",
        hot=None,
    )


def _body(branch: Block) -> tuple[int, int]:
    return branch.header[1], branch.end


def _limits(node: Expression, file: FileFacts, flushes: bool) -> Iterator[tuple[Expression, str]]:
    """The limits that a condition compares sizes with, and the kind of control that each is; a threshold that a flush
    stands behind is the size of a batch."""
    if node.kind != "binary":
        return
    if node.text not in _ORDER:
        for part in node.parts:
            yield from _limits(part, file, flushes)
        return
    for limit, other in (node.parts, tuple(reversed(node.parts))):
        name = _name(limit)
        # `timeout > 0` asks whether a limit is set; it does not enforce it.
        written = file.slice((limit.start, limit.end))
        if name and not _OTHER.intersection((*limit_words.words(name), *limit_words.words(written.partition(".")[0]))):
            batch = "batch_size" if flushes and "threshold" in limit_words.words(name) else ""
            if _counts(other, name) and (kind := batch or limit_words.kind_of(name, False)):
                yield limit, kind
                return


def _name(node: Expression) -> str:
    """The name that an expression reads, conversions undone."""
    while node.kind in ("convert", "unary", "call") and len(node.parts) == (2 if node.kind == "call" else 1):
        node = node.parts[-1]
    return node.text if node.kind in ("name", "select") else ""


def _worked_out(service: Service, file: FileFacts, limit: Expression, start: int) -> tuple[Evidence, ...]:
    """The line that works out a limit which is a local: its numbers meet there."""
    while limit.kind in ("convert", "unary", "call") and limit.parts:
        limit = limit.parts[-1]
    local = service.names.local(limit.text, file, limit.start) if limit.kind == "name" else None
    if local is None or local[0].form not in ("define", "variable") or file.line(local[0].start) == file.line(start):
        return ()
    return (service.cite_at(file, local[0].start, role="default"),)


def _acts(file: FileFacts, branch: Block, kind: str) -> str:
    """The kind of a limit by what its branch does: what sends is a batch, what removes is a bound on what is kept."""
    body = file.text[branch.header[1] : branch.end]
    if kind in ("resource_limit", "queue_bound") and _FLUSHES.search(body):
        return "batch_size"
    return "cache_bound" if kind == "queue_bound" and _REMOVES.search(body) else kind


def _counts(node: Expression, limit: str) -> bool:
    """True for `len(x)` and for a name: something counted, not a literal and not itself the limit."""
    if node.kind == "call":
        inner = node.parts[1:2]
        return node.parts[0].kind == "name" and (
            node.parts[0].text in _COUNTED or any(_counts(part, limit) for part in inner)
        )
    if node.kind not in ("name", "select"):
        return False
    counted = not _MOST.isdisjoint(limit_words.words(limit)) and _MOST.isdisjoint(limit_words.words(node.text))
    return counted or not limit_words.speaks(node.text)


def _off_by_default(service: Service, value: Value, file: FileFacts, branch: Block, limit: Expression) -> bool:
    """True for a limit that its own condition leaves out at zero, and that nobody has to set: `limit > 0 && n > limit`.

    One that ends in an error is told as an optional bound only where the same setting is a gate elsewhere.
    """
    written = re.escape(file.text[limit.start : limit.end])
    if re.search(rf"(?<![\w.]){written}\s*(?:>\s*0|!=\s*0|>=\s*1)(?![\w.])", file.text[slice(*branch.header)]) is None:
        return False
    if not value.key or not (value.numbers == (0.0,) or (unset(value) and not value.numbers)):
        return False
    gates = (option.value.key for option in Options(service).all() if option.form == "gate")
    return not refuses(file, branch) or value.key in gates


def _clamps(file: FileFacts, branch: Block) -> bool:
    """True for a branch that does nothing but count on below the limit: `if *n < len(list) { *n++ }`."""
    if not re.search(r"<", file.text[slice(*branch.header)]):
        return False
    return _COUNTS_ON.fullmatch(file.text[branch.header[1] : branch.end].strip()) is not None


def _moves(file: FileFacts, branch: Block, limit: Expression) -> bool:
    """True for a branch that moves what it compares with, which holds nothing back: `if n > most { most = n }`."""
    written = re.escape(file.text[limit.start : limit.end])
    return re.search(rf"(?<![\w.]){written}\s*=(?!=)", file.text[branch.header[1] : branch.end]) is not None


def _last_page(file: FileFacts, branch: Block, kind: str) -> bool:
    """True for a short page that ends a loop: `if len(rows) < pageSize { break }`. The size is held to where it is asked for."""
    around = (row.kind for _, row in file.chain(branch.parent))
    if kind != "batch_size" or next((one for one in around if one in (LOOP, CASE, SELECT, FUNCTION)), FUNCTION) != LOOP:
        return False
    short = _SHORT.fullmatch(file.text[slice(*branch.header)].strip()) is not None
    return short and file.text[branch.header[1] : branch.end].strip(" \t\n{}") == "break"


def _row(service: Service, file: FileFacts, branch: Block, limit: Expression, kind: str) -> Control | None:
    block, start = branch.parent, branch.start
    value = service.values.of(limit, file, block)
    if value.duration or ("*" in file.text[limit.start : limit.end] and unset(value)):
        return None  # a pointer that nobody may have set is an optional bound, whatever else may reach it
    if service.bodies.only_declared(file, branch):
        return None  # it bounds what says how long it is
    if _off_by_default(service, value, file, branch, limit):
        return None  # told as a bound that is off unless it is configured
    if _moves(file, branch, limit) or _last_page(file, branch, kind) or threshold(service, file, branch):
        return None
    if _clamps(file, branch):
        return None  # the value stays at its highest, and what goes on goes on
    if _TRIMS.search(file.text, branch.header[1], branch.end):
        return None  # what is trimmed is bounded by what stays, which depends on where it is added to
    kind = _acts(file, branch, kind)
    quantity: Quantity = service.values.quantity(value, "count" if kind in _COUNTS else "items")
    if quantity.state is State.ABSENT or (quantity.state is State.UNKNOWN and not quantity.config_key):
        return None
    if quantity.upper == 0:
        return None  # nothing is let through at 0, or all: no limit to be told
    function = service.program.enclosing(file, block)
    name = _name(limit)
    shown = format_number(quantity.upper) if quantity.upper is not None else f"set by {quantity.config_key}"
    return Control(
        control=f"{' '.join(limit_words.words(name))} enforced",
        kind=kind,
        value=quantity,
        bounded=True,
        configurable=bool(quantity.config_key) or None,
        evidence=(
            service.cite_at(file, start),
            *(counting(service, file, branch, function) if kind == "concurrency" else ()),
            *_worked_out(service, file, limit, start),
            *(origin.evidence for origin in quantity.origins[:2] if origin.evidence is not None),
        ),
        assessment=Assessment.GOOD,
        claim=f"`{file.slice((limit.start, limit.end))}` is enforced here ({shown}).",
        symbol=function.label if function else file.path,
        subject=name,
        hot=bool(service.hot_flows(function)),
    )
