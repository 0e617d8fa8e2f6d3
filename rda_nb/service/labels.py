"""Where the values of a metric's labels come from, and whether anything bounds how many there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.decoded import Decoded
from rda_nb.service.knowledge_files import read
from rda_nb.service.label_bounds import Bounds

if TYPE_CHECKING:
    from rda_nb.service.metric import Metric, Update
    from rda_nb.service.model import Service

_DEEPEST = 9
_MOST = 12
# A constant of a package, as generated code writes those of an enumeration.
_CONSTANT = re.compile(r"[A-Z][A-Za-z0-9]*_[A-Z][A-Z0-9_]*|[A-Z][A-Z0-9_]+_[A-Z0-9_]+")
# The last name of an expression, without what it is called with.
_LAST = re.compile(r"(?:Get)?(\w+)(?:\(\))?$")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")


class Source(NamedTuple):
    """What a label's value is: `what` in words for the reader, the text it comes from; `proven` when it was followed.

    `checked`: values outside a set, whose size is not known here, are refused before.
    """

    what: str
    written: str
    proven: bool
    checked: bool = False


def _vocabulary() -> dict[str, Any]:
    found: dict[str, Any] = read("labels.yaml")
    return found


def words_of(name: str) -> tuple[str, ...]:
    """`OrderID`, `order_id` and `orderId` as their words in lower case."""
    return tuple(word.lower() for part in re.split(r"\W|_", name) for word in _WORDS.findall(part))


def meaning_of(name: str) -> str:
    """What a name says about how many values it has: a key of `unbounded` in labels.yaml, `bounded`, or ''."""
    vocabulary = _vocabulary()
    words = words_of(name)
    if not words:
        return ""
    joined = "_".join(words)
    if any(joined == known or joined.endswith("_" + known) for known in vocabulary["bounded"]):
        return "bounded"
    for what, names in vocabulary["unbounded"].items():
        if any(joined == known or joined.endswith("_" + known) for known in names):
            return str(what)
    return ""


def _of_pair(base: str, name: str) -> str:
    """The same for a member: `network.ID` and `GetNetwork().GetId` are the id of a network, which says more than an id."""
    meaning, before = meaning_of(name), _LAST.search(base)
    return (
        "bounded"
        if meaning and before and meaning_of(f"{before[1]}_{name.removeprefix('Get')}") == "bounded"
        else meaning
    )


def ends_as(name: str, kind: str) -> bool:
    """True when a name ends with the words of one of the names that labels.yaml lists as `members` or `slow`."""
    joined = "_".join(words_of(name))
    return any(joined == known or joined.endswith("_" + known) for known in _vocabulary()[kind])


class Labels:
    """Follows label values of metric updates back to their sources."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.names = service.names
        self.calls = service.calls
        self._asking: set[tuple[str, str]] = set()
        self.decoded = Decoded(service)
        self.bounds = Bounds(service)

    def of(self, metric: Metric, update: Update) -> list[tuple[str, Source]]:
        """(label, source) of the values of an update that nothing bounds."""
        found = []
        for name, node in self.values(metric, update):
            by = update.labelled_by or update.operation
            source = self.source(node, by.file, by.block)
            if source is not None:
                found.append((name, source))
        return found

    def values(self, metric: Metric, update: Update) -> list[tuple[str, Expression]]:
        """(label, value) of an update, given in order or as a map from names."""
        labels = tuple(self._written_out(node, update) for node in update.labels)
        if len(labels) == 1 and labels[0].kind == "literal" and labels[0].parts and not labels[0].parts[0].text:
            given = [part.parts[0] for part in labels[0].parts if part.parts]
            return list(zip(metric.labels or ("?",) * len(given), given, strict=False))
        if len(labels) == 1 and labels[0].kind == "literal" and labels[0].parts:
            named = []
            for part in labels[0].parts:
                if part.parts:
                    name = part.text.strip('"`')
                    named.append((name, part.parts[0]))
            return named
        names = metric.labels or ("?",) * len(labels)
        return list(zip(names, labels, strict=False))

    def _written_out(self, node: Expression, update: Update) -> Expression:
        """The literal that a local name stands for, when it is one; the expression itself otherwise."""
        by = update.labelled_by or update.operation
        found = self.names.local(node.text, by.file, node.start) if node.kind == "name" else None
        if found is None or len(found[0].values) != 1:
            return node
        span = found[0].values[0]
        inner = self.calls.conventions.expression(by.file.text[slice(*span)], span[0])
        return inner if inner.kind == "literal" else node

    def source(self, node: Expression, file: FileFacts, block: int, depth: int = 0) -> Source | None:
        """The unbounded source of a value, or None when it is bounded or not known."""
        if depth > _DEEPEST or node.kind == "text":
            return None
        if node.kind in ("name", "select") and ends_as(node.text, "members"):
            return None
        written = file.slice((node.start, node.end))
        if node.kind == "call":
            return self._called(node, written, file, block, depth)
        if node.kind == "convert":
            return self.source(node.parts[-1], file, block, depth + 1)
        if node.kind == "binary":
            found = [self.source(part, file, block, depth + 1) for part in node.parts]
            return next((one for one in found if one is not None), None)
        if node.kind == "select":
            return self._selected(node, written, file, block, depth)
        if node.kind == "name":
            return self._named(node, written, file, block, depth)
        return None

    def _called(self, node: Expression, written: str, file: FileFacts, block: int, depth: int) -> Source | None:
        vocabulary = _vocabulary()
        callee = node.parts[0]
        name = callee.text if callee.kind in ("select", "name") else ""
        base = file.slice((callee.parts[0].start, callee.parts[0].end)) if callee.kind == "select" else ""
        if name == "Error" and self.names.type_of(callee.parts[0], file, block) == "error":
            few = self.bounds.one_of_few(callee.parts[0], file, block)
            return None if few else Source("the text of an error", written, True)
        for what, calls in vocabulary["calls"].items():
            if f"{base.rpartition('.')[2]}.{name}" in calls:
                return Source(what, written, True)
        if name in vocabulary["bounding_calls"]:
            return None
        if name in vocabulary["passing_calls"]:
            inner = [*node.parts[1:], *(callee.parts if name == "String" else ())]
            found = [self.source(part, file, block, depth + 1) for part in inner]
            return next((one for one in found if one is not None), None)
        meaning = _of_pair(base, name) if len(node.parts) == 1 and name.startswith("Get") else ""
        return Source(meaning, written, True) if meaning not in ("", "bounded") else None

    def _selected(self, node: Expression, written: str, file: FileFacts, block: int, depth: int) -> Source | None:
        base = file.slice((node.parts[0].start, node.parts[0].end))
        if re.search(r"(?i)\b(?:cfg|conf|config|opts|options|settings|spec)\b", base):
            return None
        for what, fields in _vocabulary()["fields"].items():
            if f"{base.rpartition('.')[2]}.{node.text}" in fields:
                return Source(what, written, True)
        if _CONSTANT.fullmatch(node.text):
            return None
        if self.bounds.kept_by_a_package(node, file, block):
            return None
        meaning = _of_pair(base, node.text)
        owner = self.names.type_of(node.parts[0], file, block)
        if meaning == "bounded" or "onfig" in owner or "ption" in owner:
            return None
        if meaning:
            return Source(meaning, written, True)
        if owner in self.decoded.types and self._text_field(owner, node.text):
            if any(word in self._tag(owner, node.text) for word in _vocabulary()["bounding_tags"]):
                return None
            return Source(
                "a field of the request", written, False, self.bounds.refused_before(written, node.start, file, block)
            )
        return self._given(owner, node.text, depth)

    def _given(self, owner: str, name: str, depth: int) -> Source | None:
        """The source of what a field of the target's own type is given."""
        if (owner, name) in self._asking or not self._text_field(owner, name):
            return None
        self._asking.add((owner, name))
        try:
            return self._of_writes(owner, name, depth)
        finally:
            self._asking.discard((owner, name))

    def _of_writes(self, owner: str, name: str, depth: int) -> Source | None:
        for holder, write in self.service.values.writes(name)[:_MOST]:
            if holder != owner or write.file.role != "product":
                continue
            inner = self.calls.conventions.expression(write.file.text[slice(*write.span)], write.span[0])
            source = self.source(inner, write.file, write.block, depth + 1)
            if source is not None:
                return source
        return None

    def _tag(self, owner: str, name: str) -> str:
        declared = self.names.program.types[owner]
        row = declared.field_rows.get(name)
        return declared.file.text[slice(*row.tag)] if row is not None else ""

    def _text_field(self, owner: str, name: str) -> bool:
        declared = self.names.program.types.get(owner)
        return declared is not None and declared.fields.get(name, "").lstrip("*") == "string"

    def _named(self, node: Expression, written: str, file: FileFacts, block: int, depth: int) -> Source | None:
        function = self.names.program.enclosing(file, block)
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, function)
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            row, position = found
            if row.form == "range" or not row.values:
                return self._by_name(node.text, written)
            if len(row.values) != len(row.names):
                return self._by_name(node.text, written)
            if self.bounds.replaced(node, row.start, file):
                return None
            span = row.values[position]
            inner = self.calls.conventions.expression(file.text[slice(*span)], span[0])
            return self.source(inner, file, row.block, depth + 1)
        if parameter is None or parameter[1] < 0:
            return None
        callers = self.calls.callers.get(parameter[0].key, ())
        for call in callers[:_MOST]:
            argument = self.calls.argument(call, parameter[1])
            if argument is not None and call.file.role == "product":
                source = self.source(argument, call.file, call.block, depth + 1)
                if source is not None:
                    return source
        return self._by_name(node.text, written) if not callers else None

    def _by_name(self, name: str, written: str) -> Source | None:
        meaning = meaning_of(name)
        return Source(meaning, written, False) if meaning not in ("", "bounded") else None
