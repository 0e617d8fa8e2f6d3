"""Prior reports of other kinds as context: the flows, systems and gaps that they name, cited, and never as evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rda_nb.findings.criteria import wording
from rda_nb.findings.decisions.lexemes import words_of
from rda_nb.findings.decisions.words import Vocabulary, vocabulary
from rda_nb.records import CriticalPath, ExternalCall
from rda_nb.source.target import SourceFile, Target

OWN = "docs/rda/reports/09_performance_capacity.md"
_LONGEST_NAME = 60
_NAME_END = re.compile(r"\s+[-–—→(]|[:;]|\s->")


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one prior report names, each with its first line: flows, systems by our names, gaps by line with their topics."""

    path: str
    kind: str
    flows: Mapping[str, int] = field(default_factory=dict)
    systems: Mapping[str, int] = field(default_factory=dict)
    gaps: Mapping[int, str] = field(default_factory=dict)


def read(target: Target) -> tuple[Earlier, ...]:
    """The prior reports but this audit's own, in path order."""
    return tuple(_read(file, vocabulary()) for file in target.prior_reports if file.path != OWN)


def _read(file: SourceFile, words: Vocabulary) -> Earlier:
    from markdown_it import MarkdownIt  # 40 ms, and a first audit has no prior reports

    context = {k: re.compile(v, re.I) for k, v in words.context.items() if isinstance(v, str)}
    flows: dict[str, int] = {}
    gaps: dict[int, str] = {}
    columns: list[str] = []
    heading, cell, taken = "", 0, False
    tokens = MarkdownIt("commonmark").enable("table").parse(file.text())
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "tr_open":
            cell, taken = 0, False
        elif token.type == "table_open":
            columns = []
        if token.type != "inline" or token.map is None or before is None:
            continue
        text, line = " ".join(token.content.split()), token.map[0] + 1
        if before.type == "heading_open":
            heading = text
        elif before.type == "th_open":
            columns.append(text)
        else:
            in_table = before.type == "td_open"
            column = columns[cell] if in_table and cell < len(columns) else ""
            listed = not in_table and before.level > 1 and context["flow_headings"].search(heading)
            if (context["flow_columns"].fullmatch(column) and not taken) or (
                listed and not context["gap_line"].search(text)
            ):
                flows.setdefault(_name(text, whole=in_table), line)
                taken = True  # the first such column names the flow, the next ones its entrypoint or route
            if context["gap_line"].search(text) or (before.level > 1 and context["gap_headings"].search(heading)):
                gaps.setdefault(line, next((t for t, p in words.topics.items() if p.search(text)), ""))
            cell += in_table
    flows.pop("", None)
    systems = {
        system: line
        for system, pattern in sorted(words.systems.items())
        if (line := next((n for n, text in enumerate(file.lines, 1) if pattern.search(text)), 0))
    }
    return Earlier(file.path, _kind(file, words), flows, systems, gaps)


def _kind(file: SourceFile, words: Vocabulary) -> str:
    """The kind of report by its file name, else by its first line."""
    name = file.path.rpartition("/")[2]
    for text in (name, file.lines[0] if file.lines else ""):
        for kind, pattern in words.context["kinds"].items():
            if re.search(pattern, text, re.I):
                return str(kind)
    return "other report"


def _name(text: str, whole: bool) -> str:
    """A name without marks: the whole cell, or what an item begins with; empty when it is a sentence and no name."""
    plain = re.sub(r"[`*]", "", text)
    name = (plain if whole else _NAME_END.split(plain, maxsplit=1)[0]).strip(" .")
    return name if 0 < len(name) <= _LONGEST_NAME and len(name.split()) <= 7 else ""


def lines(earlier: Iterable[Earlier], flows: Sequence[CriticalPath], calls: Sequence[ExternalCall]) -> tuple[str, ...]:
    """One line per report: what it names, where, and what of it this run saw too."""
    earlier = tuple(earlier)
    if not earlier:
        return ()
    words, say = vocabulary(), wording()["recap"]
    most, places = int(words.context["names"]), int(words.context["places"])
    stop = words.stop
    own = [words_of(" ".join([f.flow, f.entrypoint, f.symbol, *f.steps, *f.blocking_io])) for f in flows]
    systems = {call.system for call in calls}
    told = []
    for one in earlier:
        parts = []
        seen = [name for name in one.flows if _known(name, own, stop)]
        missing = [name for name in one.flows if name not in seen]
        if one.flows:
            parts.append(say["earlier_flows"].format(n=len(one.flows), lines=_lines(one.flows.values(), places)))
            parts += [say["earlier_seen"].format(names=_few(seen, most))] if seen else []
            parts += [say["earlier_unseen"].format(names=_few(missing, most))] if missing else []
        if one.systems:
            named = ", ".join(f"{system} (line {line})" for system, line in one.systems.items())
            unseen = [system for system in one.systems if system not in systems]
            parts.append(say["earlier_systems"].format(names=named))
            parts += [say["earlier_unseen_systems"].format(names=", ".join(unseen))] if unseen else []
        if one.gaps:
            topics = ", ".join(sorted({topic for topic in one.gaps.values() if topic}))
            gaps = say["earlier_gaps"].format(n=len(one.gaps), lines=_lines(one.gaps, places))
            parts.append(f"{gaps} ({topics})" if topics else gaps)
        said = "; ".join(parts) or say["earlier_nothing"]
        told.append(say["earlier"].format(path=one.path, kind=one.kind, said=said))
    return tuple(told)


def _known(name: str, own: Sequence[frozenset[str]], stop: frozenset[str]) -> bool:
    """True when a flow of this run shares at least half of the telling words of the name."""
    telling = words_of(name) - stop
    return bool(telling) and any(2 * len(telling & flow) >= len(telling) for flow in own)


def _few(names: Sequence[str], most: int) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _lines(numbers: Iterable[int], most: int) -> str:
    ordered = sorted(set(numbers))
    shown = ", ".join(map(str, ordered[:most])) + (", …" if len(ordered) > most else "")
    return f"line{'' if len(ordered) == 1 else 's'} {shown}"
