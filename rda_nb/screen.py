"""What the command line shows: progress on standard error, the summary or the data on standard output."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from rda_nb.pipeline import STAGES
from rda_nb.report import review
from rda_nb.report.gate import comparable

if TYPE_CHECKING:
    from rich.console import Console

    from rda_nb.outputs import Written
    from rda_nb.pipeline import Audit
    from rda_nb.source import Target

_STYLES = {"GOOD": "green", "CONCERN": "yellow", "RISK": "bold red", "GAP": "dim", "P0": "bold red", "P1": "yellow"}
_MOST_LISTED = 5


class Progress(Protocol):
    """Hears what begins; see `pipeline.run` and `notebook.execute`."""

    def step(self, stage: str, number: int, count: int) -> None:
        """A stage begins."""

    def within(self, item: str, number: int, count: int) -> None:
        """A part of the stage begins."""

    def cell(self, name: str, done: int, count: int) -> None:
        """A cell of the notebook begins."""


class Lines:
    """Progress as plain lines: one per stage."""

    def __init__(self, service: str) -> None:
        self._service = service

    def step(self, stage: str, number: int, count: int) -> None:
        """One line."""
        sys.stderr.write(f"{self._service}: {stage} ({number}/{count})\n")

    def within(self, item: str, number: int, count: int) -> None:
        """Nothing: a line per check is noise."""

    def cell(self, name: str, done: int, count: int) -> None:
        """One line for a cell that runs a stage."""
        if name in STAGES:
            self.step(name, STAGES.index(name) + 1, len(STAGES))


class Bars:
    """Progress as bars: one per stage, or one over the notebook's cells."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._current: Any = None

    def step(self, stage: str, number: int, count: int) -> None:
        """The bar before is full, the next one begins."""
        self._fill()
        self._current = self._bars.add_task(f"{stage} ({number}/{count})", total=None)
        self._bars.refresh()

    def within(self, item: str, number: int, count: int) -> None:
        """The stage's bar grows."""
        self._bars.update(self._current, completed=number - 1, total=count, refresh=True)

    def cell(self, name: str, done: int, count: int) -> None:
        """The notebook's bar grows."""
        if self._current is None:
            self._current = self._bars.add_task("notebook", total=count)
        self._bars.update(self._current, completed=done, total=count, description=f"notebook: {name}", refresh=True)

    def _fill(self) -> None:
        if self._current is not None:
            self._bars.update(self._current, completed=1, total=1)


class Screen:
    """Standard output and standard error of one run."""

    def __init__(self, *, json: bool) -> None:
        self._json = json

    @contextmanager
    def progress(self, service: str) -> Iterator[Progress]:
        """Bars on a terminal, plain lines otherwise; both on standard error."""
        if not sys.stderr.isatty():
            yield Lines(service)
            return
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
        # A thread that redraws would keep the audit from sharing its work out (see `workers.count`).
        with RichProgress(*columns, console=_console(sys.stderr), transient=True, auto_refresh=False) as bars:
            yield Bars(bars)

    def summary(self, audit: Audit, written: Written) -> None:
        """Verdict per question, findings per priority and where the files are; or audit.json, byte for byte."""
        console = _console(sys.stderr if self._json else sys.stdout)
        if self._json:
            sys.stdout.write(audit.json())
        else:
            self._verdicts(console, audit)
            self._completion(console, written)
        if written.in_target is None:
            _line(console, f"The target was not written ({written.note}); the report is in the output folder.")
        for name, path in (
            ("Report", written.in_target or written.report),
            ("Page", written.page),
            ("Data", written.data),
            ("Folder", written.folder),
        ):
            _line(console, f"{name + ':':<8}{path}")

    def _verdicts(self, console: Console, audit: Audit) -> None:
        from rich.table import Table
        from rich.text import Text

        run = audit.document["run"]
        table = Table(title=f"{run['service']}: performance and capacity", title_justify="left")
        table.add_column("#", justify="right")
        table.add_column("Question")
        table.add_column("Verdict", no_wrap=True)
        for row in audit.document["tables"]["checklist"]:
            table.add_row(str(row["n"]), row["question"], Text(row["assessment"], _STYLES[row["assessment"]]))
        console.print(table)
        files = f"{run['files_parsed']} of {run['files_seen']} files read"
        _line(console, f"Findings  {_counts(audit.priorities)}  ({files} in {run['duration_s']:.1f} s)")
        self._reviewed(console, audit)
        gravest = [f for f in audit.document["findings"] if f["priority"] == "P0" and not review.waived(f)]
        for finding in gravest[:_MOST_LISTED]:
            place = finding["evidence"][0]
            _line(console, f"  P0  {finding['title']}  {place['path']}:{place['line']}", _STYLES["P0"])
        if len(gravest) > _MOST_LISTED:
            _line(console, f"  and {len(gravest) - _MOST_LISTED} more of P0 in the report")

    def _reviewed(self, console: Console, audit: Audit) -> None:
        """The counts with waivers, and what does not count or was refused."""
        if not review.spoken(audit.document):
            return
        origin = review.sources(audit.document).replace("`", "")
        _line(console, f"  with waivers  {_counts(audit.counting())}" + (f"  ({origin})" if origin else ""))
        failing = review.failing(audit.document)
        for line in failing[:_MOST_LISTED]:
            _line(console, f"  {line.replace('`', '')}", _STYLES["P1"])
        if len(failing) > _MOST_LISTED:
            _line(console, f"  and {len(failing) - _MOST_LISTED} more in the report")

    def gate(self, audit: Audit, *, new_only: bool) -> None:
        """What `--new-only` counts; that everything counts when there is nothing to compare with is said."""
        if not new_only:
            return
        console = _console(sys.stderr)
        _line(console, f"New and not waived  {_counts(audit.counting(new_only=True))}")
        if not comparable(audit.document):
            _line(console, "The previous report cannot be compared with, so that every finding counts as new.")

    def _completion(self, console: Console, written: Written) -> None:
        """Every criterion with why it holds: a run in which one fails does not come as far as here."""
        _line(console, f"Completion criteria: {len(written.criteria)} of {len(written.criteria)} hold")
        for one in written.criteria:
            _line(console, f"  {'holds' if one.holds else 'fails'}  {one.criterion}: {one.why}", "dim")

    def inspected(self, target: Target) -> None:
        """What a run would read by kind and role, what it would skip and why, and what git says."""
        if self._json:
            listing = {
                "service": target.name,
                "files": [{"path": f.path, "kind": f.kind, "role": f.role, "bytes": f.size} for f in target.files],
                "skipped": [{"path": s.path, "reason": s.reason} for s in target.skipped],
                "git": {"commit": target.git.commit or None, "gap": target.git.gap or None},
            }
            sys.stdout.write(json.dumps(listing, ensure_ascii=False, indent=2) + "\n")
            return
        from rich.table import Table

        console = _console(sys.stdout)
        counts, sizes = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for file in target.files:
            counts[file.kind, file.role] += 1
            sizes[file.kind, file.role] += file.size
        table = Table("Kind", "Role", title=f"{target.name}: {len(target.files)} files would be inspected")
        table.add_column("Files", justify="right")
        table.add_column("Bytes", justify="right")
        for kind, role in sorted(counts):
            table.add_row(kind, role, str(counts[kind, role]), f"{sizes[kind, role]:,}")
        console.print(table)
        for skipped in target.skipped:
            _line(console, f"skipped {skipped.path}: {skipped.reason}")
        git = target.git
        state = f"commit {git.commit}; {git.change_summary or 'no change below the target'}" if git.commit else git.gap
        _line(console, f"git: {state}")
        _line(console, "Nothing was written; --format json lists every file.")

    def timings(self, seconds: Mapping[str, float]) -> None:
        """Seconds per stage in their order, then per check, slowest first; on standard error."""
        console = _console(sys.stderr)
        for name in STAGES:
            _line(console, f"{seconds.get(name, 0.0):8.3f} s  {name}")
        in_checks = sorted((item for item in seconds.items() if item[0] not in STAGES), key=lambda item: -item[1])
        for name, taken in in_checks:
            _line(console, f"{taken:8.3f} s    {name}")


def _counts(found: Mapping[str, int]) -> str:
    return "  ".join(f"{priority}: {count}" for priority, count in found.items())


def _console(stream: Any) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False)


def _line(console: Console, text: str, style: str = "") -> None:
    """One line as it is: no markup, no wrapping, so that paths can be copied."""
    console.print(text, style=style or None, markup=False, soft_wrap=True, emoji=False)
