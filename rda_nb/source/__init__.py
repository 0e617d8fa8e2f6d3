"""The only door to the audited tree: what lies inside the boundary is read once, classified and cited from here."""

from __future__ import annotations

from rda_nb.source.git import GitState
from rda_nb.source.remarks import Remark, remarks
from rda_nb.source.report_door import ReadOnlyTarget, write_report
from rda_nb.source.target import Skipped, SourceFile, Target, check_root, read

__all__ = [
    "GitState",
    "ReadOnlyTarget",
    "Remark",
    "Skipped",
    "SourceFile",
    "Target",
    "check_root",
    "read",
    "remarks",
    "write_report",
]
