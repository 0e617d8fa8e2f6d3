"""Types whose values are named one by one: what is kept by them cannot become many."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from rda_nb.service.names import Names
from rda_nb.service.types import split_type


@cache
def _outside() -> frozenset[str]:
    text = (resources.files("rda_nb") / "knowledge" / "labels.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text)["enumerated_types"])


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
