"""A prior report that a person wrote by following the specification: verdicts and cited places, never its sentences."""

from __future__ import annotations

import re
from typing import Any

from rda_nb.core import Assessment
from rda_nb.findings.criteria import PRIORITIES
from rda_nb.findings.state import HANDWRITTEN_SCHEMA, read_state

_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_ANSWER = re.compile(r"^\|\s*\**(\d{1,2})\**\s*\|(.*)\|\s*$")
_VERDICT = re.compile(r"\b(" + "|".join(Assessment) + r")\b")
_PRIORITY = re.compile(r"\b(" + "|".join(PRIORITIES) + r")\b")
_CITED = re.compile(r"`([^`\s]*?):(\d+)(?:[-\u2013:]\d+)?`")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+(.*)$")
_CELL = re.compile(r"(?<!\\)\|")
_LONGEST = 4000  # a line that is longer is not a row or an item


def read_prior(markdown: str) -> dict[str, Any] | None:
    """What a later run may know of a prior report: the kit's own state block, else verdicts and places read loosely.

    None when the text has neither: then there is nothing to compare with.
    """
    state = read_state(markdown)
    if state is not None:
        return state
    answers: dict[str, str] = {}
    items: list[dict[str, Any]] = []
    priority = last_path = ""
    for line in markdown.splitlines():
        if len(line) > _LONGEST:
            continue
        if heading := _HEADING.match(line):
            found = _PRIORITY.search(heading.group(1))
            priority = found.group(1) if found else ""
        elif row := _ANSWER.match(line):
            verdict = _last_verdict(row.group(2))
            if verdict:
                answers.setdefault(row.group(1), verdict)
        elif priority and (item := _ITEM.match(line)):
            places, last_path = _places(item.group(1), last_path)
            if places:
                items.append({"priority": priority, "places": places})
    if not answers and not items:
        return None
    return {"schema": HANDWRITTEN_SCHEMA, "answers": answers, "items": items}


def _last_verdict(cells: str) -> str:
    """The verdict of a checklist row: the worst word of its last cell that holds one ("GOOD / CONCERN" is CONCERN)."""
    for cell in reversed(_CELL.split(cells)):
        words = [Assessment(word) for word in _VERDICT.findall(cell)]
        if words:
            return max(words, key=lambda a: a.rank).value
    return ""


def _places(text: str, last_path: str) -> tuple[list[list[str | int]], str]:
    """The `path:line` citations of an item; a bare `:line` belongs to the path before it."""
    places: list[list[str | int]] = []
    for path, line in _CITED.findall(text):
        last_path = path.removeprefix("./") or last_path
        if last_path:
            places.append([last_path, int(line)])
    return places, last_path
