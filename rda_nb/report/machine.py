"""audit.json: the machine-readable audit (schema `rda.audit/1`), of which every other report is a rendering."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rda_nb.core import ExternalDep, Gap
from rda_nb.findings.conclude import Conclusion
from rda_nb.findings.context import Statement
from rda_nb.findings.criteria import rubric
from rda_nb.findings.delta import Change
from rda_nb.findings.delta_text import Delta
from rda_nb.findings.shared_rules import SharedRules
from rda_nb.records import TABLES, Finding, Record
from rda_nb.report import review
from rda_nb.report.matrix import matrix
from rda_nb.report.rows import Row, evidence, row
from rda_nb.source.target import Target

SCHEMA = "rda.audit/1"
_HOT_ORDER = {True: 0, None: 1, False: 2}


def document(conclusion: Conclusion, *, target: Target, run: Mapping[str, Any]) -> dict[str, Any]:
    """The whole audit as one dict of plain values.

    `run` brings what only the pipeline knows: `timestamp_utc`, `kit_version`, `duration_s`, `parameters`,
    `files_parsed`; what it leaves out is taken from the target.
    """
    raised = {key: f.id for f in conclusion.findings for key in f.record_keys}
    tables: dict[str, list[Row]] = {table.table: [] for table in TABLES}
    for record, identity in sorted(conclusion.rows, key=lambda pair: _row_order(pair[0])):
        tables[record.table].append(row(record, identity, raised.get(identity.id)))
    tables["checklist"] = [_answer(a) for a in conclusion.answers]
    return {
        "schema": SCHEMA,
        "run": _run(conclusion, target, run),
        "tables": tables,
        "validation_matrix": matrix(tables),
        "findings": [_finding(f) | {"review": review.of_finding(conclusion.review, f)} for f in conclusion.findings],
        "actions": [
            asdict(a) | {"evidence": evidence(a.evidence), "findings": list(a.findings)} for a in conclusion.actions
        ],
        "gaps": [_gap(g) for g in conclusion.gaps],
        "external_deps": [_external(d) for d in conclusion.external_deps],
        "decisions": [asdict(d) | {"evidence": evidence(d.evidence)} for d in conclusion.decisions],
        "delta": _delta(conclusion.delta),
        "context": [_statement(s) for s in conclusion.recap],
        "strengths": [_statement(s) for s in conclusion.strengths],
        "harness": [_statement(s) for s in conclusion.harness],
        "review": review.section(conclusion.review, conclusion.findings),
        "rules": {
            name: {
                "title": page.title,
                "version": page.version,
                "topics": list(page.topics),
                "consequence": page.consequence,
                "table": page.rows.table,
                "why": page.why,
                "references": list(page.references),
            }
            for name, page in conclusion.pages.items()
        },
    }


def dumps(audit: Mapping[str, Any]) -> str:
    """The document as text: stable order, two spaces, one newline at the end; NaN and infinity are refused."""
    return json.dumps(audit, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _row_order(r: Record) -> tuple[Any, ...]:
    """Worst first, hot paths first, then by place; the identity's own order breaks ties since sorting is stable."""
    site = r.evidence[0] if r.evidence else None
    place = (site.path, site.line) if site else ("", 0)
    return (-r.assessment.rank, _HOT_ORDER[r.hot], *place)


def _run(conclusion: Conclusion, target: Target, run: Mapping[str, Any]) -> Row:
    """The run's metadata; the target's absolute path stays out, since it says nothing about the service."""
    own = {
        "service": target.name,
        "target": ".",
        "timestamp_utc": None,
        "git": _git(target),
        "kit_version": None,
        "languages": {name: dict(n) for name, n in conclusion.languages.items()},
        "files_seen": len(target.files) + len(target.skipped),
        "files_parsed": len(target.files),
        "files_skipped": [{"path": s.path, "reason": s.reason} for s in target.skipped],
        "duration_s": None,
        "parameters": {},
        "shared_rules": SharedRules().record(),
        "decisions_file": target.decisions.path if target.decisions else None,
        "decision_records": list(dict.fromkeys(d.path for d in conclusion.decisions)),
        "prior_reports": [f.path for f in target.prior_reports],
    }
    return own | {key: value for key, value in run.items() if value is not None}


def _git(target: Target) -> Row:
    """Commit and change summary under the target, or why they are unknown."""
    git = target.git
    if git.gap and not git.commit:
        return {"gap": git.gap}
    return {
        "commit": git.commit,
        "commit_time": git.commit_time or None,
        "head": git.head or None,
        "branch": git.branch or None,
        "dirty": git.dirty,
        "status": list(git.status),
        "change_summary": git.change_summary,
        "gap": git.gap or None,
    }


def _answer(a: Any) -> Row:
    return {
        "n": a.n,
        "question": a.question,
        "assessment": a.assessment.value,
        "summary": a.summary,
        "files_inspected": list(a.files_inspected),
        "evidence": evidence(a.evidence),
        "rows": list(a.rows),
        "gap": a.gap or None,
        "where_to_look": a.where_to_look or None,
    }


def _finding(f: Finding) -> Row:
    first = f.members[0]
    return {
        "id": f.id,
        "rule": f.rule,
        "rule_version": f.rule_version,
        "identity": {
            "path": first.path,
            "symbol": first.symbol,
            "token_hash": f.tokens,
            "ordinal": f.ordinal,
            "sites": [[m.path, m.symbol, m.token] for m in f.members],
        },
        "title": f.title,
        "priority": f.priority,
        "severity": rubric().severity[f.priority],
        "assessment": f.assessment.value,
        "impact": f.impact or None,
        "consequence": f.consequence or None,
        "question": f.question,
        "claim": f.claim,
        "evidence": evidence(f.evidence),
        "recommendation": f.recommendation,
        "verification": f.verification,
        "label": f.label or None,
        "symbol": f.symbol,
        "sites": f.sites,
        "rows": list(f.record_keys),
        "reviewer": f.reviewer or None,
    }


def _gap(g: Gap) -> Row:
    return {"what": g.what, "where_to_look": g.where_to_look, "question": g.question, "evidence": evidence(g.evidence)}


def _external(d: ExternalDep) -> Row:
    return {"import": d.name, "kind": d.kind, "evidence": evidence(d.evidence)}


def _statement(s: Statement) -> Row:
    return {"text": s.text, "kind": s.kind, "evidence": evidence(s.evidence), "more": list(s.more)}


def _change(c: Change) -> Row:
    return asdict(c) | {"evidence": evidence(c.evidence)}


def _delta(d: Delta) -> Row:
    return {
        "first_run": d.first_run,
        "compared": d.compared,
        "prior_commit": d.prior_commit or None,
        "added": [_change(c) for c in d.added],
        "resolved": [_change(c) for c in d.resolved],
        "changed": [_change(c) for c in d.changed],
        "detector": [_change(c) for c in d.detector],
        "rechecked": [{"what": r.what, "evidence": evidence(r.evidence)} for r in d.rechecked],
        "bullets": list(d.bullets),
    }
