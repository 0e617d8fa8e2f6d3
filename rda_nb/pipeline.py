"""The six stages in order: read, extract, resolve, check, conclude, render."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rda_nb import __version__, checks, facts, languages, service, source
from rda_nb.core import Gap, RdaError
from rda_nb.findings import conclude, review_file, shared_rules
from rda_nb.findings.review_file import ReviewFile
from rda_nb.outputs import Written, write
from rda_nb.parameters import Parameters, parameters
from rda_nb.report import gate, machine

if TYPE_CHECKING:
    import pandas as pd

STAGES = ("read", "extract", "resolve", "check", "conclude", "render")
# Where to look when a check of this kit has failed.
_FAULT = "a fault of this kit: report it with the message; what the check looks for was not judged in this run"
Progress = Callable[[str, int, int], None]


class StageFailed(RdaError):
    """A stage raised what it should not: a fault of this kit, not of the audited tree. The message names the stage."""


@dataclass(frozen=True)
class Audit:
    """One finished audit. `document` is audit.json as a dictionary; everything else is a rendering of it.

    `timings` are seconds by stage, and by check as `check <id>`; they stay outside the document.
    """

    document: Mapping[str, Any] = field(repr=False)
    root: Path
    timings: Mapping[str, float] = field(repr=False, default_factory=dict)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables, findings and actions as DataFrames by their names in audit.json."""
        from rda_nb.report.frames import frames

        return frames(self.document)

    @property
    def verdicts(self) -> dict[int, str]:
        """Question number -> GOOD, CONCERN, RISK or GAP."""
        return {row["n"]: row["assessment"] for row in self.document["tables"]["checklist"]}

    @property
    def priorities(self) -> dict[str, int]:
        """Number of findings per priority, waived ones included."""
        found = [finding["priority"] for finding in self.document["findings"]]
        return {name: found.count(name) for name in ("P0", "P1", "P2")}

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """What the checks that failed said; their rows are missing, and each is a GAP."""
        return tuple(gap["what"] for gap in self.document["gaps"] if gap["where_to_look"] == _FAULT)

    def counting(self, *, new_only: bool = False) -> dict[str, int]:
        """Number of findings per priority that a gate counts: not those waived today, nor, if `new_only`, known ones."""
        found = gate.counting(self.document, new_only=new_only)
        return {name: sum(finding["priority"] == name for finding in found) for name in ("P0", "P1", "P2")}

    def markdown(self) -> str:
        """The canonical report."""
        from rda_nb.report.markdown import render

        with _stage("render"):
            return render(self.document)

    def html(self) -> str:
        """The offline page."""
        from rda_nb.report.html import render

        with _stage("render"):
            return render(self.document)

    def sarif(self) -> str:
        """The findings in the interchange format SARIF 2.1.0."""
        from rda_nb.report.sarif import render

        with _stage("render"):
            return render(self.document)

    def json(self) -> str:
        """audit.json."""
        return machine.dumps(self.document)

    def write(self, folder: str | os.PathLike[str], *, page: str = "", into_target: bool = True) -> Written:
        """Write all files of this run into `folder`, and the report into the target; see `outputs.write`.

        `page` is the offline page of an executed notebook; without it the same page is made from the document.
        """
        return write(
            self.document, self.markdown(), page or self.html(), Path(folder), self.root, into_target=into_target
        )

    def _repr_html_(self) -> str:
        from rda_nb.report import html

        return html.part(self.document, "verdict")


def steps(
    given: Mapping[str, Any] | Parameters, within: Progress | None = None, seconds: dict[str, float] | None = None
) -> Iterator[tuple[str, Any]]:
    """Run the stages one by one, yielding each stage's name and result; the last result is the Audit.

    `within` hears (check id, its number, how many there are) as a check begins in this process; `seconds` is filled with
    the time of each check. BadInput for wrong parameters at once, for a target that cannot be read at the first step.
    """
    chosen = given if isinstance(given, Parameters) else parameters(given)
    return _steps(chosen, shared_rules.read(chosen.shared_rules()), reviewed(chosen), within, seconds)


def reviewed(chosen: Parameters) -> ReviewFile | None:
    """The review file of a run, when it was given one; BadInput, with file and key, when something in it is wrong."""
    return review_file.read(Path(chosen.REVIEW), Path(chosen.TARGET_SERVICE_PATH)) if chosen.REVIEW else None


def _steps(
    chosen: Parameters,
    rules: shared_rules.SharedRules,
    given: ReviewFile | None,
    within: Progress | None,
    seconds: dict[str, float] | None,
) -> Iterator[tuple[str, Any]]:
    started = time.perf_counter()
    with _stage("read"):
        target = source.read(chosen.TARGET_SERVICE_PATH, max_file_bytes=chosen.max_file_bytes)
    yield "read", target
    with _stage("extract"):
        found = facts.extract(target, languages.packs())
    yield "extract", found
    with _stage("resolve"):
        resolved = service.resolve(target, found)
    yield "resolve", resolved
    with _stage("check"):
        faults: dict[str, str] = {}
        rows = checks.run(resolved, within, seconds, faults)
    yield "check", rows
    # One time for the whole run: the report states it, and waivers are held to its day.
    timestamp = now()
    with _stage("conclude"):
        conclusion = conclude(
            records=rows,
            pages=checks.pages(),
            target=target,
            gaps=(*resolved.gaps, *(Gap(faults[name], _FAULT) for name in sorted(faults))),
            external_deps=resolved.external_deps,
            run={"timestamp_utc": timestamp, "kit_version": __version__},
            reviewed=given,
            rules=rules,
        )
    yield "conclude", conclusion
    with _stage("render"):
        run = {
            "service": chosen.SERVICE_NAME or None,
            "timestamp_utc": timestamp,
            "kit_version": __version__,
            "parameters": chosen.plain(),
            "shared_rules": rules.record(),
            "duration_s": round(time.perf_counter() - started, 3),
        }
        audit = Audit(machine.document(conclusion, target=target, run=run), target.root)
    yield "render", audit


def now() -> str:
    """The time of a run, as its report states it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage is collected within: the many small values of a run all live to its end."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _stage(name: str) -> Iterator[None]:
    """Names the stage that fails."""
    with uncollected():
        try:
            yield
        except RdaError:
            raise
        except Exception as error:
            raise StageFailed(f"stage {name} failed: {type(error).__name__}: {error}") from error


def run(
    given: Mapping[str, Any] | Parameters, progress: Progress | None = None, within: Progress | None = None
) -> Audit:
    """Run all stages. `progress` hears (stage, its number from 1, how many) as each begins; `within` as in `steps`."""
    timings: dict[str, float] = {}
    seconds: dict[str, float] = {}
    pending = steps(given, within, seconds)
    with uncollected():
        for number, name in enumerate(STAGES, 1):
            if progress is not None:
                progress(name, number, len(STAGES))
            began = time.perf_counter()
            _, result = next(pending)
            timings[name] = time.perf_counter() - began
    return Audit(result.document, result.root, timings | {f"check {name}": taken for name, taken in seconds.items()})
