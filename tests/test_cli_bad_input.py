"""Bad input: one clear line each, exit code 2, never a traceback, nothing written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import rda, tree

from rda_nb.parameters import Parameters, read_file


@pytest.mark.parametrize("notebook", [True, False])
def test_a_missing_target_is_named(tmp_path: Path, notebook: bool) -> None:
    """The same line with and without the notebook, before a kernel is started."""
    said = rda("audit", tmp_path / "none", "--out", tmp_path / "out", *([] if notebook else ["--no-notebook"]))
    assert (2, f"{tmp_path / 'none'}: no such directory; give the path of one service") == (said.code, said.line)
    assert not (tmp_path / "out").exists()


def test_a_file_is_no_target(small: Path) -> None:
    """The line says what to give instead."""
    said = rda("audit", small / "main.go")
    assert 2 == said.code
    assert said.line.endswith("not a directory; give the directory of one service, not a file")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("items_per_batch=many", "parameter items_per_batch: should be a valid integer, got 'many'"),
        ("items_per_batch=1.5", "parameter items_per_batch: should be a valid integer, got 1.5"),
        ("items_per_batch=0", "parameter items_per_batch: should be greater than or equal to 1, got 0"),
        ("items_per_batch=true", "parameter items_per_batch: should be a valid integer, got True"),
        ("arrival_rate_per_s=.inf", "parameter arrival_rate_per_s: should be a finite number, got inf"),
        ("arrival_rate_per_s=", "parameter arrival_rate_per_s: should be a valid number, got None"),
        ("item_per_batch=3", "unknown parameter 'item_per_batch'; did you mean items_per_batch? Known are"),
        ("target_service_path=.", "did you mean TARGET_SERVICE_PATH?"),
        ("zzz=3", "unknown parameter 'zzz'. Known are TARGET_SERVICE_PATH, SERVICE_NAME"),
        ("items_per_batch", "--set 'items_per_batch': expected key=value"),
        ("SHARED_RULES=/nowhere", "parameter SHARED_RULES: /nowhere holds none of rda-common-rules.md"),
    ],
)
def test_a_wrong_parameter_names_the_key_and_what_is_allowed(small: Path, setting: str, words: str) -> None:
    """Type, range, spelling and form."""
    before = tree(small)
    said = rda("audit", small, "--no-notebook", "--set", setting)
    assert 2 == said.code
    assert words in said.line
    assert before == tree(small)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"items_per_batch: [1, 2]\n", "parameter items_per_batch: should be a valid integer"),
        (b"- a\n- b\n", "a parameters file is a mapping of names to values"),
        (b"a: b: c\n", "not YAML (mapping values are not allowed here"),
        (b"\xff\xfe\xff", "not UTF-8 text"),
        (b"SERVICE_NAME: 12\n", "parameter SERVICE_NAME: should be a valid string, got 12"),
        (b"batch: 3\n", "unknown parameter 'batch'"),
    ],
)
def test_a_wrong_parameters_file_is_one_line(small: Path, tmp_path: Path, content: bytes, words: str) -> None:
    """Unreadable, not YAML, not a mapping, or with a wrong value in it."""
    (tmp_path / "p.yaml").write_bytes(content)
    said = rda("audit", small, "--no-notebook", "--params", tmp_path / "p.yaml")
    assert 2 == said.code
    assert words in said.line


def test_a_missing_parameters_file_is_named(small: Path, tmp_path: Path) -> None:
    """With the reason of the system."""
    said = rda("audit", small, "--params", tmp_path / "none.yaml")
    assert (2, f"{tmp_path / 'none.yaml'}: cannot be read (No such file or directory)") == (said.code, said.line)


def test_set_wins_over_the_file_and_arguments_over_both(small: Path, tmp_path: Path) -> None:
    """A text parameter keeps what was typed, even when it looks like a number."""
    (tmp_path / "p.yaml").write_text(f"TARGET_SERVICE_PATH: {tmp_path / 'none'}\nSERVICE_NAME: a\nitems_per_batch: 3\n")
    said = rda(
        "audit", small, "--no-notebook", "--format", "json", "--out", tmp_path / "out",
        "--params", tmp_path / "p.yaml", "--set", "SERVICE_NAME=12",
    )  # fmt: skip
    assert 0 == said.code
    assert '"service": "12"' in said.out
    assert '"items_per_batch": 3' in said.out


@pytest.mark.parametrize("option", [("--fail-on", "P5"), ("--format", "xml"), ("--nope",)])
def test_a_wrong_option_is_refused(small: Path, option: tuple[str, ...]) -> None:
    """Usage errors have the same exit code."""
    said = rda("audit", small, *option)
    assert 2 == said.code
    assert option[-1].strip("-") in said.err
    assert "Traceback" not in said.err


def test_an_output_folder_inside_the_target_is_refused(small: Path) -> None:
    """The report is the only file ever written there."""
    said = rda("audit", small, "--no-notebook", "--out", small / "out")
    assert 2 == said.code
    assert "lies inside the target, where only the report is written; give another folder with --out" in said.line
    assert not (small / "out").exists()


def test_an_output_folder_that_is_a_file_is_refused(small: Path, tmp_path: Path) -> None:
    """Before the audit is written anywhere."""
    (tmp_path / "out").write_text("", encoding="utf-8")
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out")
    assert 2 == said.code
    assert "give another one with --out" in said.line


def test_an_empty_directory_is_audited_with_gaps(tmp_path: Path) -> None:
    """There is nothing to say, and the run says so: every answer is GAP."""
    (tmp_path / "empty").mkdir()
    said = rda("audit", tmp_path / "empty", "--no-notebook", "--out", tmp_path / "out")
    assert 0 == said.code, said.err
    verdicts, _, criteria = said.out.partition("Completion criteria")
    assert 10 == verdicts.count("GAP")
    assert ": 12 of 12 hold" in criteria


def test_odd_files_are_skipped_with_a_reason(small: Path, tmp_path: Path) -> None:
    """A pipe, a link loop, invalid UTF-8 in code and a file over the limit: listed, and the audit goes on."""
    os.mkfifo(small / "pipe")
    (small / "loop").symlink_to(small / "loop")
    (small / "latin.go").write_bytes(b"package main\n\n// \xe9t\xe9\nfunc f() {}\n")
    with (small / "huge.go").open("wb") as huge:
        huge.truncate(200_000_000)
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out", "--format", "json")
    assert 0 == said.code, said.err
    for path in ("pipe", "loop", "huge.go"):
        assert f'"path": "{path}"' in said.out


def test_the_example_parameters_are_complete() -> None:
    """`parameters/example.yaml` shows every parameter once, with a value of the right type."""
    given = read_file(Path(__file__).parents[1] / "parameters" / "example.yaml")
    assert list(Parameters.model_fields) == list(given)
    Parameters(**given)
