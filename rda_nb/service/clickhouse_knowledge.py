"""What is known of ClickHouse: the numbers that judgements rest on, with their sources, and the server settings of interest."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from rda_nb.service import knowledge_files


class Advice(NamedTuple):
    """A number of the knowledge files with its source."""

    value: float
    unit: str
    text: str
    since: str
    source: str


@cache
def advice(name: str) -> Advice:
    """One number that judgements rest on, from knowledge/clickhouse/advice.yaml."""
    row = read("advice.yaml")["advice"][name]
    return Advice(float(row["value"]), row["unit"], row["text"], str(row["since"]), row["source"])


def read(name: str) -> Any:
    """One file of knowledge/clickhouse."""
    return knowledge_files.read(f"clickhouse/{name}")
