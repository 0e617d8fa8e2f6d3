"""Where a name stands in the target beside its declarations: the closed search behind "nothing uses it"."""

from __future__ import annotations

import re

from rda_nb.core import Location
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Program


class Mentions:
    """Searches the code of one program, tests left out."""

    def __init__(self, program: Program, calls: Calls) -> None:
        self.program = program
        self.calls = calls

    def of(self, name: str, skipped_roles: tuple[str, ...] = ()) -> Location | None:
        """The first use of a name; None when it only stands where it is declared, given its value or passed to an
        operation of one of `skipped_roles` (a registration)."""
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        for file in self.program.files:
            if file.role == "test" or name not in file.text:
                continue
            skipped = self._skipped(file, skipped_roles)
            for match in pattern.finditer(file.text):
                at = match.start()
                if not self._comment(file, at) and not any(start <= at < end for start, end in skipped):
                    return Location(file.path, file.line(at))
        return None

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
