"""Shell scripts that drive load with plain commands: records fed into a queue or store, requests sent in a counted loop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from rda_nb.facts.doc_files import LARGEST, Files, tables
from rda_nb.source import SourceFile

# A loop of a few turns waits for something, or walks over replicas.
_MANY = 100
_COUNTED = re.compile(
    r"\bfor\s+\w+\s+in\s+(?:`seq\s+(?:(\d+)\s+)?(\d+)`|\$\(\s*seq\s+(?:(\d+)\s+)?(\d+)\s*\)|\{(\d+)\.\.(\d+)\})"
    r"|\bfor\s*\(\(\s*\w+\s*=\s*(\d+)\s*;\s*\w+\s*<=?\s*(\d+)\s*;"
)
_SENT = re.compile(r"\b(?:curl|http|xh|grpcurl|psql|mysql|clickhouse-client|redis-cli|mongosh)\s")
_FILE_FED = re.compile(r"\b(?:z?cat|jq|pv)\s+[^|]*\|[^|]*$|<\s*[\w./\"'${}]+|\s-l\s+\S+")
_WAITS = re.compile(r"\bsleep\b[\s\S]*\bbreak\b|\bbreak\b[\s\S]*\bsleep\b|\bhealth|\bready|/ping\b")


class Script(NamedTuple):
    """A script that drives load: `kind` is load_test or replay_tool; `lines` are its loops and where it sends."""

    file: SourceFile
    kind: str
    lines: tuple[int, ...]
    detail: str
    items: int


@cache
def _feeding() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple((name, rule["word"], re.compile(rule["form"])) for name, rule in tables()["feeding_commands"].items())


def scripts(files: Files) -> Iterator[Script]:
    """Every script that feeds generated or recorded data, or sends many requests."""
    words = [word.encode() for _, word, _ in _feeding()]
    for file in files.target.files:
        if file.kind != "shell" or file.role in ("vendored", "generated") or file.size > LARGEST:
            continue
        if any(word in file.data for word in words) or b"seq " in file.data or b".." in file.data or b"((" in file.data:
            found = _script(file)
            if found is not None:
                yield found


def _script(file: SourceFile) -> Script | None:
    fed = [
        (number, name, line)
        for number, line in enumerate(file.lines, 1)
        if not line.lstrip().startswith("#")
        for name, word, form in _feeding()
        if word in line and form.search(line)
    ]
    loops = list(_loops(file, bool(fed)))
    total = sum(turns for _, turns in loops)
    names = ", ".join(dict.fromkeys(name for _, name, _ in fed))
    if loops:
        lines = (*(number for number, _ in loops), *(number for number, _, _ in fed))
        means = names or "requests"
        return Script(file, "load_test", lines[:6], f"generates {total:,} items in counted loops for {means}", total)
    recorded = [number for number, _, line in fed if _FILE_FED.search(line)]
    if recorded:
        return Script(file, "replay_tool", tuple(recorded[:6]), f"feeds recorded data by {names}", 0)
    return None


def _loops(file: SourceFile, fed: bool) -> Iterator[tuple[int, int]]:
    """(line, turns) of counted loops that make items for a feeding command, or send a request per turn."""
    for number, line in enumerate(file.lines, 1):
        match = None if line.lstrip().startswith("#") else _COUNTED.search(line)
        if match is None:
            continue
        bounds = [int(group) for group in match.groups() if group is not None]
        turns = bounds[-1] - (bounds[0] if len(bounds) == 2 else 1) + 1
        body = _body(file, number)
        writes = fed and re.search(r"\b(?:echo|printf|cat)\b", body) is not None
        if turns >= _MANY and not _WAITS.search(body) and (writes or _SENT.search(body)):
            yield number, turns


def _body(file: SourceFile, number: int) -> str:
    """The loop's lines, up to its `done`."""
    found = [file.lines[number - 1]]
    for line in file.lines[number : number + 40]:
        found.append(line)
        if line.strip().startswith("done"):
            break
    return "\n".join(found)
