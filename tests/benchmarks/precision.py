"""What a reader judges: `python -m tests.benchmarks.precision OWNER/NAME[:PATH]=DIR...` prints findings and drawn rows as YAML.

Every P0 and P1 finding of every directory, and `--rows` rows of each table: each time a directory at random, then one of its
rows not drawn yet, so that a large service does not crowd out small ones. The draw depends on `--seed` and on the code alone.
`--record` names an earlier judgement: verdicts of findings and rows that still say the same are taken over, the others are
`unread`. `--around N` prints N lines of code around each unread place instead, for reading.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import Any

import yaml

import rda_nb

TABLES = ("critical_paths", "controls", "external_calls", "clickhouse", "hotspots", "signals", "validation")
KIND = {"external_calls": "system", "clickhouse": "aspect", "hotspots": "pattern", "signals": "signal"}
SAME = ("repository", "table", "rule", "path", "line", "kind", "assessment", "claim")
Entry = dict[str, Any]


def findings(repository: str, document: Entry) -> list[Entry]:
    """Every P0 and P1 finding as an entry to judge."""
    return [
        {
            "repository": repository,
            "table": "findings",
            "rule": finding["rule"],
            "path": finding["evidence"][0]["path"],
            "line": finding["evidence"][0]["line"],
            "kind": finding["priority"],
            "assessment": finding["assessment"],
            "claim": finding["claim"] or finding["title"],
        }
        for finding in document["findings"]
        if finding["priority"] in ("P0", "P1")
    ]


def rows(documents: dict[str, Entry], table: str, count: int, seed: int) -> list[Entry]:
    """`count` rows of one table, spread over the services that have any."""
    draw = random.Random(f"{seed} {table}")
    left = {name: list(document["tables"][table]) for name, document in documents.items()}
    drawn: list[Entry] = []
    while len(drawn) < count and any(left.values()):
        name = draw.choice(sorted(name for name, rest in left.items() if rest))
        row = left[name].pop(draw.randrange(len(left[name])))
        place = row["evidence"][0] if row["evidence"] else {"path": "", "line": 0}
        drawn.append(
            {
                "repository": name,
                "table": table,
                "rule": row["rule"],
                "path": place["path"],
                "line": place["line"],
                "kind": row[KIND.get(table, "kind")],
                "assessment": row["assessment"],
                "claim": row["claim"] or row.get("gap") or "",
            }
        )
    return drawn


def judged(entries: list[Entry], known: dict[tuple[Any, ...], Entry]) -> list[Entry]:
    """The entries with the verdict and reason that an earlier record gives them."""
    for entry in entries:
        before = known.get(tuple(entry[name] for name in SAME), {})
        entry["verdict"] = before.get("verdict", "unread")
        if before.get("reason"):
            entry["reason"] = before["reason"]
    return entries


def code(directory: Path, entry: Entry, around: int) -> str:
    """The lines around an entry's place."""
    path = directory / entry["path"]
    if not entry["path"] or not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    first = max(0, entry["line"] - 1 - around)
    return "\n".join(f"{n + 1:5} {lines[n]}" for n in range(first, min(len(lines), entry["line"] + around)))


def main(arguments: list[str]) -> None:
    """Print the entries, or the code around those that nobody has judged yet."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.precision", description=__doc__)
    parser.add_argument("services", nargs="+", metavar="OWNER/NAME=DIR")
    parser.add_argument("--rows", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--around", type=int, default=0)
    given = parser.parse_args(arguments)
    directories = {name: Path(folder) for name, _, folder in (one.partition("=") for one in given.services)}
    record = yaml.safe_load(given.record.read_text(encoding="utf-8")) if given.record else {}
    known = {tuple(e[name] for name in SAME): e for e in (*record.get("findings", ()), *record.get("rows", ()))}
    documents: dict[str, Entry] = {name: dict(rda_nb.audit(folder).document) for name, folder in directories.items()}
    found = judged([entry for name in documents for entry in findings(name, documents[name])], known)
    drawn = [entry for table in TABLES for entry in judged(rows(documents, table, given.rows, given.seed), known)]
    if given.around:
        for number, entry in enumerate([*found, *drawn], 1):
            if entry["verdict"] == "unread":
                told = " | ".join(str(entry[name]) for name in SAME)
                near = code(directories[entry["repository"]], entry, given.around)
                sys.stdout.write(f"#{number} {told}\n{near}\n\n")
        return
    yaml.safe_dump({"findings": found, "rows": drawn}, sys.stdout, sort_keys=False, width=1000, allow_unicode=True)


if __name__ == "__main__":
    main(sys.argv[1:])
