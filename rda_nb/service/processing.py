"""What happens to a received message before it is acknowledged: the consumer's flows, the hand-off over a channel, the calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.capacity import stall
from rda_nb.core import Formula, Quantity
from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION, FileFacts
from rda_nb.service.calls import Operation
from rda_nb.service.flows import Reached
from rda_nb.service.handoffs import Handed
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

ACKNOWLEDGING = ("sqs.delete", "sqs.delete_batch", "kafka.commit", "rabbitmq.ack", "nats.ack")
_NOT_WORK = ("sleep",)
DURABLE = (
    "clickhouse.insert clickhouse.async_insert clickhouse.exec sql.exec sql.commit sql.copy sql.batch dynamodb.put"
    " dynamodb.update dynamodb.batch_write dynamodb.transact s3.put mongodb.insert kinesis.put kinesis.put_batch"
).split()


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way of a message: how long it may take for one batch, and whether it is done for each message."""

    operation: Operation
    reached: Reached
    per_message: bool
    worst: Formula


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


def steps(service: Service, receive: Operation, batch: Quantity | None) -> list[Step]:
    """Every call that a message waits for between its receive and its acknowledgement, each once."""
    found: dict[int, Step] = {}
    for flow in flows_of(service, receive):
        inside = frozenset(function.key for function in flow.reach.order)
        for reached in flow.operations:
            operation = reached.operation
            if operation is receive or operation.role in _NOT_WORK or id(operation) in found:
                continue
            if operation.role.endswith((".receive", ".poll")):
                continue
            turn = next((turn for turn in service.iterations.nearest(operation, inside) if not turn.spawned), None)
            worst = service.budget(operation).worst_case
            per_message = turn is not None and turn.certain and batch is not None and batch.known
            if per_message and batch is not None:
                worst = stall.batch(batch, worst)
            found[id(operation)] = Step(operation, reached, per_message, worst)
    return sorted(found.values(), key=lambda step: (step.operation.path, step.operation.row.start))


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
