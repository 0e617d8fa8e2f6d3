"""Limits that a configuration file of the target gives fields which have no default in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rda_nb.core import Origin, Quantity, State
from rda_nb.service.knob import TABLE, Knob
from rda_nb.service.limit_units import size_of, unit_of, unit_word
from rda_nb.service.limit_words import kind_of, speaks, vocabulary, words
from rda_nb.service.program import TypeDeclaration
from rda_nb.service.tagged_keys import config_key

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_NUMBER = re.compile(r"\d[\d_]*(?:\.\d+)?(?:ns|us|ms|s|m|h)?")


class FileKnobs:
    """Finds the entries of a service's configuration files that set a limit, and the fields which they set."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.values, self.program = service.values, service.program
        self.conventions = service.calls.conventions

    def besides(self, known: set[str]) -> Iterator[Knob]:
        """The limits that files set, without those of the symbols whose limit is known from code."""
        entries: dict[str, list[Any]] = {}
        for entry in self.service.documents.entries if self.service.documents else ():
            key = next((str(key) for key in reversed(entry.keys) if not str(key).isdigit()), "")
            if speaks(key) and len(words(key)) > 1 and _NUMBER.fullmatch(entry.value):
                entries.setdefault(key, []).append(entry)
        for owner in self.program.types.values() if entries else ():
            for name, row in owner.field_rows.items() if owner.file.role == "product" else ():
                symbol = f"{owner.key}.{name}"
                key = config_key(self.service, owner, name) if symbol not in known and speaks(name) else ""
                if key in entries and row.start and self.values.field(owner.key, name).text is None:
                    yield from self._set_by_file(owner, name, row.start, key, entries.pop(key))

    def _set_by_file(self, owner: TypeDeclaration, name: str, start: int, key: str, found: list[Any]) -> Iterator[Knob]:
        texts = [entry.value.replace("_", "") for entry in found]
        timed = any(text[-1].isalpha() for text in texts)
        factor = unit_of(key) if not timed else None
        scale = factor or size_of(key)
        # Beside `15s` a plain 15 counts in a unit that nothing here tells.
        plain = [text for text in texts if text[-1].isalpha() == timed or text == "0"]
        read = [self.conventions.duration_text(text) if timed else float(text) for text in plain]
        numbers = sorted({number / 1e9 if timed else number * scale for number in read if number is not None})
        kind = kind_of(key, timed or factor is not None or bool(set(words(key)) & set(vocabulary()["times"])))
        if not numbers or not kind:
            return
        places = tuple(self.service.target.cite(entry.path, entry.line, entry.line) for entry in found[:TABLE])
        state = State.KNOWN if len(numbers) == 1 else State.RANGE
        low, high = (None, None) if state is State.KNOWN else (numbers[0], numbers[-1])
        unit = "s" if timed or factor else unit_word(name)
        origins = tuple(
            Origin("override", f"{key}: {entry.value}", place) for entry, place in zip(found, places, strict=False)
        )
        value = Quantity(state, unit, numbers[0] if low is None else None, low, high, "", origins, key)
        more = (self.service.cite_at(owner.file, start), *places[1:])
        yield Knob(
            "file", kind, name, value, owner.file, start, (0, 0), None, f"{owner.key}.{name}", True, places[0], more
        )
