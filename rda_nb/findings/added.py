"""Findings that a reviewer adds: each citation is checked against the source before one enters the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rda_nb.core import Assessment, Evidence
from rda_nb.findings.answers import Answer
from rda_nb.findings.criteria import wording
from rda_nb.findings.identity import REVIEWER, Identity, digest
from rda_nb.findings.review_file import Added, Citation
from rda_nb.records import Finding, Member
from rda_nb.source import SourceFile, Target
from rda_nb.source.redact import redact

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w{2}")
_MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Refused:
    """An added finding that did not enter the report: `place` is its key in the file, `reasons` what did not hold."""

    place: str
    title: str
    priority: str
    reviewer: str
    reasons: tuple[str, ...]


def admitted(added: Sequence[Added], target: Target) -> tuple[tuple[Finding, ...], tuple[Refused, ...]]:
    """The added findings whose every citation holds, and those that are refused, both in the order of the file."""
    paths = {file.path: file for file in target.files}
    findings: list[Finding] = []
    refused: list[Refused] = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for index, one in enumerate(added):
        checked = [_checked(citation, paths, target) for citation in one.evidence]
        reasons = tuple(found for found in checked if isinstance(found, str))
        if reasons:
            place = f"findings[{index}]"
            refused.append(Refused(place, redact(one.title), one.priority, redact(one.reviewer), reasons))
            continue
        evidence = tuple(dict.fromkeys(found for found in checked if isinstance(found, Evidence)))
        findings.append(_finding(one, evidence, seen))
    return tuple(findings), tuple(refused)


def merged(found: Sequence[Finding], added: Sequence[Finding]) -> tuple[Finding, ...]:
    """All findings by priority, those of reviewers after the kit's own."""
    return tuple(sorted([*found, *added], key=lambda finding: finding.priority))


def raised(answers: Sequence[Answer], added: Sequence[Finding]) -> tuple[Answer, ...]:
    """The answers with what reviewers found: none is better than a finding that was added to its question."""
    return tuple(_raised(answer, [f for f in added if f.question == answer.n]) for answer in answers)


def _raised(answer: Answer, added: list[Finding]) -> Answer:
    if not added:
        return answer
    say = wording()["review"]["answer"]
    told = " ".join(say.format(reviewer=f.reviewer, title=f.title.rstrip(". ")) for f in added)
    worst = max([answer.assessment, *(f.assessment for f in added)], key=lambda assessment: assessment.rank)
    evidence = tuple(dict.fromkeys([*answer.evidence, *(f.evidence[0] for f in added)]))
    return replace(answer, assessment=worst, summary=f"{answer.summary} {told}", evidence=evidence)


def _finding(one: Added, evidence: tuple[Evidence, ...], seen: Counter[tuple[str, str, str]]) -> Finding:
    """The finding, with the same line-free identity as every other: place, title and the text that it cites."""
    site, title = evidence[0], redact(one.title)
    symbol = re.sub(r"\W+", "-", title.lower()).strip("-")[:80]
    token_hash = digest(_flat(site.excerpt))
    key = (site.path, symbol, token_hash)
    identity = Identity(REVIEWER, 1, site.path, symbol, token_hash, seen[key])
    seen[key] += 1
    return Finding(
        id=identity.id,
        rule=REVIEWER,
        rule_version=1,
        title=title,
        priority=one.priority,
        assessment=Assessment.RISK if one.priority == "P0" else Assessment.CONCERN,
        impact=one.impact or "",
        consequence=one.consequence or "",
        question=one.question,
        evidence=evidence,
        claim=redact(one.claim) or title,
        recommendation=redact(one.recommendation),
        verification=redact(one.verification),
        symbol=symbol,
        tokens=token_hash,
        ordinal=identity.ordinal,
        members=(Member(site.path, symbol, token_hash, site.line),),
        reviewer=redact(one.reviewer),
    )


def _checked(citation: Citation, files: dict[str, SourceFile], target: Target) -> Evidence | str:
    """The citation as evidence cut from the file, or why it does not hold."""
    path = citation.path.removeprefix("./")
    place = f"{path}:{citation.line}"
    if path.startswith(("/", "\\", "~")) or ".." in path.replace("\\", "/").split("/"):
        return f"{place}: outside the target"
    file = files.get(path)
    if file is None:
        skipped = next((item.reason for item in target.skipped if item.path == path), "")
        context = target.file(path) is not None
        why = (
            f"not read ({skipped})"
            if skipped
            else "read as context, which is no evidence"
            if context
            else "no such file"
        )
        return f"{place}: {why}"
    if citation.line > len(file.lines):
        return f"{place}: the file has {len(file.lines)} lines"
    quoted = _flat(citation.excerpt)
    if not _WORD.search(quoted):
        return f"{place}: the excerpt {citation.excerpt!r} could stand anywhere; quote a word"
    span = min(max(citation.excerpt.strip().count("\n") + 1, citation.end_line - citation.line + 1), _MOST_LINES)
    last = min(citation.line + span - 1, len(file.lines))
    evidence = target.cite(path, citation.line, last)
    if quoted in _flat("\n".join(file.lines[citation.line - 1 : last])) or quoted in _flat(evidence.excerpt):
        return evidence
    elsewhere = [n for n, line in enumerate(file.lines, 1) if quoted.split("\n")[0] in _flat(line)]
    found = f"; it stands at line {', '.join(map(str, elsewhere[:3]))}" if elsewhere else ""
    return f"{place}: the excerpt is not there{found}"


def _flat(text: str) -> str:
    """Text with its whitespace collapsed: how a reviewer breaks and indents a quotation does not matter."""
    return _SPACE.sub(" ", text).strip()
