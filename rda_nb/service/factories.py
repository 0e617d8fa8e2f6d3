"""Functions that give back one of several types behind an interface: of those, a program has one at a time."""

from __future__ import annotations

from functools import cached_property

from rda_nb.service.names import Names
from rda_nb.service.program import Function, Span

_DEEPEST = 3


class Factories:
    """Answers for one program."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.program = names.program

    def alternatives(self, types: frozenset[str]) -> bool:
        """True for types of which some function gives back each at a place of its own."""
        return any(types <= made for made in self._made)

    @cached_property
    def _made(self) -> list[frozenset[str]]:
        """The types of each function that gives back an interface in several places, one type at each."""
        found = []
        for function in self.program.functions:
            if len(function.returns) > 1 and function.file.role != "generated" and self._interface(function):
                made = [self._types(function, row.values[0], row.block, 0) for row in function.returns if row.values]
                single = [next(iter(one)) for one in made if len(one) == 1]
                if len(set(single)) > 1:
                    found.append(frozenset(single))
        return found

    def _interface(self, function: Function) -> bool:
        kind = self.names.canonical(function.results[0][1], function.file) if function.results else ""
        declared = self.program.types.get(kind)
        return declared is not None and declared.kind == "interface"

    def _types(self, function: Function, span: Span, block: int, depth: int) -> frozenset[str]:
        """The types of the target that a value can be, through the constructors that give it back."""
        index = function.file.call_at.get(span)
        made = self.names.resolve(function.file, index) if index is not None else None
        if made is not None and made.kind == "resolved" and self._interface(made.targets[0]):
            if depth == _DEEPEST:
                return frozenset()
            target = made.targets[0]
            ways = (self._types(target, row.values[0], row.block, depth + 1) for row in target.returns if row.values)
            return frozenset().union(*ways)
        declared = self.program.types.get(self.names.type_of_span(function.file, span, block))
        return frozenset((declared.key,)) if declared is not None and declared.kind != "interface" else frozenset()


__all__ = ["Factories"]
