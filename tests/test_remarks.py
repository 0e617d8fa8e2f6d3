"""`rda:ignore` in the comments of every kind of file: which lines it speaks of, and what is no comment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rda_nb.findings.identity import tokens
from rda_nb.findings.ignores import Coverage, taken_apart
from rda_nb.records import Hotspot
from rda_nb.source import Remark, Target, read, remarks
from rda_nb.source.classify import classifier
from rda_nb.source.comments import forms, without_comments
from tests.findings_sample import CONCERN

SAID = "rda:ignore a_check -- a reason until 2027-01-31"


def _read(folder: Path, files: dict[str, str]) -> Target:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return read(folder)


def _spoken(target: Target) -> list[tuple[str, int, int, int]]:
    return [(r.text, r.line, r.first, r.last) for r in remarks(target)]


# What an own line and a line of code look like; the remark is put into the first at {}.
FORMS = {
    "main.go": ("// {}", "x := f()"),
    "other.go": ("/* {} */", "x := f()"),
    "app.py": ("# {}", "x = f()"),
    "app.ts": ("// {}", "const x = f();"),
    "app.js": ("/* {} */", "const x = f();"),
    "App.java": ("// {}", "var x = f();"),
    "app.kt": ("// {}", "val x = f()"),
    "app.rs": ("// {}", "let x = f();"),
    "app.c": ("/* {} */", "x = f();"),
    "app.rb": ("# {}", "x = f"),
    "run.sh": ("# {}", "x=$(f)"),
    "deploy.yaml": ("# {}", "x: f"),
    "conf.toml": ("# {}", "x = 1"),
    "app.properties": ("# {}", "x=1"),
    "app.ini": ("; {}", "x=1"),
    "Dockerfile": ("# {}", "RUN f"),
    "Makefile": ("# {}", "x = f"),
    "main.tf": ("# {}", "x = 1"),
    "schema.sql": ("-- {}", "SELECT 1;"),
    "more.sql": ("/* {} */", "SELECT 1;"),
    "api.proto": ("// {}", "int32 x = 1;"),
    "go.mod": ("// {}", "module example.org/x"),
    "settings.jsonc": ("// {}", '{"x": 1}'),
    "page.html": ("<!-- {} -->", "<p>x</p>"),
    "pom.xml": ("<!-- {} -->", "<x/>"),
    "app.lua": ("-- {}", "x = f()"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_remark_in_the_comment_form_of_its_kind(name: str, tmp_path: Path) -> None:
    """On a line of its own it speaks of the line below, behind code of its own line; nothing of the comment is left in it."""
    comment, code = (text.format(SAID) if "{}" in text else text for text in FORMS[name])
    target = _read(tmp_path, {name: f"{code}\n{comment}\n{code}\n{code} {comment}\n"})
    assert [(SAID, 2, 3, 3), (SAID, 4, 4, 4)] == _spoken(target)
    (file,) = target.files
    assert code == without_comments(f"{file.lines[1]}\n{file.lines[2]}", name).strip()
    assert code == without_comments(file.lines[3], name).strip()


def test_every_kind_of_code_has_a_comment_form() -> None:
    """So have configuration, manifests and SQL; a new language is not forgotten."""
    wanted = classifier().code | {"yaml", "toml", "env", "properties", "dockerfile", "makefile", "sql", "json", "xml"}
    assert set() == wanted - forms().keys()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.go", f'x := "// {SAID}"\n'),
        ("main.go", f"x := `\n// {SAID}\n`\n"),
        ("main.go", f"// write {SAID} to silence it\n"),
        ("main.go", "// rda:ignored a_check -- a reason\n"),
        ("app.py", f'"""\n# {SAID}\n"""\n'),
        ("app.py", f"x = '# {SAID}'\n"),
        ("app.ts", f"const x = `// {SAID}`;\n"),
        ("deploy.yaml", f'x: "a # {SAID}"\n'),
        ("deploy.yaml", f"x: a#{SAID}\n"),
        ("schema.sql", f"SELECT '-- {SAID}';\n"),
        ("notes.txt", f"// {SAID}\n"),
        ("README.md", f"```go\n// {SAID}\n```\n"),
        ("vendor/x/x.go", f"// {SAID}\n"),
    ],
)
def test_what_is_no_remark(name: str, text: str, tmp_path: Path) -> None:
    """Strings, prose, other words, files without comments and foreign code hold no remark."""
    assert [] == _spoken(_read(tmp_path, {name: text}))


def test_remarks_above_one_another_speak_of_the_same_line(tmp_path: Path) -> None:
    """Comments between a remark and its code are left out; a blank line is not."""
    text = f"package x\n// {SAID}\n/* two\n   lines */\n// rda:ignore b -- c\nvar y = 1\n\n// rda:ignore d -- e\n\nvar z = 1\n"
    found = [(r.line, r.first) for r in remarks(_read(tmp_path, {"main.go": text}))]
    assert [(2, 6), (5, 6), (8, 9)] == found


def test_an_apostrophe_opens_no_string(tmp_path: Path) -> None:
    """In prose-like formats a quote inside a word is an apostrophe, on either side of the comment."""
    target = _read(tmp_path, {"a.yaml": f"x: don't  # {SAID}, it's fine\n", "run.sh": f"echo don\\'t # {SAID}\n"})
    assert ["a.yaml", "run.sh"] == [remark.path for remark in remarks(target)]


def test_windows_line_ends_and_a_second_comment_on_the_line(tmp_path: Path) -> None:
    """CRLF is no part of a remark; `//nolint // rda:ignore` is one."""
    target = _read(tmp_path, {"a.go": f"package a\r\nx := f() //nolint:errcheck // {SAID}\r\n"})
    assert [(SAID, 2, 2, 2)] == _spoken(target)


def test_a_remark_above_a_sql_statement_speaks_of_all_of_it(tmp_path: Path) -> None:
    """CREATE TABLE spans lines, and its findings stand at its clauses."""
    sql = f"SELECT 1;\n-- {SAID}\nCREATE TABLE t (a Int8)\nENGINE = MergeTree\nORDER BY a;\nSELECT 2;\n"
    assert [(SAID, 2, 3, 5)] == _spoken(_read(tmp_path, {"a.sql": sql}))


@pytest.mark.parametrize(
    ("name", "opener"), [("a.go", "/* x\n"), ("a.go", '"\\'), ("a.py", '"""'), ("a.ts", "`\\"), ("a.html", "<!--")]
)
def test_an_unclosed_opener_is_looked_through_once(name: str, opener: str, tmp_path: Path) -> None:
    """A file of openers that nothing closes takes no time that grows with its square."""
    target = _read(tmp_path, {name: opener * 200_000 + f"\n// {SAID}\n"})
    began = time.perf_counter()
    remarks(target)
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    ("said", "rules", "reason", "until"),
    [
        ("rda:ignore a -- why", ("a",), "why", None),
        ("rda:ignore a, b,c -- why not until 2027-01-31", ("a", "b", "c"), "why not", "2027-01-31"),
        ("rda:ignore a -- until the move, until 2027-01-31.", ("a",), "until the move", "2027-01-31"),
        ("rda:ignore a -- kept until next year", ("a",), "kept", "next year"),
        ("rda:ignore a -- why until", ("a",), "why", ""),
        ("rda:ignore a", ("a",), "", None),
        ("rda:ignore a --", ("a",), "", None),
        ("rda:ignore a -- until 2027-01-31", ("a",), "", "2027-01-31"),
        ("rda:ignore -- why", (), "why", None),
        ("rda:ignore", (), "", None),
    ],
)
def test_a_remark_is_taken_apart(said: str, rules: tuple[str, ...], reason: str, until: str | None) -> None:
    """Checks by commas, a reason behind two dashes, a day behind the last `until`, readable or not."""
    found = taken_apart(Remark("a.go", 1, said, 2, 2, False))
    assert (rules, reason, until) == (found.rules, found.reason, found.until)


GO = """package a

func f() {
	// rda:ignore r -- why
	client := &http.Client{
		Transport: &http.Transport{
			MaxIdleConns: 10,
		},
	}
	go func() { // rda:ignore r -- why
		g()
		for {
			h()
		}
	}()
	do(a,
		b) // rda:ignore r -- why
	g()
}
"""


@pytest.mark.parametrize(
    ("line", "covered"),
    [(5, {0}), (7, {0}), (10, {1}), (11, set()), (12, set()), (13, set()), (16, {2}), (17, {2}), (18, set())],
)
def test_a_remark_speaks_of_the_statement(line: int, covered: set[int], tmp_path: Path) -> None:
    """A site deep in the statement below is meant; what a started function holds is not."""
    target = _read(tmp_path, {"a.go": GO})
    coverage, found = Coverage(target), remarks(target)
    assert covered == {n for n, r in enumerate(found) if coverage.covers(r, target.cite("a.go", line))}
    assert not coverage.covers(found[0], target.cite("a.go", 5).__class__("b.go", 5, 5, "x"))


def test_a_remark_on_a_finding_s_line_leaves_its_identity(tmp_path: Path) -> None:
    """The finding that is waived where it stands is the one that was found before."""

    def tokens_of(folder: str, line: str) -> str:
        target = _read(tmp_path / folder, {"a.go": f"package a\n{line}\n"})
        return tokens(
            Hotspot(
                evidence=(target.cite("a.go", 2),), assessment=CONCERN, symbol="f", pattern="p", function="f", why="w"
            )
        )

    assert tokens_of("one", "x := f()") == tokens_of("two", f"x := f() // {SAID}")
    assert tokens_of("one", "x := f()") != tokens_of("three", "x := g()")
