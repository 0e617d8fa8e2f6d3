"""Reads a check's cases: annotated snippets whose expected rows stand on their lines.

`// want: KIND ASSESSMENT [name=value ...]` on a line demands a row of the check there; `// ok: KIND` says in words what the
driver enforces anyway: no CONCERN or RISK row may stand where none is wanted. A case is one source file, or several in one
`.txtar` file, each below a line `-- path --`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rda_nb import checks, facts, languages, service, source
from rda_nb.core import Formula, Quantity, State
from rda_nb.records import Record

ROOT = Path(checks.__file__).parent
WANT = re.compile(r"(?://|#|--|<!--)\s*want:\s*([\w-]+)\s+(GOOD|CONCERN|RISK|GAP)((?:\s+[\w.]+=\S+)*)")
_FILE = re.compile(r"^-- (.+) --$", re.M)


@dataclass(frozen=True)
class Want:
    """One expected row."""

    path: str
    line: int
    kind: str
    assessment: str
    values: dict[str, str]


def all_cases() -> list[tuple[str, Path]]:
    """(check id, case file) of every case beside a check."""
    return [
        (folder.name, case)
        for folder in sorted(ROOT.iterdir())
        if (folder / "cases").is_dir()
        for case in sorted((folder / "cases").rglob("*"))
        if case.is_file()
    ]


def write_case(case: Path, folder: Path) -> None:
    """Lay a case out as a small service in a folder."""
    text = case.read_text(encoding="utf-8")
    files = {case.name: text}
    if case.suffix == ".txtar":
        parts = _FILE.split(text)
        files = dict(zip(parts[1::2], (part.lstrip("\n") for part in parts[2::2]), strict=True))
    if case.parent.name == "go":
        files.setdefault("go.mod", "module example.com/service\n\ngo 1.24\n")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")


def resolved(folder: Path) -> service.Service:
    """The service that a folder holds."""
    target = source.read(folder)
    return service.resolve(target, facts.extract(target, languages.packs()))


def wants(folder: Path) -> list[Want]:
    """Every expected row of a laid-out case."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                for match in WANT.finditer(line):
                    values = dict(pair.split("=", 1) for pair in match[3].split())
                    found.append(Want(path.relative_to(folder).as_posix(), number, match[1], match[2], values))
    return found


def plain(row: Record, name: str) -> Any:
    """A row's value by the name it has in audit.json: `timeout_s`, `value`, `bounded`, or an attribute path."""
    if name == "bounded" and hasattr(row, "worst_case"):
        return row.worst_case.bounded
    base = name.removesuffix("_s").removesuffix("_bytes")
    found: Any = row
    for part in base.split(".") if hasattr(row, base.split(".")[0]) else name.split("."):
        found = getattr(found, part)
    if isinstance(found, Quantity):
        return found.number if found.state is State.KNOWN else found.upper if found.state is State.RANGE else None
    return found.result if isinstance(found, Formula) else found


def shown(value: Any) -> str:
    """A value as a case writes it."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, int | float) else str(value).replace(" ", "_")


def differences(rows: tuple[Record, ...], expected: list[Want]) -> list[str]:
    """What rows are missing, wrong or not wanted; empty when the case holds."""
    wrong = []
    open_rows = list(rows)
    for want in expected:
        match = None
        for row in open_rows:
            first = row.evidence[0] if row.evidence else None
            kind = str(getattr(row, row.kind_column))
            if (
                first
                and first.path == want.path
                and first.line <= want.line <= max(first.line, first.end_line)
                and kind == want.kind
            ):
                match = row
                break
        if match is None:
            wrong.append(f"{want.path}:{want.line} wants {want.kind} {want.assessment}: no such row")
            continue
        open_rows.remove(match)
        if match.assessment != want.assessment:
            wrong.append(f"{want.path}:{want.line} wants {want.assessment}, has {match.assessment}: {match.claim}")
        for name, value in want.values.items():
            if shown(plain(match, name)) != value:
                wrong.append(
                    f"{want.path}:{want.line} wants {name}={value}, has {shown(plain(match, name))}: {match.claim}"
                )
    for row in open_rows:
        if row.assessment in ("CONCERN", "RISK"):
            place = row.evidence[0] if row.evidence else "no place"
            wrong.append(f"{place} has an unwanted {getattr(row, row.kind_column)} {row.assessment}: {row.claim}")
    return wrong
