"""Follow an expression to the numbers and texts that can reach it: literals, names and parameters."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rda_nb.core import Origin, Quantity, State
from rda_nb.facts.doc_overrides import level
from rda_nb.facts.vocabulary import BRANCH, FUNCTION, Binding, Expression, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.program import Function, Span
from rda_nb.service.value import MOST, Frame, Value, chain, join
from rda_nb.service.writes import Write, Writes, local_key

DEEPEST = 14
# A value that a file of the target sets, its place, and how strong that place is (a higher level wins).
Override = tuple[str, Origin, int]
_NANOSECONDS = 1e9


class Evaluation:
    """Evaluates expressions of one program. `overrides(key)` gives values set in files of the target for a config key.

    `writes` spares finding anew what gives the program's fields their values.
    """

    def __init__(
        self,
        calls: Calls,
        overrides: Callable[[str], Iterable[Override]] | None = None,
        writes: Writes | None = None,
    ) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.conventions = calls.conventions
        self.overrides = overrides or (lambda key: ())
        self._writes = writes or Writes(calls)
        self._asking: set[Any] = set()

    def writes(self, name: str) -> list[tuple[str, Write]]:
        """(type, place) of everything that gives a field of this name its value."""
        return self._writes.writes(name)

    def stands_in(self, file: FileFacts, block: int, name: str) -> bool:
        """True for an assignment that is made only where a name is unset."""
        return self._writes.stands_in(file, block, name)

    @abstractmethod
    def _written(self, write: Write, depth: int) -> Value:
        """The value that a place gives."""

    # The doors

    def quantity(self, value: Value, unit: str, scale: float = 1.0) -> Quantity:
        """A value as a quantity in a unit. Durations become seconds, plain numbers are multiplied by `scale`."""
        origins = value.origins
        if value.numbers:
            numbers = sorted({n / _NANOSECONDS if value.duration else n * scale for n in value.numbers})
            if len(numbers) == 1:
                return Quantity(
                    State.KNOWN, unit, numbers[0], reason=value.reason, origins=origins, config_key=value.key
                )
            return Quantity(State.RANGE, unit, None, numbers[0], numbers[-1], value.reason, origins, value.key)
        state = State.ABSENT if value.absent else State.UNKNOWN
        return Quantity(
            state,
            unit,
            reason=value.reason or "not a number that can be followed",
            origins=origins,
            config_key=value.key,
        )

    def of(
        self, node: Expression | None, file: FileFacts, block: int, frame: Frame | None = None, depth: int = 0
    ) -> Value:
        """The values that can reach an expression."""
        if node is None or depth > DEEPEST:
            return Value(reason="too deep to follow")
        method = getattr(self, f"_{node.kind}", None)
        if method is None:
            return Value(reason=f"`{short(node, file)}` is not a constant")
        found: Value = method(node, file, block, frame, depth + 1)
        # At 0 a time is none; of a plain number it is not known what happens where it is not handed on.
        return self.asked(found, node, file, block) if found.duration and len(found.numbers) > 1 else found

    def asked(self, value: Value, node: Expression, file: FileFacts, block: int) -> Value:
        """What reaches an expression within the branch that asks for it: `if c.timeout > 0 { use(c.timeout) }`."""
        if node.kind not in ("name", "select") or not value.numbers or min(value.numbers) > 0:
            return value
        written = re.escape(file.text[node.start : node.end])
        question = re.compile(rf"(?<![\w.]){written}\s*(>=|>|!=)\s*(0|-1)(?![\w.])")
        for _, region in file.chain(block):
            if region.kind == FUNCTION:
                break
            if region.kind == BRANCH and region.header[1] <= node.start:
                header = file.text[slice(*region.header)]
                other = self.conventions.alternative(file.text, region.start, region.header[1], region.end)
                found = question.search(header) if node.start < other and "||" not in header else None
                if found is not None:
                    return value._replace(numbers=tuple(n for n in value.numbers if _holds(n, found[1], int(found[2]))))
        return value

    def of_span(self, file: FileFacts, span: Span, block: int, frame: Frame | None = None, depth: int = 0) -> Value:
        """The values of the expression at a span."""
        if span[1] - span[0] > 4000:
            return Value(reason="the expression is too long to follow")
        written = file.text[span[0] : span[1]]
        return self.of(self.conventions.expression(written, span[0]), file, block, frame, depth)

    def text_of(self, node: Expression | None, file: FileFacts, block: int, frame: Frame | None = None) -> str | None:
        """The string that an expression is, or None."""
        return self.of(node, file, block, frame).text

    # Leaves

    def _origin(self, kind: str, node: Expression, file: FileFacts) -> Origin:
        return Origin(kind, short(node, file), self.calls.cite_at(file, node.start))

    def _number(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        number = self.conventions.number_value(node.text)
        if number is None:
            return Value(reason=f"`{node.text}` is not a number")
        return Value((float(number),), origins=(self._origin("constant", node, file),))

    def _text(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        return Value(text=self.conventions.string_value(node.text), origins=(self._origin("constant", node, file),))

    def _boolean(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        return Value((float(node.text == "true"),), origins=(self._origin("constant", node, file),))

    def _nil(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        return Value(absent=True, reason="nil", origins=(self._origin("constant", node, file),))

    # Names

    def _name(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        found = self.names.local(node.text, file, node.start)
        parameter = self.names.parameter(node.text, self.program.enclosing(file, block))
        if found is not None and (parameter is None or found[0].start > parameter[0].row.start):
            start = found[0].start
            value = self._local(node, file, *found, frame, depth)
        elif parameter is not None:
            start = parameter[0].row.start
            value = self._parameter(parameter[0], parameter[1], node.text, frame, depth)
        else:
            return self._of_scope(node, file, depth)
        return value if value.text is None else self._lengthened(value, node, file, start, frame, depth)

    def _lengthened(
        self, value: Value, node: Expression, file: FileFacts, start: int, frame: Frame | None, depth: int
    ) -> Value:
        """A text with what `+=` puts behind it between a place and its use."""
        for row in file.assigned.get(node.text, ()):
            if row.operator != "+=" or not start < row.start < node.start or not row.values:
                continue
            more = self.of_span(file, row.values[0], row.block, frame, depth).text
            region = file.rows.blocks[row.block] if row.block >= 0 else None
            sure = region is None or region.kind == FUNCTION
            if region is not None and region.kind == BRANCH and value.text:
                sure = "".join(file.text[slice(*region.header)].split()) == f'{node.text}!=""'
            if more is None or not sure:
                return Value(reason=f"`{node.text}` is put together under conditions")
            value = value._replace(text=(value.text or "") + more)
        return value

    def _of_scope(self, node: Expression, file: FileFacts, depth: int) -> Value:
        scope = self.program.scope(file)
        if node.text in scope.values:
            return self._package_value(*scope.values[node.text], depth)
        return Value(reason=f"`{node.text}` is not followed")

    def _local(
        self, node: Expression, file: FileFacts, row: Binding, position: int, frame: Frame | None, depth: int
    ) -> Value:
        """A local's defining value, joined with plain assignments that stand between the definition and the use."""
        key = (file.path, row.start, position)
        flag = self._flag_for(node.text, local_key(file, row, position))
        if key in self._asking:
            return Value(reason=f"`{node.text}` changes in a loop")
        self._asking.add(key)
        try:
            first = flag or self._bound(file, row, position, frame, depth)
            later = [
                (other, self.of_span(file, other.values[other.names.index(node.text)], other.block, frame, depth))
                for other in file.assigned.get(node.text, ())
                if other.operator == "="
                and row.start < other.start < node.start
                and len(other.names) == len(other.values)
                and self.names.local(node.text, file, other.start) == (row, position)
            ]
        finally:
            self._asking.discard(key)
        if row.values and row.form == "define" and not (first.numbers or first.text or first.absent):
            # What some branch sets is not what the name holds otherwise, unless it stands in for it or holds it down.
            forms = [self._stands_in(file, row, other, node.text) for other, _ in later]
            later = [one for one, form in zip(later, forms, strict=True) if form is not False] if any(forms) else []
        return join([first, *(value for _, value in later)]) if later else first

    def _stands_in(self, file: FileFacts, row: Binding, other: Binding, name: str) -> bool | None:
        """True for an assignment that is a default of a name, a bound on it, or always made; None for a least value."""
        chain = file.chain(other.block)
        header = next(
            (region.header for _, region in chain if region.kind == BRANCH and region.start > row.start), None
        )
        if header is None:
            return True
        conditions = re.split(r"&&|\|\|", file.text[slice(*header)])
        given = file.text[slice(*other.values[other.names.index(name)])].strip("() ")
        for condition in conditions:
            bound = re.match(rf"\(?\s*{re.escape(name)}\s*([<>])=?(.+)$", condition.strip(), re.S)
            if bound is not None and bound[2].strip("() ") == given:
                return True if bound[1] == ">" else None
        return any(sign in condition for condition in conditions for sign in self.conventions.UNSET_SIGNS)

    def _bound(self, file: FileFacts, row: Binding, position: int, frame: Frame | None, depth: int) -> Value:
        if row.form in ("range", "receive") or not row.values:
            return Value(reason=f"`{row.names[position]}` is given by a {row.form}")
        if len(row.values) == len(row.names):
            return self.of_span(file, row.values[position], row.block, frame, depth)
        if position == 0:
            return self.of_span(file, row.values[0], row.block, frame, depth)
        return Value(reason=f"`{row.names[position]}` is one of several results")

    def _parameter(self, function: Function, index: int, name: str, frame: Frame | None, depth: int) -> Value:
        at = frame
        while at is not None and at.function is not function:
            at = at.outer
        if index < 0:
            if at is not None and name == function.receiver:
                callee = self.conventions.expression(at.call.callee, at.call.row.start)
                base = callee.parts[0] if callee.kind == "select" else None
                return self.of(base, at.call.file, at.call.block, at.outer, depth)
            return Value(reason=f"`{name}` is the receiver or a result")
        if at is not None:
            node = self.calls.argument(at.call, index)
            return self.of(node, at.call.file, at.call.block, at.outer, depth)
        key = ("parameter", function.key, index)
        if key in self._asking:
            return Value(reason=f"`{name}` is passed on in a cycle")
        callers = [call for call in self.calls.served(function) if call.resolution.kind == "resolved"]
        if not callers or len(callers) > 3 * MOST:
            who = "many callers" if callers else "nobody"
            return Value(reason=f"`{name}` is a parameter of {function.label} that {who} in the target sets")
        self._asking.add(key)
        try:
            found = [self.of(self.calls.argument(call, index), call.file, call.block, None, depth) for call in callers]
        finally:
            self._asking.discard(key)
        return join(found)

    def _package_value(self, file: FileFacts, index: int, position: int, depth: int) -> Value:
        row = file.rows.bindings[index]
        name = row.names[position]
        flag = self._flag_for(name, f"{self.program.package_of[file.path]}#{name}")
        if flag is not None or not row.values:
            return flag or Value(reason=f"`{name}` has no initial value")
        value = self._bound(file, row, position, None, depth)
        kind = self.calls.cite_at(file, row.start)
        step = Origin("constant" if row.form == "constant" else "default", file.slice((row.start, row.end))[:120], kind)
        return value._replace(origins=chain(value.origins, step)) if value.numbers or value.text is not None else value

    def _flag_for(self, name: str, holder: str) -> Value | None:
        """The value of the flag that sets a variable; None where that is the variable itself."""
        written = next((write for owner, write in self._writes.writes(name) if owner == holder), None)
        if written is None or ("flag", holder) in self._asking:
            return None
        self._asking.add(("flag", holder))
        try:
            return self._written(written, 0)
        finally:
            self._asking.discard(("flag", holder))


def _holds(number: float, sign: str, least: int) -> bool:
    """True for a number that a question lets through: `> 0`, `!= 0`, `>= 0`, `!= -1`."""
    return number > least if sign == ">" else number >= least if sign == ">=" else number != least


def short(node: Expression, file: FileFacts) -> str:
    """An expression as written, at most 120 characters of it."""
    return file.slice((node.start, node.end))[:120]


def file_overrides(documents: Any, key: str) -> Iterator[Override]:
    """What files of the target set a configuration key to, each with its place and how strongly it holds."""
    for text, evidence, origin in documents.overrides(key):
        yield text, Origin("override", f"{origin}: {text}", evidence), level(origin)
