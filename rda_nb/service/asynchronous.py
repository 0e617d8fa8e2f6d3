"""Calls that wait or not by a setting of their client: a writer that was made to deliver in the background."""

from __future__ import annotations

from collections.abc import Callable

from rda_nb.service.calls import Calls, Operation
from rda_nb.service.settings import Settings


def mark(calls: Calls, settings: Callable[[], Settings]) -> None:
    """Give such calls the role that they have in the background, before anybody asks what they do."""
    found = [operation for operation in calls.operations if operation.entry.background]
    if not found:
        return
    known = settings()
    for operation in found:
        if _in_background(operation, known):
            calls.change_role(operation, operation.entry.background)


def _in_background(operation: Operation, settings: Settings) -> bool:
    """True when every client that can make the call is seen to be made so."""
    made = settings.client_of(operation)
    chosen = [
        [settings.quantity(one) for one in settings.of((creation,)) if one.means == "async_produce"]
        for creation in made
    ]
    return bool(chosen) and all(values and all(value.number == 1 for value in values) for values in chosen)
