"""The wheel: what it holds, and that it works where nothing of the checkout is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import rda_nb

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built once."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a new environment with the wheel in it; its dependencies are those of this environment."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    site = next((home / "lib").glob("python*/site-packages"))
    # An editable install of the checkout must not answer for the wheel: only its dependencies are lent.
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (site / "lent.pth").write_text(
        "\n".join(f"import sys; sys.path.append({path!r})" for path in lent) + "\n", encoding="utf-8"
    )
    (home / "share").symlink_to(Path(sys.prefix) / "share")  # nbconvert keeps its templates there
    return home / "bin"


@pytest.mark.slow
def test_the_wheel_holds_what_a_run_needs(wheel: Path) -> None:
    """Every data file of the package, the notebook and the example are in it; cases and reports of audits are not."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    listed = subprocess.run(["git", "ls-files", "rda_nb"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = {name for name in listed.split() if "/cases/" not in name and (ROOT / name).is_file()}
    assert set() == wanted - held
    assert {"rda_nb/_notebooks/performance_capacity.ipynb", "rda_nb/_examples/orders-ingest/go.mod"} <= held
    assert [] == [name for name in held if "/cases/" in name or "/rda/reports/" in name or name.startswith("tests/")]


@pytest.mark.slow
@pytest.mark.parametrize("how", [["--no-notebook"], []], ids=["bare", "notebook"])
def test_an_installed_rda_audits_from_another_directory(installed: Path, tmp_path: Path, how: list[str]) -> None:
    """The bundled example is copied out and audited; nothing of the checkout is on the path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RDA_"))}
    environment["XDG_STATE_HOME"] = str(tmp_path / "state")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(installed / "rda"), *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert 0 == done.returncode, done.stderr
        return done.stdout

    where = subprocess.run(
        [str(installed / "python"), "-c", "import rda_nb; print(rda_nb.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert str(installed.parent) in where
    run("example", "service")
    document = json.loads(run("audit", "service", "--format", "json", *how))
    assert 10 == len(document["tables"]["checklist"])
    assert (tmp_path / "service" / "docs" / "rda" / "reports" / "09_performance_capacity.md").is_file()
    (outputs,) = (tmp_path / "outputs" / "service").iterdir()
    assert ("performance_capacity.ipynb" in {path.name for path in outputs.iterdir()}) == (not how)


def test_the_exporters_are_registered() -> None:
    """`jupyter nbconvert --to rda_html` and `--to rda_markdown` find their classes."""
    found = {e.name: e.load().__name__ for e in metadata.entry_points(group="nbconvert.exporters") if "rda" in e.name}
    assert {"rda_html": "RdaHTMLExporter", "rda_markdown": "RdaMarkdownExporter"} == found


def test_the_version_stands_once() -> None:
    """The installed metadata take it from the package."""
    assert rda_nb.__version__ == metadata.version("rda-nb")
    assert ["version"] == PROJECT["dynamic"]


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0].lower())


def test_constraints_pin_every_dependency_exactly() -> None:
    """Names and versions only: whoever installs decides where packages come from."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [] == [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.!+]+", line)]
    listed = [*PROJECT["dependencies"], *(r for extra in PROJECT["optional-dependencies"].values() for r in extra)]
    assert set() == {_name(r) for r in listed} - {_name(pin) for pin in pins}


def test_every_dependency_has_a_tested_range() -> None:
    """What a run needs has a lower and an upper bound."""
    assert [] == [r for r in PROJECT["dependencies"] if not re.fullmatch(r"[\w.-]+>=[\d.]+,<[\d.]+", r)]
