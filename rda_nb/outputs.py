"""What a run leaves behind: the one report in the target, and the run's folder with page, data, tables and notebook."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rda_nb.core import BadInput, RdaError
from rda_nb.findings import completion
from rda_nb.report import frames, machine
from rda_nb.report.markdown import render
from rda_nb.source import ReadOnlyTarget, write_report

REPORT = "09_performance_capacity.md"


@dataclass(frozen=True, slots=True)
class Written:
    """Where everything lies. `in_target` is None when the target could not be written, `note` then says why."""

    folder: Path
    report: Path
    page: Path
    data: Path
    in_target: Path | None
    note: str
    criteria: tuple[completion.Criterion, ...]


def run_folder(out_dir: Path, service: str, timestamp: str) -> Path:
    """`<out_dir>/<service>/<run>/`, made anew; the run is named by its UTC time, and numbered if that is taken."""
    name = re.sub(r"[^\w.-]+", "-", service).strip("-.") or "service"
    run = re.sub(r"[^0-9TZ]", "", timestamp)
    for number in range(1, 1000):
        folder = out_dir / name / (run if number == 1 else f"{run}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise BadInput(f"{folder}: the output folder cannot be made ({error.strerror}); give another one with --out") from None
    raise BadInput(f"{out_dir / name}: too many runs at {timestamp}")


def write(document: Mapping[str, Any], page: str, folder: Path, target_root: Path, *, into_target: bool = True) -> Written:
    """Write all files of a run. The report goes into the target first, since it is what the audit is for.

    Raises RdaError when one of the specification's completion criteria does not hold for the finished report.
    """
    markdown = render(document)
    in_target, note = None, ""
    if into_target:
        try:
            in_target = write_report(target_root, markdown)
        except (ReadOnlyTarget, BadInput) as error:
            note = str(error)
    report = _atomic(folder / REPORT, markdown)
    data = _atomic(folder / "audit.json", machine.dumps(document))
    shown = _atomic(folder / "report.html", page)
    frames.write_csv(document, folder / "tables")
    saved = str(in_target or completion.REPORT_PATH)
    criteria = tuple(completion.check(document, markdown, saved))
    failed = [one for one in criteria if not one.holds]
    if failed:
        raise RdaError("; ".join(f"completion criterion not met: {one.criterion} ({one.why})" for one in failed))
    return Written(folder, report, shown, data, in_target, note, criteria)


def _atomic(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)
    return path
