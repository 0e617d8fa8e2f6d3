"""The files of rda_nb/knowledge that are read whole, each once, when something of it is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

_ROOT = resources.files("rda_nb") / "knowledge"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is 8 times faster


@cache
def read(name: str) -> Any:
    """One file by its path below rda_nb/knowledge; everybody is given the same value, so nobody may change it."""
    return yaml.load((_ROOT / name).read_text(encoding="utf-8"), _LOADER)
