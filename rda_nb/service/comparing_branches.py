"""Branches that compare: whether they refuse, and where a count that they compare is taken and given back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import Block, FileFacts
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_REFUSES = re.compile(r"(?i)\breturn\b[^\n]*\berr|errors?\.\w|fmt\.Errorf|panic\(|fatal")
_COMPARED = re.compile(r"\b([A-Za-z_]\w*)\s*(?:>=|>|==)")


def refuses(file: FileFacts, block: Block) -> bool:
    """True for a branch that ends in an error: what it refuses is no bound that somebody left out."""
    return _REFUSES.search(file.text, block.header[1], block.end) is not None


def counting(service: Service, file: FileFacts, block: Block, function: Function | None) -> tuple[Evidence, ...]:
    """Where a count that a branch compares is taken and given back: other calls of what the compared local came from."""
    if function is None:
        return ()
    found: list[Evidence] = []
    header = file.text[slice(*block.header)]
    for match in _COMPARED.finditer(header):
        local = service.names.local(match[1], file, block.header[0] + match.start())
        if local is None or local[1] >= len(local[0].values):
            continue
        callee, call, _ = file.text[slice(*local[0].values[local[1]])].partition("(")
        calls = file.callees.get(callee.strip(), ()) if call and "." in callee else ()
        for index in calls:
            at = file.rows.calls[index].start
            if function.root.row.start <= at < function.root.row.end and file.line(at) != file.line(block.start):
                found.append(service.cite_at(file, at, role="caller"))
    return tuple(found)
