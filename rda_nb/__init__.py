"""Performance and capacity readiness audits of one backend service, from its source alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rda_nb.pipeline import Audit

__version__ = "0.1.0"
__all__ = ["__version__", "audit"]


def audit(target: str | os.PathLike[str], **parameters: Any) -> Audit:
    """Audit the service in a directory and return its findings; nothing is written.

    `parameters` are those of the notebook (see `rda_nb.parameters.Parameters`). Raises `core.BadInput` for a wrong
    target or parameter.
    """
    from rda_nb import pipeline

    return pipeline.run({"TARGET_SERVICE_PATH": os.fspath(target), **parameters})
