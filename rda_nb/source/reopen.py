"""Cited files opened once more, from the disk or from a commit: nothing of an earlier reading is reused."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rda_nb.core import BadInput
from rda_nb.source.commits import texts_at
from rda_nb.source.git import GitState
from rda_nb.source.target import SourceFile, Target, classified, open_root
from rda_nb.source.walk import DIRECTORY, read_file, reason_of

LARGEST = 64 * 1024 * 1024
LARGEST_REPORT = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reopened:
    """The files that could be opened, as a target that cites; why the others could not; when each was changed last."""

    target: Target
    missing: dict[str, str]
    changed: dict[str, float] = field(default_factory=dict)


def reopen(root: str | os.PathLike[str], paths: Iterable[str]) -> Reopened:
    """Read these files below the target; no link is followed and nothing outside is touched."""
    contents: list[tuple[str, bytes]] = []
    missing: dict[str, str] = {}
    changed: dict[str, float] = {}
    root_fd = open_root(root, Path(os.path.realpath(root)))
    try:
        for path in sorted(set(paths)):
            data = _below(root_fd, path, changed)
            if isinstance(data, str):
                missing[path] = data
            else:
                contents.append((path, data))
    finally:
        os.close(root_fd)
    return Reopened(_target(root, contents, missing), missing, changed)


def reopen_at(root: str | os.PathLike[str], commit: str, paths: Iterable[str]) -> Reopened:
    """The same files as a commit holds them. BadInput when there is no such commit."""
    wanted = sorted(set(paths))
    contents = texts_at(root, commit, wanted, LARGEST)
    missing = {path: f"not in commit {commit}" for path in wanted if path not in contents}
    return Reopened(_target(root, sorted(contents.items()), missing), missing)


def read_report(path: str | os.PathLike[str]) -> str:
    """The text of a report or audit.json that is given by its path. BadInput when it cannot be read as text."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_REPORT + 1)
        if len(data) > LARGEST_REPORT:
            raise BadInput(f"{path}: too large for a report")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({reason_of(error)})") from None
    except (UnicodeDecodeError, ValueError):
        raise BadInput(f"{path}: not a text file in UTF-8") from None


def _below(root_fd: int, path: str, changed: dict[str, float]) -> bytes | str:
    """The bytes of one file, or why there are none."""
    *directories, name = path.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in (*directories, name)):
        return "not a path inside the target"
    opened: list[int] = []
    fd = root_fd
    try:
        for directory in directories:
            fd = os.open(directory, DIRECTORY, dir_fd=fd)
            opened.append(fd)
        changed[path] = os.stat(name, dir_fd=fd, follow_symlinks=False).st_mtime
        return read_file(fd, name, LARGEST)
    except FileNotFoundError:
        return "no such file"
    except OSError as error:
        return f"cannot be read: {reason_of(error)}"
    finally:
        for one in reversed(opened):
            os.close(one)


def _target(root: str | os.PathLike[str], contents: list[tuple[str, bytes]], missing: dict[str, str]) -> Target:
    """A target of these files alone; what is no text is missing, too."""
    files: list[SourceFile]
    files, skipped = classified(contents)
    missing.update((item.path, item.reason) for item in skipped)
    where = Path(os.path.realpath(root))
    return Target(where, where.name, tuple(files), tuple(skipped), (), GitState(gap="not asked"), None, ())
