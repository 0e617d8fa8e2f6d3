"""The keys that struct tags give fields: by which a configuration file or the environment sets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.service.loaded_fields import CONFIGURATION
from rda_nb.service.program import TypeDeclaration

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_DEEPEST = 4  # structs embedded in each other


def config_key(service: Service, declared: TypeDeclaration, name: str) -> str:
    """The key that sets a field from a configuration file or the environment, '' when none does."""
    row = declared.field_rows.get(name)
    if row is None or row.tag == (0, 0):
        return ""
    tags = service.calls.conventions.tags(declared.file.text[slice(*row.tag)])
    named = [
        word
        for word in service.calls.conventions.ENVIRONMENT_TAGS
        if tags.get(word, "-").split(",")[0] not in ("", "-")
    ]
    if not named or (named == ["json"] and not CONFIGURATION.search(declared.name)):
        return ""
    return str(tags[named[0]].split(",")[0])


def symbol_key(service: Service, symbol: str) -> str:
    """The key by which a configuration file or the environment can set the field of a symbol (`type.field`), '' for none."""
    owner, _, name = symbol.rpartition(".")
    declared = service.program.types.get(owner)
    for _ in range(_DEEPEST):
        if declared is None or name in declared.field_rows:
            break
        # A field of an embedded struct is written to by way of the struct that embeds it.
        inner = [service.names.canonical(kind, declared.file).lstrip("*") for kind in declared.embedded]
        held = (service.program.types.get(one) for one in inner if service.names.member(one, name))
        declared = next((one for one in held if one is not None), None)
    return config_key(service, declared, name) if declared is not None else ""
