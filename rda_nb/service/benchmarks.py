"""Benchmark functions in the target's test files, and which functions of the service they run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.service.knowledge_files import read
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service


_ALIKE = 2


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark: whether it repeats its work as its harness asks, and the service's functions that it calls by name."""

    name: str
    repeats: bool
    calls: tuple[Function, ...]
    evidence: Evidence


def _forms() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = read("benchmarks.yaml")
    return found


def benchmarks(service: Service) -> Iterator[Benchmark]:
    """Every benchmark function of the target's tests, by path and line."""
    for file in service.target.files:
        forms = _forms().get(file.kind)
        if forms is None or file.role != "test" or b"Benchmark" not in file.data:
            continue
        text = file.data.decode("latin-1")
        scope = file.path.rpartition("/")[0]
        imported = {alias or _last(path) for alias, path in re.findall(forms["imports"], text)}
        for match in re.finditer(forms["function"], text):
            end = text.find(forms["end"], match.end())
            body = text[match.end() : end if end > 0 else len(text)]
            repeats = re.search(forms["repeats"].replace("{state}", re.escape(match[2])), body) is not None
            called = sorted({(base, name) for base, name in re.findall(forms["calls"], body) if base != match[2]})
            line = text.count("\n", 0, match.start()) + 1
            functions = tuple(
                function
                for base, name in called
                for function in _named(service, base, name, None if base in imported else scope)
            )
            yield Benchmark(match[1], repeats, functions, service.target.cite(file.path, line))


def _last(path: str) -> str:
    """The name by which a package is called when it has no other: the last part of its path that is no version."""
    parts = [part for part in path.split("/") if not re.fullmatch(r"v\d+", part)]
    return parts[-1] if parts else path


def _named(service: Service, base: str, name: str, folder: str | None) -> list[Function]:
    """The functions that a call in a test file may mean: those of its own package, or of the package that is named.

    `folder` is None when the call names another package. A name that many types have says nothing.
    """
    found = [f for f in service.program.by_name.get(name, ()) if f.parent is None and f.file.role == "product"]
    near = [f for f in found if f.file.path.rpartition("/")[0] == folder and bool(f.owner_type) == bool(base)]
    if folder is None or len({f.owner_type for f in near}) > _ALIKE:
        near = []
    return near or [f for f in found if base and not f.owner_type and f.package.rpartition("/")[2] == base]
