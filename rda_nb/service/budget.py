"""The time budget of one operation, as a row of the table of external calls states it."""

from __future__ import annotations

from dataclasses import dataclass

from rda_nb.core import Evidence, Formula, Quantity
from rda_nb.service.deadline import Deadline
from rda_nb.service.retry_layers import Layer

# What bounds the ways that do not come from a request, where nothing does.
NO_LIMIT = "no limit"


@dataclass(frozen=True, eq=False, slots=True)
class Budget:
    """The time budget of one operation. `timeout_scope` is attempt, call, block or '' (none).

    `notes` are short remarks that belong to the row ("of silence: a ping or pong of the peer renews it"). `elsewhere` says what
    bounds the ways that do not come from a request, where the timeout is that of a request's context.
    """

    timeout: Quantity
    timeout_source: str
    timeout_scope: str
    attempts: Quantity
    retry_source: str
    backoff: Quantity
    worst_case: Formula
    deadlines: tuple[Deadline, ...]
    layers: tuple[Layer, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]
    elsewhere: str = ""
