"""What a setting that is not set is replaced by: the `else` of the branch that asks for it, or a value given before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import Binding, Block, FileFacts

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_GIVES = ("define", "assign", "variable")


def otherwise_set(service: Service, file: FileFacts, block: Block, written: str) -> bool:
    """True when what a branch gives the setting to has a value all the same where the setting is zero: a default.

    `if c.Most > 0 { most = c.Most } else { most = 8 }`, and the same with `most` set to something before the branch.
    """
    other = service.calls.conventions.alternative(file.text, block.start, block.header[1], block.end)
    start = file.rows.blocks[block.function].start
    read = re.compile(rf"(?<![\w.]){re.escape(written)}(?![\w.])")
    given = [row for row in file.assignments if row.operator == "=" and block.header[1] <= row.start < block.end]
    taken = [row for row in given if row.start < other and any(read.search(file.text, *span) for span in row.values)]
    for row in taken:
        for name in row.names:
            if any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", file.text[slice(*span)]) for span in row.values):
                continue  # added to what is there already: a further option, not another value
            if "." in name and _field_set(service, file, row, name):
                return True
            before = [one for one in file.rows.bindings if start <= one.start < block.start and name in one.names]
            instead = [one for one in given if one.start >= other and name in one.names]
            last = next((one for one in reversed(before) if one.form in _GIVES), None)
            if any(_something(service, file, one, name) for one in (*instead, *([last] if last else ()))):
                return True
    return False


def _field_set(service: Service, file: FileFacts, row: Binding, name: str) -> bool:
    """True for a field that holds something without the branch: `if flag > 0 { c.Most = flag }`, where `Most` has a default."""
    base, _, member = name.rpartition(".")
    at = row.start + max(0, file.text[row.start : row.end].find(name))
    owner = service.names.type_of_span(file, (at, at + len(base)), row.block)
    numbers = service.values.field(owner, member).numbers if owner in service.program.types else ()
    return bool(numbers) and max(numbers) > 0


def _something(service: Service, file: FileFacts, row: Binding, name: str) -> bool:
    """True for a binding that gives a name more than the zero value of its type."""
    if not row.values:
        return False
    position = row.names.index(name)
    span = row.values[position] if position < len(row.values) else row.values[0]
    numbers = service.values.of_span(file, span, row.block).numbers
    return not numbers or max(numbers) > 0


__all__ = ["otherwise_set"]
