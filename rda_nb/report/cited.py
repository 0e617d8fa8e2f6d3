"""What a report cites: the evidence of an audit.json, or the places in a Markdown report with the text beside them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rda_nb import source
from rda_nb.core import BadInput
from rda_nb.findings.citations import Cited, citations
from rda_nb.findings.evidence import evidence_of
from rda_nb.findings.state import AUDIT_SCHEMA, read_state

_COMMIT = re.compile(r"(?i)git commit\W{1,12}`?([0-9a-f]{7,64})\b")


@dataclass(frozen=True, slots=True)
class Citation:
    """A place with the text that the report shows of it, '' when it shows none; `where` names it in the report.

    `digest` stands for the text where a report of the kit shows none. `whole` is True when the excerpt is the very text of
    `line` to `end_line`, as audit.json has it; else it is one line of text, perhaps cut, as Markdown has it.
    """

    path: str
    line: int
    where: str
    excerpt: str = ""
    end_line: int = 0
    whole: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report cites, and the commit it was made at ('' when it does not say, or had changes beside it)."""

    citations: tuple[Citation, ...]
    commit: str
    kit_made: bool


def read(path: str | os.PathLike[str]) -> Report:
    """The citations of an audit.json or of a Markdown report, the kit's own or any other. BadInput for anything else."""
    text = source.read_report(path)
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except ValueError as error:
            raise BadInput(f"{path}: not JSON ({error})") from None
        if not isinstance(document, dict) or document.get("schema") != AUDIT_SCHEMA:
            raise BadInput(f"{path}: not an audit of this kit (schema {AUDIT_SCHEMA})")
        try:
            return of_document(document)
        except (KeyError, TypeError, AttributeError):
            raise BadInput(f"{path}: not an audit of this kit (it lacks parts of schema {AUDIT_SCHEMA})") from None
    found = of_markdown(text)
    if not found.citations:
        raise BadInput(f"{path}: no citation of the form `path:line` was found in it")
    return found


def of_document(document: Mapping[str, Any]) -> Report:
    """Every piece of evidence in an audit document, each once, named by the first row or finding that holds it."""
    distinct: dict[tuple[str, int, int, str], Citation] = {}
    for where, e in evidence_of(document):
        key = (e["path"], e["line"], e["end_line"], e["excerpt"])
        if key not in distinct:
            distinct[key] = Citation(e["path"], e["line"], where, e["excerpt"], e["end_line"], True)
    git = document["run"]["git"]
    return Report(tuple(distinct.values()), "" if git.get("dirty") else git.get("commit") or "", True)


def of_markdown(text: str) -> Report:
    """The citations of a Markdown report, with the text beside them where it shows some."""
    state = read_state(text)
    digests = state.get("cited") if state is not None else None
    known = digests if isinstance(digests, dict) else {}
    found = tuple(
        Citation(c.path, c.line, f"line {c.at}", c.quoted, digest=_digest(known, c))
        for c in citations(text)
        # The kit names the file each time; what looks like `:8080` in its reports is quoted code.
        if not (c.bare and state is not None)
    )
    if state is not None:
        return Report(found, "" if state.get("dirty") else str(state.get("commit", "")), True)
    commit = _COMMIT.search(text)
    return Report(found, commit[1] if commit else "", False)


def _digest(known: Mapping[str, Any], c: Cited) -> str:
    lines = known.get(c.path)
    return str(lines.get(str(c.line), "")) if isinstance(lines, dict) else ""
