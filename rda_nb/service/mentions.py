"""Where a name stands in the target beside its declarations: the closed search behind "nothing uses it"."""

from __future__ import annotations

import re

from rda_nb.core import Location
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Program

_DEEPEST = 4
_LONGEST = 200
_BEFORE = re.compile(r"[A-Za-z_][\w.]*\.$")
# An argument that is the name itself, or ends with it.
_WHOLE = ("name", "select")


class Mentions:
    """Searches the code of one program, tests left out."""

    def __init__(self, program: Program, calls: Calls) -> None:
        self.program = program
        self.calls = calls

    def of(self, name: str, skipped_roles: tuple[str, ...] = ()) -> Location | None:
        """The first use of a name; None when it only stands where it is declared, given its value or passed to an
        operation of one of `skipped_roles` (a registration), where it names a record of the target's own, or where it is
        handed to a function of the target that never uses it."""
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        for file in self.program.files:
            if file.role == "test" or name not in file.text:
                continue
            skipped = self._skipped(file, skipped_roles)
            for match in pattern.finditer(file.text):
                at = match.start()
                if self._comment(file, at) or any(start <= at < end for start, end in skipped):
                    continue
                if not self._record(file, at, match.end()) and not self._ignored(file, at, match.end(), 0):
                    return Location(file.path, file.line(at))
        return None

    def _record(self, file: FileFacts, start: int, end: int) -> bool:
        """True for a field of that name whose type is a struct of the target without methods: settings, most often."""
        before = _BEFORE.search(file.text, max(0, start - _LONGEST), start)
        if before is None:
            return False
        blocks = file.rows.blocks
        inside = max((index for index, block in enumerate(blocks) if block.start <= start < block.end), default=-1)
        kind = self.calls.names.type_of_span(file, (before.start(), end), inside)
        declared = self.program.types.get(kind)
        return declared is not None and declared.kind == "struct" and not declared.methods

    def _ignored(self, file: FileFacts, start: int, end: int, depth: int) -> bool:
        """True for an argument whose parameter nothing in the called function uses but to hand it on the same way."""
        rows = file.rows.calls
        around = [index for index, row in enumerate(rows) if row.callee_end < start and end < row.end]
        if not around or depth > _DEEPEST:
            return False
        index = min(around, key=lambda one: rows[one].end - rows[one].start)
        found = self.calls.names.resolve(file, index)
        row = rows[index]
        node = self.calls.conventions.expression(file.text[row.start : row.end], row.start)
        at = next((i for i, part in enumerate(node.parts[1:]) if part.end == end and part.kind in _WHOLE), -1)
        if found.kind != "resolved" or len(found.targets) != 1 or not 0 <= at < len(found.targets[0].parameters):
            return False
        target = found.targets[0]
        name, kind = target.parameters[at]
        if kind.startswith("..."):
            return False
        if not name.isidentifier() or name == "_":
            return True
        body = max(target.row.parameters[1], target.row.results[1])
        uses = re.compile(rf"\b{re.escape(name)}\b").finditer(target.file.text, body, target.row.end)
        return all(
            self._comment(target.file, use.start()) or self._ignored(target.file, use.start(), use.end(), depth + 1)
            for use in uses
        )

    def _skipped(self, file: FileFacts, roles: tuple[str, ...]) -> list[tuple[int, int]]:
        """Spans of declarations: fields, types of fields, keys of literals, the left side of a binding, registrations."""
        rows = file.rows
        spans = [span for row in rows.fields for span in row.names]
        spans += [entry.key for entry in rows.entries]
        for row in rows.bindings:
            spans.append((row.start, row.values[0][0] if row.values else row.end))
        spans += [(op.row.start, op.row.end) for op in self.calls.role(*roles) if op.file is file] if roles else []
        return spans

    @staticmethod
    def _comment(file: FileFacts, at: int) -> bool:
        line = file.text[file.text.rfind("\n", 0, at) + 1 : at]
        return line.lstrip().startswith(("//", "*", "/*", "#"))


__all__ = ["Mentions"]
