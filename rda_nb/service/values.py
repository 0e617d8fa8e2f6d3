"""Values through members, calls, operators and fields, with configuration keys and what overrides them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from rda_nb.core import Origin
from rda_nb.facts.vocabulary import Expression, FileFacts, Return
from rda_nb.service.calls import Call, Calls
from rda_nb.service.evaluation import DEEPEST, Evaluation, Override, short
from rda_nb.service.memo import Memo
from rda_nb.service.program import Function
from rda_nb.service.value import (
    MOST,
    NO_DEFAULT,
    Frame,
    Value,
    duration_text,
    few,
    from_text,
    join,
    number_text,
    renamed,
)
from rda_nb.service.writes import Write

__all__ = ["Frame", "Value", "Values", "Write"]


class Values(Evaluation):
    """Evaluates any expression of one program."""

    def __init__(self, calls: Calls, overrides: Callable[[str], Iterable[Override]] | None = None) -> None:
        super().__init__(calls, overrides)
        self._fields: Memo[tuple[str, str], Value] = Memo(Value(reason="a field is set from itself"))

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
        if not self._writes.wraps(self.names.canonical(node.text, file)):
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
        if found.entry is not None and found.entry.role == "flag.define" and found.entry.count is not None:
            value = self.of(self.calls.argument(call, found.entry.count), file, block, frame, depth)
            name = self.text_of(self.calls.argument(call, found.entry.message), file, block, frame) or ""
            return self._configured(value, name, "default")
        return Value(reason=f"{found.package}.{found.name} is outside the target")

    def _environment(
        self, call: Call, index: int | None, default: Value | None, frame: Frame | None, depth: int
    ) -> Value:
        key = self.text_of(self.calls.argument(call, 0 if index is None else index), call.file, call.block, frame) or ""
        value = default or self._key_default(key, call, 0 if index is None else index)
        return self._configured(value, key, "default")

    def _key_default(self, key: str, call: Call, index: int) -> Value:
        """The default that is set for a key; of a key that cannot be read, the one set for the same expression beside it."""
        asked = self.calls.argument(call, index)
        for operation in self.calls.role("config.default"):
            if not key and asked is not None and operation.function is call.function:
                named = self.calls.argument(operation, operation.entry.message or 0)
                if named is not None and "".join(short(named, call.file).split()) == "".join(
                    short(asked, call.file).split()
                ):
                    return self.of(
                        self.calls.argument(operation, operation.entry.count or 1), operation.file, operation.block
                    )
            own = self.text_of(
                self.calls.argument(operation, operation.entry.message or 0), operation.file, operation.block
            )
            if own is not None and own.lower() == key.lower():
                return self.of(
                    self.calls.argument(operation, operation.entry.count or 1), operation.file, operation.block
                )
        return Value(reason=f"set by {key or 'the environment'}, {NO_DEFAULT}")

    def _configured(self, value: Value, key: str, kind: str) -> Value:
        """A default with its config key; a value set for the key in a file of the target overrides it."""
        origins = tuple(Origin(kind, origin.text, origin.evidence, origin.source) for origin in value.origins)
        found = value._replace(key=key, origins=origins)
        settings = list(self.overrides(key)) if key else []
        if not settings:
            return found
        origins = (*origins, *(origin for _, origin, _ in settings))
        read = [(from_text(text, found.duration, self.conventions), level) for text, _, level in settings]
        strongest = max((level for option, level in read if option.numbers), default=None)
        if strongest is None:
            return found._replace(text=settings[-1][0] if found.text is not None else None, origins=origins)
        chosen = [option for option, level in read if level == strongest]
        duration = found.duration or any(option.duration for option in chosen)
        numbers = few(number for option in chosen for number in option.numbers)
        return found._replace(numbers=numbers, duration=duration, reason="", origins=origins)

    def _returned(self, call: Call, target: Function, frame: Frame | None, depth: int) -> Value:
        """What a function of the target returns, its parameters standing for the arguments of this call."""
        key = ("returns", target.key)
        if key in self._asking or depth > DEEPEST:
            return Value(reason=f"{target.label} calls itself")
        inner = Frame(target, call, frame)
        returns = [
            row
            for row in target.file.rows.returns
            if row.values and self._directly_in(target, row.block) and not self._gives_up(target, row)
        ]
        reads = [
            own
            for own in self.calls.calls_of.get(target.key, ())
            if own.resolution.entry and own.resolution.entry.role == "env.get"
        ]
        self._asking.add(key)
        try:
            found = [self.of_span(target.file, row.values[0], row.block, inner, depth) for row in returns[: 2 * MOST]]
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
    def _gives_up(target: Function, row: Return) -> bool:
        """True for `return 0, err`: the value that goes with an error is not one that a caller uses."""
        if len(row.values) < 2 or not target.results or target.results[-1][1] != "error":
            return False
        return target.file.text[slice(*row.values[-1])] != "nil"

    def _directly_in(self, function: Function, block: int) -> bool:
        return block >= 0 and function.file.rows.blocks[block].function == function.row.block

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

    # Fields of structs

    def field(self, owner: str, name: str) -> Value:
        """The values written to a field of a type of the target: defaults, tags, flags, literals and assignments."""
        if owner not in self.program.types:
            return Value(reason=f"{owner}.{name} is outside the target")
        return self._fields.get((owner, name), lambda: self._field(owner, name))

    def _field(self, owner: str, name: str) -> Value:
        # A field's values are its own: what is being asked for around it must not cut them short.
        around, self._asking = self._asking, set()
        try:
            return self._of_writes(owner, name)
        finally:
            self._asking = around

    def _of_writes(self, owner: str, name: str) -> Value:
        declared = self.program.types[owner]
        if name not in declared.field_rows:
            for embedded in declared.embedded:
                inner = self.names.canonical(embedded, declared.file)
                if inner in self.program.types and self.names.member(inner, name):
                    return self.field(inner, name)
        writes = [write for holder, write in self.writes(name) if self._same_owner(holder, owner)]
        values = [(write, self._written(write, 0)) for write in writes[: 3 * MOST]]
        guarded = [value for write, value in values if write.guarded]
        plain = [value for write, value in values if not write.guarded]
        tag = self._tagged(declared, name)
        if tag is not None:
            plain.insert(0, tag)
        useful = [value for value in plain if value.numbers or value.text is not None]
        if guarded:
            positive = [value for value in useful if any(value.numbers) or value.text]
            defaults = [value._replace(origins=renamed(value.origins, "default")) for value in guarded]
            keyed = next((value.key for value in plain if value.key), "")
            found = join([*defaults, *positive])
            return found._replace(key=found.key or keyed)
        if useful:
            return join(plain)
        return plain[0] if plain else Value(reason=f"{declared.name}.{name} is set by nothing in the target")

    def _same_owner(self, holder: str, owner: str) -> bool:
        return holder == owner

    def _written(self, write: Write, depth: int) -> Value:
        if write.kind == "flag":
            index = write.file.call_at.get(write.span)
            operation = self.calls.operation(write.file, index) if index is not None else None
            if operation is None:
                return Value(reason="a flag that is not in the facts")
            node = self.calls.argument(operation, operation.entry.count)
            value = self.of(node, write.file, write.block, None, depth + 1)
            name = self.text_of(self.calls.argument(operation, operation.entry.message), write.file, write.block) or ""
            return self._configured(value, name, "default")
        return self.of_span(write.file, write.span, write.block, None, depth + 1)

    def _tagged(self, declared: Any, name: str) -> Value | None:
        row = declared.field_rows.get(name)
        if row is None or row.tag == (0, 0):
            return None
        file = declared.file
        tags = self.conventions.tags(file.text[slice(*row.tag)])
        key = next((tags[word].split(",")[0] for word in self.conventions.ENVIRONMENT_TAGS if tags.get(word)), "")
        default = next((tags[word] for word in self.conventions.DEFAULT_TAGS if word in tags), None)
        if default is None and not key:
            return None
        duration = self.names.canonical(declared.fields[name], file) == self.conventions.DURATION_TYPE
        origin = Origin("default", f"{name} {file.text[slice(*row.tag)]}"[:120], self.calls.cite_at(file, row.start))
        if default is None:
            return self._configured(Value(reason=f"set by {key}, {NO_DEFAULT}", duration=duration), key, "default")
        return self._configured(
            from_text(default, duration, self.conventions)._replace(origins=(origin,)), key, "default"
        )


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
