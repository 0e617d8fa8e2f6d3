"""A call that leaves the process, made once per item of a loop: N items cost N round trips, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Hotspot, Page
from rda_nb.service.emptied import emptied

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Expression
    from rda_nb.service import Service
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.iterations import Turn

PAGE = Page(
    title="A call that leaves the process is made once per item",
    topics=("throughput-bottlenecks",),
    consequence="inefficiency",
    rows=Hotspot,
    why="The loop's time is the number of items times one round trip, and the called system sees a request per item.",
    remedy="Ask for all items in one call (batch form, IN list, join), or work on a bounded number in parallel.",
    proof="Count the calls in a trace of one request with 1 and with 100 items: the number stays the same.",
    impact="throughput",
    references=(
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html",
        "https://use-the-index-luke.com/sql/join/nested-loops-join-n1-problem",
    ),
)

# Calls that already carry many items, are part of another call's work, or wait for work by design, and those that say which
# queues there are: as many as the configuration names.
_NOT_PER_ITEM = frozenset(
    """sqs.send_batch sqs.delete_batch sqs.receive sns.publish_batch kinesis.put_batch kinesis.get
    dynamodb.batch_get dynamodb.batch_write clickhouse.batch_send clickhouse.prepare_batch clickhouse.ping
    clickhouse.connect redis.pipeline redis.subscribe redis.blocking_pop sql.batch sql.copy sql.begin
    sql.commit sql.rollback sql.prepare sql.ping sql.acquire kafka.poll kafka.consume_group kafka.admin
    rabbitmq.consume rabbitmq.ack rabbitmq.qos nats.fetch nats.ack http.server_shutdown network.dial
    rabbitmq.topology nats.topology pubsub.topology sqs.create_queue""".split()
)
# The text of a statement whose rows are copied in.
_COPIES = re.compile(r"(?i)^\s*copy\b.*\bfrom\s+stdin", re.S)
_WRITES_COPY = "sql.copy_statement"
# Per message of a received batch only these are more than the message's own work: their cost is saved by one call.
_ARRIVING = ("queue_consumer", "stream_processor")
_MESSAGES = ("message", "msg", "record", "event", "entries", "deliver")


def assess(service: Service) -> Iterator[Hotspot]:
    """One row per loop over items whose items each cost a call; the loop's other calls are its further evidence."""
    hot = frozenset(service.hot)
    loops: dict[tuple[str, int], list[tuple[Operation, Turn, bool]]] = {}
    for operation in service.operations():
        if not operation.blocking or operation.role in _NOT_PER_ITEM or not service.systems.of(operation):
            continue
        if _queued(service, operation) or operation.function is None or operation.client.startswith("?"):
            continue
        for turn in service.iterations.nearest(operation, hot | service.background):
            if _worth_a_row(service, operation, turn):
                busy = turn.function.key in hot
                loops.setdefault((turn.file.path, turn.loop.start), []).append((operation, turn, busy))
    for key in sorted(loops):
        yield _row(service, sorted(loops[key], key=lambda found: (not found[0].entry.batch, found[1].start)))
    for operation, turn in emptied(service, hot | service.background):
        yield _emptied(service, operation, turn, turn.function.key in hot)


def _emptied(service: Service, operation: Operation, turn: Turn, hot: bool) -> Hotspot:
    """A loop that fetches what is stored item by item until there is none."""
    place = f"{operation.path}:{operation.line}"
    flows = sorted({flow.entrypoint.title for flow in service.hot_flows(turn.function)})
    claim = f"{turn.function.label} takes what is stored item by item until nothing is left: one {operation.title} for each, "
    claim += f"one after the other: {' → '.join((*turn.chain, operation.call_name))} ({place})."
    return Hotspot(
        pattern="n_plus_one",
        function=turn.function.label,
        why=f"{service.systems.of(operation)} round trips grow with what is stored",
        recommendation="take many at once, and no more than a turn can work on",
        in_loop=1,
        on_path=flows[0] if flows else "",
        evidence=tuple(dict.fromkeys((service.iterations.place(turn), service.cite(operation)))),
        assessment=Assessment.CONCERN,
        claim=claim,
        symbol=turn.function.label,
        subject=f"{operation.client} until it is empty",
        hot=hot,
        quiet=not hot,
    )


def _queued(service: Service, operation: Operation) -> bool:
    """A prepared statement of a column store, or of a copy, collects rows; the transaction's end sends them."""
    if not operation.client.startswith("Stmt."):
        return False
    if service.systems.of(operation) == "clickhouse":
        return True
    made = (one.operation for one in service.budgets.creations(operation))
    return any(
        _copies(service, argument, one) for one in made if one is not None for argument in service.calls.arguments(one)
    )


def _copies(service: Service, argument: Expression, call: Call) -> bool:
    """True for the text of a copy: written out, made by the driver's own call, or given by a caller of the function."""
    index = call.file.call_at.get((argument.start, argument.end))
    made = service.calls.operation(call.file, index) if index is not None else None
    if made is not None:
        return made.role == _WRITES_COPY
    parameter = service.names.parameter(argument.text, call.function) if argument.kind == "name" else None
    if parameter is None or parameter[1] < 0:
        return _COPIES.search(service.text(argument, call) or "") is not None
    callers = service.calls.callers.get(parameter[0].key, ())[:8]
    given = ((service.argument(caller, parameter[1]), caller) for caller in callers)
    return any(_COPIES.search(service.text(node, caller) or "") for node, caller in given if node is not None)


def _worth_a_row(service: Service, operation: Operation, turn: Turn) -> bool:
    """A message's own work is no N+1, and neither are items worked on in parallel, unless one call could do for all."""
    if service.iterations.kept_below(turn, operation):
        return False
    if operation.entry.batch:
        return True
    if turn.spawned:
        return False
    if turn.outer and turn.function.key not in service.hot:
        return False  # the few parts of one item, in background work
    if turn.function.key in service.hot and not _without_failing(service, turn):
        return False  # it is what happens when something else has failed
    return not _arriving(service, turn)


def _without_failing(service: Service, turn: Turn) -> bool:
    """True when a path comes to the loop by another way than the branch that handles an error."""
    for flow in service.hot_flows(turn.function):
        ways = (edge.via for edge in flow.reach.edges_to(turn.function))
        if not any(
            via is not None and service.iterations.handles_error(via.file, via.block, via.row.start) for via in ways
        ):
            return True
    return False


def _arriving(service: Service, turn: Turn) -> bool:
    """True for the loop over the messages of one receive."""
    consuming = any(flow.entrypoint.kind in _ARRIVING for flow in service.hot_flows(turn.function))
    named = turn.over.rpartition(".")[2].lower()
    return consuming and not turn.outer and any(word in named for word in _MESSAGES)


def _row(service: Service, found: list[tuple[Operation, Turn, bool]]) -> Hotspot:
    operation, turn, hot = found[0]
    system = service.systems.of(operation)
    certain = turn.certain and not turn.spawned
    risk = hot and certain and bool(operation.entry.batch) and not _arriving(service, turn)
    others = list(dict.fromkeys(other.title for other, _, _ in found[1:] if other.title != operation.title))
    flows = sorted({flow.entrypoint.title for flow in service.hot_flows(turn.function)})
    chain = " → ".join((*turn.chain, operation.call_name))
    place = f"{operation.path}:{operation.line}"
    batch = f"; {operation.entry.batch} takes many at once" if operation.entry.batch else ""
    also = f" (also {', '.join(others[:3])})" if others else ""
    nested = f", in {turn.outer + 1} nested loops" if turn.outer else ""
    side = "in parallel" if turn.spawned else "one after the other"
    where = f"on {flows[0]}" if flows else "in background work"
    each = f"One {operation.title}{also} for each of `{turn.over[:60]}`{nested}"
    claim = f"{each}, {side}, {where}: {chain} ({place}){batch}."
    evidence = [service.iterations.place(turn)]
    evidence += [service.cite(other) for other, way, _ in found[:3] if way.edges]
    return Hotspot(
        pattern="n_plus_one",
        function=turn.function.label,
        why=f"{system} round trips grow with `{turn.over[:60]}`",
        recommendation=f"use {operation.entry.batch}" if operation.entry.batch else "",
        in_loop=turn.outer + 1,
        on_path=flows[0] if flows else "",
        evidence=tuple(dict.fromkeys(evidence)),
        assessment=Assessment.RISK if risk else Assessment.CONCERN,
        claim=claim,
        symbol=turn.function.label,
        subject=f"{operation.client} per {turn.over[:60]}",
        hot=hot,
        quiet=not hot,
    )
