"""What changed since the previous run: a matching cascade over line-free identities, told in 3 to 10 bullets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.findings.identity import REVIEWER
from rda_nb.findings.state import Memory, Remembered
from rda_nb.records import Finding, Page

Key = Callable[[Remembered], tuple[object, ...]]

# Strongest first; each step sees only what the steps before left over, and pairs one to one (a multiset, not a set).
_CASCADE: tuple[tuple[str, Key], ...] = (
    ("same", lambda r: (r.id,)),
    ("changed in place", lambda r: (r.rule, r.path, r.symbol)),
    ("file moved", lambda r: (r.rule, r.symbol, r.token)),
    ("moved to another symbol", lambda r: (r.rule, r.token)),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `how` is new, resolved, a step of the cascade, a verdict change or a detector change."""

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
    """Everything the cascade found; `unchanged` are findings that stand exactly as before."""

    added: tuple[Change, ...]
    resolved: tuple[Change, ...]
    changed: tuple[Change, ...]
    detector: tuple[Change, ...]
    unchanged: tuple[Finding, ...]


def match(found: Sequence[Finding], memory: Memory, pages: Mapping[str, Page]) -> Match:
    """Pair this run's findings with the remembered ones; `pages` are of this run's checks."""
    versions = {rule: page.version for rule, page in pages.items()}
    now = [(f, remember(f)) for f in found]
    before = list(memory.findings)
    pairs: list[tuple[Finding, Remembered, str]] = []
    for how, key in _CASCADE:
        waiting: dict[tuple[object, ...], list[Remembered]] = defaultdict(list)
        for old in reversed(before):
            waiting[key(old)].append(old)
        left = []
        for f, new in now:
            if waiting.get(key(new)):
                pairs.append((f, waiting[key(new)].pop(), how))
            else:
                left.append((f, new))
        now = left
        unpaired = {id(old) for olds in waiting.values() for old in olds}
        before = [old for old in before if id(old) in unpaired]
    known = memory.rules or {}
    order = {f.id: i for i, f in enumerate(found)}
    changed: list[Change] = []
    detector: list[Change] = []
    unchanged: list[Finding] = []
    for f, old, how in sorted(pairs, key=lambda pair: order[pair[0].id]):
        change = _compare(f, old, how)
        if change is None:
            unchanged.append(f)
        elif old.version != f.rule_version and change.how == "same":
            detector.append(change)
        else:
            changed.append(change)
    fresh = [_new(f) for f, _ in now]
    gone = [_gone(old, pages) for old in before]
    return Match(
        added=tuple(c for c in fresh if known.get(c.rule) == versions.get(c.rule)),
        resolved=tuple(c for c in gone if versions.get(c.rule) == known.get(c.rule)),
        changed=tuple(changed),
        detector=(*detector, *(c for c in [*fresh, *gone] if known.get(c.rule) != versions.get(c.rule))),
        unchanged=tuple(unchanged),
    )


def remember(f: Finding) -> Remembered:
    """The part of a finding that a later run can compare with."""
    path = f.evidence[0].path if f.evidence else ""
    return Remembered(
        f.id, f.rule, f.rule_version, path, f.symbol, f.tokens, f.ordinal, f.priority, f.assessment.value, f.sites
    )


def _compare(f: Finding, old: Remembered, how: str) -> Change | None:
    """The difference between a finding and its match; None when there is none."""
    verdict = (old.priority, old.assessment) != (f.priority, f.assessment.value)
    sites = old.sites != f.sites
    if how == "same" and not verdict and not sites and old.version == f.rule_version:
        return None
    before, after = "", ""
    if verdict:
        before, after = f"{old.priority} {old.assessment}", f"{f.priority} {f.assessment.value}"
    elif sites:
        before, after = f"{old.sites} sites", f"{f.sites} sites"
    elif how.startswith(("file moved", "moved")):
        before, after = f"`{old.path}` {old.symbol}".strip(), f"`{f.evidence[0].path}` {f.symbol}".strip()
    if how == "same" and verdict and old.version == f.rule_version:
        how = "verdict"
    elif how == "same" and sites and old.version == f.rule_version:
        how = "sites"
    return Change(how, f.id, f.rule, f.title, f.priority, before, after, old.path, f.symbol, f.evidence[:1])


def _new(f: Finding) -> Change:
    """A finding without a match in the previous run."""
    return Change("new", f.id, f.rule, f.title, f.priority, symbol=f.symbol, evidence=f.evidence[:1])


def _gone(old: Remembered, pages: Mapping[str, Page]) -> Change:
    """A remembered finding without a match now; its words come from this run's check, not from the prior report."""
    title = pages[old.rule].title if old.rule in pages else f"A finding of check {old.rule or 'unknown'}"
    if old.rule == REVIEWER:
        title = "A finding that a reviewer had added"
    return Change("resolved", old.id, old.rule, title, old.priority, path=old.path, symbol=old.symbol)
