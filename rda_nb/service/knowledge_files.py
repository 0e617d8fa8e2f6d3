"""The YAML files that knowledge is kept in: read whole and once, or by import path no further than they are asked for."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

from rda_nb.core import RdaError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is 8 times faster
_ROOT = resources.files("rda_nb") / "knowledge"
_HEAD = re.compile(r"""^  (["']?)([^\s"'#:]+)\1:(?:\s|$)""", re.M)
# A file whose packages share entries by anchors can only be read whole.
_SHARED = re.compile(r"""[\s\[{,:-][&*][\w-]""")


def refuse(where: str, what: str) -> RdaError:
    """The error that names what is wrong in a knowledge file."""
    return RdaError(f"knowledge/{where}: {what}")


@cache
def read(name: str) -> Any:
    """One file by its path below rda_nb/knowledge; everybody is given the same value, so nobody may change it."""
    return yaml.load((_ROOT / name).read_text(encoding="utf-8"), _LOADER)


@cache
def index(language: str) -> dict[str, str]:
    """Import path -> name of the file that describes it, from the files' lines: YAML takes long, and few files are needed."""
    found: dict[str, str] = {}
    for file in sorted((_ROOT / language).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        _, _, packages = file.read_text(encoding="utf-8").partition("\npackages:")
        for match in _HEAD.finditer(packages):
            if match[2] in found:
                raise refuse(f"{language}/{file.name}", f"{match[2]} is described in {found[match[2]]} too")
            found[match[2]] = file.name
    return found


@cache
def document(language: str, name: str) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Import path -> (file, library, body) of one knowledge file."""
    where = f"{language}/{name}"
    try:
        read = yaml.load((_ROOT / language / name).read_text(encoding="utf-8"), _LOADER)
        library, packages = str(read["library"]), dict(read["packages"])
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise refuse(where, f"not a knowledge file: {error}") from None
    return {path: (where, library, body or {}) for path, body in packages.items()}


@cache
def _sections(language: str, name: str) -> tuple[str, dict[str, str]]:
    """A knowledge file's library, and import path -> lines; no lines for a file that must be read whole.

    Empty lines stand for all that comes before, so that an error names the file's line.
    """
    text = (_ROOT / language / name).read_text(encoding="utf-8")
    head, _, packages = text.partition("\npackages:")
    found = list(_HEAD.finditer(packages))
    if not found or packages[: found[0].start()].strip() or _SHARED.search(text):
        return "", {}
    try:
        library = str(yaml.load(head, _LOADER)["library"])
    except (yaml.YAMLError, KeyError, TypeError):
        return "", {}
    before = head.count("\n") + 1
    ends = [match.start() for match in found[1:]] + [len(packages)]
    return library, {
        match[2]: "\n" * (before + packages.count("\n", 0, match.start())) + packages[match.start() : end]
        for match, end in zip(found, ends, strict=True)
    }


def entry(language: str, name: str, path: str) -> tuple[str, str, dict[str, Any]]:
    """(file, library, body) of one package: its own lines are read where they suffice, since most of a file is not asked for."""
    library, sections = _sections(language, name)
    if path not in sections:
        return document(language, name)[path]
    where = f"{language}/{name}"
    try:
        return where, library, yaml.load(sections[path], _LOADER)[path] or {}
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise refuse(where, f"not a knowledge file: {error}") from None
