"""The command line: `rda audit`, `rda verify`, `rda lab`, `rda review` and so on; thin wrappers over the library."""

from __future__ import annotations

import functools
import gc
import sys
import traceback
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rda_nb import __version__, reviewing
from rda_nb.core import BadInput, Disturbed, RdaError
from rda_nb.options import Assigned, Debug, Form, Out, Params, ReviewFile, Target, chosen_parameters

if TYPE_CHECKING:
    from rda_nb.outputs import Written
    from rda_nb.parameters import Parameters
    from rda_nb.pipeline import Audit
    from rda_nb.screen import Screen

EXIT_CODES = (
    "Exit codes: 0 audited; 1 findings at or above --fail-on, not waived; 2 bad input (target, parameter, option, file);"
    " 3 a fault of rda itself, or the target changed while it was read; 130 interrupted."
)

app = typer.Typer(
    name="rda",
    help="Audit one backend service for performance and capacity readiness, from its source alone.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Priority(StrEnum):
    """Priorities of findings, gravest first."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"


def _answered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turns what a command raises into one line on standard error and the documented exit code."""

    @functools.wraps(command)
    def run(*given: Any, **options: Any) -> Any:
        try:
            return command(*given, **options)
        except typer.Exit:
            raise
        except KeyboardInterrupt:
            code, said = 130, "interrupted"
        except BadInput as error:
            code, said = 2, str(error)
        except Disturbed as error:
            code, said = 3, str(error)
        except BrokenPipeError:
            raise
        except Exception as error:
            name = "" if isinstance(error, RdaError) else f"{type(error).__name__}: "
            code, said = 3, f"{name}{error} (a fault of rda, not of the service; --debug shows where)"
            if options.get("debug"):
                traceback.print_exc()
        typer.echo(f"rda: {' '.join(said.split())}", err=True)
        raise typer.Exit(code)

    return run


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rda {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Audit one backend service for performance and capacity readiness, from its source alone."""


@app.command(epilog=EXIT_CODES)
@_answered
def audit(
    target: Target = None,
    params: Params = None,
    set_: Assigned = None,
    out: Out = None,
    no_notebook: Annotated[
        bool, typer.Option("--no-notebook", help="Write the same report, page and data without running the notebook.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be inspected and skipped; write nothing.")
    ] = False,
    form: Annotated[
        Form, typer.Option("--format", help="On standard output: a summary, or audit.json alone.")
    ] = Form.TEXT,
    fail_on: Annotated[
        Priority | None,
        typer.Option("--fail-on", help="Exit 1 when a finding of this priority or graver is not waived."),
    ] = None,
    new_only: Annotated[
        bool, typer.Option("--new-only", help="Let --fail-on count only findings that the previous report has not.")
    ] = False,
    review: ReviewFile = None,
    no_write_target: Annotated[
        bool,
        typer.Option(
            "--no-write-target", help="Leave the target untouched; its report goes to the output folder only."
        ),
    ] = False,
    shared_rules: Annotated[
        str | None,
        typer.Option(
            "--shared-rules",
            metavar="DIR",
            help="A folder with shared rules (RISK_RUBRIC.md, REPORT_TEMPLATE.md, ...); what can be read of them wins.",
        ),
    ] = None,
    timings: Annotated[
        bool, typer.Option("--timings", help="Show seconds per stage and per check; implies --no-notebook.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Audit TARGET: write its report, an offline page, audit.json, tables and the executed notebook."""
    from rda_nb.checks import CheckFailed
    from rda_nb.screen import Screen

    if new_only and fail_on is None:
        raise BadInput("--new-only narrows --fail-on; give both")
    chosen = chosen_parameters(target, params, set_ or [], out, review, shared_rules)
    screen = Screen(json=form is Form.JSON)
    if dry_run:
        from rda_nb import pipeline

        _, read = next(pipeline.steps(chosen))
        screen.inspected(read)
        return
    found, written = _audited(
        chosen, screen, with_notebook=not (no_notebook or timings), into_target=not no_write_target
    )
    screen.summary(found, written)
    if timings:
        screen.timings(found.timings)
    graver = list(Priority)[: list(Priority).index(fail_on) + 1] if fail_on else []
    counting = found.counting(new_only=new_only)
    screen.gate(found, new_only=new_only)
    if found.failed_checks:
        # A fault of this kit, which is told like any other, though the report is written.
        raise CheckFailed(f"{'; '.join(found.failed_checks)}; its rows are missing, all else is written")
    if any(counting[priority] for priority in graver):
        raise typer.Exit(1)


def _audited(chosen: Parameters, screen: Screen, *, with_notebook: bool, into_target: bool) -> tuple[Audit, Written]:
    """Run the notebook, whose last cell carries the audit, or the stages alone; then write everything."""
    from rda_nb import outputs, pipeline, source

    source.check_root(chosen.TARGET_SERVICE_PATH)
    pipeline.reviewed(chosen)  # a wrong review file is told before a kernel starts
    root = Path(chosen.TARGET_SERVICE_PATH).resolve()
    kept_in, name = Path(chosen.OUTPUT_DIR), chosen.SERVICE_NAME or root.name
    with screen.progress(root.name) as progress:
        if not with_notebook:
            with pipeline.uncollected():
                found = pipeline.run(chosen, progress.step, progress.within)
                folder = outputs.run_folder(kept_in, name, found.document["run"]["timestamp_utc"])
                written = found.write(folder, into_target=into_target)
                # The command ends with this audit: what the stages leave behind is never walked again.
                gc.freeze()
            return found, written
        folder = outputs.run_folder(kept_in, name, pipeline.now())
        document, page = _by_notebook(chosen, folder, progress.cell)
        found = pipeline.Audit(document, root)
        return found, found.write(folder, page=page, into_target=into_target)


def _by_notebook(
    chosen: Parameters, folder: Path, progress: Callable[[str, int, int], None]
) -> tuple[dict[str, Any], str]:
    """The audit that the executed notebook carries, and its page."""
    import json

    from rda_nb import notebook
    from rda_nb.report.embedded import audit_of

    try:
        executed = notebook.execute(chosen.model_dump(), folder, progress)
    except RdaError:
        if not any(folder.iterdir()):
            folder.rmdir()
        raise
    return audit_of(json.loads(executed.read_text(encoding="utf-8"))), notebook.page(executed)


@app.command(epilog="Exit codes: 0 every citation holds or moved; 1 at least one is gone; 2 bad input.")
@_answered
def verify(
    report: Annotated[Path, typer.Argument(help="A report in Markdown, the kit's or any other, or an audit.json.")],
    target: Target = None,
    at: Annotated[str, typer.Option("--at", metavar="COMMIT", help="Look at the target as this commit holds it.")] = "",
    form: Annotated[Form, typer.Option("--format", help="On standard output: lines, or JSON alone.")] = Form.TEXT,
    debug: Debug = False,
) -> None:
    """Open everything that REPORT cites again in TARGET: what holds, what moved and to where, what is gone."""
    import json

    from rda_nb.report import cited, verification

    verdicts = verification.Checker(target or ".", cited.read(report), at).verdicts()
    if form is Form.JSON:
        document = verification.as_document(str(report), at, verdicts)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        verification.tell(verdicts, typer.echo)
    if any(verdict.status == "gone" for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
@_answered
def lab(
    target: Target = None,
    options: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- OPTION...]", help="JupyterLab's own options, after --, such as --port=9000."),
    ] = None,
    params: Params = None,
    set_: Assigned = None,
    out: Out = None,
    review: ReviewFile = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Start the server and print its address.")] = False,
    debug: Debug = False,
) -> None:
    """Open JupyterLab on a copy of the notebook with TARGET and the parameters set."""
    from rda_nb import lab as door
    from rda_nb import source

    chosen = chosen_parameters(target, params, set_ or [], out, review)
    source.check_root(chosen.TARGET_SERVICE_PATH)
    copy = door.copy_of_notebook(chosen)
    typer.echo(f"Notebook: {copy}", err=True)
    raise typer.Exit(door.open_lab(copy, ["--no-browser"] * no_browser + (options or [])))


@app.command()
@_answered
def example(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A directory that does not exist yet.")] = Path(
        "orders-ingest"
    ),
) -> None:
    """Copy the bundled example, a Go service with good and bad practice in it, to DIR."""
    from rda_nb.scaffold import copy_example

    typer.echo(f"{copy_example(directory)}: now run `rda audit {directory}`")


app.command("review")(_answered(reviewing.review))
app.command("facts")(_answered(reviewing.facts))


@app.command("new-check")
@_answered
def new_check(
    check: Annotated[str, typer.Argument(metavar="ID", help="The check's id: words in lower case joined by _.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="DIR", help="The folder of checks.", show_default="this checkout's")
    ] = None,
) -> None:
    """Write a new check: a page to fill in, and one case that fails until it is written."""
    from rda_nb.scaffold import new_check as write

    for path in write(check, into):
        typer.echo(path)


if __name__ == "__main__":
    sys.exit(app())
