"""Values that are configured: keys with their defaults and what overrides them, and the fields of structs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from rda_nb.core import Origin
from rda_nb.facts.vocabulary import Expression
from rda_nb.service.calls import Call, Calls
from rda_nb.service.default_tables import DefaultTables
from rda_nb.service.evaluation import Evaluation, Override, short
from rda_nb.service.flags import Flag
from rda_nb.service.loaded_keys import LoadedKeys
from rda_nb.service.memo import Memo
from rda_nb.service.value import (
    MOST,
    NO_DEFAULT,
    OPEN,
    SET_BY_NOTHING,
    Frame,
    Value,
    duration_text,
    few,
    from_text,
    join,
    renamed,
)
from rda_nb.service.writes import Write, Writes

_MOST = 12  # keys of one struct that several fields are of


class ConfiguredValues(Evaluation):
    """Evaluates what a configuration key or a field of a struct holds."""

    def __init__(
        self,
        calls: Calls,
        overrides: Callable[[str], Iterable[Override]] | None = None,
        writes: Writes | None = None,
    ) -> None:
        super().__init__(calls, overrides, writes)
        self._tables = DefaultTables(calls, lambda file, span, block: self.of_span(file, span, block).text)
        self._loaded = LoadedKeys(
            calls, lambda operation, at: self.text_of(calls.argument(operation, at), operation.file, operation.block)
        )
        self._fields: Memo[tuple[str, str], Value] = Memo(Value(reason="a field is set from itself"))

    # Keys

    def _environment(
        self, call: Call, index: int | None, default: Value | None, frame: Frame | None, depth: int
    ) -> Value:
        key = self.text_of(self.calls.argument(call, 0 if index is None else index), call.file, call.block, frame) or ""
        flag = self._of_flags_named(key, depth) if default is None else None
        if flag is not None:
            return flag
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
        for operation in self._loaded.defaults(key)[:1]:
            return self.of(self.calls.argument(operation, operation.entry.count or 1), operation.file, operation.block)
        method = call.callee.rpartition(".")[2]
        return self._tabled(key, method) or Value(reason=f"set by {key or 'the environment'}, {NO_DEFAULT}")

    def _tabled(self, key: str, method: str) -> Value | None:
        """The default that a table of the target gives a key: the row, and where its value stands."""
        row = self._tables.row(key)
        if row is None:
            return None
        value = self.of_span(row.file, row.value, row.block)
        if self.conventions.DURATION_TYPE.rpartition(".")[2] in method and value.text is not None:
            value = duration_text(value, self.conventions)
        if not value.numbers and value.text is None:
            return None
        evidence = self.calls.cite_at(row.file, row.start)
        step = Origin("default", row.file.slice((row.start, row.value[1]))[:120], evidence)
        return self._configured(value._replace(origins=(step, *value.origins)), key, "default")

    def _configured(self, value: Value, key: str, kind: str, others: Iterable[str] = ()) -> Value:
        """A default with its config key; a value set for the key, or for other names of it, in a file of the target
        overrides it."""
        origins = tuple(Origin(kind, origin.text, origin.evidence, origin.source) for origin in value.origins)
        found = value._replace(key=key, origins=origins)
        settings = [setting for name in (key, *others) if name for setting in self.overrides(name)]
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

    # Flags

    def _of_flag(self, flag: Flag, frame: Frame | None, depth: int) -> Value:
        """The default of a flag with its name, and what files set for it or for its variables of the environment."""
        name = self.text_of(flag.name, flag.file, flag.block, frame) or ""
        default = self.flag_default(flag)
        if default is None:
            value = Value(reason=f"set by {name}, {NO_DEFAULT}", duration=flag.timed)
        else:
            value = self.of(default, flag.file, flag.block, frame, depth)
        if value.text is not None and flag.timed:
            value = duration_text(value, self.conventions)
        variables = tuple(self.text_of(node, flag.file, flag.block) or "" for node in flag.variables)
        return self._configured(value, name, "default", variables)

    def flag_default(self, flag: Flag) -> Expression | None:
        """What a flag's default is written as; of `format(DefaultInterval)`, whose text is not followed, the constant."""
        node = flag.default
        if node is None or node.kind != "call" or len(node.parts) != 2:
            return node
        value = self.of(node, flag.file, flag.block)
        followed = (value.numbers or value.text is not None) and not value.reason.startswith(OPEN)
        return node if followed or not self.of(node.parts[1], flag.file, flag.block).numbers else node.parts[1]

    def names_flag(self, key: str) -> bool:
        """True for the name of a flag of the target."""
        return key in self._flags_named

    def _of_flags_named(self, key: str, depth: int) -> Value | None:
        """What the flags of a name default to, which several commands may each have; None where no default is known."""
        found = [self._of_flag(flag, None, depth + 1) for flag in self._flags_named.get(key, ())[: 2 * MOST]]
        known = any(value.numbers or value.text is not None for value in found)
        return join(found)._replace(key=key) if known else None

    @cached_property
    def _flags_named(self) -> dict[str, list[Flag]]:
        found: dict[str, list[Flag]] = {}
        for flag in self._writes.flags.all:
            name = self.text_of(flag.name, flag.file, flag.block)
            if name and flag.file.role == "product":
                found.setdefault(name, []).append(flag)
        return found

    # Fields of structs

    def _unused(self, write: Write) -> bool:
        """True for what stands in a function that a generator offers and nobody calls."""
        function = self.program.enclosing(write.file, write.block) if write.file.role == "generated" else None
        return function is not None and not self.calls.callers.get(function.root.key)

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
                    return self._promoted(owner, name, self.field(inner, name))
        writes = [
            write for holder, write in self.writes(name) if self._same_owner(holder, owner) and not self._unused(write)
        ]
        # What examples and tools write says nothing of the service, where the service writes it too.
        served = [write for write in writes if write.file.role == "product"]
        values = [(write, self._written(write, 0)) for write in (served or writes)[: 3 * MOST]]
        guarded = [value for write, value in values if write.guarded]
        plain = [value for write, value in values if not write.guarded]
        tag = self._tagged(declared, name)
        loaded = self._keyed(declared, name) if tag is None or tag.reason else None
        if loaded is not None:
            # A variable of the environment is what somebody who runs the service sets.
            tag = loaded._replace(key=tag.key) if tag is not None and tag.key.isupper() else loaded
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
        return plain[0] if plain else Value(reason=f"{declared.name}.{name} {SET_BY_NOTHING}")

    def _promoted(self, owner: str, name: str, inner: Value) -> Value:
        """A field of an embedded struct, with what is written to it by way of the struct that embeds it."""
        writes = [
            write for holder, write in self.writes(name) if self._same_owner(holder, owner) and not self._unused(write)
        ]
        own = [self._written(write, 0) for write in writes[: 3 * MOST]]
        return join([inner, *own]) if any(value.numbers or value.text is not None for value in own) else inner

    def _keyed(self, declared: Any, name: str) -> Value | None:
        """The default that is set for the key by which a library loads a field with its whole struct."""
        timed = self.names.canonical(declared.fields.get(name, ""), declared.file) == self.conventions.DURATION_TYPE
        for key in self._loaded.of(declared.key, name):
            for operation in self._loaded.defaults(key)[:1]:
                node = self.calls.argument(operation, operation.entry.count or 1)
                value = self.of(node, operation.file, operation.block)
                if timed:
                    value = duration_text(value, self.conventions) if value.text else value._replace(duration=True)
                return self._configured(value, key, "default")
            row = self._tabled(key, "")
            if row is not None:
                return row
        return None

    def _same_owner(self, holder: str, owner: str) -> bool:
        return holder == owner

    def _written(self, write: Write, depth: int) -> Value:
        if write.kind == "flag":
            flag = self._writes.flags.at(write.file, write.span)
            return self._of_flag(flag, None, depth + 1) if flag else Value(reason="a flag that is not in the facts")
        found = self.of_span(write.file, write.span, write.block, None, depth + 1)
        if write.kind != "assign" or not found.key or not found.numbers:
            return found
        # `if n >= 0 { c.size = n }`: what the question keeps out is no value of the field.
        node = self.conventions.expression(write.file.text[slice(*write.span)], write.span[0])
        kept = self.asked(found, node, write.file, write.block)
        return kept if kept.numbers else kept._replace(reason=f"set by {kept.key}, {NO_DEFAULT}", text=None)

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
        below = self._below(declared, tags) if not list(self.overrides(key)) else ()
        origin = Origin("default", f"{name} {file.text[slice(*row.tag)]}"[:120], self.calls.cite_at(file, row.start))
        if default is None:
            return self._configured(
                Value(reason=f"set by {key}, {NO_DEFAULT}", duration=duration), key, "default", below
            )
        return self._configured(
            from_text(default, duration, self.conventions)._replace(origins=(origin,)), key, "default", below
        )

    def _below(self, declared: Any, tags: dict[str, str]) -> tuple[str, ...]:
        """The keys of a field below those of the fields that are of its struct: `timeouts.connect`."""
        words = [word for word in self.conventions.FILE_TAGS if tags.get(word)]
        outer = self._outer.get(declared.key, {}) if words else {}
        return tuple(f"{above}.{tags[word].split(',')[0]}" for word in words for above in outer.get(word, ())[:_MOST])

    @cached_property
    def _outer(self) -> dict[str, dict[str, list[str]]]:
        """Struct -> by the word of a tag, the keys of the fields of the target that are of it."""
        found: dict[str, dict[str, list[str]]] = {}
        for owner in self.program.types.values():
            for name, row in owner.field_rows.items() if owner.file.role == "product" else ():
                if row.tag == (0, 0):
                    continue
                kind = self.names.canonical(owner.fields[name], owner.file).lstrip("*")
                if kind in self.program.types:
                    tags = self.conventions.tags(owner.file.text[slice(*row.tag)])
                    for word in self.conventions.FILE_TAGS:
                        above = tags.get(word, "").split(",")[0]
                        if above and above not in found.setdefault(kind, {}).setdefault(word, []):
                            found[kind][word].append(above)
        for owner in self.program.types.values() if found else ():
            for kind in owner.embedded if owner.key in found else ():
                inner = self.names.canonical(kind, owner.file).lstrip("*")
                # The fields of a struct that is squashed into another stand below the keys of that one.
                for word in self.conventions.FILE_TAGS if inner in self.program.types else ():
                    if self._loaded.squashes(owner, kind, word):
                        own = found.setdefault(inner, {}).setdefault(word, [])
                        own.extend(above for above in found[owner.key].get(word, ()) if above not in own)
        return found
