"""A clean service with single defects put into it: each must add its own finding, worsen its own answer, and be resolved."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import rda_nb
from rda_nb import checks, facts, languages, service, source
from rda_nb.findings import conclude
from rda_nb.findings.conclude import Conclusion

HERE = Path(__file__).parent
CLEAN = HERE / "sample_services" / "parcel-scans"
MUTATIONS: list[dict[str, Any]] = yaml.safe_load((HERE / "mutations.yaml").read_text(encoding="utf-8"))
WORSE = ("GOOD", "GAP", "CONCERN", "RISK")


@cache
def clean() -> dict[str, Any]:
    """audit.json of the clean service."""
    return dict(rda_nb.audit(CLEAN).document)


def clean_after(prior: dict[str, Any]) -> Conclusion:
    """The clean service judged once more, after a run that found something else."""
    target, rows, resolved = judged()
    return conclude(
        records=rows,
        pages=checks.pages(),
        target=target,
        gaps=resolved.gaps,
        external_deps=resolved.external_deps,
        prior=prior,
    )


@cache
def judged() -> tuple[Any, Any, Any]:
    """The clean service's target, rows and facts, worked out once for all defects."""
    target = source.read(CLEAN)
    resolved = service.resolve(target, facts.extract(target, languages.packs()))
    return target, checks.run(resolved), resolved


def verdicts(document: dict[str, Any]) -> dict[int, str]:
    """Question -> verdict."""
    return {row["n"]: row["assessment"] for row in document["tables"]["checklist"]}


def broken(mutation: dict[str, Any], folder: Path) -> Path:
    """A copy of the clean service with one defect; each text must stand exactly once where it is looked for."""
    target = folder / CLEAN.name
    shutil.copytree(CLEAN, target)
    for edit in mutation["edits"]:
        file = target / edit["file"]
        text = file.read_text(encoding="utf-8")
        assert 1 == text.count(edit["old"]), f"{edit['file']}: {edit['old']!r}"
        file.write_text(text.replace(edit["old"], edit["new"]), encoding="utf-8")
    return target


def test_clean_service_has_no_finding() -> None:
    """The service that all defects are put into has no finding and no answer below GOOD that a rule could be blamed for."""
    assert [] == [(f["rule"], f["priority"]) for f in clean()["findings"]]
    assert set() == {n for n, verdict in verdicts(clean()).items() if verdict in ("CONCERN", "RISK")}


def test_defects_cover_every_question_that_has_findings() -> None:
    """There are more than fifty defects, no two alike, for each question from 2 to 10."""
    assert 50 < len({mutation["name"] for mutation in MUTATIONS}) == len(MUTATIONS)
    assert set(range(2, 11)) == {mutation["question"] for mutation in MUTATIONS}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation["name"] for mutation in MUTATIONS])
def test_defect_is_found_where_it_stands_and_resolved_when_it_is_gone(mutation: dict[str, Any], tmp_path: Path) -> None:
    """One defect adds one finding at its line, worsens its question and those listed with a reason, and is resolved after."""
    document = dict(rda_nb.audit(broken(mutation, tmp_path)).document)
    before = {finding["id"] for finding in clean()["findings"]}
    added = [finding for finding in document["findings"] if finding["id"] not in before]
    assert [mutation["rule"]] == [finding["rule"] for finding in added]
    assert mutation["site"] in added[0]["evidence"][0]["excerpt"]
    assert mutation["question"] == added[0]["question"]
    assert added[0]["priority"] == "P2" or re.search(r"\d", added[0]["recommendation"] + added[0]["verification"])

    was, now = verdicts(clean()), verdicts(document)
    changed = {n for n in was if was[n] != now[n]}
    assert {mutation["question"], *mutation.get("also", ())} == changed
    assert [] == [n for n in changed if WORSE.index(now[n]) < WORSE.index(was[n])]

    delta = clean_after(document).delta
    assert [mutation["rule"]] == [change.rule for change in delta.resolved]
    assert () == delta.added
