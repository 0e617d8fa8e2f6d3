"""Structs that a library fills from a document by the names of their fields, without tags that name keys."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.facts.doc_overrides import fold

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service.model import Service
    from rda_nb.service.program import Span, TypeDeclaration

CONFIGURATION = re.compile(r"(?i)(?:config|configuration|options|opts|settings|params|parameters|properties|cfg)$")
# What is called options or parameters may be decoded from a message as well.
_OWN = re.compile(r"(?i)(?:config|configuration|settings|cfg)$")
_ROLES = ("config.unmarshal", "decode")
# `validate:"min=1"` names no key; `squash` and its like name none of their own.
_NAMES = re.compile(r'\b(?!validate|default|binding|description|doc|example|help)\w+:"[^",]')
_INTO, _BY_NAME = "decoded_into", "decoded_by_name"
# What a loader that serves every struct of configuration is handed.
_ANY = frozenset({"any", "interface{}"})
_DEEPEST = 6


class LoadedFields:
    """The fields of one service's structs that a document sets by their names."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.names, self.program = service.names, service.program

    def key(self, owner: str, name: str) -> str:
        """What a field is called in the documents that its struct is loaded from, '' where nothing seen loads it."""
        declared = self.program.types.get(owner)
        if declared is None or not name[:1].isupper() or name not in declared.field_rows:
            return ""
        typed, generic = self._loaded
        loaded = owner in typed or (generic and _OWN.search(declared.name) is not None)
        # Where tags name the keys of a struct, a field without one is worked out from the others.
        return name if loaded and not self.tagged(declared) else ""

    def tagged(self, declared: TypeDeclaration) -> bool:
        """True for a struct with tags that name keys, whatever library reads them."""
        rows = (row.tag for row in declared.field_rows.values() if row.tag != (0, 0))
        return any(_NAMES.search(declared.file.text, *tag) for tag in rows)

    def set_by_files(self, name: str) -> bool:
        """True when a configuration file of the target has a key of this name, in whatever spelling."""
        return fold(name) in self._keys

    @cached_property
    def _keys(self) -> frozenset[str]:
        documents = self.service.documents
        return frozenset(fold(str(entry.keys[-1])) for entry in (documents.entries if documents else ()) if entry.keys)

    @cached_property
    def _loaded(self) -> tuple[frozenset[str], bool]:
        """The structs of configuration that are decoded into, with those in them; whether some loader takes any struct."""
        found: set[str] = set()
        generic = False
        for file, span, block, decodes in self._targets():
            kind = self.names.type_of_span(file, span, block).lstrip("*&")
            declared = self.program.types.get(kind)
            if declared is not None and (_OWN if decodes else CONFIGURATION).search(declared.name):
                self._walk(declared, found, 0)
            generic = generic or kind in _ANY
        # A loader of any struct has a say on untagged fields where it matches their names in its own way.
        return frozenset(found), generic and bool(self.service.settings.meaning(_BY_NAME))

    def _targets(self) -> list[tuple[FileFacts, Span, int, bool]]:
        """Where something is decoded into, and whether that may be a message as well as configuration."""
        found: list[tuple[FileFacts, Span, int, bool]] = []
        for operation in self.service.operations(*_ROLES):
            given = self.service.calls.arguments(operation)
            node = self.service.argument(operation, operation.entry.count) if operation.entry.count else None
            node = node or (given[-1] if given else None)
            if node is not None:
                span = (node.start, node.end)
                found.append((operation.file, span, operation.block, operation.role == "decode"))
        for setting in self.service.settings.meaning(_INTO):
            if setting.file.role == "product":
                found.append((setting.file, setting.span, setting.block, False))
        return found

    def _walk(self, declared: TypeDeclaration, found: set[str], depth: int) -> None:
        """A struct and those of its fields, which a library fills in with it."""
        if declared.key in found or depth > _DEEPEST:
            return
        found.add(declared.key)
        for kind in (*declared.fields.values(), *declared.embedded):
            bare = re.sub(r"^(?:\[\w*\]|\*|map\[\w+\])+", "", kind)
            inner = self.program.types.get(self.names.canonical(bare, declared.file))
            if inner is not None and inner.kind == "struct":
                self._walk(inner, found, depth + 1)
