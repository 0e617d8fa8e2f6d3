"""Settings in configuration files: scalars of YAML, JSON, TOML, INI, properties, .env and simple XML, with lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rda_nb.facts import doc_tree
from rda_nb.facts.doc_files import Files, foreign
from rda_nb.source import SourceFile

KINDS = ("yaml", "json", "toml", "properties", "env", "xml")

_ENV = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*(.*)$")
_SECTION = re.compile(r"^[ \t]*\[([^\[\]\n]{1,200})\][ \t]*(?:[#;].*)?$")
_PROPERTY = re.compile(r"^[ \t]*([\w.\-/$*]{1,200})[ \t]*[=:][ \t]*(.*)$")
_TOML_TABLE = re.compile(r"^[ \t]*(\[\[?)([^\[\]\n]{1,200})\]\]?[ \t]*(?:#.*)?$")
_TOML_KEY = re.compile(
    r"^[ \t]*((?:[\w\-]+|\"[^\"]*\"|'[^']*')(?:[ \t]*\.[ \t]*(?:[\w\-]+|\"[^\"]*\"|'[^']*'))*)[ \t]*="
)
_XML = re.compile(r"<!--.*?-->|<(/?)([A-Za-z_][\w.\-]*)([^<>]*?)(/?)>([^<]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting: `keys` from the top, list positions as numbers; `kind` is the file's, `document` counts from 0."""

    path: str
    line: int
    keys: tuple[str, ...]
    value: str
    kind: str
    document: int = 0


def entries(files: Files) -> tuple[Entry, ...]:
    """Every setting of the service's own configuration files, by file and in the order of its lines."""
    found: list[Entry] = []
    for file in files.of(("product",), *KINDS):
        if not foreign(file):
            found.extend(of_file(files, file))
    return tuple(sorted(found, key=lambda e: (e.path, e.document, e.line, e.keys)))


def of_file(files: Files, file: SourceFile) -> Iterator[Entry]:
    """The settings of one file; what cannot be read becomes a gap."""
    if file.kind in ("yaml", "json"):
        for tree in files.trees(file):
            try:
                found = [
                    Entry(file.path, scalar.line, keys, scalar.value, file.kind, tree.document)
                    for keys, scalar in doc_tree.scalars(tree.root)
                ]
            except doc_tree.Unreadable as error:
                files.gap(file.path, str(error))
                continue
            yield from found
        return
    reader = {"toml": _toml, "properties": _properties, "env": _env, "xml": _xml}[file.kind]
    try:
        yield from reader(file)
    except doc_tree.Unreadable as error:
        files.gap(file.path, str(error))


def _env(file: SourceFile) -> Iterator[Entry]:
    for number, line in enumerate(file.lines, 1):
        match = _ENV.match(line)
        if match:
            yield Entry(file.path, number, (match[1],), unquoted(match[2]), "env")


def unquoted(value: str) -> str:
    """A value of a .env or shell line without its quotes and without a comment behind it."""
    value = value.strip()
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return re.split(r"\s#", value, maxsplit=1)[0].strip()


def _properties(file: SourceFile) -> Iterator[Entry]:
    section: tuple[str, ...] = ()
    for number, line in enumerate(file.lines, 1):
        if not line.strip() or line.lstrip()[0] in "#;!":
            continue
        header = _SECTION.match(line)
        if header:
            section = tuple(part.strip() for part in header[1].split("."))
            continue
        match = _PROPERTY.match(line)
        if match and not line.rstrip().endswith(("{", ";")):
            yield Entry(file.path, number, (*section, *match[1].split(".")), unquoted(match[2]), "properties")


def _toml(file: SourceFile) -> Iterator[Entry]:
    try:
        loaded = tomllib.loads(file.text())
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise doc_tree.Unreadable(f"TOML cannot be read: {str(error)[:100]}") from None
    lines = _toml_lines(file)
    stack: list[tuple[tuple[str, ...], Any]] = [((), loaded)]
    found: list[Entry] = []
    while stack:
        keys, value = stack.pop()
        if isinstance(value, dict):
            stack.extend(((*keys, str(key)), inner) for key, inner in value.items())
        elif isinstance(value, list):
            stack.extend(((*keys, str(n)), inner) for n, inner in enumerate(value))
        else:
            line = next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), 1)
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            found.append(Entry(file.path, line, keys, shown, "toml"))
    yield from sorted(found, key=lambda e: (e.line, e.keys))


def _toml_lines(file: SourceFile) -> dict[tuple[str, ...], int]:
    """The line of each key as written; a table of an array has its position among its keys, as the loaded tree does."""
    lines: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(file.lines, 1):
        header = _TOML_TABLE.match(line)
        if header:
            table = _toml_keys(header[2])
            for size in range(1, len(table)):
                if table[:size] in counts:
                    table = (*table[:size], str(counts[table[:size]] - 1), *table[size:])
            if header[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = (*table, str(counts[table] - 1))
            lines.setdefault(table, number)
            continue
        key = _TOML_KEY.match(line)
        if key:
            lines.setdefault((*table, *_toml_keys(key[1])), number)
    return lines


def _toml_keys(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", text))


def _xml(file: SourceFile) -> Iterator[Entry]:
    """Elements that hold text alone. A document type could define entities, so a file with one is not read."""
    source = file.text()
    if re.search(r"<!(?:DOCTYPE|ENTITY)", source, re.IGNORECASE):
        raise doc_tree.Unreadable("XML with a document type is not read")
    path: list[str] = []
    line, position = 1, 0
    for tag in _XML.finditer(source):
        line += source.count("\n", position, tag.start())
        position = tag.start()
        name = tag[2]
        if not name:
            continue
        if tag[1]:
            while path and path.pop() != name:
                pass
            continue
        if tag[4]:
            continue
        path.append(name)
        if len(path) > doc_tree.DEEPEST:
            raise doc_tree.Unreadable(f"nested more than {doc_tree.DEEPEST} levels deep")
        value = tag[5].strip()
        if value and source.startswith(f"</{name}", tag.end()):
            yield Entry(file.path, line, tuple(path), value, "xml")
