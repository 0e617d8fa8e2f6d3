"""Reading a service: what is read, what is skipped and why, how files are classified, and how they are cited."""

from __future__ import annotations

import os
import re
import socket
import time
from pathlib import Path

import pytest
from decoy import write_tree

from rda_nb.core import BadInput
from rda_nb.source import ReadOnlyTarget, SourceFile, Target, read, walk, write_report


def skipped(target: Target) -> dict[str, str]:
    return {item.path: item.reason for item in target.skipped}


def test_a_missing_target_is_bad_input(tmp_path: Path) -> None:
    """One line names the path and what to give instead."""
    with pytest.raises(BadInput, match=r"nowhere: no such directory; give the path of one service$"):
        read(tmp_path / "nowhere")


def test_a_file_as_target_is_bad_input(tmp_path: Path) -> None:
    """A file is not a service."""
    (tmp_path / "main.go").write_text("package main\n")
    with pytest.raises(BadInput, match=r"main\.go: not a directory"):
        read(tmp_path / "main.go")


def test_a_target_with_a_nul_byte_is_bad_input() -> None:
    """A path that no system accepts is the caller's mistake, not a crash."""
    with pytest.raises(BadInput):
        read("a\0b")


def test_an_empty_directory_is_an_empty_target(tmp_path: Path) -> None:
    """Nothing is there, and nothing is made up."""
    target = read(tmp_path)
    assert ((), (), None, ()) == (target.files, target.skipped, target.decisions, target.prior_reports)
    assert (tmp_path.name, True) == (target.name, bool(target.git.gap))


def test_what_is_not_text_is_skipped_with_a_reason(tmp_path: Path) -> None:
    """Binary, undecodable, oversized and special files are named; only text that was lost is a gap."""
    write_tree(tmp_path, {"ok.go": "package ok\n", "logo.png": "x", "node_modules/a/index.js": "x"})
    (tmp_path / "bad.go").write_bytes(b"package a\n// caf\xe9\n")
    (tmp_path / "blob").write_bytes(b"a\0b")
    (tmp_path / "bad16.sql").write_bytes(b"\xff\xfea")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(200_000_000)
    os.mkfifo(tmp_path / "fifo.go")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(tmp_path, os.O_RDONLY)
        try:
            listener.bind(f"/proc/self/fd/{here}/sock")
        finally:
            os.close(here)
        start = time.perf_counter()
        target = read(tmp_path)
    assert time.perf_counter() - start < 2.0
    assert ["ok.go"] == [file.path for file in target.files]
    assert {
        "bad.go": "not valid UTF-8 (byte 16)",
        "bad16.sql": "not valid UTF-16 although it begins with its byte order mark (byte 2)",
        "blob": "binary (holds a NUL byte)",
        "fifo.go": "not a regular file: FIFO",
        "huge.json": "too large: 200000000 bytes, limit 2000000",
        "logo.png": "binary by its name",
        "node_modules/": "installed packages or a cache, not entered",
        "sock": "not a regular file: socket",
    } == skipped(target)
    lost = {gap.what.partition(":")[0] for gap in target.gaps}
    assert {"bad.go", "bad16.sql", "huge.json"} == lost - {"docs/rda/ARCHITECTURAL_DECISIONS.md", "git"}


def test_a_fifo_put_in_the_place_of_a_file_stops_nothing(tmp_path: Path) -> None:
    """Between listing and opening, a file may become something that blocks whoever opens it."""
    os.mkfifo(tmp_path / "main.go")
    directory = os.open(tmp_path, os.O_RDONLY)
    try:
        assert "not a regular file: FIFO" == walk.read_file(directory, "main.go", 100)
    finally:
        os.close(directory)


def test_an_unreadable_file_is_skipped_and_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission denied concerns one file, or one directory, not the audit."""
    write_tree(tmp_path, {"a.go": "package a\n", "secret.go": "package a\n", "closed/b.go": "package b\n"})
    really_open = os.open

    def refusing(path, flags, mode=0o777, *, dir_fd=None):  # type: ignore[no-untyped-def]
        # The tests may run as root, whom no permission stops.
        if path in ("secret.go", "closed"):
            raise PermissionError(13, "Permission denied", path)
        return really_open(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    target = read(tmp_path)
    assert ["a.go"] == [file.path for file in target.files]
    assert {
        "closed/": "directory cannot be read: permission denied",
        "secret.go": "cannot be read: permission denied",
    } == skipped(target)
    assert {"closed/: directory cannot be read: permission denied", "secret.go: cannot be read: permission denied"} <= {
        gap.what for gap in target.gaps
    }


def test_an_unreadable_target_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that cannot be opened at all cannot be audited."""
    really_open = os.open

    def refusing(path, flags, mode=0o777, *, dir_fd=None):  # type: ignore[no-untyped-def]
        if path == tmp_path:
            raise PermissionError(13, "Permission denied", path)
        return really_open(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(BadInput, match=r"cannot be opened \(permission denied\)"):
        read(tmp_path)


def test_a_name_that_is_not_utf8_is_skipped(tmp_path: Path) -> None:
    """Such a name could not be printed or cited."""
    (tmp_path / os.fsdecode(b"caf\xe9.go")).write_text("package a\n")
    (tmp_path / "line\nbreak.go").write_text("package a\n")
    assert {r"caf\udce9.go", r"line\nbreak.go"} == skipped(read(tmp_path)).keys()


def test_encodings_with_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """UTF-8 with a mark and UTF-16 decode to the same text, without the mark."""
    (tmp_path / "a.sql").write_bytes("SELECT 'é'\n".encode("utf-8-sig"))
    (tmp_path / "b.sql").write_bytes("SELECT 'é'\n".encode("utf-16"))
    assert ["SELECT 'é'\n"] * 2 == [file.text() for file in read(tmp_path).files]


def test_ignored_files_are_counted_by_directory(tmp_path: Path) -> None:
    """Nested rules win over outer ones, ignored directories are not entered, and no path outside is asked."""
    write_tree(
        tmp_path,
        {
            ".gitignore": "*.log\n/bin/\nbuild\n",
            "a.log": "x",
            "b.log": "x",
            "bin/tool": "x",
            "cmd/bin/main.go": "package main\n",
            "keep/.gitignore": "!*.log\n",
            "keep/c.log": "x",
            "x/build/y": "x",
        },
    )
    target = read(tmp_path)
    assert [".gitignore", "cmd/bin/main.go", "keep/.gitignore", "keep/c.log"] == [file.path for file in target.files]
    assert {
        "./": "2 files ignored by .gitignore",
        "bin/": "directory ignored by .gitignore",
        "x/build/": "directory ignored by .gitignore",
    } == skipped(target)


def test_decisions_and_reports_are_read_although_they_are_ignored(tmp_path: Path) -> None:
    """A team may ignore its docs; the decisions and the earlier reports are context all the same."""
    write_tree(
        tmp_path,
        {
            ".gitignore": "docs/\n",
            "docs/rda/ARCHITECTURAL_DECISIONS.md": "# D\n",
            "docs/rda/reports/09_performance_capacity.md": "# R\n",
            "docs/rda/reports/notes.txt": "x",
        },
    )
    target = read(tmp_path)
    assert target.decisions is not None and "# D\n" == target.decisions.text()
    assert ["docs/rda/reports/09_performance_capacity.md"] == [report.path for report in target.prior_reports]
    assert [".gitignore"] == [file.path for file in target.files]
    assert "# D" == target.cite("docs/rda/ARCHITECTURAL_DECISIONS.md", 1).excerpt


def test_the_kits_own_output_is_not_read(tmp_path: Path) -> None:
    """An output folder inside the target must not be audited on the next run."""
    write_tree(tmp_path, {"main.go": "package main\n", "outputs/run/audit.json": "{}", "outputs2/a.json": "{}"})
    assert ["main.go", "outputs2/a.json"] == [f.path for f in read(tmp_path, extra_ignores=("outputs/",)).files]


def test_the_walk_stops_at_its_limit_and_says_so(tmp_path: Path) -> None:
    """A limit reached is a gap, and the first files by name are those that were read."""
    write_tree(tmp_path, {f"{n}.go": "package a\n" for n in range(5)})
    target = read(tmp_path, max_files=3)
    assert ["0.go", "1.go", "2.go"] == [file.path for file in target.files]
    assert any(gap.what == "the walk stopped after 3 files" for gap in target.gaps)


CLASSIFIED = {
    "main.go": ("go", "product"),
    "store_test.go": ("go", "test"),
    "internal/sqlstoretest/fake.go": ("go", "test"),
    "internal/latest/latest.go": ("go", "product"),
    "testdata/a.json": ("json", "test"),
    "api/a.pb.go": ("go", "generated"),
    "api/zz_generated.deepcopy.go": ("go", "generated"),
    "store/mock_store.go": ("go", "test"),
    "config/id_gen.go": ("go", "product"),
    "schema/json_string.go": ("go", "product"),
    "vendor/x/x.go": ("go", "vendored"),
    "vendor/x/x_test.go": ("go", "vendored"),
    "third_party/x.py": ("python", "vendored"),
    "cmd/agent/main.go": ("go", "product"),
    "cmd/protoc-gen-x/main.go": ("go", "tooling"),
    "cmd/loadgen/main.go": ("go", "tooling"),
    "scripts/run.sh": ("shell", "tooling"),
    "hack/gen.go": ("go", "tooling"),
    "tools/tools.go": ("go", "tooling"),
    "internal/tools/calc.go": ("go", "product"),
    "loadtest/k.js": ("javascript", "tooling"),
    "examples/a/main.go": ("go", "example"),
    "_example/store/main.go": ("go", "example"),
    "docs/a.md": ("markdown", "docs"),
    "README.md": ("markdown", "docs"),
    "tests/test_a.py": ("python", "test"),
    "app/test_a.py": ("python", "test"),
    "src/a.spec.ts": ("typescript", "test"),
    "src/test/java/A.java": ("java", "test"),
    "src/main/java/A.java": ("java", "product"),
    "migrations/001.sql": ("sql", "product"),
    "deploy/values.yaml": ("yaml", "product"),
    "docker-compose.yml": ("yaml", "product"),
    "Dockerfile": ("dockerfile", "product"),
    "Dockerfile.worker": ("dockerfile", "product"),
    "Makefile": ("makefile", "product"),
    "go.mod": ("gomod", "product"),
    "go.sum": ("text", "generated"),
    ".env": ("env", "product"),
    ".env.example": ("env", "example"),
    "config.yaml.dist": ("yaml", "example"),
    "pyproject.toml": ("toml", "product"),
    "app.properties": ("properties", "product"),
    "pom.xml": ("xml", "product"),
    "api/a.proto": ("proto", "product"),
    "main.tf": ("hcl", "product"),
    ".github/workflows/ci.yml": ("yaml", "tooling"),
    "notes": ("text", "product"),
}


def test_kinds_and_roles(tmp_path: Path) -> None:
    """The shipped tables, on names that are easily taken for something else."""
    write_tree(tmp_path, dict.fromkeys(CLASSIFIED, "x\n"))
    assert CLASSIFIED == {file.path: (file.kind, file.role) for file in read(tmp_path).files}


@pytest.mark.parametrize(
    ("name", "text", "role"),
    [
        ("a.go", "// Code generated by sqlc. DO NOT EDIT.\n\npackage a\n", "generated"),
        ("a.go", "// Licence\n\n// Code generated by mockery v2. DO NOT EDIT.\n\npackage a\n", "generated"),
        ("a.go", 'package a\n\nconst head = "// Code generated by me. DO NOT EDIT."\n', "product"),
        ("a.ts", "/**\n * @generated by protobuf-ts\n */\n", "generated"),
        ("a.py", "# the id is automatically generated\nx = 1\n", "product"),
        ("a.py", "x = 'mail@generated.example'\n", "product"),
        ("a.py", "\n" * 60 + "# Code generated by x. DO NOT EDIT.\n", "product"),
    ],
)
def test_generated_code_is_known_by_its_header(tmp_path: Path, name: str, text: str, role: str) -> None:
    """Only a header counts: a generator that holds the words in a string is not itself generated."""
    (tmp_path / name).write_text(text)
    assert role == read(tmp_path).files[0].role


def test_a_script_without_suffix_is_known_by_its_first_line(tmp_path: Path) -> None:
    """The interpreter named there is its language."""
    write_tree(tmp_path, {"run": "#!/usr/bin/env bash\n", "tool": "#!/usr/bin/python3 -u\n"})
    assert ["shell", "python"] == [file.kind for file in read(tmp_path).files]


def test_the_name_of_a_target_given_as_a_dot_is_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout may lie in a directory of any name."""
    write_tree(tmp_path, {"go.mod": "module example.com/team/orders/v2\n"})
    monkeypatch.chdir(tmp_path)
    assert ("orders", tmp_path.name) == (read(".").name, read(tmp_path).name)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_an_excerpt_is_the_text_of_its_lines(tmp_path: Path) -> None:
    """Dedented, at most six lines, with the last line that is shown."""
    lines = [f"\t\tcall({n})" for n in range(1, 11)]
    write_tree(tmp_path, {"a.go": "\r\n".join(lines)})
    target = read(tmp_path)
    one = target.cite("a.go", 3, role="default")
    assert ("a.go", 3, 3, "call(3)", "default") == (one.path, one.line, one.end_line, one.excerpt, one.role)
    several = target.cite("a.go", 2, 10)
    assert (2, 7, "call(2)\ncall(3)\ncall(4)\ncall(5)\ncall(6)\ncall(7)") == (
        several.line,
        several.end_line,
        several.excerpt,
    )


def test_a_long_excerpt_is_cut_where_its_end_line_says(tmp_path: Path) -> None:
    """Whole lines are dropped first; a single long line ends in an ellipsis."""
    write_tree(tmp_path, {"a.go": f"{'a' * 300}\n{'b' * 300}\n{'c' * 900}\n"})
    target = read(tmp_path)
    assert (1, "a" * 300) == (target.cite("a.go", 1, 3).end_line, target.cite("a.go", 1, 3).excerpt)
    assert "c" * 399 + "…" == target.cite("a.go", 3).excerpt


def test_every_line_of_a_file_can_be_cited_as_it_stands(tmp_path: Path) -> None:
    """What a reader finds at the line is what the excerpt says, redacted parts aside."""
    text = 'package a\n\n\tx := 1 // é\n/*** banner ***/\npassword := "hunter2!"\n\x1b[31mred\n' + "k" * 1000 + "\n"
    write_tree(tmp_path, {"a.go": text})
    target = read(tmp_path)
    lines = text.split("\n")[:-1]
    for number, line in enumerate(lines, 1):
        excerpt = squeeze(target.cite("a.go", number).excerpt)
        pieces = [piece.strip() for piece in re.split(r"\*{3,}|\[REDACTED[^\]]*\]|…", excerpt) if piece.strip()]
        assert all(piece in squeeze(line) for piece in pieces)
        assert sum(map(len, pieces)) >= min(3, len(squeeze(line)))
        assert "\x1b" not in excerpt


@pytest.mark.parametrize(("path", "line"), [("a.go", 0), ("a.go", 3), ("b.go", 1), ("../a.go", 1)])
def test_what_does_not_exist_cannot_be_cited(tmp_path: Path, path: str, line: int) -> None:
    """A citation of nothing is a defect of whoever made it."""
    write_tree(tmp_path, {"a.go": "one\ntwo\n"})
    with pytest.raises(ValueError, match="cannot be cited"):
        read(tmp_path).cite(path, line)


def test_files_are_found_by_kind_and_role(tmp_path: Path) -> None:
    """Product code unless asked otherwise; every kind when none is named."""
    write_tree(tmp_path, {"a.go": "x\n", "a_test.go": "x\n", "b.sql": "x\n"})
    target = read(tmp_path)

    def paths(files: list[SourceFile]) -> list[str]:
        return [file.path for file in files]

    assert ["a.go"] == paths(target.of_kind("go"))
    assert ["a.go", "b.sql"] == paths(target.of_kind())
    assert ["a_test.go"] == paths(target.of_kind("go", "sql", roles=("test",)))
    assert target.file("missing.go") is None


REPORT = "docs/rda/reports/09_performance_capacity.md"


def test_the_report_is_the_only_file_written(tmp_path: Path) -> None:
    """Made with its directories, replaced whole, nothing left beside it."""
    assert tmp_path / REPORT == write_report(tmp_path, "# One\n")
    write_report(tmp_path, "# Two é\n")
    assert "# Two é\n" == (tmp_path / REPORT).read_text(encoding="utf-8")
    assert [REPORT] == [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_the_report_follows_no_link(tmp_path: Path, depth: int) -> None:
    """A link anywhere on the way could have the report written beside the target."""
    outside, target = tmp_path / "outside", tmp_path / "service"
    (outside / "rda" / "reports").mkdir(parents=True)
    link = target.joinpath(*REPORT.split("/")[:depth])
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "report.md" if depth == 4 else outside)
    with pytest.raises(BadInput, match="symbolic link|not a regular file"):
        write_report(target, "# Report\n")
    assert [] == [path for path in outside.rglob("*") if path.is_file()]


def test_a_file_in_the_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    """The report has no place to go, and the file stays as it is."""
    (tmp_path / "docs").write_text("mine")
    with pytest.raises(BadInput, match="docs is not a directory"):
        write_report(tmp_path, "# Report\n")


@pytest.mark.parametrize("call", ["mkdir", "open", "replace"])
def test_a_read_only_target_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """The caller can then write elsewhere; no half of a report is left behind."""
    really = getattr(os, call)

    def refusing(path, *arguments, **options):  # type: ignore[no-untyped-def]
        if call == "open" and not arguments[0] & os.O_WRONLY:
            return really(path, *arguments, **options)
        raise OSError(30, "Read-only file system", path)

    monkeypatch.setattr(os, call, refusing)
    with pytest.raises(ReadOnlyTarget, match=r"cannot be written \(Read-only file system\)"):
        write_report(tmp_path, "# Report\n")
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_bare_name_that_hides_a_program_of_the_same_name_does_not_hide_its_source(tmp_path: Path) -> None:
    """`service` in .gitignore means the binary: without git, `cmd/service/main.go` is read and `service` is not."""
    (tmp_path / ".gitignore").write_text("service\ndist\nlogs/\n")
    for path in ("cmd/service/main.go", "dist/bundle.js", "logs/debug.go", "service"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("package main\n")
    assert [".gitignore", "cmd/service/main.go"] == [file.path for file in read(tmp_path).files]
