"""Did the cited code stand in an earlier commit as it stands now? Then what made a finding come or go lies elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from rda_nb.core import BadInput, Evidence
from rda_nb.source import renamed_since, texts_at
from rda_nb.source.target import Target

_LARGEST = 2_000_000  # bytes of a file of an earlier commit


def stood(target: Target, commit: str, cited: Sequence[Sequence[Evidence]]) -> list[bool]:
    """For each set of citations, whether every line is one of the commit's; False for a commit that git has not."""
    before = lines_at(target, commit, {e.path for evidence in cited for e in evidence})
    kept = {path: _kept(lines, file.lines) for path, lines in before.items() if (file := target.file(path))}
    return [
        all(kept.get(e.path, frozenset()).issuperset(range(e.line, max(e.end_line, e.line) + 1)) for e in evidence)
        for evidence in cited
    ]


def _kept(before: Sequence[str], now: Iterable[str]) -> frozenset[int]:
    """Numbers of the lines that are not new, as a diff that pays no heed to blanks tells them."""
    lines = [_plain(line) for line in now]
    same = 0
    # Of two equal lines the first is the old one; a diff alone would be free to choose.
    while same < min(len(before), len(lines)) and before[same] == lines[same]:
        same += 1
    blocks = SequenceMatcher(None, before[same:], lines[same:], autojunk=False).get_matching_blocks()
    matched = (range(same + block.b + 1, same + block.b + block.size + 1) for block in blocks)
    return frozenset([*range(1, same + 1), *(number for numbers in matched for number in numbers)])


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


def _plain(line: str) -> str:
    return " ".join(line.split())
