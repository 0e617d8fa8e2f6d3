"""report.sarif: valid SARIF 2.1.0, complete, and nothing in it that is not in audit.json."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

import rda_nb
from rda_nb import checks
from rda_nb.core import Assessment
from rda_nb.findings import conclude
from rda_nb.findings.review_file import ReviewFile, parse
from rda_nb.records import Record
from rda_nb.report import machine, sarif
from rda_nb.scaffold import copy_example
from rda_nb.source import Target
from tests.findings_sample import FILES, PAGES, make_records, make_target

RUN = {"timestamp_utc": "2027-01-31T12:00:00Z", "kit_version": "0.1.0"}
REVIEW = """
verdicts:
  - {rule: regex_in_loop, path: '**', verdict: false alarm, owner: Ada, reason: it is cached, expiry: 2027-01-31}
  - {rule: metric_labels, path: '**', verdict: accepted, owner: Ada, reason: few tenants, expiry: 2026-12-31}
findings:
  - title: Each message is logged
    priority: P2
    question: 8
    reviewer: a model
    evidence: [{path: worker/consumer.go, line: 11, excerpt: c.log.Info}]
    recommendation: Log less.
    verification: Read the log.
"""


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    """The standard's own schema, itself checked."""
    schema = json.loads((Path(__file__).parent / "sarif" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """The sample service, with a remark in its source."""
    writer = FILES["migrations/001.sql"].rstrip("\n") + " -- rda:ignore partition_key -- small until 2027-06-30\n"
    return make_target(tmp_path_factory.mktemp("service"), FILES | {"migrations/001.sql": writer})


def _audit(
    target: Target, records: dict[str, tuple[Record, ...]] | None = None, prior: Any = None, pages: Any = PAGES
) -> dict[str, Any]:
    conclusion = conclude(
        records=make_records(target) if records is None else records,
        pages=pages,
        target=target,
        run=RUN,
        prior=prior,
        reviewed=ReviewFile("x.review.yaml", "0" * 64, parse(REVIEW, "x")),
    )
    return machine.document(conclusion, target=target, run=RUN)


def _errors(validator: Draft4Validator, log: dict[str, Any]) -> list[str]:
    return [f"{list(e.absolute_path)}: {e.message[:300]}" for e in validator.iter_errors(log)]


def _results(log: dict[str, Any]) -> list[dict[str, Any]]:
    (run,) = log["runs"]
    found: list[dict[str, Any]] = run["results"]
    return found


def test_a_real_audit_is_valid(validator: Draft4Validator, tmp_path: Path) -> None:
    """The bundled example's log follows the schema, and every check of the kit is declared in it."""
    log = json.loads(rda_nb.audit(copy_example(tmp_path / "orders-ingest")).sarif())
    assert [] == _errors(validator, log)
    assert "2.1.0" == log["version"]
    declared = [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
    assert sorted([*checks.pages(), "reviewer"]) == declared
    assert len(_results(log)) > 20
    assert all(declared[result["ruleIndex"]] == result["ruleId"] for result in _results(log))


@pytest.mark.parametrize(
    "breach",
    [
        lambda result: result.update(level="fatal"),
        lambda result: result.update(baselineState="fresh"),
        lambda result: result.pop("message"),
        lambda result: result["suppressions"].append({"justification": "no kind"}),
        lambda result: result["locations"][0]["physicalLocation"]["region"].update(startLine=0),
    ],
)
def test_the_schema_notices_a_breach(validator: Draft4Validator, target: Target, breach: Any) -> None:
    """A schema that took everything would prove nothing."""
    log = sarif.log(_audit(target))
    breach(_results(log)[0])
    assert _errors(validator, log)


def test_a_first_run_has_no_baseline(validator: Draft4Validator, target: Target) -> None:
    """Each finding is one result with its fingerprint, level, place and supporting places; no state is claimed."""
    audit = _audit(target)
    log = sarif.log(audit)
    assert [] == _errors(validator, log)
    assert [f["id"] for f in audit["findings"]] == [r["partialFingerprints"]["rdaFinding/v1"] for r in _results(log)]
    for finding, result in zip(audit["findings"], _results(log), strict=True):
        assert {"P0": "error", "P1": "warning", "P2": "note"}[finding["priority"]] == result["level"]
        site = result["locations"][0]["physicalLocation"]
        first = finding["evidence"][0]
        assert (first["path"], first["line"]) == (
            unquote(site["artifactLocation"]["uri"]), site["region"]["startLine"]
        )  # fmt: skip
        assert len(finding["evidence"]) - 1 == len(result.get("relatedLocations", ()))
        assert finding["verification"].rstrip(".") in result["message"]["text"]
    assert not any("baselineState" in result for result in _results(log))


def test_suppressions_say_where_and_why(validator: Draft4Validator, target: Target) -> None:
    """The file's are external, a comment's in the source; one that has ended suppresses nothing; all results have the list."""
    log = sarif.log(_audit(target))
    found = {r["ruleId"]: r["suppressions"] for r in _results(log) if r["suppressions"]}
    assert {"regex_in_loop": "external", "partition_key": "inSource"} == {
        rule: suppressions[0]["kind"] for rule, suppressions in found.items()
    }
    (told,) = found["regex_in_loop"]
    assert ("accepted", "it is cached") == (told["status"], told["justification"])
    assert ("false alarm", "Ada", "2027-01-31") == tuple(told["properties"][k] for k in ("verdict", "owner", "expiry"))
    assert "2027-06-30" == found["partition_key"][0]["properties"]["expiry"]
    assert all("suppressions" in result for result in _results(log))
    ended = next(r for r in _results(log) if r["ruleId"] == "metric_labels")
    assert "it ended on 2026-12-31" in ended["properties"]["review"]
    added = next(r for r in _results(log) if r["ruleId"] == "reviewer")
    assert "a model" == added["properties"]["reviewer"]


def test_a_comparison_gives_every_result_its_state(validator: Draft4Validator, target: Target) -> None:
    """New, unchanged, updated and absent; what only another version of a check differs in is not new."""
    records = make_records(target)
    before = {
        **records,
        "hotspots": tuple(r for r in records["hotspots"] if r.rule != "regex_in_loop"),
        "clickhouse": tuple(replace(r, assessment=Assessment.CONCERN) for r in records["clickhouse"]),
        "signals": tuple(replace(r, symbol="other", subject="gone") for r in records["signals"]),
    }
    prior = _audit(target, before)
    pages = PAGES | {"validation_assets": replace(PAGES["validation_assets"], version=2)}
    log = sarif.log(_audit(target, prior=prior, pages=pages))
    assert [] == _errors(validator, log)
    states = {(r["ruleId"], r["baselineState"]) for r in _results(log)}
    assert {
        ("regex_in_loop", "new"),
        ("partition_key", "updated"),
        ("metric_labels", "unchanged"),
        ("validation_assets", "updated"),
    } <= states
    assert {"new", "unchanged", "updated"} <= {state for _, state in states}
    changed = next(r for r in _results(log) if r["ruleId"] == "validation_assets")
    assert "detector changed" == changed["properties"]["change"]


def test_what_is_resolved_is_absent(validator: Draft4Validator, target: Target) -> None:
    """A reader closes the alert by its fingerprint; nothing else of it was remembered than its place."""
    prior = _audit(target)
    records = {table: rows for table, rows in make_records(target).items() if table != "clickhouse"}
    log = sarif.log(_audit(target, records, prior))
    assert [] == _errors(validator, log)
    (gone,) = [r for r in _results(log) if r["baselineState"] == "absent"]
    was = next(f for f in prior["findings"] if f["rule"] == "partition_key")
    assert was["id"] == gone["partialFingerprints"]["rdaFinding/v1"]
    assert "migrations/001.sql" == gone["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert Counter({"unchanged": len(prior["findings"]) - 1, "absent": 1}) == Counter(
        r["baselineState"] for r in _results(log)
    )


def test_paths_are_uris(validator: Draft4Validator, target: Target) -> None:
    """Spaces, umlauts and signs are escaped; the folders stay readable."""
    audit = _audit(target)
    audit["findings"][0]["evidence"][0]["path"] = "a b/ö#?.go"
    log = sarif.log(audit)
    assert [] == _errors(validator, log)
    uri = _results(log)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert "a%20b/%C3%B6%23%3F.go" == uri


def test_the_log_is_made_of_the_document_alone(target: Target) -> None:
    """A document that was written and read again gives the same bytes."""
    audit = _audit(target)
    assert sarif.render(audit) == sarif.render(json.loads(machine.dumps(audit)))
