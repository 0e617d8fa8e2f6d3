"""Section 3.7: what a minimum load and performance harness needs in this service, and where it would live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from posixpath import dirname

from rda_nb.core import Evidence
from rda_nb.findings.context import Statement
from rda_nb.findings.criteria import wording
from rda_nb.records import CriticalPath, ExternalCall, Finding, ValidationAsset

_EXIT_CRITERIA = 3


def plan(
    assets: Iterable[ValidationAsset],
    flows: Sequence[CriticalPath],
    calls: Sequence[ExternalCall],
    found: Sequence[Finding],
    language: str,
) -> tuple[Statement, ...]:
    """One statement per missing part of the harness, then what it must prove: the top findings' verifications."""
    kept = [asset for asset in assets if asset.present and asset.evidence]
    present = {asset.kind for asset in kept}
    missing = [part for part in wording()["harness"] if not present.intersection(part["have"])]
    covered = {path for asset in kept for path in asset.covers}
    hot = [f for f in flows if f.hot and f.evidence]
    # First a path that nothing drives yet, and of those the one that waits for most.
    hot.sort(key=lambda f: (f.flow in covered, -len(f.blocking_io)))
    flow = next(iter(hot), next((f for f in flows if f.evidence), None))
    if flow is None:
        return (Statement(wording()["harness_gap"], (), "harness"),) if missing else ()
    parts = [_part(part.get(language, part["any"]), flow, calls) for part in missing]
    return (*parts, *_exit_criteria(found))


def _part(form: str, flow: CriticalPath, calls: Sequence[ExternalCall]) -> Statement:
    """One missing part; it cites the flow when it names it."""
    site = flow.evidence[0]
    folder = dirname(site.path)
    if not folder:
        form = form.replace("{dir}/", "")
    text = form.format(dir=folder, symbol=flow.symbol or flow.entrypoint, systems=_systems(flow, calls))
    return Statement(text, (site,) if "{symbol}" in form else (), "harness")


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
