"""Loops that take their next item and work on it: what is done with one item is not tried again with the next."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Block
from rda_nb.service.calls import Call, Calls, Operation

# Channels of these tell of an outcome, an end or a moment; a loop may well try again after one.
_NO_ITEMS = frozenset({"chan ", "chan bool", "chan error", "chan os.Signal", "chan struct{}", "chan context.?"})
_TAKES = frozenset(
    {
        "sqs.receive",
        "kafka.poll",
        "kinesis.get",
        "nats.fetch",
        "redis.blocking_pop",
        "servicebus.receive",
        "pulsar.receive",
    }
)


def taken_before(calls: Calls, call: Call, loop: Block) -> bool:
    """True when the loop takes an item from a channel or a queue, and the call works on what was taken."""
    return _received(calls, call, loop) or _polled(calls, call, loop)


def _received(calls: Calls, call: Call, loop: Block) -> bool:
    file = call.file
    for receive in file.rows.receives:
        if not loop.start <= receive.start < call.row.start:
            continue
        # Only what stands below the receive, or in the case that it opens, has the item.
        if receive.block >= 0 and not file.rows.blocks[receive.block].start <= call.row.start < _end(
            call, receive.block
        ):
            continue
        kind = calls.names.type_of_span(file, receive.channel, receive.block)
        written = file.slice(receive.channel)
        if kind in _NO_ITEMS or "time." in kind or "time." in written or written.endswith((".C", "Done()")):
            continue
        if _kept(calls, call, receive.start) and not _made_in(calls, call, receive.channel, loop):
            return True
    return False


def _end(call: Call, block: int) -> int:
    return call.file.rows.blocks[block].end


def _kept(calls: Calls, call: Call, start: int) -> bool:
    """True when a name is given what is received: `case job := <-jobs`."""
    return any(
        row.form in ("receive", "define", "assign") and row.start <= start < row.end and row.names[0] != "_"
        for row in call.file.rows.bindings
    )


def _made_in(calls: Calls, call: Call, channel: tuple[int, int], loop: Block) -> bool:
    """True for a channel that each round of the loop makes: it brings the answer of one try."""
    local = calls.names.local(call.file.slice(channel).partition(".")[0], call.file, channel[0])
    return local is not None and loop.start <= local[0].start < loop.end


def _polled(calls: Calls, call: Call, loop: Block) -> bool:
    own = calls.calls_of.get(call.function.key, ()) if call.function is not None else ()
    return any(
        isinstance(one, Operation)
        and one.role in _TAKES
        and loop.start <= one.row.start < one.row.end <= call.row.start
        for one in own
    )


__all__ = ["taken_before"]
