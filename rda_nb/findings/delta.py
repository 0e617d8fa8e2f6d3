"""What changed since the previous run: findings are matched by the sites they share, never by line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.findings.identity import REVIEWER
from rda_nb.findings.matching import Files, Site, pair
from rda_nb.findings.state import Memory, Remembered, shown_name, shown_path
from rda_nb.records import Finding, Page
from rda_nb.source import renamed_since
from rda_nb.source.target import Target


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `how` is a key of wording.yaml's delta.how: new, resolved, or in what a known finding differs."""

    how: str
    id: str
    rule: str
    title: str
    priority: str
    before: str = ""
    after: str = ""
    path: str = ""
    symbol: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Everything the matching found; `unchanged` are findings that stand exactly as before."""

    added: tuple[Change, ...]
    resolved: tuple[Change, ...]
    changed: tuple[Change, ...]
    detector: tuple[Change, ...]
    unchanged: tuple[Finding, ...]


Pair = tuple[Site, Site, str]


def match(found: Sequence[Finding], memory: Memory, pages: Mapping[str, Page], target: Target) -> Match:
    """Pair this run's findings with the remembered ones; `pages` are of this run's checks.

    A finding is new only when none of its sites was remembered, and resolved only when none of them stands any more. Where
    the check has another version than before, or was not there, every difference is the detector's.
    """
    now = [_sites_of(n, f) for n, f in enumerate(found)]
    before = [Site(n, old.rule, *place) for n, old in enumerate(memory.findings) for place in old.places]
    commit = memory.commit
    files = Files(
        lambda: renamed_since(target.root, commit) if commit else {}, lambda path: target.file(path) is not None
    )
    pairs = pair([site for sites in now for site in sites], before, files)
    partners = _partners(pairs)
    of_finding: dict[int, list[Pair]] = defaultdict(list)
    for one in pairs:
        of_finding[one[0].finding].append(one)
    changes: dict[str, list[Change]] = {"added": [], "resolved": [], "changed": [], "detector": []}
    unchanged: list[Finding] = []

    def put(kind: str, change: Change) -> None:
        changes[kind if _same_version(change.rule, memory, pages) else "detector"].append(change)

    for n, f in enumerate(found):
        if n not in partners:
            told_apart = bool(of_finding[n])
            put("changed" if told_apart else "added", _told(f, "told apart" if told_apart else "new"))
            continue
        change = _compare(f, memory.findings[partners[n]], of_finding[n], _fresh(f, now[n], of_finding[n]))
        if change is None and _same_version(f.rule, memory, pages):
            unchanged.append(f)
        else:
            put("changed", change or _told(f, "same"))
    standing = {old.finding for _, old, _ in pairs}
    matched = set(partners.values())
    for n, old in enumerate(memory.findings):
        if n not in matched:
            how = "told together" if n in standing else "resolved"
            put("changed" if n in standing else "resolved", _gone(old, how, pages))
    return Match(**{kind: tuple(told) for kind, told in changes.items()}, unchanged=tuple(unchanged))


def _sites_of(n: int, f: Finding) -> list[Site]:
    """A finding's sites in the form in which a state gives them back."""
    return [Site(n, f.rule, shown_path(m.path), shown_name(m.symbol), m.token) for m in f.members]


def _fresh(f: Finding, sites: Sequence[Site], pairs: Sequence[Pair]) -> tuple[Evidence, ...]:
    """The citations of a finding's sites that no earlier site is paired with."""
    paired = {id(site) for site, _, _ in pairs}
    places = {(m.path, m.line) for m, site in zip(f.members, sites, strict=True) if id(site) not in paired}
    return tuple(e for e in f.evidence if (e.path, e.line) in places)


def _same_version(rule: str, memory: Memory, pages: Mapping[str, Page]) -> bool:
    """True when the check ran in both runs, in the same version; what a reviewer added is of none."""
    if rule == REVIEWER:
        return True
    return rule in pages and (memory.rules or {}).get(rule) == pages[rule].version


def _partners(pairs: Sequence[Pair]) -> dict[int, int]:
    """Number of a finding now -> number of the remembered one that it shares most sites with, one to one."""
    shared: Counter[tuple[int, int]] = Counter()
    for site, old, how in pairs:
        # A site that stands as it stood binds a finding more than one that was only found elsewhere.
        shared[site.finding, old.finding] += 2 if how == "same" else 1
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for now, before in sorted(shared, key=lambda two: (-shared[two], two)):
        if now not in partners and before not in taken:
            partners[now] = before
            taken.add(before)
    return partners


def _compare(f: Finding, old: Remembered, pairs: Sequence[Pair], fresh: Sequence[Evidence]) -> Change | None:
    """The difference between a finding and its partner; None when there is none."""
    verdicts = f"{old.priority} {old.assessment}", f"{f.priority} {f.assessment.value}"
    kept = len(pairs)
    moved = [one for one in pairs if one[2] != "same"]
    how, before, after = "", "", ""
    if verdicts[0] != verdicts[1]:
        how, (before, after) = "verdict", verdicts
    elif (kept, kept) != (len(old.places), len(f.members)):
        how, before = "sites", _sites(len(old.places))
        came, went = len(f.members) - kept, len(old.places) - kept
        parts = [f"{n} {word}" for n, word in ((came, "new"), (went, "gone")) if n]
        after = f"{_sites(len(f.members))} ({', '.join(parts)})"
    elif moved:
        how = Counter(one[2] for one in moved).most_common(1)[0][0]
        site, was, _ = next(one for one in moved if one[2] == how)
        if how != "changed in place":
            before, after = _place(was), _place(site)
        if len(pairs) > 1:
            after = f"{after} ({len(moved)} of {_sites(len(pairs))})".strip()
    if not how:
        return None
    evidence = (*fresh, *f.evidence)[:1]
    return Change(how, f.id, f.rule, f.title, f.priority, before, after, old.path, f.symbol, evidence)


def _sites(n: int) -> str:
    return f"{n} site{'' if n == 1 else 's'}"


def _place(site: Site) -> str:
    return f"`{site.path}` {site.symbol}".strip()


def _told(f: Finding, how: str) -> Change:
    """A finding of this run without a partner in the previous one, or the same by another version of its check."""
    return Change(how, f.id, f.rule, f.title, f.priority, symbol=f.symbol, evidence=f.evidence[:1])


def _gone(old: Remembered, how: str, pages: Mapping[str, Page]) -> Change:
    """A remembered finding without a partner now; its words come from this run's check, not from the prior report."""
    title = pages[old.rule].title if old.rule in pages else f"A finding of check {old.rule or 'unknown'}"
    if old.rule == REVIEWER:
        title = "A finding that a reviewer had added"
    return Change(how, old.id, old.rule, title, old.priority, path=old.path, symbol=old.symbol)
