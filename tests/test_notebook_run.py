"""papermill runs of a notebook: parameters, isolation from the working directory, failures that keep what was run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rda_nb import notebook
from rda_nb.core import BadInput, RdaError

pytestmark = pytest.mark.slow


def _cell(cell_id: str, source: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def _notebook(folder: Path, *cells: tuple[str, str]) -> Path:
    """A small notebook with one parameter, `limit`, and the given cells."""
    content = {
        "cells": [_cell("parameters", "limit = 1", "parameters"), *(_cell(name, source) for name, source in cells)],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "small.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _outputs(executed: Path, cell_id: str) -> list[dict[str, Any]]:
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return next(cell["outputs"] for cell in cells if cell["id"] == cell_id)


def test_a_run_uses_the_parameters_and_reports_each_cell(tmp_path: Path) -> None:
    """The executed copy holds the given value, and progress hears every cell in order."""
    heard: list[tuple[str, int, int]] = []
    source = _notebook(tmp_path, ("answer", "limit * 2"))
    executed = notebook.execute({"limit": 21}, tmp_path / "out", lambda *step: heard.append(step), source)
    assert ["42"] == _outputs(executed, "answer")[0]["data"]["text/plain"]
    assert ("answer", 2, 3) == heard[-1]
    assert "parameters" == heard[0][0]


def test_an_unknown_parameter_is_an_error_before_any_kernel_starts(tmp_path: Path) -> None:
    """papermill would only warn; the message names the parameter and those that exist."""
    with pytest.raises(BadInput, match=r"unknown parameter limits; small\.ipynb knows limit"):
        notebook.execute({"limits": 2}, tmp_path / "out", notebook=_notebook(tmp_path))
    assert not (tmp_path / "out").exists()


def test_a_failing_cell_is_named_and_the_half_run_notebook_kept(tmp_path: Path) -> None:
    """One line says what, where and which file; the file holds what had run."""
    source = _notebook(tmp_path, ("first", "print('seen')"), ("second", "raise ValueError('no such queue')"))
    with pytest.raises(RdaError) as caught:
        notebook.execute({}, tmp_path / "out", notebook=source)
    message = str(caught.value)
    assert "ValueError: no such queue (cell second; half-run notebook: " in message
    assert "\n" not in message
    kept = Path(message.rsplit("half-run notebook: ", 1)[1].rstrip(")"))
    assert ["seen\n"] == _outputs(kept, "first")[0]["text"]


def test_bad_input_in_a_cell_stays_bad_input(tmp_path: Path) -> None:
    """A wrong target has the same type of error with a notebook as without one."""
    source = _notebook(tmp_path, ("only", "from rda_nb.core import BadInput\nraise BadInput('no such target: x')"))
    with pytest.raises(BadInput, match="^no such target: x"):
        notebook.execute({}, tmp_path / "out", notebook=source)


def test_a_kernel_that_dies_is_one_clear_line(tmp_path: Path) -> None:
    """A killed kernel names its cell and the notebook that was kept."""
    source = _notebook(tmp_path, ("dies", "import os\nos._exit(7)"))
    with pytest.raises(RdaError, match="stopped in cell dies: DeadKernelError: .*half-run notebook"):
        notebook.execute({}, tmp_path / "out", notebook=source)


def test_modules_beside_the_run_are_never_imported(tmp_path: Path) -> None:
    """A kernel started from the audited tree, or beside it, imports the installed packages and nothing of the tree."""
    source = _notebook(tmp_path, ("look", "import rda_nb, colorsys, os\n[rda_nb.__file__, colorsys.__file__]"))
    decoys = tmp_path / "target"
    for folder in (decoys, tmp_path / "out"):
        folder.mkdir()
        for name in ("rda_nb.py", "colorsys.py", "ipykernel_launcher.py"):
            (folder / name).write_text("raise SystemExit('the audited tree was run')", encoding="utf-8")
    script = (
        "import sys; from pathlib import Path; from rda_nb import notebook\n"
        f"notebook.execute({{}}, Path({str(tmp_path / 'out')!r}), notebook=Path({str(source)!r}))"
    )
    root = str(Path(notebook.__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root}
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=decoys, env=environment, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    shown = "".join(_outputs(tmp_path / "out" / "small.ipynb", "look")[0]["data"]["text/plain"])
    assert str(tmp_path) not in shown


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets, connection file and IPython's state live in a folder of the run, which goes with it."""
    temporary, home = tmp_path / "tmp", tmp_path / "home"
    temporary.mkdir()
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    notebook.execute({}, tmp_path / "out", notebook=_notebook(tmp_path, ("one", "1")))
    assert [] == list(temporary.iterdir())
    assert [] == [path for path in home.rglob("*") if path.is_file()]
    assert ["small.ipynb"] == [path.name for path in (tmp_path / "out").iterdir()]


def test_kernels_that_start_together_do_not_collide(tmp_path: Path) -> None:
    """Each run has its own sockets: four at once give four results."""
    script = (
        "import sys; from pathlib import Path; from rda_nb import notebook\n"
        "print(notebook.execute({'limit': int(sys.argv[1])}, Path(sys.argv[2]), notebook=Path(sys.argv[3])))"
    )
    source = _notebook(tmp_path, ("answer", "limit"))
    environment = os.environ | {"PYTHONPATH": str(Path(notebook.__file__).parents[2])}

    def run(n: int) -> str:
        command = [sys.executable, "-c", script, str(n), str(tmp_path / f"out{n}"), str(source)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stderr
        return _outputs(Path(done.stdout.strip()), "answer")[0]["data"]["text/plain"][0]

    with ThreadPoolExecutor(4) as pool:
        assert ["1", "2", "3", "4"] == list(pool.map(run, (1, 2, 3, 4)))
