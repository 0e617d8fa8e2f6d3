"""Whether a stretch of code waits for anything: time, a channel, a lock of many, or another process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION, LOOP, SELECT, Block, FileFacts
from rda_nb.service.calls import Call, Operation
from rda_nb.service.iterations import ARRIVALS
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

WAITS, RUNS_ON, UNKNOWN = "waits", "runs on", "unknown"

_WAITING = frozenset(
    "sleep timer.after semaphore.acquire condition.wait group.wait ratelimit.wait retry.run breaker.run process.exit "
    "log.fatal network.accept read.all copy.all".split()
)
_MAY_WAIT = re.compile(
    r"(?i)sleep|wait|backoff|pause|delay|retry|acquire|read|accept|recv|receive|poll|fetch|next|take|scan"
)
# Standard packages that read from files, pipes or sockets.
_READING = ("bufio", "io", "net", "os")
_CONTINUES = re.compile(r"\bcontinue(?:\s+\w+)?\s*(?:\}\s*){1,2}$")
_RETURNS = re.compile(r"\breturn\b[^\n]*\n?\s*\}?\s*$")
_LOGS = re.compile(r"(?i)(?:^|\.)\w*log\w*\.(?:debug|info|warn|err|print|trace)\w*$")
# Methods of sockets that only set or tell something.
_AT_ONCE = frozenset("SetDeadline SetReadDeadline SetWriteDeadline Addr LocalAddr RemoteAddr Timeout Temporary".split())
# A listener that is out of file descriptors fails at once, as often as it is asked.
_ACCEPTS = "network.accept"
_QUESTION = re.compile(r"!?[\w.]+\([^{}]*\)")
_ASSIGNS = re.compile(r"[^=!<>:]=[^=]|\+\+|--")
# Who loses a race for a word of memory finds it changed on the next turn.
_RACES = re.compile(r"CompareAndSwap|\.CAS\(")
_COMMENT = re.compile(r"//[^\n]*")
_LEAVES = re.compile(r"\b(?:return|break|panic|goto)\b")


@dataclass(frozen=True, slots=True)
class Spin:
    """A branch of an endless loop that goes on at once: `after` is the call that failed before it, None for a closed gate."""

    file: FileFacts
    function: Function
    loop: Block
    branch: Block
    after: Operation | None


class Waits:
    """Answers for one service; what a function does is remembered."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._of: dict[str, str] = {}

    def between(
        self,
        file: FileFacts,
        function: Function,
        start: int,
        end: int,
        but: Call | None = None,
        aside: Iterable[Block] = (),
    ) -> str:
        """WAITS when something there does, UNKNOWN when a call cannot be followed, else RUNS_ON.

        Neither `but` counts, nor what stands in the blocks `aside`.
        """
        blocks, text = file.rows.blocks, file.text
        if any(b.kind == SELECT and start <= b.start < end and "default:" not in text[b.start : b.end] for b in blocks):
            return WAITS
        places = [(row.start, row.block) for row in file.rows.receives] + [(r.start, r.block) for r in file.rows.sends]
        if any(start <= at < end and not self._polls(file, block) for at, block in places):
            return WAITS
        found = RUNS_ON
        for call in self.service.calls.calls_of.get(function.key, ()):
            if start <= call.row.start < end and call is not but:
                if any(block.start <= call.row.start < block.end for block in aside):
                    continue
                kind = self._call(call)
                if kind == WAITS:
                    return WAITS
                found = UNKNOWN if kind == UNKNOWN else found
        return found

    def _polls(self, file: FileFacts, block: int) -> bool:
        """True for a send or receive in a select that has a default."""
        for _, row in file.chain(block):
            if row.kind == SELECT:
                return "default:" in file.text[row.start : row.end]
            if row.kind == FUNCTION:
                return False
        return False

    def _call(self, call: Call) -> str:
        found = call.resolution
        if isinstance(call, Operation):
            return WAITS if call.role in _WAITING or call.blocking else RUNS_ON
        if found.kind == "resolved":
            kinds = {self._function(target) for target in found.targets}
            return WAITS if WAITS in kinds else UNKNOWN if UNKNOWN in kinds else RUNS_ON
        name = call.callee.rpartition(".")[2]
        if name in self.service.calls.conventions.IDENTITIES or found.package.endswith("/errors"):
            return RUNS_ON
        if _LOGS.search(call.callee) or name in _AT_ONCE or self._logging(found.package):
            return RUNS_ON
        if found.kind == "external" and "." not in found.package.partition("/")[0]:
            return UNKNOWN if found.package.partition("/")[0] in _READING or _MAY_WAIT.search(name) else RUNS_ON
        return RUNS_ON if self._cancels(call) else UNKNOWN

    def _logging(self, path: str) -> bool:
        """True for a library of log lines: what else it offers makes their fields."""
        package = self.service.names.libraries.package(path)
        return (
            package is not None
            and bool(package.calls)
            and any(e.role.startswith("log.") for e in package.calls.values())
        )

    def _cancels(self, call: Call) -> bool:
        """True for the function that gives a context back."""
        given = self.service.names.local(call.callee, call.file, call.row.start) if call.callee.isidentifier() else None
        if given is None or not given[0].values:
            return False
        index = call.file.call_at.get(given[0].values[0])
        made = self.service.calls.operation(call.file, index) if index is not None else None
        return made is not None and made.role.startswith("context.")

    def _function(self, function: Function) -> str:
        known = self._of.get(function.key)
        if known is None:
            self._of[function.key] = RUNS_ON
            row = function.row
            known = self._of[function.key] = self.between(function.file, function, row.start, row.end)
        return known

    def spins(self) -> Iterator[Spin]:
        """Branches of endless loops that nothing slows down, proven call by call, in document order."""
        for file in self.service.program.files:
            if file.role != "product":
                continue
            for branch in file.rows.blocks:
                if branch.kind == BRANCH and branch.loop >= 0 and branch.function >= 0:
                    spin = self._spin(file, branch)
                    if spin is not None:
                        yield spin

    def _spin(self, file: FileFacts, branch: Block) -> Spin | None:
        blocks, text = file.rows.blocks, file.text
        loop = blocks[branch.loop]
        if loop.kind != LOOP or blocks[branch.parent] != loop:
            return None
        body = _COMMENT.sub("", text[branch.start : branch.end])
        if not _CONTINUES.search(body) or " else " in body:
            return None
        function = self.service.program.function_of[file.path, branch.function]
        if self.service.iterations.kind(file, loop) != ARRIVALS or "range " in text[slice(*loop.header)]:
            return None
        inside = [
            c for c in self.service.calls.calls_of.get(function.key, ()) if loop.start <= c.row.start < branch.start
        ]
        after = next((c for c in reversed(inside) if isinstance(c, Operation) and _fails(c)), None)
        call: Call | None = after
        if after is None:
            call, after = self._helped(inside)
        if after is not None and after.entry.paced:
            return None
        header = text[slice(*branch.header)]
        failed = "!= nil" in header and "err" in header.lower()
        if failed != (after is not None) or (failed and _LEAVES.search(_own(body))):
            return None
        if not failed and not self._gate(header, body, branch, loop, function):
            return None
        if self.between(file, function, loop.start, branch.end, call, self._left(file, loop, branch)) != RUNS_ON:
            return None
        return Spin(file, function, loop, branch, after)

    @staticmethod
    def _left(file: FileFacts, loop: Block, branch: Block) -> list[Block]:
        """Branches before this one that end with a return: who comes to this one was in none of them."""
        earlier = (
            b for b in file.rows.blocks if b.kind in (BRANCH, CASE) and loop.start < b.start and b.end <= branch.start
        )
        return [block for block in earlier if _RETURNS.search(file.text[block.start : block.end])]

    def _helped(self, calls: list[Call]) -> tuple[Call | None, Operation | None]:
        """The last call of a helper that itself makes one call out of the process and gives its error back."""
        for call in reversed(calls):
            found = call.resolution
            if isinstance(call, Operation) or found.kind != "resolved" or len(found.targets) != 1:
                continue
            target = found.targets[0]
            own = self.service.calls.calls_of.get(target.key, ())
            waiting = [c for c in own if isinstance(c, Operation) and c.blocking and c.system]
            fails = any(kind == "error" for _, kind in target.results)
            if len(waiting) == 1 and fails:
                row = target.row
                runs_on = self.between(target.file, target, row.start, row.end, waiting[0]) == RUNS_ON
                return (call, waiting[0]) if runs_on else (None, None)
        return None, None

    def _gate(self, header: str, body: str, branch: Block, loop: Block, function: Function) -> bool:
        """True for a question whose answer only others change, asked before a call that takes work from outside."""
        later = (c for c in self.service.calls.calls_of.get(function.key, ()) if branch.end <= c.row.start < loop.end)
        takes = any(isinstance(call, Operation) and call.blocking and call.system for call in later)
        asks = _QUESTION.fullmatch(header.strip()) is not None and _RACES.search(header) is None
        return takes and asks and not _ASSIGNS.search(body)


def _fails(operation: Operation) -> bool:
    """True for a call whose peer may be down, and for a listener."""
    return (operation.blocking and bool(operation.system)) or operation.role == _ACCEPTS


def _own(body: str) -> str:
    """A branch's text without what leaves the loop only on a further condition: nested branches and cases of a select."""
    return re.sub(r"\bcase\b[^{}]*?(?=\b(?:case|default)\b|\})", "", re.sub(r"\bif\b[^{}]*\{[^{}]*\}", "", body))


__all__ = ["RUNS_ON", "UNKNOWN", "WAITS", "Spin", "Waits"]
