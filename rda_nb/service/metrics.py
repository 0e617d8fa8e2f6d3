"""The metrics that the service defines and every place that updates them."""

from __future__ import annotations

from dataclasses import dataclass, field

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Expression
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.settings import Settings
from rda_nb.service.values import Values

DEFINING = ("metric.counter", "metric.gauge", "metric.histogram", "metric.summary", "metric.callback")
UPDATING = ("metric.add", "metric.set", "metric.observe", "metric.time")


@dataclass(eq=False, slots=True)
class Update:
    """One place that updates a metric; `labels` are the label values given there as expressions."""

    operation: Operation
    labels: tuple[Expression, ...] = ()
    labelled_by: Operation | None = None


@dataclass(eq=False, slots=True)
class Metric:
    """One metric: full name ('' when it cannot be read), type, label names, bucket bounds when written out."""

    name: str
    type: str
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...]
    default_buckets: bool
    operation: Operation
    evidence: Evidence
    symbol: str
    updates: list[Update] = field(default_factory=list)


class Metrics:
    """Finds metrics through the roles of library calls, through wrappers and fields."""

    def __init__(self, calls: Calls, values: Values, settings: Settings) -> None:
        self.calls = calls
        self.values = values
        self.settings = settings
        self.found: list[Metric] = []
        self._by_site: dict[tuple[str, int], Metric] = {}
        for operation in calls.role(*DEFINING):
            if operation.file.role in ("generated", "test"):
                continue
            metric = self._define(operation)
            self.found.append(metric)
            self._by_site[operation.path, operation.row.start] = metric
        for operation in calls.role(*UPDATING):
            self._update(operation)

    def _define(self, operation: Operation) -> Metric:
        arguments = self.calls.arguments(operation)
        file, block = operation.file, operation.block
        options = next(
            (node for node in arguments if node.kind == "literal" and any(p.text == "Name" for p in node.parts)), None
        )
        if options is None and arguments and arguments[0].kind in ("name", "select"):
            made = self.settings.creations(file, (arguments[0].start, arguments[0].end), block)
            if made and made[0].operation is None:
                file, block = made[0].file, made[0].block
                options = self.calls.conventions.expression(file.text[made[0].start : made[0].end], made[0].start)
        parts = {part.text: part.parts[0] for part in options.parts if part.parts} if options else {}
        words = [
            self.values.text_of(parts[key], file, block) for key in ("Namespace", "Subsystem", "Name") if key in parts
        ]
        name = "_".join(word for word in words if word)
        if not parts:
            name = (
                self.values.text_of(
                    self.calls.argument(operation, operation.entry.message), operation.file, operation.block
                )
                or ""
            )
        buckets = self._buckets(parts.get("Buckets"), file, block)
        help_text = self.values.text_of(parts.get("Help"), file, block) or "" if "Help" in parts else ""
        labels = self._labels(arguments, operation)
        at = parts.get("Name")
        evidence = self.calls.cite(operation)
        if at is not None and file is operation.file and file.line(at.start) - operation.line > 5:
            evidence = self.calls.cite_at(file, at.start)
        symbol = self._symbol(operation)
        return Metric(
            name,
            operation.role.partition(".")[2],
            help_text,
            labels,
            buckets,
            "Buckets" not in parts,
            operation,
            evidence,
            symbol,
        )

    def _symbol(self, operation: Operation) -> str:
        row = operation.row
        for binding in operation.file.rows.bindings:
            for position, span in enumerate(binding.values):
                if span[0] <= row.start and row.end <= span[1] and position < len(binding.names):
                    return binding.names[position].rpartition(".")[2]
        for entry in operation.file.rows.entries:
            if entry.value[0] <= row.start and row.end <= entry.value[1]:
                return operation.file.text[slice(*entry.key)]
        return ""

    def _labels(self, arguments: tuple[Expression, ...], operation: Operation) -> tuple[str, ...]:
        for node in arguments:
            if node.kind == "literal" and node.text.replace(" ", "") == "[]string":
                texts = [
                    self.values.text_of(part.parts[0], operation.file, operation.block)
                    for part in node.parts
                    if part.parts
                ]
                return tuple(text or "?" for text in texts)
            if (
                node.kind in ("name", "select")
                and self.calls.names.type_of(node, operation.file, operation.block) == "[]string"
            ):
                for made in self.settings.creations(operation.file, (node.start, node.end), operation.block):
                    inner = self.calls.conventions.expression(made.file.text[made.start : made.end], made.start)
                    if inner.kind == "literal":
                        return tuple(
                            self.values.text_of(part.parts[0], made.file, made.block) or "?"
                            for part in inner.parts
                            if part.parts
                        )
                return ("?",)
        return ()

    def _buckets(self, node: Expression | None, file: object, block: int) -> tuple[float, ...]:
        if node is None:
            return ()
        if node.kind in ("name", "select"):
            for made in self.settings.creations(file, (node.start, node.end), block):  # type: ignore[arg-type]
                inner = self.calls.conventions.expression(made.file.text[made.start : made.end], made.start)
                if inner.kind in ("literal", "call"):
                    return self._buckets(inner, made.file, made.block)
            return ()
        if node.kind == "literal":
            found = [self.values.of(part.parts[0], file, block) for part in node.parts if part.parts]  # type: ignore[arg-type]
            return tuple(value.numbers[0] for value in found if len(value.numbers) == 1)
        if node.kind == "call" and len(node.parts) == 4:
            callee = node.parts[0].text
            numbers = [self.values.of(part, file, block).numbers for part in node.parts[1:]]  # type: ignore[arg-type]
            if all(len(number) == 1 for number in numbers):
                first, step, count = (number[0] for number in numbers)
                if callee == "ExponentialBuckets":
                    return tuple(first * step**i for i in range(int(min(count, 200))))
                if callee == "LinearBuckets":
                    return tuple(first + step * i for i in range(int(min(count, 200))))
        return ()

    def _update(self, operation: Operation) -> None:
        node = self.calls.conventions.expression(operation.callee, operation.row.start)
        base = node.parts[0] if node.kind == "select" and node.parts else None
        labels: tuple[Expression, ...] = ()
        labelled = None
        while base is not None and base.kind == "call":
            index = operation.file.call_at.get((base.start, base.end))
            inner = self.calls.operation(operation.file, index) if index is not None else None
            if inner is None or inner.role != "metric.labels":
                break
            labels, labelled = self.calls.arguments(inner), inner
            base = base.parts[0].parts[0] if base.parts[0].kind == "select" else None
        candidates = [base] if base is not None else []
        candidates += list(self.calls.arguments(operation)) if operation.role == "metric.time" else []
        for part in candidates:
            for creation in self.settings.creations(operation.file, (part.start, part.end), operation.block):
                metric = self._metric_of(creation.operation)
                if metric is not None:
                    metric.updates.append(Update(operation, labels, labelled))

    def _metric_of(self, operation: Operation | None) -> Metric | None:
        if operation is None:
            return None
        found = self._by_site.get((operation.path, operation.row.start))
        if found is None and operation.role == "metric.labels":
            node = self.calls.conventions.expression(operation.callee, operation.row.start)
            if node.kind == "select" and node.parts:
                base = node.parts[0]
                for creation in self.settings.creations(operation.file, (base.start, base.end), operation.block):
                    inner = self._metric_of(creation.operation) if creation.operation is not operation else None
                    if inner is not None:
                        return inner
        return found
