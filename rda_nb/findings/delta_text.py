"""The delta told in 3 to 10 bullets: what is new, gone, changed, or only seen by another detector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rda_nb.core import Evidence
from rda_nb.findings import delta_by_hand
from rda_nb.findings.answers import Answer
from rda_nb.findings.criteria import Rubric, wording
from rda_nb.findings.delta import Change, match
from rda_nb.findings.delta_by_hand import compared
from rda_nb.findings.state import Memory
from rda_nb.findings.surfaced import stood, unchanged
from rda_nb.records import Finding, Page
from rda_nb.source.target import Target


@dataclass(frozen=True, slots=True)
class Rechecked:
    """Something that stood before and was found again in this run, with its present place."""

    what: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """Section 6: differences to the previous run, and the bullets that tell them.

    `compared` is True when each finding was looked for in the previous run, so that what is new is known.
    """

    first_run: bool
    bullets: tuple[str, ...]
    added: tuple[Change, ...] = ()
    resolved: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    detector: tuple[Change, ...] = ()
    rechecked: tuple[Rechecked, ...] = ()
    prior_commit: str = ""
    compared: bool = False


@dataclass(frozen=True, slots=True)
class ThisRun:
    """What the delta knows of this run, made by version `kit`: `rows` counts per table."""

    findings: Sequence[Finding]
    answers: Sequence[Answer]
    rows: Mapping[str, int]
    pages: Mapping[str, Page]
    target: Target
    kit: str = ""


def first_run() -> Delta:
    """The delta of a run that has no predecessor."""
    return Delta(True, (_say("first_run"),))


def not_comparable(answers: Sequence[Answer], rubric: Rubric) -> Delta:
    """The delta to a prior report in which neither verdicts, citations nor a state could be read."""
    now = [_placed(_say("now", n=a.n, verdict=a.assessment.value), a.evidence) for a in answers]
    return Delta(False, (_say("not_comparable"), *now[: rubric.shown["delta"]["least"]]))


def compare(memory: Memory, now: ThisRun, rubric: Rubric) -> Delta:
    """The difference between a previous run and this one."""
    bounds = rubric.shown["delta"]
    verdicts = _verdict_bullets(memory, now.answers)
    if not memory.kit_made:
        return _by_hand(memory, now, verdicts, bounds)
    matched = match(now.findings, memory, now.pages, now.target)
    added, resolved = _surfaced(matched.added, memory, now), _vanished(matched.resolved, memory, now)
    rechecked = _rechecked(matched.unchanged, now.answers, memory, bounds["rechecked_most"])
    told = [_change_bullet(c) for c in (*added, *resolved, *matched.changed)]
    if told or matched.detector or verdicts:
        closing = [
            *_detector_bullets(matched.detector),
            *_kit_bullets(memory, now.kit),
            *_count_bullets(memory, now.rows),
        ]
        if matched.unchanged:
            closing.append(_say("unchanged", n=len(matched.unchanged)))
        bullets = _within(bounds, told, _joined(verdicts, 3), closing, rechecked)
    else:
        bullets = [_say("no_changes"), *(_rechecked_bullet(item) for item in rechecked)]
    return Delta(
        first_run=False,
        bullets=tuple(bullets),
        added=added,
        resolved=resolved,
        changed=matched.changed,
        detector=matched.detector,
        rechecked=rechecked,
        prior_commit=memory.commit,
        compared=True,
    )


def _surfaced(added: Sequence[Change], memory: Memory, now: ThisRun) -> tuple[Change, ...]:
    """New findings, and apart from them those whose every cited line stood as it is in the commit of the run before.

    What made such a finding lies elsewhere: a caller, a route, a setting.
    """
    if not added or not memory.commit or memory.dirty:
        return tuple(added)
    found = {f.id: f for f in now.findings}
    unchanged = stood(now.target, memory.commit, [found[c.id].evidence for c in added])
    return tuple(replace(c, how="surfaced") if same else c for c, same in zip(added, unchanged, strict=True))


def _vanished(resolved: Sequence[Change], memory: Memory, now: ThisRun) -> tuple[Change, ...]:
    """Resolved findings, and apart from them those whose files are what they were: nobody mended anything there."""
    if not resolved or not memory.commit or memory.dirty:
        return tuple(resolved)
    places = {old.id: {path for path, _, _ in old.places} for old in memory.findings}
    same = unchanged(now.target, memory.commit, {path for c in resolved for path in places[c.id]})
    return tuple(replace(c, how="vanished") if places[c.id] <= same else c for c in resolved)


def _within(
    bounds: Mapping[str, int],
    told: list[str],
    verdicts: list[str],
    closing: list[str],
    rechecked: Sequence[Rechecked],
) -> list[str]:
    """The bullets, cut to the most and filled to the least with what was re-checked."""
    room = bounds["most"] - len(verdicts) - len(closing)
    if len(told) > room:
        told = [*told[: room - 1], _say("more", n=len(told) - room + 1)]
    bullets = [*told, *verdicts, *closing]
    missing = max(bounds["least"] - len(bullets), 0)
    return [*bullets, *(_rechecked_bullet(item) for item in rechecked[:missing])]


def _say(name: str, **words: object) -> str:
    """A sentence of wording.yaml's delta."""
    return str(wording()["delta"][name]).format(**words)


def _placed(text: str, evidence: Sequence[Evidence]) -> str:
    """A sentence with its first place."""
    return f"{text} (`{evidence[0]}`)" if evidence else text


def _change_bullet(change: Change) -> str:
    """One change: what, priority, title, where, before and after."""
    text = f"{wording()['delta']['how'][change.how]}: {change.priority} {change.title}"
    if change.evidence:
        text = _placed(text, change.evidence)
    elif change.path:
        symbol = f" in `{change.symbol}`" if change.symbol else ""
        text = f"{text} (`{change.path}`{symbol})"
    return f"{text}: {change.before} → {change.after}" if change.before else text


def _verdict_bullets(memory: Memory, answers: Sequence[Answer]) -> list[str]:
    """Answers whose assessment is another one now, with the evidence that decides it now."""
    before = memory.answers or {}
    return [
        _placed(_say("question", n=a.n, before=before[a.n], after=a.assessment.value), a.evidence)
        for a in answers
        if a.n in before and before[a.n] != a.assessment.value
    ]


def _joined(lines: list[str], most: int) -> list[str]:
    """At most so many lines; the last one joins the rest."""
    return lines if len(lines) <= most else [*lines[: most - 1], "; ".join(lines[most - 1 :])]


def _detector_bullets(changes: Sequence[Change]) -> list[str]:
    """Differences that come from another version of a check, by check: never told as a new risk."""
    rules = sorted({c.rule for c in changes if c.rule})
    if not changes:
        return []
    named = ", ".join(rules[:4]) + (f" and {len(rules) - 4} more" if len(rules) > 4 else "")
    return [_say("detector", n=len(changes), rules=named or "a check that is gone")]


def _kit_bullets(memory: Memory, kit: str) -> list[str]:
    """That another version of the kit looked: it may resolve more of the code, whatever the checks' versions say."""
    differs = bool(memory.kit and kit) and memory.kit != kit
    return [_say("kit", before=memory.kit, after=kit)] if differs else []


def _count_bullets(memory: Memory, rows: Mapping[str, int]) -> list[str]:
    """Tables whose number of rows differs."""
    before = memory.tables or {}
    moved = [f"{table} {before[table]} → {n}" for table, n in rows.items() if before.get(table, n) != n]
    return [_say("rows", tables=", ".join(moved))] if moved else []


def _rechecked(
    unchanged: Sequence[Finding], answers: Sequence[Answer], memory: Memory, most: int
) -> tuple[Rechecked, ...]:
    """What was examined again and stands: findings first, then answers of the same verdict, cited ones first."""
    turn: Counter[str] = Counter()
    ordered: list[tuple[int, int, Finding]] = []
    for n, f in enumerate(unchanged):
        ordered.append((turn[f.rule], n, f))  # one finding of each check before the second of any
        turn[f.rule] += 1
    ordered.sort(key=lambda entry: entry[:2])
    items = [Rechecked(f"{f.priority} {f.title}", f.evidence[:1]) for _, _, f in ordered[:most]]
    before = memory.answers or {}
    same = [a for a in answers if before.get(a.n) == a.assessment.value]
    items += [
        Rechecked(_say("rechecked_answer", n=a.n, verdict=a.assessment.value), a.evidence[:1])
        for a in sorted(same, key=lambda a: (not a.evidence, a.n))
    ]
    return tuple(items[:most])


def _rechecked_bullet(item: Rechecked) -> str:
    return _placed(_say("rechecked", what=item.what), item.evidence)


def _by_hand(memory: Memory, now: ThisRun, verdicts: list[str], bounds: Mapping[str, int]) -> Delta:
    """The difference to a report without a state: verdicts and cited places can be compared, sentences cannot."""
    seen = compared(memory, now.findings, now.pages, now.target)
    bullets = delta_by_hand.bullets(seen, _joined(verdicts, 1), bounds["most"])
    again = [Rechecked(*item) for item in delta_by_hand.rechecked_of(seen)]
    rechecked = (*again, *_rechecked((), now.answers, memory, bounds["rechecked_most"]))[: bounds["rechecked_most"]]
    missing = max(bounds["least"] - len(bullets), 0)
    bullets += [_rechecked_bullet(item) for item in rechecked[:missing]]
    return Delta(False, tuple(bullets), rechecked=rechecked)
