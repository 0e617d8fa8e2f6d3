"""What earlier audits and the architects left under `docs/rda`: read as context, never as evidence on the code."""

from __future__ import annotations

import os

from rda_nb.source.walk import DIRECTORY, read_file, reason_of

CONTEXT = ("docs", "rda")
REPORTS = "docs/rda/reports/"
DECISIONS = "docs/rda/ARCHITECTURAL_DECISIONS.md"


def read_context(root_fd: int, limit: int) -> tuple[bytes | str, dict[str, bytes | str]]:
    """The decisions file and each report by path: bytes, or the reason why it could not be read.

    Both are read whatever `.gitignore` says, since a team may well ignore its generated reports.
    """
    reports: dict[str, bytes | str] = {}
    opened: list[int] = []
    decisions: bytes | str = "not found"
    try:
        fd = root_fd
        for name in CONTEXT:
            fd = os.open(name, DIRECTORY, dir_fd=fd)
            opened.append(fd)
        name = DECISIONS.rpartition("/")[2]
        if name in os.listdir(fd):
            decisions = read_file(fd, name, limit)
        fd = os.open("reports", DIRECTORY, dir_fd=fd)
        opened.append(fd)
        for name in sorted(os.listdir(fd)):
            if name.endswith(".md") and name.isprintable():
                reports[REPORTS + name] = read_file(fd, name, limit)
    except FileNotFoundError:
        pass
    except OSError as error:
        if len(opened) < len(CONTEXT):
            decisions = f"docs/rda is not a readable directory: {reason_of(error)}"
        else:
            reports[REPORTS] = f"not a readable directory: {reason_of(error)}"
    finally:
        for fd in reversed(opened):
            os.close(fd)
    return decisions, reports
