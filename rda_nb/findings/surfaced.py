"""Did the cited code stand in an earlier commit as it stands now? Then what made a finding come or go lies elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rda_nb.core import BadInput, Evidence
from rda_nb.source import renamed_since, texts_at
from rda_nb.source.target import Target

_LARGEST = 2_000_000  # bytes of a file of an earlier commit
Lines = Mapping[str, int]


def stood(target: Target, commit: str, cited: Sequence[Sequence[Evidence]]) -> list[bool]:
    """For each set of citations, whether every line stood in the commit; False for a commit that git has not."""
    paths = {e.path for evidence in cited for e in evidence}
    before = {path: Counter(lines) for path, lines in lines_at(target, commit, paths).items()}
    now = {path: Counter(map(_plain, file.lines)) for path in paths if (file := target.file(path)) is not None}
    return [
        all(_held(e, before.get(e.path, {}), now.get(e.path, {}), site=n == 0) for n, e in enumerate(evidence))
        for evidence in cited
    ]


def unchanged(target: Target, commit: str, paths: set[str]) -> frozenset[str]:
    """Those of the files that are byte for byte what the commit holds; none for a commit that git has not."""
    try:
        held = texts_at(target.root, commit, paths, _LARGEST)
    except BadInput:
        return frozenset()
    return frozenset(path for path, data in held.items() if (file := target.file(path)) and file.data == data)


def lines_at(target: Target, commit: str, paths: set[str]) -> dict[str, list[str]]:
    """Lines, blanks collapsed, of files by their present path, as the commit holds them under the name they had there.

    Empty for a commit that git has not.
    """
    try:
        held = texts_at(target.root, commit, paths, _LARGEST)
        if len(held) < len(paths):
            names = {new: old for old, new in renamed_since(target.root, commit).items() if new in paths}
            earlier = texts_at(target.root, commit, names.values(), _LARGEST)
            held |= {new: earlier[old] for new, old in names.items() if old in earlier}
    except BadInput:
        return {}
    return {
        path: [_plain(line) for line in data.decode("utf-8", "replace").splitlines()] for path, data in held.items()
    }


def _held(e: Evidence, before: Lines, now: Lines, *, site: bool) -> bool:
    """True when each cited line was there; a line that is masked or cut cannot be compared, and is passed over.

    A site whose first line stands more often than it did may be a copy, and then it did change.
    """
    if not before:
        return False
    shown = [_plain(line) for line in e.excerpt.split("\n")]
    lines = [line for line in shown if "[REDACTED" not in line and not line.endswith("…")]
    copied = site and bool(lines) and now.get(lines[0], 0) > before.get(lines[0], 0)
    return not copied and all(line in before for line in lines)


def _plain(line: str) -> str:
    return " ".join(line.split())
