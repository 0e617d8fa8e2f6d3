"""The command line: what it writes, says and answers."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import rda, tree

import rda_nb
from rda_nb import pipeline, source

REPORT = "docs/rda/reports/09_performance_capacity.md"
HEAVY = ("pandas", "papermill", "nbconvert", "nbformat", "sqlglot", "jinja2", "git", "tree_sitter", "numpy")


def run_of(out: Path) -> Path:
    """The only run below an output folder."""
    (run,) = out.glob("*/*")
    return run


def timeless(text: str) -> str:
    """A report, page or document without the time of day and the time it took."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
    return re.sub(r'"duration_s": [\d.]+', '"duration_s": 0', text)


def test_an_audit_writes_one_report_in_the_target_and_the_rest_beside(example: Path, tmp_path: Path) -> None:
    """The report is the only file that is new in the target; page, data, SARIF and tables lie in the run's folder."""
    before = tree(example)
    said = rda("audit", example, "--no-notebook", "--out", tmp_path / "out")
    assert 0 == said.code, said.err
    assert {REPORT, "docs/rda/reports"} == tree(example).keys() - before.keys()
    assert before == {path: digest for path, digest in tree(example).items() if path in before}
    run = run_of(tmp_path / "out")
    written = {"09_performance_capacity.md", "audit.json", "report.html", "report.sarif", "tables"}
    assert written == {path.name for path in run.iterdir()}
    assert (example / REPORT).read_bytes() == (run / "09_performance_capacity.md").read_bytes()
    document = json.loads((run / "audit.json").read_text(encoding="utf-8"))
    assert {f"{name}.csv" for name in document["tables"]} <= {path.name for path in (run / "tables").iterdir()}


def test_no_path_of_this_machine_is_written(example: Path, tmp_path: Path) -> None:
    """Report, page, data and tables can be shared: the target is `.` in all of them."""
    rda("audit", example, "--no-notebook", "--out", tmp_path / "out")
    run = run_of(tmp_path / "out")
    files = [path for path in run.rglob("*") if path.is_file()]
    assert [] == [path.name for path in files if str(tmp_path) in path.read_text(encoding="utf-8")]


def test_shared_rules_are_recorded_and_named_as_not_applied(small: Path, tmp_path: Path) -> None:
    """Their digests stand in the run; the report says that a person has to compare them."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "RISK_RUBRIC.md").write_text("P0 is anything red.\n", encoding="utf-8")
    found = rda_nb.audit(small, SHARED_RULES=rules)
    digest = hashlib.sha256(b"P0 is anything red.\n").hexdigest()
    assert {"RISK_RUBRIC.md": digest} == found.document["run"]["shared_rules"]["files"]
    assert f"GAP: RISK_RUBRIC.md ({digest[:12]}) given, recorded and not interpreted" in found.markdown().replace(
        "\\", ""
    )


def test_the_summary_gives_verdicts_counts_and_places(example: Path, tmp_path: Path) -> None:
    """One line per question with its verdict, the number of findings per priority, and paths that can be copied."""
    said = rda("audit", example, "--no-notebook", "--out", tmp_path / "out")
    document = json.loads((run_of(tmp_path / "out") / "audit.json").read_text(encoding="utf-8"))
    for row in document["tables"]["checklist"]:
        assert re.search(
            rf"^\W*{row['n']}\W+{re.escape(row['question'][:20])}.*{row['assessment']}\W*$", said.out, re.M
        )
    for priority in ("P0", "P1", "P2"):
        count = sum(finding["priority"] == priority for finding in document["findings"])
        assert f"{priority}: {count}" in said.out
    assert f"Report: {example / REPORT}\n" in said.out
    assert f"Page:   {run_of(tmp_path / 'out') / 'report.html'}\n" in said.out


def test_json_on_standard_output_is_the_document_alone(example: Path, tmp_path: Path) -> None:
    """`--format json` prints the bytes of audit.json and nothing else there."""
    said = rda("audit", example, "--no-notebook", "--format", "json", "--out", tmp_path / "out")
    assert (run_of(tmp_path / "out") / "audit.json").read_text(encoding="utf-8") == said.out
    assert "Report:" in said.err


def test_progress_is_one_line_per_stage_without_a_terminal(small: Path, tmp_path: Path) -> None:
    """Every stage is named once, in order, on standard error."""
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert list(pipeline.STAGES) == re.findall(r"^small: (\w+) \(\d/6\)$", said.err, re.M)


def test_the_same_tree_gives_the_same_bytes(example: Path, tmp_path: Path) -> None:
    """Two runs that do not see each other's report differ in nothing but time."""
    for out in ("one", "two"):
        assert 0 == rda("audit", example, "--no-notebook", "--no-write-target", "--out", tmp_path / out).code
    runs = [run_of(tmp_path / out) for out in ("one", "two")]
    for name in sorted(tree(runs[0])):
        if (runs[0] / name).is_file():
            first, second = (timeless((run / name).read_text(encoding="utf-8")) for run in runs)
            assert first == second, name


def test_a_target_left_untouched_says_so(small: Path, tmp_path: Path) -> None:
    """With `--no-write-target` the report lies in the run's folder only."""
    before = tree(small)
    said = rda("audit", small, "--no-notebook", "--no-write-target", "--out", tmp_path / "out")
    assert before == tree(small)
    assert "The target was not written" in said.out
    assert f"Report: {run_of(tmp_path / 'out') / '09_performance_capacity.md'}" in said.out


def test_a_read_only_target_is_audited_all_the_same(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the system refuses the write, the report goes to the output folder and the run says why."""

    def refused(root: object, text: str) -> Path:
        raise source.ReadOnlyTarget("small: the report cannot be written (Read-only file system)")

    monkeypatch.setattr("rda_nb.outputs.write_report", refused)
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 0 == said.code
    assert "The target was not written (small: the report cannot be written (Read-only file system))" in said.out
    assert (run_of(tmp_path / "out") / "09_performance_capacity.md").is_file()


def test_a_file_where_the_report_belongs_is_left_alone(small: Path, tmp_path: Path) -> None:
    """A `docs` that is no directory is not replaced; the report is in the output folder."""
    (small / "docs").write_text("ours\n", encoding="utf-8")
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 0 == said.code
    assert "docs is not a directory" in said.out
    assert "ours\n" == (small / "docs").read_text(encoding="utf-8")


def test_from_within_a_service_nothing_but_the_report_is_written(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default output folder would lie in the target, so runs are kept in the user's state directory."""
    monkeypatch.chdir(small)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = set(tree(small))
    assert 0 == rda("audit", "--no-notebook").code
    assert {"docs", "docs/rda", "docs/rda/reports", REPORT} == set(tree(small)) - before
    assert run_of(tmp_path / "state" / "rda_nb").joinpath("audit.json").is_file()


def test_two_runs_in_one_second_do_not_share_a_folder(small: Path, tmp_path: Path) -> None:
    """The second is numbered."""
    for _ in range(3):
        rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == len(list((tmp_path / "out" / "small").iterdir()))


def test_a_dry_run_lists_and_writes_nothing(example: Path, tmp_path: Path) -> None:
    """Files by kind and role, what is skipped and why, the state of git; neither target nor output folder changes."""
    (example / "blob.bin").write_bytes(b"\0" * 64)
    before = tree(example)
    said = rda("audit", example, "--dry-run", "--out", tmp_path / "out")
    assert 0 == said.code
    assert re.search(r"go\W+product\W+21\W", said.out)
    assert re.search(r"^skipped blob\.bin: .*binary", said.out, re.M)
    assert re.search(r"^git: ", said.out, re.M)
    assert before == tree(example)
    assert not (tmp_path / "out").exists()


def test_a_dry_run_as_json_names_every_file(small: Path) -> None:
    """Path, kind, role and size of each."""
    said = rda("audit", small, "--dry-run", "--format", "json")
    listing = json.loads(said.out)
    assert [("go.mod", "gomod", "product"), ("main.go", "go", "product")] == [
        (file["path"], file["kind"], file["role"]) for file in listing["files"]
    ]


@pytest.mark.parametrize(("priority", "code"), [("P0", 0), ("P1", 1), ("P2", 1)])
def test_fail_on_counts_findings_at_or_above(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, priority: str, code: int
) -> None:
    """A P1 finding fails a run that is to fail on P1 or P2, not one that is to fail on P0."""
    monkeypatch.setattr(pipeline.Audit, "counting", lambda self, new_only: {"P0": 0, "P1": 1, "P2": 0})
    said = rda("audit", small, "--no-notebook", "--fail-on", priority, "--out", tmp_path / "out")
    assert code == said.code


def test_timings_name_every_stage_and_check(small: Path, tmp_path: Path) -> None:
    """Seconds per stage in order, then per check."""
    from rda_nb import checks

    said = rda("audit", small, "--timings", "--out", tmp_path / "out")
    named = re.findall(r"^ +\d+\.\d{3} s +(.+)$", said.err, re.M)
    assert list(pipeline.STAGES) == named[:6]
    assert {f"check {check}" for check in checks.pages()} == set(named[6:])


def test_a_fault_names_its_stage_and_hides_the_traceback(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3 and one line; `--debug` adds where it happened; nothing is left in the output folder."""

    def broken(*_: object) -> None:
        raise KeyError("gone")

    monkeypatch.setattr("rda_nb.service.resolve", broken)
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == said.code
    assert (
        "stage resolve failed: KeyError: 'gone' (a fault of rda, not of the service; --debug shows where)" == said.line
    )
    assert not (tmp_path / "out").exists()
    assert "in broken" in rda("audit", small, "--no-notebook", "--debug", "--out", tmp_path / "out").err


def test_a_fault_while_rendering_names_that_stage(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is drawn after the last stage has ended, and counts as its part; the target stays as it was."""

    def broken(document: object) -> str:
        raise ValueError("math domain error")

    monkeypatch.setattr("rda_nb.report.html.render", broken)
    before = tree(small)
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == said.code
    assert said.line.startswith("stage render failed: ValueError: math domain error")
    assert before == tree(small)


def test_a_failing_check_is_named(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that raises is our fault, and the line says which one."""
    from rda_nb import checks

    def broken(_: object) -> None:
        raise ZeroDivisionError("division by zero")

    page = next(iter(checks.pages().values()))
    monkeypatch.setattr(checks, "checks", lambda: (checks.Check("odd_one", page, broken),))
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == said.code
    assert said.line.startswith("check odd_one failed: ZeroDivisionError")


def test_an_interruption_is_no_finding(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130, one line and no traceback."""

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rda_nb.service.resolve", stopped)
    said = rda("audit", small, "--no-notebook")
    assert (130, "interrupted") == (said.code, said.line)


def test_an_incomplete_report_never_reaches_the_target(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a completion criterion fails, the files stay in the run's folder for the person who looks into it."""
    monkeypatch.setattr("rda_nb.report.markdown.render", lambda document: "# half a report\n")
    before = tree(small)
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == said.code
    assert said.line.startswith("the report is not complete: ")
    assert before == tree(small)
    assert (run_of(tmp_path / "out") / "audit.json").is_file()


def test_help_is_quick_and_documents_exit_codes() -> None:
    """No heavy library is imported for `--help`; every exit code is explained."""
    script = (
        "import sys\nfrom rda_nb.cli import app\n"
        "try: app(['audit', '--help'])\nexcept SystemExit: pass\n"
        f"sys.exit(','.join(name for name in {HEAVY!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    plain = " ".join(done.stdout.split())
    for said in ("0 audited", "1 findings at or above --fail-on", "2 bad input", "3 a fault of rda"):
        assert said in plain


def test_the_version_is_the_package_version() -> None:
    """One line."""
    assert (0, f"rda {rda_nb.__version__}\n") == ((said := rda("--version")).code, said.out)


def test_the_library_call_is_the_same_audit(example: Path, tmp_path: Path) -> None:
    """`rda_nb.audit` gives the document that the command writes, and frames of its tables; it writes nothing."""
    before = tree(example)
    found = rda_nb.audit(example, items_per_batch=10)
    assert before == tree(example)
    rda("audit", example, "--no-notebook", "--set", "items_per_batch=10", "--out", tmp_path / "out")
    written = (run_of(tmp_path / "out") / "audit.json").read_text(encoding="utf-8")
    assert timeless(found.json()) == timeless(written)
    assert found.verdicts.keys() == set(range(1, 11))
    assert len(found.document["tables"]["controls"]) == len(found.tables["controls"])
    assert "<" in found._repr_html_()


@pytest.mark.slow
def test_a_full_run_keeps_the_executed_notebook(example: Path, tmp_path: Path) -> None:
    """The notebook carries the audit that was written; report and data equal those of a run without a kernel."""
    assert 0 == rda("audit", example, "--no-write-target", "--out", tmp_path / "full").code
    assert 0 == rda("audit", example, "--no-write-target", "--no-notebook", "--out", tmp_path / "bare").code
    full, bare = run_of(tmp_path / "full"), run_of(tmp_path / "bare")
    assert {"performance_capacity.ipynb"} == set(tree(full)) - set(tree(bare))
    for name in ("09_performance_capacity.md", "audit.json"):
        assert timeless((bare / name).read_text(encoding="utf-8")) == timeless(
            (full / name).read_text(encoding="utf-8")
        )
