"""Timers that a loop makes: which of them the next turn leaves behind while they run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import CASE, SELECT, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.jumps import comes_round

if TYPE_CHECKING:
    from rda_nb.service.model import Service


def left_behind(service: Service, operation: Operation) -> bool:
    """True for a timer in a loop that may still run when the loop turns: another arm of its select comes round.

    One that is waited for alone, or made anew only where it has fired, never does. A ticker always runs on.
    """
    loops, file = Calls.loops(operation), operation.file
    if operation.role != "timer.after" or not loops:
        return True
    before = file.text[file.rows.blocks[operation.block].start : operation.row.start].rstrip()
    given = file.given.get((operation.row.start, operation.row.end))
    name = given[0].names[0] if given is not None and len(given[0].names) == 1 else ""
    own = _arm(file, operation, name)
    if own is None:
        return name != "" or not before.endswith("<-")
    if name and file.rows.blocks[own].start <= operation.row.start < file.rows.blocks[own].end:
        return False  # the arm in which it has fired
    chosen = file.rows.blocks[own].parent
    others = (
        number
        for number, row in enumerate(file.rows.blocks)
        if row.kind == CASE and row.parent == chosen and number != own
    )
    return any(comes_round(service, file, one, file.rows.blocks[one].start, loops[0]) for one in others)


def _arm(file: FileFacts, operation: Operation, name: str) -> int | None:
    """The arm of a select in the same loop that waits for a timer; None for none or several."""
    loop = Calls.loops(operation)[0]
    found = []
    for number, row in enumerate(file.rows.blocks):
        if row.kind != CASE or not loop.start <= row.start < loop.end or file.rows.blocks[row.parent].kind != SELECT:
            continue
        head = re.compile(r"case\s[^:\n]*<-\s*(?=[\w.(])").match(file.text, row.start)
        if head is None:
            continue
        waits = re.compile(rf"{re.escape(name)}\s*:").match(file.text, head.end()) if name else None
        if waits is not None or head.end() == operation.row.start:
            found.append(number)
    return found[0] if len(found) == 1 else None
