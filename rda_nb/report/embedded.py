"""The audit as data inside an executed notebook: one cell's output, which papermill and Lab both keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rda_nb.core import BadInput

AUDIT_MIME = "application/vnd.rda.audit+json"


def payload(audit: Mapping[str, Any]) -> str:
    """The audit as one compact string: nbformat indents nested JSON, which adds a third to a large audit."""
    return json.dumps(audit, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def audit_of(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The audit that an executed notebook carries; BadInput when it was not run to its end."""
    for cell in reversed(notebook["cells"]):
        for output in reversed(cell.get("outputs", ())):
            data = output.get("data", {})
            if AUDIT_MIME in data:
                audit: dict[str, Any] = json.loads(data[AUDIT_MIME])
                return audit
    raise BadInput("this notebook carries no audit: run it to its last cell, then export it")
