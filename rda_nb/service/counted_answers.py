"""Failures that a middleware counts: the branch answers, and the status of each answer goes into a metric."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH
from rda_nb.service.calls import Operation

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_STATUS = re.compile(r"(?i)(?:^|_)(?:status|code)")


class CountedAnswers:
    """Finds them in one service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def counted(self, operation: Operation) -> bool:
        """True where the branch answers, and a middleware before every route that comes by counts answers by their status."""
        flows = self.service.hot_calls(operation) if self._by_status and self._answers(operation) else []
        return bool(flows) and all(
            any(self.service.bodies.stands_before(update, flow) for update in self._by_status) for flow in flows
        )

    def _answers(self, operation: Operation) -> bool:
        """True when the branch around an operation hands the answer's writer to something: its status tells of the failure."""
        file, calls = operation.file, self.service.calls
        branch = next((block for _, block in file.chain(operation.block) if block.kind == BRANCH), None)
        own = calls.calls_of.get(operation.function.key, ()) if operation.function is not None else ()
        return branch is not None and any(
            self.service.names.type_of(argument, file, call.block) == "net/http.ResponseWriter"
            for call in own
            if branch.header[1] <= call.row.start < branch.end
            for argument in calls.arguments(call)
        )

    @cached_property
    def _by_status(self) -> list[Operation]:
        """The updates of metrics that tell answers apart by a status."""
        return [
            update.operation
            for metric in self.service.metrics
            if any(_STATUS.search(label) for label in metric.labels)
            for update in metric.updates
        ]
