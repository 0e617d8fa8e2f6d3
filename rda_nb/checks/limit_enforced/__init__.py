"""Where a limit takes effect: a size or count compared with it in a condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_number
from rda_nb.core import Assessment, State
from rda_nb.facts.vocabulary import BRANCH, Expression, FileFacts
from rda_nb.records import Control, Page
from rda_nb.service import knobs

if TYPE_CHECKING:
    from rda_nb.core import Quantity
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
)

_ORDER = frozenset({">", ">=", "<", "<="})
_COUNTS = frozenset({"concurrency", "backoff", "pool_size"})
# A lower bound is no limit, and the range of a number type is nobody's choice.
_OTHER = frozenset({"min", "minimum", "math"})
_COUNTED = frozenset({"len", "cap"})


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
            for limit, kind in _limits(node, file):
                row = _row(service, file, block.parent, limit, kind, block.start)
                if row is not None:
                    yield row


def _limits(node: Expression, file: FileFacts) -> Iterator[tuple[Expression, str]]:
    """The limits that a condition compares sizes with, and the kind of control that each is."""
    if node.kind != "binary":
        return
    if node.text not in _ORDER:
        for part in node.parts:
            yield from _limits(part, file)
        return
    for limit, other in (node.parts, tuple(reversed(node.parts))):
        name = _name(limit)
        # `timeout > 0` asks whether a limit is set; it does not enforce it.
        written = file.slice((limit.start, limit.end))
        if name and not _OTHER.intersection((*knobs.words(name), *knobs.words(written.partition(".")[0]))):
            if _counts(other) and (kind := knobs.kind_of(name, False)):
                yield limit, kind
                return


def _name(node: Expression) -> str:
    """The name that an expression reads, conversions undone."""
    while node.kind in ("convert", "unary", "call") and len(node.parts) == (2 if node.kind == "call" else 1):
        node = node.parts[-1]
    return node.text if node.kind in ("name", "select") else ""


def _counts(node: Expression) -> bool:
    """True for `len(x)` and for a name: something counted, not a literal."""
    if node.kind == "call":
        return node.parts[0].kind == "name" and (node.parts[0].text in _COUNTED or any(map(_counts, node.parts[1:2])))
    return node.kind in ("name", "select") and not knobs.speaks(node.text)


def _row(service: Service, file: FileFacts, block: int, limit: Expression, kind: str, start: int) -> Control | None:
    value = service.values.of(limit, file, block)
    if value.duration:
        return None
    quantity: Quantity = service.values.quantity(value, "count" if kind in _COUNTS else "items")
    if quantity.state is State.ABSENT or (quantity.state is State.UNKNOWN and not quantity.config_key):
        return None
    function = service.program.enclosing(file, block)
    name = _name(limit)
    shown = format_number(quantity.upper) if quantity.upper is not None else f"set by {quantity.config_key}"
    return Control(
        control=f"{' '.join(knobs.words(name))} enforced",
        kind=kind,
        value=quantity,
        bounded=quantity.upper is None or quantity.upper > 0,
        configurable=bool(quantity.config_key) or None,
        evidence=(
            service.cite_at(file, start),
            *(origin.evidence for origin in quantity.origins[:2] if origin.evidence is not None),
        ),
        assessment=Assessment.GOOD,
        claim=f"`{file.slice((limit.start, limit.end))}` is enforced here ({shown}).",
        symbol=function.label if function else file.path,
        subject=name,
        hot=bool(service.hot_flows(function)),
    )
