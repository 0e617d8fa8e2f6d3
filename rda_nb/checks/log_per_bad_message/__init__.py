"""A warning or error line for each message that is not as it should be, without a limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.facts.vocabulary import BRANCH, FUNCTION
from rda_nb.records import Hotspot, Page
from rda_nb.service.frequency import MESSAGES, often

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Block
    from rda_nb.service import Service
    from rda_nb.service.calls import Call, Operation

PAGE = Page(
    title="Every bad message writes a log line",
    topics=("log-overhead",),
    consequence="inefficiency",
    rows=Hotspot,
    why="When a sender goes wrong, all of its messages are bad: the log grows at the rate of the stream and slows it down.",
    remedy="Count bad messages by reason, and log a sample of them.",
    proof="Replay bad messages only: lines per second stay constant, and the counter shows them all.",
    impact="cost",
    references=("https://pkg.go.dev/golang.org/x/time/rate#Sometimes",),
)

_LIMITED = re.compile(
    r"(?i)sampl|limit|every|allow|sometimes|verbose|debug|trace|level|\bonce\b|first|loaded|throttl|burst|%\s*\w+\s*=="
)
_UNREADABLE = re.compile(
    r"(?i)(?:fail\w*|cannot|can't|unable|could(?: not|n't)|error)(?: to)?(?: be)?"
    r" (?:parse|decode|convert|unmarshal|cast|deseriali[sz])"
)
_BAD = re.compile(
    r"(?i)invalid|\bbad\b|unsupported|unknown|malformed|unexpected|\bnull\b|drop|discard|throw|skip|ignor|reject|mismatch"
    r"|missing|out of range|not (?:supported|valid|allowed|match)"
)
_DATA = re.compile(
    r"(?i)messages?\b|\bmsgs?\b|\brecords?\b|\brows?\b|\bevents?\b|\bvalues?\b|\bfields?\b|\bcolumns?\b|\blines?\b|payload|\bdata"
    r"|\bpoints?\b|\bspans?\b|\bmetrics?\b|\bbuckets?\b|json|\btypes?\b|timestamp|header|packet|\bformat"
)
_MOST = 4


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per function on a message's path that logs what is wrong with the message itself."""
    found: dict[str, list[Operation]] = {}
    for operation in service.operations("log.warn", "log.error"):
        if operation.function is None or _per_item(service, operation):
            continue  # lines per item of a loop are told of where loops are
        if often(service, operation, MESSAGES) and _about_data(service, operation):
            found.setdefault(operation.function.root.key, []).append(operation)
    for made in found.values():
        first = made[0]
        function, flow = first.function, often(service, first, MESSAGES)
        assert function is not None and flow is not None
        title = flow.entrypoint.title
        places = f" in {len(made)} places" if len(made) > 1 else ""
        level = "an error" if first.role == "log.error" else "a warning"
        claim = f"{function.label} logs {level} for each bad message{places}, without a limit, on {title}."
        yield Hotspot(
            pattern="log_in_loop",
            function=function.label,
            why=claim,
            in_loop=service.item_loops(first),
            on_path=title,
            evidence=tuple(service.cite(one) for one in made[:_MOST]),
            assessment=Assessment.CONCERN,
            claim=claim,
            symbol=function.label,
            subject="bad messages",
            hot=True,
            quiet=True,
        )


def _per_item(service: Service, operation: Operation) -> bool:
    if service.in_error_branch(operation):
        return False
    turns = service.iterations.nearest(operation, frozenset(service.hot))
    return any(turn.certain and len(turn.edges) < 3 and not service.iterations.waits(turn) for turn in turns)


def _about_data(service: Service, operation: Operation) -> bool:
    """True in a branch that tests the message, not a call that waits, and that nothing limits."""
    file = operation.file
    branches = [
        row for _, row in _around(service, operation) if row.kind == BRANCH and row.header[1] <= operation.row.start
    ]
    said = file.text[operation.row.callee_end : operation.row.end]
    bad = _UNREADABLE.search(said) is not None or (_BAD.search(said) is not None and _DATA.search(said) is not None)
    if not branches or not bad or _sampled(service, operation):
        return False
    if any(_makes(file.text, row) for row in branches) or _writes(service, operation):
        return False
    # A limit, or a wait that failed, may be tested in the branch or by the statement before its condition.
    for row in branches:
        tested = file.text[row.start : file.text.find("{", row.header[1])]
        if _LIMITED.search(tested) or _waited(service, operation, row.start, row.header[1]):
            return False
    return True


def _makes(text: str, branch: Block) -> bool:
    """True where a value is made that was not there yet: it runs once per value, not per message."""
    return (
        "== nil" in text[slice(*branch.header)]
        and re.search(r"[\w)]\s*:?= ?&|return &", text[branch.header[1] : branch.end]) is not None
    )


def _writes(service: Service, operation: Operation) -> bool:
    """True in a function that calls another process itself: its lines come with its calls, not with the messages."""
    assert operation.function is not None
    root = operation.function.root
    own = [root.key, *(edge.target.key for edge in service.graph.of(root) if edge.kind == "literal")]
    calls = (call for key in own for call in service.calls.calls_of.get(key, ()))
    return any(getattr(call, "blocking", False) and getattr(call, "system", "") for call in calls)


def _around(service: Service, operation: Operation) -> Iterator[tuple[int, Block]]:
    for number, row in operation.file.chain(operation.block):
        if row.kind == FUNCTION:
            return
        yield number, row


def _sampled(service: Service, operation: Operation) -> bool:
    """True when the logger is one that limits itself, by its own name or by what it was made of."""
    if _LIMITED.search(operation.callee):
        return True
    head = operation.callee.partition(".")[0]
    found = service.names.local(head, operation.file, operation.row.start)
    return found is not None and any(_LIMITED.search(operation.file.text[slice(*span)]) for span in found[0].values)


def _waited(service: Service, operation: Operation, start: int, end: int) -> bool:
    """True when the branch tests the result of a call that waits for another process, made in it or just before."""
    assert operation.function is not None
    calls = [
        call
        for call in service.calls.calls_of.get(operation.function.key, ())
        if call.row.start < end and call.row.end > start - 300 and not getattr(call, "role", "").startswith("log.")
    ]
    tested = [call for call in calls if start <= call.row.start] or calls[-1:]
    return any(_waits(service, call) for call in tested)


def _waits(service: Service, call: Call) -> bool:
    if _leaves(call):
        return True
    if call.resolution.kind in ("external", "unknown", "dynamic") and not hasattr(call, "role"):
        # What a library does of which nothing is known may wait.
        return not call.resolution.package or service.names.libraries.package(call.resolution.package) is None
    reached = (one for target in call.resolution.targets[:3] for one in service.concurrency.reach_of(target).order[:60])
    return any(_leaves(inner) for one in reached for inner in service.calls.calls_of.get(one.key, ()))


def _leaves(call: Call) -> bool:
    """True for a call that waits for another process or for a file."""
    waits = getattr(call, "blocking", False) and getattr(call, "system", "")
    return bool(waits) or getattr(call, "role", "") in ("write.file", "read.file")
