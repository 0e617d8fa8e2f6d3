"""Routes that code fills a table of its own with, by method and path: `handlers["GET"]["/flags"] = list`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Function
from rda_nb.service.route_tables import VERBS, Handler, TableRow
from rda_nb.service.values import Values

_FILLED = re.compile(r'\["([A-Z]+)"\]\["(/[^"]*)"\]$')
_MARK = '"]["/'


class FilledRoutes:
    """Answers for one program: what is put into such tables, by hand or by the generator of a server."""

    def __init__(self, calls: Calls, values: Values, handler: Handler) -> None:
        self.calls = calls
        self.values = values
        self.handler = handler

    def all(self) -> Iterator[TableRow]:
        """A route for each place of a table that is given what serves it."""
        for file in self.calls.names.program.files:
            if file.role not in ("product", "generated") or _MARK not in file.text:
                continue
            for row in file.rows.bindings:
                place = _FILLED.search(row.names[0]) if row.form == "assign" and len(row.values) == 1 else None
                if place is None or place[1] not in VERBS:
                    continue
                node = self.calls.conventions.expression(file.slice(row.values[0]), row.values[0][0])
                function = self.handler(node, file, row.block) or self._held(node, file, row.block)
                if function is not None:
                    yield TableRow(place[1], place[2], function, self.calls.cite_at(file, row.start))

    def _held(self, node: Expression, file: FileFacts, block: int) -> Function | None:
        """What serves by way of a field that the wrapped value is read from: `NewListFlags(api.context, api.ListFlags)`.

        What the service gives the field stands before what the generator does, which answers that nothing is there.
        """
        for part in reversed(node.parts[1:] if node.kind == "call" else [node]):
            if part.kind != "select" or not part.parts:
                continue
            owner = self.calls.names.type_of(part.parts[0], file, block)
            given = [write for holder, write in self.values.writes(part.text) if holder == owner]
            for write in sorted(given, key=lambda one: one.file.role == "generated"):
                value = self.calls.conventions.expression(write.file.slice(write.span), write.span[0])
                function = self.handler(value, write.file, write.block)
                if function is not None:
                    return function
        return None
