"""The six stages in order: read, extract, resolve, check, conclude, render."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rda_nb import __version__, checks, facts, languages, service, source
from rda_nb.findings import conclude
from rda_nb.parameters import Parameters, parameters
from rda_nb.report import machine

if TYPE_CHECKING:
    import pandas as pd

STAGES = ("read", "extract", "resolve", "check", "conclude", "render")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Audit:
    """One finished audit. `document` is audit.json as a dictionary; everything else is a rendering of it."""

    document: Mapping[str, Any]
    root: Path = field(repr=False)
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
        """Number of findings per priority."""
        found = [finding["priority"] for finding in self.document["findings"]]
        return {name: found.count(name) for name in ("P0", "P1", "P2")}

    def markdown(self) -> str:
        """The canonical report."""
        from rda_nb.report.markdown import render

        return render(self.document)

    def html(self) -> str:
        """The offline page."""
        from rda_nb.report.html import render

        return render(self.document)

    def json(self) -> str:
        """audit.json."""
        return machine.dumps(self.document)

    def _repr_html_(self) -> str:
        from rda_nb.report import html

        return html.part(self.document, "verdict")


def steps(given: Mapping[str, Any] | Parameters) -> Iterator[tuple[str, Any]]:
    """Run the stages one by one, yielding each stage's name and result; the last result is the Audit.

    BadInput for wrong parameters or a target that cannot be read, before any work.
    """
    return _steps(given if isinstance(given, Parameters) else parameters(given))


def _steps(chosen: Parameters) -> Iterator[tuple[str, Any]]:
    started = time.perf_counter()
    target = source.read(
        chosen.TARGET_SERVICE_PATH, max_file_bytes=chosen.max_file_bytes, extra_ignores=_own_folder(chosen)
    )
    yield "read", target
    found = facts.extract(target, languages.packs())
    yield "extract", found
    resolved = service.resolve(target, found)
    yield "resolve", resolved
    rows = checks.run(resolved)
    yield "check", rows
    conclusion = conclude(
        records=rows,
        pages=checks.pages(),
        target=target,
        gaps=(*target.gaps, *resolved.gaps),
        external_deps=resolved.external_deps,
        run={"shared_rules": chosen.SHARED_RULES},
    )
    yield "conclude", conclusion
    run = {
        "service": chosen.SERVICE_NAME or None,
        "timestamp_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kit_version": __version__,
        "parameters": chosen.plain(),
        "duration_s": round(time.perf_counter() - started, 3),
    }
    yield "render", Audit(machine.document(conclusion, target=target, run=run), target.root)


def _own_folder(chosen: Parameters) -> tuple[str, ...]:
    """The output folder when it lies below the target: it belongs to this kit and is no part of the service."""
    root, own = Path(chosen.TARGET_SERVICE_PATH).resolve(), Path(chosen.OUTPUT_DIR).resolve()
    return (own.relative_to(root).as_posix(),) if own != root and own.is_relative_to(root) else ()


def run(given: Mapping[str, Any] | Parameters, progress: Progress | None = None) -> Audit:
    """Run all stages. `progress` hears (stage, its number from 1, how many there are) as each one begins."""
    collecting = gc.isenabled()
    # Facts are many small tuples that live until the end: collecting among them costs time and frees nothing.
    gc.disable()
    timings: dict[str, float] = {}
    try:
        pending = steps(given)
        for number, name in enumerate(STAGES, 1):
            if progress is not None:
                progress(name, number, len(STAGES))
            began = time.perf_counter()
            _, result = next(pending)
            timings[name] = time.perf_counter() - began
    finally:
        if collecting:
            gc.enable()
    return Audit(result.document, result.root, timings)
