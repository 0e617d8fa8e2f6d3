"""The smaller commands: the example, a new check, a notebook to work in; and their documentation."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import typer
from commands import rda, tree

from rda_nb import checks, lab
from rda_nb.cli import app
from rda_nb.core import RdaError
from rda_nb.parameters import Parameters
from rda_nb.records import Page
from tests.cases import differences, resolved, wants, write_case

ROOT = Path(__file__).parents[1]


def test_the_example_is_copied_once(tmp_path: Path) -> None:
    """A directory that exists is never written into; reports of earlier audits stay behind."""
    said = rda("example", tmp_path / "service")
    assert 0 == said.code
    assert f"rda audit {tmp_path / 'service'}" in said.out
    assert (tmp_path / "service" / "go.mod").is_file()
    assert not (tmp_path / "service" / "docs" / "rda" / "reports").exists()
    again = rda("example", tmp_path / "service")
    assert (2, f"{tmp_path / 'service'}: exists already; name a directory that does not") == (again.code, again.line)


def test_a_new_check_fails_its_first_case(tmp_path: Path) -> None:
    """The page imports, the case is read by the driver, and it demands a row that the empty check does not give."""
    said = rda("new-check", "hot_loop", "--into", tmp_path / "checks")
    assert 0 == said.code
    page, case = (Path(line) for line in said.out.split())
    spec = importlib.util.spec_from_file_location("hot_loop", page)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert isinstance(module.PAGE, Page)
    write_case(case, tmp_path / "service")
    check = checks.Check("hot_loop", module.PAGE, module.assess)
    wrong = differences(checks.rows_of(check, resolved(tmp_path / "service")), wants(tmp_path / "service"))
    assert ["first.go:4 wants concurrency CONCERN: no such row"] == wrong


def test_a_new_check_is_not_taken_for_a_finished_one(tmp_path: Path) -> None:
    """An audit with a page that nobody filled in stops and names the check."""
    from rda_nb.findings.conclude import _known_topics
    from rda_nb.findings.criteria import checklist

    rda("new-check", "hot_loop", "--into", tmp_path)
    spec = importlib.util.spec_from_file_location("hot_loop", tmp_path / "hot_loop" / "__init__.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(RdaError, match="check 'hot_loop': topics are empty"):
        _known_topics({"hot_loop": module.PAGE}, checklist())


@pytest.mark.parametrize("name", ["HotLoop", "hot-loop", "1loop", "", "../x", "a__b"])
def test_a_check_id_is_words_joined_by_underscores(name: str, tmp_path: Path) -> None:
    """Anything else is refused and nothing is written."""
    said = rda("new-check", name, "--into", tmp_path)
    assert 2 == said.code
    assert "is no check id" in said.line
    assert {} == tree(tmp_path)


def test_a_check_is_never_overwritten(tmp_path: Path) -> None:
    """The second time the id is taken."""
    rda("new-check", "hot_loop", "--into", tmp_path)
    before = tree(tmp_path)
    said = rda("new-check", "hot_loop", "--into", tmp_path)
    assert (2, f"{tmp_path / 'hot_loop'}: there is a check of this name") == (said.code, said.line)
    assert before == tree(tmp_path)


def test_the_notebook_for_lab_has_its_parameters_set(small: Path, tmp_path: Path) -> None:
    """Names, order and comments stay; paths are absolute; the service's own directory stays clean."""
    before = tree(small)
    chosen = Parameters(
        TARGET_SERVICE_PATH=os.path.relpath(small),
        OUTPUT_DIR=str(tmp_path / "out"),
        SERVICE_NAME="zwölf",
        items_per_batch=7,
    )
    copy = lab.copy_of_notebook(chosen)
    cells = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", ()))
    found = {n.targets[0].id: ast.literal_eval(n.value) for n in ast.parse(source).body if isinstance(n, ast.Assign)}
    wanted = chosen.model_dump() | {"TARGET_SERVICE_PATH": str(small)}
    assert wanted == found
    assert "# the one directory that is read" in source
    assert before == tree(small)


def test_lab_without_jupyterlab_says_how_to_get_it(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, exit code 2."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    said = rda("lab", small, "--out", tmp_path / "out")
    assert (2, "JupyterLab is not installed; install it with: pip install 'rda-nb[lab]'") == (said.code, said.line)


@pytest.mark.slow
def test_lab_serves_the_notebook(small: Path, tmp_path: Path) -> None:
    """JupyterLab starts on the copy and ends when it is interrupted."""
    pytest.importorskip("jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rda_nb.cli", "lab", str(small), "--out", str(tmp_path), "--no-browser"]
    environment = os.environ | {"JUPYTER_TOKEN": "test", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--", f"--port={port}", "--allow-root"], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as server:  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}/api/contents/performance_capacity.ipynb?content=0&token=test"
            for _ in range(120):
                try:
                    with urllib.request.urlopen(address, timeout=5) as answer:
                        assert "performance_capacity.ipynb" == json.load(answer)["name"]
                    break
                except OSError:
                    assert server.poll() is None, server.stderr and server.stderr.read()
                    time.sleep(0.5)
            else:
                pytest.fail("the server did not answer")
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.communicate(timeout=30)


def _commands() -> dict[str, set[str]]:
    """Every command with its long options."""
    group = typer.main.get_command(app)
    return {
        name: {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize("command", sorted(_commands()))
def test_every_command_and_option_is_documented(command: str) -> None:
    """README or CONTRIBUTING names each command, and each option of it."""
    readme = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    assert f"rda {command}" in readme
    assert set() == {option for option in _commands()[command] if f"`{option}" not in readme}


def test_the_readme_names_no_command_that_is_not_there() -> None:
    """Nor a word of make that the Makefile does not have."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set() == set(re.findall(r"\brda (?!is\b|does\b)([a-z-]+)", " ".join(re.findall(r"`[^`]+`", readme)))) - set(
        _commands()
    )
    words = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set() == set(re.findall(r"\bmake ([a-z]+)", readme)) - words
    assert {"setup", "audit", "test", "lint", "accept", "docs", "profile", "bench", "lab"} <= words


def test_the_readme_example_runs(example: Path) -> None:
    """The lines of Python in the README work on a real service as they stand."""
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    names: dict[str, object] = {}
    exec(block.replace("path/to/service", str(example)), names)
    assert type(names["audit"]).__name__ == "Audit"


def test_links_in_the_documents_lead_somewhere() -> None:
    """Every relative link of README and CONTRIBUTING is a file of the project."""
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#]+)\)", text)
        assert [] == [link for link in links if not link.startswith("http") and not (ROOT / link).exists()], document
