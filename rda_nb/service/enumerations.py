"""Types whose values are named one by one: what is kept by them cannot become many."""

from __future__ import annotations

from functools import cache

from rda_nb.service.knowledge_files import read
from rda_nb.service.names import Names
from rda_nb.service.types import split_type


@cache
def _outside() -> frozenset[str]:
    return frozenset(read("labels.yaml")["enumerated_types"])


def enumerated(names: Names, kind: str) -> bool:
    """True for a type of the target that constants are declared with, and for a known one of a library."""
    path, name = split_type(kind)
    scope = names.program.scopes.get(path)
    if scope is None:
        return kind in _outside()
    for file, index, _ in scope.values.values() if name in scope.types else ():
        row = file.rows.bindings[index]
        if row.form == "constant" and file.text[slice(*row.type)] == name:
            return True
    return False
