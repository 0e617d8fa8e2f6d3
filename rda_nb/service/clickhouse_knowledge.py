"""What is known of ClickHouse: the numbers that judgements rest on, with their sources, and the server settings of interest."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml

_ROOT = resources.files("rda_nb") / "knowledge" / "clickhouse"


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


@cache
def read(name: str) -> Any:
    """One file of knowledge/clickhouse."""
    return yaml.load((_ROOT / name).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
