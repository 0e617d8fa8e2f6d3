"""Modules: which language version the target's own asks for, and which foreign ones its code imports."""

from __future__ import annotations

from rda_nb.core import ExternalDep
from rda_nb.service.calls import Calls
from rda_nb.source import Target


def language_version(target: Target, calls: Calls) -> tuple[int, ...]:
    """The language version that the target's first module asks for, such as (1, 22); () when it does not say."""
    conventions = calls.conventions
    for file in sorted(target.files, key=lambda file: (file.path.count("/"), file.path)):
        if file.path.rpartition("/")[2] == conventions.MODULE_FILE:
            found: tuple[int, ...] = conventions.language_version(file.text())
            return found
    return ()


def external_deps(calls: Calls) -> tuple[ExternalDep, ...]:
    """Imported modules that are not part of the target, with the first line that imports each."""
    program = calls.names.program
    found: dict[str, ExternalDep] = {}
    for file in program.files:
        if file.role not in ("product", "tooling"):
            continue
        for row in file.rows.imports:
            if row.path in program.scopes or "." not in row.path.partition("/")[0]:
                continue
            name = module_of(row.path)
            if name not in found:
                found[name] = ExternalDep(name, "module", (calls.cite_at(file, row.start),))
    return tuple(found[name] for name in sorted(found))


def module_of(path: str) -> str:
    """The module that an import path most likely belongs to: host, owner and repository."""
    parts = path.split("/")
    size = 3 if parts[0] in ("github.com", "gitlab.com", "bitbucket.org") else 2
    kept = parts[:size]
    if len(parts) > size and parts[size].startswith("v") and parts[size][1:].isdigit():
        kept.append(parts[size])
    return "/".join(kept)
