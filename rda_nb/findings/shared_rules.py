"""Shared rules given for a run: what of them could be read and applied, and what a person has to compare by hand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from rda_nb.core import Gap
from rda_nb.findings.criteria import PRIORITIES, Rubric, load, wording

RUBRIC, TEMPLATE = "RISK_RUBRIC.md", "REPORT_TEMPLATE.md"
_HEADING = re.compile(r"^(#{2,3}) +(.+?) *#*$", re.M)
_FENCE = re.compile(r"^```(?:markdown|md)?[ \t]*\n(.*?)^```", re.M | re.S)
_NUMBER = re.compile(r"^(\d+(?:\.\d+)*|P[0-2])\b\.?\s*")
_PLACEHOLDER = re.compile(r"[<{\[].*?[>}\]]|\.\.\.|…")
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class SharedRules:
    """What the shared rules change. `priorities` are by consequence, `headings` ours -> theirs, both only where readable.

    `unapplied` names each thing that could not be applied, with the reason; `digests` are sha256 by file name.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    priorities: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    unapplied: tuple[str, ...] = ()

    def weights(self, rubric: Rubric) -> Rubric:
        """The rubric with the given priorities in place of its own."""
        return replace(rubric, by_consequence=self.priorities) if self.priorities else rubric

    def gaps(self) -> tuple[Gap, ...]:
        """One gap for all that was not applied; none when no shared rules were given."""
        if not self.unapplied:
            return ()
        say = wording()["shared_rules"]
        return (Gap(say["gap"].format(what="; ".join(self.unapplied)), say["gap_where"]),)

    def record(self) -> dict[str, Any]:
        """The shared rules as the run's metadata state them."""
        say = wording()["shared_rules"]
        if not self.digests:
            return {"gap": say["absent"]}
        return {
            "files": dict(self.digests),
            "priorities": dict(self.priorities),
            "headings": dict(self.headings),
            "applied": self._applied(),
            "gap": "; ".join(self.unapplied) or None,
        }

    def _applied(self) -> list[str]:
        say = wording()["shared_rules"]
        told = []
        if self.priorities:
            named = ", ".join(f"{consequence} {priority}" for consequence, priority in self.priorities.items())
            told.append(say["priorities"].format(file=RUBRIC, named=named))
        if self.headings:
            named = ", ".join(f"“{theirs}” for “{ours}”" for ours, theirs in self.headings.items())
            told.append(say["headings"].format(file=TEMPLATE, named=named))
        elif TEMPLATE in self.digests and not any(TEMPLATE in one for one in self.unapplied):
            told.append(say["same_headings"].format(file=TEMPLATE))
        return told


def read(given: Mapping[str, bytes]) -> SharedRules:
    """Read the files by name; what is no text, no priority table and no list of headings is named as not applied."""
    say, own = wording()["shared_rules"], load("performance_capacity", "shared_rules.yaml")
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in given.items()}
    unapplied: list[str] = []
    texts: dict[str, str] = {}
    for name, content in given.items():
        try:
            texts[name] = content.decode("utf-8")
        except UnicodeDecodeError:
            unapplied.append(say["not_text"].format(file=name))
    priorities: dict[str, str] = {}
    headings: dict[str, str] = {}
    if RUBRIC in texts:
        priorities, more = _priorities(texts[RUBRIC], own)
        unapplied += more or ([] if priorities else [say["no_table"].format(file=RUBRIC)])
    if TEMPLATE in texts:
        headings, more = _headings(texts[TEMPLATE])
        unapplied += more
    unapplied += [say["prose"].format(file=name) for name in texts if name not in (RUBRIC, TEMPLATE)]
    return SharedRules(digests, dict(sorted(priorities.items())), headings, tuple(unapplied))


def _priorities(text: str, own: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Consequence -> priority from tables and from items such as `**P0**: outages`, and what of them is unclear."""
    say = wording()["shared_rules"]
    found: dict[str, set[str]] = {}
    for priority, words in _ranked(text, own):
        for consequence, pattern in own["consequences"].items():
            if re.search(rf"\b(?:{pattern})", words, re.I):
                found.setdefault(consequence, set()).add(priority)
    clear = {consequence: min(ranks) for consequence, ranks in found.items() if len(ranks) == 1}
    unclear = [
        say["twice"].format(file=RUBRIC, consequence=consequence, priorities=" and ".join(sorted(ranks)))
        for consequence, ranks in sorted(found.items())
        if len(ranks) > 1
    ]
    return clear, unclear


def _ranked(text: str, own: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(priority, what it is given for) of every table row and list item that begins with or holds a priority."""
    from markdown_it import MarkdownIt  # 40 ms, and most runs have no shared rules

    row: list[str] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "tr_open":
            row = []
        elif token.type == "inline" and before is not None and before.type == "td_open":
            row.append(_plain(token.content))
        elif token.type == "tr_close":
            ranks = [rank for cell in row if (rank := _priority(cell, own))]
            if len(ranks) == 1:
                yield ranks[0], " ".join(cell for cell in row if not _priority(cell, own))
        elif token.type == "inline" and before is not None and before.type == "paragraph_open":
            for item in token.content.split("\n"):
                head, colon, rest = re.sub(r"[*_`]", "", item).partition(":")
                if colon and (rank := _priority(head, own)):
                    yield rank, rest


def _priority(cell: str, own: Mapping[str, Any]) -> str:
    """The priority that a cell is: P0 to P2, or a word for one; empty when it is something else."""
    for priority in PRIORITIES:
        if re.fullmatch(rf"(?:{own['priorities'][priority]})(?:\s*\(.*\))?", cell.strip(), re.I):
            return priority
    return ""


def _plain(cell: str) -> str:
    return re.sub(r"[*_`]", "", cell).strip()


def own_headings() -> list[str]:
    """The headings of the report's template below its title, in order."""
    source = files("rda_nb.audits").joinpath("performance_capacity/report.md.jinja").read_text(encoding="utf-8")
    return [found[0].strip() for found in _HEADING.finditer(source)]


def _headings(text: str) -> tuple[dict[str, str], list[str]]:
    """Ours -> theirs for headings of one number that speak of the same, and what has no counterpart."""
    say = wording()["shared_rules"]
    fenced = [block for block in _FENCE.findall(text) if len(_HEADING.findall(block)) > 2]
    theirs = [
        f"{marks} {title}" for marks, title in _HEADING.findall("\n".join(fenced) if fenced else _FENCE.sub("", text))
    ]
    ours = own_headings()
    by_number = {_key(heading): heading for heading in ours}
    renamed: dict[str, str] = {}
    foreign: list[str] = []
    for heading in theirs:
        if heading in ours or _PLACEHOLDER.search(heading):
            continue
        counterpart = by_number.get(_key(heading)) if _key(heading)[1] else None
        if counterpart and _words(counterpart) & _words(heading):
            renamed[counterpart] = heading
        else:
            foreign.append(heading.lstrip("# "))
    if not theirs:
        return {}, [say["no_headings"].format(file=TEMPLATE)]
    if foreign:
        shown = ", ".join(f"“{h}”" for h in foreign[:_MOST_NAMED])
        more = f" and {len(foreign) - _MOST_NAMED} more" if len(foreign) > _MOST_NAMED else ""
        return renamed, [say["foreign_headings"].format(file=TEMPLATE, named=shown + more)]
    return renamed, []


def _key(heading: str) -> tuple[int, str]:
    """A heading's level and number, such as (3, '4.1') or (3, 'P0')."""
    marks, _, title = heading.partition(" ")
    found = _NUMBER.match(title)
    return len(marks), found[1] if found else ""


def _words(heading: str) -> frozenset[str]:
    title = _NUMBER.sub("", heading.lstrip("# "))
    return frozenset(w for w in re.findall(r"[a-z]{4,}", title.lower()) if w not in ("with", "from"))


def heading(document: Mapping[str, Any], own: str) -> str:
    """How one of our headings reads in a document's report."""
    asked: Mapping[str, str] = document["run"].get("shared_rules", {}).get("headings") or {}
    return asked.get(own, own)
