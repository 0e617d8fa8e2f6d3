"""x"""

from __future__ import annotations
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GitState:
    """Git's view of the target. `gap` says why the rest is empty; `dirty` is None when it cannot be known."""

    commit: str = ""
    commit_time: str = ""
    head: str = ""
    branch: str = ""
    dirty: bool | None = None
    status: tuple[str, ...] = ()
    change_summary: str = ""
    gap: str = ""


class Repository:
    top: Path | None = None

    def is_tracked(self, path: str) -> bool:
        return False

    def state(self, contents, skipped, kit_output) -> GitState:
        return GitState(gap="not read yet")


def find(root: Path) -> Repository:
    return Repository()
