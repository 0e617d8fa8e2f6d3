"""Facts: what stands in the target's files, read file by file; nothing here crosses files."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from typing import Any

from rda_nb import workers
from rda_nb.facts import ahead, documents
from rda_nb.facts.ahead import Ahead
from rda_nb.facts.extract import Pack, read_file
from rda_nb.facts.vocabulary import Facts, FileFacts, flat, unflat
from rda_nb.source import SourceFile, Target

_READ = frozenset({"product", "tooling", "example"})
# Bytes of source from which a second process pays for its start.
_WORTH_SHARING = 500_000


def wanted(file: SourceFile, pack: Any) -> bool:
    """True for code that a run of the service can reach: not what is only built for tests, tools or other systems.

    Generated code is read only where it declares clients and servers that the service calls or implements.
    """
    made = file.role == "generated" and any(mark in file.data for mark in pack.conventions.GENERATED)
    return (made or file.role in _READ) and not pack.conventions.left_out(file.data)


def extract(target: Target, packs: Iterable[Pack] | None = None) -> Facts:
    """The facts of every source file that a language pack reads, and of the documents beside them."""
    chosen: list[Any] = list(packs) if packs is not None else _packs()
    by_kind = {kind: pack for pack in chosen for kind in pack.kinds}
    readable = [(file, by_kind[file.kind]) for file in target.files if file.kind in by_kind]
    read = [(file, pack) for file, pack in readable if wanted(file, pack)]
    files, others = _read_side_by_side(read), documents.read(target)
    beside = ahead.begin(target, files, others, {pack.name: pack for pack in chosen}) if _large(read) else Ahead()
    return Facts(files, others, ahead=beside)


def _large(read: Sequence[tuple[SourceFile, Any]]) -> bool:
    """True when a second process pays for its start."""
    return sum(len(file.data) for file, _ in read) > _WORTH_SHARING


def _read_side_by_side(read: Sequence[tuple[SourceFile, Any]]) -> tuple[FileFacts, ...]:
    """The facts of every file in order, the files shared out by size over the cores when there are enough of them."""
    count = workers.count() if _large(read) else 1
    shares: list[list[int]] = [[] for _ in range(count)]
    sizes = [0] * count
    for index in sorted(range(len(read)), key=lambda index: -len(read[index][0].data)):
        least = sizes.index(min(sizes))
        shares[least].append(index)
        sizes[least] += len(read[index][0].data)
    found: dict[int, FileFacts] = {}

    def one(index: int) -> FileFacts:
        file, pack = read[index]
        return read_file(file.path, file.role, file.data, pack)

    def all_of(share: list[int]) -> None:
        for index in share:
            found[index] = one(index)

    # The answers are this process's own children's: marshal reads nothing that comes from the target's files as code.
    answers = workers.shared(
        [lambda share=share: marshal.dumps([flat(one(index).rows) for index in share]) for share in shares[1:]],  # type: ignore[misc]
        own=lambda: all_of(shares[0]),
    )
    for share, answer in zip(shares[1:], answers, strict=True):
        if answer is None:
            all_of(share)
            continue
        for index, rows in zip(share, marshal.loads(answer), strict=True):
            file, pack = read[index]
            found[index] = FileFacts(file.path, pack.name, file.role, file.data.decode("latin-1"), unflat(rows))
    return tuple(found[index] for index in range(len(read)))


def _packs() -> list[Any]:
    raise ValueError("extract needs the language packs: pass languages.packs()")
