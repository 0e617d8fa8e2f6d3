"""Git's view of the target: limited to it, repeatable, and safe on a repository that wants programs run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import decoy
import pytest
from decoy import commit_all, git, write_tree

from rda_nb.source import read, write_report


def hostile(directory: Path, marker: Path) -> None:
    """Every way known to us in which a repository can have a program run, all leaving the same mark."""
    program = directory.parent / "mark.sh"
    program.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{marker}'\ncat\n")
    program.chmod(0o755)
    write_tree(directory, {".gitattributes": "*.go filter=evil diff=evil\n*.txt filter=evil diff=evil\n"})
    git_dir = directory / ".git"
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    (git_dir / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "post-checkout", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc"):
        shutil.copy(program, git_dir / "hooks" / hook)
    (git_dir / "included").write_text(f"[core]\n\tfsmonitor = {program}\n")
    with (git_dir / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {program}\n\tpager = {program}\n\tsshCommand = {program}\n\teditor = {program}\n"
            f"\thooksPath = {git_dir / 'hooks'}\n\tgitProxy = {program}\n\talternateRefsCommand = {program}\n"
            f"\taskPass = {program}\n"
            f'[filter "evil"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n\trequired = true\n'
            f'[diff]\n\texternal = {program}\n[diff "evil"]\n\tcommand = {program}\n\ttextconv = {program}\n'
            f"[alias]\n\tstatus = !{program}\n\tdiff = !{program}\n\tlog = !{program}\n"
            f"[pager]\n\tlog = {program}\n\tdiff = {program}\n[log]\n\tshowSignature = true\n"
            f"[gpg]\n\tprogram = {program}\n[credential]\n\thelper = !{program}\n"
            f'[include]\n\tpath = included\n[includeIf "gitdir:**"]\n\tpath = included\n'
            f"[uploadpack]\n\tpackObjectsHook = {program}\n"
            f'[remote "origin"]\n\turl = ext::{program}\n\tpromisor = true\n\tuploadpack = {program}\n'
            "[extensions]\n\tpartialClone = origin\n"
        )


def test_a_hostile_repository_runs_nothing(tmp_path: Path) -> None:
    """Filters, textconv, hooks, monitors, pagers, aliases and includes named by the repository all stay unused."""
    directory, marker = tmp_path / "service", tmp_path / "marker"
    write_tree(directory, {"main.go": "package main\n", "a.txt": "a\n", "data.bin": "\0"})
    commit_all(directory)
    hostile(directory, marker)
    write_tree(directory, {"main.go": "package other\n", "new.go": "package main\n"})
    state = read(directory).git
    assert ("", True) == (state.gap, state.dirty)
    assert (" M main.go", "?? .gitattributes", "?? new.go") == state.status
    assert not marker.exists(), marker.read_text()
    # The trap must be able to spring, or it proves nothing.
    environment = dict(os.environ, GIT_CONFIG_GLOBAL=os.devnull)
    os.spawnvpe(os.P_WAIT, "git", ["git", "-C", str(directory), "diff", "--quiet"], environment)
    assert marker.exists()


def test_the_state_is_limited_to_the_target(tmp_path: Path) -> None:
    """Changes and commits of neighbours are not the service's."""
    built = decoy.build(tmp_path)
    own = read(built.target).git.commit
    write_tree(built.top, {"services/billing/main.go": "package changed\n", "services/billing/new.go": "package x\n"})
    assert (" M go.mod", "?? new.go") == read(built.target).git.status
    git(built.top, "add", "services/billing")
    git(built.top, "commit", "-q", "-m", "Second")
    state = read(built.target).git
    assert own == state.commit != state.head
    assert ("main", "1 file changed, 2 insertions(+), 0 deletions(-); 1 untracked") == (
        state.branch,
        state.change_summary,
    )


def test_a_clean_service_says_so_and_stays_so_after_its_report(tmp_path: Path) -> None:
    """The report that a run writes is no change of the service: a rerun says the same of every file."""
    write_tree(
        tmp_path, {"go.mod": "module example.com/a/orders/v2\n", "main.go": "package main\n", "logo.xyz": "\0\1"}
    )
    commit_all(tmp_path)
    first = read(tmp_path)
    assert (False, (), "no changes below the target since HEAD") == (
        first.git.dirty,
        first.git.status,
        first.git.change_summary,
    )
    write_report(tmp_path, "# Report\n")
    second = read(tmp_path)
    assert (first.git, first.files, first.skipped, first.gaps) == (
        second.git,
        second.files,
        second.skipped,
        second.gaps,
    )
    assert ["docs/rda/reports/09_performance_capacity.md"] == [file.path for file in second.prior_reports]


def test_every_kind_of_change_is_seen(tmp_path: Path) -> None:
    """Modified, deleted, staged, binary and untracked files, and a new directory as one line."""
    write_tree(tmp_path, {"a.go": "1\n2\n", "b.go": "1\n", "c.png": "x", "d/e.go": "1\n", "log/.gitignore": "*.log\n"})
    commit_all(tmp_path)
    (tmp_path / "b.go").unlink()
    write_tree(
        tmp_path, {"a.go": "1\n", "c.png": "y", "f/g.go": "1\n", "f/h.go": "1\n", "log/x.log": "x", "d/i.go": "1\n"}
    )
    git(tmp_path, "add", "a.go")
    state = read(tmp_path).git
    assert (" M a.go", " D b.go", " M c.png", "?? d/i.go", "?? f/") == state.status
    assert "3 files changed, 1 insertions(+), 3 deletions(-); 2 untracked" == state.change_summary


def test_a_tracked_file_is_read_although_it_is_ignored(tmp_path: Path) -> None:
    """A rule meant for a built binary often names the directory of its source, too; git keeps what it tracks."""
    write_tree(tmp_path, {"cmd/orders/main.go": "package main\n", "cmd/orders/built.go": "package main\n"})
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "cmd/orders/main.go")
    git(tmp_path, "commit", "-q", "-m", "First")
    write_tree(tmp_path, {".gitignore": "orders\n", "orders": "binary\n"})
    target = read(tmp_path)
    assert [".gitignore", "cmd/orders/main.go"] == [file.path for file in target.files]


def test_no_repository_is_a_gap(tmp_path: Path) -> None:
    """Without a repository the commit is unknown, and the run says so."""
    write_tree(tmp_path, {"main.go": "package main\n"})
    target = read(tmp_path)
    assert ("the target is in no git repository", None) == (target.git.gap, target.git.dirty)
    assert any(gap.what.startswith("git: ") for gap in target.gaps)


def test_a_repository_without_a_commit_is_a_gap(tmp_path: Path) -> None:
    """HEAD may name a branch that does not exist yet."""
    write_tree(tmp_path, {"main.go": "package main\n"})
    git(tmp_path, "init", "-q")
    assert read(tmp_path).git.gap


@pytest.mark.parametrize("content", ["", "gitdir: /nowhere\n", "gitdir: ../neighbour/.git\n", "\0\0"])
def test_a_git_file_that_leads_astray_is_a_gap(tmp_path: Path, content: str) -> None:
    """A `.git` file may only name a git directory that belongs to it."""
    write_tree(tmp_path, {"neighbour/main.go": "package main\n", "service/main.go": "package main\n"})
    commit_all(tmp_path / "neighbour")
    (tmp_path / "service" / ".git").write_text(content)
    assert read(tmp_path / "service").git.gap


def test_a_worktree_is_read(tmp_path: Path) -> None:
    """A linked worktree has its own HEAD and the objects of the main one."""
    write_tree(tmp_path / "main", {"main.go": "package main\n"})
    commit = commit_all(tmp_path / "main")
    git(tmp_path / "main", "worktree", "add", "-q", "-b", "side", "../side")
    state = read(tmp_path / "side").git
    assert ("", commit, "side", False) == (state.gap, state.commit, state.branch, state.dirty)


def test_packed_references_and_a_detached_head_are_read(tmp_path: Path) -> None:
    """A fresh clone has its references in one file; a CI checkout has no branch."""
    write_tree(tmp_path, {"main.go": "package main\n"})
    commit = commit_all(tmp_path)
    git(tmp_path, "pack-refs", "--all")
    assert ("", commit) == (read(tmp_path).git.gap, read(tmp_path).git.commit)
    git(tmp_path, "checkout", "-q", "--detach")
    assert (commit, "") == (read(tmp_path).git.commit, read(tmp_path).git.branch)


def test_a_missing_git_program_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit goes on without git."""
    write_tree(tmp_path, {"main.go": "package main\n"})
    commit_all(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed" == read(tmp_path).git.gap


def test_the_callers_git_variables_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run started from a hook inherits GIT_DIR and GIT_INDEX_FILE of another repository."""
    write_tree(tmp_path / "other", {"x": "x"})
    commit_all(tmp_path / "other")
    write_tree(tmp_path / "service", {"main.go": "package main\n"})
    commit = commit_all(tmp_path / "service")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / ".git" / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    assert commit == read(tmp_path / "service").git.commit
