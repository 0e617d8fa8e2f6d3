"""`rda verify`: every citation of a report is opened again and holds, has moved, or is gone; and each run checks itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Said, rda, tree

import rda_nb
from rda_nb import outputs, pipeline
from rda_nb.report import machine
from tests.test_cli import REPORT, run_of

HANDWRITTEN = Path(__file__).parent / "prior" / "orders_ingest.md"
WRITER = "internal/sink/writer.go"
FX = "internal/enrich/fx.go"


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path) -> str:
    """Commit everything and name the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "A state")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def reports(example: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The Markdown report and the audit.json of the committed example."""
    commit(example)
    audit = rda_nb.audit(example)
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.md").write_text(audit.markdown(), encoding="utf-8")
    (folder / "audit.json").write_text(audit.json(), encoding="utf-8")
    return folder / "report.md", folder / "audit.json"


def told(said: Said) -> dict[str, Any]:
    """The JSON on standard output."""
    found: dict[str, Any] = json.loads(said.out)
    return found


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change a file."""
    before = path.read_text(encoding="utf-8")
    assert before != change(before)
    path.write_text(change(before), encoding="utf-8")


@pytest.mark.parametrize("which", [0, 1], ids=["report.md", "audit.json"])
def test_every_citation_of_an_unchanged_service_holds(example: Path, reports: tuple[Path, Path], which: int) -> None:
    """Each is compared by its text, and the target is left as it was."""
    before = tree(example)
    said = rda("verify", reports[which], example, "--format", "json")
    assert 0 == said.code, said.err
    counts = told(said)["counts"]
    assert (0, 0) == (counts["moved"], counts["gone"])
    assert counts["holds"] > 100
    assert counts["holds_by_line_only"] <= counts["holds"] * 0.05
    assert before == tree(example)


@pytest.mark.parametrize("which", [0, 1], ids=["report.md", "audit.json"])
def test_a_line_that_moved_is_found_at_its_new_place(example: Path, reports: tuple[Path, Path], which: int) -> None:
    """Three lines above shift every citation of the file by three, and none is gone."""
    edit(example / FX, lambda text: "// one\n// two\n// three\n" + text)
    said = rda("verify", reports[which], example, "--format", "json")
    assert 0 == said.code, said.err
    of_file = [c for c in told(said)["citations"] if c["path"] == FX]
    assert of_file
    assert {("moved", FX, 3)} == {(c["status"], c["now"]["path"], c["now"]["line"] - c["line"]) for c in of_file}
    assert {"holds"} == {c["status"] for c in told(said)["citations"] if c["path"] != FX}


@pytest.mark.parametrize("which", [0, 1], ids=["report.md", "audit.json"])
@pytest.mark.parametrize("committed", [True, False])
def test_a_renamed_file_is_followed(example: Path, reports: tuple[Path, Path], which: int, committed: bool) -> None:
    """A rename in git's history is told with both names; one that is not committed only where the file's name is kept."""
    to = "internal/rates/exchange.go" if committed else "internal/rates/fx.go"
    (example / "internal/rates").mkdir()
    (example / FX).rename(example / to)
    if committed:
        commit(example)
    said = rda("verify", reports[which], example, "--format", "json")
    assert 0 == said.code, said.out
    assert {("moved", to)} == {(c["status"], c["now"]["path"]) for c in told(said)["citations"] if c["path"] == FX}


@pytest.mark.parametrize("which", [0, 1], ids=["report.md", "audit.json"])
def test_what_is_gone_fails(example: Path, reports: tuple[Path, Path], which: int) -> None:
    """A changed statement and a deleted file are gone: exit 1, each named with why."""
    edit(
        example / WRITER,
        lambda text: text.replace("w.conn.PrepareBatch(context.Background(), insertOrderEvents)", "w.open()"),
    )
    (example / FX).unlink()
    said = rda("verify", reports[which], example)
    assert 1 == said.code
    assert re.search(rf"^gone +{WRITER}:156 .*\(the text is not in the file any more\)$", said.out, re.MULTILINE)
    assert re.search(rf"^gone +{FX}:37 .*\(no such file\)$", said.out, re.MULTILINE)
    assert re.search(r"citations: \d+ hold, \d+ moved, [1-9]\d* gone$", said.out.splitlines()[-1].split(";")[0])


def test_equal_text_in_another_file_of_the_name_is_no_move(example: Path, reports: tuple[Path, Path]) -> None:
    """While the cited file stands, what left it is gone, even if a file of the same name elsewhere holds such a line."""
    (example / "internal/rates").mkdir()
    (example / "internal/rates/fx.go").write_text("package rates\n\tf.mu.Lock()\n", encoding="utf-8")
    edit(example / FX, lambda text: text.replace("\tf.mu.Lock()\n", "\tf.mu.RLock()\n"))
    said = rda("verify", reports[1], example, "--format", "json")
    of_line = {c["status"] for c in told(said)["citations"] if (c["path"], c["line"]) == (FX, 37)}
    assert (1, {"gone"}) == (said.code, of_line)


def test_a_commit_is_looked_at_instead_of_the_disk(example: Path, reports: tuple[Path, Path]) -> None:
    """What is gone today still holds at the commit of the report; an abbreviated or relative name will do."""
    then = git(example, "rev-parse", "HEAD")
    (example / FX).unlink()
    commit(example)
    assert 1 == rda("verify", reports[1], example).code
    for name in (then, then[:10], "HEAD~1"):
        said = rda("verify", reports[1], example, "--at", name)
        assert 0 == said.code, said.out
    assert 1 == rda("verify", reports[1], example, "--at", "HEAD").code


def test_the_line_of_a_handwritten_citation_is_looked_at(example: Path) -> None:
    """Without a text and a commit only the line can be checked, and that is said of each."""
    said = rda("verify", HANDWRITTEN, example, "--format", "json")
    assert 1 == said.code
    citations = told(said)["citations"]
    assert ["internal/audit/exporter.go"] == [c["path"] for c in citations if c["status"] == "gone"]
    assert {"line"} == {c["basis"] for c in citations}
    longer = next(c for c in citations if c["path"].startswith("services/"))
    assert ("holds", "meant is internal/api/orders.go") == (longer["status"], longer["why"].split(";")[0])


def test_a_handwritten_report_with_a_commit_is_compared_by_text(example: Path, tmp_path: Path) -> None:
    """Where git has the commit that the report names, the text that stood there then is looked for now."""
    then = commit(example)
    report = tmp_path / "by_hand.md"
    report.write_text(
        f"# Report\n- **Git Commit:** {then}\n- The lock is held (internal/enrich/fx.go:37)\n"
        f"- No deadline: `{WRITER}` line 156\n",
        encoding="utf-8",
    )
    edit(example / FX, lambda text: "// one\n" + text)
    edit(
        example / WRITER, lambda text: text.replace("context.Background(), insertOrderEvents", "ctx, insertOrderEvents")
    )
    citations = told(rda("verify", report, example, "--format", "json"))["citations"]
    assert [("moved", "text", 38), ("gone", "text", None)] == [
        (c["status"], c["basis"], c["now"] and c["now"]["line"]) for c in citations
    ]


def test_nothing_outside_the_target_is_opened(example: Path, tmp_path: Path) -> None:
    """A citation that leads out, through dots, a root or a link, is gone whatever lies there."""
    (tmp_path / "secret.go").write_text("a secret\n", encoding="utf-8")
    (example / "link.go").symlink_to(tmp_path / "secret.go")
    (example / "linked").symlink_to(tmp_path)
    report = tmp_path / "report.md"
    paths = ("../secret.go", "internal/../../secret.go", "link.go", "linked/secret.go", f"{tmp_path}/secret.go")
    report.write_text("".join(f"- here `{path}:1` `a secret`\n" for path in paths) + "- `go.mod:1`\n", encoding="utf-8")
    citations = told(rda("verify", report, example, "--format", "json"))["citations"]
    assert [("go.mod", "holds")] == [(c["path"], c["status"]) for c in citations if c["status"] != "gone"]
    document = {"schema": "rda.audit/1", "run": {"git": {}}, "findings": [
        {"evidence": [{"path": path, "line": 1, "end_line": 1, "excerpt": "a secret", "role": "site"}]} for path in paths
    ]}  # fmt: skip
    (tmp_path / "audit.json").write_text(json.dumps(document), encoding="utf-8")
    counts = told(rda("verify", tmp_path / "audit.json", example, "--format", "json"))["counts"]
    assert (0, 0, len(paths)) == (counts["holds"], counts["moved"], counts["gone"])


@pytest.mark.parametrize(
    ("content", "arguments", "line"),
    [
        (None, (), "report.md: cannot be read (no such file or directory)"),
        (b"\xff\xfe\x00", (), "report.md: not a text file in UTF-8"),
        (b"# Nothing\n", (), "report.md: no citation of the form `path:line` was found in it"),
        (b"{", (), "report.md: not JSON ("),
        (b'{"schema": "other"}', (), "report.md: not an audit of this kit (schema rda.audit/1)"),
        (b'{"schema": "rda.audit/1"}', (), "report.md: not an audit of this kit ("),
        (b"`go.mod:1`", ("--at", "--output=/x"), "'--output=/x': not the name of a commit"),
        (b"`go.mod:1`", ("--at", "nowhere"), "nowhere: no such commit in the target's repository"),
    ],
)
def test_bad_input_is_one_line(
    example: Path, tmp_path: Path, content: bytes | None, arguments: tuple[str, ...], line: str
) -> None:
    """Exit 2 and what is wrong with which file."""
    commit(example)
    if content is not None:
        (tmp_path / "report.md").write_bytes(content)
    said = rda("verify", tmp_path / "report.md", example, *arguments)
    assert 2 == said.code
    assert line in said.line


def test_a_commit_needs_a_repository(example: Path) -> None:
    """Outside git there is no commit to look at."""
    said = rda("verify", HANDWRITTEN, example, "--at", "HEAD")
    assert (2, True) == (said.code, "the target is in no git repository" in said.line)


def test_a_row_that_does_not_verify_fails_the_run(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A citation that is not the file's text is the kit's fault: exit 3 naming the row, and nothing is written."""
    document = machine.document

    def forged(*given: Any, **named: Any) -> dict[str, Any]:
        made = document(*given, **named)
        made["tables"]["hotspots"][0]["evidence"][0]["excerpt"] = "this stands nowhere"
        return made

    monkeypatch.setattr(machine, "document", forged)
    before = tree(example)
    said = rda("audit", example, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == said.code
    assert re.match(
        r"hotspots \w+: .*: \S+:\d+ does not hold the text it is cited with; nothing was written", said.line
    )
    assert before == tree(example)
    assert [] == [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


@pytest.mark.parametrize("edited", ["changed", "deleted"])
def test_a_file_that_changes_during_the_run_is_named(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str
) -> None:
    """The report would cite what no longer stands: exit 3, the file is named, nobody is blamed, nothing is written."""
    conclude = pipeline.conclude

    def meanwhile(**given: Any) -> Any:
        if edited == "deleted":
            (example / FX).unlink()
        else:
            edit(example / FX, lambda text: "// somebody works here\n" + text)
        return conclude(**given)

    monkeypatch.setattr(pipeline, "conclude", meanwhile)
    said = rda("audit", example, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == said.code
    assert said.line.startswith(f"{FX} changed while the audit ran: line ")
    assert "run it again, nothing was written" in said.line
    assert "fault of rda" not in said.line
    assert not (example / REPORT).exists()


def test_a_change_that_no_citation_notices_does_no_harm(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cited still stands, so the report is true."""
    conclude = pipeline.conclude

    def meanwhile(**given: Any) -> Any:
        edit(example / FX, lambda text: text + "\n// somebody works here\n")
        return conclude(**given)

    monkeypatch.setattr(pipeline, "conclude", meanwhile)
    assert 0 == rda("audit", example, "--no-notebook", "--out", tmp_path / "out").code


def test_the_criteria_are_shown_and_json_is_not_touched_by_them(small: Path, tmp_path: Path) -> None:
    """The summary names each criterion; with --format json the document stands alone on standard output."""
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert "Completion criteria: 12 of 12 hold" in said.out
    assert 12 == len(re.findall(r"^  holds  ", said.out, re.MULTILINE))
    assert "  holds  No Speculation" in said.out
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "json", "--format", "json")
    assert said.out == (run_of(tmp_path / "json") / "audit.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("breach", "named"), [
    (lambda d: d["actions"].pop(), "Action items are prioritized and verifiable"),
    (lambda d: d["delta"].update(bullets=["something"]), "Delta section present"),
    (lambda d: d["run"].update(timestamp_utc=None), "Run Metadata complete"),
])  # fmt: skip
def test_a_criterion_that_fails_fails_the_run_by_name(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breach: Callable[[Any], Any], named: str
) -> None:
    """Exit 3 with the criterion's own words; the target has no report then, neither whole nor in part."""
    markdown = pipeline.Audit.markdown
    monkeypatch.setattr(outputs, "check_own", lambda *_: 0)

    def breached(self: pipeline.Audit) -> str:
        text = markdown(self)
        breach(self.document)
        return text

    monkeypatch.setattr(pipeline.Audit, "markdown", breached)
    said = rda("audit", example, "--no-notebook", "--out", tmp_path / "out")
    assert 3 == said.code
    assert named in said.line
    assert "11 of 12 criteria hold" in said.line
    assert not (example / REPORT).exists()
