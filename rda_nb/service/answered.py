"""Answers that a path waits for over a channel: it sends its question to whoever takes from it, and then receives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import FUNCTION, SPAWN, FileFacts
from rda_nb.service.calls import Operation
from rda_nb.service.handoffs import Handoffs
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import Send
    from rda_nb.service.model import Flow, Service


@dataclass(frozen=True, eq=False, slots=True)
class Answer:
    """The channel's field, where the question is sent, and the ways in that take it and wait for another process."""

    holder: str
    evidence: Evidence
    takers: tuple[Flow, ...]

    @property
    def name(self) -> str:
        """The channel as the reader knows it: type and field."""
        return ".".join(self.holder.rpartition("/")[2].split(".")[-2:])


class Answers:
    """Answers for one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.handoffs = Handoffs(service, ())

    def of(self, flow: Flow) -> list[Answer]:
        """What a flow waits for in this way, nearest sender first; nothing that takes from a channel of its own."""
        found: dict[str, Answer] = {}
        for function in flow.reach.order:
            for holder, send in self.handoffs.sent(function):
                takers = tuple(one for one in self._takers.get(holder, ()) if one is not flow)
                asked = takers and holder not in found and self._can_answer(function.file, send)
                if asked and self._awaited(flow, function, send.start):
                    found[holder] = Answer(
                        holder, self.service.cite_at(function.file, send.start, role="caller"), takers
                    )
        return list(found.values())

    def _can_answer(self, file: FileFacts, send: Send) -> bool:
        """True when what is sent carries the means to answer: a channel, or a group that is waited for."""
        kind = self.service.names.type_of_span(file, send.value, send.block).lstrip("*&")
        declared = self.service.program.types.get(kind)
        fields = declared.fields.values() if declared is not None else ()
        kinds = [self.service.names.canonical(written, declared.file).lstrip("*") for written in fields if declared]
        return any(one.startswith("chan ") or one.endswith(".WaitGroup") for one in kinds)

    @cached_property
    def _takers(self) -> dict[str, list[Flow]]:
        """`Type.field` -> the flows that take from it in their loop and wait for another process behind it."""
        found: dict[str, list[Flow]] = {}
        for flow in self.service.flows:
            loop, entry = flow.entrypoint.loop, flow.entrypoint
            if loop is None or not any(self.service.systems.of(one.operation) for one in flow.operations):
                continue
            for holder, function, start in self.handoffs.taken:
                if function.file is entry.function.file and loop.start <= start < loop.end:
                    if flow not in found.setdefault(holder, []):
                        found[holder].append(flow)
        return found

    def _awaited(self, flow: Flow, sender: Function, start: int) -> bool:
        """True when the sender, or a function on the way to it, receives from a channel once the question is sent."""
        edges = flow.reach.edges_to(sender)
        if any(edge.spawned for edge in edges) or self._apart(sender, start):
            return False
        places = [(edge.source, edge.offset) for edge in edges] + [(sender, start)]
        return any(self._waits(flow, function, offset) for function, offset in places)

    def _waits(self, flow: Flow, function: Function, after: int) -> bool:
        """True when a function receives something after a place, or waits for a group; its own next item is no answer."""
        file, loop = function.file, flow.entrypoint.loop
        own = loop if loop is not None and function is flow.entrypoint.function else None
        places = [row.start for row in file.rows.receives if self._answers(file, row.channel, row.block)]
        blocks = {row.start: row.block for row in file.rows.receives}
        for call in self.service.calls.calls_of.get(function.key, ()):
            if isinstance(call, Operation) and call.role == "group.wait":
                places.append(call.row.start)
                blocks[call.row.start] = call.block
        return any(
            after < at < function.row.end and not self._apart(function, at, blocks[at])
            for at in places
            if own is None or not own.start <= at < own.end
        )

    def _answers(self, file: FileFacts, channel: tuple[int, int], block: int) -> bool:
        """True for a channel that brings something: no signal, no timer and no end of a context."""
        kind = self.service.names.type_of_span(file, channel, block)
        return kind.startswith("chan ") and "time." not in kind and kind not in ("chan struct{}", "chan os.Signal")

    def _apart(self, function: Function, start: int, block: int = -1) -> bool:
        """True for a place that runs in a goroutine of its own, or in a function of its own."""
        file = function.file
        number = block if block >= 0 else next((row.block for row in file.rows.sends if row.start == start), -1)
        for _, row in file.chain(number):
            if row.kind == SPAWN:
                return True
            if row.kind == FUNCTION:
                return row is not file.rows.blocks[function.row.block]
        return False


__all__ = ["Answer", "Answers"]
