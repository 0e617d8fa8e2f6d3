"""The one file ever written below the target: the canonical report, replaced atomically."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from rda_nb.core import BadInput, RdaError
from rda_nb.source.walk import DIRECTORY

REPORT_DIRECTORY = ("docs", "rda", "reports")
REPORT_NAME = "09_performance_capacity.md"


class ReadOnlyTarget(RdaError):
    """The report cannot be written below the target; the caller puts it into the output folder and says so."""


def write_report(target_root: str | os.PathLike[str], markdown: str) -> Path:
    """Write `docs/rda/reports/09_performance_capacity.md` and return its path.

    A reader sees the old report or the new one, never half of it. BadInput when a symbolic link or something that is not a
    directory stands on the way, ReadOnlyTarget when the system refuses the write.
    """
    root = Path(os.path.realpath(target_root))
    path = root.joinpath(*REPORT_DIRECTORY, REPORT_NAME)
    opened: list[int] = []
    try:
        opened.append(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for depth, name in enumerate(REPORT_DIRECTORY):
            opened.append(_enter(opened[-1], name, "/".join(REPORT_DIRECTORY[: depth + 1])))
        _replace(opened[-1], markdown.encode("utf-8"))
    except OSError as error:
        raise ReadOnlyTarget(f"{path}: the report cannot be written ({error.strerror})") from error
    finally:
        for fd in reversed(opened):
            os.close(fd)
    return path


def _enter(parent: int, name: str, path: str) -> int:
    """Open one directory on the way to the report, made if it is missing; a link is refused, wherever it leads."""
    try:
        os.mkdir(name, 0o777, dir_fd=parent)
    except FileExistsError:
        pass
    except OSError:
        # A read-only system refuses before it looks whether the directory is there.
        if not _exists(parent, name):
            raise
    mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        raise BadInput(f"{path} is a symbolic link: the report is only written to a real directory of the target")
    if not stat.S_ISDIR(mode):
        raise BadInput(f"{path} is not a directory: the report has no place to go")
    return os.open(name, DIRECTORY, dir_fd=parent)


def _exists(parent: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _replace(directory: int, content: bytes) -> None:
    """Temporary file in the same directory, synchronised, then renamed over the report."""
    temporary = f".{REPORT_NAME}.{secrets.token_hex(4)}.tmp"
    if _exists(directory, REPORT_NAME):
        mode = os.stat(REPORT_NAME, dir_fd=directory, follow_symlinks=False).st_mode
        if not stat.S_ISREG(mode):
            raise BadInput(f"{'/'.join(REPORT_DIRECTORY)}/{REPORT_NAME} is not a regular file and is left as it is")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(temporary, flags, 0o666, dir_fd=directory)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(fd, view) :]
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temporary, REPORT_NAME, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
    except BaseException:
        if _exists(directory, temporary):
            os.unlink(temporary, dir_fd=directory)
        raise
