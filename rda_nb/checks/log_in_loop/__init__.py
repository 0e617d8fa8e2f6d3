"""A log line per item of a loop on a hot path, and lines that print a whole payload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.iterations import Turn

PAGE = Page(
    title="A log line is written for each item",
    topics=("log-overhead",),
    consequence="inefficiency",
    rows=Hotspot,
    why="Log volume, and its formatting, locking and shipping, grow with the items instead of the requests.",
    remedy="Write one line per batch with counts, move the line to debug, or sample it.",
    proof="Lines per second under load stay constant while the items per batch grow tenfold.",
    impact="cost",
    references=("https://pkg.go.dev/log/slog#hdr-Performance_considerations",),
)

_LOUD = ("log.info", "log.warn", "log.error")
_GUARDED = re.compile(
    r"(?i)%\s*[\w.]+\s*==|(?<!err) == nil|sampl|limit|every|allow|verbose|debug|trace|level|enabled|\bonce\b|first|dry_?run"
)
_WHOLE = re.compile(r"%[+#]?v|%s|%q")
_PAYLOAD = re.compile(
    r"(?i)(?:^|\.)(?:raw)?(?:body|payload|content|batch|rows|records|messages|buf|data|request|document)$"
)


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per log call in a loop over items on a hot path, and per line that prints a whole payload."""
    hot = frozenset(service.hot)
    growing = _growing(service)
    printed: set[str] = set()
    for operation in service.operations(*_LOUD, "error.new"):
        for call in _sites(service, operation):
            row = _assessed(service, operation, call, hot)
            if row is None and call is operation:
                row = _collection(service, operation, growing)
                if row is not None and row.symbol in printed:
                    continue  # the lines beside it print the same
                printed |= {row.symbol} if row is not None else set()
            if row is not None:
                yield row


def _sites(service: Service, operation: Operation) -> list[Call]:
    """Where a line is written: of a wrapper that is given the message, the places that call it."""
    node, function = service.argument(operation, operation.entry.message), operation.function
    if node is None or node.kind != "name" or function is None:
        return [operation]
    if service.names.parameter(node.text, function) is None or service.names.local(
        node.text, operation.file, node.start
    ):
        return [operation]
    return [call for call in service.calls.callers.get(function.key, ()) if call.file.role == "product"]


def _assessed(service: Service, operation: Operation, call: Call, hot: frozenset[str]) -> Hotspot | None:
    function = call.function
    if function is None or function.key not in hot or not service.hot_calls(call):
        return None
    if any(_limited(text) for text in service.conditions(call)):
        return None
    payload = _payload(service, operation) if call is operation else ""
    if payload and any(
        re.fullmatch(rf"\s*len\({re.escape(payload)}\)\s*==\s*0\s*", text) for text in service.conditions(call)
    ):
        return None  # written only when there is nothing to print
    if payload:
        conditional = operation.role != "error.new" and bool(service.conditions(call))
        return _row(service, operation, call, f"prints all of `{payload}`", None, quiet=conditional)
    if operation.role not in _LOUD or service.iterations.handles_error(call.file, call.block, call.row.start):
        return None
    turn = next((t for t in service.iterations.nearest(call, hot) if t.certain and len(t.edges) < 3), None)
    if turn is None or service.iterations.waits(turn) or any(_limited(text) for text in _around(service, turn)):
        return None
    conditional = bool(service.conditions(call)) or operation.role != "log.info"
    return _row(service, operation, call, f"for each of `{turn.over[:60]}`", turn, quiet=conditional)


def _limited(condition: str) -> bool:
    return _GUARDED.search(condition) is not None


def _around(service: Service, turn: Turn) -> list[str]:
    return [text for edge in turn.edges if edge.via is not None for text in service.conditions(edge.via)]


def _payload(service: Service, operation: Operation) -> str:
    """The argument that holds a whole body or batch and is formatted as a value, or ''."""
    arguments = service.calls.arguments(operation)
    position = operation.entry.message or 0
    text = service.text(service.argument(operation, position), operation)
    if text is None or not _WHOLE.search(text):
        return ""
    verbs = re.findall(r"%[-+# 0]*[\d.]*([a-zA-Z])", text.replace("%%", ""))
    for verb, argument in zip(verbs, arguments[position + 1 :], strict=False):
        written = service.source(argument, operation.file)
        if verb in "vsq" and _PAYLOAD.search(written):
            return written[:60]
    return ""


def _collection(service: Service, operation: Operation, growing: frozenset[str]) -> Hotspot | None:
    if operation.role not in _LOUD or operation.function is None or not service.hot_calls(operation):
        return None
    if any(_limited(text) for text in service.conditions(operation)):
        return None
    printed = _printed_collection(service, operation, growing)
    return _row(service, operation, operation, f"prints all of `{printed}`", None, quiet=True) if printed else None


def _printed_collection(service: Service, operation: Operation, growing: frozenset[str]) -> str:
    """The argument that is a value of the target's own with a part that grows with the traffic, or a map of such; or ''."""
    text = service.text(service.argument(operation, operation.entry.message), operation)
    if text is None or not re.search(r"%[+#]?v", text):
        return ""
    position = operation.entry.message or 0
    verbs = re.findall(r"%[-+# 0]*[\d.]*([a-zA-Z])", text.replace("%%", ""))
    for verb, argument in zip(verbs, service.calls.arguments(operation)[position + 1 :], strict=False):
        kind = service.names.type_of(argument, operation.file, operation.block)
        if verb == "v" and kind.rpartition("]")[2].lstrip("*") in growing:
            return service.source(argument, operation.file)[:60]
    return ""


def _growing(service: Service) -> frozenset[str]:
    """Types with a slice or map that request and message paths add to."""
    return frozenset(
        growth.holder.rpartition(".")[0] for growth in service.growths if service.hot_flows(growth.function)
    )


def _row(service: Service, operation: Operation, call: Call, what: str, turn: Turn | None, quiet: bool) -> Hotspot:
    function = call.function
    assert function is not None
    flow = service.hot_calls(call)[0].entrypoint.title
    message = service.text(service.argument(operation, operation.entry.message), operation)
    if call is not operation:
        message = next((found for i in range(3) if (found := service.text(service.argument(call, i), call))), None)
    message = message or operation.client
    message = " ".join(message.split())
    line = "An error" if operation.role == "error.new" else f"A line at {operation.role.partition('.')[2]}"
    claim = (
        f"{line} (`{message[:60]}`) {what if turn is None else 'is written ' + what}, on {flow}, in {function.label}."
    )
    return Hotspot(
        pattern="log_in_loop",
        function=function.label,
        why=claim,
        in_loop=service.item_loops(call),
        on_path=flow,
        evidence=tuple(dict.fromkeys((service.cite(call), service.cite(operation)))),
        assessment=Assessment.CONCERN,
        title="A log line or error holds a whole payload" if what.startswith("prints") else "",
        claim=claim,
        symbol=function.label,
        subject=message[:80],
        hot=True,
        quiet=quiet,
    )
