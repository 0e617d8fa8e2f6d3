"""Section 3.7: what a minimum load and performance harness needs in this service, and where it would live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from posixpath import dirname

from rda_nb.core import Evidence
from rda_nb.findings.context import Statement
from rda_nb.findings.criteria import Rubric
from rda_nb.records import CriticalPath, ExternalCall, Finding, ValidationAsset

_EXIT_CRITERIA = 3


def plan(
    assets: Iterable[ValidationAsset],
    flows: Sequence[CriticalPath],
    calls: Sequence[ExternalCall],
    found: Sequence[Finding],
    language: str,
    rubric: Rubric,
) -> tuple[Statement, ...]:
    """One statement per missing part of the harness, then what it must prove: the top findings' verifications."""
    present = {asset.kind for asset in assets if asset.present and asset.evidence}
    missing = [part for part in rubric.harness if not present.intersection(part["have"])]
    flow = next((f for f in flows if f.hot and f.evidence), next((f for f in flows if f.evidence), None))
    if flow is None:
        gap = Statement(f"GAP: {rubric.harness_without_flow}", (), "harness")
        return (gap,) if missing else ()
    site = flow.evidence[0]
    words = {
        "dir": dirname(site.path) or ".",
        "symbol": flow.symbol or flow.entrypoint,
        "site": str(site),
        "systems": _systems(flow, calls),
    }
    parts = [
        Statement(part.get(language, part["any"]).format(**words).replace("./", ""), (site,), "harness")
        for part in missing
    ]
    return (*parts, *_exit_criteria(found))


def _systems(flow: CriticalPath, calls: Sequence[ExternalCall]) -> str:
    """External systems that the flow reaches, by name; all that the service calls when the flow's are not known."""
    on_flow = {c.system for c in calls if flow.flow in c.paths or flow.symbol in c.paths}
    names = sorted((on_flow or {c.system for c in calls}) - {"other"})
    return ", ".join(names) if names else "its dependencies"


def _exit_criteria(found: Sequence[Finding]) -> Iterable[Statement]:
    """Verifications of the first findings, each once: what the harness has to show."""
    proofs: dict[str, tuple[Evidence, ...]] = {}
    for f in found:
        proofs.setdefault(f.verification.rstrip(". "), f.evidence[:1])
    return [Statement(proof, evidence, "exit") for proof, evidence in list(proofs.items())[:_EXIT_CRITERIA] if proof]
