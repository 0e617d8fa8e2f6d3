"""What bounds the values of a label: others are refused or replaced before, or there are few in all."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH, Expression, FileFacts
from rda_nb.service.knowledge_files import read

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_MEMBER = re.compile(
    r"!\s*[\w.]*(?:[Ee]xists?|[Hh]as|[Cc]ontains|[Kk]nown|[Aa]llowed|[Ss]upported|[Ii]ncludes)\(([^()]*)\)"
)
# How an error is named that a library keeps in a variable.
_SENTINEL = re.compile(r"Err[A-Z]\w*|EOF|[A-Z]\w*(?:EOF|Exceeded|Canceled)")


@cache
def few_texts() -> frozenset[str]:
    """The functions of libraries that give an error with one of a few texts."""
    return frozenset(read("labels.yaml")["errors_of_few_texts"])


class Bounds:
    """Finds it in one service."""

    def __init__(self, service: Service) -> None:
        self.names = service.names
        self.calls = service.calls

    def refused_before(self, written: str, start: int, file: FileFacts, block: int) -> bool:
        """True when the function has left before unless the value was one of a known set."""
        function = self.names.program.enclosing(file, block)
        if function is None:
            return False
        for row in file.rows.blocks:
            if row.kind == BRANCH and row.function == function.row.block and row.end <= start:
                asked = _MEMBER.search(file.text[slice(*row.header)])
                if (
                    asked
                    and written in asked[1].split(", ")
                    and re.search(r"\breturn\b", file.text[row.start : row.end])
                ):
                    return True
        return False

    def replaced(self, node: Expression, start: int, file: FileFacts) -> bool:
        """True when a branch gives a local another value before it is used, other than where it is empty or too long."""
        pattern = re.compile(rf"\b{re.escape(node.text)}\s*(?:==|<|>)|\blen\(\s*{re.escape(node.text)}\s*\)")
        for row in file.assigned.get(node.text, ()):
            if start < row.start < node.start and row.block >= 0:
                block = file.rows.blocks[row.block]
                if block.kind == BRANCH and block.end <= node.start:
                    if pattern.search(file.text[slice(*block.header)]) is None:
                        return True
        return False

    def kept_by_a_package(self, node: Expression, file: FileFacts, block: int) -> bool:
        """True for a variable of a package that no line of the target gives a value: the linker does, once."""
        name = node.parts[0]
        path = self.names.package_named(name.text, file, block, name.start) if name.kind == "name" else None
        scope = self.names.program.scopes.get(path) if path is not None else None
        if scope is None or path is None or node.text not in scope.values:
            return False
        at, index, _ = scope.values[node.text]
        files = self.names.program.files_of.get(path, ())
        return at.rows.bindings[index].form in ("variable", "constant") and not any(
            node.text in one.assigned for one in files
        )

    def one_of_few(self, node: Expression, file: FileFacts, block: int) -> bool:
        """True for an error that has one of a few texts: a variable of a package, or one of a library's few."""
        if node.kind == "name":
            found = self.names.local(node.text, file, node.start)
            if found is not None:
                single = len(found[0].values) == 1 and len(found[0].names) == 1
                again = any(found[0].start < row.start < node.start for row in file.assigned.get(node.text, ()))
                span = found[0].values[0] if single and not again else None
                made = self.calls.conventions.expression(file.text[slice(*span)], span[0]) if span else None
                return made is not None and made.kind == "call" and self.one_of_few(made, file, found[0].block)
            if self.names.parameter(node.text, self.names.program.enclosing(file, block)) is not None:
                return False
            return self._sentinel(self.names.program.package_of[file.path], node.text)
        if node.kind == "select" and node.parts[0].kind == "name":
            path = self.names.package_named(node.parts[0].text, file, block, node.start)
            return path is not None and self._sentinel(path, node.text)
        index = file.call_at.get((node.start, node.end)) if node.kind == "call" else None
        found_call = self.names.resolve(file, index) if index is not None else None
        full = f"{found_call.package}.{found_call.name}" if found_call is not None else ""
        return full in few_texts()

    def _sentinel(self, package: str, name: str) -> bool:
        """True for an error that a package keeps in a variable; one of the target must be given its value there."""
        scope = self.names.program.scopes.get(package)
        if scope is None:
            return _SENTINEL.fullmatch(name) is not None
        file, index, _ = scope.values.get(name, (None, 0, 0))
        others = (row for one in self.names.program.files_of.get(package, ()) for row in one.assigned.get(name, ()))
        return file is not None and bool(file.rows.bindings[index].values) and not any(True for _ in others)


__all__ = ["Bounds"]
