"""The No Speculation rule on the report's own text: what 4.1, 4.2 and 5 state cites a place that this run read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rda_nb.findings.citations import cited_in
from rda_nb.findings.evidence import evidence_of

_SECTIONS = ("### 4.1 ", "### 4.2 ", "## 5. ")
_NOTHING = "- None"


def check(audit: Mapping[str, Any], markdown: str) -> tuple[bool, str]:
    """Whether the rule holds, and the first sentence without evidence when it does not."""
    read = {(e["path"], e["line"]) for _, e in evidence_of(audit)}
    count = 0
    for section, line in _stated(markdown):
        places = {(c.path, c.line) for c in cited_in(line)}
        if not places:
            return False, f"section {section} states without evidence: {_short(line)}"
        if not places & read:
            return False, f"section {section} cites what this run did not read: {_short(line)}"
        count += 1
    return True, f"{count} sentences, each with a place that was read"


def _stated(markdown: str) -> Iterator[tuple[str, str]]:
    """Section and line of everything that these sections say; headings, `None` and counts of what is not shown say nothing."""
    section = ""
    for line in markdown.splitlines():
        if line.startswith("<!--"):
            section = ""
        elif line.startswith("#"):
            named = next((name for name in _SECTIONS if line.startswith(name)), "")
            # The priorities below section 5 are headings of their own.
            inside = section == "5" and line.startswith("### P")
            section = "5" if inside else named.strip("# .")
        elif section and line.strip() and line.strip() != _NOTHING and not _is_count(line):
            yield section, line


def _is_count(line: str) -> bool:
    """`- *12 more in the HTML*`, `- *2 waived, see 4.2*`: a number, not a statement on the service."""
    text = line.strip().removeprefix("- ")
    return text.startswith("*") and text.endswith((" in the HTML*", " waived, see 4.2*")) and not text.startswith("**")


def _short(line: str) -> str:
    return line.strip()[:100]
