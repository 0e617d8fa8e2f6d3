"""A repository's objects without its configuration: where git may look, and the one function that runs it.

A repository can name programs in its configuration (fsmonitor, hooks, filters, textconv, pagers, signature checks). Instead
of switching them off one by one, git gets a configuration and an attributes directory of our own: GIT_COMMON_DIR points to
a temporary directory whose `refs` lead to the real ones, so the repository's `config`, `hooks` and `info` are never read.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rda_nb.core import RdaError

TIMEOUT_S = 20.0
_SMALL_FILE = 1_000_000
# Settings that change what counts as a modification and can name no program; values are checked against _HARMLESS_VALUE.
_COPIED = frozenset({"core.autocrlf", "core.eol", "core.filemode", "core.symlinks", "core.ignorecase"})
_HARMLESS_VALUE = re.compile(r"true|false|yes|no|on|off|0|1|input|native|lf|crlf", re.IGNORECASE)


class GitUnavailable(RdaError):
    """Git cannot answer; the message becomes the text of a gap."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a repository lies: its top directory, its git directory and the one shared between worktrees."""

    top: Path
    git_dir: Path
    common_dir: Path


def discover(root: Path) -> Place:
    """The repository that holds a directory: `.git` is looked for by name there and above, on one file system."""
    device = os.stat(root).st_dev
    for directory in (root, *root.parents):
        if os.stat(directory).st_dev != device:
            break
        candidate = directory / ".git"
        try:
            mode = os.lstat(candidate).st_mode
        except OSError:
            continue
        if stat.S_ISLNK(mode):
            raise GitUnavailable(".git is a symbolic link, which is not followed")
        git_dir = candidate if stat.S_ISDIR(mode) else _linked(candidate)
        if small_file(git_dir / "HEAD") is None:
            raise GitUnavailable(".git is not a repository that can be read")
        return Place(directory, git_dir, _common(git_dir))
    raise GitUnavailable("the target is in no git repository")


def _linked(file: Path) -> Path:
    """The git directory that a `.git` file names, if it belongs to it as a worktree's or a submodule's does.

    Any other could make the run read the repository of a neighbour.
    """
    text = small_file(file) or ""
    if not text.startswith("gitdir:"):
        raise GitUnavailable(".git is not a repository that can be read")
    git_dir = Path(os.path.normpath(file.parent / text.removeprefix("gitdir:").strip()))
    back = small_file(git_dir / "gitdir")
    if back is not None and os.path.realpath(git_dir / back.strip()) == os.path.realpath(file):
        return git_dir
    if any(git_dir.is_relative_to(above / ".git" / "modules") for above in file.parents):
        return git_dir
    raise GitUnavailable(".git names a git directory that does not name it back, which is not read")


def _common(git_dir: Path) -> Path:
    """The directory that a repository's worktrees share; git itself always puts it two levels above a worktree's."""
    text = small_file(git_dir / "commondir")
    if text is None:
        return git_dir
    common = Path(os.path.normpath(git_dir / text.strip()))
    if common != git_dir.parent.parent:
        raise GitUnavailable("the worktree's common directory is not where git puts it, and is not read")
    return common


def small_file(path: Path) -> str | None:
    """The text of a regular file of a git directory; None when there is none or it is implausibly large."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _SMALL_FILE:
            return None
        return os.read(fd, _SMALL_FILE).decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(fd)


def _own_configuration(place: Place) -> tuple[str, str]:
    """The configuration git will see, and the repository's hash function."""
    section = ""
    kept: dict[str, str] = {}
    for line in (small_file(place.common_dir / "config") or "").splitlines():
        header = re.match(r"\s*\[\s*([\w.-]+)\s*(?:\"[^\"]*\"\s*)?\]", line)
        if header:
            section = header[1].lower()
        setting = re.match(r"\s*(\w+)\s*=\s*([\w.-]+)\s*$", line)
        if setting:
            kept[f"{section}.{setting[1].lower()}"] = setting[2]
    if kept.get("extensions.refstorage", "files") != "files":
        raise GitUnavailable(f"references are stored as {kept['extensions.refstorage']}, which is not read")
    hash_name = kept.get("extensions.objectformat", "sha1").lower()
    if hash_name not in ("sha1", "sha256"):
        raise GitUnavailable(f"unknown object format {hash_name}")
    core = [
        f"\t{name.removeprefix('core.')} = {value}"
        for name, value in sorted(kept.items())
        if name in _COPIED and _HARMLESS_VALUE.fullmatch(value)
    ]
    lines = [
        "[core]",
        "\trepositoryformatversion = 1",
        "\tbare = false",
        "\tfsmonitor = false",
        "\tuntrackedCache = false",
        "\thooksPath = /dev/null",
        "\tattributesFile = /dev/null",
        "\texcludesFile = /dev/null",
        *core,
        "[extensions]",
        f"\tobjectFormat = {hash_name}",
        "[protocol]",
        "\tallow = never",
        "",
    ]
    return "\n".join(lines), hash_name


@dataclass(frozen=True, slots=True)
class Git:
    """Runs read-only git commands on one repository. `hash_name` is sha1 or sha256."""

    directory: Path
    environment: dict[str, str]
    hash_name: str

    def run(self, *arguments: str, work_tree: Path | None = None, given: bytes = b"") -> bytes:
        """Standard output of one command, which reads `given`; GitUnavailable with git's first complaint when it fails."""
        # GitPython asks `git --version` on import unless told not to.
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
        from git.cmd import Git as Runner  # imported here: it takes longer than reading a service
        from git.exc import GitCommandNotFound

        environment = dict(self.environment, GIT_WORK_TREE=str(work_tree or self.directory))
        try:
            with tempfile.TemporaryFile() as stream:
                stream.write(given)
                stream.seek(0)
                status, output, complaint = Runner(str(self.directory)).execute(
                    ["git", "--no-pager", "--literal-pathspecs", *arguments],
                    istream=stream,
                    env=environment,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    kill_after_timeout=TIMEOUT_S,
                )
        except GitCommandNotFound:
            raise GitUnavailable("git is not installed") from None
        if status != 0:
            first = next(iter(complaint.strip().splitlines()), f"exit status {status}")
            raise GitUnavailable(f"git {arguments[0]}: {first}")
        return bytes(output)


@contextmanager
def opened(place: Place) -> Iterator[Git]:
    """Git on a repository, for the duration of a `with` block; nothing is written outside a temporary directory."""
    configuration, hash_name = _own_configuration(place)
    with tempfile.TemporaryDirectory(prefix="rda-git-") as name:
        own = Path(name)
        (own / "config").write_text(configuration)
        for shared in ("refs", "packed-refs", "shallow"):
            if (place.common_dir / shared).exists():
                (own / shared).symlink_to(place.common_dir / shared)
        environment = {
            "GIT_DIR": str(place.git_dir),
            "GIT_COMMON_DIR": name,
            "GIT_OBJECT_DIRECTORY": str(place.common_dir / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_INDEX_FILE": str(own / "index"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": "0",
            "GIT_CONFIG_PARAMETERS": "",
            "HOME": name,
            "XDG_CONFIG_HOME": name,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_GLOB_PATHSPECS": "0",
            "GIT_NOGLOB_PATHSPECS": "0",
            "GIT_ICASE_PATHSPECS": "0",
            "GIT_NAMESPACE": "",
            "LC_ALL": "C",
        }
        yield Git(own, environment, hash_name)
