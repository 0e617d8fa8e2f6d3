"""The page that says how right findings and rows are: `docs/precision.md`, from `docs/records/precision.yaml`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rda_nb.handbook.figures import Record, read, row, sentence

_TABLES = ("critical_paths", "controls", "external_calls", "clickhouse", "hotspots", "signals", "validation")
_HEAD = """# Precision

Written by `make docs` from `docs/records/precision.yaml`; edit that, not this file.

Every P0 and P1 finding on {services} public services, and {rows} rows of each table drawn at random (seed {seed}), judged by
reading the code at the commits below. *Right*: true as worded, the number holds, and a reader would act on its priority.
*Wrong*: anything else, a true one of too grave a priority included. `{how}` draws them again and takes over the
verdicts of all that still say the same; the rest is *unread* until somebody reads it.

- **{right} of {findings}** P0 and P1 findings are right ({share:.0%}).
- **{rows_right} of {rows_all}** rows are right ({rows_share:.0%}).

The aim is {aim[findings]:.0%} of the findings and {aim[rows]:.0%} of the rows{reached}.

As first drawn, before what is listed below was mended, {as_drawn[findings_right]} of {as_drawn[findings]} findings and \
{as_drawn[rows_right]} of {as_drawn[rows]} rows were right. The very first reading, of {earlier[findings]} findings on
{earlier[services]} of these services, had {earlier[right]} right, {earlier[weak]} too grave, told twice or vague, \
{earlier[wrong]} wrong and {earlier[unread]} unread.

The kit has changed much since. Drawn again by the same seed, of what said something new or otherwise {again} were right as they
were first read, by stricter readers: a service that nobody has read yet may expect no better. What misled was mended after
each reading; what is counted above is the draw after the last.

{unseen[services]} more services were read once, as nobody had read them before. Of their P0 findings {p0[right]} were right, \
{p0[weak]} true and too grave or told twice, {p0[wrong]} wrong
in a number or a clause; of their P1 findings {p1[right]}, {p1[weak]} and {p1[wrong]}. {told} of the {wrong} wrong ones are \
still told so since what misled was mended. That is what
a first run on a service of yours may look like: read what a finding cites before you act on it.
"""


def precision(folder: Path) -> str:
    """The page: totals, tables by service and by table, what was mended, what is left, and every judgement."""
    record = read(folder, "precision")
    findings, rows = record["findings"], record["rows"]
    right, rows_right = _right(findings), _right(rows)
    head = _HEAD.format(
        services=len(record["commits"]),
        rows=record["drawn"]["rows"],
        seed=record["drawn"]["seed"],
        how=record["drawn"]["how"],
        right=right,
        findings=len(findings),
        share=right / len(findings),
        rows_right=rows_right,
        rows_all=len(rows),
        rows_share=rows_right / len(rows),
        earlier=record["earlier"],
        as_drawn=record["as_drawn"],
        unseen=record["unseen"],
        aim=record["aim"],
        reached=""
        if _reached(findings, record["aim"]["findings"]) and _reached(rows, record["aim"]["rows"])
        else ": it is not reached",
        again=", then ".join(_again(one) for one in record["again"]),
        p0=record["unseen"]["P0"],
        p1=record["unseen"]["P1"],
        told=record["unseen"]["still_told"],
        wrong=record["unseen"]["P0"]["wrong"] + record["unseen"]["P1"]["wrong"],
    )
    lines = [head, row("service", "P0", "P1", "right", "wrong", "unread"), row("---", *["---:"] * 5)]
    lines += [_service(name, record) for name in sorted(record["commits"])]
    lines += ["", row("table", "rows", "right", "wrong", "unread"), row("---", *["---:"] * 4)]
    lines += [_table(table, [one for one in rows if one["table"] == table]) for table in _TABLES]
    lines += ["", "## What was mended", "", *(f"- {sentence(one['what'])}: {one['rows']}." for one in record["mended"])]
    lines += ["", "## What is left", "", *(f"- {sentence(one['what'])}: {one['rows']}." for one in record["left"])]
    lines += ["", "## Findings", "", *_judged(findings, record["commits"])]
    for table in _TABLES:
        lines += [
            "",
            f"## Rows of {table}",
            "",
            *_judged([one for one in rows if one["table"] == table], record["commits"]),
        ]
    return "\n".join(lines) + "\n"


def _reached(entries: list[Record], aim: float) -> bool:
    """True where enough of what was read is right."""
    return _right(entries) >= aim * sum(1 for one in entries if one["verdict"] != "unread")


def _again(one: Record) -> str:
    """One later reading, of what had not been read in these words before."""
    findings, rows = (f"{one[f'{name}_right']} of {one[name]} {name}" for name in ("findings", "rows"))
    return f"{findings} and {rows}"


def _right(entries: list[Record]) -> int:
    return sum(one["verdict"] == "right" for one in entries)


def _service(name: str, record: Record) -> str:
    own = [one for one in record["findings"] if one["repository"].partition(":")[0] == name]
    kinds, verdicts = Counter(one["kind"] for one in own), Counter(one["verdict"] for one in own)
    link = f"[{name}](https://github.com/{name}/tree/{record['commits'][name]})"
    return row(
        link, *(str(kinds[kind]) for kind in ("P0", "P1")), *(str(verdicts[v]) for v in ("right", "wrong", "unread"))
    )


def _table(name: str, rows: list[Record]) -> str:
    verdicts = Counter(one["verdict"] for one in rows)
    return row(name, str(len(rows)), *(str(verdicts[verdict]) for verdict in ("right", "wrong", "unread")))


def _judged(entries: list[Record], commits: Record) -> list[str]:
    """The wrong ones first, each with its place, what it says and why."""
    ordered = sorted(entries, key=lambda one: one["verdict"] == "right")
    return [
        row("place", "kind", "says", "verdict", "why"),
        row(*["---"] * 5),
        *(_entry(one, commits) for one in ordered),
    ]


def _entry(one: Record, commits: Record) -> str:
    repository, _, below = one["repository"].partition(":")
    path = f"{below}/{one['path']}" if below else one["path"]
    name = repository.rpartition("/")[2]
    link = f"https://github.com/{repository}/blob/{commits[repository]}/{path}#L{one['line']}"
    place = f"[{name} {one['path'].rpartition('/')[2]}:{one['line']}]({link})" if one["path"] else name
    said = one["claim"] if len(one["claim"]) <= 240 else one["claim"][:239].rstrip() + "…"
    return row(place, f"{one['kind']} {one['assessment']}", said, one["verdict"], one.get("reason", ""))
