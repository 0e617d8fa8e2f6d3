"""The walk over commits judges by git's own diff, and sees what it is there to see."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.history import Diff, History, figures, judged, walk

ORDER = "internal/order/order.go"
PROCESSOR = "internal/worker/processor.go"
LOG = '\t\tp.log.Info("order event received"'


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(example: Path) -> Path:
    """Three commits of the example: as it is, with a copied log line, and with a renamed file that was edited, too."""
    git(example, "init", "--quiet")
    git(example, "add", "--all")
    git(example, "commit", "--quiet", "--message", "one")
    path = example / PROCESSOR
    lines = path.read_text(encoding="utf-8").split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(LOG))
    path.write_text("\n".join([*lines[:at], lines[at], *lines[at:]]), encoding="utf-8")
    git(example, "commit", "--all", "--quiet", "--message", "two")
    git(example, "mv", ORDER, "internal/order/event.go")
    text = (example / "internal/order/event.go").read_text(encoding="utf-8")
    (example / "internal/order/event.go").write_text(text.replace("separators", "runs"), encoding="utf-8")
    git(example, "add", "--all")
    git(example, "commit", "--quiet", "--message", "three")
    return example


def test_a_walk_tells_each_commit_as_what_it_is(repository: Path) -> None:
    """One new finding, then one that moved with its file, and nothing wrong; a bare git directory does as well."""
    for place in (repository, repository / ".git"):
        steps = list(walk(History(place), "HEAD", 5))
        assert [["new"], ["file moved"]] == [[change["how"] for change in step["changes"]] for step in steps]
        found = figures("owner/name", steps)
        assert (2, 2, 0, 0, 0) == tuple(
            found[name] for name in ("commits", "with_code", "false_new", "false_resolved", "unchanged_new")
        )


def _document() -> dict[str, Any]:
    """An audit with one finding of one row."""
    evidence = [{"path": "a.go", "line": 3, "end_line": 3, "excerpt": "x()"}]
    return {
        "tables": {"hotspots": [{"id": "r1", "evidence": evidence}]},
        "findings": [{"id": "f1", "rule": "some_check", "rows": ["r1"], "evidence": evidence}],
        "delta": {"added": [], "resolved": [], "changed": [], "detector": []},
    }


@pytest.mark.parametrize("renamed", [{}, {"b.go": "a.go"}])
def test_a_known_finding_that_is_told_as_new_is_wrong(renamed: dict[str, str]) -> None:
    """The same text in the same file, or in the one it was renamed from, had a finding of the check before."""
    before, after = _document(), copy.deepcopy(_document())
    after["delta"] |= {"added": [{"id": "f1", "how": "new"}], "resolved": [{"id": "f1", "how": "resolved"}]}
    if renamed:
        after["tables"]["hotspots"][0]["evidence"] = [{"path": "b.go", "line": 3, "end_line": 3, "excerpt": "x()"}]
    told = list(judged(after, before, Diff(renamed=renamed)))
    assert ["false new", "false resolved"] == [change["verdict"] for change in told]


def test_a_new_finding_whose_lines_git_calls_old_is_wrong() -> None:
    """Told as new, it is; told as surfaced, or with one new line among those that it cites, it is not."""
    before, after = _document(), _document()
    before["findings"] = []
    for how, lines, expected in (("new", set(), "unchanged new"), ("surfaced", set(), ""), ("new", {3}, "")):
        after["delta"]["added"] = [{"id": "f1", "how": how}]
        (told,) = judged(after, before, Diff(lines={"a.go": lines}))
        assert expected == told["verdict"]


def test_the_diff_is_read_with_renames_and_new_lines(repository: Path) -> None:
    """Line numbers are those of the new file, also of one that was renamed."""
    first, second, third = History(repository).commits("HEAD", 2)
    copied, moved = History(repository).changes(first, second), History(repository).changes(second, third)
    assert ({PROCESSOR}, {}) == (copied.touched, copied.renamed)
    assert 1 == len(copied.lines[PROCESSOR])
    assert {"internal/order/event.go": ORDER} == moved.renamed
    assert {116, 117} == moved.lines["internal/order/event.go"]
