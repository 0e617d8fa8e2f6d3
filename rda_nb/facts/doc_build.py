"""Build files: Dockerfile instructions, Makefile targets, and the module file of Go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.source import SourceFile, Target

_INSTRUCTION = re.compile(r"^[ \t]*([A-Za-z]+)[ \t]+(.*)$")
_TARGET = re.compile(r"^([A-Za-z0-9_.%/$(){}\-][^:=#\t]*?)[ \t]*::?(?!=)([^=].*)?$")
_REQUIRE = re.compile(r"^\s*(?:require\s+)?([^\s()]+\.[^\s()]+)\s+(v[^\s]+)")


def instructions(file: SourceFile) -> Iterator[tuple[str, str, int]]:
    """Name in capitals, body and first line of each Dockerfile instruction; continued lines are joined."""
    name, body, first = "", "", 0
    for number, line in enumerate(file.lines, 1):
        if line.lstrip().startswith("#"):
            continue
        if not name:
            match = _INSTRUCTION.match(line)
            if match is None:
                continue
            name, part, first = match[1].upper(), match[2], number
        else:
            part = line.strip()
        goes_on = part.rstrip().endswith("\\")
        body += " " + part.rstrip().removesuffix("\\").strip()
        if not goes_on:
            yield name, body.strip(), first
            name, body = "", ""
    if name:
        yield name, body.strip(), first


@dataclass(frozen=True, slots=True)
class MakeTarget:
    """One target of a Makefile with its recipe, as written."""

    name: str
    path: str
    line: int
    recipe: tuple[tuple[int, str], ...]


def make_targets(target: Target) -> tuple[MakeTarget, ...]:
    """Targets of every Makefile of the service, in order of path and line."""
    found: list[MakeTarget] = []
    for file in target.of_kind("makefile", roles=("product", "tooling", "test", "example")):
        names: list[str] = []
        first = 0
        recipe: list[tuple[int, str]] = []
        for number, line in enumerate([*file.lines, "end:"], 1):
            if line.startswith("\t"):
                recipe.append((number, line.strip()))
                continue
            match = _TARGET.match(line)
            if match is None:
                continue
            found.extend(MakeTarget(name, file.path, first, tuple(recipe)) for name in names)
            names = [name for name in match[1].split() if not name.startswith(".")]
            first, recipe = number, []
    return tuple(sorted(found, key=lambda t: (t.path, t.line, t.name)))


@dataclass(frozen=True, slots=True)
class GoModule:
    """A go.mod: its module, language version, and each required module's version with the line that says so."""

    path: str
    module: str
    go: str
    requirements: dict[str, tuple[str, Evidence]]


def go_modules(target: Target) -> tuple[GoModule, ...]:
    """Every go.mod of the service itself; a replaced version counts."""
    return tuple(_module(target, file) for file in target.of_kind("gomod") if file.path.rpartition("/")[2] == "go.mod")


def _module(target: Target, file: SourceFile) -> GoModule:
    module = go = block = ""
    requirements: dict[str, tuple[str, Evidence]] = {}
    for number, raw in enumerate(file.lines, 1):
        line = raw.split("//", 1)[0].strip()
        if line.endswith("("):
            block = line.removesuffix("(").strip()
        elif line == ")":
            block = ""
        elif line.startswith("module "):
            module = line.split(None, 1)[1].strip('"')
        elif line.startswith("go "):
            go = line.split()[1]
        elif block == "require" or line.startswith("require "):
            match = _REQUIRE.match(line)
            if match:
                requirements[match[1]] = (match[2], target.cite(file.path, number))
        elif "=>" in line and (block == "replace" or line.startswith("replace ")):
            old, _, new = line.removeprefix("replace ").partition("=>")
            words = new.split()
            if old.split() and len(words) == 2 and old.split()[0] in requirements:
                requirements[old.split()[0]] = (words[1], target.cite(file.path, number))
    return GoModule(file.path, module, go, dict(sorted(requirements.items())))
