"""Sentences of the report: one risk, strength, action, gap, worst case or asset as Markdown, with its places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rda_nb.core import RdaError
from rda_nb.findings.amounts import amount
from rda_nb.findings.criteria import rubric
from rda_nb.report import inline, review
from rda_nb.report.display import brief

Row = Mapping[str, Any]


def shared_rules(given: Row) -> str:
    """Which shared rules there were, by digest, what they changed, and as a GAP what could not be applied."""
    digests = ", ".join(f"{inline.code(name)} ({digest[:12]})" for name, digest in given.get("files", {}).items())
    applied = [inline.prose(text) for text in given.get("applied", ())]
    gap = [f"GAP: {inline.prose(given['gap'])}"] if given.get("gap") else []
    return "; ".join([*([digests] if digests else []), *applied, *gap])


def skipped(items: Sequence[Row]) -> str:
    """Reasons for skipping with their counts, most frequent first."""
    reasons = Counter(item["reason"].split(":")[0].split(" (")[0] for item in items)
    return ", ".join(
        f"{n} {inline.prose(reason)}" for reason, n in sorted(reasons.items(), key=lambda x: (-x[1], x[0]))
    )


def deps(deps: Sequence[Row], most: int) -> str:
    """Names with the place that imports them; the rest by kind."""
    shown = ", ".join(
        inline.code(d["import"]) + (f" ({inline.place(d['evidence'][0])})" if d["evidence"] else "")
        for d in deps[:most]
    )
    left = Counter(d["kind"] for d in deps[most:])
    rest = ", ".join(f"{n} {kind}" for kind, n in sorted(left.items()))
    return f"{shown} and {len(deps) - most} more in the HTML ({rest})" if left else shown


def worst_cases(calls: Sequence[Row], most: int) -> list[str]:
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


def bottlenecks(flows: Sequence[Row]) -> list[str]:
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


def asset(row: Row) -> str:
    """One validation asset with its assessment."""
    shown = rubric().shown
    detail = f": {inline.prose(row['detail'])}" if row["detail"] else ""
    cited = inline.cited(row["evidence"], shown["evidence_per_row"], shown["excerpt"])
    return f"{row['kind'].replace('_', ' ')} {inline.prose(row['item'])}{detail}, {row['assessment']} ({cited})"


def statement(s: Row) -> str:
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


def strength(s: Row, shown: Row) -> str:
    """A strength; RdaError when it has no evidence."""
    where = inline.cited(_evident(s, "4.1"), shown["evidence_per_row"], shown["excerpt"])
    return f"{inline.prose(s['text'].rstrip('. '))} ({where})"


def risk(n: int, f: Row, shown: Row) -> str:
    """`R1 (P0 Critical, stuck pipeline, latency)`, the claim, its sites."""
    evidence = _evident(f, "4.2")
    label = f", {f['label']}" if f["label"] else ""
    words = ", ".join(text for text in (f"{f['priority']} {f['severity']}", f["consequence"], f["impact"]) if text)
    head = f"**R{n} ({words}{label})**"
    said = f" [{inline.prose(note)}]" if (note := review.note(f)) else ""
    return f"{head} {inline.prose(f['claim'].rstrip('. '))} ({inline.cited(evidence, shown['sites'], shown['excerpt'])}){said}"


def reviewed(audit: Row, shown: Row) -> dict[str, Any]:
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


def gap(g: Row) -> str:
    """A gap and where to look for what is missing."""
    where = f" → check: {inline.prose(g['where_to_look'])}" if g["where_to_look"] else ""
    places = inline.places(g["evidence"], 2)
    question = f"Q{g['question']}: " if g["question"] else ""
    return f"{question}{inline.prose(g['what'])}" + (f" ({places})" if places else "") + where


def action(name: str, a: Row, shown: Row) -> str:
    """`Item | Impact | Evidence | Verification`, as the specification orders them."""
    evidence = _evident(a, "5")
    parts = (
        f"**{name} {inline.prose(a['item'].rstrip('. '))}**",
        inline.prose(a["impact"]),
        inline.places(evidence, shown["sites"]),
        inline.prose(a["verification"].rstrip(". ")),
    )
    return " | ".join(parts)
