"""The difference to a report without a state of this kit: its verdicts and cited places can be compared, its words cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.findings.criteria import wording
from rda_nb.findings.state import Memory, PriorItem
from rda_nb.findings.surfaced import lines_at
from rda_nb.records import Finding
from rda_nb.source.target import Target

NEAR = 5  # lines: a citation written by hand points at the statement or just beside it
_MOST_CONFIRMED = 3
_MOST_UNSEEN = 2
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Met:
    """A prior item with the finding of this run that stands nearest to one of its places."""

    item: PriorItem
    finding: Finding


@dataclass(frozen=True, slots=True)
class Compared:
    """Prior items by what this run can say of them: confirmed, not seen while the code stands, or their code gone."""

    confirmed: tuple[Met, ...]
    unseen: tuple[tuple[PriorItem, str], ...]
    gone: tuple[PriorItem, ...]
    fresh: tuple[Finding, ...]


def compared(memory: Memory, found: Sequence[Finding], target: Target) -> Compared:
    """Look every place of the prior items up in the target and among this run's findings."""
    paths = {path: _known(path, target) for item in memory.items for path, _ in item.places}
    before = lines_at(target, memory.commit, {path for path in paths.values() if path}) if memory.commit else {}
    confirmed: list[Met] = []
    unseen: list[tuple[PriorItem, str]] = []
    gone: list[PriorItem] = []
    for item in sorted(memory.items, key=lambda item: item.priority):
        places = [(paths[path], line) for path, line in item.places]
        nearest = min(
            (
                (distance, n)
                for path, line in places
                for n, f in enumerate(found)
                if (distance := _distance(f, path, line)) >= 0
            ),
            default=None,
        )
        standing = [f"{path}:{line}" for path, line in places if _stands(path, line, target, before)]
        if nearest is not None:
            confirmed.append(Met(item, found[nearest[1]]))
        elif standing:
            unseen.append((item, standing[0]))
        else:
            gone.append(item)
    met = {one.finding.id for one in confirmed}
    fresh = tuple(f for f in found if f.priority == "P0" and f.id not in met)
    return Compared(tuple(confirmed), tuple(unseen), tuple(gone), fresh)


def bullets(seen: Compared, verdicts: list[str], most: int) -> list[str]:
    """What is told, gravest first, within the bound; the first bullet counts everything."""
    say = wording()["delta"]
    total = len(seen.confirmed) + len(seen.unseen) + len(seen.gone)
    first = say["by_hand"].format(items=total, met=len(seen.confirmed), unseen=len(seen.unseen), gone=len(seen.gone))
    unseen = [say["unseen"].format(item=_named(item), place=place) for item, place in seen.unseen[:_MOST_UNSEEN]]
    rest = [item for item, _ in seen.unseen[_MOST_UNSEEN:]]
    if rest:
        unseen.append(say["unseen_more"].format(n=len(rest), labels=_labels(rest)))
    closing = []
    if seen.gone:
        closing.append(say["cited_gone"].format(n=len(seen.gone), labels=_labels(seen.gone)))
    if seen.fresh:
        told = say["fresh"].format(n=len(seen.fresh), title=seen.fresh[0].title)
        closing.append(f"{told} (`{seen.fresh[0].evidence[0]}`)")
    room = max(most - 1 - len(verdicts) - len(unseen) - len(closing), 1)
    return [first, *_confirmed(seen.confirmed, min(room, _MOST_CONFIRMED + 1)), *verdicts, *unseen, *closing]


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
        told.append(f"{say['confirmed'].format(items=items, priority=f.priority, title=f.title)} (`{f.evidence[0]}`)")
    left = [one.item for group in groups[len(shown) :] for one in group]
    if left:
        told.append(say["confirmed_more"].format(n=len(left), labels=_labels(left)))
    return told


def _named(item: PriorItem) -> str:
    """`R2 (P0)`, or `a P0 item` when it has no label."""
    if not item.label:
        return f"a {item.priority} item"
    return item.label if item.label.startswith(item.priority) else f"{item.label} ({item.priority})"


def _labels(items: Iterable[PriorItem]) -> str:
    named = [_named(item) for item in items]
    more = len(named) - _MOST_LABELS
    return ", ".join(named[:_MOST_LABELS]) + (f" and {more} more" if more > 0 else "")


def _known(path: str, target: Target) -> str:
    """The target's file that a report means: as written, below a longer path, or by a name that only one file has."""
    if target.file(path) is not None:
        return path
    parts = path.split("/")
    for n in range(1, len(parts)):
        below = "/".join(parts[n:])
        if n < len(parts) - 1 and target.file(below) is not None:
            return below
    named = [file.path for file in target.files if file.path.endswith(f"/{path}")]
    return named[0] if len(named) == 1 else ""


def _distance(f: Finding, path: str, line: int) -> int:
    """Lines between a place and the finding's nearest evidence in that file; -1 when it is too far or elsewhere."""
    if not path:
        return -1
    near = [max(e.line - line, line - max(e.end_line, e.line), 0) for e in f.evidence if e.path == path]
    nearest = min(near, default=NEAR + 1)
    return nearest if nearest <= NEAR else -1


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
    distinct = {one.finding.id: one.finding for one in seen.confirmed}
    return [(f"{f.priority} {f.title}", f.evidence[:1]) for f in distinct.values()]
