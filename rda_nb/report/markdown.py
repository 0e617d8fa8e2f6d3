"""The canonical report: audit.json rendered as Markdown, and nothing that is not in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rda_nb.core import RdaError
from rda_nb.findings.amounts import amount
from rda_nb.findings.criteria import PRIORITIES, checklist, rubric
from rda_nb.findings.evidence import evidence_of
from rda_nb.findings.state import digest_of, encode
from rda_nb.report import inline, matrix, review
from rda_nb.report.cells import Cells
from rda_nb.report.display import brief
from rda_nb.report.groups import choose, grouped

if TYPE_CHECKING:
    from jinja2 import Template

Row = Mapping[str, Any]
TABLES = ("critical_paths", "controls", "external_calls", "clickhouse", "hotspots", "signals")
_TABLE_QUESTION = {
    "critical_paths": 1,
    "controls": 3,
    "external_calls": 5,
    "clickhouse": 6,
    "hotspots": 7,
    "signals": 9,
}
_PLACE = re.compile(r"`([^`\s]+):(\d+)`")  # as inline.place writes it
_VALIDATION_QUESTION = 10
_NO_GIT = {"commit": None, "branch": None, "head": None, "dirty": None, "change_summary": "", "gap": None}


def render(audit: Mapping[str, Any]) -> str:
    """The report of an audit document: equal documents give equal bytes.

    RdaError when a sentence of 4.1, 4.2 or 5 has no evidence: such a sentence is speculation and is not written.
    """
    text = _template().render(_view(audit))
    lines = [line.rstrip() for line in _single_blank_lines(text.split("\n"))]
    asked = audit["run"].get("shared_rules", {}).get("headings") or {}
    body = "\n".join(asked.get(line, line) for line in lines).strip("\n")
    return f"{body}\n\n{encode(audit, _digests(audit, body))}\n"


def _digests(audit: Mapping[str, Any], body: str) -> dict[str, dict[str, str]]:
    """Path -> line -> digest of the text there, for the places that the report cites."""
    read = {(e["path"], e["line"]): e["excerpt"] for _, e in evidence_of(audit)}
    cited = sorted({(path, int(line)) for path, line in _PLACE.findall(body)} & read.keys())
    digests: dict[str, dict[str, str]] = {}
    for path, line in cited:
        digests.setdefault(path, {})[str(line)] = digest_of(read[path, line])
    return digests


@cache
def _template() -> Template:
    """The audit's template; compiled once per process."""
    from jinja2 import Environment, StrictUndefined  # 60 ms that `--help` need not pay

    # Autoescape would escape for HTML; `inline` escapes for Markdown, where the text stands.
    environment = Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, autoescape=False)
    environment.filters |= {"code": inline.code, "prose": inline.prose, "statement": _statement}
    source = files("rda_nb.audits").joinpath("performance_capacity/report.md.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)


def _view(audit: Mapping[str, Any]) -> dict[str, Any]:
    """What the template names: the document itself, and its ranked and capped lines."""
    shown = rubric().shown
    found = [f for f in audit["findings"] if not review.waived(f)]
    priorities = {f["id"]: f["priority"] for f in audit["findings"]}
    tables = audit["tables"]
    chosen = {t: choose(grouped(t, tables[t]), shown[t], priorities) for t in TABLES}
    assets = [row for row in tables["validation"] if row["present"] and row["evidence"]]
    shown_assets = choose(grouped("validation", assets), shown["validation"], priorities)
    more: dict[str, Any] = {t: _rest(tables[t], _members(chosen[t])) for t in TABLES}
    more["validation"] = _rest(assets, _members(shown_assets))
    paths = audit.get("validation_matrix") or ()
    left = len(paths) - shown["matrix"]
    more["matrix"] = f"and {left} more paths in the HTML" if left > 0 else ""
    labels = {f["id"]: f["label"] for f in found}
    risks = [
        f for p in PRIORITIES for f in _first([x for x in found if x["priority"] == p], shown["findings"][p], _labelled)
    ]
    more["risks"] = _rest(found, risks, by="priority")
    gone = review.waived_ids(audit)
    done = Counter(a["priority"] for a in audit["actions"] if review.is_done_with(a, gone))
    asked = [a for a in audit["actions"] if not review.is_done_with(a, gone)]
    by_priority = {p: [a for a in asked if a["priority"] == p] for p in PRIORITIES}
    more |= {p: max(len(rows) - shown["findings"][p], 0) for p, rows in by_priority.items()}
    more["strengths"] = max(len(audit["strengths"]) - shown["strengths"], 0)
    more["gaps"] = max(len(audit["gaps"]) - shown["gaps"], 0)
    harness = [s for s in audit["harness"] if s["kind"] == "harness"]
    return {
        **audit,
        "git": {**_NO_GIT, **audit["run"]["git"]},
        "shown": shown,
        "cells": Cells(shown),
        "chosen": chosen,
        "more": more,
        "empty": _empty(tables["checklist"]),
        "skipped": _skipped(audit["run"]["files_skipped"]),
        "deps": _deps(audit["external_deps"], shown["external_deps"]),
        "notable_gaps": "; ".join(inline.prose(g["what"]) for g in audit["gaps"][: shown["notable_gaps"]]),
        "bottlenecks": _bottlenecks(chosen["critical_paths"]),
        "worst_cases": _worst_cases(tables["external_calls"], shown["worst_cases"]),
        "assets": [_asset(row) for row in shown_assets],
        "matrix": matrix.lines(paths, shown["matrix"]),
        "harness": [_statement(s) for s in harness],
        "exit_criteria": [_statement(s) for s in audit["harness"] if s["kind"] == "exit"],
        "strengths": [_strength(s, shown) for s in audit["strengths"][: shown["strengths"]]],
        "risks": [_risk(n, f, shown) for n, f in enumerate(risks, 1)],
        "review": _reviewed(audit, shown) if review.spoken(audit) else None,
        "waived": done,
        "gap_lines": [_gap(g) for g in audit["gaps"][: shown["gaps"]]],
        "actions": {
            p: [
                _action(f"{p}-{n}", a, shown)
                for n, a in enumerate(
                    _first(rows, shown["findings"][p], lambda a: any(labels.get(f) for f in a["findings"])), 1
                )
            ]
            for p, rows in by_priority.items()
        },
        "shared_rules": _shared_rules(audit["run"].get("shared_rules", {})),
    }


def _shared_rules(given: Row) -> str:
    """Which shared rules there were, by digest, what they changed, and as a GAP what could not be applied."""
    digests = ", ".join(f"{inline.code(name)} ({digest[:12]})" for name, digest in given.get("files", {}).items())
    applied = [inline.prose(text) for text in given.get("applied", ())]
    gap = [f"GAP: {inline.prose(given['gap'])}"] if given.get("gap") else []
    return "; ".join([*([digests] if digests else []), *applied, *gap])


def _first(rows: Sequence[Row], most: int, wanted: Callable[[Row], bool]) -> list[Row]:
    """The first rows, the wanted ones among all of them before others, in their order."""
    kept = [n for n, row in enumerate(rows) if wanted(row)][:most]
    kept += [n for n, row in enumerate(rows) if not wanted(row)][: most - len(kept)]
    return [rows[n] for n in sorted(kept)]


def _labelled(f: Row) -> bool:
    """True for a finding that concerns a decision: these are never cut for others of their priority."""
    return bool(f["label"])


def _members(lines: Sequence[Row]) -> list[Row]:
    """The rows that stand behind the lines shown."""
    return [row for line in lines for row in line["members"]]


def _rest(rows: Sequence[Row], chosen: Sequence[Row], by: str = "assessment") -> str:
    """What is not shown: `12 more rows (3 RISK, 9 GOOD)`; empty when everything is."""
    left = Counter(row[by] for row in rows)
    left.subtract(Counter(row[by] for row in chosen))
    total = sum(left.values())
    order = ("RISK", "CONCERN", "GAP", "GOOD", *PRIORITIES)
    parts = ", ".join(f"{left[name]} {name}" for name in order if left[name])
    return f"and {total} more ({parts})" if total else ""


def _empty(answers: Sequence[Row]) -> dict[str, str]:
    """Why a table is empty: the words of the question that the table chiefly answers."""
    reasons = {row["n"]: row["gap"] for row in answers}
    questions = {**_TABLE_QUESTION, "validation": _VALIDATION_QUESTION}
    return {
        table: reasons.get(n) or checklist()[n].empty.format(files="the inspected files")
        for table, n in questions.items()
    }


def _skipped(items: Sequence[Row]) -> str:
    """Reasons for skipping with their counts, most frequent first."""
    reasons = Counter(item["reason"].split(":")[0].split(" (")[0] for item in items)
    return ", ".join(
        f"{n} {inline.prose(reason)}" for reason, n in sorted(reasons.items(), key=lambda x: (-x[1], x[0]))
    )


def _deps(deps: Sequence[Row], most: int) -> str:
    """Names with the place that imports them; the rest by kind."""
    shown = ", ".join(
        inline.code(d["import"]) + (f" ({inline.place(d['evidence'][0])})" if d["evidence"] else "")
        for d in deps[:most]
    )
    left = Counter(d["kind"] for d in deps[most:])
    rest = ", ".join(f"{n} {kind}" for kind, n in sorted(left.items()))
    return f"{shown} and {len(deps) - most} more in the HTML ({rest})" if left else shown


def _worst_cases(calls: Sequence[Row], most: int) -> list[str]:
    """The largest bounded worst cases, one per formula, each factor with the place it was read at."""
    bounded = [c for c in calls if c["bounded"] and c["worst_case_s"] is not None and c["factors"] and c["evidence"]]
    distinct: dict[str, Row] = {}
    for call in sorted(bounded, key=lambda c: -c["worst_case_s"]):
        distinct.setdefault(call["formula"], call)
    return [_worked_case(call) for call in list(distinct.values())[:most]]


def _worked_case(call: Row) -> str:
    """One call's worst case with its factors."""
    head = f"*{inline.prose(call['operation'])}* ({inline.place(call['evidence'][0])})"
    return f"{head}: {inline.prose(call['display']['worst_case'])}; {', '.join(map(_factor, call['factors']))}"


def _factor(x: Row) -> str:
    """One symbol with its value and origin."""
    value = "GAP" if x["value"] is None else amount(x["value"], x["unit"])
    where = (
        inline.place(x["evidence"][0])
        if x["evidence"]
        else inline.prose(brief(x["source"] or x["origin"].replace("_", " ")))
    )
    return f"{inline.prose(x['symbol'])} = {value} ({where})" if where else f"{inline.prose(x['symbol'])} = {value}"


def _bottlenecks(flows: Sequence[Row]) -> list[str]:
    """Each supposed bottleneck once, with the flows that it holds up."""
    held: dict[str, list[Row]] = {}
    for row in flows:
        if row["bottleneck"] and row["evidence"]:
            held.setdefault(row["bottleneck"], []).append(row)
    lines = []
    for bottleneck, rows in held.items():
        names = [name for row in rows for name in row["names"]]
        most = rubric().shown["names"]
        told = ", ".join(map(inline.prose, names[:most])) + (
            f" and {len(names) - most} more" if len(names) > most else ""
        )
        sites = [e for row in rows for e in row["evidence"][: len(row["members"])]]
        lines.append(f"{told}: {inline.prose(bottleneck)} ({inline.places(sites, most)})")
    return lines


def _asset(row: Row) -> str:
    shown = rubric().shown
    detail = f": {inline.prose(row['detail'])}" if row["detail"] else ""
    cited = inline.cited(row["evidence"], shown["evidence_per_row"], shown["excerpt"])
    return f"{row['kind'].replace('_', ' ')} {inline.prose(row['item'])}{detail}, {row['assessment']} ({cited})"


def _statement(s: Row) -> str:
    """A statement with its places."""
    where = inline.places(s["evidence"], rubric().shown["sites"])
    return f"{inline.prose(s['text'])} ({where})" if where else inline.prose(s["text"])


def _evident(row: Row, section: str) -> Sequence[Row]:
    """The evidence of a sentence; without it the sentence is speculation and the rendering stops."""
    if not row["evidence"]:
        text = row.get("text") or row.get("claim") or row.get("item")
        raise RdaError(f"No Speculation: section {section} cannot state {text!r} without evidence; make it a GAP")
    evidence: Sequence[Row] = row["evidence"]
    return evidence


def _strength(s: Row, shown: Row) -> str:
    where = inline.cited(_evident(s, "4.1"), shown["evidence_per_row"], shown["excerpt"])
    return f"{inline.prose(s['text'].rstrip('. '))} ({where})"


def _risk(n: int, f: Row, shown: Row) -> str:
    """`R1 (P0 Critical, stuck pipeline, latency)`, the claim, its sites."""
    evidence = _evident(f, "4.2")
    label = f", {f['label']}" if f["label"] else ""
    words = ", ".join(text for text in (f"{f['priority']} {f['severity']}", f["consequence"], f["impact"]) if text)
    head = f"**R{n} ({words}{label})**"
    said = f" [{inline.prose(note)}]" if (note := review.note(f)) else ""
    return f"{head} {inline.prose(f['claim'].rstrip('. '))} ({inline.cited(evidence, shown['sites'], shown['excerpt'])}){said}"


def _reviewed(audit: Row, shown: Row) -> dict[str, Any]:
    """What reviewers said: the counts raw and with waivers, each waived finding, and what does not count."""
    gone = [f for f in audit["findings"] if review.waived(f)]
    most = sum(shown["findings"].values())
    lines = [
        f"{f['priority']} {inline.prose(f['title'].rstrip('. '))} "
        f"({inline.places(f['evidence'], shown['sites'])}): {inline.prose(review.note(f))}"
        for f in gone
    ]
    failing = [inline.prose(line) for line in review.failing(audit)]
    return {
        "counted": inline.prose(review.counted(audit)),
        "sources": inline.prose(review.sources(audit)),
        "lines": [*lines[:most], *failing[:most]],
        "more": max(len(lines) - most, 0) + max(len(failing) - most, 0),
    }


def _gap(g: Row) -> str:
    where = f" → check: {inline.prose(g['where_to_look'])}" if g["where_to_look"] else ""
    places = inline.places(g["evidence"], 2)
    question = f"Q{g['question']}: " if g["question"] else ""
    return f"{question}{inline.prose(g['what'])}" + (f" ({places})" if places else "") + where


def _action(name: str, a: Row, shown: Row) -> str:
    """`Item | Impact | Evidence | Verification`, as the specification orders them."""
    evidence = _evident(a, "5")
    parts = (
        f"**{name} {inline.prose(a['item'].rstrip('. '))}**",
        inline.prose(a["impact"]),
        inline.places(evidence, shown["sites"]),
        inline.prose(a["verification"].rstrip(". ")),
    )
    return " | ".join(parts)


def _single_blank_lines(lines: Sequence[str]) -> list[str]:
    """The lines without runs of empty ones, which template blocks leave behind."""
    return [line for line, before in zip(lines, ["", *lines], strict=False) if line.strip() or before.strip()]
