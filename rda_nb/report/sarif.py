"""The findings as SARIF 2.1.0, made of audit.json alone: for code-scanning pages, editors and other tools.

Specification: OASIS Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rda_nb.findings.criteria import wording
from rda_nb.findings.identity import REVIEWER
from rda_nb.report.review import note, waived

Row = Mapping[str, Any]
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "rdaFinding/v1"
_LEVEL = {"P0": "error", "P1": "warning", "P2": "note"}
_ROOT = "SRCROOT"
_DETECTOR = "detector changed"


def render(audit: Row) -> str:
    """The log as text: equal documents give equal bytes."""
    return json.dumps(log(audit), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def log(audit: Row) -> dict[str, Any]:
    """A log of one run.

    Every check is declared, whether it found anything or not, so that a reader can tell a closed alert from a check that
    was not run. `baselineState` stands in every result when the run was compared with an earlier one, and in none otherwise.
    """
    rules = {**audit["rules"], REVIEWER: _reviewers_rule()}
    index = {name: n for n, name in enumerate(sorted(rules))}
    states = _states(audit["delta"])
    results = [_result(f, index, states) for f in audit["findings"]]
    if states is not None:
        results += [_gone(change, index) for change in audit["delta"]["resolved"]]
        results += [_gone(change, index) for change in audit["delta"]["detector"] if not change["evidence"]]
    run = audit["run"]
    driver = {
        "name": "rda_nb",
        "version": run["kit_version"] or "0",
        "rules": [_rule(name, rules[name]) for name in index],
    }
    made: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"rda/performance_capacity/{run['service']}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory of the audited service"}}},
        "results": results,
        "properties": _properties(audit),
    }
    if run["timestamp_utc"]:
        made["invocations"] = [{"executionSuccessful": True, "endTimeUtc": run["timestamp_utc"]}]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [made]}


def _properties(audit: Row) -> dict[str, Any]:
    """What SARIF has no place for: the commit, and the counts raw and with waivers."""
    out = {"commit": audit["run"]["git"].get("commit")}
    return out | {"counts": audit["review"]["counts"]} if audit.get("review") else out


def _reviewers_rule() -> Row:
    """The rule of findings that reviewers added, in the form of audit.json's rules."""
    say = wording()["review"]
    return {"title": say["rule"], "why": say["why"], "version": 1, "topics": [], "consequence": None, "references": []}


def _rule(name: str, rule: Row) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("_")),
        "shortDescription": {"text": rule["title"]},
        "fullDescription": {"text": rule["why"]},
        "properties": {
            "tags": ["performance", *rule["topics"]],
            "version": rule["version"],
            "consequence": rule["consequence"],
        },
    }
    if rule["references"]:
        told["helpUri"] = rule["references"][0]
    return told


def _states(delta: Row) -> dict[str, tuple[str, str]] | None:
    """Finding id -> (baselineState, how it changed); ids that are left out are unchanged. None without a comparison."""
    if not delta.get("compared"):
        return None
    told = {change["id"]: ("new", change["how"]) for change in delta["added"]}
    told |= {change["id"]: ("updated", change["how"]) for change in delta["changed"]}
    # What only another version of a check sees, or sees differently, is never a new risk.
    return told | {change["id"]: ("updated", _DETECTOR) for change in delta["detector"] if change["evidence"]}


def _result(f: Row, index: Mapping[str, int], states: Mapping[str, tuple[str, str]] | None) -> dict[str, Any]:
    site, *others = f["evidence"]
    do = f"Do: {_ended(f['recommendation'])} Prove: {_ended(f['verification'])}"
    made: dict[str, Any] = {
        "ruleId": f["rule"],
        "ruleIndex": index[f["rule"]],
        "level": _LEVEL[f["priority"]],
        "message": {"text": " ".join(dict.fromkeys([_ended(f["title"]), _ended(f["claim"]), do]))},
        "locations": [_location(site)],
        "partialFingerprints": {FINGERPRINT: f["id"]},
        # The specification wants `suppressions` in every result once one result has them.
        "suppressions": [_suppression(f)] if waived(f) else [],
        "properties": {
            "priority": f["priority"],
            "severity": f["severity"],
            "assessment": f["assessment"],
            "question": f["question"],
            "impact": f["impact"],
            "consequence": f["consequence"],
            "label": f["label"],
            "symbol": f["symbol"],
            "sites": f["sites"],
            "reviewer": f.get("reviewer"),
            "review": note(f) or None,
        },
    }
    if others:
        made["relatedLocations"] = [_location(e, n) for n, e in enumerate(others, 1)]
    if states is not None:
        state, how = states.get(f["id"], ("unchanged", ""))
        made["baselineState"] = state
        if how:
            made["properties"]["change"] = how
    return made


def _suppression(f: Row) -> dict[str, Any]:
    """Why the finding does not count. SARIF has no word for the day a suppression ends, so it is a property."""
    given = f["review"]
    return {
        "kind": "inSource" if given["origin"] == "comment" else "external",
        "status": "accepted",
        "justification": given["reason"],
        "properties": {key: given[key] for key in ("verdict", "owner", "date", "expiry", "place")},
    }


def _gone(change: Row, index: Mapping[str, int]) -> dict[str, Any]:
    """A finding of the earlier run that is resolved. Only its identity and place were remembered."""
    made: dict[str, Any] = {
        "ruleId": change["rule"] or "unknown",
        "level": _LEVEL[change["priority"]],
        "message": {"text": change["title"]},
        "partialFingerprints": {FINGERPRINT: change["id"]},
        "baselineState": "absent",
        "suppressions": [],
        "properties": {"priority": change["priority"], "symbol": change["symbol"]},
    }
    if change["rule"] in index:
        made["ruleIndex"] = index[change["rule"]]
    if change["path"]:
        made["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(change["path"])}}]
    return made


def _location(e: Row, number: int | None = None) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(e["path"]),
            "region": {"startLine": e["line"], "endLine": e["end_line"], "snippet": {"text": e["excerpt"]}},
        }
    }
    return place if number is None else {"id": number, "message": {"text": e["role"]}, **place}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path, safe="/"), "uriBaseId": _ROOT}


def _ended(text: str) -> str:
    """The sentence with its period."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


__all__: Sequence[str] = ("FINGERPRINT", "log", "render")
