"""Records one verdict on a finding of an audit, after it was checked against that audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rda_nb.core import BadInput
from rda_nb.findings.review_edit import checked_day, put_verdict
from rda_nb.findings.review_file import VERDICTS


def record(audit: Mapping[str, Any], file: Path, target: Path, given: Mapping[str, str]) -> str:
    """Write one verdict into a review file; returns a line that says what was written where.

    `given` has the keys of a verdict: finding, or rule and path; verdict, owner, reason, expiry. The day of the audit
    becomes its date. BadInput for a finding, check, verdict or day that is not right.
    """
    if given["verdict"] not in VERDICTS:
        raise BadInput(f"verdict {given['verdict']!r}: expected one of {', '.join(VERDICTS)}")
    for key in ("owner", "reason"):
        if not given[key].strip():
            raise BadInput(f"{key} is missing: a verdict stands in the report with its owner and reason")
    today = date.fromisoformat(audit["run"]["timestamp_utc"][:10])
    expiry = given.get("expiry", "")
    if expiry:
        checked_day("until", expiry, today=today)
    if given["finding"]:
        found = next((f for f in audit["findings"] if f["id"] == given["finding"]), None)
        if found is None:
            raise BadInput(f"no finding of this audit has the id {given['finding']!r}; `rda review --list` shows them")
        said = f"{found['priority']} {found['title']}, {place(found)}"
    else:
        said = ""
        if given["rule"] not in {*audit["rules"], *(f["rule"] for f in audit["findings"])}:
            raise BadInput(f"no check is called {given['rule']!r}")
    order = ("finding", "rule", "path", "verdict", "owner", "reason", "date", "expiry")
    entry = {**given, "date": today.isoformat()}
    done = put_verdict(file, target, {key: entry.get(key, "") for key in order}, said)
    ends = f"until {expiry}" if expiry else "without an end date"
    return f"{done} in {file}: {given['verdict']} {ends}, {said or given['rule'] + ' in ' + given['path']}"


def place(finding: Mapping[str, Any]) -> str:
    """`path:line` of a finding's site."""
    site = finding["evidence"][0]
    return f"{site['path']}:{site['line']}"
