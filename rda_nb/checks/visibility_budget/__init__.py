"""The time that a queue leaves for a received message against the longest time its processing may take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.capacity import budgets
from rda_nb.core import Assessment, Origin, Quantity, State, known
from rda_nb.records import Control, Page
from rda_nb.service.enclosed import Judgement, Limit, cited, judged, limit_of
from rda_nb.service.processing import ACKNOWLEDGING, EXTENDING, NOTING, flows_of, works

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A message comes back while it is still being processed",
    topics=("leases",),
    consequence="stuck pipeline",
    rows=Control,
    why="When processing outlives the visibility timeout, the queue hands the message out again: work is doubled under load.",
    remedy="Bound the processing below the visibility timeout, raise the timeout, or extend it while the work goes on.",
    proof="With every dependency slowed to its timeout, no message is received twice in the load harness.",
    impact="throughput",
    references=(
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html",
        "https://docs.nats.io/nats-concepts/jetstream/consumers",
    ),
)

_DEFAULT = 30.0
_SOURCE = "Amazon SQS API 2012-11-05, CreateQueue: VisibilityTimeout defaults to 30 s"
# Where a message may also be received without ever being acknowledged, an acknowledgement must be seen.
_OTHERS = ("nats.fetch", "nats.subscribe", "rabbitmq.consume", "pubsub.receive")
# A message is acknowledged as its handler returns.
_HANDLED = ("message.handler",)
_ENDING = (*ACKNOWLEDGING, *NOTING)


def assess(service: Service) -> Iterator[Control]:
    """One row per receive whose messages may be processed for longer than they stay hidden."""
    for receive in service.operations("sqs.receive", *_OTHERS, *_HANDLED):
        flows = flows_of(service, receive)
        reached = {one.operation.role for flow in flows for one in flow.reached}
        if not flows or not reached.isdisjoint(EXTENDING):
            continue
        if receive.role in _OTHERS and reached.isdisjoint(_ENDING):
            continue
        limit = _limit(service, receive) if receive.role == "sqs.receive" else _given(service, receive)
        if limit is None:
            continue
        batch = _setting(service, receive, "batch_size")
        budget = budgets.visibility_timeout(limit.value)
        found = judged(works(service, receive, flows, batch, handed=True, until=_ENDING), budget)
        if found is not None:
            yield _row(service, receive, limit, batch, found)


def _row(service: Service, receive: Operation, limit: Limit, batch: Quantity | None, found: Judgement) -> Control:
    shown = f"{limit.value.upper:g} s"
    counted = batch.number if batch is not None and batch.known else None
    many = f"for {counted:g} message{'' if counted == 1 else 's'}" if counted is not None else "for a message"
    raised = f", raise it above {found.needed:g} s" if found.bounded and found.needed else ""
    places = [service.cite(one.operation, "override") for one in found.works]
    function = receive.function
    return Control(
        control="visibility timeout against processing",
        kind="visibility_timeout",
        value=limit.value,
        bounded=True,
        configurable=bool(limit.value.config_key),
        evidence=cited(limit.place, service.cite(receive, "caller"), *places[:4]),
        assessment=Assessment.RISK if found.alone else Assessment.CONCERN,
        claim=found.claim,
        remedy=f"Bound the work {many} below the visibility timeout of {shown}{raised}, or extend it while the work goes on.",
        proof=f"With every dependency slowed to its timeout, no message is received again within {shown} in the load harness "
        "while its first receiver works on it.",
        symbol=function.label if function else receive.path,
        subject="visibility",
        hot=True,
        # Calls without any bound are findings of their own; what a deadline for them leaves is judged here again.
        quiet=not found.bounded,
    )


def _setting(service: Service, operation: Operation, means: str) -> Quantity | None:
    """What a call, or the client that makes it, is told; None when it is told nothing, or not always the same."""
    given = [service.settings.quantity(one) for one in service.budgets.client_settings(operation).get(means, ())]
    return given[0] if len({one.upper for one in given}) == 1 else None


def _given(service: Service, receive: Operation) -> Limit | None:
    """The time to acknowledge that the consumer asks for, or that its server gives."""
    return limit_of(service, receive, "visibility_timeout")


def _limit(service: Service, receive: Operation) -> Limit | None:
    """The receive's own visibility timeout, else that of the queue as the target declares or creates it."""
    own = _setting(service, receive, "visibility_timeout")
    if own is not None and own.state is not State.UNKNOWN and own.upper:
        return Limit(own, service.cite(receive))
    if own is not None and own.state is State.UNKNOWN:
        return None
    declared = [queue for queue in service.documents.queues if queue.system == "sqs"] if service.documents else []
    amounts = [(queue, queue.get("visibility_timeout_s")) for queue in declared if queue.role == "product"]
    work = [
        (queue, amount) for queue, amount in amounts if not queue.name.lower().endswith(("dlq", "dead", "dead-letter"))
    ]
    if len(work) == 1:
        queue, amount = work[0]
        value = amount.value if amount is not None else _DEFAULT
        place = amount.evidence if amount is not None and amount.evidence is not None else queue.evidence
        return Limit(known(value, "s", Origin("constant", f"{value:g} s", place, "" if amount else _SOURCE)), place)
    created = service.operations("sqs.create_queue")
    if len(created) != 1:
        return None
    attribute = _setting(service, created[0], "visibility_timeout")
    if attribute is not None:
        return Limit(attribute, service.cite(created[0])) if attribute.upper else None
    for argument in service.calls.arguments(created[0]):
        for made in service.settings.creations(created[0].file, (argument.start, argument.end), created[0].block):
            if made.operation is None and "VisibilityTimeout" not in made.file.text[made.start : made.end]:
                place = service.cite_at(made.file, made.start)
                return Limit(known(_DEFAULT, "s", Origin("library_default", "30 s", None, _SOURCE)), place)
    return None
