"""Files of the target as an earlier commit holds them, and what git says was renamed since; read from objects alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rda_nb.core import BadInput
from rda_nb.source import repository
from rda_nb.source.repository import Git, GitUnavailable

# A name of a commit, as git writes them; never an option.
_COMMIT = re.compile(r"[0-9A-Za-z@][\w./~^@{}+-]{0,250}")


def texts_at(root: str | os.PathLike[str], commit: str, paths: Iterable[str], limit: int) -> dict[str, bytes]:
    """The bytes of those regular files below the target that the commit holds, none larger than `limit`.

    BadInput when the target is in no repository that can be read, or when there is no such commit.
    """
    try:
        with _below(root) as (git, prefix):
            held = _blobs(git, _resolved(git, commit), prefix)
            wanted = [(path, held[path]) for path in sorted(set(paths)) if path in held]
            sizes = _batch(git, "--batch-check", wanted)
            fitting = [entry for entry, header in zip(wanted, _headers(sizes), strict=True) if header <= limit]
            return dict(_contents(fitting, _batch(git, "--batch", fitting)))
    except (GitUnavailable, OSError) as error:
        raise BadInput(f"commit {commit!r}: {error}") from None


def paths_at(root: str | os.PathLike[str], commit: str) -> list[str]:
    """Every regular file below the target that the commit holds, sorted. BadInput as for `texts_at`."""
    try:
        with _below(root) as (git, prefix):
            return sorted(_blobs(git, _resolved(git, commit), prefix))
    except (GitUnavailable, OSError) as error:
        raise BadInput(f"commit {commit!r}: {error}") from None


def renamed_since(root: str | os.PathLike[str], before: str, after: str = "HEAD") -> dict[str, str]:
    """Old path -> new path of files below the target that git calls renamed; empty when git cannot tell."""
    try:
        with _below(root) as (git, prefix):
            trees = [f"{_resolved(git, commit)}:{prefix.rstrip('/')}" for commit in (before, after)]
            told = git.run("diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", *trees)
    except (BadInput, GitUnavailable, OSError):
        return {}
    fields = told.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return dict(zip(fields[1::3], fields[2::3], strict=True))


@contextmanager
def _below(root: str | os.PathLike[str]) -> Iterator[tuple[Git, str]]:
    """Git on the target's repository, and the target's path in it: '' or ending in '/'."""
    directory = Path(os.path.realpath(root))
    place = repository.discover(directory)
    below = directory.relative_to(place.top).as_posix()
    with repository.opened(place) as git:
        yield git, "" if below == "." else f"{below}/"


def _resolved(git: Git, commit: str) -> str:
    """The commit's full name."""
    if not _COMMIT.fullmatch(commit):
        raise BadInput(f"{commit!r}: not the name of a commit")
    try:
        return (
            git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}").decode().split()[-1]
        )
    except GitUnavailable:
        raise BadInput(f"{commit}: no such commit in the target's repository") from None


def _blobs(git: Git, commit: str, prefix: str) -> dict[str, str]:
    """Path below the target -> blob of each regular file."""
    listing = git.run("ls-tree", "-r", "-z", "--full-tree", f"{commit}:{prefix.rstrip('/')}")
    held = {}
    for entry in listing.split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        mode, _, blob = about.decode().split(" ")
        if mode.startswith("100"):
            held[name.decode("utf-8", "surrogateescape")] = blob
    return held


def _batch(git: Git, how: str, wanted: list[tuple[str, str]]) -> bytes:
    return git.run("cat-file", how, given="".join(f"{blob}\n" for _, blob in wanted).encode()) if wanted else b""


def _headers(told: bytes) -> Iterator[float]:
    """Sizes in bytes, infinite for a blob that the repository lacks."""
    for line in told.decode().splitlines():
        size = line.split(" ")[-1]
        yield int(size) if size.isdigit() else float("inf")


def _contents(wanted: list[tuple[str, str]], told: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    for path, _ in wanted:
        end = told.index(b"\n", at)
        size = int(told[at:end].split(b" ")[-1])
        yield path, told[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
