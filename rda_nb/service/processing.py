"""What happens to a received message before it is acknowledged: the consumer's flows, the hand-off over a channel, the calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Quantity
from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION, FileFacts
from rda_nb.service.calls import Operation
from rda_nb.service.enclosed import Work, work
from rda_nb.service.flows import Reached
from rda_nb.service.handoffs import Handed
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

ACKNOWLEDGING = ("sqs.delete", "sqs.delete_batch", "kafka.commit", "rabbitmq.ack", "nats.ack")
# Acknowledgements that only note what is done, and send it later or not at all.
NOTING = (
    "nats.acknowledge",
    "nsq.acknowledge",
    "pubsub.acknowledge",
    "pulsar.acknowledge",
    "servicebus.ack",
    "kafka.mark",
)
# A holder that asks for more time while it works.
EXTENDING = ("sqs.change_visibility", "nats.extend", "nsq.extend", "servicebus.extend", "lease.extend", "redis.expire")
DURABLE = (
    "clickhouse.insert clickhouse.async_insert clickhouse.exec sql.exec sql.commit sql.copy sql.batch dynamodb.put"
    " dynamodb.update dynamodb.batch_write dynamodb.transact s3.put mongodb.insert kinesis.put kinesis.put_batch"
).split()


def flows_of(service: Service, receive: Operation) -> list[Flow]:
    """The flow that receives, and those that take its messages over a channel within the same type."""
    own = [flow for flow in service.flows if flow.entrypoint.source is receive]
    function = receive.function
    if function is None:
        return own
    sends = any(
        row.block >= 0 and function.file.rows.blocks[row.block].function == function.row.block
        for row in function.file.rows.sends
    )
    if not sends:
        return own
    owner = function.root.owner_type
    fed = [
        flow
        for flow in service.flows
        if flow.entrypoint.kind == "stream_processor"
        and owner
        and flow.entrypoint.function.root.owner_type == owner
        and flow not in own
    ]
    return own + fed


def works(
    service: Service,
    receive: Operation,
    flows: Iterable[Flow],
    batch: Quantity | None,
    *,
    handed: bool,
    until: tuple[str, ...] = (),
) -> list[Work]:
    """Every call that is made with what was received, until an operation of one of these roles, each once, in document order.

    `handed`: what another goroutine does with it counts too, since it is held until that one is done.
    """
    found: dict[int, Work] = {}
    for flow in flows:
        inside = frozenset(function.key for function in flow.reach.order)
        acks = [one for one in flow.reached if one.operation.role in until and plain(one)]
        for reached in flow.operations:
            operation = reached.operation
            taking = operation is receive or operation.role == receive.role
            if taking or id(operation) in found or not _of_item(service, flow, reached):
                continue
            if any(_precedes(service, ack, reached) for ack in acks if ack.operation is not operation):
                continue
            turn = next((turn for turn in service.iterations.nearest(operation, inside) if not turn.spawned), None)
            certain = reached.certain and (handed or plain(reached))
            always = certain and plain(reached) and not _optional(reached, receive)
            found[id(operation)] = work(service, operation, turn, batch, certain=certain, always=always)
    return sorted(found.values(), key=lambda one: (one.operation.path, one.operation.row.start))


def _of_item(service: Service, flow: Flow, reached: Reached) -> bool:
    """False for what the consumer's function does before or behind the loop that receives, and not in it too."""
    entry, loop = flow.entrypoint, flow.entrypoint.loop
    if loop is None:
        return True
    if not reached.edges:
        return reached.operation.function is not entry.function or loop.start <= reached.operation.row.start < loop.end
    first = reached.edges[0]
    return first.source is not entry.function or any(
        edge.target is first.target and loop.start <= edge.offset < loop.end for edge in service.graph.of(first.source)
    )


def _precedes(service: Service, ack: Reached, step: Reached) -> bool:
    """True when a message is acknowledged, on every way through, before the step is done."""
    later = {function.key: place for function, place in places(step)}
    for function, (file, block, start) in places(ack):
        if function.key in later and not service.iterations.handles_error(file, block, start):
            _, at_block, at = later[function.key]
            return start < at and branches(file, block, start) <= branches(file, at_block, at)
    return False


def _optional(reached: Reached, receive: Operation) -> bool:
    """True for what is done in one branch of several; the branch that the message itself is received in is no choice."""
    own = branches(receive.file, receive.block, receive.row.start) if receive.function is not None else set()
    for function, (file, block, start) in places(reached):
        around = branches(file, block, start)
        if around - own if function is receive.function else around:
            return True
    return False


def plain(reached: Reached) -> bool:
    """True when an operation is surely reached, in order: no guessed call, no goroutine, no deferred call."""
    # What another goroutine does is deferred or not in that one: only the way to the hand-over counts.
    deferred = any(edge.deferred for edge in reached.edges) if isinstance(reached, Handed) else reached.deferred
    return reached.certain and not reached.spawned and not deferred


def places(reached: Reached) -> Iterator[tuple[Function, tuple[FileFacts, int, int]]]:
    """Each function on the way to an operation with the place in it that leads there."""
    operation = reached.operation
    if isinstance(reached, Handed):
        yield reached.sender, reached.place
    elif operation.function is not None:
        yield operation.function, (operation.file, operation.block, operation.row.start)
    for edge in reached.edges:
        if edge.via is not None and edge.kind == "call":
            yield edge.source, (edge.source.file, edge.via.block, edge.via.row.start)


def branches(file: FileFacts, block: int, start: int) -> set[int]:
    """The branches of the function whose body, not whose condition, holds a place."""
    found = set()
    for number, region in file.chain(block):
        if region.kind == FUNCTION:
            break
        tested = region.header != (0, 0) and region.start <= start < region.header[1]
        if region.kind in (BRANCH, CASE) and not tested:
            found.add(number)
    return found
