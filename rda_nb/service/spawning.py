"""What a goroutine start means for the call that makes it: waited for, kept to one at a time, or left behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH, DEFER, LOOP, FileFacts
from rda_nb.service.calls import Operation
from rda_nb.service.concurrency import Spawn
from rda_nb.service.iterations import ARRIVALS
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_ONE_AT_A_TIME = re.compile(r"CompareAndSwap|TryLock|TryAcquire|\.Swap\(true\)|\.Do\(func")
_UNDER_WAY = re.compile(r"(?i)\bif\b[^\n{]*(?:pending|in_?progress|already|under_?way)[^\n{]*\{")
_ROOM = re.compile(r"(?i)(?:limit|allow|capacity|room|slot|budget|quota|available|canaccept|max(?!Int)[A-Z_])\w*")
_SELDOM = re.compile(r"(?i)\berr\b|==\s*[01]\b|nil|running|started|once|first|stale|expire|debug|enabled")
# The two ends of a gate; a wait group, which counts and lets all in, is entered by Add.
_ENTERS = r"\.(?:Start|Acquire|Enter|Take|Begin|Borrow|Reserve)\w*\("
_LEAVES = re.compile(r"\bdefer\s+([\w.]+)\.(?:Done|Release|Leave|Exit|Finish|Return|Give|Put)\w*\(")
_SECOND = 1e9
_COMMENT = re.compile(r"//[^\n]*")
# A channel of nothing is no result: it is how the caller ends what was started.
_RESULTS = re.compile(r"chan (?!struct\{\})|\b(?:Promise|Future)\b")
# A token is put into a channel first and taken out at the end, or the other way round.
_TAKEN_OUT = re.compile(r"\bdefer\s+func\(\)\s*\{\s*<-\s*([\w.]+)\s*\}\(\)")
_PUT_BACK = re.compile(r"\bdefer\s+func\(\)\s*\{\s*([\w.]+)\s*<-[^}]*\}\(\)")


def _waits_for(spawn: Spawn, name: str) -> bool:
    """True when the first thing that a goroutine does is to wait for a channel, alone or beside others."""
    own = _COMMENT.sub("", spawn.file.text[spawn.start : spawn.end])
    return re.search(rf"^go func\(\) \{{\s*(?:<-\s*{name}\b|select \{{[^}}]*case <-\s*{name}\s*:)", own) is not None


def follows(spawn: Spawn) -> bool:
    """True when a goroutine first waits for the end of the call that starts it, by a channel that call closes."""
    row, text = spawn.function.row, spawn.file.text
    closed = re.findall(r"\bdefer close\((\w+)\)", text[row.start : row.end])
    return any(_waits_for(spawn, name) for name in closed)


def awaited(spawn: Spawn) -> bool:
    """True when the start talks to its caller through a channel that one made: it ends with what reads that channel."""
    row, text, blocks = spawn.function.row, spawn.file.text, spawn.file.rows.blocks
    for receive in spawn.file.rows.receives:
        if spawn.end <= receive.start < row.end and blocks[receive.block].function == row.block:
            return True
    inside, own = text[row.start : row.end], text[spawn.start : spawn.end]
    made = re.findall(r"(\w+)\s*:?=\s*make\(chan\b", text[row.start : spawn.start])
    # A channel that the goroutine only receives from, and that its caller closes or hands back, tells it when to end.
    ends = {name for name in made if re.search(rf"\bclose\({name}\)|\breturn &?{name}\b", inside)}
    if any(re.search(rf"\b{name}\s*<-|[(,]\s*{name}\s*[,)]", own) for name in made):
        return True
    if any(re.search(rf"\b{name}\b", own) for name in made if name not in ends):
        return True
    return (
        _RESULTS.search(text, *row.results) is not None
        or "io.Pipe(" in inside
        or ".Wait()" in text[spawn.end : row.end]
    )


def called_off(spawn: Spawn) -> bool:
    """True when the start listens to a channel that is closed as the function around it returns, whichever way."""
    row, text = spawn.function.row, spawn.file.text
    own = text[spawn.start : spawn.end]
    closed = re.findall(r"\bdefer close\((\w+)\)", text[row.start : row.end])
    return any(re.search(rf"<-\s*{name}\b", own) for name in closed)


def at_the_end(spawn: Spawn) -> bool:
    """True when the start stands in a deferred call: it clears up behind the function around it."""
    return any(block.kind == DEFER for _, block in spawn.file.chain(spawn.block))


def limited(spawn: Spawn) -> bool:
    """True when the start stands behind a question about room: what is beyond the limit does not start."""
    blocks = (block for _, block in spawn.file.chain(spawn.block) if block.kind == BRANCH)
    return any(_ROOM.search(spawn.file.text[slice(*block.header)]) for block in blocks)


def guarded(spawn: Spawn) -> bool:
    """True when the start stands behind a flag, a lock attempt, a Once, an error or a first time: seldom or one at a time."""
    before = spawn.file.text[spawn.function.root.row.start : spawn.start]
    around = before[-400:]
    return bool(_ONE_AT_A_TIME.search(around) or seldom(spawn.file, spawn.block) or _UNDER_WAY.search(before))


def seldom(file: FileFacts, block: int) -> bool:
    """True for a place behind a question that is answered with yes once, or when something has failed."""
    blocks = (row for _, row in file.chain(block) if row.kind == BRANCH)
    return _SELDOM.search(" ".join(file.text[slice(*row.header)] for row in blocks)) is not None


def gated(spawn: Spawn) -> bool:
    """True when the start enters a gate first that the goroutine leaves at its end: so many run as the gate lets in."""
    text = spawn.file.text
    before = text[spawn.function.row.start : spawn.start]
    left = set(_LEAVES.findall(text[spawn.start : spawn.end]))
    # One that is entered within lets all start, and so many work.
    own = text[spawn.start : spawn.end]
    for part in (before, own):
        if any(re.search(rf"(?<![\w.]){re.escape(name)}\s*<-", part) for name in _TAKEN_OUT.findall(own)):
            return True
        if any(re.search(rf"<-\s*{re.escape(name)}\b", part) for name in _PUT_BACK.findall(own)):
            return True
    return any(re.search(rf"(?<![\w.]){re.escape(name)}{_ENTERS}", part) for name in left for part in (before, own))


def sleeps(service: Service, spawn: Spawn) -> Operation | None:
    """A plain sleep of a second or more in the loop of what is started, where the loop also asks whether to end."""
    for target in spawn.targets:
        for call in service.calls.calls_of.get(target.key, ()):
            if getattr(call, "role", "") != "sleep" or not call.function or not service.loops(call):
                continue
            loop = service.loops(call)[-1]
            text = target.file.text[loop.start : loop.end]
            value = service.value(service.argument(call, 0), call)
            if "<-" in text and "default:" in text and max(value.numbers, default=0.0) >= _SECOND:
                return call if isinstance(call, Operation) else None
    return None


def endless(service: Service, target: Function) -> bool:
    """True when a function loops until it is told to stop: it lives beside its item, it is not the item's work."""
    called = [edge.target for edge in service.graph.of(target) if edge.kind == "call"]
    for function in (target, *called):
        for block in function.file.rows.blocks:
            if block.kind == LOOP and block.function == function.row.block:
                if service.iterations.kind(function.file, block) == ARRIVALS:
                    return True
    return False


__all__ = ["at_the_end", "awaited", "endless", "follows", "gated", "guarded", "limited", "seldom", "sleeps"]
