"""Facts: what stands in the target's files, read file by file; nothing here crosses files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rda_nb.core import Gap
from rda_nb.facts import documents
from rda_nb.facts.extract import Pack, read_file
from rda_nb.facts.vocabulary import Facts, FileFacts
from rda_nb.source import SourceFile, Target

_READ = frozenset({"product", "tooling", "example"})
# Generated code is read only where it declares clients and servers that the service calls or implements.
_GENERATED = (b"grpc.ClientConnInterface", b"grpc.ServiceRegistrar")


def wanted(file: SourceFile) -> bool:
    """True for code that a run of the service can reach."""
    return file.role in _READ or (file.role == "generated" and any(mark in file.data for mark in _GENERATED))


def extract(target: Target, packs: Iterable[Pack] | None = None) -> Facts:
    """The facts of every source file that a language pack reads, and of the documents beside them."""
    chosen: list[Any] = list(packs) if packs is not None else _packs()
    by_kind = {kind: pack for pack in chosen for kind in pack.kinds}
    files: list[FileFacts] = []
    gaps: list[Gap] = []
    for file in target.files:
        pack = by_kind.get(file.kind)
        if pack is not None and wanted(file):
            files.append(read_file(file.path, file.role, file.data, pack))
    return Facts(tuple(files), documents.read(target), tuple(gaps))


def _packs() -> list[Any]:
    raise ValueError("extract needs the language packs: pass languages.packs()")
