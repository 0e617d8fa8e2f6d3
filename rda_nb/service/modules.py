"""Modules: what the target's own are called, which language version they ask for, and which foreign ones are imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rda_nb.core import Evidence, ExternalDep
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.foreign import may_wait
from rda_nb.source import Target

# So many folders of the target have to be imported below one path before it is taken for the target's own.
_SURE = 3


def own_modules(target: Target, files: Iterable[FileFacts], conventions: Any) -> dict[str, str]:
    """Folder ('' for the root) -> the import path of the module that begins there.

    A target that is a part of its module does not hold the file that names it: then the name is that below which its
    code imports folders of the target.
    """
    found = {
        file.path.rpartition("/")[0]: name
        for file in target.files
        if file.path.rpartition("/")[2] == conventions.MODULE_FILE and (name := conventions.module_of(file.text()))
    }
    root = "" if "" in found else _imported_as(tuple(files), tuple(found))
    return found | {"": root} if root else found or {"": target.name}


def _imported_as(files: tuple[FileFacts, ...], named: tuple[str, ...]) -> str:
    """The import path of the root, by the imports of its own folders; '' when none is sure."""
    folders = {file.path.rpartition("/")[0] for file in files}
    own = {folder for folder in folders if folder and not any(f"{folder}/".startswith(f"{root}/") for root in named)}
    below: dict[str, set[str]] = {}
    for path in {row.path for file in files for row in file.rows.imports}:
        parts = path.split("/")
        for cut in range(1, len(parts)) if "." in parts[0] else ():
            if (folder := "/".join(parts[cut:])) in own:
                below.setdefault("/".join(parts[:cut]), set()).add(folder)
                break
    ranked = sorted(below, key=lambda path: (-len(below[path]), path))
    counts = [len(below[path]) for path in ranked] + [0, 0]
    return ranked[0] if counts[0] >= _SURE and counts[0] > counts[1] else ""


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
    unknown = _unknown(calls)
    for file in program.files:
        if file.role not in ("product", "tooling"):
            continue
        for row in file.rows.imports:
            if row.path in program.scopes or "." not in row.path.partition("/")[0]:
                continue
            name = module_of(row.path)
            if name not in found:
                found[name] = ExternalDep(name, "module", (calls.cite_at(file, row.start),), unknown.get(name, ()))
    return tuple(found[name] for name in sorted(found))


def _unknown(calls: Calls) -> dict[str, tuple[Evidence, ...]]:
    """Module -> the calls of product code into it that may wait, of modules that nothing is known of."""
    found: dict[str, tuple[Evidence, ...]] = {}
    for made in calls.calls_of.values():
        for call in made:
            if call.file.role == "product" and may_wait(calls, call):
                name = module_of(call.resolution.package)
                found[name] = (*found.get(name, ()), calls.cite(call))
    return found


def module_of(path: str) -> str:
    """The module that an import path most likely belongs to: host, owner and repository."""
    parts = path.split("/")
    size = 3 if parts[0] in ("github.com", "gitlab.com", "bitbucket.org") else 2
    kept = parts[:size]
    if len(parts) > size and parts[size].startswith("v") and parts[size][1:].isdigit():
        kept.append(parts[size])
    return "/".join(kept)
