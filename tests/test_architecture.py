"""The house rules that a program can check: floors, the one door to the target, words, sizes, public wording."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rda_nb

ROOT = Path(__file__).parents[1]
PACKAGE = Path(rda_nb.__file__).parent
TEXTS = {
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".toml",
    ".scm",
    ".jinja",
    ".j2",
    ".ipynb",
    ".txt",
    ".css",
    ".js",
    ".sql",
    ".go",
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _copy(folder: Path) -> Path:
    shutil.copytree(PACKAGE, folder / "rda_nb", ignore=shutil.ignore_patterns("__pycache__", "cases"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.slow
def test_a_floor_imports_only_lower_floors() -> None:
    """The contracts of pyproject.toml hold."""
    done = _lint(ROOT)
    assert 0 == done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("source/walk.py", "from rda_nb import checks"),
        ("core.py", "import rda_nb.records"),
        ("checks/__init__.py", "from rda_nb import languages"),
    ],
)
def test_the_contracts_see_an_import_that_climbs(module: str, line: str, tmp_path: Path) -> None:
    """A planted import from a higher floor, also a lazy one, breaks the contract."""
    copied = _copy(tmp_path) / "rda_nb" / module
    copied.write_text(f"{copied.read_text(encoding='utf-8')}\n\ndef planted():\n    {line}\n", encoding="utf-8")
    done = _lint(tmp_path)
    assert 1 == done.returncode, done.stdout
    assert "BROKEN" in done.stdout


@pytest.mark.slow
def test_the_contracts_see_a_module_without_a_floor(tmp_path: Path) -> None:
    """A new top-level module has to be given its place."""
    (_copy(tmp_path) / "rda_nb" / "utils.py").write_text("", encoding="utf-8")
    done = _lint(tmp_path)
    assert 1 == done.returncode, done.stdout
    assert "utils" in done.stdout


def _modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "cases" not in path.parts)


def test_names_are_the_fields_own() -> None:
    """No module is a drawer for odds and ends."""
    assert [] == [path for path in _modules() if path.stem in {"utils", "util", "helpers", "manager", "common", "misc"}]


@pytest.mark.parametrize("path", sorted((PACKAGE / "checks").glob("*/__init__.py")), ids=lambda path: path.parent.name)
def test_a_check_names_no_client_and_no_grammar(path: Path) -> None:
    """Checks speak of roles and meanings: they import neither the parser nor the knowledge of libraries."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    forbidden = ("tree_sitter", "sqlglot", "os", "pathlib", "subprocess", "rda_nb.languages", "rda_nb.source")
    assert set() == {name for name in imported for root in forbidden if name == root or name.startswith(f"{root}.")}


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_text_names_a_machine() -> None:
    """Paths of one machine and hosts of package registries stand nowhere in the project."""
    # Put together here, so that this file does not hold what it looks for.
    words = ["/" + "work/", "/" + "root/", "files." + "pythonhosted", "pypi" + ".org", "registry." + "npmjs"]
    machine = re.compile("|".join(rf"(?<![\w.-]){re.escape(word)}" for word in words))
    found = []
    for path in _tracked():
        if path.is_file() and (path.suffix in TEXTS or path.name in {"Makefile", "run", "Dockerfile"}):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if machine.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}")
    assert [] == found
