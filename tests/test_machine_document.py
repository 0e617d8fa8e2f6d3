"""audit.json follows its contract."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rda_nb.core import Formula, Origin, absent, known, unknown
from rda_nb.findings import conclude
from rda_nb.report import display, machine
from rda_nb.report.frames import flat, frames, write_csv
from rda_nb.source import Target
from tests.findings_sample import GAPS, PAGES, RUN, external_deps, make_records, make_target

EVIDENCE_KEYS = {"path", "line", "end_line", "excerpt", "role"}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """The sample service."""
    return make_target(tmp_path_factory.mktemp("service"))


@pytest.fixture
def audit(target: Target) -> dict[str, Any]:
    """The audit document of the sample's rows."""
    conclusion = conclude(
        records=make_records(target),
        pages=PAGES,
        target=target,
        gaps=GAPS,
        external_deps=external_deps(target),
        run=RUN,
    )
    return machine.document(conclusion, target=target, run=RUN)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """The document's schema, itself checked."""
    schema = json.loads(files("rda_nb.audits").joinpath("performance_capacity/audit.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_document_is_valid(audit: dict[str, Any], validator: Draft202012Validator) -> None:
    """A full document satisfies the schema after a round trip through its text."""
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(json.loads(machine.dumps(audit)))]
    assert errors == []


def test_empty_document_is_valid(tmp_path: Path, validator: Draft202012Validator) -> None:
    """A target in which nothing was found still gives a valid document with ten answers."""
    target = make_target(tmp_path, {"README.md": "nothing\n"})
    document = machine.document(conclude(records={}, pages={}, target=target), target=target, run={})
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(document)]
    assert (errors, len(document["tables"]["checklist"])) == ([], 10)


@pytest.mark.parametrize(
    "breach",
    [
        lambda a: a["tables"]["controls"][0].update(assessment="BAD"),
        lambda a: a["tables"]["controls"][0].update(evidence=[], assessment="RISK"),
        lambda a: a["tables"]["external_calls"][0].update(bounded=False, worst_case_s=1.0),
        lambda a: a["findings"][0].update(evidence=[]),
        lambda a: a["findings"][0]["evidence"][0].update(line=0),
        lambda a: a["actions"][0].pop("verification"),
        lambda a: a["tables"]["checklist"].pop(),
    ],
)
def test_schema_refuses_a_breach(audit: dict[str, Any], validator: Draft202012Validator, breach: Any) -> None:
    """The schema notices what the contract forbids; a schema that accepts everything would prove nothing."""
    breach(audit)
    assert not validator.is_valid(audit)


def test_evidence_has_exactly_the_contract_s_keys(audit: dict[str, Any]) -> None:
    """Every citation, wherever it stands, is path, line, end_line, excerpt and role."""

    def walk(node: Any) -> int:
        if isinstance(node, dict):
            found = 0
            for key, value in node.items():
                if key == "evidence":
                    assert all(set(e) == EVIDENCE_KEYS for e in value)
                    found += len(value)
                found += walk(value)
            return found
        return sum(map(walk, node)) if isinstance(node, list) else 0

    assert walk(audit) > 50


def test_excerpts_stand_at_their_lines(audit: dict[str, Any], target: Target) -> None:
    """Every excerpt of a finding is the text of the cited line."""
    for finding in audit["findings"]:
        for e in finding["evidence"]:
            file = target.file(e["path"])
            assert file is not None
            assert e["excerpt"].split("\n")[0].strip() == file.lines[e["line"] - 1].strip()


def test_numbers_are_numbers(audit: dict[str, Any]) -> None:
    """Values stand in their unit, unbounded is null with `bounded: false`, unknown is null with a gap."""
    controls = {row["control"]: row for row in audit["tables"]["controls"]}
    assert (controls["Worker concurrency"]["value"], controls["Worker concurrency"]["unit"]) == (8, "count")
    unbounded, unknown_ = controls["Map `seen`"], controls["Channel `queue`"]
    assert (unbounded["value"], unbounded["bounded"], unbounded["gap"]) == (None, False, None)
    assert (unknown_["value"], unknown_["gap"]) == (None, "made outside the target")
    calls = {row["operation"]: row for row in audit["tables"]["external_calls"]}
    assert tuple(
        calls["ClickHouse insert events"][key] for key in ("timeout_s", "attempts", "worst_case_s", "bounded")
    ) == (300, 3, 900.0, True)
    assert tuple(calls["SQS receive"][key] for key in ("timeout_s", "worst_case_s", "bounded")) == (None, None, False)


def test_rows_point_to_their_findings(audit: dict[str, Any]) -> None:
    """Each row of a finding names it, and each finding lists its rows."""
    rows = {row["id"]: row for table, some in audit["tables"].items() if table != "checklist" for row in some}
    for finding in audit["findings"]:
        assert all(rows[key]["finding"] == finding["id"] for key in finding["rows"])
    raised = {row["finding"] for row in rows.values() if row["finding"]}
    assert {f["id"] for f in audit["findings"]} == raised


def test_text_is_stable_and_ends_with_a_newline(audit: dict[str, Any]) -> None:
    """The text is JSON without NaN, and loading and writing it again changes nothing."""
    text = machine.dumps(audit)
    assert text.endswith("}\n")
    assert text == machine.dumps(json.loads(text))
    with pytest.raises(ValueError, match="not JSON compliant"):
        machine.dumps({"value": float("inf")})


def test_tables_become_frames_and_csv(audit: dict[str, Any], tmp_path: Path) -> None:
    """Every table is a data frame and a CSV file with one line per row, its site in columns."""
    made = frames(audit)
    assert len(audit["tables"]["controls"]) == len(made["controls"])
    assert {"path", "line", "excerpt", "assessment"} <= set(made["findings"].columns)
    written = write_csv(audit, tmp_path / "csv")
    assert {f"{name}.csv" for name in flat(audit)} == {path.name for path in written}
    with (tmp_path / "csv" / "controls.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["control"] for row in audit["tables"]["controls"]] == [row["control"] for row in rows]
    assert {"config/config.go", "worker/consumer.go"} == {row["path"] for row in rows}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (display.seconds(0.0002), "200 µs"),
        (display.seconds(0.25), "250 ms"),
        (display.seconds(15.3), "15.3 s"),
        (display.seconds(300), "300 s (5 min)"),
        (display.seconds(15000), "15,000 s (4.17 h)"),
        (display.amount(5 * 1024 * 1024, "bytes"), "5 MiB"),
        (display.amount(1000, "items"), "1,000 items"),
        (display.quantity(unknown("set in the chart")), "GAP: set in the chart"),
        (display.quantity(absent("")), "none"),
        (display.control(absent("nothing removes an entry"), False), "unbounded: nothing removes an entry"),
        (display.timeout(absent("", "s"), "none"), "none"),
        (
            display.timeout(
                known(300, "s", Origin("library_default", "5m", source="clickhouse-go v2")), "library_default"
            ),
            "library default 300 s (5 min) (clickhouse-go v2)",
        ),
        (display.retries(known(3, "count"), known(0.1, "s"), "client"), "3 attempts, backoff 100 ms (client)"),
        (display.retries(known(1, "count"), absent(""), "none"), "1 attempt"),
        (display.brief("net dial.go: every address is tried once (go1.27)"), "net dial.go (go1.27)"),
        (display.brief("clickhouse-go v2.30.0"), "clickhouse-go v2.30.0"),
        (display.formula(Formula("3 x T", None, "s", bounded=False)), "unbounded: 3 x T"),
        (display.formula(Formula("3 x unbounded", None, "s", bounded=False)), "3 x unbounded"),
        (display.formula(Formula("3 x T", None, "s", missing="T")), "3 x T (GAP: T)"),
        (display.formula(Formula("3 x 5 s", 15.0, "s")), "3 x 5 s = 15 s"),
    ],
)
def test_display_says_value_and_source(text: str, expected: str) -> None:
    """Display texts carry the unit, the source, and the words for unbounded and unknown."""
    assert expected == text
