"""How many values each label of a metric can take, and how many series that makes of the metric in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.capacity import cardinality
from rda_nb.core import Formula, Origin, Quantity, State, absent, known, unknown
from rda_nb.facts.vocabulary import Expression, FileFacts

if TYPE_CHECKING:
    from rda_nb.service.metric import Metric
    from rda_nb.service.model import Service

_DEEPEST = 3
_MOST = 24
# client_golang prometheus.DefBuckets (v1.20): eleven finite upper bounds.
_DEFAULT_BUCKETS = 11


def series(service: Service, metric: Metric) -> Formula | None:
    """The product of the label sizes, and of the buckets of a histogram; None for a metric without labels."""
    if not metric.labels or not metric.updates:
        return None
    buckets = None
    if metric.type == "histogram":
        count = len(metric.buckets) or (_DEFAULT_BUCKETS if metric.default_buckets else 0)
        finite = known(count, "count") if count else unknown("the buckets are not written out", "count")
        buckets = cardinality.buckets_with_infinity(finite)
    sizes = [(label, size(service, metric, label)) for label in metric.labels]
    if all(quantity.state is State.UNKNOWN for _, quantity in sizes):
        return None  # a product of unknowns says nothing
    return cardinality.series(sizes, buckets=buckets)


def size(service: Service, metric: Metric, label: str) -> Quantity:
    """The number of values that the updates give a label: counted, absent when nothing bounds it, else unknown."""
    found: set[str] = set()
    origins: list[Origin] = []
    for update in metric.updates:
        by = update.labelled_by or update.operation
        given = service.labels.values(metric, update)
        # Another number of values than labels: the update belongs to another metric that could not be told apart.
        if (
            by.file.role == "test"
            or len(given) != len(metric.labels)
            or len(update.labels) not in (1, len(metric.labels))
        ):
            continue
        for name, source in service.labels.of(metric, update):
            if name == label and not source.checked:
                return absent(f"{source.what} ({source.written[:40]})", "values")
        for name, node in given:
            if name != label:
                continue
            texts = _texts(service, node, by.file, by.block, 0)
            if texts is None:
                written = " ".join(by.file.slice((node.start, node.end)).split())[:40]
                return unknown(f"the values of `{written}` were not counted", "values")
            if not texts <= found:
                origins.append(Origin("constant", ", ".join(sorted(texts))[:80], service.cite(by)))
            found |= texts
    return known(len(found), "values", *origins[:4]) if found else unknown(f"no update gives {label} by name", "values")


def _texts(service: Service, node: Expression, file: FileFacts, block: int, depth: int) -> set[str] | None:
    """Every text that an expression can be, when all are constants; None when one is not followed."""
    if node.kind == "text":
        return {node.text}
    if depth > _DEEPEST:
        return None
    if node.kind == "name":
        return _named(service, node, file, block, depth)
    if node.kind == "call":
        return _returned(service, node, file, depth)
    text = service.values.text_of(node, file, block)
    return {text} if text is not None else None


def _named(service: Service, node: Expression, file: FileFacts, block: int, depth: int) -> set[str] | None:
    """What a local is given anywhere in its function, what callers give a parameter, or what a constant holds."""
    function = service.program.enclosing(file, block)
    found = service.names.local(node.text, file, node.start)
    if found is not None:
        if function is None or found[0].form in ("range", "receive"):
            return None
        texts: set[str] = set()
        for row in file.rows.bindings:
            if function.root.row.start <= row.start < node.start and node.text in row.names:
                position = row.names.index(node.text)
                if not row.values:
                    texts.add("")
                    continue
                if len(row.values) != len(row.names):
                    return None
                span = row.values[position]
                value = service.calls.conventions.expression(file.text[slice(*span)], span[0])
                inner = _texts(service, value, file, row.block, depth + 1)
                if inner is None:
                    return None
                texts |= inner
        return texts or None
    parameter = service.names.parameter(node.text, function)
    if parameter is None:
        text = service.values.text_of(node, file, block)
        return {text} if text is not None else None
    calls = [call for call in service.calls.callers.get(parameter[0].key, ()) if call.file.role != "test"]
    if parameter[1] < 0 or not calls or len(calls) > _MOST:
        return None
    given: set[str] = set()
    for call in calls:
        argument = service.calls.argument(call, parameter[1])
        inner = _texts(service, argument, call.file, call.block, depth + 1) if argument is not None else None
        if inner is None:
            return None
        given |= inner
    return given


def _returned(service: Service, node: Expression, file: FileFacts, depth: int) -> set[str] | None:
    """What a function of the target returns: the arms of a switch, most often."""
    index = file.call_at.get((node.start, node.end))
    targets = service.names.resolve(file, index).targets if index is not None else ()
    if len(targets) != 1:
        return None
    target, texts = targets[0], set()
    for row in target.returns:
        if len(row.values) != 1:
            return None
        value = service.calls.conventions.expression(target.file.text[slice(*row.values[0])], row.values[0][0])
        inner = _texts(service, value, target.file, row.block, depth + 1)
        if inner is None:
            return None
        texts |= inner
    return texts or None
