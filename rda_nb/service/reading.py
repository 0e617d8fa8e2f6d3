"""What stands at a place of the target: the questions that need nothing but calls and values."""

from __future__ import annotations

from rda_nb.core import Evidence, Quantity
from rda_nb.facts.vocabulary import LOOP, Block, Expression, FileFacts
from rda_nb.service.calls import Call, Calls
from rda_nb.service.values import Frame, Value, Values


class Reading:
    """Reads arguments, values and lines to cite, at one call or place, for all that is asked of a service."""

    def __init__(self, calls: Calls, values: Values) -> None:
        self.calls = calls
        self.values = values

    def argument(self, call: Call, index: int | None) -> Expression | None:
        """One argument as an expression."""
        return self.calls.argument(call, index)

    def value(self, node: Expression | None, call: Call) -> Value:
        """What can reach an expression that stands at a call."""
        return self.values.of(node, call.file, call.block)

    def quantity(self, node: Expression | None, call: Call, unit: str, via: Call | None = None) -> Quantity:
        """The expression's value as a quantity; with `via`, the call that reached its function, for that call alone."""
        if via is None or call.function is None or via.function is call.function:
            return self.values.quantity(self.value(node, call), unit)
        value = self.values.of(node, call.file, call.block, Frame(call.function, via, None))
        return self.values.quantity(value, unit)

    def text(self, node: Expression | None, call: Call) -> str | None:
        """The expression's text when it is constant."""
        return self.values.text_of(node, call.file, call.block)

    def source(self, node: Expression, file: FileFacts) -> str:
        """An expression as written."""
        return file.slice((node.start, node.end))

    def cite(self, call: Call, role: str = "site") -> Evidence:
        """A call's lines as evidence."""
        return self.calls.cite(call, role)

    def cite_at(self, file: FileFacts, offset: int, end: int = 0, role: str = "site") -> Evidence:
        """The lines between two offsets as evidence."""
        return self.calls.cite_at(file, offset, end, role)

    def conditions(self, call: Call) -> list[str]:
        """The conditions of the branches around a call in its function, innermost first, as written; not those of an `else`."""
        return self.calls.conditions(call)

    def loops(self, call: Call) -> list[Block]:
        """The loops around a call in its function, innermost first."""
        return Calls.loops(call)

    def loop_header(self, file: FileFacts, loop: Block) -> str:
        """A loop's header as written; '' for an endless one."""
        return file.text[slice(*loop.header)].strip() if loop.kind == LOOP and loop.header != (0, 0) else ""
