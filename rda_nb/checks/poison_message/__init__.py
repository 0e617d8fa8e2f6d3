"""A queue that hands a message out for as long as it keeps it: nothing sets one aside that can never be processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence, Origin, absent
from rda_nb.records import Control, Page

if TYPE_CHECKING:
    from rda_nb.facts.doc_queues import Queue
    from rda_nb.service import Service
    from rda_nb.service.calls import Operation

PAGE = Page(
    title="A message that can never be processed comes back for ever",
    topics=("backpressure", "leases"),
    consequence="stuck pipeline",
    rows=Control,
    why="Each such message takes a worker again after every visibility timeout; enough of them leave no worker for the others.",
    remedy="Give the queue a dead-letter queue and a most number of receives, and an alarm on what arrives there.",
    proof="One message that no version can read lies in the dead-letter queue after 5 receives, and the alarm has fired.",
    impact="throughput",
    references=(
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    ),
)

_ASIDE = ("dlq", "dead", "failed", "poison")
_KEPT = "Amazon SQS API 2012-11-05, CreateQueue: MessageRetentionPeriod defaults to 4 days"


def assess(service: Service) -> Iterator[Control]:
    """One row for the queue that the service receives from, when the target declares it without a way out."""
    receives = service.operations("sqs.receive")
    queues = [queue for queue in service.documents.queues if queue.system == "sqs"] if service.documents else []
    queues = [queue for queue in queues if queue.role == "product" and "create-queue" not in queue.evidence.excerpt]
    if not receives or not queues or _counts(service):
        return
    aside = " ".join(queue.dead_letter for queue in queues)
    work = [queue for queue in queues if not queue.name.lower().endswith(_ASIDE) and queue.name not in aside]
    if len(work) == 1 and not work[0].dead_letter and work[0].get("max_receive_count") is None:
        yield _row(service, work[0], receives[0])


def _counts(service: Service) -> bool:
    """True when code that deletes or forwards looks at how often a message was received: it sets messages aside itself."""
    acts = service.operations("sqs.delete", "sqs.delete_batch", "sqs.send", "sqs.send_batch")
    functions = {op.function.root.key: op.function.root for op in acts if op.function is not None}
    return any("ReceiveCount" in f.file.text[f.row.start : f.row.end] for f in functions.values())


def _row(service: Service, queue: Queue, receive: Operation) -> Control:
    place: Evidence = queue.evidence
    function = receive.function
    retention = queue.get("message_retention_s")
    days = f"{retention.value / 86400:g} days" if retention is not None else "4 days by default"
    return Control(
        control=f"receives of a message of {queue.name}",
        kind="backoff",
        value=absent("the queue has no dead-letter queue", "count", Origin("library_default", days, place, _KEPT)),
        bounded=False,
        configurable=None,
        evidence=(place, service.cite(receive, "caller")),
        assessment=Assessment.CONCERN,
        claim=(
            f"Queue {queue.name} has no dead-letter queue: a message that {function.label if function else 'the consumer'}"
            f" never deletes is handed out again until it is too old ({days})."
        ),
        symbol=queue.name,
        subject="dead letter",
        hot=True,
        topic="backpressure",
    )
