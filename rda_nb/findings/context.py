"""Sections 1, 4.1 and 4.3 as statements: what the service is, what is good about it, what could not be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rda_nb.core import Assessment, Evidence, Gap
from rda_nb.findings import prior_context
from rda_nb.findings.amounts import worked
from rda_nb.findings.answers import Answer
from rda_nb.findings.criteria import Checklist, Rubric, wording
from rda_nb.findings.decisions import Decisions
from rda_nb.findings.priorities import Identified, page_of
from rda_nb.records import CriticalPath, ExternalCall, Finding, Page
from rda_nb.source.target import SourceFile, Target

MANIFESTS = ("go.mod", "pyproject.toml", "package.json", "pom.xml", "build.gradle")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with what it rests on; only a statement that begins with GAP may stand without evidence.

    `more` are lines below it, each with its own place in its text.
    """

    text: str
    evidence: tuple[Evidence, ...] = ()
    kind: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What the recap looks at: flows ranked by `flow_weight`, calls, judgement, decisions and sizes."""

    flows: Sequence[CriticalPath]
    calls: Sequence[ExternalCall]
    findings: Sequence[Finding]
    decisions: Decisions
    languages: Mapping[str, Mapping[str, int]]
    answers: Sequence[Answer]


def recap(seen: Overview, target: Target) -> tuple[Statement, ...]:
    """Three to seven statements: runtime model, primary flows, systems, why performance matters, decided trade-offs."""
    told = (
        _runtime(seen.flows, seen.languages, target),
        _primary(seen.flows),
        _systems(seen.calls),
        _stakes(seen.flows, seen.calls, seen.findings),
        _decided(seen.decisions, target),
        _earlier(target, seen),
        _clickhouse(seen.answers),
    )
    return tuple(statement for statement in told if statement)


def flow_weight(row: CriticalPath) -> tuple[bool, int, int, str, int]:
    """Hot flows first, then worst, then those that block most, then place."""
    site = row.evidence[0] if row.evidence else None
    return (
        row.hot is not True,
        -row.assessment.rank,
        -len(row.blocking_io),
        site.path if site else "",
        site.line if site else 0,
    )


def _runtime(flows: Sequence[CriticalPath], languages: Mapping[str, Mapping[str, int]], target: Target) -> Statement:
    """What runs: languages with their size, entrypoints by kind."""
    names = wording()["languages"]
    code = _few(
        [
            f"{names.get(name, name)} ({n['files']} file{'' if n['files'] == 1 else 's'}, {n['lines']:,} lines)"
            for name, n in languages.items()
        ]
    )
    kinds = Counter(row.kind.replace("_", " ") for row in flows if row.evidence)
    manifest = next((f for f in manifests(target) if f.lines), None)
    evidence = tuple(row.evidence[0] for row in flows[:2] if row.evidence)
    if manifest:
        evidence = (target.cite(manifest.path, 1), *evidence)
    code = code or wording()["recap"]["no_code"]
    if not kinds:
        return _say("runtime_gap", evidence, code=code)
    entrypoints = ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in sorted(kinds.items(), key=_by_count))
    return _say("runtime", evidence, code=code, entrypoints=entrypoints)


def manifests(target: Target) -> list[SourceFile]:
    """The files that name the service's dependencies, nearest to the root first, in the order of MANIFESTS."""
    found = [f for f in target.of_kind() if f.path.rpartition("/")[2] in MANIFESTS]
    return sorted(found, key=lambda f: (f.path.count("/"), MANIFESTS.index(f.path.rpartition("/")[2]), f.path))


def _primary(flows: Sequence[CriticalPath]) -> Statement | None:
    """The first flows with what they block on."""
    shown = [row for row in flows if row.evidence][:3]
    if not shown:
        return None
    form = wording()["recap"]["flow"]
    told = "; ".join(
        form.format(
            flow=row.flow,
            entrypoint=row.entrypoint,
            steps=len(row.steps),
            io=f", {_few(row.blocking_io)}" if row.blocking_io else "",
        )
        for row in shown
    )
    more = f"; {len(flows) - len(shown)} more in 3.1" if len(flows) > len(shown) else ""
    return _say("flows", tuple(row.evidence[0] for row in shown), flows=told + more)


def _few(names: Sequence[str], most: int = 3) -> str:
    """The first names and how many more there are."""
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct[:most]) + (f" and {len(distinct) - most} more" if len(distinct) > most else "")


def _systems(calls: Sequence[ExternalCall]) -> Statement:
    """Systems by number of calls, each with its first site."""
    called = Counter(row.system for row in calls)
    if not called:
        return _say("systems_gap")
    told = ", ".join(
        f"{system} ({n} call{'s' if n > 1 else ''})" for system, n in sorted(called.items(), key=_by_count)
    )
    firsts: dict[str, Evidence] = {}
    for row in calls:
        if row.evidence:
            firsts.setdefault(row.system, row.evidence[0])
    return _say("systems", tuple(firsts[s] for s in sorted(firsts)), systems=told)


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return (-item[1], item[0])


def _stakes(flows: Sequence[CriticalPath], calls: Sequence[ExternalCall], found: Sequence[Finding]) -> Statement:
    """Why performance matters here, from what was computed: open-ended calls, longest stall, goal, worst finding."""
    say = wording()["recap"]
    hot = [row for row in calls if row.hot is True and row.evidence]
    unbounded = [row for row in hot if not row.worst_case.bounded]
    bounded = [row for row in calls if row.worst_case.bounded and row.worst_case.result and row.evidence]
    reasons: list[str] = []
    evidence: list[Evidence] = []
    if unbounded:
        reasons.append(say["unbounded"].format(n=len(unbounded), calls=len(hot)))
        evidence += [row.evidence[0] for row in unbounded[:2]]
    if bounded:
        longest = max(bounded, key=lambda row: row.worst_case.result or 0.0)
        reasons.append(say["longest"].format(operation=longest.operation, formula=worked(longest.worst_case)))
        evidence.append(longest.evidence[0])
    stated = [row for row in flows if row.goal and row.evidence]
    if stated:
        reasons.append(say["goal"].format(goal=stated[0].goal))
        evidence.append(stated[0].evidence[0])
    if not reasons and found:
        reasons, evidence = [found[0].claim.rstrip(". ")], [found[0].evidence[0]]
    return _say("stakes", tuple(evidence), reasons="; ".join(reasons)) if reasons else _say("stakes_gap")


def _decided(decided: Decisions, target: Target) -> Statement:
    """How many decisions there are and what they come to, the ones that need attention quoted first."""
    if not decided.documents:
        return _say("decisions_gap")
    say = wording()["recap"]
    first = target.file(decided.documents[0])
    paths = _few([f"`{path}`" for path in decided.documents], 2)
    asleep = say["decisions_asleep"].format(n=len(decided.not_in_force)) if decided.not_in_force else ""
    if not decided.all:
        evidence = (target.cite(decided.documents[0], 1),) if first and first.lines else ()
        return _say("decisions_none", evidence, path=paths, asleep=asleep)
    tally = Counter(d.verdict for d in decided.all)
    told = ", ".join(f"{tally[v]} {v}" for v in ("DECISION RISK", "DRIFT", "ALIGNED", "GAP") if tally[v])
    shown = sorted(decided.all, key=lambda d: ("DECISION RISK", "DRIFT", "ALIGNED", "GAP").index(d.verdict))
    more = tuple(
        say["decision"].format(
            verdict=d.verdict, heading=d.heading, quote=d.quote, observed=d.observed, place=f"{d.path}:{d.line}"
        )
        for d in shown
    )
    return replace(
        _say("decisions", (shown[0].evidence[-1],), n=len(decided.all), paths=paths, verdicts=told, asleep=asleep),
        more=more,
    )


def _earlier(target: Target, seen: Overview) -> Statement:
    """The prior reports by name with what they name: context, never evidence, so it cites in its text alone."""
    names = [f"`{f.path}`" for f in target.prior_reports]
    if not names:
        return _say("prior_gap")
    told = prior_context.lines(prior_context.read(target), seen.flows, seen.calls)
    return replace(_say("prior", reports=_few(names, 6)), more=told)


def _clickhouse(answers: Sequence[Answer]) -> Statement | None:
    """Whether and how ClickHouse is used, in the words of its answer."""
    answer = next((a for a in answers if a.n == 6), None)
    if answer is None:
        return None
    summary = answer.summary.split(". ")[0].rstrip(".") if answer.rows else answer.gap
    return _say("clickhouse", answer.evidence[:2], summary=summary)


def _say(name: str, evidence: tuple[Evidence, ...] = (), **words: object) -> Statement:
    """A sentence of wording.yaml's recap."""
    return Statement(wording()["recap"][name].format(**words), evidence, name)


def strengths(
    rows: Iterable[Identified], pages: Mapping[str, Page], rubric: Rubric, decided: Decisions
) -> tuple[Statement, ...]:
    """Decisions that the code holds to, then what GOOD rows claim: hot paths first, one of each kind of a check first."""
    worth = rubric.strengths
    good = [
        row
        for row, _ in rows
        if row.assessment is Assessment.GOOD and not row.quiet and row.claim and row.evidence
        if row.table in worth["tables"]
        if row.hot is True or row.table not in worth["on_path_only"]
    ]
    good.sort(key=lambda r: ({True: 0, None: 1, False: 2}[r.hot], r.evidence[0].path, r.evidence[0].line, r.subject))
    turn: Counter[tuple[str, str]] = Counter()
    ranked: list[tuple[int, int, Statement]] = []
    for row in good:
        kind = (page_of(row, pages).title, str(getattr(row, row.kind_column)))
        ranked.append((turn[kind], len(ranked), Statement(row.claim.rstrip(". "), row.evidence, kind[1])))
        turn[kind] += 1
    distinct = {s.text: s for s in _held_to(decided)[: worth["decisions"]]}
    for _, _, statement in sorted(ranked, key=lambda entry: entry[:2]):
        distinct.setdefault(statement.text, statement)
    return tuple(distinct.values())


def _held_to(decided: Decisions) -> list[Statement]:
    """Decisions with places in the code that bear them out, the first of each record."""
    found: dict[str, Statement] = {}
    for d in decided.all:
        if d.verdict == "ALIGNED" and len(d.evidence) > 1:
            text = decided.say["strength"].format(heading=d.heading, stated=d.stated, observed=d.observed)
            found.setdefault(d.heading, Statement(text, d.evidence, "decision"))
    return list(found.values())


def decision_gaps(decided: Decisions) -> tuple[Gap, ...]:
    """One gap for all statements that could not be held against the code."""
    open_ = [d for d in decided.all if d.verdict == "GAP"]
    if not open_:
        return ()
    headings = _few([f"“{d.heading}”" for d in open_])
    what = decided.say["gap"].format(n=len(open_), s="" if len(open_) == 1 else "s", headings=headings)
    return (Gap(what, decided.say["gap_where"], evidence=tuple(d.evidence[-1] for d in open_[:4])),)


def gaps(
    given: Iterable[Gap],
    rows: Iterable[Identified],
    answers: Sequence[Answer],
    pages: Mapping[str, Page],
    checklist: Checklist,
) -> tuple[Gap, ...]:
    """Everything unknown, once: what the stages recorded, GAP rows by cause, and answers without a row."""
    merged: dict[str, Gap] = {}
    for row, _ in rows:
        if row.assessment is not Assessment.GAP:
            continue
        page = page_of(row, pages)
        question = next((q for q in checklist.questions if q.admits(row, page.topics)), None)
        what = row.claim or f"{row.title or page.title}: {row.symbol}"
        where = row.remedy or (question.elsewhere if question else "")
        old = merged.get(row.cause or what)
        evidence = (*(old.evidence if old else ()), *row.evidence)
        merged[row.cause or what] = Gap(
            old.what if old else what, where, question.n if question else None, tuple(dict.fromkeys(evidence))
        )
    for gap in given:
        merged.setdefault(gap.what, gap)
    for a in answers:
        if a.assessment is Assessment.GAP and not a.rows:
            merged.setdefault(a.gap, Gap(a.gap, a.where_to_look, a.n, a.evidence[:1]))
    return tuple(merged.values())


def languages(target: Target, run: Mapping[str, Any], code: Iterable[str]) -> dict[str, dict[str, int]]:
    """Files and lines per language, largest first: as the run counted them, else from the target's product code."""
    counted = run.get("languages")
    if not counted:
        counted = {}
        for kind in sorted(code):
            own = [f for f in target.files if f.kind == kind and f.role == "product"]
            if own:
                counted[kind] = {"files": len(own), "lines": sum(len(f.lines) for f in own)}
    return dict(sorted(counted.items(), key=lambda item: (-item[1]["lines"], item[0])))
