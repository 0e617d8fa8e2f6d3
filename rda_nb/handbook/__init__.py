"""The generated pages: the checks' README, and what `docs` says of the numbers. `python -m rda_nb.handbook` rewrites them."""

from __future__ import annotations

from pathlib import Path

from rda_nb.checks import Check, checks
from rda_nb.findings.criteria import checklist
from rda_nb.handbook import examples, figures, precision

_PACKAGE = Path(__file__).resolve().parent.parent
_DOCS = _PACKAGE.parent / "docs"
_HEAD = """# Checks

Written by `make docs` from the page that each check opens with; edit the check, not this file.

A check reads the resolved service and yields rows of one table. Its topics decide which of the ten questions the rows
answer; its consequence, with the row's place on a hot path, decides the priority of a finding.
"""


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    known = checks()
    index = "\n".join(f"- [{check.id}](#{check.id}): {check.page.title}" for check in known)
    return {
        _PACKAGE / "checks" / "README.md": "\n".join([_HEAD, index, *(_section(check) for check in known)]),
        _DOCS / "resolution.md": figures.resolution(_DOCS / "records"),
        _DOCS / "external-calls.md": figures.external_calls(_DOCS / "records"),
        _DOCS / "history.md": figures.history(_DOCS / "records"),
        _DOCS / "worked-examples.md": examples.page(),
        _DOCS / "precision.md": precision.precision(_DOCS / "records"),
    }


def _section(check: Check) -> str:
    page = check.page
    asked = [str(question.n) for question in checklist().questions if set(question.topics) & set(page.topics)]
    told = [
        f"*Table* `{page.rows.table}`. *Topics* {', '.join(page.topics)}. *Questions* {', '.join(asked) or 'none'}.",
        f"*Consequence* {page.consequence}. *Impact* {page.impact}.",
        f"**Why.** {page.why}",
        f"**Remedy.** {page.remedy}",
        f"**Proof.** {page.proof}",
    ]
    if page.references:
        told.append("**Read on.** " + ", ".join(f"<{reference}>" for reference in page.references))
    return f"\n## {check.id}\n\n{page.title}.\n\n" + "\n\n".join(told) + "\n"


def main() -> None:
    """Rewrite every generated page."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
