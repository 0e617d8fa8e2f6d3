"""Every in-process queue, a channel or a queue of a library, with the number of items it holds before it blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Quantity, State, absent
from rda_nb.facts.vocabulary import SELECT
from rda_nb.records import Control, Page
from rda_nb.service.constructed import handed
from rda_nb.service.filled import Filled

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation
    from rda_nb.service.concurrency import Channel

PAGE = Page(
    title="An in-process queue holds more than the process can afford",
    topics=("bounded-memory", "backpressure"),
    consequence="unbounded growth",
    rows=Control,
    why="What waits in memory is lost on a crash, ages while it waits, and hides that the work behind it is too slow.",
    remedy="Bound the queue by what the consumer drains within the time an item may wait, and block or refuse beyond it.",
    proof="Stop the consumer in the load harness: memory levels off, and the intake slows or refuses.",
    impact="overload",
    references=("https://aws.amazon.com/builders-library/avoiding-insurmountable-queue-backlogs/",),
)

# From here on a channel's items are no longer a buffer between two steps: 100,000 items of 1 KB are 100 MB.
_HUGE = 100_000
_DEFAULT = re.compile(r"\bdefault\s*:")


def assess(service: Service) -> Iterator[Control]:
    """One row per channel that carries items, per wake-up that is kept, and per queue of a library."""
    filled = Filled(service)
    rows = [
        _from_library(_channel(service, channel), filled.by(channel.file.path, channel.start))
        for channel in service.channels
        if channel.file.role == "product" and not channel.signal and not _sized_to_its_work(channel)
    ]
    alike = Counter(row.cause for row in rows if row.cause)
    for row in rows:
        others = alike[row.cause] - 1 if row.cause else 0
        also = f" It sizes {others} other queue{'s' if others > 1 else ''} as well." if others else ""
        yield replace(row, claim=row.claim + also)
    for channel in service.channels:
        if channel.file.role == "product" and channel.signal and (channel.capacity.upper or 0) >= 1:
            if _coalesces(service, channel):
                yield _wake_up(channel)
    for operation in service.operations("queue.new", "queue.unbounded"):
        if operation.role == "queue.unbounded" or not _has_limit(service, operation):
            yield _queue(service, operation)


def _sized_to_its_work(channel: Channel) -> bool:
    """A capacity of `len(…)` holds exactly what the senders put in: it is no queue."""
    return channel.capacity.state is State.UNKNOWN and "len(" in channel.capacity.reason


def _channel(service: Service, channel: Channel) -> Control:
    size, name = channel.capacity, channel.name or "channel"
    given, places = _handed(service, channel)
    if given is not None and given.upper is not None:
        size = given
    key = f", set by {size.config_key}" if size.config_key else ""
    assessment, quiet = Assessment.GOOD, False
    if size.upper is None:
        assessment = Assessment.GAP
        claim = f"The capacity of {name} cannot be read: {size.reason}."
    elif size.upper == 0:
        claim = f"{name} is an unbuffered hand-off: the sender waits for the receiver."
    elif size.upper >= _HUGE:
        assessment, quiet = Assessment.CONCERN, size.upper < 10 * _HUGE
        then = "passes one over" if _passed_over(service, channel) else "blocks"
        claim = (
            f"{name} holds up to {size.upper:,.0f} items of {_short(channel.element)} in memory before it {then}{key}."
        )
    else:
        then = "an item is passed over" if _passed_over(service, channel) else "the sender waits"
        claim = f"{name} holds up to {size.upper:g} items, then {then}{key}."
    function = channel.function
    return Control(
        control=f"channel {name}",
        kind="queue_bound",
        value=size,
        bounded=True,
        configurable=bool(size.config_key) if size.upper is not None else None,
        evidence=(channel.evidence, *places, *(o.evidence for o in size.origins[:3] if o.evidence is not None)),
        assessment=assessment,
        claim=claim,
        symbol=function.label if function else channel.file.path,
        subject=name,
        hot=bool(service.item_flows(function, channel.start)),
        quiet=quiet,
        # Queues that one setting sizes have one remedy.
        cause=f"sized by {size.config_key}" if assessment is Assessment.CONCERN and size.config_key else "",
    )


def _from_library(row: Control, by: tuple[Operation, Evidence] | None) -> Control:
    """The row of a channel that a library sends into: what finds it full does what the library says."""
    fills = by[0].entry.fills if by is not None else None
    if by is None or fills is None or row.assessment is Assessment.GAP:
        return row
    size = f"{row.value.upper or 0:g} items"
    claim = f"{row.subject} holds up to {size}; {by[0].client} sends into it, and an item that finds it full"
    return replace(
        row,
        assessment=Assessment.CONCERN,
        claim=f"{claim} {fills.when_full}.",
        evidence=(*row.evidence, by[1]),
        consequence="data loss",
        quiet=True,
    )


def _handed(service: Service, channel: Channel) -> tuple[Quantity | None, tuple[Evidence, ...]]:
    """The capacity that callers hand the constructor of a channel's holder, and where they do."""
    file = channel.file
    row = next(row for row in file.rows.calls if row.start == channel.start)
    node = service.calls.conventions.expression(file.text[row.start : row.end], row.start)
    return handed(service, file, row.block, node.parts[-1], "items") if len(node.parts) > 2 else (None, ())


def _coalesces(service: Service, channel: Channel) -> bool:
    """True when something sends without waiting: a signal that is still there makes a further one needless."""
    return any(_sent_at_once(service, channel))


def _passed_over(service: Service, channel: Channel) -> bool:
    """True when nothing waits for room: whoever sends goes on when there is none."""
    sent = list(_sent_at_once(service, channel))
    return bool(sent) and all(sent)


def _sent_at_once(service: Service, channel: Channel) -> Iterator[bool]:
    """For each send in the channel's package by its name: whether it goes on when there is no room."""
    package = service.program.package_of[channel.file.path]
    for file in service.program.files_of.get(package, ()):
        for row in file.rows.sends:
            if file.text[slice(*row.channel)].rpartition(".")[2] == channel.name and file.role != "test":
                select = next((block for _, block in file.chain(row.block) if block.kind == SELECT), None)
                yield select is not None and _DEFAULT.search(file.text, select.start, select.end) is not None


def _wake_up(channel: Channel) -> Control:
    size = channel.capacity
    function = channel.function
    return Control(
        control=f"signals in {channel.name}",
        kind="queue_bound",
        value=size,
        bounded=True,
        configurable=bool(size.config_key),
        evidence=(channel.evidence,),
        assessment=Assessment.GOOD,
        claim=f"{channel.name} keeps at most {_shown(size)}; a send that finds it full goes on at once.",
        symbol=function.label if function else channel.file.path,
        subject=channel.name,
        hot=None,
    )


def _shown(size: Quantity) -> str:
    return "one signal" if size.upper == 1 else f"{size.upper:g} signals"


def _has_limit(service: Service, operation: Operation) -> bool:
    """True when the library has a setting or a default that bounds its queue: such a queue drops or blocks."""
    package = service.names.libraries.package(operation.package)
    if package is None:
        return False
    means = {entry.means for entry in package.settings.values()} | {entry.means for entry in package.budget}
    return bool(means & {"queue_bound", "queue_bytes"})


def _queue(service: Service, operation: Operation) -> Control:
    size = service.quantity(service.argument(operation, operation.entry.count), operation, "items")
    hint = f"; the {size.upper:g} it is made with is its first size, not a limit" if size.upper is not None else ""
    return Control(
        control=f"queue {operation.client}",
        kind="queue_bound",
        value=absent(f"{operation.library} queues grow without a limit", "items", *size.origins),
        bounded=False,
        configurable=False,
        evidence=(service.cite(operation),),
        assessment=Assessment.CONCERN,
        claim=f"The queue made by {operation.client} never blocks and never refuses{hint}.",
        symbol=operation.function.label if operation.function else operation.path,
        subject=operation.client,
        hot=service.is_hot(operation),
    )


def _short(element: str) -> str:
    return element.rpartition("/")[2] or "its element"
