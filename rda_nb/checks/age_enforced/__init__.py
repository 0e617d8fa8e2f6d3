"""Times that code compares an age with: entries that expire, servers that are left out for a while, work that is given up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, State
from rda_nb.facts.vocabulary import BRANCH, Block, Expression, FileFacts
from rda_nb.records import Control, Page
from rda_nb.service import limit_words
from rda_nb.service.value import unset

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="An age is compared with a time that is not known",
    topics=("bounded-memory", "retries", "polling"),
    consequence="unpredictability",
    rows=Control,
    why="The comparison is where an entry expires or a failed peer is asked again: it decides how stale or how long.",
    remedy="Give the time a default in the code, and say beside it what it was chosen from.",
    proof="A test moves the clock past the time and sees the entry go, or the peer come back.",
    impact="latency",
)

_ORDER = frozenset({">", ">=", "<", "<="})
_AGES = frozenset({"Since", "Sub"})
_ASKED = frozenset({"Before", "After"})
# An error for what is too long: the span was given, and is no age.
_REFUSES = re.compile(r"(?i)\breturn\b[^\n]*(?:err|invalid|too )|fmt\.Errorf|http\.Error")
_SPAN = re.compile(r"(?i)^(?!.*\bnow).*\.Sub\(", re.S)
_MARKS = ("Since(", ".Sub(", ".Add(")


def assess(service: Service) -> Iterator[Control]:
    """One row per branch that compares how long ago something was with a time whose name says what it is for."""
    for file in service.program.files:
        if file.role != "product":
            continue
        for block in file.rows.blocks:
            if block.kind != BRANCH or block.header == (0, 0):
                continue
            text = file.text[slice(*block.header)]
            if any(mark in text for mark in _MARKS):
                node = service.calls.conventions.expression(text, block.header[0])
                for limit in _limits(node):
                    row = _row(service, file, block, limit)
                    if row is not None:
                        yield row


def _limits(node: Expression) -> Iterator[Expression]:
    """The times that a condition compares ages with."""
    if node.kind == "binary" and node.text in _ORDER:
        for age, limit in (node.parts, tuple(reversed(node.parts))):
            if _method(age) in _AGES:
                yield limit
                return
    if _method(node) in _ASKED:
        for part in (*node.parts[0].parts, *node.parts[1:]):
            if _method(part) == "Add" and len(part.parts) == 2:
                yield part.parts[1]
                return
    if node.kind in ("binary", "unary", "other"):
        for part in node.parts:
            yield from _limits(part)


def _method(node: Expression) -> str:
    """The name of the method or function that a call calls, '' for anything else."""
    return node.parts[0].text if node.kind == "call" and node.parts and node.parts[0].kind == "select" else ""


def _names(node: Expression) -> Iterator[str]:
    """The names that an expression reads."""
    if node.kind in ("name", "select"):
        yield node.text
    for part in node.parts if node.kind != "select" else ():
        yield from _names(part)


def _row(service: Service, file: FileFacts, block: Block, limit: Expression) -> Control | None:
    name = next((name for name in _names(limit) if limit_words.kind_of(name, True)), "")
    value = service.values.of(limit, file, block.parent) if name else None
    if value is None or ("*" in file.text[limit.start : limit.end] and unset(value)):
        return None
    quantity = service.values.quantity(value, "s", 1e-9)
    if quantity.state is State.ABSENT or (quantity.upper is None and not quantity.config_key):
        return None
    if value.numbers and not value.duration:
        return None  # a plain number: the unit that it is compared in is not known
    header = file.text[slice(*block.header)]
    span = _SPAN.search(header) is not None and _REFUSES.search(file.text, block.header[1], block.end) is not None
    does = "A span longer than `{}` is refused here" if span else "What is older than `{}` is told apart here"
    function = service.program.enclosing(file, block.parent)
    key = f", set by {quantity.config_key}" if quantity.config_key else ""
    shown = f"{quantity.upper:,.10g} s{key}" if quantity.upper is not None else f"set by {quantity.config_key}"
    return Control(
        control=f"{' '.join(limit_words.words(name))} compared with an age",
        kind="payload_limit" if span else limit_words.kind_of(name, True),
        value=quantity,
        bounded=True,
        configurable=bool(quantity.config_key) or None,
        evidence=(
            service.cite_at(file, block.start),
            *(origin.evidence for origin in quantity.origins[:2] if origin.evidence is not None),
        ),
        assessment=Assessment.GOOD,
        claim=f"{does.format(name)} ({shown}).",
        symbol=function.label if function else file.path,
        subject=name,
        hot=bool(service.hot_flows(function)) or None,
    )
