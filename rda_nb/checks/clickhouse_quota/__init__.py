"""Quotas and limits that configuration files of the target give the users of a ClickHouse server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Origin, known
from rda_nb.records import Control, Page

if TYPE_CHECKING:
    from rda_nb.facts.doc_config import Entry
    from rda_nb.service import Service

PAGE = Page(
    title="A quota of the server does not hold a query back",
    topics=("clickhouse-queries", "configurability"),
    consequence="unpredictability",
    rows=Control,
    why="What one user may read, return and run for decides what one query can cost all others.",
    remedy="Set the limits that matter (time, rows read, result rows, memory), and mount the file where the server reads it.",
    proof="A query beyond each limit ends with the server's error.",
    impact="overload",
    references=(
        "https://clickhouse.com/docs/operations/quotas",
        "https://clickhouse.com/docs/operations/settings/query-complexity",
    ),
)

_ROOTS = frozenset({"yandex", "clickhouse"})
# Below `quotas` per interval, below `profiles` per query; ClickHouse docs, operations/quotas and settings/query-complexity.
_QUOTA = {
    "queries": "count",
    "query_selects": "count",
    "query_inserts": "count",
    "errors": "count",
    "result_rows": "items",
    "result_bytes": "bytes",
    "read_rows": "items",
    "read_bytes": "bytes",
    "execution_time": "s",
}
_PROFILE = {
    "max_execution_time": "s",
    "max_memory_usage": "bytes",
    "max_memory_usage_for_user": "bytes",
    "max_result_rows": "items",
    "max_result_bytes": "bytes",
    "max_rows_to_read": "items",
    "max_bytes_to_read": "bytes",
    "max_concurrent_queries_for_user": "count",
}


def assess(service: Service) -> Iterator[Control]:
    """One row per limit in the users' part of a server's configuration."""
    for entry in service.documents.entries if service.documents is not None else ():
        keys = [str(key) for key in entry.keys]
        if len(keys) < 3 or not _ROOTS.intersection(keys[:1]) or not entry.value.isdigit():
            continue
        unit = {"quotas": _QUOTA, "profiles": _PROFILE}.get(keys[1], {}).get(keys[-1])
        if unit is not None:
            yield _row(service, entry, keys, unit)


def _row(service: Service, entry: Entry, keys: list[str], unit: str) -> Control:
    place = service.target.cite(entry.path, entry.line, entry.line)
    number = float(entry.value)
    name = keys[-1].replace("_", " ")
    per = "an interval" if keys[1] == "quotas" else "a query"
    off = number == 0
    value = known(number, unit, Origin("override", f"{keys[-1]}: {entry.value}", place), config_key=".".join(keys[1:]))
    said = "0, which is no limit" if off else f"{number:,.10g}{' s' if unit == 's' else ''}"
    whose = f"{keys[1].removesuffix('s').capitalize()} {keys[2]}"
    return Control(
        control=f"{name} of a ClickHouse user",
        kind="resource_limit",
        value=value,
        bounded=not off,
        configurable=True,
        evidence=(place,),
        assessment=Assessment.CONCERN if off else Assessment.GOOD,
        claim=f"{whose} allows {name} of {said} for {per}; it holds where the file is mounted.",
        symbol=entry.path,
        subject=".".join(keys[1:]),
        hot=None,
        quiet=off,
    )
