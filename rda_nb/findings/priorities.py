"""From rows to findings: rows with one cause become one, the rubric gives P0, P1 or P2, and findings are ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rda_nb.core import Assessment, Evidence, RdaError
from rda_nb.findings.criteria import PRIORITIES, Checklist, Rubric
from rda_nb.findings.identity import Identity, sort_key
from rda_nb.records import ExternalCall, Finding, Member, Page, Record

RAISED = (Assessment.RISK, Assessment.CONCERN)
Identified = tuple[Record, Identity]


def page_of(row: Record, pages: Mapping[str, Page]) -> Page:
    """The page of the row's check; a row of an unknown check is our own bug."""
    try:
        return pages[row.rule]
    except KeyError:
        raise RdaError(f"row {row.symbol!r} names check {row.rule!r}, which has no page") from None


def consequence_of(row: Record, page: Page) -> str:
    """The row's own consequence, else its check's."""
    return row.consequence or page.consequence


def priority_of(row: Record, page: Page, rubric: Rubric) -> str:
    """P0, P1 or P2 for a RISK or CONCERN row."""
    consequence = consequence_of(row, page)
    for rule in rubric.priorities:
        if rule.holds(row.assessment, row.hot, consequence, row.quiet):
            least = rubric.labels.get(row.label, PRIORITIES[-1])
            return min(rule.outcome, least)
    raise RdaError(f"rubric.yaml: no priority for a {row.assessment} row ({consequence}) of check {row.rule!r}")


def findings(
    rows: Iterable[Identified], pages: Mapping[str, Page], checklist: Checklist, rubric: Rubric
) -> tuple[Finding, ...]:
    """Every finding of the rows, best first. Equal (rule, cause) merge; a row without a cause stands alone."""
    groups: dict[tuple[str, str], list[Identified]] = {}
    for row, identity in rows:
        if row.assessment in RAISED and not row.quiet:
            cause = f"cause {row.cause}" if row.cause else f"id {identity.id}"
            groups.setdefault((row.rule, cause), []).append((row, identity))
    ranked = []
    for group in groups.values():
        ordered = sorted(group, key=lambda pair: _weight(pair[0], page_of(pair[0], pages), rubric))
        ranked.append((_weight(ordered[0][0], page_of(ordered[0][0], pages), rubric), len(group), ordered))
    # Many sites of one cause weigh more than one site of equal kind; the place breaks the last tie.
    ranked.sort(key=lambda entry: (entry[0][:4], -entry[1], entry[0][4:]))
    return tuple(_finding(ordered, pages, checklist, rubric) for _, _, ordered in ranked)


def _finding(group: list[Identified], pages: Mapping[str, Page], checklist: Checklist, rubric: Rubric) -> Finding:
    """One finding of rows that share a cause; the worst row words it, the first by place identifies it."""
    row = group[0][0]
    placed = sorted(group, key=lambda pair: sort_key(pair[0]))
    identity = placed[0][1]
    page = page_of(row, pages)
    return Finding(
        id=identity.id,
        rule=row.rule,
        rule_version=page.version,
        title=row.title or page.title,
        priority=priority_of(row, page, rubric),
        assessment=row.assessment,
        impact=page.impact,
        consequence=consequence_of(row, page),
        question=_question(row, page, checklist),
        evidence=_merged(group),
        claim=row.claim or page.why,
        recommendation=row.remedy or page.remedy,
        verification=row.proof or page.proof,
        label=row.label,
        symbol=row.symbol,
        tokens=identity.token_hash,
        ordinal=identity.ordinal,
        sites=len(group),
        record_keys=tuple(i.id for _, i in group),
        members=tuple(Member(i.path, i.symbol, i.token_hash, r.evidence[0].line) for r, i in placed),
    )


def _question(row: Record, page: Page, checklist: Checklist) -> int:
    """The question of the row's own or the page's first topic that admits the row, else the first question that does."""
    admitting = [q for q in checklist.questions if q.admits(row, page.topics)]
    for topic in (row.topic, *page.topics):
        for question in admitting:
            if topic in question.topics:
                return question.n
    if not admitting:
        raise RdaError(f"check {row.rule!r}: no question takes a row of table {row.table!r} with topics {page.topics}")
    return admitting[0].n


def _weight(row: Record, page: Page, rubric: Rubric) -> tuple[str, int, int, int, float, str, int, str]:
    """Sort key, best first: priority, assessment, place, consequence, size of the worst case, then position."""
    hot = {True: 0, None: 1, False: 2}[row.hot]
    consequence = rubric.consequences.index(consequence_of(row, page))
    site = row.evidence[0]
    priority = priority_of(row, page, rubric)
    return (priority, -row.assessment.rank, hot, consequence, -_size(row), site.path, site.line, row.subject)


def _size(row: Record) -> float:
    """How large the row's worst case is: unbounded before every number, 0 when it has none."""
    if not isinstance(row, ExternalCall):
        return 0.0
    if not row.worst_case.bounded:
        return float("inf")
    return row.worst_case.result or 0.0


def _merged(group: list[Identified]) -> tuple[Evidence, ...]:
    """The evidence of all rows: every site first, in order, then what supports them; each citation once."""
    sites = [row.evidence[0] for row, _ in group]
    support = [e for row, _ in group for e in row.evidence[1:]]
    merged: dict[tuple[str, int, int], Evidence] = {}
    for e in [*sites, *support]:
        merged.setdefault((e.path, e.line, e.end_line), e)
    return tuple(merged.values())


def counts(found: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each priority there are."""
    found = tuple(found)
    return {p: sum(f.priority == p for f in found) for p in PRIORITIES}
