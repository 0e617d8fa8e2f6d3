"""The command line: `rda audit`, `rda lab`, `rda new-check`. Each is a thin wrapper over the library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from rda_nb import __version__
from rda_nb.core import BadInput, RdaError

EXIT_CODES = """Exit codes: 0 audited; 1 findings at or above --fail-on; 2 bad input (target, parameter, option); 3 a fault of this kit."""

app = typer.Typer(
    name="rda",
    help=f"Audit one backend service for performance and capacity readiness, from its source alone.\n\n{EXIT_CODES}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_RANK = {"P0": 0, "P1": 1, "P2": 2}


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rda {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Audit one backend service for performance and capacity readiness, from its source alone."""


@app.command(epilog=EXIT_CODES)
def audit(
    target: Annotated[str, typer.Argument(help="The service's directory; nothing outside it is read.")] = ".",
    params: Annotated[Path | None, typer.Option("--params", help="A YAML file with parameters.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set one parameter; repeatable.")] = None,
    out: Annotated[str | None, typer.Option("--out", help="Where runs are kept: OUT/<service>/<run>/ (default: outputs).")] = None,
    no_notebook: Annotated[bool, typer.Option("--no-notebook", help="The same files without running the notebook.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be read, and write nothing.")] = False,
    format_: Annotated[str, typer.Option("--format", help="text, or json for audit.json on standard output.")] = "text",
    fail_on: Annotated[str | None, typer.Option("--fail-on", metavar="P0|P1|P2", help="Exit 1 on a finding at or above.")] = None,
    keep_target: Annotated[bool, typer.Option("--keep-target", help="Leave the target alone: its report only goes to OUT.")] = False,
) -> None:
    """Audit TARGET and write its report, an offline page, audit.json and tables."""
    if format_ not in ("text", "json"):
        raise BadInput(f"--format {format_!r}: text or json")
    if fail_on is not None and fail_on not in _RANK:
        raise BadInput(f"--fail-on {fail_on!r}: P0, P1 or P2")
    chosen = _parameters(target, params, set_ or [], out)
    if dry_run:
        _dry_run(chosen)
        return
    document, written, seconds = _audited(chosen, with_notebook=not no_notebook, into_target=not keep_target)
    if format_ == "json":
        sys.stdout.write(written.data.read_text(encoding="utf-8"))
    else:
        _summary(document, written, seconds)
    found = [_RANK[finding["priority"]] for finding in document["findings"]]
    if fail_on is not None and any(rank <= _RANK[fail_on] for rank in found):
        raise typer.Exit(1)


def _parameters(target: str, params: Path | None, assigned: list[str], out: str | None) -> Any:
    from rda_nb.parameters import parameters, read_assignment, read_file

    given = read_file(params) if params is not None else {}
    given |= dict(read_assignment(text) for text in assigned)
    if target != "." or "TARGET_SERVICE_PATH" not in given:
        given["TARGET_SERVICE_PATH"] = target
    if out is not None:
        given["OUTPUT_DIR"] = out
    return parameters(given)


def _audited(chosen: Any, *, with_notebook: bool, into_target: bool) -> tuple[Any, Any, float]:
    """The audit document, what was written, and the seconds it took."""
    import time

    from rda_nb import outputs, pipeline, source

    started = time.perf_counter()
    root = Path(chosen.TARGET_SERVICE_PATH).resolve()
    out_dir = Path(chosen.OUTPUT_DIR).resolve()
    source.check_root(chosen.TARGET_SERVICE_PATH)
    with _progress(f"Auditing {root.name}") as progress:
        if with_notebook:
            from datetime import UTC, datetime

            from rda_nb import notebook
            from rda_nb.report.embedded import audit_of

            stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            folder = outputs.run_folder(out_dir, chosen.SERVICE_NAME or root.name, stamp)
            given = {name: getattr(chosen, name) for name in notebook.declared_parameters()}
            given |= {"TARGET_SERVICE_PATH": str(root), "OUTPUT_DIR": str(out_dir)}
            executed = notebook.execute(given, folder, progress)
            document = audit_of(notebook.read(executed))
            page = notebook.page(executed)
        else:
            found = pipeline.run(chosen, progress)
            document, page = found.document, found.html()
            folder = outputs.run_folder(out_dir, document["run"]["service"], document["run"]["timestamp_utc"])
        written = outputs.write(document, page, folder, root, into_target=into_target)
    return document, written, time.perf_counter() - started


class _progress:  # noqa: N801 - a context manager used like a function
    """A bar on a terminal, plain lines otherwise; both on standard error."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Callable[[str, int, int], None]:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self.title, step="", total=None)
        return self._step

    def _step(self, name: str, number: int, count: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, step=name, completed=number - 1, total=count)
        else:
            sys.stderr.write(f"{self.title}: {name} ({number}/{count})\n")

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _summary(document: Any, written: Any, seconds: float) -> None:
    """Verdict per question, findings per priority, and where the files are."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    styles = {"GOOD": "green", "CONCERN": "yellow", "RISK": "red", "GAP": "dim"}
    table = Table("#", "Question", "Verdict", title=f"{document['run']['service']}: performance and capacity", title_justify="left")
    for row in document["tables"]["checklist"]:
        verdict = row["assessment"]
        table.add_row(str(row["n"]), row["question"], f"[{styles[verdict]}]{verdict}[/]")
    console.print(table)
    found = [finding["priority"] for finding in document["findings"]]
    console.print(" · ".join(f"{name}: {found.count(name)}" for name in _RANK) + f" · {seconds:.1f} s")
    for finding in [finding for finding in document["findings"] if finding["priority"] == "P0"][:5]:
        place = finding["evidence"][0]
        console.print(f"  P0 {finding['title']} ({place['path']}:{place['line']})", soft_wrap=True, markup=False)
    if written.note:
        console.print(f"The target was not written: {written.note}", soft_wrap=True, markup=False)
    for name, path in (("Report", written.in_target or written.report), ("Page", written.page), ("Data", written.data)):
        console.print(f"{name}: {path}", soft_wrap=True, markup=False)


def _dry_run(chosen: Any) -> None:
    """What a run would read, by kind and role, what it would skip and why, and the state of git."""
    from collections import Counter

    from rich.console import Console
    from rich.table import Table

    from rda_nb import pipeline

    _, target = next(pipeline.steps(chosen))
    console = Console(highlight=False)
    console.print(f"{target.name}: {len(target.files)} files would be read; nothing is written.", markup=False)
    table = Table("Kind", "Role", "Files", "Bytes")
    sizes: Counter[tuple[str, str]] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for file in target.files:
        counts[file.kind, file.role] += 1
        sizes[file.kind, file.role] += file.size
    for (kind, role), count in sorted(counts.items()):
        table.add_row(kind, role, str(count), f"{sizes[kind, role]:,}")
    console.print(table)
    for skipped in target.skipped:
        console.print(f"skipped {skipped.path}: {skipped.reason}", markup=False, soft_wrap=True)
    git = target.git
    console.print(f"git: {git.gap or git.commit}", markup=False, soft_wrap=True)


@app.command()
def lab(
    target: Annotated[str, typer.Argument(help="The service's directory.")] = ".",
    params: Annotated[Path | None, typer.Option("--params", help="A YAML file with parameters.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set one parameter; repeatable.")] = None,
    out: Annotated[str | None, typer.Option("--out", help="Where the copy of the notebook is put (default: outputs).")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Start the server and print its address.")] = False,
) -> None:
    """Open JupyterLab on a copy of the notebook with TARGET set."""
    from rda_nb import notebook, source

    chosen = _parameters(target, params, set_ or [], out)
    source.check_root(chosen.TARGET_SERVICE_PATH)
    raise typer.Exit(notebook.open_lab(chosen, browser=not no_browser))


@app.command("new-check")
def new_check(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The check's id: words in lower case joined by _.")],
    into: Annotated[Path | None, typer.Option("--into", help="The folder of checks (default: this package's).")] = None,
) -> None:
    """Write a new check: a page to fill in, and one case that fails until it is."""
    from rda_nb.scaffold import new_check as write

    for path in write(id_, into):
        typer.echo(path)


def main() -> None:
    """Run the command line; a wrong input is one line on standard error."""
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    try:
        app(standalone_mode=True)
    except BadInput as error:
        sys.exit(_said(error, 2))
    except RdaError as error:
        if debug:
            raise
        sys.exit(_said(error, 3))
    except KeyboardInterrupt:
        sys.exit(_said("interrupted", 130))
    except Exception as error:
        if debug:
            raise
        sys.exit(_said(f"a fault of this kit: {type(error).__name__}: {error} (run again with --debug for details)", 3))


def _said(error: object, code: int) -> int:
    sys.stderr.write(f"rda: {error}\n")
    return code


if __name__ == "__main__":
    main()
