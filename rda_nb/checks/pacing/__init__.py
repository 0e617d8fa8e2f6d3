"""How often the service acts and how long it pauses: tickers, sleeps and timers of loops, and loops that nothing slows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rda_nb.core import Assessment, Evidence, Quantity, absent, unknown
from rda_nb.facts.vocabulary import CASE, LOOP, Expression
from rda_nb.records import Control, Page
from rda_nb.service.iterations import RETRIES, loops_at
from rda_nb.service.waits import Spin, Waits

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A loop goes on at once after a failure",
    topics=("polling", "backpressure", "batch-sizes"),
    consequence="runaway cost",
    rows=Control,
    why="A loop without a pause turns one failing dependency into a full core, a flood of requests and a flood of logs.",
    remedy="Wait before the next try, longer after each failure, with jitter, and end with the context.",
    proof="Make the call fail in the load harness: tries per minute fall to what the pause allows.",
    impact="cost",
    references=("https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",),
)

_ROLES = ("sleep", "timer.ticker", "timer.tick", "timer.after", "timer.once", "timer.reset")
_FLUSH = re.compile(r"(?i)flush|batch|commit|buffer|(?:^|[._])push|upload|ship|drain|export")
_FLUSHES = re.compile(r"(?i)\b(?:\w+\.)*\w*(?:flush|commit|writebatch|sendbatch|push)\w*\(")
_RETRY = re.compile(r"(?i)back-?off|retr(?:y|ies)|attempt|reconnect|cooldown|throttle|jitter")
_RANDOM = re.compile(r"(?i)\brand\.|jitter|random|NextBackOff")
# Says what is wrong with a pause that has no jitter.
_IN_STEP: dict[str, Any] = {
    "title": "Retries come back in step",
    "consequence": "inefficiency",
    "remedy": "Wait a random time between nothing and the pause (full jitter).",
    "proof": "After an outage in the load harness the retries arrive spread over the pause, not in one peak.",
    "cause": "pauses without jitter",
}
# Says what is wrong with a listener's loop: it fails when the process is out of file descriptors, so under overload.
_ACCEPTING: dict[str, Any] = {
    "title": "A listener goes on at once after a failed accept",
    "consequence": "inefficiency",
    "cause": "listeners without a pause",
}
_ACCEPTS = "network.accept"
_OUT = " A process that is out of file descriptors meets the same error at once, again and again, and logs each."
_WAIT = re.compile(r"(?i)shutdown|drain|grace|timeout|deadline|stop|close|limit")


def assess(service: Service) -> Iterator[Control]:
    """One row per pause or interval of product code, then one per branch that spins."""
    for operation in service.operations(*_ROLES):
        kind = _kind(service, operation)
        if kind:
            yield _row(service, operation, kind)
    for spin in Waits(service).spins():
        yield _spinning(service, spin)


def _kind(service: Service, operation: Operation) -> str:
    """What the time is for, '' when it paces nothing."""
    file, block = operation.file, operation.block
    node = service.argument(operation, operation.entry.count or 0)
    if node is None or operation.function is None:
        return ""
    if operation.role == "timer.reset":
        flushes = _FLUSH.search(f"{service.source(node, file)} {operation.function.root.name}")
        kind = "flush_interval" if flushes else "poll_interval"
        return kind if operation.client.startswith("Ticker.") else ""
    written = service.source(node, file)
    loops = loops_at(file, block)
    case = next((row for _, row in file.chain(block) if row.kind == CASE), None)
    near = file.text[slice(*case.header)] if case else ""
    acts = file.text[operation.row.end : case.end] if case and "After(" in near else ""
    if operation.role in ("timer.ticker", "timer.tick"):
        flushes = _FLUSH.search(f"{written} {operation.function.root.name}") or _FLUSHES.search(_ticked(operation))
        return "flush_interval" if flushes else "poll_interval"
    failing = service.in_error_branch(operation) or any(
        service.iterations.kind(file, loop) == RETRIES for loop in loops
    )
    if failing or _RETRY.search(written) or _RETRY.search(operation.function.root.name):
        return "backoff"
    if operation.role == "sleep":
        return "poll_interval" if loops else ""
    if case is None and operation.role != "timer.once":
        return "poll_interval" if loops else ""
    if _FLUSH.search(f"{written} {acts}") and loops:
        return "flush_interval"
    return "server_timeout" if _WAIT.search(written) else ""


def _ticked(operation: Operation) -> str:
    """The code that runs on a tick: the case of the select that receives it, by the name the ticker is given."""
    file, function = operation.file, operation.function
    given = file.given.get((operation.row.start, operation.row.end))
    if given is None or function is None:
        return ""
    if given[1] >= len(given[0].names):  # `for range time.Tick(d)`: the ticks have no name, the loop is what runs
        loops = loops_at(file, operation.block)
        return file.text[loops[0].header[1] : loops[0].end][:600] if loops else ""
    name = given[0].names[given[1]].rpartition(".")[2]
    for block in file.rows.blocks:
        if block.start > operation.row.start and block.kind in (CASE, LOOP) and block.function == function.row.block:
            if f"{name}.C" in file.text[slice(*block.header)]:
                return file.text[block.header[1] : block.end][:600]
    return ""


def _row(service: Service, operation: Operation, kind: str) -> Control:
    node = service.argument(operation, operation.entry.count or 0)
    assert node is not None
    written = " ".join(service.source(node, operation.file).split())[:60]
    # The argument is a duration: a number without a unit counts nanoseconds.
    value = service.values.quantity(service.value(node, operation), "s", 1e-9)
    if _changes(operation, written) or not value.upper:
        # Nothing waits for 0 s: what is 0 by default paces only where a key sets it.
        reason = f"`{written}` is worked out at run time"
        value = unknown(
            reason, "s", *value.origins, config_key="" if _changes(operation, written) else value.config_key
        )
    does = {"flush_interval": "flushes", "poll_interval": "acts", "backoff": "pauses", "server_timeout": "waits"}[kind]
    function = operation.function
    label = function.label if function else operation.path
    key = f", set by {value.config_key}" if value.config_key else ""
    every = "every" if kind in ("flush_interval", "poll_interval") else "for" if kind == "backoff" else "at most"
    if value.upper is None:
        claim = f"{label} {does} {every} `{written}`, a time worked out at run time{key}."
    else:
        span = f"{value.low:g} to " if value.low is not None else ""
        claim = f"{label} {does} {every} {span}{value.upper:g} s{key}."
    in_step = kind == "backoff" and _in_step(service, operation)
    if in_step:
        claim = claim.removesuffix(".") + ", the same for every caller: those that fail together try again together."
    return Control(
        control=f"{does} in {label}",
        kind=kind,
        value=value,
        bounded=True,
        configurable=bool(value.config_key) if value.upper is not None or value.config_key else None,
        evidence=(
            service.cite(operation),
            *(o.evidence for o in value.origins[:4] if o.evidence is not None),
            *_derived(service, operation, node, value),
        ),
        assessment=Assessment.CONCERN if in_step else Assessment.GOOD,
        claim=claim,
        symbol=label,
        subject=written,
        hot=service.is_hot(operation),
        topic="backpressure" if kind == "backoff" else "",
        **(_IN_STEP if in_step else {}),
    )


def _in_step(service: Service, operation: Operation) -> bool:
    """True for a pause between attempts of a request or message that is written here and has nothing random in it."""
    file, block, function = operation.file, operation.block, operation.function
    retried = any(service.iterations.kind(file, loop) == RETRIES for loop in loops_at(file, block))
    if not retried or function is None or not service.is_hot(operation):
        return False
    node = service.argument(operation, operation.entry.count or 0)
    inside = [c for c in service.calls.calls_of.get(function.key, ()) if node and node.start <= c.row.start < node.end]
    if any(call.resolution.kind != "resolved" and "." in call.resolution.package for call in inside):
        return False  # a library works it out
    written = [function.root, *(target for call in inside for target in call.resolution.targets)]
    return not any(_RANDOM.search(one.file.text[one.row.start : one.row.end]) for one in written)


def _derived(service: Service, operation: Operation, node: Expression, value: Quantity) -> tuple[Evidence, ...]:
    """The line that works out the local a time is read from, where its number is not known."""
    while node.parts and node.kind in ("binary", "call", "convert"):
        inner = [part for part in node.parts if part.kind in ("name", "binary", "call", "convert")]
        node = inner[-1] if node.kind == "call" and inner else inner[0] if inner else node.parts[0]
    local = service.names.local(node.text, operation.file, operation.row.start) if node.kind == "name" else None
    if value.upper is not None or local is None or local[1] >= len(local[0].values):
        return ()
    return (service.cite_at(operation.file, local[0].values[local[1]][0], role="default"),)


def _changes(operation: Operation, written: str) -> bool:
    """True when a name in the expression is counted or multiplied on in the same function."""
    function = operation.function
    text = operation.file.text[function.row.start : function.row.end] if function else ""
    return any(re.search(rf"\b{name}\s*(?:\+\+|[+*]=|<<=)", text) for name in re.findall(r"[A-Za-z_]\w*", written))


def _spinning(service: Service, spin: Spin) -> Control:
    none: Quantity = absent("nothing waits before the next turn", "s")
    flows = service.hot_flows(spin.function)
    proven = spin.after is not None and bool(flows)
    what = f"a failed {spin.after.title}" if spin.after else f"`{_header(spin)}`"
    claim = f"After {what}, {spin.function.label} starts its next turn at once: no sleep, timer or channel stands on the way."
    accepts = spin.after is not None and spin.after.role == _ACCEPTS
    if accepts:
        claim += _OUT
    evidence = [service.cite_at(spin.file, spin.branch.start)]
    evidence += [service.cite(spin.after, "caller")] if spin.after else []
    return Control(
        control=f"pause in {spin.function.label}",
        kind="backoff",
        value=none,
        bounded=False,
        configurable=False,
        evidence=tuple(evidence),
        assessment=Assessment.RISK if (proven and not accepts) or spin.after is None else Assessment.CONCERN,
        claim=claim,
        symbol=spin.function.label,
        remedy=(
            f"Let {spin.function.label} wait before its next turn: 0.5 s at first, longer after each failure, with jitter, and"
            " end with the context."
        ),
        proof=f"With {what} for 60 s in the load harness the loop turns at most 120 times.",
        subject=spin.after.client if spin.after else _header(spin),
        topic="polling",
        hot=bool(flows) or None,
        **(_ACCEPTING if accepts else {}),
    )


def _header(spin: Spin) -> str:
    return " ".join(spin.file.text[slice(*spin.branch.header)].split())[:60]
