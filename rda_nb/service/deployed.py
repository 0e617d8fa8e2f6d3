"""Which of several programs in a target are the service: those that its images and releases are built from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.source import Target

_BUILD = re.compile(r"\bgo\s+(?:build|install)\b((?:[^\n&|;]|\\\n)*)")
_RELEASED = re.compile(r"^\s*main:\s*['\"]?([\w./-]+)", re.M)
_OTHER_PURPOSE = re.compile(r"(?i)test|mock|bench|\bdev\b|debug|loadgen|fuzz")


def _named(target: Target) -> Iterable[str]:
    """Paths that image and release files give to the compiler."""
    for file in target.files:
        name = file.path.rpartition("/")[2].lower()
        if _OTHER_PURPOSE.search(file.path) or file.role in ("test", "vendored"):
            continue
        if file.kind == "dockerfile" or name.endswith(".dockerfile"):
            for match in _BUILD.finditer(file.text()):
                yield from (word for word in match[1].split() if "/" in word and not word.startswith(("-", "/", "$")))
        elif "goreleaser" in name:
            yield from _RELEASED.findall(file.text())


def _folder(path: str) -> str:
    plain = path.removeprefix("./").rstrip("/*")
    return plain.rpartition("/")[0] if plain.endswith(".go") else plain


def _as(role: str, file: FileFacts, chosen: bool) -> FileFacts:
    return replace(file, role=role) if chosen and file.role == "product" else file


def _folder_of(path: str, modules: Mapping[str, str]) -> str | None:
    """The folder of an imported package of the target; None for one from outside."""
    for root, module in modules.items():
        if path == module or path.startswith(module + "/"):
            return f"{root}{path[len(module) :]}".strip("/")
    return None


def _apart(files: tuple[FileFacts, ...], programs: set[str], modules: Mapping[str, str]) -> set[str]:
    """Folders of packages that no deployed program imports, by any number of steps, and that a tool or a test does.

    Nothing is said when less than half of the packages is reached: the target's programs then lie elsewhere.
    """
    imported: dict[str, set[str]] = {}
    helping: set[str] = set()
    for file in files:
        folders = {folder for row in file.rows.imports if (folder := _folder_of(row.path, modules)) is not None}
        if file.role == "product":
            imported.setdefault(file.path.rpartition("/")[0], set()).update(folders)
        elif file.role in ("tooling", "test"):
            helping |= folders
    reached: set[str] = set()
    pending = list(programs)
    while pending:
        folder = pending.pop()
        if folder not in reached:
            reached.add(folder)
            pending += imported.get(folder, ())
    if 2 * len(reached & imported.keys()) < len(imported):
        return set()
    beside = {folder for folder in helping if folder in imported} - reached
    pending = list(beside)
    while pending:
        more = {folder for folder in imported[pending.pop()] if folder in imported} - reached - beside
        beside |= more
        pending += more
    return beside


def with_tools_marked(
    target: Target,
    files: Iterable[FileFacts],
    roots: tuple[str, ...],
    modules: Mapping[str, str],
    test_packages: tuple[str, ...] = (),
) -> tuple[FileFacts, ...]:
    """The files, what is not part of the deployed service with another role.

    Code that takes the test framework becomes test; programs that no image or release is built from, and packages that
    only those and tests import, become tooling. Programs stay as they are when no build file names one of the target's.
    """
    files = tuple(
        _as(
            "test", file, file.rows.package not in roots and any(row.path in test_packages for row in file.rows.imports)
        )
        for file in files
    )
    programs = {file.path.rpartition("/")[0] for file in files if file.rows.package in roots and file.role == "product"}
    deployed = {_folder(path) for path in _named(target)} & programs or programs
    tools = programs - deployed
    files = tuple(_as("tooling", file, file.path.rpartition("/")[0] in tools) for file in files)
    apart = _apart(files, deployed, modules) if deployed else set()
    return tuple(_as("tooling", file, file.path.rpartition("/")[0] in apart) for file in files)
