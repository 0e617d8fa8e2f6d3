"""Where control goes: what a jump leads to, and whether the code after a place comes to the next turn of its loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH, CASE, LOOP, SELECT, SWITCH, Block, FileFacts, Jump

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_FAILED = re.compile(r"\w*[eE]rr\w*\s*!=\s*nil")
_AFTER = r"\b\w+\.After\("
_ARM = re.compile(rf"case\s+<-\s*(?:{_AFTER}|(\w+)\s*:)")
_LEFT = (LOOP, SELECT, SWITCH)


def comes_round(service: Service, file: FileFacts, block: int, at: int, loop: Block) -> bool:
    """True when a way from a place in a loop leads to the loop's next turn, or when that cannot be excluded.

    Followed outwards from the region that the place stands in: a return, or a jump out of the loop, ends the way. The next
    turn after a failure is not counted, where success leaves the loop: only what failed comes round.
    """
    alternative = service.calls.conventions.alternative
    while block >= 0:
        row = file.rows.blocks[block]
        if row.kind not in (BRANCH, CASE, SELECT, SWITCH, LOOP):
            return True
        stop = row.end
        if row.kind == BRANCH:
            other = alternative(file.text, row.start, row.header[1], row.end)
            stop = other if at <= other else stop
        ends, jump = _end(file, block, at, stop)
        between = (one for one in file.rows.jumps if at <= one.start < ends and not _failed(service, file, one))
        if any(_stays(file, one, at, loop) for one in between):
            return True
        if ends < stop:
            return jump is not None and _stays(file, jump, at, loop)
        if row.kind == LOOP:
            return True
        # After a case comes what follows its select or switch, after an arm of a branch what follows the branch.
        block, at = row.parent, row.end
        if row.kind == CASE and block >= 0:
            at = file.rows.blocks[block].end
            block = file.rows.blocks[block].parent
    return True


def _failed(service: Service, file: FileFacts, jump: Jump) -> bool:
    """True for the next turn that a failure leads to."""
    return jump.form == "again" and service.iterations.handles_error(file, jump.block, jump.start)


def tries_again(file: FileFacts, block: int, start: int, loop: Block, pauses: list[int]) -> bool:
    """True for a place in an endless loop that a failure after it leads back to, after a pause, and that success leaves.

    `for { if err := send(); err != nil { sleep; continue }; break }`, with a label or without.
    """
    number = next((number for number, row in file.chain(block) if row == loop), -1)
    if file.text[slice(*loop.header)].strip() not in ("", "true") and loop.header != (0, 0):
        return False
    back = {jump.block for jump in file.rows.jumps if jump.form == "again" and target(file, jump) == loop}
    failed = [
        row
        for index in sorted(back)
        if (row := file.rows.blocks[index]).kind == BRANCH
        and row.parent == number
        and row.header[0] >= start
        and _FAILED.fullmatch(file.text[slice(*row.header)].strip())
        and any(row.start <= pause < row.end for pause in pauses)
    ]
    ends, jump = _end(file, number, start, loop.end)
    return bool(failed) and ends < loop.end and (jump is None or not _stays(file, jump, start, loop))


def ways_out(file: FileFacts, loop: Block) -> set[int]:
    """The regions in a loop with a jump that leaves it."""
    found = set()
    for jump in file.rows.jumps:
        to = target(file, jump) if loop.start <= jump.start < loop.end else None
        if to is not None and jump.form != "to" and (to.start < loop.start or (to == loop and jump.form == "leave")):
            found.add(jump.block)
    return found


def waits_before(file: FileFacts, block: int, loop: Block) -> str:
    """What makes the timer, as written, whose arm of a select in a loop holds a place: the loop pauses before it.

    '' for an arm that ends the loop whatever comes of the place, as one for the time that is up does.
    """
    for number, row in file.chain(block):
        if row.start <= loop.start:
            return ""
        arm = _ARM.match(file.text, row.start) if row.kind == CASE else None
        if arm is None:
            continue
        ends, jump = _end(file, number, arm.end(), row.end)
        if ends < row.end and (jump is None or not _stays(file, jump, arm.end(), loop)):
            return ""
        if arm[1] is None:
            made = re.search(_AFTER, arm[0])
        else:
            made = re.compile(rf"\b{arm[1]}\s*:?=\s*({_AFTER})").search(file.text, loop.start, row.start)
        return made[made.lastindex or 0] if made is not None else ""
    return ""


def target(file: FileFacts, jump: Jump) -> Block | None:
    """The loop, select or switch that a jump leaves or repeats; None for a jump to a label elsewhere."""
    kinds = _LEFT if jump.form == "leave" else (LOOP,)
    for _, row in file.chain(jump.block):
        if row.kind not in kinds:
            continue
        if not jump.label or labelled(file, row, jump.label):
            return row
    return None


def labelled(file: FileFacts, row: Block, label: str) -> bool:
    """True for a region that this label stands before."""
    return file.text[max(0, row.start - 200) : row.start].rstrip().endswith(f"{label}:")


def _end(file: FileFacts, block: int, at: int, stop: int) -> tuple[int, Jump | None]:
    """Where the statements of a region end for good: at a return (None) or a jump of its own level, else at its end."""
    own: list[tuple[int, Jump | None]] = [(row.start, None) for row in file.rows.returns if row.block == block]
    own += [(jump.start, jump) for jump in file.rows.jumps if jump.block == block]
    return min(
        ((start, jump) for start, jump in own if at <= start < stop), default=(stop, None), key=lambda one: one[0]
    )


def _stays(file: FileFacts, jump: Jump, at: int, loop: Block) -> bool:
    """True for a jump that leads to the loop's next turn, or to a place in the loop that is not followed."""
    to = target(file, jump)
    if to is None or jump.form == "to":
        return True
    if to.start >= at:
        return False  # it leaves or repeats what stands wholly after the place
    return to.start > loop.start or (to == loop and jump.form == "again")
