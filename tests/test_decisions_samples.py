"""Three small services with decisions as engineers write them: every statement is judged as a reviewer judges it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import rda_nb
from rda_nb.report.frames import flat

SAMPLES = Path(__file__).parent / "sample_services"
SERVICES = sorted(path.stem for path in SAMPLES.glob("*.yaml"))


@pytest.fixture(scope="module", params=SERVICES)
def sample(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document of a sample's audit and what a reviewer expects of it."""
    expected = yaml.safe_load((SAMPLES / f"{request.param}.yaml").read_text(encoding="utf-8"))
    return dict(rda_nb.audit(SAMPLES / request.param).document), expected


def verdicts(document: dict[str, Any], quote: str, stated: str = "") -> set[str]:
    """The verdicts of what one piece of a decision states; a statement that no entry covers has none."""
    return {d["verdict"] for d in document["decisions"] if quote in d["quote"] and stated in d["stated"]}


def test_every_statement_is_judged_right(sample: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Ten true, five drifting and two dangerous statements: 17 of 17."""
    document, expected = sample
    assert [10, 5, 2] == [len(expected[kind]) for kind in ("holding", "drifting", "dangerous")]
    wanted = [entry for kind in ("holding", "drifting", "dangerous") for entry in expected[kind]]
    judged = {(quote, *stated): verdicts(document, quote, *stated) for quote, _, *stated in wanted}
    assert {(quote, *stated): {verdict} for quote, verdict, *stated in wanted} == judged


def test_nothing_beyond_the_statements_drifts(sample: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """No other sentence of the documents is called a departure or a danger."""
    document, expected = sample
    meant = [(quote, *stated) for kind in ("drifting", "dangerous") for quote, _, *stated in expected[kind]]
    others = [
        (d["quote"], d["stated"], d["verdict"])
        for d in document["decisions"]
        if d["verdict"] in ("DRIFT", "DECISION RISK")
        if not any(quote in d["quote"] and "".join(stated) in d["stated"] for quote, *stated in meant)
    ]
    assert [] == others


def test_what_is_not_decided_is_not_compared(sample: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Superseded and rejected records, contexts, trade-offs, options that were not taken and templates state nothing."""
    document, expected = sample
    assert [] == [d["quote"] for d in document["decisions"] for text in expected.get("never", ()) if text in d["quote"]]


def test_tables_of_decisions_show_their_own_place(sample: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """In data frames and CSV a decision stands at its document's line, with its own text."""
    document, _ = sample
    for decision, row in zip(document["decisions"], flat(document)["decisions"], strict=True):
        assert (decision["path"], decision["line"]) == (row["path"], row["line"])
        assert (
            decision["quote"].split()[-1].strip("`.;:") in row["excerpt"].replace("|", " ") or "…" in decision["quote"]
        )


def test_departures_and_dangers_are_findings_with_an_action(sample: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Each carries its label, quotes its decision with the heading, and has an action with a verification."""
    document, expected = sample
    for kind, label in (("drifting", "DRIFT"), ("dangerous", "DECISION RISK")):
        for quote, _, *stated in expected[kind]:
            decision = next(d for d in document["decisions"] if quote in d["quote"] and "".join(stated) in d["stated"])
            own = (decision["path"], decision["line"])
            found = [
                f
                for f in document["findings"]
                if f["label"] == label and own in [(e["path"], e["line"]) for e in f["evidence"]]
            ]
            assert found, (quote, label)
            assert any(decision["heading"] in f["claim"] for f in found)
            ids = {f["id"] for f in found}
            actions = [a for a in document["actions"] if ids.intersection(a["findings"])]
            assert actions and all(a["verification"] and a["item"] for a in actions)
