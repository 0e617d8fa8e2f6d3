"""Where the channel that an expression names is made: a local, a parameter of known callers, a field, a package variable."""

from __future__ import annotations

from collections.abc import Iterator

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Span
from rda_nb.service.values import Values

_DEEPEST = 5
_MOST = 12
# (file, span, block) of an expression.
Place = tuple[FileFacts, Span, int]


class ChannelMakes:
    """Follows a channel to every `make` that gives it; two channels of one name are two."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.values = values

    def of(self, file: FileFacts, span: Span, block: int) -> tuple[tuple[str, int], ...]:
        """(path, start) of the calls that make it; () when a way to it is not followed or ends in no channel."""
        found: dict[tuple[str, int], None] = {}
        open_ends: list[tuple[Place, int]] = [((file, span, block), 0)]
        seen = set()
        while open_ends:
            (own, at, inside), depth = open_ends.pop()
            if (own.path, at) in seen:
                continue
            seen.add((own.path, at))
            if own.text.startswith("make(", at[0]):
                found[own.path, at[0]] = None
                continue
            node = self.calls.conventions.expression(own.text[slice(*at)], at[0])
            places = [place for place in self._before(node, own, inside) if place[0].slice(place[1]) != "nil"]
            if not places or depth >= _DEEPEST or len(seen) > _MOST:
                return ()
            open_ends += [(place, depth + 1) for place in places]
        return tuple(sorted(found))

    def _before(self, node: Expression, file: FileFacts, block: int) -> Iterator[Place]:
        """The expressions that give an expression its value."""
        if node.kind == "name":
            yield from self._named(node, file, block)
        elif node.kind == "select":
            owner = self.names.type_of(node.parts[0], file, block)
            for holder, write in self.values.writes(node.text):
                if holder == owner and write.kind != "flag":
                    yield write.file, write.span, write.block
        else:
            yield from self._elements(node, file)

    def _elements(self, node: Expression, file: FileFacts) -> Iterator[Place]:
        """What the file puts into an element of a map or list that is written alike: `queues[key] = make(chan item)`."""
        written = file.text[node.start : node.end]
        for other in file.assigned.get(written, ()) if written.endswith("]") else ():
            if other.operator == "=" and len(other.names) == len(other.values):
                yield file, other.values[other.names.index(written)], other.block

    def _named(self, node: Expression, file: FileFacts, block: int) -> Iterator[Place]:
        local = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if local is not None and (parameter is None or local[0].start > parameter[0].row.start):
            row, position = local
            if len(row.values) == len(row.names):
                yield file, row.values[position], row.block
            for other in file.assigned.get(node.text, ()):
                if other.operator == "=" and len(other.names) == len(other.values):
                    if self.names.local(node.text, file, other.start) == local:
                        yield file, other.values[other.names.index(node.text)], other.block
        elif parameter is not None:
            owner, index, _ = parameter
            for call in self.calls.callers.get(owner.key, ()) if index >= 0 else ():
                given = self.calls.argument(call, index)
                if given is not None and call.file.role == "product":
                    yield call.file, (given.start, given.end), call.block
        else:
            yield from self._of_package(node.text, file)

    def _of_package(self, name: str, file: FileFacts) -> Iterator[Place]:
        """What a package variable is declared with and assigned in its package."""
        declared = self.program.scope(file).values.get(name)
        if declared is None:
            return
        own, number, position = declared
        row = own.rows.bindings[number]
        if len(row.values) == len(row.names):
            yield own, row.values[position], row.block
        package = self.program.package_of[own.path]
        for each in self.program.files:
            for other in each.assigned.get(name, ()) if self.program.package_of[each.path] == package else ():
                if other.operator == "=" and len(other.names) == len(other.values):
                    if self.names.local(name, each, other.start) is None:
                        yield each, other.values[other.names.index(name)], other.block
