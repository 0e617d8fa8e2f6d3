"""How many calls are bound to what they call: `python -m tests.benchmarks.binding DIR...` prints one row per directory.

`--sample N` draws N bound calls from every directory instead, spread over the kinds resolved, candidate and external, for a
reader to judge; the draw depends on `--seed` and on the code alone.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rda_nb import facts, languages, source
from rda_nb.service import resolve
from rda_nb.service.calls import Call
from rda_nb.service.model import Service
from rda_nb.service.names import Resolution

# Candidates beyond this number say too little to count as bound.
FEW = 3
KINDS = ("resolved", "candidate", "external")


def resolved(directory: Path) -> Service:
    """The service in a directory."""
    target = source.read(directory)
    return resolve(target, facts.extract(target, languages.packs()))


def sites(service: Service) -> Iterator[Call]:
    """Every call in the service's own code: neither builtins nor conversions, neither tests nor generated code."""
    for file in service.program.files:
        if file.role == "generated":
            continue
        for index, row in enumerate(file.rows.calls):
            found = service.names.resolve(file, index)
            if found.kind not in ("builtin", "conversion"):
                yield Call(file, index, service.program.enclosing(file, row.block), found)


def kind_of(call: Call) -> str:
    """The kind of a call's resolution; `many` for candidates beyond FEW."""
    found = call.resolution
    return "many" if found.kind == "candidate" and len(found.targets) > FEW else found.kind


def share(service: Service) -> Counter[str]:
    """Number of calls by kind; `many` are candidates beyond FEW, `bound` and `sites` are sums."""
    counted: Counter[str] = Counter()
    for call in sites(service):
        kind = kind_of(call)
        counted[kind] += 1
        counted["sites"] += 1
        counted["bound"] += kind in KINDS
    return counted


def bound_to(found: Resolution) -> str:
    """What a call is bound to, in one line: keys of functions of the target, or import path and name."""
    keys = [target.key for target in found.targets]
    foreign = f"{found.package}.{found.name}" if found.package else found.name
    return " | ".join([*keys, foreign] if foreign else keys)


def sample(service: Service, number: int, seed: int) -> list[Call]:
    """A stratified draw: half resolved, a third external, the rest candidates, as far as there are as many."""
    by_kind: dict[str, list[Call]] = {kind: [] for kind in KINDS}
    for call in sites(service):
        if kind_of(call) in by_kind:
            by_kind[kind_of(call)].append(call)
    chance = random.Random(seed)
    wanted = {"candidate": number // 6, "external": number // 3}
    drawn: list[Call] = []
    for kind in ("candidate", "external", "resolved"):
        count = min(len(by_kind[kind]), wanted.get(kind, number - len(drawn)))
        drawn += chance.sample(by_kind[kind], count)
    return sorted(drawn, key=lambda call: (call.path, call.row.start))


def main() -> None:
    """Print the table, or the draw."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks.binding")
    asked.add_argument("directories", nargs="+", type=Path, metavar="DIR")
    asked.add_argument("--sample", type=int, default=0, metavar="N")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    columns = ("sites", *KINDS, "many", "dynamic", "unknown", "bound")
    lines = [] if given.sample else ["  ".join(f"{name:>9}" for name in columns) + "    share  directory"]
    for directory in given.directories:
        service = resolved(directory)
        if given.sample:
            for call in sample(service, given.sample, given.seed):
                callee = " ".join(call.callee.split())[-60:]
                found = call.resolution
                lines.append(f"{directory.name}\t{call.path}:{call.line}\t{callee}\t{found.kind}\t{bound_to(found)}")
            continue
        counted = share(service)
        ratio = counted["bound"] / max(counted["sites"], 1)
        lines.append("  ".join(f"{counted[name]:>9}" for name in columns) + f"  {ratio:7.2%}  {directory.name}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
