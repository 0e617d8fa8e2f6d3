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
from rda_nb.report import frames, machine, sarif
from rda_nb.report.verification import check_own
from rda_nb.source import ReadOnlyTarget, write_report

REPORT = "09_performance_capacity.md"


@dataclass(frozen=True, slots=True)
class Written:
    """Where everything lies. `in_target` is None when the report was not written there, `note` then says why.

    `criteria` are the completion criteria, all of which hold.
    """

    folder: Path
    report: Path
    page: Path
    data: Path
    sarif: Path
    tables: tuple[Path, ...]
    in_target: Path | None
    note: str
    criteria: tuple[completion.Criterion, ...] = ()


def folder_for_runs(wanted: str, target: str, *, given: bool) -> Path:
    """The folder that runs are kept in, as an absolute path; never inside the target, where only the report is written.

    A folder that was `given` and lies inside the target is BadInput; the default one then moves to the user's state
    directory, so that `rda audit` can be run from within a service.
    """
    folder, root = Path(wanted).resolve(), Path(target).resolve()
    if not folder.is_relative_to(root):
        return folder
    if given:
        raise BadInput(
            f"{folder}: lies inside the target, where only the report is written; give another folder with --out"
        )
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "rda_nb"
    if state.resolve().is_relative_to(root):
        raise BadInput(f"{root}: holds both the working and the home directory; give a folder outside it with --out")
    return state.resolve()


def run_folder(kept_in: Path, service: str, timestamp: str) -> Path:
    """`<kept_in>/<service>/<run>/`, made anew; the run is named by its UTC time, and numbered if that is taken."""
    name = re.sub(r"[^\w.-]+", "-", service).strip("-.") or "service"
    run = re.sub(r"[^0-9TZ]", "", timestamp)
    for number in range(1, 1000):
        folder = kept_in / name / (run if number == 1 else f"{run}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            if not folder.is_dir():
                raise BadInput(f"{folder}: not a directory; give another output folder with --out") from None
        except OSError as error:
            why = f"the output folder cannot be made ({error.strerror}); give another one with --out"
            raise BadInput(f"{folder}: {why}") from None
    raise BadInput(f"{kept_in / name}: too many runs at {timestamp}")


def write(
    document: Mapping[str, Any], markdown: str, page: str, folder: Path, target_root: Path, *, into_target: bool = True
) -> Written:
    """Write all files of a run: its folder first, then the report in the target, each file whole or not at all.

    Before anything is written, all evidence is opened again (`verification.check_own`). RdaError, before the target is
    touched, when one of the specification's completion criteria does not hold; BadInput when the folder cannot be written.
    """
    check_own(document, target_root)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        report = _atomic(folder / REPORT, markdown)
        data = _atomic(folder / "audit.json", machine.dumps(document))
        exchanged = _atomic(folder / "report.sarif", sarif.render(document))
        shown = _atomic(folder / "report.html", page)
        tables = frames.write_csv(document, folder / "tables")
    except OSError as error:
        raise BadInput(f"{error.filename or folder}: cannot be written ({error.strerror})") from None
    criteria = tuple(completion.check(document, markdown, completion.REPORT_PATH))
    failed = [one for one in criteria if not one.holds]
    if failed:
        said = "; ".join(f"{one.criterion} ({one.why})" for one in failed)
        held = f"{len(criteria) - len(failed)} of {len(criteria)} criteria hold"
        raise RdaError(
            f"the report is not complete: {said}; {held}; it was left in {folder} and not written to the target"
        )
    in_target, note = None, "as asked for"
    if into_target:
        try:
            in_target, note = write_report(target_root, markdown), ""
        except (ReadOnlyTarget, BadInput) as error:
            note = str(error)
    return Written(folder, report, shown, data, exchanged, tables, in_target, note, criteria)


def _atomic(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)
    return path
