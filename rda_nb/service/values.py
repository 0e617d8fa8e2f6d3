"""Follow an expression to the numbers and texts that can reach it, with the places they were read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from rda_nb.core import Origin, Quantity, State
from rda_nb.facts.vocabulary import BRANCH, Binding, Expression, FileFacts, Return
from rda_nb.service.calls import Call, Calls
from rda_nb.service.program import Function, Span

_DEEPEST = 14
_MOST = 6
_NANOSECONDS = 1e9


class Value(NamedTuple):
    """What can reach an expression: numbers (a duration in ns when `duration`), a text, or nothing and the reason why."""

    numbers: tuple[float, ...] = ()
    duration: bool = False
    text: str | None = None
    reason: str = ""
    origins: tuple[Origin, ...] = ()
    key: str = ""
    absent: bool = False


class Frame(NamedTuple):
    """A call being looked into: the parameters of `function` stand for the arguments of `call`."""

    function: Function
    call: Call
    outer: Frame | None


class Write(NamedTuple):
    """A place that gives a field its value; `guarded` when it fills in a default (`if x == 0 { x = … }`)."""

    file: FileFacts
    span: Span
    block: int
    guarded: bool
    kind: str


class Values:
    """Evaluates expressions of one program. `overrides(key)` gives values set in files of the target for a config key."""

    def __init__(self, calls: Calls, overrides: Callable[[str], Iterable[tuple[str, Origin]]] | None = None) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program
        self.conventions = calls.conventions
        self.overrides = overrides or (lambda key: ())
        self._writes: dict[str, list[tuple[str, Write]]] | None = None
        self._asking: set[Any] = set()
        self._fields: dict[tuple[str, str], Value] = {}

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
        if node is None or depth > _DEEPEST:
            return Value(reason="too deep to follow")
        method = getattr(self, f"_{node.kind}", None)
        return (
            method(node, file, block, frame, depth + 1)
            if method
            else Value(reason=f"`{_short(node, file)}` is not a constant")
        )

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
        return Origin(kind, _short(node, file), self.calls.cite_at(file, node.start))

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
            return self._local(node, file, *found, frame, depth)
        if parameter is not None:
            return self._parameter(parameter[0], parameter[1], node.text, frame, depth)
        scope = self.program.scope(file)
        if node.text in scope.values:
            return self._package_value(*scope.values[node.text], depth)
        return Value(reason=f"`{node.text}` is not followed")

    def _local(
        self, node: Expression, file: FileFacts, row: Binding, position: int, frame: Frame | None, depth: int
    ) -> Value:
        """A local's defining value, joined with plain assignments that stand between the definition and the use."""
        key = (file.path, row.start, position)
        if key in self._asking:
            return Value(reason=f"`{node.text}` changes in a loop")
        self._asking.add(key)
        try:
            first = self._bound(file, row, position, frame, depth)
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
        return _join([first, *(value for _, value in later)]) if later else first

    def _bound(self, file: FileFacts, row: Binding, position: int, frame: Frame | None, depth: int) -> Value:
        if row.form in ("range", "receive") or not row.values:
            return Value(reason=f"`{row.names[position]}` is given by a {row.form}")
        if len(row.values) == len(row.names):
            return self.of_span(file, row.values[position], row.block, frame, depth)
        if position == 0:
            return self.of_span(file, row.values[0], row.block, frame, depth)
        return Value(reason=f"`{row.names[position]}` is one of several results")

    def _parameter(self, function: Function, index: int, name: str, frame: Frame | None, depth: int) -> Value:
        if index < 0:
            return Value(reason=f"`{name}` is the receiver or a result")
        at = frame
        while at is not None and at.function is not function:
            at = at.outer
        if at is not None:
            node = self.calls.argument(at.call, index)
            return self.of(node, at.call.file, at.call.block, at.outer, depth)
        key = ("parameter", function.key, index)
        if key in self._asking:
            return Value(reason=f"`{name}` is passed on in a cycle")
        callers = [call for call in self.calls.callers.get(function.key, ()) if call.resolution.kind == "resolved"]
        if not callers or len(callers) > 3 * _MOST:
            who = "many callers" if callers else "nobody"
            return Value(reason=f"`{name}` is a parameter of {function.label} that {who} in the target sets")
        self._asking.add(key)
        try:
            found = [self.of(self.calls.argument(call, index), call.file, call.block, None, depth) for call in callers]
        finally:
            self._asking.discard(key)
        return _join(found)

    def _package_value(self, file: FileFacts, index: int, position: int, depth: int) -> Value:
        row = file.rows.bindings[index]
        if not row.values:
            flags = self._flag_for(file, row.names[position])
            return flags or Value(reason=f"`{row.names[position]}` has no initial value")
        value = self._bound(file, row, position, None, depth)
        kind = self.calls.cite_at(file, row.start)
        step = Origin("constant" if row.form == "constant" else "default", file.slice((row.start, row.end))[:120], kind)
        return value._replace(origins=_chain(value.origins, step)) if value.numbers or value.text is not None else value

    def _flag_for(self, file: FileFacts, name: str) -> Value | None:
        for write in self._field_writes().get(name, ()):
            if write[0] == f"{self.program.package_of[file.path]}#{name}":
                return self._written(write[1], 0)
        return None

    # Members, calls, operators

    def _select(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        base = node.parts[0]
        if base.kind == "name":
            path = self.names.package_named(base.text, file, block, node.start)
            if path is not None:
                return self._of_package(path, node, file, depth)
        owner = self.names.type_of(base, file, block)
        if not owner:
            return Value(reason=f"the type of `{_short(base, file)}` is not known")
        return self.field(owner, node.text, depth)

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
        return Value(reason=f"`{_short(node, file)}` is set in {path}, outside the target")

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
        return Value(reason=f"`{_short(node, file)}` has several or unknown targets")

    def _converted(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        value = self.of(node.parts[1], file, block, frame, depth)
        kind = self.names.canonical(_short(node.parts[0], file), file)
        return value._replace(duration=True) if kind == self.conventions.DURATION_TYPE else value

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
            return self.of(arguments[0], file, block, frame, depth)._replace(duration=True)
        if found.package + "." + found.name == self.conventions.PARSE_DURATION and arguments:
            return _duration_text(self.of(arguments[0], file, block, frame, depth), self.conventions)
        if found.entry is not None and found.entry.role == "env.get":
            return self._environment(call, found.entry.message, None, frame, depth)
        method = found.name.rpartition(".")[2]
        if method in self.conventions.DURATION_UNITS and not arguments:
            base = self.conventions.expression(call.callee, call.row.start)
            inner = self.of(base.parts[0], file, block, frame, depth) if base.parts else Value()
            factor = self.conventions.DURATION_UNITS[method]
            return inner._replace(numbers=tuple(number / factor for number in inner.numbers), duration=False)
        if method in self.conventions.IDENTITIES and len(arguments) == 1:
            return self.of(arguments[0], file, block, frame, depth)
        if method in self.conventions.NUMBER_PARSERS and arguments:
            return _number_text(self.of(arguments[0], file, block, frame, depth))
        if found.entry is not None and found.entry.role == "flag.define" and found.entry.count is not None:
            value = self.of(self.calls.argument(call, found.entry.count), file, block, frame, depth)
            name = self.text_of(self.calls.argument(call, found.entry.message), file, block, frame) or ""
            return self._configured(value, name, "default")
        return Value(reason=f"{found.package}.{found.name} is outside the target")

    def _environment(
        self, call: Call, index: int | None, default: Value | None, frame: Frame | None, depth: int
    ) -> Value:
        key = self.text_of(self.calls.argument(call, 0 if index is None else index), call.file, call.block, frame) or ""
        value = default or self._key_default(key)
        return self._configured(value, key, "default")

    def _key_default(self, key: str) -> Value:
        for operation in self.calls.role("config.default"):
            own = self.text_of(
                self.calls.argument(operation, operation.entry.message or 0), operation.file, operation.block
            )
            if own is not None and own.lower() == key.lower():
                return self.of(
                    self.calls.argument(operation, operation.entry.count or 1), operation.file, operation.block
                )
        return Value(reason=f"set by {key or 'the environment'}, without a default in the code")

    def _configured(self, value: Value, key: str, kind: str) -> Value:
        """A default with its config key; a value set for the key in a file of the target overrides it."""
        origins = tuple(Origin(kind, origin.text, origin.evidence, origin.source) for origin in value.origins)
        found = value._replace(key=key, origins=origins)
        settings = [(text, origin) for text, origin in self.overrides(key)] if key else []
        if not settings:
            return found
        read = [(_from_text(text, found.duration, self.conventions), origin) for text, origin in settings]
        numbers = tuple(sorted({number for option, _ in read for number in option.numbers}))
        if not numbers:
            text = settings[0][0] if found.text is not None else found.text
            return found._replace(text=text, origins=(*origins, *(origin for _, origin in read)))
        duration = found.duration or any(option.duration for option, _ in read)
        return found._replace(
            numbers=numbers, duration=duration, reason="", origins=(*origins, *(origin for _, origin in read))
        )

    def _returned(self, call: Call, target: Function, frame: Frame | None, depth: int) -> Value:
        """What a function of the target returns, its parameters standing for the arguments of this call."""
        key = ("returns", target.key)
        if key in self._asking or depth > _DEEPEST:
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
            found = [self.of_span(target.file, row.values[0], row.block, inner, depth) for row in returns[: 2 * _MOST]]
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
        return _join(found) if found else Value(reason=f"{target.label} returns nothing that can be followed")

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
                reason=missing.reason or f"`{_short(node, file)}` is not a number",
                key=missing.key,
                duration=left.duration or right.duration,
            )
        pairs = itertools.islice(itertools.product(left.numbers, right.numbers), _MOST)
        numbers = tuple(sorted({result for a, b in pairs if (result := compute(a, b)) is not None}))
        duration = left.duration or right.duration
        if node.text == "/" and left.duration and right.duration:
            duration = False
        return Value(
            numbers, duration, None, left.reason or right.reason, (*left.origins, *right.origins), left.key or right.key
        )

    def _unary(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        value = self.of(node.parts[0], file, block, frame, depth)
        if node.text == "-" and value.numbers:
            return value._replace(numbers=tuple(-number for number in value.numbers))
        return value if node.text in ("+", "*") else Value(reason=f"`{_short(node, file)}` is not a constant")

    def _convert(self, node: Expression, file: FileFacts, block: int, frame: Frame | None, depth: int) -> Value:
        return self.of(node.parts[0], file, block, frame, depth)

    # Fields of structs

    def field(self, owner: str, name: str, depth: int = 0) -> Value:
        """The values written to a field of a type of the target: defaults, tags, flags, literals and assignments."""
        key = (owner, name)
        if key in self._fields:
            return self._fields[key]
        if key in self._asking or depth > _DEEPEST:
            return Value(reason=f"{name} is set from itself")
        declared = self.program.types.get(owner)
        if declared is None:
            return Value(reason=f"{owner}.{name} is outside the target")
        self._asking.add(key)
        try:
            found = self._field(owner, name, depth)
        finally:
            self._asking.discard(key)
        if depth < 4:
            self._fields[key] = found
        return found

    def _field(self, owner: str, name: str, depth: int) -> Value:
        declared = self.program.types[owner]
        if name not in declared.field_rows:
            for embedded in declared.embedded:
                inner = self.names.canonical(embedded, declared.file)
                if inner in self.program.types and self.names.member(inner, name):
                    return self.field(inner, name, depth)
        writes = [write for holder, write in self._field_writes().get(name, ()) if self._same_owner(holder, owner)]
        values = [(write, self._written(write, depth)) for write in writes[: 3 * _MOST]]
        guarded = [value for write, value in values if write.guarded]
        plain = [value for write, value in values if not write.guarded]
        tag = self._tagged(declared, name)
        if tag is not None:
            plain.insert(0, tag)
        useful = [value for value in plain if value.numbers or value.text is not None]
        if guarded:
            positive = [value for value in useful if any(value.numbers) or value.text]
            defaults = [value._replace(origins=_as(value.origins, "default")) for value in guarded]
            keyed = next((value.key for value in plain if value.key), "")
            found = _join([*defaults, *positive])
            return found._replace(key=found.key or keyed)
        if useful:
            return _join(plain)
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
            return self._configured(
                Value(reason=f"set by {key}, without a default in the code", duration=duration), key, "default"
            )
        return self._configured(
            _from_text(default, duration, self.conventions)._replace(origins=(origin,)), key, "default"
        )

    def _field_writes(self) -> dict[str, list[tuple[str, Write]]]:
        """Field name -> (type, write) of every literal entry, assignment and flag of the target."""
        if self._writes is None:
            self._writes = {}
            for file in self.program.files:
                self._literal_writes(file)
                self._assigned_writes(file)
            self._flag_writes()
        return self._writes

    def writes(self, name: str) -> list[tuple[str, Write]]:
        """(type, place) of everything that gives a field of this name its value."""
        return self._field_writes().get(name, [])

    def _literal_writes(self, file: FileFacts) -> None:
        writes, text, literals = self._writes, file.text, file.rows.literals
        assert writes is not None
        for entry in file.rows.entries:
            if entry.literal < 0:
                continue
            literal = literals[entry.literal]
            owner = self.names.canonical(text[literal.start : literal.type_end], file)
            if owner in self.program.types:
                write = Write(file, entry.value, entry.block, False, "literal")
                writes.setdefault(text[slice(*entry.key)], []).append((owner, write))

    def _assigned_writes(self, file: FileFacts) -> None:
        writes = self._writes
        assert writes is not None
        for row in file.rows.bindings:
            if row.form != "assign" or row.operator != "=" or not row.values:
                continue
            # `x.f, err = call()` gives its first name the call's first result; later results are not followed.
            for name, span in zip(row.names, row.values, strict=False):
                base, dot, member = name.rpartition(".")
                if not dot or not member.isidentifier():
                    continue
                owner = self.names.type_of_span(file, (row.start, row.start + len(base)), row.block)
                if row.names[0] != name:
                    at = row.start + file.text[row.start : row.end].find(name)
                    owner = self.names.type_of_span(file, (at, at + len(base)), row.block)
                if owner in self.program.types:
                    write = Write(file, span, row.block, self._guards(file, row.block, name), "assign")
                    writes.setdefault(member, []).append((owner, write))

    def _flag_writes(self) -> None:
        writes = self._writes
        assert writes is not None
        for operation in self.calls.role("flag.define"):
            if operation.entry.count is None or operation.entry.message == 0:
                continue
            node = self.calls.argument(operation, 0)
            if node is None:
                continue
            write = Write(operation.file, (operation.row.start, operation.row.end), operation.block, False, "flag")
            if node.kind == "select":
                owner = self.names.type_of(node.parts[0], operation.file, operation.block)
                if owner in self.program.types:
                    writes.setdefault(node.text, []).append((owner, write))
            elif node.kind == "name":
                package = self.program.package_of[operation.path]
                writes.setdefault(node.text, []).append((f"{package}#{node.text}", write))

    def _guards(self, file: FileFacts, block: int, name: str) -> bool:
        """True when the assignment stands in a branch that asks whether the same name is unset."""
        for _, region in file.chain(block):
            if region.kind == BRANCH:
                condition = file.text[slice(*region.header)]
                if name in condition and any(sign in condition for sign in self.conventions.UNSET_SIGNS):
                    return True
            elif region.kind == 0:
                return False
        return False


def _short(node: Expression, file: FileFacts) -> str:
    return file.slice((node.start, node.end))[:120]


def _chain(origins: tuple[Origin, ...], step: Origin) -> tuple[Origin, ...]:
    """The declaration alone when it holds the literal; else the declaration before what it refers to."""
    own = [
        origin
        for origin in origins
        if origin.evidence is None or step.evidence is None or origin.evidence.line != step.evidence.line
    ]
    return (step, *own)


def _as(origins: tuple[Origin, ...], kind: str) -> tuple[Origin, ...]:
    return tuple(Origin(kind, origin.text, origin.evidence, origin.source) for origin in origins)


def _join(values: list[Value]) -> Value:
    """Several values that may reach one place: one when they agree, else a range of all that are known."""
    useful = [value for value in values if value.numbers or value.text is not None]
    if not useful:
        return values[0] if values else Value(reason="nothing reaches it")
    numbers = tuple(sorted({number for value in useful for number in value.numbers}))[:_MOST]
    texts = {value.text for value in useful if value.text is not None}
    origins: dict[Origin, None] = {}
    for value in useful:
        origins.update(dict.fromkeys(value.origins))
    open_ends = [value.reason for value in values if not value.numbers and value.text is None and value.reason]
    return Value(
        numbers,
        any(value.duration for value in useful),
        texts.pop() if len(texts) == 1 else None,
        f"another value may reach it: {open_ends[0]}" if open_ends else "",
        tuple(origins),
        next((value.key for value in values if value.key), ""),
    )


_ARITHMETIC: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "%": lambda a, b: a % b if b else None,
    "<<": lambda a, b: float(int(a) << int(b)) if 0 <= b < 64 else None,
    ">>": lambda a, b: float(int(a) >> int(b)) if 0 <= b < 64 else None,
}


def _from_text(text: str, duration: bool, conventions: Any) -> Value:
    """A value as configuration writes it: `5s`, `100`, `64MiB`, `true` or plain text."""
    nanoseconds = conventions.duration_text(text)
    if nanoseconds is not None and (duration or not text.strip().lstrip("-").isdigit()):
        return Value((nanoseconds,), True, text)
    return _number_text(Value(text=text))._replace(text=text)


def _number_text(value: Value) -> Value:
    if value.numbers or value.text is None:
        return value
    try:
        return value._replace(numbers=(float(value.text.replace("_", "")),))
    except ValueError:
        return value


def _duration_text(value: Value, conventions: Any) -> Value:
    nanoseconds = conventions.duration_text(value.text) if value.text is not None else None
    return (
        value._replace(numbers=(nanoseconds,), duration=True)
        if nanoseconds is not None
        else value._replace(duration=True)
    )
