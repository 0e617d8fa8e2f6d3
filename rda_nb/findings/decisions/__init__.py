"""Architectural decisions held against the code: read from their documents, compared row by row, never taken as truth."""

from __future__ import annotations

from rda_nb.findings.decisions.compare import Decision, Decisions, compare

__all__ = ["Decision", "Decisions", "compare"]
