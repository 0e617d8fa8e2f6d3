"""Where each capacity signal would stand: the places of the service whose load or delay it would show."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import DEFER
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.counted_answers import CountedAnswers
from rda_nb.service.entrypoint import OPERATIONAL
from rda_nb.service.handovers import Handovers
from rda_nb.service.other_meters import other_meter
from rda_nb.service.serving import path_of
from rda_nb.service.signals import instrumented, measures
from rda_nb.service.unseen import Blind

if TYPE_CHECKING:
    from rda_nb.service.model import Flow, Service

CONSUMING = ("queue_consumer", "poller")
_SERVED = ("api_route", "grpc_method")
_BATCHED = ("clickhouse.prepare_batch", "clickhouse.insert", "clickhouse.async_insert", "sql.copy", "sql.batch")
_SENT_BATCHES = ("sqs.send_batch", "kinesis.put_batch", "sns.publish_batch", "dynamodb.batch_write")
_SET_ASIDE = ("sqs.create_queue", "rabbitmq.reject", "decode", "decode.scan")


class Need(NamedTuple):
    """A signal that the service has use for: where it would stand, the most important place first, and the path.

    `placed` when it is judged by its place, whatever is measured elsewhere; `claim` when it is not said by `what` alone.
    """

    signal: str
    places: tuple[Evidence, ...]
    hot: bool | None
    what: str
    symbol: str
    placed: bool = False
    claim: str = ""


def _grows(service: Service, send: Operation) -> bool:
    """False for a batch that its function puts together line by line: it has the same size each time."""
    queued = [
        call
        for call in service.calls.calls_of.get(send.function.key if send.function else "", ())
        if isinstance(call, Operation) and call.role == "sql.queue"
    ]
    return not queued or any(Calls.loops(call) for call in queued)


def _role(flow: Flow) -> str:
    return flow.entrypoint.source.role if flow.entrypoint.source is not None else ""


def _own(operation: Operation) -> str:
    """The key of the function that an operation stands in; '' for none."""
    return operation.function.key if operation.function is not None else ""


class Needs:
    """Works out which signals one service needs."""

    def __init__(self, service: Service) -> None:
        self.service = service
        entries = [flow for flow in service.flows if flow.entrypoint.of_service]
        self.handovers = Handovers(service)
        self.answers = CountedAnswers(service)
        self.consumers = [flow for flow in entries if flow.entrypoint.kind in CONSUMING]
        self.served = [
            flow
            for flow in entries
            if flow.entrypoint.kind in _SERVED
            and (flow.entrypoint.kind != "api_route" or OPERATIONAL.search(path_of(flow)) is None)
        ]
        languages = {file.language for file in service.program.files}
        self.generated = any(
            measures(file.data.decode("latin-1"))
            for file in service.target.files
            if file.role == "generated" and file.kind in languages
        )
        imports = (row.path for file in service.program.files for row in file.rows.imports)
        self.measured_outside = self.generated or instrumented(imports)
        # Where metrics are seen, what is not among them is missing; where none is, another library may give them.
        self.other_meter = other_meter(service) if not service.metrics else ""

    def all(self) -> list[Need]:
        """Every signal with a place where it would stand."""
        found = [
            self._intake(),
            self._lag(),
            self._latency(),
            self._batches(),
            self._inserts(),
            self._throttles(),
            self._retries(),
            self._errors(),
            self._slots(),
            self._set_aside(),
            self._sends(),
            self._dropped(),
            self._ignored(),
        ]
        found += [
            Need(one.signal, one.places, one.hot, one.what, one.symbol, True, one.claim)
            for one in Blind(self.service).all()
        ]
        return [need for need in found if need is not None and need.places]

    # Places

    def _need(
        self, signal: str, operations: Iterable[Operation], what: str, first_of: Container[int] = ()
    ) -> Need | None:
        """A need at these operations: those on a request or message path first, then those whose id is in `first_of`."""
        ordered = sorted(
            operations, key=lambda op: (not self.service.is_hot(op), id(op) not in first_of, op.path, op.row.start)
        )
        if not ordered:
            return None
        first = ordered[0]
        symbol = first.function.label if first.function is not None else first.path
        places = tuple(self.service.cite(op, "absence") for op in ordered[:6])
        return Need(signal, places, self.service.is_hot(first), what, symbol)

    def _entry(self, signal: str, flows: list[Flow], what: str) -> Need | None:
        if not flows:
            return None
        places = tuple(
            self.service.cite(flow.entrypoint.source, "absence") if flow.entrypoint.source else flow.entrypoint.evidence
            for flow in flows[:3]
        )
        return Need(signal, places, True, what, flows[0].entrypoint.function.label)

    # Signals

    def _intake(self) -> Need | None:
        flows = self.consumers or ([] if self.measured_outside else self.served)
        what = "messages received" if self.consumers else "requests served"
        return self._entry("throughput", flows, what)

    def _lag(self) -> Need | None:
        # A channel that keeps nothing for who is not there has no backlog.
        kept = [flow for flow in self.consumers if _role(flow) != "redis.subscribe"]
        need = self._entry("queue_lag", kept, "age or number of the messages that wait")
        return need._replace(places=(*need.places, *self._each_message())) if need is not None else None

    def _each_message(self) -> list[Evidence]:
        """The loops over received messages: each could tell when it was sent."""
        found = []
        for op in self.service.operations("sqs.receive", "kinesis.get", "nats.fetch"):
            given = op.file.given.get((op.row.start, op.row.end))
            name = given[0].names[0] if given is not None else ""
            end = op.function.row.end if op.function is not None else 0
            for row in op.file.rows.bindings if name.isidentifier() else ():
                written = op.file.text[slice(*row.values[0])] if row.form == "range" and row.values else ""
                if written.partition(".")[0] == name and op.row.end < row.start < end:
                    found.append(self.service.cite_at(op.file, row.start, role="absence"))
        return found[:3]

    def _latency(self) -> Need | None:
        flows = self.consumers or ([] if self.measured_outside else self.served)
        return self._entry("latency", flows, "time per message" if self.consumers else "time per request")

    def _batches(self) -> Need | None:
        inserts = [op for op in self.service.operations(*_BATCHED) if _grows(self.service, op)]
        sends = [op for op in self.service.operations(*_SENT_BATCHES) if self.service.is_hot(op)]
        need = self._need("batch_size_distribution", inserts or sends, "items per batch")
        known = self.handovers.flushes()
        if not known:
            return need
        if need is None:
            return Need("batch_size_distribution", tuple(known[:6]), None, "items per batch", known[0].path)
        return need._replace(places=tuple(dict.fromkeys((*known[:3], *need.places)))[:6])

    def _inserts(self) -> Need | None:
        operations = {id(op): op for op in self.service.operations("clickhouse.insert", "clickhouse.async_insert")}
        for one in self.service.statements:
            if one.statement.kind == "insert" and one.clickhouse and not one.migration:
                operations |= {id(op): op for op in one.operations if op.file.role == "product" and op.blocking}
        timed = self._timed_from_a_defer()
        untimed = [
            op for op in operations.values() if not any(first < op.row.start for first in timed.get(_own(op), ()))
        ]
        return self._need("clickhouse_insert_latency", untimed, "time per insert into ClickHouse")

    def _timed_from_a_defer(self) -> dict[str, list[int]]:
        """The functions whose time is observed in what they defer, with the places where: all that follows is in it."""
        found: dict[str, list[int]] = {}
        for metric, signal in self.service.signals.all:
            for update in metric.updates if signal in ("latency", "clickhouse_insert_latency") else ():
                function, file = update.at.function, update.at.file
                if function is None or function.parent is None or function.row.block < 0:
                    continue
                outer = file.rows.blocks[function.row.block].parent
                if outer >= 0 and file.rows.blocks[outer].kind == DEFER:
                    found.setdefault(function.parent.key, []).append(update.at.row.start)
        return found

    def _throttles(self) -> Need | None:
        found = self.service.operations("dynamodb.")
        writes = [op for op in found if op.role in ("dynamodb.put", "dynamodb.update", "dynamodb.batch_write")]
        hot = [op for op in writes if self.service.is_hot(op)]
        return self._need("dynamodb_throttles", hot or writes or found, "throttled DynamoDB calls")

    def _retries(self) -> Need | None:
        places: dict[tuple[str, int], tuple[bool, Evidence, str]] = {}
        for op in self.service.external_operations:
            if op.file.role == "product":
                for layer in self.service.budget(op).layers:
                    place = layer.evidence
                    symbol = op.function.label if op.function is not None else op.path
                    hot = bool(self.service.is_hot(op))
                    if layer.source in ("loop", "code") or place.path == op.path:
                        known = places.get((place.path, place.line))
                        places[place.path, place.line] = (hot or bool(known and known[0]), place, symbol)
        ordered = sorted(places.values(), key=lambda item: (not item[0], item[1].path, item[1].line))
        tries = [] if ordered else self.handovers.tries()
        if tries:
            return Need("retry_rate", tuple(tries[:4]), None, "repeated attempts", tries[0].path)
        if not ordered:
            return None
        found = [place for item in ordered[:4] for place in (item[1], *self.handovers.logs_of(item[1]))]
        return Need("retry_rate", tuple(dict.fromkeys(found)), ordered[0][0], "repeated attempts", ordered[0][2])

    def _sends(self) -> Need | None:
        """The time that workers spend in a call, where no metric gives any latency."""
        inserts = self._inserts()
        found = self.handovers.sends()
        if inserts is not None:  # what goes to that store is said there
            found = [one for one in found if self.service.systems.of(one[0]) != "clickhouse"]
        if not found:
            return None
        places = tuple(dict.fromkeys(place for _, evidence in found[:3] for place in evidence))
        first = found[0][0]
        what = f"time per {first.title}"
        symbol = first.function.label if first.function is not None else first.path
        return Need("latency", places, self.service.is_hot(first), what, symbol)

    def _dropped(self) -> Need | None:
        places = self.handovers.dropped()
        claim = "A message that cannot be decoded is left behind here: no dead-letter path keeps it."
        what = "messages that cannot be decoded"
        return Need("dlq", tuple(places[:6]), True, what, places[0].path, True, claim) if places else None

    def _ignored(self) -> Need | None:
        places = self.handovers.ignored()
        claim = "The error of this write is thrown away: a loss is neither counted nor logged where it happens."
        what = "failed writes whose error is thrown away"
        return Need("error_rate", tuple(places[:6]), None, what, places[0].path, True, claim) if places else None

    def _errors(self) -> Need | None:
        """Error branches that only log, in functions that update no metric."""
        counted = {u.at.function.root.key for m in self.service.metrics for u in m.updates if u.at.function is not None}
        background = self.service.background
        logs = [
            op
            for op in self.service.operations("log.error", "log.warn")
            if op.function is not None
            and op.function.root.key not in counted
            and self.service.in_error_branch(op)
            and (self.service.is_hot(op) or op.function.key in background)
            and not self.answers.counted(op)
        ]
        waiting = {op.function.root.key for op in self.service.external_operations if op.function is not None}
        near = {id(op) for op in logs if op.function is not None and op.function.root.key in waiting}
        return self._need("error_rate", logs, "failures", near)

    def _slots(self) -> Need | None:
        counted = {u.at.function.root.key for m in self.service.metrics for u in m.updates if u.at.function is not None}
        waits = [
            op
            for op in self.service.operations("semaphore.acquire", "pool.submit", "ratelimit.wait")
            if op.function is not None and op.function.root.key not in counted
        ]
        return self._need("saturation", waits, "waiting for a free slot")

    def _set_aside(self) -> Need | None:
        if not self.consumers:
            return None
        reached = {reached.operation.index: reached.operation for flow in self.consumers for reached in flow.reached}
        found = [op for op in reached.values() if op.role in _SET_ASIDE and op.file.role == "product"]
        created = self.service.operations("sqs.create_queue")
        if not created and self.handovers.dropped():
            return None  # said at the drop itself
        need = self._need("dlq", created or found, "messages given up or set aside")
        requests = tuple(
            self.service.cite_at(made.file, made.start, role="absence")
            for op in created[:1]
            for node in self.service.calls.arguments(op)
            for made in self.service.settings.creations(op.file, (node.start, node.end), op.block)
            if made.operation is None
        )
        return need._replace(places=(*requests, *need.places)) if need is not None else None
