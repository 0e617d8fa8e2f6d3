"""DRIFT and DECISION RISK as findings: a row that already raises one is labelled, every other becomes one by itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rda_nb.core import Assessment, Impact
from rda_nb.findings.criteria import Rubric, wording
from rda_nb.findings.decisions.compare import Decision, Decisions
from rda_nb.findings.decisions.verdict import DECISION_RISK, DRIFT, Judged
from rda_nb.findings.identity import LENGTH
from rda_nb.findings.priorities import RAISED, Identified, weigh
from rda_nb.records import Control, Finding, Member, Page, Record

RULES: Mapping[str, str] = {DRIFT: "decision_drift", DECISION_RISK: "decision_risk"}
_LONGEST_QUOTE = 140


def pages() -> dict[str, Page]:
    """The pages of the two rules, as checks have one."""
    say = wording()["decisions"]
    return {
        RULES[label]: Page(
            title=say[f"title_{word}"],
            topics=("performance-goals",),
            consequence="unpredictability",
            rows=Control,
            why=say[f"why_{word}"],
            remedy=say[f"remedy_{word}"],
            proof=say[f"proof_{word}_page"],
        )
        for label, word in ((DRIFT, "drift"), (DECISION_RISK, "risk"))
    }


def labelled(records: Mapping[str, Sequence[Record]], decided: Decisions) -> dict[str, tuple[Record, ...]]:
    """The records, those that raise a finding and contradict or carry out a decision with its label.

    Rows that share a cause share a finding, so they share the label.
    """
    labels = {id(row): judged.verdict for _, judged in _found(decided) for row in _raising(judged)}
    causes = {
        (row.rule, row.cause): labels[id(row)]
        for rows in records.values()
        for row in rows
        if row.cause and id(row) in labels
    }
    return {
        table: tuple(
            replace(row, label=label)
            if (label := labels.get(id(row)) or causes.get((row.rule, row.cause), ""))
            else row
            for row in rows
        )
        for table, rows in records.items()
    }


def _raising(judged: Judged) -> list[Record]:
    """The rows of a verdict that raise a finding about the same matter."""
    rows = [one.row for one in judged.rows] if judged.same else []
    return [row for row in rows if row.assessment in RAISED and not row.quiet]


def _found(decided: Decisions) -> list[tuple[Decision, Judged]]:
    return [(decision, judged) for decision, judged in decided.judged if judged.verdict in RULES]


def with_decisions(
    found: Sequence[Finding], rows: Sequence[Identified], decided: Decisions, rubric: Rubric
) -> tuple[Finding, ...]:
    """The findings of the rows, labelled ones with their decision quoted, and those of decisions alone, best first."""
    keys = {_place(row): identity.id for row, identity in rows}
    quoted: dict[str, Finding] = {f.id: f for f in found}
    alone: list[Finding] = []
    seen: set[str] = set()
    for decision, judged in _found(decided):
        carried = {keys[_place(row)] for row in _raising(judged)}
        own = [f for f in quoted.values() if carried.intersection(f.record_keys)]
        for f in own:
            quoted[f.id] = _quoting(f, decision, decided.say)
        if not own:
            finding = _alone(decision, judged, decided.say, rubric)
            if finding.id not in seen:
                seen.add(finding.id)
                alone.append(finding)
    merged = [*quoted.values(), *alone]
    return tuple(sorted(merged, key=lambda f: (f.priority, -f.assessment.rank, not f.label)))


def _place(row: Record) -> tuple[object, ...]:
    """What a row keeps when it is labelled."""
    return (row.rule, row.table, row.symbol, row.subject, row.claim, row.evidence)


def _quoting(f: Finding, decision: Decision, say: Mapping[str, str]) -> Finding:
    """A finding of rows, with the decision that it concerns."""
    claim = say["labelled"].format(claim=f.claim.rstrip(". "), **_words(decision))
    own = decision.evidence[-1]
    return f if own in f.evidence else replace(f, claim=claim, evidence=(*f.evidence, own))


def _alone(decision: Decision, judged: Judged, say: Mapping[str, str], rubric: Rubric) -> Finding:
    """A finding that no row raises."""
    drift, advice = decision.verdict == DRIFT, judged.advice
    form = say["claim_risk" if not drift else "claim_broken" if judged.same else "claim_drift"]
    in_code = bool(judged.rows)
    hot = judged.rows[0].row.hot if in_code else None
    # A dangerous decision that the code carries out is as bad as its consequence; one that it does not yet is a warning.
    assessment = Assessment.CONCERN if drift or not in_code else Assessment.RISK
    rule = RULES[decision.verdict]
    tokens = _digest(judged.name, " ".join(re.sub(r"\W+", " ", decision.quote).split()).lower())
    return Finding(
        id=_digest(rule, decision.path, decision.heading, tokens, "0"),
        rule=rule,
        rule_version=1,
        title=say["title_drift" if drift else "title_risk"],
        priority=weigh(assessment, hot, advice.consequence, decision.verdict, rubric),
        assessment=assessment,
        impact=_impact(advice.impact),
        consequence=advice.consequence,
        question=advice.question,
        evidence=decision.evidence,
        claim=form.format(
            noun=judged.noun, observed=decision.observed.rstrip(". "), why=advice.why, **_words(decision)
        ),
        recommendation=judged.remedy or advice.remedy,
        verification=say["proof_drift"].format(proof=advice.proof) if drift else advice.proof,
        label=decision.verdict,
        symbol=decision.heading,
        tokens=tokens,
        members=(Member(decision.path, decision.heading, tokens, decision.line),),
    )


def _words(decision: Decision) -> dict[str, str]:
    quote = decision.quote.rstrip(".…")
    if len(quote) > _LONGEST_QUOTE:
        quote = quote[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"
    return {"heading": decision.heading, "quote": quote, "place": f"{decision.path}:{decision.line}"}


def _impact(word: str) -> Impact:
    found: dict[str, Impact] = {
        "latency": "latency",
        "throughput": "throughput",
        "cost": "cost",
        "overload": "overload",
    }
    return found[word]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]
