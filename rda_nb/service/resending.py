"""Loops that send a request again to another server: the error branch goes on, everything behind it returns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, FileFacts
from rda_nb.service.calls import Call, Calls
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_ERROR = re.compile(r"(?i)\berr(?:or)?s?\b|\berr\w*\b")
_AGAIN = re.compile(r"\bcontinue\b")
_DONE = re.compile(r"\breturn\b")
_HIGHEST = 2


def again(service: Service, call: Call) -> Iterator[Evidence]:
    """The error branches after which a call is made once more, in its own function or up to two callers above."""
    yield from _around(service, call, call.function, frozenset(), 0)


def _around(
    service: Service, call: Call, function: Function | None, seen: frozenset[str], height: int
) -> Iterator[Evidence]:
    if function is None or function.key in seen:
        return
    yield from _here(service, call)
    if height < _HIGHEST:
        for edge in service.graph.into.get(function.key, ()):
            if edge.kind == "call" and edge.via is not None and edge.confidence == "resolved":
                yield from _around(service, edge.via, edge.source, seen | {function.key}, height + 1)


def _here(service: Service, call: Call) -> Iterator[Evidence]:
    """Error branches of the innermost loop around a call that go on, when the loop returns behind them."""
    for loop in Calls.loops(call)[:1]:
        for branch, header in _branches(call.file, loop.start, loop.end, call.row.end):
            body = call.file.text[branch[0] : branch[1]]
            after = call.file.text[branch[1] : loop.end]
            if _ERROR.search(header) and _AGAIN.search(body) and not _DONE.search(body) and _DONE.search(after):
                yield service.cite_at(call.file, branch[0])


def _branches(file: FileFacts, start: int, end: int, behind: int) -> Iterator[tuple[tuple[int, int], str]]:
    """The branches inside a loop that stand behind a call, with their conditions."""
    for block in file.rows.blocks:
        if block.kind == BRANCH and start <= block.start and block.end <= end and block.start >= behind:
            yield (block.start, block.end), file.text[slice(*block.header)]
