"""The difference to a report without a state of this kit: its verdicts and cited places can be compared, its words cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.findings.citations import meant
from rda_nb.findings.criteria import wording
from rda_nb.findings.state import Memory, PriorItem
from rda_nb.findings.surfaced import lines_at
from rda_nb.records import Finding, Page
from rda_nb.source.target import Target

NEAR = 5  # lines: a citation written by hand points at the statement or just beside it
_MOST_CONFIRMED = 3
_MOST_UNSEEN = 2
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Met:
    """A prior item with the finding of this run that stands nearest to one of its places, and the evidence there."""

    item: PriorItem
    finding: Finding
    at: Evidence


@dataclass(frozen=True, slots=True)
class Compared:
    """Prior items by what this run can say of them.

    `confirmed` have a finding on one of their topics at their place, `beside` one on something else; `unseen` have none
    while their code stands; `gone` cite code that is gone. `fresh` are P0 findings where no item points.
    """

    confirmed: tuple[Met, ...]
    beside: tuple[Met, ...]
    unseen: tuple[tuple[PriorItem, str], ...]
    gone: tuple[PriorItem, ...]
    fresh: tuple[Finding, ...]


def compared(memory: Memory, found: Sequence[Finding], pages: Mapping[str, Page], target: Target) -> Compared:
    """Look every place of the prior items up in the target and among this run's findings."""
    known = {file.path for file in target.files}
    paths = {path: meant(path, known) for item in memory.items for path, _ in item.places}
    before = lines_at(target, memory.commit, {path for path in paths.values() if path}) if memory.commit else {}
    confirmed: list[Met] = []
    beside: list[Met] = []
    unseen: list[tuple[PriorItem, str]] = []
    gone: list[PriorItem] = []
    for item in sorted(memory.items, key=lambda item: item.priority):
        places = [(paths[path], line) for path, line in item.places]
        standing = [(path, line) for path, line in places if _stands(path, line, target, before)]
        nearest = _nearest(item, standing, found, pages)
        if nearest is not None:
            of_topic = item.topics.intersection(pages[nearest.finding.rule].topics)
            (confirmed if of_topic else beside).append(nearest)
        elif standing:
            unseen.append((item, f"{standing[0][0]}:{standing[0][1]}"))
        else:
            gone.append(item)
    met = {one.finding.id for one in (*confirmed, *beside)}
    fresh = tuple(f for f in found if f.priority == "P0" and f.id not in met)
    return Compared(tuple(confirmed), tuple(beside), tuple(unseen), tuple(gone), fresh)


def _nearest(
    item: PriorItem, places: Sequence[tuple[str, int]], found: Sequence[Finding], pages: Mapping[str, Page]
) -> Met | None:
    """The finding at or just beside a place of the item: one on its topics before a nearer one on something else."""
    near = [
        (not item.topics.intersection(pages[f.rule].topics), distance, n, at)
        for path, line in places
        for n, f in enumerate(found)
        for at, e in enumerate(f.evidence)
        if e.path == path and (distance := max(e.line - line, line - max(e.end_line, e.line), 0)) <= NEAR
    ]
    if not near:
        return None
    _, _, n, at = min(near)
    return Met(item, found[n], found[n].evidence[at])


def bullets(seen: Compared, verdicts: list[str], most: int) -> list[str]:
    """What is told, gravest first, within the bound; the first bullet counts everything."""
    say = wording()["delta"]
    counts = {name: len(getattr(seen, name)) for name in ("confirmed", "beside", "unseen", "gone")}
    first = say["by_hand"].format(items=sum(counts.values()), **counts)
    told = [say["unseen"].format(item=_named(item), place=place) for item, place in seen.unseen[:_MOST_UNSEEN]]
    told += _counted("unseen_more", [item for item, _ in seen.unseen[_MOST_UNSEEN:]])
    told += _counted("beside", [one.item for one in seen.beside])
    told += _counted("cited_gone", seen.gone)
    if seen.fresh:
        fresh = say["fresh"].format(n=len(seen.fresh), title=seen.fresh[0].title)
        told.append(f"{fresh} (`{seen.fresh[0].evidence[0]}`)")
    room = max(most - 1 - len(verdicts) - len(told), 1)
    return [first, *_confirmed(seen.confirmed, min(room, _MOST_CONFIRMED + 1)), *verdicts, *told]


def _counted(name: str, items: Sequence[PriorItem]) -> list[str]:
    """One bullet that counts items and names them; none when there is none."""
    return [wording()["delta"][name].format(n=len(items), labels=_labels(items))] if items else []


def _confirmed(met: Sequence[Met], room: int) -> list[str]:
    """One bullet per finding, which may answer several items; the last one names the items that are left."""
    say = wording()["delta"]
    by_finding: dict[str, list[Met]] = {}
    for one in met:
        by_finding.setdefault(one.finding.id, []).append(one)
    groups = list(by_finding.values())
    shown = groups if len(groups) <= room else groups[: room - 1]
    told = []
    for group in shown:
        f = group[0].finding
        items = ", ".join(_named(one.item) for one in group)
        told.append(f"{say['confirmed'].format(items=items, priority=f.priority, title=f.title)} (`{group[0].at}`)")
    left = [one.item for group in groups[len(shown) :] for one in group]
    return [*told, *_counted("confirmed_more", left)]


def _named(item: PriorItem) -> str:
    """`R2 (P0)`, or `a P0 item` when it has no label."""
    if not item.label:
        return f"a {item.priority} item"
    return item.label if item.label.startswith(item.priority) else f"{item.label} ({item.priority})"


def _labels(items: Iterable[PriorItem]) -> str:
    named = [_named(item) for item in items]
    more = len(named) - _MOST_LABELS
    return ", ".join(named[:_MOST_LABELS]) + (f" and {more} more" if more > 0 else "")


def _stands(path: str, line: int, target: Target, before: Mapping[str, Sequence[str]]) -> bool:
    """True when the cited code is there: by its text where the report's commit is known, else by its line."""
    file = target.file(path) if path else None
    if file is None:
        return False
    then = before.get(path)
    if then is None or not 1 <= line <= len(then) or not then[line - 1]:
        return 1 <= line <= len(file.lines)
    return then[line - 1] in {" ".join(text.split()) for text in file.lines}


def rechecked_of(seen: Compared) -> list[tuple[str, tuple[Evidence, ...]]]:
    """The findings that stand where prior items pointed, each once: what was really examined again."""
    distinct: dict[str, Met] = {}
    for one in seen.confirmed:
        distinct.setdefault(one.finding.id, one)
    return [(f"{one.finding.priority} {one.finding.title}", (one.at,)) for one in distinct.values()]
