"""Where work is handed on, given up or tried again, and only a log line or nothing tells of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, FUNCTION, LOOP, Block, FileFacts
from rda_nb.service.buffers import resets, working
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.program import Function
from rda_nb.service.words import Words

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_MESSAGES = ("queue_consumer", "stream_processor")
_LOGS = ("log.debug", "log.info", "log.warn", "log.error")
_WRITES = (
    "write.file", "sqs.send", "sqs.send_batch", "sns.publish", "kinesis.put", "kinesis.put_batch", "kafka.produce",
    "rabbitmq.publish", "nats.publish_sync", "pubsub.publish", "nsq.publish", "mqtt.publish", "task.enqueue",
    "dynamodb.put", "dynamodb.update", "dynamodb.batch_write", "dynamodb.transact", "s3.put", "clickhouse.insert",
    "clickhouse.exec", "sql.exec", "sql.batch", "sql.copy", "pulsar.publish",
)  # fmt: skip
_BATCHES = (
    "clickhouse.",
    "sql.batch",
    "sql.copy",
    "sqs.send_batch",
    "kinesis.put_batch",
    "kafka.produce",
    "http.request",
)
_TAKES = ("kafka.poll", "sqs.receive", "kinesis.get", "nats.fetch", "rabbitmq.get", "redis.blocking_pop", "queue.take")
_DECODES = ("decode", "decode.scan")
_FLUSHES = Words("(?i){flushes}")
_COUNT = Words(r"\blen\(|(?i:\b\w*{counts}\w*\b|\bn\b)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`')
_ITEMS = Words(r"(?i)\b{batch_items}\b")
_NO_WRITE = Words("(?i){no_write}")
_FAILED = Words("(?i){failing}|!ok")


class Handovers:
    """Finds the places of one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls

    # Batches

    def flushes(self) -> list[Evidence]:
        """Where the size of a batch is known as it is handed on: its length, then the log line that prints it."""
        found: list[Evidence] = []
        for reset in resets(self.service):
            if self._hands_on(reset.function):
                text, start = reset.file.text, reset.function.row.start
                known = text.find(f"len({reset.name})", start, reset.row.start)
                at = known if known >= 0 else reset.row.start
                found.append(self.service.cite_at(reset.file, at, role="absence"))
        return [*found, *self._logged()]

    def _hands_on(self, function: Function) -> bool:
        """True when what was collected goes to a queue, a channel or another process."""
        sends = any(function.row.start <= send.start < function.row.end for send in function.file.rows.sends)
        return sends or self._writes_batches(function, ("queue.put", *_WRITES))

    def _logged(self) -> Iterator[Evidence]:
        """Log lines with the number of items, in functions that write batches."""
        for operation in self.service.operations(*_LOGS):
            function = operation.function
            if function is None or not _FLUSHES.search(function.root.name) or not working(self.service, function):
                continue
            written = operation.file.slice((operation.row.callee_end, operation.row.end))
            if not _ITEMS.search(written) or self.service.in_error_branch(operation):
                continue
            given = _QUOTED.sub("", written)
            if _COUNT.search(given) and self._writes_batches(function):
                yield self.service.cite(operation, "absence")

    def _writes_batches(self, function: Function, more: tuple[str, ...] = ()) -> bool:
        reached = self.service.concurrency.reach_of(function).order[:200]
        return any(
            isinstance(call, Operation) and call.role.startswith((*_BATCHES, *more))
            for one in reached
            for call in self.calls.calls_of.get(one.key, ())
        )

    # Sends

    def sends(self) -> list[tuple[Operation, tuple[Evidence, ...]]]:
        """The calls that workers wait for without taking the time: each with the place in the worker's own loop."""
        found = []
        seen: set[int] = set()
        kinds = ("background_loop", "poller", *_MESSAGES)
        for flow in self.service.flows:
            if flow.entrypoint.kind not in kinds or not flow.entrypoint.of_service:
                continue
            for reached in flow.operations:
                operation = reached.operation
                if operation.role not in (*_WRITES, "http.request", "grpc.call") or id(operation) in seen:
                    continue
                if operation.file.role != "product":
                    continue
                seen.add(id(operation))
                way = [operation.function, *(edge.source for edge in reached.edges)]
                if any(one is not None and one.root.key in self._timed for one in way):
                    continue
                via = reached.edges[0].via if reached.edges else None
                places = [self.service.cite(via, "absence")] if via is not None else []
                found.append((operation, tuple(dict.fromkeys((*places, self.service.cite(operation, "absence"))))))
                break
        return found

    @cached_property
    def _timed(self) -> set[str]:
        roles = ("metric.observe", "metric.time")
        return {op.function.root.key for op in self.calls.role(*roles) if op.function is not None}

    # Tries

    def tries(self) -> list[Evidence]:
        """Loops that go on to the next server or try when one fails: where the failure is logged, else the loop."""
        found = []
        for file in self.service.program.files:
            if file.role != "product" or "continue" not in file.text:
                continue
            for number, loop in enumerate(file.rows.blocks):
                if loop.kind == LOOP and self._fails_over(file, number, loop):
                    function = self.service.program.enclosing(file, number)
                    logs = self._in(function, loop, _LOGS) if function is not None else []
                    failed = [log for log in logs if any(_FAILED.search(text) for text in self.service.conditions(log))]
                    found += [self.service.cite(log, "absence") for log in failed[:1]]
                    found.append(self.service.cite_at(file, loop.start, role="absence"))
        return found

    def _fails_over(self, file: FileFacts, number: int, loop: Block) -> bool:
        function = self.service.program.enclosing(file, number)
        if (
            function is None
            or self.service.loop_header(file, loop) not in ("", "true")
            or not working(self.service, function)
        ):
            return False
        body = file.text[loop.start : loop.end]
        if "continue" not in body or "<-" in body or "select {" in body or len(body) > 3000:
            return False
        returns = [row for row in file.rows.returns if loop.start <= row.start < loop.end and row.block >= 0]
        good = [row for row in returns if not self._failing(file, row.block, loop)]
        if not good or self._in(function, loop, (*_TAKES, "timer.ticker", "sleep")):
            return False
        skips = [at.start() + loop.start for at in re.finditer(r"\bcontinue\b", body)]
        blocks = [
            (i, b) for i, b in enumerate(file.rows.blocks) if b.kind == BRANCH and loop.start < b.start < loop.end
        ]
        failing = [b for _, b in blocks if _FAILED.search(file.text[slice(*b.header)])]
        if not any(b.start <= at < b.end for b in failing for at in skips):
            return False
        calls = [call for call in self.calls.calls_of.get(function.key, ()) if loop.start <= call.row.start < loop.end]
        return any(self._waits(call) for call in calls)

    def _failing(self, file: FileFacts, block: int, loop: Block) -> bool:
        for _, row in file.chain(block):
            if row.start <= loop.start or row.kind == FUNCTION:
                return False
            if row.kind == BRANCH and _FAILED.search(file.text[slice(*row.header)]):
                return True
        return False

    def _waits(self, call: Call) -> bool:
        if isinstance(call, Operation):
            return call.blocking and bool(call.system)
        reached = (
            one
            for target in call.resolution.targets[:3]
            for one in self.service.concurrency.reach_of(target).order[:60]
        )
        return any(
            isinstance(inner, Operation) and inner.blocking and inner.system
            for one in reached
            for inner in self.calls.calls_of.get(one.key, ())
        )

    def _in(self, function: Function, loop: Block, roles: tuple[str, ...]) -> list[Operation]:
        return [
            call
            for call in self.calls.calls_of.get(function.key, ())
            if isinstance(call, Operation) and call.role in roles and loop.start <= call.row.start < loop.end
        ]

    def logs_of(self, place: Evidence) -> list[Evidence]:
        """The log lines for a failed try in the loop that begins at a place."""
        file = next((one for one in self.service.program.files if one.path == place.path), None)
        if file is None:
            return []
        for number, loop in enumerate(file.rows.blocks):
            if loop.kind == LOOP and file.line(loop.start) == place.line:
                function = self.service.program.enclosing(file, number)
                logs = self._in(function, loop, _LOGS) if function is not None else []
                return [self.service.cite(log, "absence") for log in logs if self.service.conditions(log)][:1]
        return []

    # Losses

    def dropped(self) -> list[Evidence]:
        """Where a message that cannot be decoded is left behind: an error branch of a message's path that goes on."""
        found = []
        for operation in self.service.operations(*_LOGS[1:]):
            function = operation.function
            branch = Calls.within(operation, BRANCH)
            if function is None or branch is None or not self.service.in_error_branch(operation):
                continue
            if not any(flow.entrypoint.kind in _MESSAGES for flow in self.service.hot_calls(operation)):
                continue
            outer = self._error_branch(operation)
            if outer is None or not self._goes_on(operation.file, outer) or self._writes_in(function, outer):
                continue
            if self._decodes(operation, outer):
                found.append(self.service.cite(operation, "absence"))
        return found

    def _error_branch(self, operation: Operation) -> Block | None:
        """The outermost branch around a call, in its function, that tests an error."""
        best = None
        for _, row in operation.file.chain(operation.block):
            if row.kind == FUNCTION:
                break
            header = operation.file.text[slice(*row.header)]
            if row.kind == BRANCH and "!= nil" in header and "err" in header.lower():
                best = row
        return best

    @staticmethod
    def _goes_on(file: FileFacts, branch: Block) -> bool:
        """True when the branch ends the message's turn as if it had succeeded."""
        body = file.text[branch.header[1] : branch.end]
        return re.search(r"\n\s*(?:return(?:\s+nil)?|continue)\s*(?://[^\n]*)?\n", body) is not None

    def _writes_in(self, function: Function, branch: Block) -> bool:
        calls = [
            call
            for call in self.calls.calls_of.get(function.key, ())
            if branch.header[1] <= call.row.start < branch.end
        ]
        return any(self._waits(call) for call in calls)

    def _decodes(self, operation: Operation, branch: Block) -> bool:
        """True when the error that a branch tests comes from a decoder, called there or just before."""
        assert operation.function is not None
        before = [
            call
            for call in self.calls.calls_of.get(operation.function.key, ())
            if branch.start - 400 < call.row.start < branch.header[1]
            and not getattr(call, "role", "").startswith("log.")
        ]
        if not before:
            return False
        last = max(before, key=lambda call: (call.row.start >= branch.start, call.row.start))
        if isinstance(last, Operation):
            return last.role in _DECODES
        for target in last.resolution.targets[:3]:
            near = [target, *(edge.target for edge in self.service.graph.of(target))]
            if any(
                getattr(call, "role", "") in _DECODES for one in near for call in self.calls.calls_of.get(one.key, ())
            ):
                return not self._waits(last)
        return False

    def ignored(self) -> list[Evidence]:
        """Writes whose error nobody looks at, on the way of work."""
        found = []
        for key in sorted(self.calls.calls_of):
            for call in self.calls.calls_of[key]:
                if (
                    call.file.role != "product"
                    or not _statement(call)
                    or _NO_WRITE.search(call.callee.rpartition(".")[2])
                ):
                    continue
                if working(self.service, call.function) and self._writes(call) and not self.calls.deferred(call):
                    if not self.calls.spawned(call):
                        found.append(self.service.cite(call, "absence"))
        return found

    def _writes(self, call: Call) -> bool:
        if isinstance(call, Operation):
            return call.role in _WRITES
        targets = call.resolution.targets[:3]
        if not targets or any(not target.results or target.results[-1][1] != "error" for target in targets):
            return False
        reached = [one for target in targets for one in self.service.concurrency.reach_of(target).order[:40]]
        made = [
            inner for one in reached for inner in self.calls.calls_of.get(one.key, ()) if isinstance(inner, Operation)
        ]
        counted = any(inner.role == "metric.add" and self.service.in_error_branch(inner) for inner in made)
        return not counted and any(inner.role in _WRITES for inner in made)


def _statement(call: Call) -> bool:
    """True for a call that stands alone: nothing takes its result."""
    text, row = call.file.text, call.row
    before = text[text.rfind("\n", 0, row.start) + 1 : row.start]
    after = text[row.end : text.find("\n", row.end)]
    return not before.strip() and not after.partition("//")[0].strip()
