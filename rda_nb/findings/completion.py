"""The completion gate: the specification's eleven criteria and its No Speculation rule, checked on the built report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rda_nb.findings import speculation
from rda_nb.findings.criteria import PRIORITIES, checklist, rubric, wording
from rda_nb.findings.shared_rules import heading

REPORT_PATH = "docs/rda/reports/09_performance_capacity.md"
_BOUND_KINDS = frozenset({"concurrency", "fanout", "batch_size", "queue_bound", "cache_bound", "pool_size", "prefetch"})
_VERDICTS = frozenset({"GOOD", "CONCERN", "RISK", "GAP"})
Audit = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion with whether it holds, and why or why not."""

    criterion: str
    holds: bool
    why: str


def check(audit: Audit, markdown: str, saved_to: str) -> list[Criterion]:
    """All eleven criteria in order, then the No Speculation rule, each on the audit document and the rendered report.

    `saved_to` is where the report was written, relative to the target or absolute.
    """
    checks: tuple[Callable[[Audit, str], tuple[bool, str]], ...] = (
        _metadata,
        _answered,
        _critical_paths,
        _bounds,
        _worst_cases,
        _clickhouse,
        _signals,
        _validation,
        _actions,
        _delta,
    )
    results = [one(audit, markdown) for one in checks]
    results.append((saved_to.replace("\\", "/").endswith(REPORT_PATH), f"saved to {saved_to or 'nowhere'}"))
    criteria = [Criterion(text, *result) for text, result in zip(checklist().completion, results, strict=True)]
    return [*criteria, Criterion(checklist().no_speculation, *speculation.check(audit, markdown))]


def _metadata(audit: Audit, markdown: str) -> tuple[bool, str]:
    run = audit["run"]
    missing = [] if run.get("timestamp_utc") else ["timestamp"]
    if not (run["git"].get("commit") or run["git"].get("gap")):
        missing.append("git commit or its GAP")
    missing += [word for word in ("Timestamp (UTC)", "Git Commit", "Change Detection") if word not in markdown]
    return not missing, f"missing: {', '.join(missing)}" if missing else "timestamp, commit and change detection stand"


def _answered(audit: Audit, _: str) -> tuple[bool, str]:
    rows = audit["tables"]["checklist"]
    wanted = [q.n for q in checklist().questions]
    bad = [str(n) for n in wanted if n not in [row["n"] for row in rows]]
    for row in rows:
        grounded = row["evidence"] or (row["assessment"] == "GAP" and row["gap"])
        if row["assessment"] not in _VERDICTS or not row["summary"] or not grounded:
            bad.append(str(row["n"]))
    return not bad, f"without evidence or verdict: questions {', '.join(bad)}" if bad else f"{len(rows)} answered"


def _critical_paths(audit: Audit, _: str) -> tuple[bool, str]:
    rows = audit["tables"]["critical_paths"]
    if not rows:
        return _gap_stated(audit, 1)
    hypotheses = sum(bool(row["bottleneck"]) for row in rows)
    if hypotheses:
        return True, f"{len(rows)} flows, {hypotheses} bottleneck hypotheses"
    holds = bool(_answer(audit, 2).get("summary"))
    return holds, f"{len(rows)} flows; question 2 answers for bottlenecks"


def _bounds(audit: Audit, _: str) -> tuple[bool, str]:
    rows = audit["tables"]["controls"]
    if not rows:
        return _gap_stated(audit, 3)
    open_ = [r for r in rows if unassessed(r)]
    return (
        not open_,
        f"neither bounded, unbounded nor GAP: {_sites(open_)}" if open_ else f"{len(rows)} controls assessed",
    )


def unassessed(row: Mapping[str, Any]) -> bool:
    """True for a row of 3.2 that is about a bound and says nothing of it: neither a bound, nor none, nor GAP, nor alarm.

    A number that stands in a configuration file is a stated bound, whether or not code was seen that applies it.
    """
    said = row["bounded"] is not None or row["value"] is not None or _told(row)
    return row["kind"] in _BOUND_KINDS and not said and row["assessment"] == "GOOD"


def without_worst_case(row: Mapping[str, Any]) -> bool:
    """True for a row of 3.3 that is bounded and has neither a worst case nor a GAP."""
    return row["worst_case_s"] is None and row["bounded"] and not (row["worst_case_gap"] or _told(row))


def _worst_cases(audit: Audit, _: str) -> tuple[bool, str]:
    rows = audit["tables"]["external_calls"]
    if not rows:
        return _gap_stated(audit, 5)
    open_ = [r for r in rows if without_worst_case(r)]
    return not open_, f"no worst case and no GAP: {_sites(open_)}" if open_ else f"{len(rows)} calls reviewed"


def _clickhouse(audit: Audit, _: str) -> tuple[bool, str]:
    rows = audit["tables"]["clickhouse"]
    if rows:
        return True, f"{len(rows)} aspects assessed"
    # A server's configuration in the target answers the question by rows of another table.
    present = {row["id"] for name, table in audit["tables"].items() if name != "checklist" for row in table}
    answered = present.intersection(_answer(audit, 6).get("rows") or ())
    return (True, f"{len(answered)} rows of other tables answer it") if answered else _gap_stated(audit, 6)


def _signals(audit: Audit, _: str) -> tuple[bool, str]:
    rows = audit["tables"]["signals"]
    return (True, f"{len(rows)} signals assessed") if rows else _gap_stated(audit, 9)


def _validation(audit: Audit, markdown: str) -> tuple[bool, str]:
    if heading(audit, "### 3.7 Load/Perf Validation Path") not in markdown:
        return False, "section 3.7 is missing"
    missing = [s for s in audit["harness"] if s["kind"] == "harness"]
    present = {row["kind"] for row in audit["tables"]["validation"] if row["present"]}
    complete = all(present.intersection(part["have"]) for part in wording()["harness"])
    return bool(missing) or complete, f"{len(missing)} parts of a harness proposed, {len(present)} kinds present"


def _actions(audit: Audit, _: str) -> tuple[bool, str]:
    rows = audit["actions"]
    bad = [a for a in rows if a["priority"] not in PRIORITIES or not a["verification"].strip() or not a["evidence"]]
    covered = {finding for a in rows for finding in a["findings"]}
    lost = [f["id"] for f in audit["findings"] if f["id"] not in covered]
    if bad or lost:
        return (
            False,
            f"{len(bad)} actions without priority, evidence or verification; {len(lost)} findings without action",
        )
    return True, f"{len(rows)} actions, each with evidence and verification"


def _delta(audit: Audit, markdown: str) -> tuple[bool, str]:
    delta, bounds, say = audit["delta"], rubric().shown["delta"], wording()["delta"]
    bullets = delta["bullets"]
    if heading(audit, "## 6. Delta vs Previous Run") not in markdown or not bullets:
        return False, "section 6 is missing or empty"
    if delta["first_run"]:
        return bullets == [say["first_run"]], "first run"
    if bullets[0] == say["no_changes"]:
        n = len(bullets) - 1
        untrue = _not_rechecked(audit)
        if untrue:
            return False, f"not examined in this run: {untrue}"
        return bounds["rechecked_least"] <= n <= bounds["rechecked_most"], f"no changes, {n} items re-checked"
    return bounds["least"] <= len(bullets) <= bounds["most"], f"{len(bullets)} bullets"


def _not_rechecked(audit: Audit) -> str:
    """The first item told as re-checked whose place no finding or answer of this run cites; '' when there is none."""
    examined = [*audit["findings"], *audit["tables"]["checklist"]]
    cited = {(e["path"], e["line"]) for one in examined for e in one["evidence"]}
    open_ = {one["n"] for one in audit["tables"]["checklist"] if not one["evidence"]}
    for item in audit["delta"]["rechecked"]:
        places = {(e["path"], e["line"]) for e in item["evidence"]}
        if not places <= cited or not (places or open_):
            return str(item["what"])
    return ""


def _answer(audit: Audit, n: int) -> Mapping[str, Any]:
    """The answer to a question; empty when there is none."""
    return next((row for row in audit["tables"]["checklist"] if row["n"] == n), {})


def _gap_stated(audit: Audit, n: int) -> tuple[bool, str]:
    """An empty table holds only when its question says what was searched."""
    gap = _answer(audit, n).get("gap")
    return bool(gap), f"GAP: {gap}" if gap else f"the table is empty and question {n} does not say why"


def _told(row: Mapping[str, Any]) -> bool:
    """True when the row says itself that it is a GAP."""
    return bool(row.get("gap")) or row["assessment"] == "GAP"


def _sites(rows: Sequence[Mapping[str, Any]]) -> str:
    """The first places of rows."""
    sites = [f"{r['evidence'][0]['path']}:{r['evidence'][0]['line']}" for r in rows[:3] if r["evidence"]]
    return ", ".join(sites) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")
