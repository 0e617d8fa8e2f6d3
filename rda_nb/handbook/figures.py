"""The pages that say how right the numbers are: resolution, external calls and history, from `docs/records`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

Record = dict[str, Any]
_COLUMNS = ("timeout", "attempts", "worst_case")
_VERDICTS = ("right", "wrong", "open")
_HISTORY = (
    "commits",
    "with code",
    "findings compared",
    "new",
    "new, lines unchanged",
    "resolved",
    "gone, code unchanged",
    "sites more or less",
    "changed in place",
    "moved",
    "verdict",
)


def read(folder: Path, name: str) -> Record:
    """One record file."""
    found: Record = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def resolution(folder: Path) -> str:
    """How many calls are bound, and how many of a sample are bound rightly."""
    binding, edges = read(folder, "binding"), read(folder, "edges")
    shares, values = binding["services"], binding["function_values"]
    sites, bound = sum(one["sites"] for one in shares), sum(one["bound"] for one in shares)
    sample, before = edges["sample"], edges["before"]
    lines = [
        "# Resolution",
        "",
        "Written by `make docs` from `docs/records/binding.yaml` and `docs/records/edges.yaml`; edit those, not this file.",
        "",
        "Every claim on a path rests on calls that are bound to what they call, without a compiler and without reading any",
        "dependency. Two figures say how far that goes.",
        "",
        f"- **{bound / sites:.1%}** of {sites:,} calls in four public services are bound: resolved to one function, external",
        "  to the service, or candidate with at most three functions. Builtins and conversions do not count, nor do tests and",
        "  generated code. `python -m tests.benchmarks.binding DIR...` measures any directory.",
        f"- **{sample['right']} of {sample['edges']}** bound calls, drawn at random, are right: each was judged by reading the",
        f"  code. {sentence(sample['drawn'])}; `{sample['how']}` drew them.",
        f"- **{values['right']} of {values['judged']}** calls of function values, from ten services, are right. The others were",
        f"  {values['wrong']}; {values['mended']}.",
        "",
        "## Bound calls",
        "",
        row(
            "service", "calls", "resolved", "candidate", "external", "of it owner only", "not bound", "bound", "before"
        ),
        row(*["---"] + ["---:"] * 8),
    ]
    for one in shares:
        share = f"**{one['bound'] / one['sites']:.1%}**"
        lines.append(
            row(
                f"[{one['repository']}](https://github.com/{one['repository']}/tree/{one['commit']})",
                *(f"{one[name]:,}" for name in ("sites", "resolved", "candidate", "external", "owner_only")),
                f"{one['sites'] - one['bound']:,}",
                share,
                f"{one['before']:.1%}",
            )
        )
    lines += [
        "",
        "*Owner only*: the library is known that made the value, not the value's type. *Not bound*: function values that are",
        "not followed, interfaces with more than three implementers, and names that are not known.",
        "",
        "## What the first draw showed",
        "",
        f"An earlier draw of {before['edges']} calls (seed {before['seed']}) had {before['edges'] - before['right']} wrong:",
        "",
        *(_first(one) for one in before["wrong"]),
        "",
        "Their causes were mended, and the calls below were then drawn anew.",
        "",
        "## Judged calls",
        "",
        row("place", "call", "kind", "bound to", "verdict", "why"),
        row(*["---"] * 6),
        *(_edge(edge, edges["commits"]) for edge in edges["edges"]),
    ]
    return "\n".join(lines) + "\n"


def external_calls(folder: Path) -> str:
    """How many rows of table 3.3 are right, before and after what reading them showed."""
    record = read(folder, "external_calls")
    lines = [
        "# External calls",
        "",
        "Written by `make docs` from `docs/records/external_calls.yaml`; edit that, not this file.",
        "",
        "Table 3.3 of two public services, read row by row against their code and that of their libraries. *Right*: the code",
        "says so; a range holds the true number, an upper bound holds. *Wrong*: it does not. *Open*: the row says that the",
        "number is not known, or the library's own behaviour could not be read. Rows with one client, one set of limits and",
        "one kind of context were read as one group.",
        "",
        row("service", "column", "rows", *(f"{verdict}, before" for verdict in _VERDICTS), *_VERDICTS),
        row("---", "---", *["---:"] * 7),
    ]
    for one in record["services"]:
        link = f"[{one['repository']}](https://github.com/{one['repository']}/tree/{one['commit']})"
        for column in _COLUMNS:
            counts = [str(one[phase][column][verdict]) for phase in ("before", "after") for verdict in _VERDICTS]
            lines.append(row(link, column.replace("_", " "), str(one["after"]["rows"]), *counts))
    lines += [
        "",
        "## What changed since",
        "",
        *(f"- {sentence(one)}." for one in record["since"]),
        "",
        "## What was mended",
        "",
        *(f"- {sentence(one['what'])}: {one['rows']}." for one in record["mended"]),
    ]
    lines += ["", "## What is left", "", *(f"- {sentence(one['what'])}: {one['rows']}." for one in record["left"])]
    lines += [
        "",
        "## Groups of rows",
        "",
        row("service", "rows", "system", "first call", "timeout", "attempts", "worst case", "verdict"),
        row("---", "---:", *["---"] * 6),
        *(_group(group) for group in record["groups"]),
    ]
    return "\n".join(lines) + "\n"


def history(folder: Path) -> str:
    """What the delta told over consecutive commits, and how many findings it told as new although they were not."""
    record = read(folder, "history")
    runs = record["runs"]
    sums = {name: sum(one[name] for one in runs) for name in runs[0] if isinstance(runs[0][name], int)}
    wrong = sums["false_new"] + sums["unchanged_new"] + sums["false_resolved"]
    services = len({one["repository"] for one in runs})
    lines = [
        "# Findings over commits",
        "",
        "Written by `make docs` from `docs/records/history.yaml`; edit that, not this file.",
        "",
        "Each of the last commits of a public service was audited with the report of the commit before it in place, as a team",
        "would have it, and what the delta told was held against git's own diff. `python -m tests.benchmarks.history REPOSITORY`",
        "does it again for any repository.",
        "",
        f"- **{sums['commits']} commits** of {services} services were audited, {sums['with_code']} of which touched Go code;",
        f"  {sums['findings_compared']:,} findings with {sums['sites_compared']:,} sites were compared.",
        f"- **{wrong}** findings were told as new or resolved although they stood in both commits, or as new although git calls",
        "  none of the lines they cite new.",
        "",
        row("service", *_HISTORY, "wrongly new", "wrongly resolved"),
        row("---", *["---:"] * (len(_HISTORY) + 2)),
        *map(_run, runs),
        "",
        "*New, lines unchanged* and *gone, code unchanged*: the cause lies elsewhere, in a caller, a route or a setting, and the",
        "delta says so. *Wrongly new* counts both ways of being wrong.",
        "",
        "## Read by hand",
        "",
        "Every finding that was told as new, as new at unchanged lines or as told together with another one was read against",
        "the commit.",
        "",
        row("service", "commit", "told", "finding", "what the commit did"),
        row(*["---"] * 5),
        *(
            row(
                one["repository"].rpartition("/")[2],
                f"[{one['commit'][:10]}](https://github.com/{one['repository']}/commit/{one['commit']})",
                one["told"], one["finding"], one["because"],
            )
            for one in record["read"]
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _run(one: Record) -> str:
    """The row of one walk."""
    told: Counter[str] = Counter(one["told"])
    link = f"[{one['repository']}](https://github.com/{one['repository']}/commits/{one['last']})"
    moved = told["file moved"] + told["moved to another symbol"]
    sites = told["sites"] + told["told together"] + told["told apart"]
    counts = (told["new"], told["surfaced"], told["resolved"], told["vanished"], sites, told["changed in place"], moved)
    wrongly_new = one["false_new"] + one["unchanged_new"]
    numbers = (one["commits"], one["with_code"], one["findings_compared"], *counts, told["verdict"], wrongly_new)
    return row(link, *(f"{n:,}" for n in (*numbers, one["false_resolved"])))


def sentence(text: str) -> str:
    """A text that begins with a capital."""
    return text[:1].upper() + text[1:]


def row(*cells: str) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _first(one: Record) -> str:
    return (
        f"- `{one['call']}` at {one['repository']} `{one['path']}:{one['line']}`, {one['kind']}: {one['reason']}. "
        f"Cause: {one['cause']}. Now: {one['now']}."
    )


def _edge(edge: Record, commits: Record) -> str:
    repository = edge["repository"]
    link = f"https://github.com/{repository}/blob/{commits[repository]}/{edge['path']}#L{edge['line']}"
    name = repository.rpartition("/")[2]
    bound = "<br>".join(f"`{target}`" for target in edge["bound_to"])
    place = f"[{name} {edge['path'].rpartition('/')[2]}:{edge['line']}]({link})"
    return row(place, f"`{edge['call']}`", edge["kind"], bound, edge["verdict"], edge["reason"])


def _group(group: Record) -> str:
    verdict = group["verdict"]
    kinds = Counter(verdict.values())
    told = next(iter(kinds)) if len(kinds) == 1 else ", ".join(f"{name} {verdict[name]}" for name in _COLUMNS)
    return row(
        group["repository"].rpartition("/")[2],
        str(group["rows"]),
        group["system"],
        f"`{group['call']}` {group['first']}",
        group["timeout"],
        group["attempts"],
        group["worst_case"],
        told.replace("_", " "),
    )
