"""The delta told in bullets: what is new, gone, changed or only seen by another detector, within the specification's bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.findings.answers import Answer
from rda_nb.findings.criteria import Rubric
from rda_nb.findings.delta import Change, match
from rda_nb.findings.state import Memory
from rda_nb.records import Finding, Record

FIRST_RUN = "First run — no prior report to compare"
NO_CHANGES = "No material changes detected"
_NEAR = 5  # lines: a citation written by hand points at the statement or just beside it


@dataclass(frozen=True, slots=True)
class Rechecked:
    """Something that stood before and was found again in this run, with its present place."""

    what: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """Section 6: differences to the previous run, and the bullets that tell them."""

    first_run: bool
    bullets: tuple[str, ...]
    added: tuple[Change, ...] = ()
    resolved: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    detector: tuple[Change, ...] = ()
    rechecked: tuple[Rechecked, ...] = ()
    prior_commit: str = ""


def first_run() -> Delta:
    """The delta of a run that has no predecessor."""
    return Delta(True, (FIRST_RUN,))


def not_comparable(answers: Sequence[Answer], rubric: Rubric) -> Delta:
    """The delta to a prior report in which neither verdicts, citations nor a state could be read."""
    bounds = rubric.shown["delta"]
    states = [
        f"Question {a.n} now: {a.assessment.value}" + (f" (`{a.evidence[0]}`)" if a.evidence else "") for a in answers
    ]
    return Delta(
        False, ("GAP: a prior report exists, but nothing in it can be compared with", *states[: bounds["least"]])
    )


def compare(
    memory: Memory,
    found: Sequence[Finding],
    answers: Sequence[Answer],
    tables: Mapping[str, Sequence[Record]],
    versions: Mapping[str, int],
    titles: Mapping[str, str],
    paths: frozenset[str],
    rubric: Rubric,
) -> Delta:
    """The difference between a previous run and this one; `paths` are the target's files."""
    bounds = rubric.shown["delta"]
    verdicts = _verdict_bullets(memory, answers)
    if not memory.kit_made:
        return _by_hand(memory, found, answers, verdicts, paths, bounds)
    matched = match(found, memory, versions, titles)
    rechecked = _rechecked(matched.unchanged, answers, memory, bounds["rechecked_most"])
    parts = [
        *(_bullet("New", c) for c in matched.added),
        *(_bullet("Resolved", c) for c in matched.resolved),
        *(_bullet(_HOW[c.how], c) for c in matched.changed),
    ]
    material = bool(parts or matched.detector or verdicts)
    delta = Delta(
        False, (), matched.added, matched.resolved, matched.changed, matched.detector, rechecked, memory.commit
    )
    if not material:
        return _with_bullets(delta, [NO_CHANGES, *map(_rechecked_bullet, rechecked)])
    closing = [*_detector_bullets(matched.detector), *_count_bullets(memory, tables)]
    if matched.unchanged:
        closing.append(f"{len(matched.unchanged)} findings stand unchanged")
    room = bounds["most"] - len(closing[:3]) - min(len(verdicts), 3)
    shown = parts if len(parts) <= room else [*parts[: room - 1], f"{len(parts) - room + 1} more changes in the HTML"]
    bullets = [*shown, *_shorten(verdicts, 3), *closing[:3]]
    for item in rechecked:
        if len(bullets) >= bounds["least"]:
            break
        bullets.append(_rechecked_bullet(item))
    return _with_bullets(delta, bullets[: bounds["most"]])


_HOW = {
    "changed in place": "Changed in place",
    "file moved": "Moved to another file",
    "moved to another symbol": "Moved to another function",
    "verdict": "Verdict changed",
    "sites": "Number of sites changed",
}


def _with_bullets(delta: Delta, bullets: Sequence[str]) -> Delta:
    return Delta(
        delta.first_run, tuple(bullets), delta.added, delta.resolved, delta.changed, delta.detector, delta.rechecked,
        delta.prior_commit,
    )  # fmt: skip


def _bullet(word: str, change: Change) -> str:
    """One change as a line: what, priority, title, where, before and after."""
    place = f"`{change.evidence[0]}`" if change.evidence else f"`{change.path}`" if change.path else ""
    symbol = f" in `{change.symbol}`" if change.symbol and not change.evidence else ""
    shift = f": {change.before} → {change.after}" if change.before else ""
    where = f" ({place}{symbol})" if place else ""
    return f"{word}: {change.priority} {change.title}{where}{shift}"


def _verdict_bullets(memory: Memory, answers: Sequence[Answer]) -> list[str]:
    """Answers whose assessment is another one now, with the evidence that decides it now."""
    before = memory.answers or {}
    changed = [a for a in answers if a.n in before and before[a.n] != a.assessment.value]
    return [
        f"Question {a.n}: {before[a.n]} → {a.assessment.value}" + (f" (`{a.evidence[0]}`)" if a.evidence else "")
        for a in changed
    ]


def _shorten(lines: list[str], most: int) -> list[str]:
    """At most so many lines; the last one joins the rest."""
    return lines if len(lines) <= most else [*lines[: most - 1], "; ".join(lines[most - 1 :])]


def _detector_bullets(changes: Sequence[Change]) -> list[str]:
    """Differences that come from another version of a check, by check: never told as a new risk."""
    rules = sorted({c.rule for c in changes})
    if not rules:
        return []
    named = ", ".join(rules[:4]) + (f" and {len(rules) - 4} more" if len(rules) > 4 else "")
    return [f"Detector changed: {len(changes)} findings differ because of another version of {named}"]


def _count_bullets(memory: Memory, tables: Mapping[str, Sequence[Record]]) -> list[str]:
    """Tables whose number of rows differs."""
    before = memory.tables or {}
    moved = [f"{t} {before[t]} → {len(rows)}" for t, rows in tables.items() if before.get(t, len(rows)) != len(rows)]
    return [f"Evidence rows: {', '.join(moved)}"] if moved else []


def _rechecked(
    unchanged: Sequence[Finding], answers: Sequence[Answer], memory: Memory, most: int
) -> tuple[Rechecked, ...]:
    """What was examined again and stands: findings first, then answers with the same verdict and evidence."""
    items = [Rechecked(f"{f.priority} {f.title}", f.evidence[:1]) for f in unchanged]
    before = memory.answers or {}
    same = [a for a in answers if before.get(a.n) == a.assessment.value]
    items += [Rechecked(f"Question {a.n} is still {a.assessment.value}", a.evidence[:1]) for a in same if a.evidence]
    items += [Rechecked(f"Question {a.n} is still {a.assessment.value}", ()) for a in same if not a.evidence]
    return tuple(items[:most])


def _rechecked_bullet(item: Rechecked) -> str:
    place = f" (`{item.evidence[0]}`)" if item.evidence else ""
    return f"Re-checked: {item.what}{place}"


def _by_hand(
    memory: Memory,
    found: Sequence[Finding],
    answers: Sequence[Answer],
    verdicts: list[str],
    paths: frozenset[str],
    bounds: Mapping[str, int],
) -> Delta:
    """The difference to a report written by hand: verdicts and cited places can be compared, sentences cannot."""
    cited = [(item, [(p, n) for p, n in item.places if p in paths]) for item in memory.items]
    met: list[tuple[Finding, tuple[str, int]]] = []
    lost: list[tuple[str, tuple[str, int]]] = []
    for item, places in cited:
        hits = [(f, place) for place in places for f in found if _cites(f, *place)]
        if hits:
            met.append(hits[0])
        elif places:
            lost.append((item.priority, places[0]))
    covered = {id(f) for f, _ in met}
    fresh = [f for f in found if id(f) not in covered and f.priority == "P0"]
    share = f"{len(met)} of {len(memory.items)} prior action items have a finding at a cited place"
    bullets = [f"The prior report was not written by this kit: compared by verdicts and cited places ({share})"]
    bullets += _shorten(verdicts, 4)
    bullets += [
        f"Not found again: a prior {priority} item cites `{path}:{line}`; no finding of this run stands there "
        "(resolved, or outside what the checks see)"
        for priority, (path, line) in lost[:2]
    ]
    if len(lost) > 2:
        bullets.append(f"{len(lost) - 2} more prior items have no finding at their cited places")
    if fresh:
        bullets.append(
            f"{len(fresh)} P0 findings stand where no prior action item points, first: {fresh[0].title} "
            f"(`{fresh[0].evidence[0]}`)"
        )
    rechecked = tuple(
        dict.fromkeys(Rechecked(f"{f.priority} {f.title}", f.evidence[:1]) for f, _ in met)
    ) or _rechecked((), answers, memory, bounds["rechecked_most"])
    room = max(bounds["least"] - len(bullets), 0)
    bullets += map(_rechecked_bullet, rechecked[: max(room, min(3, bounds["most"] - len(bullets)))])
    return Delta(False, tuple(bullets[: bounds["most"]]), rechecked=rechecked[: bounds["rechecked_most"]])


def _cites(f: Finding, path: str, line: int) -> bool:
    """True when the finding has evidence at or just beside a place."""
    return any(e.path == path and e.line - _NEAR <= line <= max(e.end_line, e.line) + _NEAR for e in f.evidence)
