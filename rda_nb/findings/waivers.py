"""Verdicts on findings: which of them count today, what each covers, and how every finding stands with them.

What does not count fails open: the finding stands as if nobody had spoken, and the report says why.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pathspec

from rda_nb.core import Evidence
from rda_nb.findings.identity import REVIEWER
from rda_nb.findings.ignores import Coverage, Ignore
from rda_nb.findings.review_file import Entry
from rda_nb.records import Finding
from rda_nb.source import Target
from rda_nb.source.redact import redact

State = Literal["counts", "expired", "stale", "invalid"]
Status = Literal["waived", "partly waived", "confirmed", "waiver ended"]


@dataclass(frozen=True, slots=True)
class Site:
    """One place of a finding that can be waived: the id and rule of its row, and the row's first evidence."""

    id: str
    rule: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict with what came of it. `origin` is file or comment; `place` the key in the file, or path:line.

    `state`: counts; expired (its day is past or cannot be read); stale (it covers nothing); invalid (no reason, no such
    check). `note` says why it does not count. `findings` are the ids of what it covers, at least in part.
    """

    origin: Literal["file", "comment"]
    place: str
    verdict: str
    owner: str
    reason: str
    date: str
    expiry: str
    state: State
    note: str = ""
    finding: str = ""
    rule: str = ""
    path: str = ""
    findings: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a finding stands: its status, the verdict that decides (by index), and how many of its sites are waived."""

    status: Status
    by: int
    sites: int = 0


def apply(
    entries: Sequence[Entry],
    ignores: Sequence[Ignore],
    sites: Mapping[str, Sequence[Site]],
    rules: Iterable[str],
    target: Target,
    today: date | None,
) -> tuple[tuple[Verdict, ...], dict[str, Standing]]:
    """Every verdict with its state, and the standing of each finding that one of them covers.

    `sites` are those of every finding, by its id. `today` is the day of the run; without it no expiry can be judged, and
    what has one does not count.
    """
    known = frozenset(rules) | {REVIEWER}
    coverage = Coverage(target)
    verdicts: list[Verdict] = []
    covered: list[frozenset[str]] = []
    for index, entry in enumerate(entries):
        found = _by_entry(entry, sites)
        verdicts.append(_judged(_of_entry(entry, index), entry.expiry, found, sites, known, today))
        covered.append(found)
    for ignore in ignores:
        evidence = target.cite(ignore.remark.path, ignore.remark.line)
        for rule in ignore.rules or ("",):
            found = frozenset(
                site.id
                for group in sites.values()
                for site in group
                if site.rule == rule and coverage.covers(ignore.remark, site.evidence)
            )
            verdicts.append(_judged(_of_ignore(ignore, rule, evidence), ignore.until, found, sites, known, today))
            covered.append(found)
    return tuple(verdicts), _standings(verdicts, covered, sites)


def _by_entry(entry: Entry, sites: Mapping[str, Sequence[Site]]) -> frozenset[str]:
    """The ids of the sites that an entry of the file speaks of."""
    if entry.finding:
        return frozenset(site.id for site in sites.get(entry.finding, ()))
    files = pathspec.GitIgnoreSpec.from_lines([entry.path])
    return frozenset(
        site.id
        for group in sites.values()
        for site in group
        if site.rule == entry.rule and files.match_file(site.evidence.path)
    )


def _of_entry(entry: Entry, index: int) -> Verdict:
    return Verdict(
        "file", f"verdicts[{index}]", entry.verdict, redact(entry.owner), redact(entry.reason), entry.date or "",
        entry.expiry or "", "counts", finding=entry.finding, rule=entry.rule, path=entry.path,
    )  # fmt: skip


def _of_ignore(ignore: Ignore, rule: str, evidence: Evidence) -> Verdict:
    remark = ignore.remark
    return Verdict(
        "comment", f"{remark.path}:{remark.line}", "accepted", "", redact(ignore.reason)[:400], "", ignore.until or "",
        "counts", rule=rule, path=remark.path, evidence=(evidence,),
    )  # fmt: skip


def _judged(
    verdict: Verdict,
    expiry: str | None,
    covered: frozenset[str],
    sites: Mapping[str, Sequence[Site]],
    known: frozenset[str],
    today: date | None,
) -> Verdict:
    """The verdict with its state: invalid before stale before expired."""
    ids = tuple(id_ for id_, group in sites.items() if any(site.id in covered for site in group))
    verdict = replace(verdict, findings=ids)
    if not verdict.rule and not verdict.finding:
        return replace(verdict, state="invalid", note="it names no check")
    if verdict.rule and verdict.rule not in known:
        near = difflib.get_close_matches(verdict.rule, sorted(known), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        return replace(verdict, state="invalid", note=f"no check is called {verdict.rule}{meant}")
    if not verdict.reason:
        return replace(verdict, state="invalid", note="it gives no reason: write `-- why` behind the check")
    if not covered:
        what = (
            f"no finding has the id {verdict.finding}" if verdict.finding else "no finding of this check stands there"
        )
        return replace(verdict, state="stale", note=what)
    ended = _ended(expiry, today) or (_unreadable(verdict.date) if verdict.date else "")
    return replace(verdict, state="expired", note=ended) if ended else verdict


def _ended(expiry: str | None, today: date | None) -> str:
    """Why a verdict does not count any more; '' while it does. The day of its expiry is its last."""
    if expiry is None:
        return ""
    if _unreadable(expiry):
        return _unreadable(expiry)
    if today is None:
        return "the day of this run is not known"
    return f"it ended on {expiry}" if today > day(expiry) else ""


def _unreadable(text: str) -> str:
    try:
        day(text)
    except ValueError:
        return f"{text!r} is not a day of the form 2027-01-31"
    return ""


def day(text: str) -> date:
    """A day written as 2027-01-31; ValueError for anything else, other forms of ISO 8601 included."""
    if len(text) != len("2027-01-31"):
        raise ValueError(text)
    return date.fromisoformat(text)


def _standings(
    verdicts: Sequence[Verdict], covered: Sequence[frozenset[str]], sites: Mapping[str, Sequence[Site]]
) -> dict[str, Standing]:
    """A finding is waived when each of its sites is; one that a reviewer confirmed by its id is not."""
    found: dict[str, Standing] = {}
    for id_, group in sites.items():
        speaking = [index for index, ids in enumerate(covered) if any(site.id in ids for site in group)]
        counting = [index for index in speaking if verdicts[index].state == "counts"]
        waivers = [index for index in counting if verdicts[index].verdict != "confirmed"]
        confirmed = [index for index in counting if verdicts[index].verdict == "confirmed"]
        waived = sum(any(site.id in covered[index] for index in waivers) for site in group)
        named = [index for index in confirmed if verdicts[index].finding]
        ended = [i for i in speaking if verdicts[i].state == "expired" and verdicts[i].verdict != "confirmed"]
        if named:
            found[id_] = Standing("confirmed", named[0])
        elif waived == len(group) and waivers:
            found[id_] = Standing("waived", waivers[0], waived)
        elif waived:
            found[id_] = Standing("partly waived", waivers[0], waived)
        elif confirmed:
            found[id_] = Standing("confirmed", confirmed[0])
        elif ended:
            found[id_] = Standing("waiver ended", ended[0])
    return found


def counts(findings: Iterable[Finding], standings: Mapping[str, Standing]) -> dict[str, int]:
    """Findings per priority that are not waived."""
    open_ = [f.priority for f in findings if f.id not in standings or standings[f.id].status != "waived"]
    return {priority: open_.count(priority) for priority in ("P0", "P1", "P2")}
