"""Where metrics are defined: library calls, wrappers that take the name or the options, loops over a table of names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Call, Calls, Operation
from rda_nb.service.program import Function
from rda_nb.service.settings import Settings
from rda_nb.service.values import Frame, Values

_DEEPEST = 4
_MOST = 400
_NAMED = ("Namespace", "Subsystem", "Name")


class Item(NamedTuple):
    """One entry of a table of metrics: the metric's name, the key as written, where the entry and the name stand."""

    text: str
    written: str
    file: FileFacts
    offset: int
    named: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One metric as the service defines it: `call` is the library's call or the wrapper's, `item` the table entry."""

    operation: Operation
    call: Call
    name: str
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...]
    default_buckets: bool
    evidence: Evidence
    item: Item | None = None


class _Place(NamedTuple):
    """A defining call with the arguments that describe the metric, and the calls that lead into it."""

    call: Call
    options: Expression | None
    file: FileFacts
    block: int
    frame: Frame | None


class Sites:
    """Finds the definition sites of one program."""

    def __init__(self, calls: Calls, values: Values, settings: Settings) -> None:
        self.calls = calls
        self.names = calls.names
        self.values = values
        self.settings = settings

    def of(self, operation: Operation) -> list[Site]:
        """The metrics that a defining call makes: one, or one per caller of its wrapper, or one per table entry."""
        found = [site for place in self._places(operation) for site in self._named(operation, place)]
        return found[:_MOST]

    # From the library's call outwards

    def _places(self, operation: Operation) -> Iterator[_Place]:
        node = self._options(operation)
        if node is None:
            yield _Place(operation, None, operation.file, operation.block, None)
            return
        yield from self._from(operation, node, 0)

    def _options(self, operation: Operation) -> Expression | None:
        """The argument that holds the options: a literal with a name, or a variable when the name is no argument."""
        arguments = self.calls.arguments(operation)
        for node in arguments:
            if node.kind == "literal" and any(part.text == "Name" for part in node.parts):
                return node
        if operation.entry.message is None and arguments and arguments[0].kind in ("name", "select"):
            return arguments[0]
        return None

    def _from(self, call: Call, node: Expression, depth: int) -> Iterator[_Place]:
        """The places that an options expression comes from, each with the call that a reader would take for its own."""
        if node.kind == "name":
            owner = self.names.parameter(node.text, call.function)
            if owner is not None and owner[1] >= 0 and self.names.local(node.text, call.file, node.start) is None:
                callers = self.calls.callers.get(owner[0].key, ()) if depth < _DEEPEST else ()
                for caller in callers:
                    argument = self.calls.argument(caller, owner[1])
                    if argument is not None and caller.file.role != "test":
                        yield from self._from(caller, argument, depth + 1)
                return
        if node.kind in ("name", "select"):
            made = self.settings.creations(call.file, (node.start, node.end), call.block)
            if made and made[0].operation is None:
                text = made[0].file.text[made[0].start : made[0].end]
                literal = self.calls.conventions.expression(text, made[0].start)
                yield _Place(call, literal, made[0].file, made[0].block, None)
            return
        yield _Place(call, node, call.file, call.block, None)

    def _named(self, operation: Operation, place: _Place, depth: int = 0) -> Iterator[Site]:
        """Sites of one place: as it stands, per entry of the table it loops over, or per caller that gives the name."""
        nodes = self._name_nodes(operation, place)
        texts = [self._text(node, place) for node in nodes]
        if None in texts:
            items = list(self._items(nodes[texts.index(None)], place))
            if items:
                for item in items:
                    words = [item.text if text is None else text for text in texts]
                    yield self._site(operation, place, "_".join(word for word in words if word), item)
                return
        function = next((found for node in nodes if (found := self._parameter_of(node, place)) is not None), None)
        callers = self.calls.callers.get(function.key, ()) if function is not None and depth < _DEEPEST else ()
        callers = [caller for caller in callers if caller.file.role != "test"]
        if function is None or not callers:
            yield self._site(operation, place, "_".join(text for text in texts if text), None)
            return
        for caller in callers:
            inner = place._replace(call=caller, frame=_innermost(place.frame, Frame(function, caller, None)))
            yield from self._named(operation, inner, depth + 1)

    def _name_nodes(self, operation: Operation, place: _Place) -> list[Expression]:
        if place.options is not None and place.options.kind == "literal":
            parts = {part.text: part.parts[0] for part in place.options.parts if part.parts}
            return [parts[key] for key in _NAMED if key in parts]
        node = self.calls.argument(operation, operation.entry.message)
        return [node] if node is not None else []

    def _text(self, node: Expression, place: _Place) -> str | None:
        text = self.values.text_of(node, place.file, place.block, place.frame)
        if text is None and node.kind == "call" and place.file.call_at.get((node.start, node.end)) is not None:
            # A library function that joins the parts of a name.
            parts = [self.values.text_of(part, place.file, place.block, place.frame) for part in node.parts[1:]]
            if len(parts) > 1 and all(part is not None for part in parts):
                return "_".join(part for part in parts if part)
        return text

    def _parameter_of(self, node: Expression, place: _Place) -> Function | None:
        """The function whose parameter an expression needs: the outermost one that no frame has filled yet."""
        frame = place.frame
        function, file = self.calls.names.program.enclosing(place.file, place.block), place.file
        wanted = self._given(node, function, file)
        while frame is not None and wanted is not None:
            if frame.function is not wanted[0]:
                return None
            argument = self.calls.argument(frame.call, wanted[1])
            function, file = frame.call.function, frame.call.file
            wanted = self._given(argument, function, file) if argument is not None else None
            frame = frame.outer
        return wanted[0] if wanted is not None else None

    def _given(self, node: Expression, function: Function | None, file: FileFacts) -> tuple[Function, int] | None:
        """The function and index of the first parameter that an expression names."""
        for name in _names_in(node):
            owner = self.names.parameter(name.text, function)
            if owner is not None and owner[1] >= 0 and self.names.local(name.text, file, name.start) is None:
                return owner[0], owner[1]
        return None

    # Tables

    def _items(self, node: Expression, place: _Place) -> Iterator[Item]:
        """The entries of the table whose loop variable gives the name."""
        while node.kind in ("convert", "call") and len(node.parts) in (1, 2):
            node = node.parts[-1]
        member = node.text if node.kind == "select" else ""
        name = node.parts[0] if member else node
        if name.kind != "name":
            return
        found = self.names.local(name.text, place.file, name.start)
        if found is None or found[0].form != "range" or not found[0].values:
            return
        row, position = found
        for made in self.settings.creations(place.file, row.values[0], row.block):
            if made.operation is not None:
                continue
            index = made.file.literal_at.get((made.start, made.end))
            node = self.calls.conventions.expression(made.file.text[made.start : made.end], made.start)
            if position == 0 and index is not None:
                for entry in made.file.entries_of.get(index, ()):
                    yield from self._item(made.file, entry.key, made.block, entry.start)
            elif not member:
                for part in node.parts:
                    value = part.parts[0] if part.kind == "entry" and part.parts else part
                    yield from self._item(made.file, (value.start, value.end), made.block, part.start)
            else:
                for part in node.parts:
                    value = part.parts[0] if part.kind == "entry" and part.parts else part
                    for inner in value.parts if value.kind == "literal" else ():
                        if inner.text == member and inner.parts:
                            span = (inner.parts[0].start, inner.parts[0].end)
                            yield from self._item(made.file, span, made.block, part.start)

    def _item(self, file: FileFacts, span: tuple[int, int], block: int, offset: int) -> Iterator[Item]:
        value = self.values.of_span(file, span, block)
        if value.text is not None:
            named = next((o.evidence for o in reversed(value.origins) if o.evidence and value.text in o.text), None)
            yield Item(value.text, file.text[slice(*span)], file, offset, named)

    # What a definition says

    def _site(self, operation: Operation, place: _Place, name: str, item: Item | None) -> Site:
        options = place.options
        parts = {part.text: part.parts[0] for part in options.parts if part.parts} if options is not None else {}
        help_text = self.values.text_of(parts["Help"], place.file, place.block) if "Help" in parts else None
        at = parts.get("Name")
        if item is not None:
            evidence = item.named or self.calls.cite_at(item.file, item.offset)
        elif at is not None and place.file is place.call.file and place.file.line(at.start) > place.call.line:
            evidence = self.calls.target.cite(place.call.path, place.call.line, place.file.line(at.start), "site")
        else:
            evidence = self.calls.cite(place.call)
        buckets = self._buckets(parts.get("Buckets"), place.file, place.block)
        labels = self._labels(place.call) or self._labels(operation)
        return Site(
            operation, place.call, name, labels, help_text or "", buckets, "Buckets" not in parts, evidence, item
        )

    def _labels(self, call: Call) -> tuple[str, ...]:
        file, block = call.file, call.block
        for node in self.calls.arguments(call):
            if node.kind == "literal" and node.text.replace(" ", "") == "[]string":
                texts = [self.values.text_of(part.parts[0], file, block) for part in node.parts if part.parts]
                return tuple(text or "?" for text in texts)
            if node.kind in ("name", "select") and self.names.type_of(node, file, block) == "[]string":
                for made in self.settings.creations(file, (node.start, node.end), block):
                    inner = self.calls.conventions.expression(made.file.text[made.start : made.end], made.start)
                    if inner.kind == "literal":
                        return tuple(
                            self.values.text_of(part.parts[0], made.file, made.block) or "?"
                            for part in inner.parts
                            if part.parts
                        )
                return ("?",)
        return ()

    def _buckets(self, node: Expression | None, file: FileFacts, block: int) -> tuple[float, ...]:
        if node is None:
            return ()
        if node.kind in ("name", "select"):
            for made in self.settings.creations(file, (node.start, node.end), block):
                inner = self.calls.conventions.expression(made.file.text[made.start : made.end], made.start)
                if inner.kind in ("literal", "call"):
                    return self._buckets(inner, made.file, made.block)
            return ()
        if node.kind == "literal":
            found = [self.values.of(part.parts[0], file, block) for part in node.parts if part.parts]
            scale = 1e9 if any(value.duration for value in found) else 1.0
            return tuple(value.numbers[0] / scale for value in found if len(value.numbers) == 1)
        if node.kind == "call" and len(node.parts) == 4:
            callee = node.parts[0].text
            numbers = [self.values.of(part, file, block).numbers for part in node.parts[1:]]
            if all(len(number) == 1 for number in numbers):
                first, step, count = (number[0] for number in numbers)
                if callee == "ExponentialBuckets":
                    return tuple(first * step**i for i in range(int(min(count, 200))))
                if callee == "LinearBuckets":
                    return tuple(first + step * i for i in range(int(min(count, 200))))
        return ()


def _names_in(node: Expression) -> Iterator[Expression]:
    if node.kind == "name":
        yield node
    for part in node.parts:
        yield from _names_in(part)


def _innermost(frame: Frame | None, outer: Frame) -> Frame:
    """A frame with another one put around all that it holds."""
    if frame is None:
        return outer
    return frame._replace(outer=_innermost(frame.outer, outer))


__all__ = ["Item", "Site", "Sites"]
