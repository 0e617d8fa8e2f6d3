"""Action items: what to do about each finding, what it buys, and how to prove it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.records import Finding


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One action with its evidence and a verification that can be carried out; `findings` are ids."""

    priority: str
    item: str
    impact: str
    evidence: tuple[Evidence, ...]
    verification: str
    findings: tuple[str, ...]
    question: int

    def __post_init__(self) -> None:
        if not self.evidence or not self.verification.strip():
            raise ValueError(f"action {self.item!r}: without evidence or verification it is speculation")


def actions(findings: Iterable[Finding]) -> tuple[ActionItem, ...]:
    """One action per (priority, check, remedy, proof), in the order of the findings.

    Findings of one check with the same remedy and proof ask for the same work, so they share an action.
    """
    groups: dict[tuple[str, str, str, str], list[Finding]] = {}
    for f in findings:
        groups.setdefault((f.priority, f.rule, f.recommendation, f.verification), []).append(f)
    return tuple(_action(group) for group in groups.values())


def _action(group: list[Finding]) -> ActionItem:
    """The action of findings that ask for the same work; the first one words its impact."""
    first = group[0]
    evidence: dict[tuple[str, int, int], Evidence] = {}
    for e in [*(f.evidence[0] for f in group), *(e for f in group for e in f.evidence[1:])]:
        evidence.setdefault((e.path, e.line, e.end_line), e)
    more = f" (and {len(group) - 1} more of this kind)" if len(group) > 1 else ""
    said = f"{first.claim.rstrip('. ')}{more}"
    return ActionItem(
        priority=first.priority,
        item=first.recommendation,
        impact=f"{first.impact}: {said}" if first.impact else said,
        evidence=tuple(evidence.values()),
        verification=first.verification,
        findings=tuple(f.id for f in group),
        question=first.question,
    )
