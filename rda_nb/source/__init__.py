"""The only door to the audited tree: what lies inside the boundary is read once, classified and cited from here."""

from __future__ import annotations

from rda_nb.source.commits import paths_at, renamed_since, texts_at
from rda_nb.source.git import GitState
from rda_nb.source.remarks import Remark, remarks
from rda_nb.source.reopen import Reopened, read_report, reopen, reopen_at
from rda_nb.source.report_door import ReadOnlyTarget, write_report
from rda_nb.source.target import Skipped, SourceFile, Target, check_root, read

__all__ = [
    "GitState",
    "ReadOnlyTarget",
    "Remark",
    "Reopened",
    "Skipped",
    "SourceFile",
    "Target",
    "check_root",
    "paths_at",
    "read",
    "read_report",
    "remarks",
    "renamed_since",
    "reopen",
    "reopen_at",
    "texts_at",
    "write_report",
]
