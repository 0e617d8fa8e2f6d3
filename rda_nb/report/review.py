"""Waivers and reviewers' verdicts: their part of audit.json, and the words that the report and the command line use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rda_nb.findings.criteria import PRIORITIES, wording
from rda_nb.findings.priorities import counts
from rda_nb.findings.review import Review
from rda_nb.findings.waivers import Verdict
from rda_nb.findings.waivers import counts as open_counts
from rda_nb.records import Finding
from rda_nb.report.rows import Row, evidence

Audit = Mapping[str, Any]
_DOES_NOT_COUNT = ("expired", "stale", "invalid")


def section(review: Review, found: Sequence[Finding]) -> Row:
    """The `review` of audit.json: where verdicts come from, the counts raw and with waivers, each verdict, what is refused."""
    return {
        "file": review.file or None,
        "sha256": review.digest or None,
        "date": review.today or None,
        "counts": {"raw": counts(found), "with_waivers": open_counts(found, review.standings)},
        "verdicts": [_verdict(v) for v in review.verdicts],
        "refused": [asdict(r) | {"reasons": list(r.reasons)} for r in review.refused],
    }


def of_finding(review: Review, f: Finding) -> Row | None:
    """How one finding stands: its status with the verdict that decides it; None when nobody spoke of it."""
    standing = review.standings.get(f.id)
    if standing is None:
        return None
    verdict = review.verdicts[standing.by]
    told = {key: getattr(verdict, key) or None for key in ("owner", "reason", "date", "expiry", "note")}
    return {
        "status": standing.status,
        "verdict": verdict.verdict,
        "origin": verdict.origin,
        "place": verdict.place,
        "sites": standing.sites,
    } | told


def _verdict(v: Verdict) -> Row:
    out = {key: getattr(v, key) for key in ("origin", "place", "verdict", "reason", "state")}
    named = {key: getattr(v, key) or None for key in ("owner", "date", "expiry", "note", "finding", "rule", "path")}
    return out | named | {"findings": list(v.findings), "evidence": evidence(v.evidence)}


# What a reader is told; everything below takes the document alone.


def waived(finding: Audit) -> bool:
    """True when a verdict that counts today waives the whole finding."""
    return (finding.get("review") or {}).get("status") == "waived"


def waived_ids(audit: Audit) -> frozenset[str]:
    """The ids of all waived findings."""
    return frozenset(f["id"] for f in audit["findings"] if waived(f))


def is_done_with(action: Audit, gone: frozenset[str]) -> bool:
    """True when every finding of an action is waived."""
    return bool(action["findings"]) and gone.issuperset(action["findings"])


def open_of(findings: Iterable[Audit]) -> list[Audit]:
    """The findings that are not waived."""
    return [f for f in findings if not waived(f)]


def added_of(audit: Audit) -> list[Audit]:
    """The findings that reviewers added."""
    return [f for f in audit["findings"] if f.get("reviewer")]


def by_id(audit: Audit) -> dict[str, Audit]:
    """The findings by their ids."""
    return {f["id"]: f for f in audit["findings"]}


def waived_last(findings: Iterable[Audit]) -> list[Audit]:
    """Findings in their order, waived ones after the others."""
    return sorted(findings, key=waived)


def tag(finding: Audit) -> str:
    """How a finding stands in one or two words: `accepted until 2027-01-31`."""
    given = finding["review"]
    if given["status"] == "waived":
        return f"{given['verdict']}{_until(given).removeprefix(',') if given['expiry'] else ''}"
    return str(given["status"])


def spoken(audit: Audit) -> bool:
    """True when there is any verdict, or any added finding, entered or refused."""
    review = audit.get("review") or {}
    return bool(review.get("verdicts") or review.get("refused") or added_of(audit))


def note(finding: Audit) -> str:
    """How a finding stands in a phrase; '' when nobody spoke of it."""
    say = wording()["review"]
    told = [say["added"].format(reviewer=finding["reviewer"])] if finding.get("reviewer") else []
    given = finding.get("review")
    if given:
        form = {"waived": "waived", "partly waived": "partly", "confirmed": "confirmed", "waiver ended": "ended"}
        told.append(
            say[form[given["status"]]].format(
                verdict=given["verdict"],
                who=_who(given),
                until=_until(given),
                reason=given["reason"].rstrip(". "),
                note=given["note"],
                n=given["sites"],
                sites=finding["sites"],
            )
        )
    return "; ".join(told)


def _who(given: Audit) -> str:
    """The owner with the day; for a comment in the source, its place."""
    if not given["owner"]:
        return f"`{given['place']}`"
    return f"{given['owner']} on {given['date']}" if given["date"] else str(given["owner"])


def _until(given: Audit) -> str:
    say = wording()["review"]
    if given["expiry"]:
        return str(say["until"]).format(day=given["expiry"])
    return "" if given["verdict"] == "confirmed" else str(say["always"])


def counted(audit: Audit) -> str:
    """`Findings as found: P0 3, P1 5, P2 9; with waivers: P0 2, P1 5, P2 8`."""
    found = audit["review"]["counts"]
    told = {name: ", ".join(f"{p} {found[name][p]}" for p in PRIORITIES) for name in found}
    return str(wording()["review"]["counts"]).format(raw=told["raw"], open=told["with_waivers"])


def sources(audit: Audit) -> str:
    """Where verdicts come from: the file by name, and the comments counted; '' when there is neither."""
    say, review = wording()["review"], audit["review"]
    comments = len({v["place"] for v in review["verdicts"] if v["origin"] == "comment"})
    named = [f"`{review['file']}`"] if review["file"] else []
    if comments:
        named.append(say["comment"] if comments == 1 else say["comments"].format(n=comments))
    return str(say["source"]).format(sources=" and ".join(named)) if named else ""


def failing(audit: Audit) -> list[str]:
    """What does not count and why: expired, stale and invalid verdicts, then added findings that were refused."""
    say, review = wording()["review"], audit["review"]
    lines = []
    for state in _DOES_NOT_COUNT:
        for v in (v for v in review["verdicts"] if v["state"] == state):
            who = f", {v['owner']}" if v["owner"] else ""
            head = say["ended_confirmed" if (state, v["verdict"]) == ("expired", "confirmed") else state]
            lines.append(f"{head}: {v['verdict']} {_subject(v)} (`{v['place']}`{who}): {v['note']}")
    for r in review["refused"]:
        title = r["title"].rstrip(". ")
        lines.append(
            f"{say['refused']}: {r['priority']} {title} (`{r['place']}`, {r['reviewer']}): {'; '.join(r['reasons'])}"
        )
    return lines


def _subject(v: Audit) -> str:
    if v["finding"]:
        return f"finding `{v['finding']}`"
    if not v["rule"]:
        return "without a check"
    return f"`{v['rule']}`" + (f" in `{v['path']}`" if v["origin"] == "file" else "")
