"""The metrics that the service defines and every place that updates them."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.metric import DEFINING, UPDATING, Metric, Update
from rda_nb.service.metric_sites import Site, Sites
from rda_nb.service.program import Span
from rda_nb.service.settings import Settings
from rda_nb.service.values import Frame, Values

_BY_UPDATE = {
    "metric.add": "counter",
    "metric.up": "gauge",
    "metric.down": "gauge",
    "metric.set": "gauge",
    "metric.observe": "histogram",
    "metric.time": "histogram",
}
_DEEPEST = 8
_MOST = 24
_ALL = 400


class Metrics:
    """Finds metrics through the roles of library calls, through wrappers, tables and fields."""

    def __init__(self, calls: Calls, values: Values, settings: Settings) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values
        self.settings = settings
        self.found: list[Metric] = []
        self._by_site: dict[tuple[str, int], list[Metric]] = {}
        self._wrapped: dict[tuple[str, int], list[Metric]] = {}
        self._by_key: dict[str, list[Metric]] = {}
        self._kept: dict[str, list[tuple[FileFacts, Span, int]]] | None = None
        self._asking: set[tuple[str, int, int]] = set()
        sites = Sites(calls, values, settings)
        for operation in calls.role(*DEFINING):
            if operation.file.role == "test":
                continue
            for site in sites.of(operation):
                self._define(site)
        for operation in calls.role(*UPDATING):
            if operation.file.role != "test":
                self._update(operation)
        self.found.sort(key=lambda metric: (metric.evidence.path, metric.evidence.line, metric.name))

    def _define(self, site: Site) -> None:
        role = site.operation.role
        kind = role.partition(".")[2]
        symbol = site.item.written.rpartition(".")[2].strip('"`') if site.item else self._symbol(site.call)
        metric = Metric(
            site.name,
            kind,
            site.help,
            site.labels,
            site.buckets,
            site.default_buckets,
            site.operation,
            site.evidence,
            symbol,
            call=site.call,
            item=site.item,
            self_updating=role in ("metric.callback", "metric.description"),
        )
        if any(
            (other.name, other.evidence) == (metric.name, metric.evidence)
            for other in self._by_site.get((site.call.path, site.call.row.start), ())
        ):
            return
        self.found.append(metric)
        self._by_site.setdefault((site.call.path, site.call.row.start), []).append(metric)
        if site.call is not site.operation:
            self._wrapped.setdefault((site.operation.path, site.operation.index), []).append(metric)

    def _symbol(self, call: Call) -> str:
        """The name that is given the metric: that of the smallest binding or literal entry around the call."""
        row, file = call.row, call.file
        best: tuple[int, str] | None = None
        for binding in file.rows.bindings:
            if binding.end < row.start or binding.start > row.end:
                continue
            for position, span in enumerate(binding.values):
                if span[0] <= row.start and row.end <= span[1] and position < len(binding.names):
                    size = span[1] - span[0]
                    if best is None or size < best[0]:
                        best = (size, binding.names[position].rpartition(".")[2])
        for entry in file.rows.entries:
            if entry.value[0] <= row.start and row.end <= entry.value[1]:
                size = entry.value[1] - entry.value[0]
                if best is None or size <= best[0]:
                    best = (size, file.text[slice(*entry.key)])
        return best[1] if best else ""

    # Updates

    def _update(self, operation: Operation) -> None:
        node = self.calls.conventions.expression(operation.callee, operation.row.start)
        base = node.parts[0] if node.kind == "select" and node.parts else None
        labels: tuple[Expression, ...] = ()
        labelled = None
        while base is not None and base.kind == "call":
            index = operation.file.call_at.get((base.start, base.end))
            inner = self.calls.operation(operation.file, index) if index is not None else None
            if inner is None and index is not None and self.names.resolve(operation.file, index).kind == "unknown":
                labels = tuple(base.parts[1:])  # an interface of the target's own over the library's vector
            elif inner is None or inner.role != "metric.labels":
                break
            else:
                labels, labelled = self.calls.arguments(inner), inner
            base = base.parts[0].parts[0] if base.parts[0].kind == "select" else None
        candidates = [base] if base is not None else []
        candidates += list(self.calls.arguments(operation)) if operation.role == "metric.time" else []
        linked = False
        for part in candidates:
            for metric, call in self._resolve(part, operation.file, operation.block, None, 0):
                if not any(update.operation is operation and update.call is call for update in metric.updates):
                    metric.updates.append(Update(operation, labels, labelled, call))
                linked = True
        if not linked and operation.entry.message is not None:
            self._named_at_update(operation, labels, labelled)
        elif not linked and base is not None and base.kind in ("select", "name"):
            self._by_symbol(operation, base, labels, labelled)

    def _by_symbol(
        self, operation: Operation, base: Expression, labels: tuple[Expression, ...], labelled: Operation | None
    ) -> None:
        """A receiver that cannot be followed updates the metrics of its package that are kept under its name, or the only one."""
        if not self._by_key:
            for metric in self.found:
                if metric.symbol and metric.item is None:
                    self._by_key.setdefault(metric.symbol, []).append(metric)
        found = self._by_key.get(base.text, [])
        package = self.program.package_of[operation.path]
        near = [m for m in found if m.call is not None and self.program.package_of[m.call.path] == package]
        for metric in near or (found if len(found) == 1 else []):
            metric.updates.append(Update(operation, labels, labelled))

    def _named_at_update(
        self, operation: Operation, labels: tuple[Expression, ...], labelled: Operation | None
    ) -> None:
        """A client that is told the metric's name at every update: the first update stands for the definition."""
        node = self.calls.argument(operation, operation.entry.message)
        name = self.values.text_of(node, operation.file, operation.block)
        if not name:
            return
        kind = _BY_UPDATE[operation.role]
        metric = next((m for m in self.found if m.name == name and m.type == kind and m.call is m.operation), None)
        if metric is None:
            at = self.calls.cite(operation)
            metric = Metric(name, kind, "", (), (), False, operation, at, name, call=operation)
            self.found.append(metric)
        metric.updates.append(Update(operation, labels, labelled))

    # From an expression back to the metrics that it can be

    def _resolve(
        self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int
    ) -> list[tuple[Metric, Call | None]]:
        """(metric, call of the wrapper that chose it) for everything that an expression can hold."""
        key = (file.path, node.start, node.end)
        if depth > _DEEPEST or key in self._asking:
            return []
        self._asking.add(key)
        try:
            method = {"name": self._name, "select": self._select, "call": self._call, "index": self._index}.get(
                node.kind
            )
            if method is None:
                inner = node.parts[0] if node.kind in ("assert", "convert", "unary") and node.parts else None
                return self._resolve(inner, file, block, frame, depth + 1) if inner is not None else []
            return method(node, file, block, frame, depth + 1)[:_ALL]
        finally:
            self._asking.discard(key)

    def _span(
        self, file: FileFacts, span: Span, block: int, frame: Frame | None, depth: int
    ) -> list[tuple[Metric, Call | None]]:
        if span[1] - span[0] > 8000:
            return []
        node = self.calls.conventions.expression(file.text[slice(*span)], span[0])
        return self._resolve(node, file, block, frame, depth)

    def _name(
        self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int
    ) -> list[tuple[Metric, Call | None]]:
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            row, position = found
            if not row.values or (len(row.values) != len(row.names) and position):
                return []
            return self._span(
                file, row.values[position if len(row.values) == len(row.names) else 0], row.block, frame, depth
            )
        if parameter is not None and parameter[1] >= 0:
            made: list[tuple[Metric, Call | None]] = []
            for caller in self.calls.callers.get(parameter[0].key, ())[: 4 * _MOST]:
                argument = self.calls.argument(caller, parameter[1])
                if argument is not None:
                    for metric, call in self._resolve(argument, caller.file, caller.block, None, depth):
                        made.append((metric, call or caller))
            return made
        return self._package_value(self.program.package_of[file.path], node.text, depth)

    def _package_value(self, package: str, name: str, depth: int) -> list[tuple[Metric, Call | None]]:
        scope = self.program.scopes.get(package)
        if scope is None or name not in scope.values:
            return []
        file, index, position = scope.values[name]
        row = file.rows.bindings[index]
        if row.values:
            return self._span(file, row.values[min(position, len(row.values) - 1)], row.block, None, depth)
        made = []
        for other in self.program.files:
            if self.program.package_of[other.path] == package:
                for bound in other.assigned.get(name, ()):
                    at = bound.names.index(name)
                    if at < len(bound.values):
                        made += self._span(other, bound.values[at], bound.block, None, depth)
        return made

    def _select(
        self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int
    ) -> list[tuple[Metric, Call | None]]:
        base = node.parts[0]
        if base.kind == "name":
            path = self.names.package_named(base.text, file, block, node.start)
            if path is not None:
                return self._package_value(path, node.text, depth)
        owner = self.names.type_of(base, file, block)
        made = []
        for holder, write in self.values.writes(node.text)[:_MOST]:
            if holder == owner or not owner:
                made += self._span(write.file, write.span, write.block, None, depth)
        return made

    def _call(
        self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int
    ) -> list[tuple[Metric, Call | None]]:
        index = file.call_at.get((node.start, node.end))
        if index is None:
            return []
        found = self._by_site.get((file.path, file.rows.calls[index].start))
        if found and any(m.call is not None and m.call.file is file and m.call.index == index for m in found):
            return [(metric, None) for metric in found]
        if (file.path, index) in self._wrapped:
            return [(metric, None) for metric in self._wrapped[file.path, index]]
        operation = self.calls.operation(file, index)
        if operation is not None:
            callee = node.parts[0]
            inside = callee.parts[0] if callee.kind == "select" and callee.parts else None
            if operation.role in ("metric.labels", "metric.time") and inside is not None:
                return self._resolve(inside, file, block, frame, depth)
            return []
        made = []
        for target in self.names.resolve(file, index).targets[:3]:
            for row in target.returns:
                if row.values:
                    made += self._span(target.file, row.values[0], row.block, None, depth)
        return made

    # Maps of metrics

    def _index(
        self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int
    ) -> list[tuple[Metric, Call | None]]:
        """The entries of a map of metrics that an index chooses: one per caller when the index is a parameter."""
        base, chosen = node.parts[0], node.parts[1]
        metrics = [metric for written in self._written_to(base.text) for metric, _ in self._span(*written, None, depth)]
        if not metrics:
            return []
        text = self.values.text_of(chosen, file, block)
        parameter = (
            self.names.parameter(chosen.text, self.program.enclosing(file, block)) if chosen.kind == "name" else None
        )
        if text is None and parameter is not None and parameter[1] >= 0:
            made: list[tuple[Metric, Call | None]] = []
            for caller in self.calls.callers.get(parameter[0].key, ())[: 8 * _MOST]:
                key = self.values.text_of(self.calls.argument(caller, parameter[1]), caller.file, caller.block)
                if caller.file.role != "test":
                    made += [(metric, caller) for metric in metrics if metric.item is None or metric.item.text == key]
            return made
        return [(metric, None) for metric in metrics if text is None or metric.item is None or metric.item.text == text]

    def _written_to(self, holder: str) -> list[tuple[FileFacts, Span, int]]:
        """What is stored under an index of a map that has this name."""
        if self._kept is None:
            self._kept = {}
            for file in self.program.files:
                for row in file.rows.bindings:
                    if row.form == "assign" and row.values and row.names[0].endswith("]"):
                        name = row.names[0].partition("[")[0].rpartition(".")[2]
                        self._kept.setdefault(name, []).append((file, row.values[0], row.block))
        return self._kept.get(holder, [])
