"""The review of one run: verdicts from the file and from comments, findings that reviewers added, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rda_nb.findings import added, waivers
from rda_nb.findings.added import Refused
from rda_nb.findings.identity import Identity
from rda_nb.findings.ignores import taken_apart
from rda_nb.findings.review_file import ReviewFile
from rda_nb.findings.waivers import Site, Standing, Verdict
from rda_nb.records import Finding, Record
from rda_nb.source import Target, remarks


@dataclass(frozen=True, slots=True)
class Review:
    """What reviewers said and what of it counts. `standings` are by finding id; `today` is the day expiries are held to."""

    file: str = ""
    digest: str = ""
    today: str = ""
    verdicts: tuple[Verdict, ...] = ()
    refused: tuple[Refused, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)


def with_added(given: ReviewFile, found: Sequence[Finding], target: Target) -> tuple[
    tuple[Finding, ...], tuple[Finding, ...], tuple[Refused, ...]
]:  # fmt: skip
    """All findings with those that reviewers added, the latter alone, and those that were refused."""
    entered, refused = added.admitted(given.content.findings, target)
    return added.merged(found, entered), entered, refused


def judge(
    given: ReviewFile,
    found: Sequence[Finding],
    refused: tuple[Refused, ...],
    rows: Iterable[tuple[Record, Identity]],
    rules: Iterable[str],
    target: Target,
    timestamp: str | None,
) -> Review:
    """The review of a run. `timestamp` is the run's own, `2027-01-31T…`: the only clock that expiries are held to."""
    ignores = [taken_apart(remark) for remark in remarks(target)]
    today = (timestamp or "")[:10]
    sites = _sites(found, rows) if ignores or given.content.verdicts else {}
    verdicts, standings = waivers.apply(
        given.content.verdicts, ignores, sites, rules, target, date.fromisoformat(today) if today else None
    )
    return Review(given.name, given.digest, today, verdicts, refused, standings)


def _sites(found: Sequence[Finding], rows: Iterable[tuple[Record, Identity]]) -> dict[str, list[Site]]:
    """The sites of every finding: its rows' first evidence, or for a reviewer's finding its own."""
    places = {identity.id: record.evidence[0] for record, identity in rows if record.evidence}
    return {
        f.id: [Site(key, f.rule, places[key]) for key in f.record_keys] or [Site(f.id, f.rule, f.evidence[0])]
        for f in found
    }
