"""Values through members, calls and operators."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

from rda_nb.facts.vocabulary import Expression, FileFacts, Return
from rda_nb.service.calls import Call
from rda_nb.service.configured_values import ConfiguredValues
from rda_nb.service.evaluation import DEEPEST, short
from rda_nb.service.flags import Flags
from rda_nb.service.program import Function, Span
from rda_nb.service.value import MOST, SET_BY_NOTHING, Frame, Value, duration_text, few, join, number_text, unset
from rda_nb.service.writes import Write

__all__ = ["Frame", "Value", "Values", "Write"]


class Values(ConfiguredValues):
    """Evaluates any expression of one program."""

    @property
    def flags(self) -> Flags:
        """Every flag of a command line."""
        return self._writes.flags

    # Members, calls, operators

    def _select(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        base = node.parts[0]
        if base.kind == "name":
            path = self.names.package_named(base.text, file, block, node.start)
            if path is not None:
                return self._of_package(path, node, file, depth)
        owner = self.names.type_of(base, file, block)
        if not owner:
            return Value(reason=f"the type of `{short(base, file)}` is not known")
        if self._writes.wraps(owner):
            return self.of(base, file, block, frame, depth)
        return self.field(owner, node.text)

    def _literal(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        """A struct around one number is that number; nothing else that is written as a literal is one."""
        kind = self.names.canonical(node.text, file)
        if kind == self.conventions.MOMENT_TYPE and not node.parts:
            return Value(reason="it is the zero time", absent=True)
        if not self._writes.wraps(kind):
            return Value(reason=f"`{short(node, file)}` is not a constant")
        if not node.parts:
            return Value((0.0,), origins=(self._origin("constant", node, file),))
        return self.of(node.parts[0].parts[0], file, block, frame, depth)

    def _of_package(self, path: str, node: Expression, file: FileFacts, depth: int) -> Value:
        scope = self.program.scopes.get(path)
        if scope is not None and node.text in scope.values:
            return self._package_value(*scope.values[node.text], depth)
        if path == self.conventions.DURATION_TYPE.partition(".")[0] and node.text in self.conventions.DURATIONS:
            return Value(
                (float(self.conventions.DURATIONS[node.text]),), True, origins=(self._origin("constant", node, file),)
            )
        if path == "math" and node.text in self.conventions.LIMITS:
            return Value((float(self.conventions.LIMITS[node.text]),), origins=(self._origin("constant", node, file),))
        return Value(reason=f"`{short(node, file)}` is set in {path}, outside the target")

    def _call(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        index = file.call_at.get((node.start, node.end))
        if index is None:
            return Value(reason="a call that is not in the facts")
        found = self.names.resolve(file, index)
        arguments = node.parts[1:]
        if found.kind == "conversion" and len(arguments) == 1:
            return self._converted(node, file, block, frame, depth)
        if found.kind == "builtin":
            return self._builtin(node, file, block, frame, depth)
        call = Call(file, index, self.program.enclosing(file, block), found)
        if found.kind == "external":
            return self._external(call, found, arguments, block, frame, depth)
        if found.kind == "resolved":
            return self._returned(call, found.targets[0], frame, depth)
        if node.parts[0].kind == "select" and node.parts[0].text == self.conventions.DURATION_TEXT and not arguments:
            written = self.of(node.parts[0].parts[0], file, block, frame, depth)
            if written.duration:
                return written
        return Value(reason=f"`{short(node, file)}` has several or unknown targets")

    def _converted(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        value = self.of(node.parts[1], file, block, frame, depth)
        kind = self.names.canonical(short(node.parts[0], file), file)
        return _whole(value) if kind == self.conventions.DURATION_TYPE else value

    def _builtin(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        name = node.parts[0].text
        values = [self.of(part, file, block, frame, depth) for part in node.parts[1:]]
        if name in ("min", "max") and values and all(len(value.numbers) == 1 for value in values):
            pick = (min if name == "min" else max)(values, key=lambda value: value.numbers[0])
            return pick._replace(origins=tuple(origin for value in values for origin in value.origins))
        if name in ("min", "max") and name == "min" and any(value.numbers for value in values):
            known = min((value for value in values if value.numbers), key=lambda value: value.numbers[-1])
            return known._replace(reason="an upper bound: another operand of min is not known")
        return Value(reason=f"{name}(…) is not a constant")

    def _external(
        self, call: Call, found: Any, arguments: tuple[Expression, ...], block: int, frame: Frame | None, depth: int
    ) -> Value:
        file = call.file
        if found.package in ("time",) and found.name == "Duration" and len(arguments) == 1:
            return _whole(self.of(arguments[0], file, block, frame, depth))
        if found.package + "." + found.name == self.conventions.PARSE_DURATION and arguments:
            return duration_text(self.of(arguments[0], file, block, frame, depth), self.conventions)
        if found.entry is not None and found.entry.role == "value.first_set":
            return self._first_set(arguments, file, block, frame, depth)
        if found.package + "." + found.name == self.conventions.MOMENT_AFTER and self._from_now(call):
            return self.of(arguments[0], file, block, frame, depth)._replace(moment=True)
        if found.entry is not None and found.entry.role == "env.get":
            return self._environment(call, found.entry.message, None, frame, depth)
        if found.entry is not None and found.entry.role == "random.below":
            # The top itself is not reached, which counts where a fraction is cut off.
            top = Value((math.nextafter(1.0, 0.0),))
            if found.entry.count is not None:
                top = self.of(self.calls.argument(call, found.entry.count), file, block, frame, depth)
                # A whole number below n is n - 1 at most; of a duration that is a nanosecond less.
                if not top.duration:
                    top = top._replace(
                        numbers=tuple(number - 1 if 1 <= number <= 1e6 else number for number in top.numbers)
                    )
            return top._replace(numbers=few((0.0, *top.numbers))) if top.numbers else top
        method = found.name.rpartition(".")[2]
        if method in self.conventions.DURATION_UNITS and not arguments:
            base = self.conventions.expression(call.callee, call.row.start)
            inner = self.of(base.parts[0], file, block, frame, depth) if base.parts else Value()
            factor = self.conventions.DURATION_UNITS[method]
            return inner._replace(numbers=tuple(number / factor for number in inner.numbers), duration=False)
        if method in self.conventions.IDENTITIES and len(arguments) == 1:
            return self.of(arguments[0], file, block, frame, depth)
        if method in self.conventions.NUMBER_PARSERS and arguments:
            return number_text(self.of(arguments[0], file, block, frame, depth))
        flag = self._writes.flags.at(file, (call.row.start, call.row.end))
        if flag is not None:
            return self._of_flag(flag, frame, depth)
        if found.entry is not None and found.entry.role == "config.get":
            node = self.calls.argument(call, found.entry.message)
            named = self._of_flags_named(self.text_of(node, file, block, frame) or "", depth)
            if named is not None:
                return named
        if method in self.conventions.CONFIG_READERS and len(arguments) == 1:
            tabled = self._tabled(self.text_of(arguments[0], file, block, frame) or "", method)
            if tabled is not None:
                return tabled
        return Value(reason=f"{found.package}.{found.name} is outside the target")

    def _first_set(
        self, arguments: tuple[Expression, ...], file: FileFacts, block: int, frame: Frame | None, depth: int
    ) -> Value:
        """The first of several values that is set: what only configuration sets gives way to the default behind it."""
        key, may_be = "", []
        last = Value(reason="none of its values is set")
        for argument in arguments:
            last = self.of(argument, file, block, frame, depth)
            key = key or last.key
            if unset(last) or last.absent or last.reason.endswith(SET_BY_NOTHING) or last.text == "":
                continue
            if not last.numbers and last.text is None:
                return last
            may_be.append(last._replace(numbers=tuple(number for number in last.numbers if number)))
            if last.text or all(last.numbers):
                break
        useful = [value for value in may_be if value.numbers or value.text]
        found = join(useful) if useful else last
        return self._configured(found, key, "default") if useful and key else found

    def _from_now(self, call: Call) -> bool:
        """True for `time.Now().Add(d)`: as a deadline it is d."""
        callee = self.conventions.expression(call.callee, call.row.start)
        base = callee.parts[0] if callee.parts else None
        asked = base.parts[0] if base is not None and base.kind == "call" else None
        return asked is not None and self.conventions.PRESENT.fullmatch(asked.text) is not None

    def _returned(self, call: Call, target: Function, frame: Frame | None, depth: int) -> Value:
        """What a function of the target returns, its parameters standing for the arguments of this call."""
        key = ("returns", target.key)
        if key in self._asking or depth > DEEPEST:
            return Value(reason=f"{target.label} calls itself")
        inner = Frame(target, call, frame)
        given = [row for row in target.returns if row.values and not self._gives_up(target, row)]
        returns = [(row.values[0], row.block) for row in given] or self._named_result(target)
        reads = [
            own
            for own in self.calls.calls_of.get(target.key, ())
            if own.resolution.entry and own.resolution.entry.role == "env.get"
        ]
        self._asking.add(key)
        try:
            found = [self.of_span(target.file, span, block, inner, depth) for span, block in returns[: 2 * MOST]]
            if reads:
                own = reads[0]
                entry = own.resolution.entry
                fallback = next(
                    (value for value in reversed(found) if (value.numbers or value.text) and not value.key), None
                )
                return self._environment(own, entry.message if entry else 0, fallback, inner, depth)
        finally:
            self._asking.discard(key)
        keyed = [value for value in found if value.key and (value.numbers or value.text is not None)]
        if keyed:
            return keyed[0]
        waiting = next((value for value in found if value.key), None)
        if waiting is not None:
            known = next((value for value in reversed(found) if value.numbers or value.text), None)
            return self._configured(known, waiting.key, "default") if known else waiting
        return join(found) if found else Value(reason=f"{target.label} returns nothing that can be followed")

    @staticmethod
    def _named_result(target: Function) -> list[tuple[Span, int]]:
        """What is given last to the first result of a function that names it and returns without a value."""
        name = target.results[0][0] if target.results else ""
        own = [
            row
            for row in target.file.rows.bindings
            if name and row.values and row.names[:1] == (name,) and target.row.start <= row.start < target.row.end
        ]
        return [(row.values[0], row.block) for row in own[-1:]]

    @staticmethod
    def _gives_up(target: Function, row: Return) -> bool:
        """True for `return 0, err`: the value that goes with an error is not one that a caller uses."""
        if len(row.values) < 2 or not target.results or target.results[-1][1] != "error":
            return False
        return target.file.text[slice(*row.values[-1])] != "nil"

    def _binary(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        left, right = (self.of(part, file, block, frame, depth) for part in node.parts)
        if node.text == "+" and left.text is not None and right.text is not None:
            return Value(text=left.text + right.text, origins=(*left.origins, *right.origins))
        compute = _ARITHMETIC.get(node.text)
        if compute is None or not left.numbers or not right.numbers:
            missing = right if left.numbers else left
            return Value(
                reason=missing.reason or f"`{short(node, file)}` is not a number",
                key=missing.key,
                duration=left.duration or right.duration,
            )
        pairs = itertools.product(left.numbers, right.numbers)
        numbers = few(result for a, b in pairs if (result := compute(a, b)) is not None)
        duration = left.duration or right.duration
        if node.text == "/" and left.duration and right.duration:
            duration = self._is_count(node.parts[1], file, block, frame, depth)
        return Value(
            numbers, duration, None, left.reason or right.reason, (*left.origins, *right.origins), left.key or right.key
        )

    def _is_count(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> bool:
        """True for a plain number that is only written as a duration, as in `time.Second / time.Duration(rate)`."""
        return (
            node.kind == "call"
            and len(node.parts) == 2
            and not self.of(node.parts[1], file, block, frame, depth).duration
        )

    def _unary(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        value = self.of(node.parts[0], file, block, frame, depth)
        if node.text == "-" and value.numbers:
            return value._replace(numbers=tuple(-number for number in value.numbers))
        return value if node.text in ("+", "*") else Value(reason=f"`{short(node, file)}` is not a constant")

    def _convert(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        return self.of(node.parts[0], file, block, frame, depth)


def _whole(value: Value) -> Value:
    """A number as a count of nanoseconds: what a duration is made from loses its fraction."""
    return value._replace(numbers=tuple(float(int(number)) for number in value.numbers), duration=True)


_ARITHMETIC: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "%": lambda a, b: a % b if b else None,
    "<<": lambda a, b: float(int(a) << int(b)) if 0 <= b < 64 else None,
    ">>": lambda a, b: float(int(a) >> int(b)) if 0 <= b < 64 else None,
}
