"""Nothing beside the target is opened, listed or followed, by the kit or by a program it starts."""

from __future__ import annotations

import shutil
from pathlib import Path

import decoy
import pytest

READ = """
from rda_nb.source import read, write_report
target = read(TARGET)
assert not target.git.gap, target.git.gap
assert target.git.dirty
write_report(target.root, "# Report\\n")
"""
VERIFY = """
from rda_nb.report import cited, verification
paths = ("main.go", "../billing/main.go", "linked_env", "linked_library/x.go", "/etc/passwd", "through/store.go", "gone.go")
report = cited.of_markdown("".join(f"`{path}:1` `package`\\n" for path in paths))
assert len(report.citations) >= 5
for at in ("", "HEAD"):
    told = verification.Checker(TARGET, report, at).verdicts()
    assert {"main.go"} == {v.citation.path for v in told if v.status == "holds"}, told
"""
TRESPASS = {
    "opens a neighbour": "open(TARGET + '/../billing/main.go').read(); open(TARGET + '/main.go').read()",
    "lists the directory above": "import os; os.listdir(TARGET + '/..'); os.listdir(TARGET)",
    "follows a link out": "open(TARGET + '/linked_env').read()",
    "lists through a link out": "import os; os.scandir(TARGET + '/linked_library'); os.listdir(TARGET)",
}


def test_reading_touches_no_neighbour(tmp_path: Path) -> None:
    """The kit's own accesses stay below the target and in the repository's .git."""
    assert decoy.audited(decoy.build(tmp_path), READ, tmp_path / "work") == []


def test_verifying_touches_no_neighbour(tmp_path: Path) -> None:
    """A report may cite what it likes: what leads out of the target is not opened, on the disk or at a commit."""
    assert decoy.audited(decoy.build(tmp_path), VERIFY, tmp_path / "work") == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_program_started_by_verifying_touches_a_neighbour(tmp_path: Path) -> None:
    """Git included."""
    assert decoy.straced(decoy.build(tmp_path), VERIFY, tmp_path / "work") == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_program_started_touches_a_neighbour(tmp_path: Path) -> None:
    """Git, too, stays below the target and in .git, even where the repository's attributes and ignore rules lie above."""
    assert decoy.straced(decoy.build(tmp_path), READ, tmp_path / "work") == []


@pytest.mark.parametrize("code", TRESPASS.values(), ids=TRESPASS.keys())
def test_the_audit_hook_sees_a_trespass(tmp_path: Path, code: str) -> None:
    """The tracer reports what it is there to report."""
    assert decoy.audited(decoy.build(tmp_path), code, tmp_path / "work") != []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("code", TRESPASS.values(), ids=TRESPASS.keys())
def test_strace_sees_a_trespass(tmp_path: Path, code: str) -> None:
    """The second tracer reports it as well."""
    assert decoy.straced(decoy.build(tmp_path), code, tmp_path / "work") != []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_strace_sees_a_trespass_of_git(tmp_path: Path) -> None:
    """An ordinary `git status` reads the ignore rules above the target, which the kit's own use of git must not."""
    code = (
        "import subprocess; subprocess.run(['git', 'status', '--', '.'], cwd=TARGET, check=True, capture_output=True)"
    )
    assert decoy.straced(decoy.build(tmp_path), code, tmp_path / "work") != []


def test_no_output_holds_the_bait(tmp_path: Path) -> None:
    """What was read holds nothing of the neighbours, nor do the reasons for what was not."""
    from rda_nb.source import read

    target = read(decoy.build(tmp_path).target)
    assert not any(decoy.BAIT in file.text() for file in target.files)
    assert decoy.BAIT not in repr((target.skipped, target.gaps, target.git))
    assert [
        ("first", "symbolic link in a loop"),
        ("linked_env", "symbolic link that leads outside the target, not followed"),
        ("linked_file.go", "symbolic link that leads outside the target, not followed"),
        ("linked_library", "symbolic link that leads outside the target, not followed"),
        ("loop", "symbolic link to a directory above it (loop)"),
        ("second", "symbolic link in a loop"),
        ("store", "symbolic link to internal/store, which is read under its own path"),
        ("through", "symbolic link that leads outside the target, not followed"),
    ] == [(item.path, item.reason) for item in target.skipped]
