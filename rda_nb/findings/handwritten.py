"""A prior report that a person or a language model wrote: verdicts, priorities and cited places, never its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from rda_nb.core import Assessment
from rda_nb.findings.citations import cited_in
from rda_nb.findings.criteria import checklist
from rda_nb.findings.state import HANDWRITTEN_SCHEMA, read_state

_VERDICT = re.compile(r"\b(" + "|".join(Assessment) + r")\b")
_LETTERS = re.compile(r"[^A-Za-z]+")
_NUMBER = re.compile(r"^\W*(?:Q(?:uestion)?\s*)?(\d{1,2})\b", re.IGNORECASE)
_CELL = re.compile(r"(?<!\\)\|")
_LABEL = re.compile(r"\b(R\d{1,3}|P[0-2]-\d{1,3})\b")
_COMMIT = re.compile(r"(?i)git commit\W{1,12}`?([0-9a-f]{7,64})\b")
# Words for how grave something is, gravest first; a priority of the specification itself wins over every other word.
_PRIORITY = re.compile(r"\bP([0-2])\b")
_SEVERITY = (
    ("P0", re.compile(r"\b(?:critical|blocker|severe)\b", re.IGNORECASE)),
    ("P1", re.compile(r"\b(?:high|major|important)\b", re.IGNORECASE)),
    ("P2", re.compile(r"\b(?:medium|moderate|low|minor|nice[- ]to[- ]have)\b", re.IGNORECASE)),
)
_SECTIONS = (
    (
        "",
        re.compile(
            r"strength|\bgaps?\b|delta|context|scope|metadata|inventory|footprint|signals|hotspot|validation", re.I
        ),
    ),
    ("answers", re.compile(r"checklist|\bquestions?\b|\banswers?\b", re.I)),
    ("action", re.compile(r"\baction|recommendation|remediation", re.I)),
    ("risk", re.compile(r"\brisks?\b|\bfindings?\b|\bissues?\b", re.I)),
)
_PATH = re.compile(r"[\w.-]*/[\w./#:-]*")
_STATED = re.compile(r"\b(?:severity|priority)\b\W{1,8}([\w-]+)", re.IGNORECASE)
_ASKED = re.compile(r"^\W*(?:Q(?:uestion)?\W*)?(\d{1,2})\b.*(?:\?|:|\u2013|\u2014)", re.IGNORECASE)
_JUDGED = re.compile(r"\b(?:assessment|verdict|answer|rating)\b", re.IGNORECASE)
# What a heading may hold beside a priority without being the heading of one item.
_OF_PRIORITY = re.compile(
    r"(?i)\b(?:P[0-2]|priority|severity|risks?|items?|actions?|issues?|findings?|fix(?:es)?|now|next|later)\b"
)
_LONGEST = 400_000  # characters of a report; more is no report that a person wrote
_FAR = 60  # characters from the start of an item within which its severity word stands


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and where in the report the reader stands."""

    answers: dict[str, str] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    section: str = ""
    priority: str = ""
    level: int = 0
    question: str = ""
    headed: list[str] = field(default_factory=list)

    def close(self) -> None:
        """End the item that a heading opened: its text is all that stood below."""
        if self.headed:
            _item(self, " ".join(self.headed))
        self.headed, self.question = [], ""


def read_prior(markdown: str) -> dict[str, Any] | None:
    """What a later run may know of a prior report: the kit's own state block, else verdicts and places read loosely.

    None when the text has neither: then there is nothing to compare with.
    """
    state = read_state(markdown)
    if state is not None:
        return state
    text = markdown[:_LONGEST]
    lines = text.splitlines()
    reading = _Reading()
    for kind, first, last, content in _blocks(text):
        told = " ".join(lines[first:last])
        if kind == "heading":
            reading.close()
            _enter(reading, content, first)
        elif reading.headed and not (_LABEL.search(told[:_FAR]) and kind != "paragraph"):
            reading.headed.append(told)
        elif reading.question:
            _answer(reading, told)
        elif kind == "row":
            reading.close()
            _row(reading, lines[first])
        elif kind == "item" or _LABEL.search(told[:_FAR]):
            reading.close()
            _item(reading, told)
    reading.close()
    if not reading.answers and not reading.items:
        return None
    commit = _COMMIT.search(text)
    return {
        "schema": HANDWRITTEN_SCHEMA,
        "commit": commit[1] if commit else "",
        "answers": reading.answers,
        "items": _merged(reading.items),
    }


def _blocks(text: str) -> Iterator[tuple[str, int, int, str]]:
    """Headings, table rows, outermost list items and paragraphs: kind, first line, line after the last, text.

    For a heading the first number is its level.
    """
    from markdown_it import MarkdownIt  # 40 ms that only a target with such a report pays

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    item_until = -1
    for n, token in enumerate(tokens):
        if token.map is None or token.map[0] < item_until:
            continue
        first, last = token.map
        if token.type == "heading_open":
            yield "heading", int(token.tag[1:]), 0, tokens[n + 1].content
        elif token.type == "tr_open":
            yield "row", first, last, ""
        elif token.type == "list_item_open":
            item_until = last
            yield "item", first, last, ""
        elif token.type == "paragraph_open":
            yield "paragraph", first, last, ""


def _enter(reading: _Reading, heading: str, level: int) -> None:
    """Go into the section of a heading; below it, one names a priority, opens an item or asks a question."""
    below = level > reading.level and reading.section
    asked = _ASKED.match(heading)
    if asked and (reading.section == "answers" or (not reading.section and heading.rstrip().endswith("?"))):
        reading.question = asked[1]
        return
    named = next((name for name, words in _SECTIONS if words.search(heading)), None)
    opens = _LABEL.search(heading) or (named is None and not _only_priority(heading))
    if below and reading.section in ("risk", "action") and opens:
        reading.headed = [heading]
        return
    priority = _priority(heading)
    if named is None and priority:
        # `### P0 (Critical)` stands below the action items, or alone.
        reading.section = reading.section or "action"
        reading.priority = priority
        return
    if named is None and below:
        return
    reading.section, reading.level, reading.priority = named or "", level, priority


def _only_priority(heading: str) -> bool:
    """True for `P0 (Critical)` and `High-severity risks`: the items stand below."""
    rest = _OF_PRIORITY.sub(" ", heading)
    for _, words in _SEVERITY:
        rest = words.sub(" ", rest)
    return not re.search(r"[A-Za-z]{2}", rest)


def _answer(reading: _Reading, text: str) -> None:
    """The verdict below a question's heading: where it is called one, else the first that stands there."""
    verdict = _last_verdict([text])
    if verdict and (_JUDGED.search(text) or reading.question not in reading.answers):
        reading.answers[reading.question] = verdict


def _row(reading: _Reading, line: str) -> None:
    """A row of the checklist has a number first and a verdict last; one of a list of risks cites places."""
    cells = [cell.strip() for cell in _CELL.split(line.strip().strip("|"))]
    number = re.fullmatch(r"\W*(?:Q\s*)?(\d{1,2})\W*", cells[0])
    if reading.section in ("risk", "action"):
        _item(reading, line)
    elif number and (verdict := _last_verdict(cells[1:])):
        reading.answers.setdefault(number[1], verdict)


def _item(reading: _Reading, text: str) -> None:
    """An answer in the form of a list, or a risk or action with the places that it cites."""
    if reading.section == "answers":
        number = _NUMBER.match(text.lstrip("-*+ "))
        verdict = _last_verdict([text])
        if number and verdict:
            reading.answers.setdefault(number[1], verdict)
    elif reading.section in ("risk", "action"):
        places = [[c.path, c.line] for c in cited_in(text)]
        if places:
            label = _LABEL.search(text[:_FAR])
            priority = _stated(text) or reading.priority
            reading.items.append(
                {
                    "kind": reading.section,
                    "label": label[1] if label else "",
                    "priority": priority or "P1",
                    "places": places,
                    "topics": _topics(text),
                }
            )


def _stated(text: str) -> str:
    """An item's priority: where it is called one, in a cell of its own, or among its first words.

    A word such as "high" far into a sentence speaks of something else.
    """
    named = _STATED.search(text)
    cells = [cell.strip(" *`") for cell in _CELL.split(text)]
    alone = next((cell for cell in cells if _only_priority(cell) and _priority(cell)), "")
    return _priority(named[1]) if named and _priority(named[1]) else _priority(alone) or _priority(text[:_FAR])


def _priority(text: str) -> str:
    """P0, P1 or P2 by the specification's own name, else by a word for severity; '' when there is none."""
    named = _PRIORITY.search(text)
    if named:
        return f"P{named[1]}"
    return next((priority for priority, words in _SEVERITY if words.search(text)), "")


def _topics(text: str) -> list[str]:
    """The topics of the checklist that an item speaks of, in our own names; a path speaks of nothing."""
    words = _PATH.sub(" ", text)
    return [topic for topic, form in _told_topics().items() if form.search(words)]


@cache
def _told_topics() -> dict[str, re.Pattern[str]]:
    """Topic -> what its words begin with."""
    return {
        topic: re.compile("|".join(rf"(?<![a-z]){re.escape(word)}" for word in words), re.IGNORECASE)
        for topic, words in checklist().words.items()
    }


def _last_verdict(cells: Sequence[str]) -> str:
    """The verdict of a row: the worst word of its last cell that holds one ("GOOD / CONCERN" is CONCERN)."""
    for cell in reversed(cells):
        words = [Assessment(word) for word in _VERDICT.findall(cell)]
        alone = _LETTERS.sub("", cell).upper()
        if not words and alone in set(Assessment):
            words = [Assessment(alone)]
        if words:
            return max(words, key=lambda a: a.rank).value
    return ""


def _merged(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Risks, and those actions that answer none of them: an action that cites a place of a risk is the same matter."""
    risks = [item for item in items if item["kind"] == "risk"]
    told = {tuple(place) for item in risks for place in item["places"]}
    return [*risks, *(i for i in items if i["kind"] == "action" and not told & {tuple(p) for p in i["places"]})]
