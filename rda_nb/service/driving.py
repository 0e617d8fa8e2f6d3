"""Programs beside the service that put load on it: where they send in a loop, and to which system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.service.calls import Calls, Operation
from rda_nb.service.flows import Reach, reach
from rda_nb.service.iterations import ARRIVALS, FIXED, RETRIES, loops_at
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_PUTS = (
    "kafka.produce", "kafka.produce_async", "sqs.send", "sqs.send_batch", "sns.publish", "sns.publish_batch", "kinesis.put",
    "kinesis.put_batch", "nats.publish", "nats.publish_sync", "rabbitmq.publish", "pubsub.publish", "pubsub.publish_async",
    "servicebus.send", "nsq.publish", "nsq.publish_async", "mqtt.publish", "pulsar.publish",
    "pulsar.publish_async",
)  # fmt: skip
_TAKES = ("kafka.poll", "kafka.consume_group", "kafka.subscribe", "sqs.receive", "kinesis.get", "nats.", "rabbitmq.consume",
          "pubsub.receive", "servicebus.receive", "pulsar.receive")  # fmt: skip
_ASKS = ("http.request", "grpc.call")
_READS = ("read.file", "list.directory")


@dataclass(frozen=True, eq=False, slots=True)
class Driver:
    """A program's function that sends in a loop; `operation` is the send, `reads` says that it feeds what it reads."""

    folder: str
    main: Function
    function: Function
    operation: Operation
    system: str
    reads: bool


def drivers(service: Service) -> Iterator[Driver]:
    """One per program that is not deployed and sends, in a loop, to a system from which the service takes its work."""
    taken = {op.role.partition(".")[0] for op in service.calls.role(*_TAKES) if op.file.role == "product"}
    if not taken:
        return
    for main in sorted(_mains(service), key=lambda function: function.file.path):
        found = reach(service.graph, main)
        made = [
            (function, call)
            for function in found.order
            for call in service.calls.calls_of.get(function.key, ())
            if isinstance(call, Operation)
        ]
        if any(call.role in _TAKES for _, call in made):
            continue  # it passes on what it takes: a bridge, not a generator
        reads = any(call.role in _READS for _, call in made)
        for function, call in made:
            system = call.role.partition(".")[0]
            wanted = call.role in _PUTS and system in taken
            if wanted and _looped(service, found, function, call):
                folder = main.file.path.rpartition("/")[0]
                yield Driver(folder, main, function.root, call, system, reads)
                break


def _mains(service: Service) -> list[Function]:
    names = service.calls.conventions.ROOT_NAMES
    return [
        function
        for function in service.program.by_name.get("main", ())
        if function.file.role in ("tooling", "test") and function.file.rows.package in names and not function.owner_type
    ]


def driving(service: Service, folder: str) -> tuple[Function, Operation] | None:
    """The function of a tool's own folder that sends or asks, in a loop if there is one, and its operation."""
    best: tuple[bool, Function, Operation] | None = None
    for operation in service.calls.role(*_PUTS, *_ASKS):
        if operation.function is None or operation.path.rpartition("/")[0] != folder:
            continue
        looped = bool(Calls.loops(operation)) or operation.function.parent is not None
        if best is None or (looped and not best[0]):
            best = (looped, operation.function.root, operation)
    return (best[1], best[2]) if best is not None else None


def _looped(service: Service, found: Reach, function: Function, call: Operation) -> bool:
    """True when a loop over many things stands around the send, in its function or on the way from `main`."""
    edges = found.edges_to(function)
    places = [(call.file, call.block), *((edge.source.file, edge.via.block) for edge in edges if edge.via is not None)]
    places += [
        (e.source.file, e.source.file.rows.blocks[e.target.row.block].parent) for e in edges if e.kind == "literal"
    ]
    for file, block in places:
        for loop in loops_at(file, block):
            kind = service.iterations.kind(file, loop)
            endless = kind == ARRIVALS and "range" not in service.loop_header(file, loop)
            if kind not in (FIXED, RETRIES) and (kind != ARRIVALS or endless):
                return True
    return False
