"""Judgement: rows become answers, findings with priorities, actions, and a delta to the previous run."""

from __future__ import annotations

from rda_nb.findings.conclude import Conclusion, conclude
from rda_nb.findings.criteria import checklist, rubric
from rda_nb.findings.handwritten import read_prior
from rda_nb.findings.state import read_state

__all__ = ["Conclusion", "checklist", "conclude", "read_prior", "read_state", "rubric"]
