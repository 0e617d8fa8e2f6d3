"""Git's view of the target: the commit of its last change, HEAD, and what differs from HEAD below the target alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from rda_nb.source import repository
from rda_nb.source.ignore import IgnoreRules
from rda_nb.source.repository import Git, GitUnavailable, Place, small_file

_SUBMODULE = "160000"
# More paths than this are not handed to git one by one: the whole target is compared instead.
_MOST_PATHS = 500


@dataclass(frozen=True, slots=True)
class GitState:
    """`commit` is the last one that changed the target, `head` the one checked out; `branch` is '' when detached.

    `status` holds porcelain lines (`XY path`) with paths relative to the target, compared with HEAD, whether staged or not.
    `gap` says why git cannot tell; the other fields are then empty and `dirty` is None.
    """

    commit: str = ""
    commit_time: str = ""
    head: str = ""
    branch: str = ""
    dirty: bool | None = None
    status: tuple[str, ...] = ()
    change_summary: str = ""
    gap: str = ""


@dataclass(slots=True)
class Repository:
    """The repository that holds the target, while it is being read. Use it in a `with` block."""

    root: Path
    top: Path | None = None
    _gap: str = ""
    _place: Place | None = None
    _git: Git | None = None
    _head: str = ""
    _tree: str = ""
    _blobs: dict[str, tuple[str, str]] = field(default_factory=dict)
    _directories: set[str] = field(default_factory=set)
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        try:
            self._place = repository.discover(self.root)
            self.top = self._place.top
            self._git = self._open.enter_context(repository.opened(self._place))
            self._list_head()
        except (GitUnavailable, OSError) as error:
            self._gap = str(error)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def _prefix(self) -> str:
        """The target's path in the repository: '' or ending in '/'."""
        below = self.root.relative_to(self.top or self.root).as_posix()
        return "" if below == "." else f"{below}/"

    def _list_head(self) -> None:
        assert self._git is not None
        names = self._git.run("rev-parse", "--verify", "HEAD^{commit}").decode().split()
        self._head = names[0]
        tree = f"HEAD:{self._prefix.rstrip('/')}" if self._prefix else "HEAD^{tree}"
        try:
            listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", tree)
        except GitUnavailable as error:
            raise GitUnavailable(f"HEAD holds nothing below the target ({error})") from None
        self._tree = tree
        for entry in listing.split(b"\0")[:-1]:
            about, _, name = entry.partition(b"\t")
            mode, _, blob = about.decode().split(" ")
            path = name.decode("utf-8", "surrogateescape")
            self._blobs[path] = (mode, blob)
            while "/" in path:
                path = path.rpartition("/")[0]
                if f"{path}/" in self._directories:
                    break
                self._directories.add(f"{path}/")

    def is_tracked(self, path: str) -> bool:
        """True for a file in HEAD, or for a directory (ending in '/') with such a file below it."""
        return path in self._directories if path.endswith("/") else path in self._blobs

    def state(
        self, contents: Mapping[str, bytes], others: Iterable[str], kit_output: Callable[[str], bool]
    ) -> GitState:
        """What git says of the target as it was read: `contents` by path, and `others` that exist but were not read."""
        if self._gap or self._git is None:
            return GitState(gap=self._gap)
        try:
            suspects = self._suspects(contents, kit_output)
            changed, counts = self._compare(suspects) if suspects else ([], (0, 0))
            untracked = self._untracked([*contents, *others], kit_output)
            commit, _, time = self._last_change().partition(" ")
        except GitUnavailable as error:
            return GitState(gap=str(error))
        head_text = small_file(self._place.git_dir / "HEAD") or "" if self._place else ""
        return GitState(
            commit=commit,
            commit_time=time,
            head=self._head,
            branch=head_text.strip().removeprefix("ref: refs/heads/") if head_text.startswith("ref:") else "",
            dirty=bool(changed or untracked),
            status=tuple(sorted(changed, key=lambda line: line[3:])) + tuple(f"?? {path}" for path in untracked),
            change_summary=_summary(len(changed), counts, len(untracked)),
        )

    def _last_change(self) -> str:
        assert self._git is not None
        path = ["--", self._prefix.rstrip("/")] if self._prefix else []
        return self._git.run("log", "-1", "--no-show-signature", "--format=%H %cI", "HEAD", *path).decode().strip()

    def _suspects(self, contents: Mapping[str, bytes], kit_output: Callable[[str], bool]) -> list[str]:
        """Tracked files whose bytes are not those of HEAD, or that were not read; git itself then compares them."""
        assert self._git is not None
        hash_name = self._git.hash_name
        suspects = []
        for path, (mode, blob) in self._blobs.items():
            data = contents.get(path)
            if mode == _SUBMODULE or kit_output(path):
                continue
            if data is not None:
                digest = hashlib.new(hash_name, b"blob %d\0" % len(data), usedforsecurity=False)
                digest.update(data)
                if digest.hexdigest() == blob:
                    continue
            suspects.append(path)
        return suspects

    def _compare(self, suspects: list[str]) -> tuple[list[str], tuple[int, int]]:
        """Porcelain lines for those that differ from HEAD, and lines added and deleted.

        The index is a temporary one made from the target's own tree, with the target as work tree: git then cannot look
        beside the target.
        """
        assert self._git is not None
        self._git.run("read-tree", self._tree)
        paths = suspects if len(suspects) <= _MOST_PATHS else []
        output = self._git.run(
            "diff",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            "--no-color",
            "--ignore-submodules=all",
            "--raw",
            "--numstat",
            "-z",
            "--",
            *paths,
            work_tree=self.root,
        )
        wanted = set(suspects)
        changed: list[str] = []
        added = deleted = 0
        parts = iter(output.decode("utf-8", "surrogateescape").split("\0"))
        for part in parts:
            if part.startswith(":"):
                path = next(parts)
                if path in wanted:
                    changed.append(f" {part[-1]} {_shown(path)}")
            elif part:
                plus, minus, path = part.split("\t", 2)
                if path in wanted and plus != "-":
                    added, deleted = added + int(plus), deleted + int(minus)
        return changed, (added, deleted)

    def _untracked(self, present: list[str], kit_output: Callable[[str], bool]) -> list[str]:
        """Files that HEAD does not hold; a directory without any tracked file stands for all that is in it."""
        new = [p for p in present if p not in self._blobs and not p.endswith("/") and not kit_output(p)]
        if not new:
            return []
        rules = self._rules_above()
        shown = set()
        for path in new:
            if rules.ignored(self._prefix + path):
                continue
            parts = path.split("/")
            above = ("/".join(parts[:n]) + "/" for n in range(1, len(parts)))
            shown.add(next((directory for directory in above if directory not in self._directories), path))
        return sorted(map(_shown, shown))

    def _rules_above(self) -> IgnoreRules:
        """Ignore rules of the directories above the target as HEAD holds them: their files are outside the boundary."""
        assert self._git is not None and self._place is not None
        rules = IgnoreRules().with_file("", small_file(self._place.common_dir / "info" / "exclude") or "")
        parts = self._prefix.split("/")[:-1]
        for depth in range(len(parts)):
            base = "".join(f"{part}/" for part in parts[:depth])
            try:
                text = self._git.run("cat-file", "blob", f"HEAD:{base}.gitignore")
            except GitUnavailable:
                continue
            rules = rules.with_file(base, text.decode("utf-8", "replace"))
        return rules


def _shown(path: str) -> str:
    return path if path.isprintable() else ascii(path)[1:-1]


def _summary(changed: int, counts: tuple[int, int], untracked: int) -> str:
    parts = []
    if changed:
        plural = "" if changed == 1 else "s"
        parts.append(f"{changed} file{plural} changed, {counts[0]} insertions(+), {counts[1]} deletions(-)")
    if untracked:
        parts.append(f"{untracked} untracked")
    return "; ".join(parts) or "no changes below the target since HEAD"
