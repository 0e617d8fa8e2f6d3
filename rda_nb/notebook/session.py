"""One audit, driven stage by stage from the cells of a notebook."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rda_nb import pipeline
from rda_nb.core import BadInput
from rda_nb.findings.review_record import record
from rda_nb.notebook.cells import Carried, Figures, Shown, Stage
from rda_nb.parameters import parameters as checked
from rda_nb.report import html
from rda_nb.report import review as said


class Session:
    """One audit, driven stage by stage by a notebook's cells.

    A stage that is asked for runs the stages before it that have not run; the parts and tables run all of them.
    """

    def __init__(self, **parameters: Any) -> None:
        """BadInput for an unknown or ill-typed parameter, before anything is read."""
        self._parameters = checked(parameters)
        self._steps = pipeline.steps(self._parameters)
        self._stages = pipeline.STAGES
        self._done: dict[str, Stage] = {}
        self._audit: pipeline.Audit | None = None
        self.figures = Figures(lambda: self.document)

    @property
    def audit(self) -> pipeline.Audit:
        """The `Audit` of the pipeline; runs what is still missing."""
        self._advance(self._stages[-1])
        assert self._audit is not None
        return self._audit

    @property
    def document(self) -> Mapping[str, Any]:
        """The audit as the dictionary of audit.json."""
        return self.audit.document

    def read(self) -> Stage:
        """Lists, classifies and reads the files below the target."""
        return self._advance("read")

    def extract(self) -> Stage:
        """Turns files into facts, one pass per file."""
        return self._advance("extract")

    def resolve(self) -> Stage:
        """Binds names and values; finds entrypoints, paths and budgets."""
        return self._advance("resolve")

    def check(self) -> Stage:
        """Runs every check; their rows fill the seven tables."""
        return self._advance("check")

    def conclude(self) -> Stage:
        """Answers the ten questions, ranks findings, compares with the previous run."""
        return self._advance("conclude")

    def render(self) -> Carried:
        """Makes the document, and carries it in this cell for the exporters."""
        stage = self._advance("render")
        hint = "Export this notebook with `jupyter nbconvert --to rda_html` or `--to rda_markdown`."
        return Carried(stage._repr_html_() + html.sentence(hint), f"{stage!r}. {hint}", self.document)

    def question(self, n: int) -> Shown:
        """One question of the checklist: its answer, findings and table rows."""
        answer = next(row for row in self.document["tables"]["checklist"] if row["n"] == n)
        return self._part(f"question-{n}", f"{n}. {answer['question']} {answer['assessment']}: {answer['summary']}")

    def table(self, name: str) -> Shown:
        """One of the seven tables with all its rows."""
        known = [table for table in self.document["tables"] if table != "checklist"]
        if name not in known:
            raise BadInput(f"unknown table {name!r}; the tables are {', '.join(known)}")
        return Shown(html.table(self.document, name), f"{name}: {len(self.document['tables'][name])} rows")

    def verdict(self) -> Shown:
        """The ten verdicts and the number of findings per priority."""
        verdicts = " ".join(f"{row['n']}={row['assessment']}" for row in self.document["tables"]["checklist"])
        return self._part("verdict", verdicts)

    def context(self) -> Shown:
        """What the service is, in three to seven statements."""
        return self._part("context", "; ".join(item["text"] for item in self.document["context"]))

    def findings(self) -> Shown:
        """All findings, P0 first."""
        return self._listed("findings")

    def strengths(self) -> Shown:
        """What is done well, with evidence."""
        return self._listed("strengths")

    def actions(self) -> Shown:
        """What to do, in order, and how to prove it."""
        return self._listed("actions")

    def gaps(self) -> Shown:
        """What cannot be known inside the target, and where to look."""
        return self._listed("gaps")

    def external(self) -> Shown:
        """Dependencies outside the boundary."""
        return self._part("external", f"{len(self.document['external_deps'])} external dependencies")

    def decisions(self) -> Shown:
        """Architectural decisions against the code."""
        return self._listed("decisions")

    def reviewed(self) -> Shown:
        """Waivers, reviewers' verdicts and added findings, and what of them does not count."""
        return self._part("reviewed", said.counted(self.document))

    def review(self, finding: str, verdict: str, *, owner: str, reason: str, until: str = "", file: str = "") -> Shown:
        """Writes a verdict (confirmed, false alarm, accepted) on a finding into the review file; the next run counts it.

        `file` is by default the parameter REVIEW. BadInput for a finding, verdict or day that is not right.
        """
        where = file or self._parameters.REVIEW
        if not where:
            raise BadInput("name the review file: session.review(..., file=...), or the parameter REVIEW")
        given = {"finding": finding, "rule": "", "path": "", "verdict": verdict, "owner": owner, "reason": reason}
        root = Path(self._parameters.TARGET_SERVICE_PATH)
        told = record(self.document, Path(where), root, given | {"expiry": until})
        return Shown(html.sentence(told), told)

    def delta(self) -> Shown:
        """What changed since the previous run."""
        return self._part("delta", "; ".join(self.document["delta"]["bullets"]))

    def run(self) -> Shown:
        """The run's metadata."""
        run = self.document["run"]
        return self._part("run", f"{run['service']} at {run['timestamp_utc']}")

    def _repr_html_(self) -> str:
        return html.notebook_style()

    def __repr__(self) -> str:
        return f"audit session, {len(self._done)} of {len(self._stages)} stages run"

    def _part(self, name: str, text: str) -> Shown:
        return Shown(html.part(self.document, name), text)

    def _listed(self, name: str) -> Shown:
        return self._part(name, f"{len(self.document[name])} {name}")

    def _advance(self, name: str) -> Stage:
        while name not in self._done:
            started = time.perf_counter()
            stage, result = next(self._steps)
            self._done[stage] = Stage(stage, time.perf_counter() - started, counts(stage, result))
            if isinstance(result, pipeline.Audit):
                self._audit = result
        return self._done[name]


def counts(stage: str, result: Any) -> dict[str, Any]:
    """What a stage's result amounts to, in the words of its cell."""
    if stage == "read":
        return {"files": len(result.files), "skipped": len(result.skipped), "gaps": len(result.gaps)}
    if stage == "extract":
        return {"files with facts": len(result.files)}
    if stage == "check":
        return {f"rows in {name}": len(rows) for name, rows in result.items()}
    if stage == "conclude":
        tally = Counter(finding.priority for finding in result.findings)
        return {priority: tally[priority] for priority in ("P0", "P1", "P2")} | {"gaps": len(result.gaps)}
    return {}
