"""The visibility timeout of a received message against the longest time its processing may take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.capacity import stall
from rda_nb.capacity.budgets import Verdict, compare, visibility_timeout
from rda_nb.core import Assessment, Evidence, Origin, Quantity, State, known
from rda_nb.records import Control, Page
from rda_nb.service.processing import Step, flows_of, steps

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
    ),
)

_SHOWN = 4
_DEFAULT = 30.0
_SOURCE = "Amazon SQS API 2012-11-05, CreateQueue: VisibilityTimeout defaults to 30 s"


class Limit(NamedTuple):
    """A visibility timeout with the place that gives it."""

    value: Quantity
    place: Evidence


def assess(service: Service) -> Iterator[Control]:
    """One row per receive whose messages may be processed for longer than they stay hidden."""
    for receive in service.operations("sqs.receive"):
        flows = flows_of(service, receive)
        reached = [step.operation for flow in flows for step in flow.reached]
        if not flows or any(operation.role == "sqs.change_visibility" for operation in reached):
            continue
        limit = _limit(service, receive)
        batch = _setting(service, receive, "batch_size")
        found = steps(service, receive, batch)
        if limit is None or not found:
            continue
        yield from _judged(service, receive, limit, batch, found)


def _judged(
    service: Service, receive: Operation, limit: Limit, batch: Quantity | None, found: list[Step]
) -> Iterator[Control]:
    """The row, when one call alone or all calls together do not fit."""
    budget = visibility_timeout(limit.value)
    certain = [step for step in found if step.reached.certain]
    over = [step for step in certain if compare(step.worst, budget).verdict in (Verdict.OVER, Verdict.UNBOUNDED)]
    known_steps = [step for step in found if step.worst.bounded and step.worst.result is not None]
    total = stall.in_sequence([(step.operation.title, step.worst) for step in known_steps])
    whole = compare(total, budget)
    if not over and whole.verdict is not Verdict.OVER:
        return
    bounded = [step for step in over if step.worst.bounded]
    first = bounded[0] if bounded else over[0] if over else None
    many = (
        f"for {batch.number:g} message{'' if batch.number == 1 else 's'}"
        if batch is not None and batch.known
        else "for a batch"
    )
    said = "; ".join(list(dict.fromkeys(_said(step) for step in over or known_steps))[:_SHOWN])
    shown = f"{limit.value.upper:g} s" if limit.value.upper is not None else "not known"
    sum_text = (
        f"The known calls sum up to {total.result:g} s {many}" if total.result else f"The work {many} has no bound"
    )
    claim = f"{sum_text} ({said}), and the visibility timeout is {shown}: messages come back while they are being processed."
    unbounded = (first is not None and not first.worst.bounded) or not total.result
    raised = "" if unbounded else f", raise it above {total.result:g} s"
    function = receive.function
    places = tuple(service.cite(step.operation, "override") for step in (over or known_steps)[:_SHOWN])
    yield Control(
        control="visibility timeout against processing",
        kind="visibility_timeout",
        value=limit.value,
        bounded=True,
        configurable=bool(limit.value.config_key),
        evidence=(limit.place, service.cite(receive, "caller"), *places),
        assessment=Assessment.RISK if first is not None else Assessment.CONCERN,
        claim=claim,
        remedy=f"Bound the work {many} below the visibility timeout of {shown}{raised}, or extend it while the work goes on.",
        proof=f"With every dependency slowed to its timeout, no message is received again within {shown} in the load harness "
        "while its first receiver works on it.",
        symbol=function.label if function else receive.path,
        subject="visibility",
        hot=True,
        # Calls without any bound are findings of their own; what a deadline for them leaves is judged here again.
        quiet=bool(over) and not bounded and whole.verdict is not Verdict.OVER,
    )


def _said(step: Step) -> str:
    title = step.operation.title
    if step.operation.role.endswith(".call"):
        title = f"{title.removesuffix(' call')} {step.operation.client.rpartition('.')[2]}"
    return f"{title}{' for each message' if step.per_message else ''} {_time(step)}"


def _time(step: Step) -> str:
    return (
        f"up to {step.worst.result:g} s" if step.worst.bounded and step.worst.result is not None else "without a bound"
    )


def _setting(service: Service, operation: Operation, means: str) -> Quantity | None:
    for argument in service.calls.arguments(operation):
        made = service.settings.creations(operation.file, (argument.start, argument.end), operation.block)
        for setting in service.settings.of(made):
            if setting.means == means:
                return service.settings.quantity(setting)
    return None


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
