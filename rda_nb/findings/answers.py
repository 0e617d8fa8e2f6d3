"""The ten answers: each collects the rows of its topics, takes the worst weight, and says so in a sentence or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rda_nb.core import Assessment, Evidence, ExternalDep, worst
from rda_nb.findings.criteria import Checklist, Question, Rubric
from rda_nb.findings.priorities import Identified, consequence_of, page_of
from rda_nb.records import Page, Record

_MODULES = 5
_WORST_FIRST = (Assessment.RISK, Assessment.CONCERN, Assessment.GAP, Assessment.GOOD)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question. `rows` are ids of the rows behind it, best evidence first; `gap` says why it is a GAP."""

    n: int
    question: str
    assessment: Assessment
    summary: str
    files_inspected: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    rows: tuple[str, ...] = ()
    gap: str = ""
    where_to_look: str = ""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was looked at when a question has no row: paths of the files read, and every place that names a system.

    `unknown` are the modules with calls that may wait, of which nothing is known.
    """

    files: tuple[str, ...]
    manifests: tuple[str, ...]
    named: Callable[[str], tuple[Evidence, ...]]
    unknown: tuple[ExternalDep, ...] = ()


def answers(
    rows: Sequence[Identified],
    pages: Mapping[str, Page],
    checklist: Checklist,
    rubric: Rubric,
    inspected: Inspected,
) -> tuple[Answer, ...]:
    """All answers in the order of the checklist."""
    return tuple(_answer(q, rows, pages, rubric, inspected) for q in checklist.questions)


def counts_as(row: Record, page: Page, rubric: Rubric) -> Assessment:
    """What a row counts for in its answer; rubric.yaml says where that differs from its own assessment."""
    for rule in rubric.answers:
        if rule.holds(row.assessment, row.hot, consequence_of(row, page), row.quiet):
            return Assessment(rule.outcome)
    return row.assessment


def _answer(
    question: Question, rows: Sequence[Identified], pages: Mapping[str, Page], rubric: Rubric, inspected: Inspected
) -> Answer:
    feeding = [(row, i) for row, i in rows if question.admits(row, page_of(row, pages).topics)]
    if not feeding:
        return _unanswered(question, rows, inspected)
    weights = {i.id: counts_as(row, page_of(row, pages), rubric) for row, i in feeding}
    feeding.sort(key=lambda pair: _strength(pair[0], weights[pair[1].id], pages, rubric))
    missing = _without_subject(question, [row for row, _ in feeding], inspected)
    # What stands beside the subject may be bad; that it is good says nothing of the subject.
    assessment = worst([*weights.values(), *([Assessment.GAP] if missing else [])])
    evidence: dict[tuple[str, int], Evidence] = {}
    for row, _ in feeding:
        for e in row.evidence[:1]:
            evidence.setdefault((e.path, e.line), e)
    gap = missing if missing and assessment is Assessment.GAP else _first_gap(feeding, assessment, question)
    return Answer(
        n=question.n,
        question=question.question,
        assessment=assessment,
        summary=_summary(question, [row for row, _ in feeding], assessment, pages, missing),
        files_inspected=tuple(sorted({e.path for row, _ in feeding for e in row.evidence})) or inspected.manifests,
        evidence=tuple(evidence.values()),
        rows=tuple(i.id for _, i in feeding),
        gap=gap,
        where_to_look=question.elsewhere if assessment is Assessment.GAP else "",
    )


def _unanswered(question: Question, rows: Sequence[Identified], inspected: Inspected) -> Answer:
    """A question without a row: GAP, with what was searched and where to look."""
    text, elsewhere = question.empty, question.elsewhere
    evidence: tuple[Evidence, ...] = ()
    called = 0
    if question.system:
        calls = [row.evidence[0] for row, _ in rows if getattr(row, "system", "") == question.system and row.evidence]
        evidence = tuple(dict.fromkeys([*calls, *inspected.named(question.system)]))
        called = len(evidence)
        if called:
            text, elsewhere = question.empty_but_called, question.elsewhere_but_called
    places = f"{called} place{'' if called == 1 else 's'}"
    summary = text.format(files=_number(inspected), calls=places)
    if question.subject:
        summary += _not_known(inspected)
        evidence = tuple(e for dep in inspected.unknown for e in dep.unknown[:1])
    return Answer(
        n=question.n,
        question=question.question,
        assessment=Assessment.GAP,
        summary=f"{summary}.",
        files_inspected=inspected.manifests or inspected.files,
        evidence=evidence,
        gap=summary,
        where_to_look=elsewhere,
    )


def _number(inspected: Inspected) -> str:
    files = len(inspected.files)
    return f"{files} file{'' if files == 1 else 's'}"


def _without_subject(question: Question, rows: Sequence[Record], inspected: Inspected) -> str:
    """Why rows make no answer: none is of the table that the question is about; '' when one is."""
    if not question.subject or any(row.table == question.subject for row in rows):
        return ""
    return question.empty.format(files=_number(inspected)) + _not_known(inspected)


def _not_known(inspected: Inspected) -> str:
    """The modules that may make the calls."""
    names = [dep.name for dep in inspected.unknown]
    more = f" and {len(names) - _MODULES} more" if len(names) > _MODULES else ""
    return f"; what calls into {', '.join(names[:_MODULES])}{more} wait for is not known" if names else ""


def _strength(row: Record, weight: Assessment, pages: Mapping[str, Page], rubric: Rubric) -> tuple[object, ...]:
    """Sort key: worst weight, on a hot path, worst consequence, real sites before claims of absence, then place."""
    consequence = rubric.consequences.index(consequence_of(row, page_of(row, pages)))
    site = row.evidence[0] if row.evidence else None
    place = (site.path, site.line) if site else ("", 0)
    return (-weight.rank, {True: 0, None: 1, False: 2}[row.hot], consequence, not row.evidence, *place, row.subject)


def _summary(
    question: Question, rows: Sequence[Record], assessment: Assessment, pages: Mapping[str, Page], missing: str
) -> str:
    """Counts in one sentence, then the strongest claims of distinct causes; what is missing before all."""
    tally = Counter(row.assessment for row in rows)
    verdicts = ", ".join(f"{tally[a]} {a}" for a in _WORST_FIRST if tally[a])
    nouns = ("setting", "settings") if missing else question.noun
    noun = nouns[0] if len(rows) == 1 else nouns[1]
    matched = [(c, sum(c.matches(row) for row in rows)) for c in question.counts]
    clauses = [c.clause(n) for c, n in matched if n]
    first = f"{missing}. " if missing else ""
    first += f"{len(rows)} {noun}: {verdicts}" + (f"; {', '.join(clauses)}" if clauses else "") + "."
    strongest = [_sentence(row, pages) for row in _distinct(rows) if _tells(row, assessment)]
    return " ".join([first, *strongest[: 1 if len(first) > 160 else 2]])


def _tells(row: Record, assessment: Assessment) -> bool:
    """True for rows worth a sentence: bad ones in a bad answer, any in a good one."""
    bad = (Assessment.RISK, Assessment.CONCERN)
    return bool(row.claim) and (row.assessment in bad if assessment in bad else True)


def _distinct(rows: Sequence[Record]) -> list[Record]:
    """The first row of each (check, cause): two claims of one cause say the same thing twice."""
    seen: dict[tuple[str, str], Record] = {}
    for row in rows:
        seen.setdefault((row.rule, row.cause), row)
    return list(seen.values())


def _sentence(row: Record, pages: Mapping[str, Page]) -> str:
    """The row's claim as one sentence, with its place."""
    text = (row.claim or page_of(row, pages).title).rstrip(". ")
    return f"{text} (`{row.evidence[0]}`)." if row.evidence else f"{text}."


def _first_gap(feeding: Sequence[Identified], assessment: Assessment, question: Question) -> str:
    """Why the answer is a GAP: the first GAP row's claim."""
    if assessment is not Assessment.GAP:
        return ""
    claims = [row.claim for row, _ in feeding if row.assessment is Assessment.GAP and row.claim]
    return claims[0] if claims else f"{question.noun[1]} were found, but nothing says whether they suffice"
