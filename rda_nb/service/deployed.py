"""Which of several programs in a target are the service: those that its images and releases are built from."""

from __future__ import annotations

import re
from collections.abc import Iterable
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


def with_tools_marked(target: Target, files: Iterable[FileFacts], roots: tuple[str, ...]) -> tuple[FileFacts, ...]:
    """The files, those of programs that no image or release is built from with the role tooling.

    Nothing changes when no build file names a program, or when it names one that is not in the target.
    """
    files = tuple(files)
    programs = {file.path.rpartition("/")[0] for file in files if file.rows.package in roots and file.role == "product"}
    deployed = {_folder(path) for path in _named(target)} & programs
    if not deployed:
        return files
    tools = programs - deployed
    return tuple(replace(file, role="tooling") if file.path.rpartition("/")[0] in tools else file for file in files)
