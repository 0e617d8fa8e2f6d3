"""The canonical report: audit.json rendered as Markdown, and nothing that is not in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rda_nb.findings.criteria import PRIORITIES, checklist, rubric
from rda_nb.findings.evidence import evidence_of
from rda_nb.findings.state import digest_of, encode
from rda_nb.report import inline, matrix, review, sentences
from rda_nb.report.cells import Cells
from rda_nb.report.groups import choose, grouped
from rda_nb.report.sentences import Row

if TYPE_CHECKING:
    from jinja2 import Template

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
    environment.filters |= {"code": inline.code, "prose": inline.prose, "statement": sentences.statement}
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
        "skipped": sentences.skipped(audit["run"]["files_skipped"]),
        "deps": sentences.deps(audit["external_deps"], shown["external_deps"]),
        "notable_gaps": "; ".join(inline.prose(g["what"]) for g in audit["gaps"][: shown["notable_gaps"]]),
        "bottlenecks": sentences.bottlenecks(chosen["critical_paths"]),
        "worst_cases": sentences.worst_cases(tables["external_calls"], shown["worst_cases"]),
        "assets": [sentences.asset(row) for row in shown_assets],
        "matrix": matrix.lines(paths, shown["matrix"]),
        "harness": [sentences.statement(s) for s in harness],
        "exit_criteria": [sentences.statement(s) for s in audit["harness"] if s["kind"] == "exit"],
        "strengths": [sentences.strength(s, shown) for s in audit["strengths"][: shown["strengths"]]],
        "risks": [sentences.risk(n, f, shown) for n, f in enumerate(risks, 1)],
        "review": sentences.reviewed(audit, shown) if review.spoken(audit) else None,
        "waived": done,
        "gap_lines": [sentences.gap(g) for g in audit["gaps"][: shown["gaps"]]],
        "actions": {
            p: [
                sentences.action(f"{p}-{n}", a, shown)
                for n, a in enumerate(
                    _first(rows, shown["findings"][p], lambda a: any(labels.get(f) for f in a["findings"])), 1
                )
            ]
            for p, rows in by_priority.items()
        },
        "shared_rules": sentences.shared_rules(audit["run"].get("shared_rules", {})),
    }


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


def _single_blank_lines(lines: Sequence[str]) -> list[str]:
    """The lines without runs of empty ones, which template blocks leave behind."""
    return [line for line, before in zip(lines, ["", *lines], strict=False) if line.strip() or before.strip()]
