"""What the running process knows about its load and shows to nobody: counters up and down, queue lengths, hooks that log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.service.calls import Operation
from rda_nb.service.hooks import Hooks, Unseen
from rda_nb.service.program import Function
from rda_nb.service.queue_levels import Levels
from rda_nb.service.words import Words

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_MOST = 6
# Counts of references, levels and positions say nothing about load.
_NO_LOAD = Words("(?i){no_load}")
_REPORTS = Words("(?i){report_verbs}?_?{reported}$|collect$")
_BACK = re.compile(r"^-|\^|\*\s*\(?\s*-\s*1")


class Blind:
    """Finds them in one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.calls = service.calls

    def all(self) -> Iterator[Unseen]:
        """Everything that is known and not measured."""
        yield from self._counters()
        yield from self._queues()
        yield from Hooks(self.service).all()

    # What metrics read

    @cached_property
    def _measuring(self) -> set[str]:
        """Keys of the functions that set a level (a gauge, or a metric with a callback), or that such a callback calls."""
        found = set()
        for metric in self.service.metrics:
            if metric.type in ("gauge", "callback", "description"):
                made = [
                    metric.operation,
                    *(update.operation for update in metric.updates),
                    *(u.at for u in metric.updates),
                ]
                for call in made:
                    if call.function is not None:
                        found.add(call.function.root.key)
                        edges = self.service.graph.of(call.function)
                        found |= {
                            edge.target.key for edge in edges if edge.via is not None and edge.via.row == call.row
                        }
        return found

    def _measured(self, function: Function) -> bool:
        """True when a level is set in a function or in one that it calls."""
        near = [function, *(edge.target for edge in self.service.graph.of(function))]
        return any(one.key in self._measuring or one.root.key in self._measuring for one in near)

    def _works(self, function: Function | None) -> bool:
        return function is not None and (
            bool(self.service.hot_flows(function)) or function.key in self.service.background
        )

    # Counters

    def _counters(self) -> Iterator[Unseen]:
        """Fields that go up when work begins and down when it ends, and that no metric shows."""
        held: dict[str, list[tuple[Operation, bool, bool]]] = {}
        for operation in self.service.operations("counter.add", "counter.up", "counter.down"):
            key = self._holder(operation)
            if key and operation.function is not None:
                held.setdefault(key, []).append((operation, *self._direction(operation)))
        for key in sorted(held):
            changes = held[key]
            name = key.rpartition(".")[2]
            if not (any(up for _, up, _ in changes) and any(down for _, _, down in changes)) or _NO_LOAD.search(name):
                continue
            functions = [op.function for op, _, _ in changes if op.function is not None]
            if self._reported(name):
                continue
            readers = self._readers(key, {function.root.key for function in functions})
            if not any(self._works(f) for f in functions) or any(self._measured(f) for f in functions):
                continue
            if any(self._shown(reader) for reader in readers):
                continue
            places = [self.service.cite_at(f.file, f.row.start, role="absence") for f in readers[:2]]
            places += [self.service.cite(op, "absence") for op, _, _ in changes[:_MOST]]
            label = key.rpartition("/")[2]
            claim = f"{label} goes up and down with the work in hand, and no metric shows it."
            hot = any(bool(self.service.hot_flows(f)) for f in functions)
            yield Unseen(
                "saturation" if self._limited(key) else "in_flight",
                tuple(dict.fromkeys(places)),
                hot,
                claim,
                f"{label}, the work in hand",
                functions[0].label,
            )

    def _reported(self, name: str) -> bool:
        """True when a function that is named for it reports the field: statistics of the target's own, or a snapshot."""
        pattern = re.compile(rf"\.{re.escape(name)}\b")
        return any(pattern.search(text) for text in self._reports)

    @cached_property
    def _reports(self) -> list[str]:
        return [
            function.file.text[function.row.start : function.row.end]
            for function in self.service.program.functions
            if function.file.role == "product" and function.parent is None and _REPORTS.match(function.name)
        ]

    def _holder(self, operation: Operation) -> str:
        """`Type.field` or `package.name` of a shared counter; '' for a local one."""
        if operation.entry.message is not None:
            node = self.calls.argument(operation, operation.entry.message)
            written = self.service.source(node, operation.file).lstrip("& ") if node is not None else ""
        else:
            written = operation.callee.rpartition(".")[0]
        parts = written.split(".")
        if not all(part.isidentifier() for part in parts):
            return ""
        names = self.service.names
        if len(parts) == 1:
            scope = self.service.program.scope(operation.file)
            return f"{scope.path}.{written}" if written in scope.values else ""
        owner = names.type_of_dotted(parts[:-1], operation.file, operation.block, operation.row.start)
        return f"{owner}.{parts[-1]}" if owner in self.service.program.types else ""

    def _direction(self, operation: Operation) -> tuple[bool, bool]:
        """(goes up, goes down): both when the callers give the step."""
        if operation.role != "counter.add":
            return operation.role == "counter.up", operation.role == "counter.down"
        node = self.calls.argument(operation, operation.entry.count)
        if node is None:
            return False, False
        written = self.service.source(node, operation.file)
        parameter = self.service.names.parameter(node.text, operation.function) if node.kind == "name" else None
        if parameter is not None and parameter[1] >= 0:
            given = [
                self.service.source(step, call.file)
                for call in self.calls.callers.get(parameter[0].key, ())
                if (step := self.calls.argument(call, parameter[1])) is not None
            ]
            return any(not _BACK.search(step) for step in given), any(_BACK.search(step) for step in given)
        return _BACK.search(written) is None, _BACK.search(written) is not None

    def _readers(self, key: str, changing: set[str]) -> list[Function]:
        """Short methods of the counter's own type that do nothing but give it back."""
        owner, _, name = key.rpartition(".")
        declared = self.service.program.types.get(owner)
        pattern = re.compile(rf"\breturn\b[^\n]*\.{re.escape(name)}\b")
        methods = declared.methods.values() if declared is not None else ()
        return [
            method
            for method in sorted(methods, key=lambda one: one.row.start)
            if method.key not in changing
            and method.row.end - method.row.start < 200
            and pattern.search(method.file.text[method.row.start : method.row.end])
            and method.results[:1] != (("", "bool"),)
        ]

    def _limited(self, key: str) -> bool:
        """True when a method of the counter's own type compares it with a limit."""
        owner, _, name = key.rpartition(".")
        declared = self.service.program.types.get(owner)
        pattern = re.compile(rf"\b{re.escape(name)}\b\)?\s*(?:<|>)=?\s*[\w.]*[A-Za-z]")
        methods = declared.methods.values() if declared is not None else ()
        return any(pattern.search(one.file.text[one.row.start : one.row.end]) for one in methods)

    # Queues

    def _queues(self) -> Iterator[Unseen]:
        """Queues between the parts of the process whose length is read by no metric: one signal for all of them."""
        places: list[tuple[bool, Evidence, str]] = []
        for operation in self.service.operations("queue.length"):
            function = operation.function
            if function is not None and not self._measured(function) and not self._shown(function):
                places.append((False, self.service.cite(operation, "absence"), function.label))
        lengths, levels = self._lengths, Levels(self.service)
        for channel in self.service.channels:
            item = not channel.signal and channel.element not in ("", "error", "bool", "struct{}")
            # One place is no queue, it wakes somebody up.
            if not item or channel.file.role != "product" or (channel.capacity.upper or 0) <= 1:
                continue
            name = channel.name
            made_per_item = channel.function is not None and bool(
                self.service.item_flows(channel.function, channel.start)
            )
            shown = any(re.search(rf"\blen\([\w.]*\b{re.escape(name)}\)", text) for text in self._reports)
            if shown or not name or (name, channel.element) not in self._sends or name in lengths or made_per_item:
                continue
            if levels.follow(channel):
                continue
            places.append((True, channel.evidence, channel.function.label if channel.function else channel.file.path))
        if places:
            places.sort(key=lambda place: (place[0], place[1].path, place[1].line))
            count = len(places)
            what = "the depth of the in-process queue" if count == 1 else f"the depth of {count} in-process queues"
            claim = (
                f"No metric shows {what}: how full it is under load is not known."
                if count == 1
                else f"No metric shows {what}."
            )
            evidence = tuple(place for _, place, _ in places[:_MOST])
            yield Unseen("saturation", evidence, True, claim, what, places[0][2])

    @cached_property
    def _lengths(self) -> set[str]:
        """Names of channels whose length the product reads."""
        pattern = re.compile(r"\blen\(\s*(?:[\w]+\.)*(\w+)\s*\)")
        found = set()
        for key in self._measuring:
            function = self._by_key.get(key)
            if function is not None:
                found |= set(pattern.findall(function.file.text[function.row.start : function.row.end]))
        return found

    @cached_property
    def _by_key(self) -> dict[str, Function]:
        return {function.key: function for function in self.service.program.functions}

    def _shown(self, function: Function) -> bool:
        return any(
            call.function is not None and self._measured(call.function)
            for call in self.calls.callers.get(function.key, ())
        )

    @cached_property
    def _sends(self) -> set[tuple[str, str]]:
        """(name, element) of the channel fields that request and message paths send on."""
        found = set()
        for file in self.service.program.files:
            if file.role == "product":
                for send in file.rows.sends:
                    written = file.text[slice(*send.channel)]
                    if "." in written and self.service.hot_flows(self.service.program.enclosing(file, send.block)):
                        kind = self.service.names.type_of_span(file, send.channel, send.block)
                        found.add((written.rpartition(".")[2], kind.removeprefix("chan ")))
        return found
