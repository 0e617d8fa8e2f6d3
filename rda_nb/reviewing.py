"""`rda review` and `rda facts`: what reviewers say of the findings of a service, and the facts they start from."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rda_nb.core import BadInput
from rda_nb.options import Assigned, Debug, Form, Params, ReviewFile, Target, chosen_parameters, review_places

if TYPE_CHECKING:
    from rda_nb.parameters import Parameters
    from rda_nb.pipeline import Audit

_Finding = Annotated[str, typer.Option("--finding", metavar="ID", help="The finding that the verdict is on.")]
_Rule = Annotated[str, typer.Option("--rule", metavar="CHECK", help="All findings of this check in --path.")]
_Path = Annotated[
    str, typer.Option("--path", metavar="PATTERN", help="Files of the target, a pattern as in .gitignore.")
]


def review(  # one option per key of the file
    target: Target = None,
    review_file: ReviewFile = None,
    finding: _Finding = "",
    rule: _Rule = "",
    path: _Path = "",
    verdict: Annotated[
        str, typer.Option("--verdict", metavar="VERDICT", help="confirmed, 'false alarm' or accepted.")
    ] = "",
    owner: Annotated[str, typer.Option("--owner", metavar="NAME", help="Who answers for the verdict.")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the report.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="The last day on which it counts.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the verdict out of the file.")] = False,
    add: Annotated[
        Path | None,
        typer.Option("--add", metavar="FILE", help="Add the findings of a YAML or JSON file whose citations hold."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List all findings; the default without a verdict.")] = False,
    params: Params = None,
    set_: Assigned = None,
    debug: Debug = False,
) -> None:
    """Write a verdict on a finding of TARGET into its review file, or list the findings and how they stand.

    Exit code 1 when an added finding was refused because a place that it cites does not hold.
    """
    from rda_nb import pipeline
    from rda_nb.findings.review_file import outside

    entry = {"finding": finding, "rule": rule, "path": path}
    named = any(entry.values())
    if remove and (verdict or not named):
        raise BadInput("--remove takes --finding, or --rule and --path, and no --verdict")
    if named and not (verdict or remove):
        raise BadInput("--finding, --rule and --path say what a --verdict is on; --list shows all findings")
    if verdict and not named:
        raise BadInput("--verdict needs --finding ID, or --rule CHECK and --path PATTERN; --list shows all findings")
    chosen = chosen_parameters(target, params, set_ or [], None, review_file)
    if not (verdict or remove or add):
        _list(pipeline.run(chosen))
        return
    if not chosen.REVIEW:
        chosen = chosen.model_copy(update={"REVIEW": str(_expected(chosen, params))})
    file, root = Path(chosen.REVIEW), Path(chosen.TARGET_SERVICE_PATH)
    outside(file, root)
    refused = 0
    if remove:
        from rda_nb.findings.review_edit import drop_verdict

        drop_verdict(file, root, entry)
        typer.echo(f"removed from {file}")
    elif verdict:
        from rda_nb.findings.review_record import record

        given = entry | {"verdict": verdict, "owner": owner, "reason": reason, "expiry": until}
        typer.echo(record(_audit(chosen).document, file, root, given))
    if add is not None:
        refused = _added(chosen, file, root, add)
    if listed:
        _list(_audit(chosen))
    if refused:
        raise typer.Exit(1)


def facts(
    target: Target = None,
    form: Annotated[Form, typer.Option("--format", help="A summary, or all facts as JSON.")] = Form.TEXT,
    params: Params = None,
    set_: Assigned = None,
    debug: Debug = False,
) -> None:
    """Show what was read in TARGET, without judgement: the facts that a reviewer starts from. Nothing is written."""
    from rda_nb import pipeline
    from rda_nb.report import factsheet, machine

    chosen = chosen_parameters(target, params, set_ or [], None, "")
    stages = dict(itertools.islice(pipeline.steps(chosen), pipeline.STAGES.index("check") + 1))
    with pipeline.uncollected():
        found = factsheet.sheet(stages["resolve"], stages["check"])
    typer.echo(machine.dumps(found) if form is Form.JSON else factsheet.summary(found), nl=False)


def _expected(chosen: Parameters, params: Path | None) -> Path:
    """Where a review file that nobody named is written."""
    places = review_places(chosen, params)
    if not places:
        raise BadInput("no place for a review file outside the target; name one with --review FILE")
    return places[0]


def _audit(chosen: Parameters) -> Audit:
    """The audit with the review file as it is now, if it is there already."""
    from rda_nb import pipeline

    if not Path(chosen.REVIEW).exists():
        chosen = chosen.model_copy(update={"REVIEW": ""})
    return pipeline.run(chosen)


def _added(chosen: Parameters, file: Path, root: Path, source: Path) -> int:
    """Add the findings of a file whose citations hold, and list those that do not; returns how many were refused."""
    from rda_nb import source as door
    from rda_nb.findings.added import admitted
    from rda_nb.findings.review_edit import add_findings
    from rda_nb.findings.review_file import read

    given = read(source, root).content.findings
    target = door.read(root, max_file_bytes=chosen.max_file_bytes)
    _, refused = admitted(given, target)
    places = {one.place for one in refused}
    held = tuple(one for index, one in enumerate(given) if f"findings[{index}]" not in places)
    count = add_findings(file, root, held) if held else 0
    typer.echo(f"{count} findings added to {file}, {len(held) - count} were there already, {len(refused)} refused")
    for one in refused:
        typer.echo(f"refused {one.place}: {one.priority} {one.title}: {'; '.join(one.reasons)}")
    return len(refused)


def _list(audit: Audit) -> None:
    """Every finding with its id, place and standing; then what does not count, and the counts."""
    from rda_nb.findings.review_record import place
    from rda_nb.report import review as said

    document = audit.document
    for f in document["findings"]:
        note = said.note(f).replace("`", "")
        typer.echo(f"{f['id']}  {f['priority']}  {f['title']}  {place(f)}  {f['rule']}" + (f"  [{note}]" * bool(note)))
    for line in said.failing(document):
        typer.echo(line.replace("`", ""))
    typer.echo(said.counted(document))
