"""`docs/worked-examples.md`: formulas of table 3.3 with every factor and its place, worked out from the checks' own cases."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from rda_nb import checks, facts, languages, service, source
from rda_nb.core import Factor
from rda_nb.records import ExternalCall, Record

_CHECKS = ("external_call_budget", "client_timeout")
_BUDGETS = ("visibility_budget", "poll_interval_budget", "lease_budget")
_FILE = re.compile(r"^-- (.+) --$", re.M)
_BESIDE = """## Beside the budget around it

A message, a poll and a lock leave so much time and no more. The checks {names} hold the worst case against it; both numbers
and the places of both are told.
"""
_WANTED = re.compile(r"\s*// (?:want|ok):[^\n]*")
_MOST = 3
_HEAD = """# Worked examples

Written by `make docs` from the cases of the checks {names}; edit those, not this file.

Each example is what the product prints for a call: the formula with its numbers, and where each factor was read. A case is
also a test: were a number to change, the test would fail.
"""


def page() -> str:
    """The page, the cases in the order of their names."""
    names = " and\n".join(f"[{name}](../rda_nb/checks/README.md#{name})" for name in _CHECKS)
    parts = [_HEAD.format(names=names)]
    for name in _CHECKS:
        check = next(check for check in checks.checks() if check.id == name)
        for case in sorted((Path(checks.__file__).parent / name / "cases" / "go").glob("*.go")):
            parts += _examples(check, case)
    parts.append(_BESIDE.format(names=", ".join(f"[{name}](../rda_nb/checks/README.md#{name})" for name in _BUDGETS)))
    for name in _BUDGETS:
        check = next(check for check in checks.checks() if check.id == name)
        for case in sorted((Path(checks.__file__).parent / name / "cases" / "go").iterdir()):
            parts += _beside(check, case)
    return "\n".join(parts)


def _beside(check: checks.Check, case: Path) -> list[str]:
    """A case's work that does not fit: source, sentence, places."""
    text = "\n".join(_WANTED.sub("", line) for line in case.read_text(encoding="utf-8").split("\n"))
    parts = _FILE.split(text)
    files = dict(zip(parts[1::2], (part.lstrip("\n") for part in parts[2::2]), strict=True)) or {case.name: text}
    found = []
    for row in _found(check, files)[:_MOST]:
        site = row.evidence[0]
        source_lines = files[site.path].split("\n")
        more = [f"- `{place}` `{place.excerpt.strip().splitlines()[0]}`" for place in row.evidence[1:]]
        told = [f"**{row.symbol}**, `{site}`:", f"```go\n{_around(source_lines, site.line)}\n```", f"> {row.claim}"]
        found.append("\n\n".join([*told, *(["\n".join(more)] if more else [])]) + "\n")
    return [f"### {case.stem.replace('_', ' ').capitalize()}\n", *found] if found else []


def _examples(check: checks.Check, case: Path) -> list[str]:
    """A case's first line of prose, then its calls: source, formula, factors."""
    written = case.read_text(encoding="utf-8").split("\n")
    wanted = {number for number, line in enumerate(written, 1) if "// want:" in line}
    clean = [_WANTED.sub("", line) for line in written]
    rows = [row for row in _rows(check, case.name, "\n".join(clean)) if row.evidence[0].line in wanted]
    rows = [row for row in rows if row.worst_case.factors or row.worst_case.result is not None][:_MOST]
    if not rows:
        return []
    title = case.stem.replace("_", " ").capitalize()
    comments = [line.removeprefix("// ") for line in clean[: clean.index("package main")] if line.startswith("//")]
    return [f"## {title}\n", *([" ".join(comments) + "\n"] if comments else []), *(_told(row, clean) for row in rows)]


def _rows(check: checks.Check, name: str, text: str) -> list[ExternalCall]:
    return [row for row in _found(check, {name: text}) if isinstance(row, ExternalCall)]


def _found(check: checks.Check, files: dict[str, str]) -> tuple[Record, ...]:
    """The rows of a check for a small service of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"go.mod": "module example.com/service\n\ngo 1.24\n", **files}.items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_text(text, encoding="utf-8")
        target = source.read(Path(folder))
        return checks.rows_of(check, service.resolve(target, facts.extract(target, languages.packs())))


def _told(row: ExternalCall, lines: list[str]) -> str:
    site, formula = row.evidence[0], row.worst_case
    factors = [f"- {_factor(factor)}" for factor in dict.fromkeys(formula.factors)]
    parts = [
        f"**{row.operation}**, `{site}`:",
        f"```go\n{_around(lines, site.line)}\n```",
        f"> {formula.text}",
        "\n".join(factors) if factors else f"- timeout: {row.timeout_source}; attempts: {row.retry_source}",
    ]
    return "\n\n".join(parts) + "\n"


def _factor(factor: Factor) -> str:
    value = "not known" if factor.value is None else f"{factor.value:g}{' ' + factor.unit if factor.unit else ''}"
    place = f", `{factor.evidence}` `{factor.evidence.excerpt.strip()}`" if factor.evidence else ""
    read = f", {factor.source}" if factor.source else ""
    origin = f": {factor.origin.replace('_', ' ')}" if factor.origin else ""
    return f"{factor.symbol} = {value}{origin}{place}{read}"


def _around(lines: list[str], line: int) -> str:
    """The lines of the top-level declaration around a line."""
    first = line - 1
    while first > 0 and (not lines[first] or lines[first][0] in "\t })/"):
        first -= 1
    last = line - 1
    while last < len(lines) - 1 and not lines[last].startswith("}"):
        last += 1
        if not lines[last] and not lines[first].rstrip().endswith(("{", "(")):
            break
    return "\n".join(lines[first : last + 1]).rstrip()
