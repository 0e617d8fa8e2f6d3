"""Growth: slices, maps and caches that outlive a function and are added to, and what takes away from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import FUNCTION, LOOP, Binding, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Function

_ENDS = re.compile(r"(?:[sS]top|[cC]lose|[sS]hut_?[dD]own|[tT]ear_?[dD]own|[eE]xit|[tT]erminate)(?:$|[A-Z_])")


@dataclass(frozen=True, eq=False, slots=True)
class Growth:
    """A slice, map or cache outside a function's own locals that is added to; `shrinks` when something takes away."""

    file: FileFacts
    start: int
    block: int
    function: Function | None
    holder: str
    form: str
    shrinks: bool
    evidence: Evidence


class Growths:
    """All growth of one program."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program

    def _files(self) -> Iterator[FileFacts]:
        return (file for file in self.program.files if file.role != "generated")

    def all(self) -> tuple[Growth, ...]:
        """Appends and map stores on fields and package values."""
        found: list[Growth] = []
        shrinking = self._shrinking()
        for file in self._files():
            for row in file.assignments:
                if row.block < 0 or len(row.names) != 1 or not row.values:
                    continue
                name = row.names[0]
                value = file.text[slice(*row.values[0])]
                form = ""
                if name.endswith("]") and "[" in name:
                    holder, form = name.partition("[")[0], "map"
                    kind = self.names.type_of_span(file, (row.start, row.start + len(holder)), row.block)
                    if not kind.startswith("map[") or self._moves(file, row, holder, value):
                        continue
                elif value.startswith("append(") and value[7:].lstrip().startswith(name):
                    if self._fills_up(file, row.block, name):
                        continue
                    holder, form = name, "slice"
                else:
                    continue
                key = self._holder(holder, file, row.block, row.start)
                if key is not None:
                    function = self.program.enclosing(file, row.block)
                    evidence = self.calls.cite_at(file, row.start)
                    found.append(Growth(file, row.start, row.block, function, key, form, key in shrinking, evidence))
        renewed = self._renewed({growth.holder.rpartition(".")[0] for growth in found})
        return tuple(
            replace(growth, shrinks=True) if growth.holder.rpartition(".")[0] in renewed else growth for growth in found
        )

    @staticmethod
    def _fills_up(file: FileFacts, block: int, name: str) -> bool:
        """True in a loop that starts at a list's length: it grows up to the largest that was ever asked for, as a table."""
        for _, region in file.chain(block):
            if region.kind == LOOP:
                header = file.text[slice(*region.header)] if region.header != (0, 0) else ""
                return re.search(rf"\blen\(\s*{re.escape(name)}\s*\)[^;]*;[^;]*<", header) is not None
            if region.kind == FUNCTION:
                return False
        return False

    def _moves(self, file: FileFacts, row: Binding, holder: str, value: str) -> bool:
        """True for an entry that is put under another key of the map it was read from, by a function that deletes there."""
        bound = self.names.local(value, file, row.start) if value.isidentifier() else None
        if bound is None or not any(file.text.startswith(f"{holder}[", span[0]) for span in bound[0].values):
            return False
        function = self.program.enclosing(file, row.block)
        own = file.text[function.row.start : function.row.end] if function is not None else ""
        return f"delete({holder}," in own

    def _renewed(self, owners: set[str]) -> set[str]:
        """Types whose value in a field of another value is replaced: all that the old one held goes with it."""
        found: set[str] = set()
        for file in self._files() if owners else ():
            for binding in file.assignments:
                for name in binding.names if binding.block >= 0 and binding.form != "define" else ():
                    parts = name.split(".")
                    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
                        continue
                    kind = self.names.type_of_dotted(parts, file, binding.block, binding.start).lstrip("*")
                    if kind in owners and not self._constructing(file, binding.block, kind):
                        found.add(kind)
        return found

    def _holder(self, written: str, file: FileFacts, block: int, offset: int) -> str | None:
        """`Type.field` or `package.name` of what outlives the function; None for a local."""
        parts = written.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        if len(parts) == 1:
            if self.names.local(written, file, offset) or self.names.parameter(
                written, self.program.enclosing(file, block)
            ):
                return None
            scope = self.program.scope(file)
            return f"{scope.path}.{written}" if written in scope.values else None
        local = self.names.local(parts[0], file, offset)
        if local is not None and len(parts) == 2 and local[0].form == "define" and local[0].values:
            head = file.text[slice(*local[0].values[0])].lstrip("&")
            if "{" in head[:80] or head.startswith("new("):
                return None
        owner = self.names.type_of_dotted(parts[:-1], file, block, offset)
        return f"{owner}.{parts[-1]}" if owner in self.program.types else None

    def _shrinking(self) -> set[str]:
        """Holders that something deletes from, clears, replaces or trims."""
        found: set[str] = set()
        for file in self._files():
            text = file.text
            for index in (*file.callees.get("delete", ()), *file.callees.get("clear", ())):
                row = file.rows.calls[index]
                inside = self.calls.conventions.split_list(text[row.callee_end + 1 : row.end - 1])
                key = self._holder(inside[0], file, row.block, row.start) if inside else None
                if key:
                    found.add(key)
            for binding in file.assignments:
                if binding.block < 0:
                    continue
                for name, span in zip(binding.names, binding.values, strict=False):
                    value = text[slice(*span)]
                    if value.startswith("append(") and value[7:].lstrip().startswith(name + ","):
                        continue
                    key = self._holder(name, file, binding.block, binding.start)
                    trimmed = value.endswith("]") and ":" in value
                    emptied = value == "nil" and self._ending(file, binding.block)
                    if key and not emptied and (trimmed or not self._constructing(file, binding.block, key)):
                        found.add(key)
        return found

    def _constructing(self, file: FileFacts, block: int, key: str) -> bool:
        """True in a function named like a constructor, where a fresh value is made and nothing is taken away."""
        function = self.program.enclosing(file, block)
        return function is not None and function.root.name.lower().startswith(
            ("new", "init", "make", "setup", "create")
        )

    def _ending(self, file: FileFacts, block: int) -> bool:
        """True in a function that ends the whole: what it lets go of had grown until then."""
        function = self.program.enclosing(file, block)
        return function is not None and _ENDS.match(function.root.name) is not None
