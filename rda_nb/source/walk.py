"""The walk below the target's root: every open is relative to an open directory and follows no link."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field

from rda_nb.source.classify import Classifier
from rda_nb.source.ignore import IgnoreRules

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK a FIFO put in the place of a file between listing and opening would stop the run for ever.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
DEEPEST = 200


@dataclass(frozen=True, slots=True, order=True)
class Skipped:
    """Something below the root that was not read, and why; a directory's path ends in '/'."""

    path: str
    reason: str


# Languages whose programs are built: a rule that is just a name then means the program. Bundles of scripts are not meant.
_SOURCES = (".go", ".java", ".rs", ".kt")


@dataclass(slots=True)
class Walk:
    """What a walk has found so far; `is_tracked` answers for a path, or for a directory given with a trailing '/'."""

    classifier: Classifier
    max_file_bytes: int
    max_files: int
    is_tracked: Callable[[str], bool]
    kit_output: Callable[[str], bool]
    contents: list[tuple[str, bytes]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    directories: set[str] = field(default_factory=set)
    full: bool = False

    def directory(self, fd: int, prefix: str, rules: IgnoreRules, depth: int = 0) -> None:
        """Read one directory and those below it; `prefix` is '' or ends in '/'."""
        self.directories.add(prefix)
        with os.scandir(fd) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        if any(entry.name == ".gitignore" and entry.is_file(follow_symlinks=False) for entry in entries):
            text = read_file(fd, ".gitignore", self.max_file_bytes)
            if isinstance(text, bytes):
                rules = rules.with_file(prefix, text.decode("utf-8", "replace"))
        ignored_files = 0
        for entry in entries:
            if self.full:
                return
            path = prefix + entry.name
            if entry.name == ".git":
                continue
            if not _printable(entry.name):
                self._skip(ascii(path)[1:-1], "name is not valid UTF-8 or holds control characters")
            elif entry.is_symlink():
                self.links[path] = os.readlink(entry.name, dir_fd=fd)
            elif entry.is_dir(follow_symlinks=False):
                self._subdirectory(fd, entry.name, path + "/", rules, depth)
            elif self.kit_output(path):
                continue
            elif not entry.is_file(follow_symlinks=False):
                self._skip(path, _special(entry.stat(follow_symlinks=False).st_mode))
            elif rules.ignored(path) and not self.is_tracked(path):
                ignored_files += 1
            else:
                self._file(fd, entry.name, path)
        if ignored_files:
            self._skip(
                prefix or "./", f"{ignored_files} {'files' if ignored_files > 1 else 'file'} ignored by .gitignore"
            )

    def _subdirectory(self, fd: int, name: str, prefix: str, rules: IgnoreRules, depth: int) -> None:
        if self.kit_output(prefix):
            return
        if name in self.classifier.not_entered:
            return self._skip(prefix, "installed packages or a cache, not entered")
        if rules.ignored(prefix) and not self.is_tracked(prefix):
            kept = rules.without_name(name) if self._holds_code(fd, name) else None
            if kept is None or kept.ignored(prefix):
                return self._skip(prefix, "directory ignored by .gitignore")
            rules = kept
        if depth >= DEEPEST:
            return self._skip(prefix, f"more than {DEEPEST} directories deep")
        try:
            below = os.open(name, DIRECTORY, dir_fd=fd)
        except OSError as error:
            return self._skip(prefix, f"directory cannot be read: {reason_of(error)}")
        try:
            self.directory(below, prefix, rules, depth + 1)
        except OSError as error:
            self._skip(prefix, f"directory cannot be read: {reason_of(error)}")
        finally:
            os.close(below)

    def _holds_code(self, fd: int, name: str) -> bool:
        """True when a directory has source code of a service at its first level."""
        try:
            below = os.open(name, DIRECTORY, dir_fd=fd)
        except OSError:
            return False
        try:
            with os.scandir(below) as listing:
                return any(entry.name.endswith(_SOURCES) and entry.is_file(follow_symlinks=False) for entry in listing)
        except OSError:
            return False
        finally:
            os.close(below)

    def _file(self, fd: int, name: str, path: str) -> None:
        if self.classifier.is_binary(name):
            return self._skip(path, "binary by its name")
        if len(self.contents) >= self.max_files:
            self.full = True
            return
        content = read_file(fd, name, self.max_file_bytes)
        if isinstance(content, str):
            return self._skip(path, content)
        self.contents.append((path, content))

    def _skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(path, reason))

    def skip_links(self) -> None:
        """Turn the links seen into reasons, from their texts alone: nothing a link names is ever touched through it."""
        known = {path for path, _ in self.contents} | {s.path for s in self.skipped} | self.directories
        for path, text in sorted(self.links.items()):
            self._skip(path, _link_reason(path, text, self.links, known))


def read_file(fd: int, name: str, limit: int) -> bytes | str:
    """The bytes of a regular file in an open directory, or the reason why it was not read."""
    try:
        file = os.open(name, FILE, dir_fd=fd)
    except OSError as error:
        return f"cannot be read: {reason_of(error)}"
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return _special(status.st_mode)
        if status.st_size > limit:
            return f"too large: {status.st_size} bytes, limit {limit}"
        # One byte more than announced shows the end of the file, or that it grew while it was read.
        data = os.read(file, status.st_size + 1)
        while len(data) < status.st_size and (more := os.read(file, status.st_size + 1 - len(data))):
            data += more
        if len(data) > status.st_size and status.st_size:
            return "changed while it was read"
        return data
    except OSError as error:
        return f"cannot be read: {reason_of(error)}"
    finally:
        os.close(file)


def reason_of(error: OSError) -> str:
    """The system's own words for an error, without a path."""
    if error.errno == errno.ELOOP:
        return "became a symbolic link while it was read"
    return (error.strerror or type(error).__name__).lower()


def _printable(name: str) -> bool:
    return name.isprintable() or not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in name
    )


def _special(mode: int) -> str:
    for test, name in ((stat.S_ISFIFO, "FIFO"), (stat.S_ISSOCK, "socket"), (stat.S_ISCHR, "character device")):
        if test(mode):
            return f"not a regular file: {name}"
    return "not a regular file: block device" if stat.S_ISBLK(mode) else "not a regular file"


def _link_reason(path: str, text: str, links: dict[str, str], known: set[str]) -> str:
    """Where a link leads, followed as text; links met on the way are followed as text, too."""
    seen = {path}
    current = _joined(path, text)
    while current is not None:
        if current == path:
            return "symbolic link in a loop"
        if f"{path}/".startswith(f"{current}/" if current else ""):
            return "symbolic link to a directory above it (loop)"
        through = next((p for p in _prefixes(current) if p in links), None)
        if through is None:
            break
        if through in seen:
            return "symbolic link in a loop"
        seen.add(through)
        step = _joined(through, links[through])
        current = None if step is None else "/".join(p for p in (step, current[len(through) + 1 :]) if p)
    if current is None:
        return "symbolic link that leads outside the target, not followed"
    if current in known or f"{current}/" in known:
        return f"symbolic link to {current}, which is read under its own path"
    return "symbolic link to something that was not read or does not exist"


def _joined(path: str, text: str) -> str | None:
    """The path a link's text names, relative to the root, or None when it leaves the root."""
    if text.startswith("/"):
        return None
    parts = path.split("/")[:-1]
    for component in text.split("/"):
        if component == "..":
            if not parts:
                return None
            parts.pop()
        elif component not in ("", "."):
            parts.append(component)
    return "/".join(parts)


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]
