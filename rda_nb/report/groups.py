"""Rows that say the same about several places become one line with all its places; and which lines are printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
_RANKS = {"RISK": 0, "CONCERN": 1, "GAP": 2, "GOOD": 3}

# What must be equal for two rows to be one line. The column that may differ is then told as a list of names.
_SAME: Mapping[str, tuple[str, Callable[[Row], tuple[Any, ...]]]] = {
    "critical_paths": ("flow", lambda r: (r["kind"], *r["steps"], "|", *r["blocking_io"], r["goal"], r["bottleneck"])),
    "controls": ("control", lambda r: (r["kind"], r["control"], *sorted(r["display"].values()))),
    "external_calls": ("operation", lambda r: (r["system"], r["client"].split(" ")[0], *sorted(r["display"].values()))),
    "clickhouse": ("aspect", lambda r: (r["aspect"], r["approach"], r["risk"], r["recommendation"])),
    "hotspots": ("pattern", lambda r: (r["pattern"], r["why"], r["recommendation"])),
    "signals": ("signal", lambda r: (r["signal"], r["present"], r["metric"], r["gap"])),
    "validation": ("item", lambda r: (r["item"], r["kind"], r["detail"])),
}


def grouped(table: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One row per distinct line, in the order of the first of each.

    `names` are the values of the column that may differ, `members` the rows behind the line; sites of all members come
    first in its evidence.
    """
    name, same = _SAME[table]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        key = (row["rule"], row["assessment"], row["hot"], row["label"], bool(row["evidence"]), *same(row))
        groups.setdefault(key, []).append(row)
    return [
        {
            **members[0],
            "names": list(dict.fromkeys(str(row[name]) for row in members)),
            "members": members,
            "evidence": _sites_first(members),
        }
        for members in groups.values()
    ]


def _sites_first(members: Sequence[Row]) -> list[Row]:
    """The sites of all rows, then what supports the first one; each place once."""
    places: dict[tuple[str, int], Row] = {}
    for e in [*(row["evidence"][0] for row in members if row["evidence"]), *members[0]["evidence"][1:]]:
        places.setdefault((e["path"], e["line"]), e)
    return list(places.values())


def choose(rows: Sequence[Row], limits: Mapping[str, int], priorities: Mapping[str, str]) -> list[Row]:
    """The lines that the Markdown shows, in their ranked order.

    Worst verdicts first, within them the highest priority, then as audit.json ranks them; lines of one check and
    verdict give way to others after `alike`, and `good` places are kept for GOOD rows, so that a table shows the
    service and not one check's favourite.
    """
    ranked = sorted(
        enumerate(rows),
        key=lambda pair: (_RANKS[pair[1]["assessment"]], priorities.get(pair[1]["finding"] or "", "P9"), pair[0]),
    )
    seen: dict[tuple[str, str], int] = {}
    first: list[int] = []
    later: list[int] = []
    for index, row in ranked:
        kind = (row["rule"], row["assessment"])
        seen[kind] = seen.get(kind, 0) + 1
        (first if seen[kind] <= limits["alike"] else later).append(index)
    order = [*first, *later]
    good = [i for i in order if rows[i]["assessment"] == "GOOD"][: limits["good"]]
    kept = set(good)
    kept.update([i for i in order if i not in kept][: max(limits["rows"] - len(good), 0)])
    return [row for index, row in ranked if index in kept]
