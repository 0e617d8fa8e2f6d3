"""Sends that give an item up when the queue is full: fine when they are counted, silent loss when not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Quantity, absent
from rda_nb.facts.vocabulary import CASE, SELECT, Block, FileFacts, Send
from rda_nb.records import Control, Page

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="Items are dropped without a trace when a queue is full",
    topics=("backpressure", "bounded-memory"),
    consequence="data loss",
    rows=Control,
    why="Under overload the service loses items and nothing shows how many, so that nobody notices and nobody can size it.",
    remedy="Count every dropped item by reason, and log a sample; or block, or refuse the item to its sender.",
    proof="With the consumer stopped and 1,000 items sent in the load harness, those that wait and the counted drops are 1,000.",
    impact="overload",
)

_COUNTS = re.compile(r"(?i)\.(?:inc|add|observe|count|record)\w*\(|\+\+|\+=|drop|discard|reject|overflow|full|lost")
_GONE = re.compile(r"\b(?:return|err|Err)\b")
# A caller that is given nothing, or nil for an error, takes the item for accepted.
_SILENT = re.compile(r"(?:return(?:\s+nil)?|continue|break)?")
_CASE = re.compile(r"\bdefault\s*:")


def assess(service: Service) -> Iterator[Control]:
    """One row per send of an item in a select with a default."""
    signals = {(c.file.path, c.name) for c in service.channels if c.signal}
    for file in service.program.files:
        if file.role != "product":
            continue
        for send in file.rows.sends:
            found = _select(file, send)
            if found is None or _is_signal(service, file, send, signals):
                continue
            yield _row(service, file, send, file.text[found.start : found.end])


def _select(file: FileFacts, send: Send) -> Block | None:
    """The select with a default that the send is a case of: the send is its header, not its body."""
    chain = [row for _, row in file.chain(send.block)]
    for inner, outer in pairwise(chain):
        if inner.kind == CASE and outer.kind == SELECT:
            text = file.text[outer.start : outer.end]
            head = inner.header[0] <= send.start < inner.header[1]
            return outer if head and _CASE.search(text) else None
    return None


def _is_signal(service: Service, file: FileFacts, send: Send, signals: set[tuple[str, str]]) -> bool:
    """True for a wake-up or result: one is as good as many, nothing is lost."""
    kind = service.names.type_of_span(file, send.channel, send.block)
    name = file.slice(send.channel).rpartition(".")[2]
    value = file.slice(send.value).strip()
    declared = service.program.types.get(kind.removeprefix("chan "))
    if declared is not None and declared.kind == "struct" and not declared.fields:
        return True
    return (
        kind in ("", "chan ", "chan bool", "chan error", "chan struct{}", "chan os.Signal", "chan time.Time")
        or (file.path, name) in signals
        or value in ("struct{}{}", "true", "false", "nil")
        or value.isdigit()
        or re.match(r"(?i)err|.*(?:err|error)$", value) is not None
    )


def _row(service: Service, file: FileFacts, send: Send, text: str) -> Control:
    default = _CASE.split(text, maxsplit=1)[1]
    default = re.split(r"\n\s*case\b", default)[0]
    code = re.sub(r"//[^\n]*", "", default).strip().rstrip("}").strip()
    function = service.program.enclosing(file, send.block)
    flows = service.item_flows(function, send.start)
    channel = file.slice(send.channel)
    counted = _COUNTS.search(code) is not None or (bool(code) and _logs(service, file, send, text))
    # Who was served has left: what stands behind the select is for the item that was not.
    served = re.search(r"\breturn\b", _served(file, send)) is not None and not code.startswith("return")
    silent = _SILENT.fullmatch(code) is not None and not served
    given_back = not counted and not silent and _GONE.search(code) is not None
    if counted:
        assessment, claim = (
            Assessment.GOOD,
            f"An item that `{channel}` has no room for is dropped, and the drop is recorded.",
        )
    elif given_back or not silent:
        assessment, claim = Assessment.GOOD, f"An item that `{channel}` has no room for is handled in the default case."
    else:
        assessment = Assessment.CONCERN
        claim = f"An item that `{channel}` has no room for is dropped; nothing counts or logs it."
    value: Quantity = absent("the item is dropped when the channel is full", "items")
    return Control(
        control=f"send to {channel}",
        kind="queue_bound",
        value=value,
        bounded=True,
        configurable=None,
        evidence=(service.cite_at(file, send.start),),
        assessment=assessment,
        claim=claim,
        symbol=function.label if function else file.path,
        subject=channel,
        hot=bool(flows) or None,
        quiet=assessment is Assessment.CONCERN and not flows,
    )


def _served(file: FileFacts, send: Send) -> str:
    """The body of the case that a send opens."""
    case = next((row for _, row in file.chain(send.block) if row.kind == CASE), None)
    return file.text[case.header[1] : case.end] if case is not None else ""


def _logs(service: Service, file: FileFacts, send: Send, text: str) -> bool:
    """True when the select calls a logger or a metric."""
    function = service.program.enclosing(file, send.block)
    roles = ("log.", "metric.")
    calls = service.calls.calls_of.get(function.key, ()) if function else ()
    start = file.text.find(text)
    return any(
        getattr(call, "role", "").startswith(roles) and start <= call.row.start < start + len(text) for call in calls
    )
