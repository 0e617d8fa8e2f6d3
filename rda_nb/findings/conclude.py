"""From rows to judgement: answers, findings, actions, gaps and the delta of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rda_nb.core import Evidence, ExternalDep, Gap, RdaError
from rda_nb.findings import added, context, delta_text, harness
from rda_nb.findings.actions import ActionItem, actions
from rda_nb.findings.answers import Answer, Inspected, answers
from rda_nb.findings.context import Statement
from rda_nb.findings.criteria import Checklist, checklist, rubric
from rda_nb.findings.decisions import Decision, Decisions, compare
from rda_nb.findings.decisions.raised import labelled, with_decisions
from rda_nb.findings.decisions.raised import pages as decision_pages
from rda_nb.findings.delta_text import Delta, ThisRun
from rda_nb.findings.handwritten import read_prior
from rda_nb.findings.identity import Identity, identify
from rda_nb.findings.priorities import findings
from rda_nb.findings.review import Review, judge, with_added
from rda_nb.findings.review_file import ReviewFile
from rda_nb.findings.shared_rules import SharedRules
from rda_nb.findings.state import recall
from rda_nb.records import TABLES, CriticalPath, ExternalCall, Finding, Page, Record, ValidationAsset
from rda_nb.source.classify import classifier
from rda_nb.source.target import Target

# Documents, tests, lock files and foreign code may name a system that the service does not use.
_OWN_ROLES = frozenset({"product", "tooling"})
REPORT = "docs/rda/reports/09_performance_capacity.md"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Everything that is judged rather than read. `rows` pairs every record with its identity, in a fixed order."""

    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    actions: tuple[ActionItem, ...]
    gaps: tuple[Gap, ...]
    external_deps: tuple[ExternalDep, ...]
    decisions: tuple[Decision, ...]
    delta: Delta
    recap: tuple[Statement, ...]
    strengths: tuple[Statement, ...]
    harness: tuple[Statement, ...]
    languages: Mapping[str, Mapping[str, int]]
    rows: tuple[tuple[Record, Identity], ...]
    pages: Mapping[str, Page]
    review: Review


def conclude(  # all by name: what the earlier stages found, each optional where it can be
    *,
    records: Mapping[str, Sequence[Record]],
    pages: Mapping[str, Page],
    target: Target,
    gaps: Sequence[Gap] = (),
    external_deps: Sequence[ExternalDep] = (),
    decisions: Decisions | None = None,
    run: Mapping[str, Any] | None = None,
    prior: Mapping[str, Any] | None = None,
    reviewed: ReviewFile | None = None,
    rules: SharedRules | None = None,
) -> Conclusion:
    """Judge the rows of one run.

    `records` are rows by table name, `pages` the checks' pages by rule. `decisions` defaults to what the target's
    decision records come to; `prior` (an audit.json, a state, or what `read_prior` gave) to the target's own prior report.
    `rules` are the shared rules of the run, whose priorities win over the rubric's.
    `reviewed` is the review file; its expiries are held to the day of `run["timestamp_utc"]`.
    """
    rules = rules or SharedRules()
    questions, weights = checklist(), rules.weights(rubric())
    _known_topics(pages, questions)
    pages = {**decision_pages(), **pages}
    decided = decisions if decisions is not None else compare(target, records)
    records = labelled(records, decided)
    rows = identify((row for table in TABLES for row in records.get(table.table, ())), pages)
    deps = tuple(sorted(external_deps, key=lambda d: (d.kind, d.name)))
    given, run = reviewed or ReviewFile(), run or {}
    raised = with_decisions(findings(rows, pages, questions, weights), rows, decided, weights)
    found, entered, refused = with_added(given, raised, target)
    answered = added.raised(answers(rows, pages, questions, weights, _inspected(target, deps)), entered)
    counted = context.languages(target, run, classifier().code)
    plain = [row for row, _ in rows]
    flows = sorted((r for r in plain if isinstance(r, CriticalPath)), key=context.flow_weight)
    calls = [r for r in plain if isinstance(r, ExternalCall)]
    assets = [r for r in plain if isinstance(r, ValidationAsset)]
    counts = {t.table: len(records.get(t.table, ())) for t in TABLES}
    now = ThisRun(found, answered, counts, pages, target, str((run or {}).get("kit_version") or ""))
    delta, unread = _delta(prior, target, now)
    return Conclusion(
        answers=answered,
        findings=found,
        actions=actions(found),
        gaps=context.gaps(
            (*unread, *gaps, *target.gaps, *context.decision_gaps(decided), *rules.gaps()),
            rows,
            answered,
            pages,
            questions,
        ),
        external_deps=deps,
        decisions=decided.all,
        delta=delta,
        recap=context.recap(context.Overview(flows, calls, found, decided, counted, answered), target),
        strengths=context.strengths(rows, pages, weights, decided),
        harness=harness.plan(assets, flows, calls, found, next(iter(counted), "")),
        languages=counted,
        rows=rows,
        pages=dict(sorted(pages.items())),
        review=judge(given, found, refused, rows, pages, target, run.get("timestamp_utc")),
    )


def _known_topics(pages: Mapping[str, Page], questions: Checklist) -> None:
    """Refuse a page whose topic no question asks for: its rows would silently answer nothing."""
    for rule, page in sorted(pages.items()):
        unknown = sorted(set(page.topics) - set(questions.topics))
        if unknown or not page.topics:
            raise RdaError(f"check {rule!r}: topics {unknown or 'are empty'}; checklist.yaml lists the topics")


def _inspected(target: Target, deps: tuple[ExternalDep, ...]) -> Inspected:
    """What an answer without a row can say was searched."""

    def named(system: str) -> tuple[Evidence, ...]:
        """Dependencies of that name, and the first line of each file of the service itself that holds it."""
        found = [e for dep in deps if system in dep.name.lower() for e in dep.evidence[:1]]
        for file in target.files:
            if file.role in _OWN_ROLES and system.encode() in file.data.lower():
                line = next((n for n, text in enumerate(file.lines, 1) if system in text.lower()), None)
                if line is not None:
                    found.append(target.cite(file.path, line))
        return tuple(dict.fromkeys(found))

    paths = tuple(f.path for f in target.files)
    return Inspected(
        paths, tuple(f.path for f in context.manifests(target)), named, tuple(d for d in deps if d.unknown)
    )


def _delta(prior: Mapping[str, Any] | None, target: Target, now: ThisRun) -> tuple[Delta, tuple[Gap, ...]]:
    """The delta to the given or found previous run, and a gap when there is one that cannot be compared with."""
    report = next((f for f in target.prior_reports if f.path == REPORT), None)
    previous = prior or target.prior_audit or (read_prior(report.text()) if report else None)
    if previous is None and report is None:
        return delta_text.first_run(), ()
    memory = recall(previous) if previous else None
    if memory is None:
        where = "compare with the earlier report by hand"
        gap = Gap(f"{REPORT}: a prior report exists, but it has no verdicts, citations or state to compare with", where)
        return delta_text.not_comparable(now.answers, rubric()), (gap,)
    return delta_text.compare(memory, now, rubric()), ()
