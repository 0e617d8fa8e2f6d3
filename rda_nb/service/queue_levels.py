"""Queues between the parts of the process whose depth a gauge follows: raised beside each send, lowered beside each receive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import FileFacts

if TYPE_CHECKING:
    from rda_nb.service.concurrency import Channel
    from rda_nb.service.model import Service
    from rda_nb.service.program import Span

_UP = ("metric.up", "metric.add")
_DOWN = ("metric.down", "metric.add")


class Levels:
    """Finds them in one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._levels: list[tuple[set[str], set[str]]] = []
        for metric in service.metrics:
            if metric.type in ("gauge", "callback"):
                # A wrapper's call stands where the metric was chosen, the library's where the item passes.
                up, down = (
                    {
                        function.root.key
                        for update in metric.updates
                        for function in (update.at.function, update.operation.function)
                        if update.operation.role in roles and function is not None
                    }
                    for roles in (_UP, _DOWN)
                )
                if up and down:
                    self._levels.append((up, down))

    def follow(self, channel: Channel) -> bool:
        """True when one gauge is raised in every function that sends on a channel, lowered in every one that receives."""
        if not self._levels:
            return False
        senders: set[str] = set()
        takers: set[str] = set()
        program = self.service.program
        for file in program.files_of.get(program.package_of[channel.file.path], ()):
            if file.role == "test":
                continue
            for send in file.rows.sends:
                self._add(senders, file, send.channel, send.block, channel)
            for receive in file.rows.receives:
                self._add(takers, file, receive.channel, receive.block, channel)
            for row in file.rows.bindings:
                if row.form == "range" and row.values:
                    self._add(takers, file, row.values[0], row.block, channel)
        return bool(senders and takers) and any(senders <= up and takers <= down for up, down in self._levels)

    def _add(self, found: set[str], file: FileFacts, span: Span, block: int, channel: Channel) -> None:
        if file.text[span[0] : span[1]].rpartition(".")[2] == channel.name:
            function = self.service.program.enclosing(file, block)
            if function is not None:
                found.add(function.root.key)


__all__ = ["Levels"]
