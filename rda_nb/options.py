"""Arguments and options that several commands share, and the parameters that they amount to."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rda_nb.parameters import Parameters


class Form(StrEnum):
    """What is written on standard output."""

    TEXT = "text"
    JSON = "json"


Target = Annotated[
    str | None,
    typer.Argument(help="The service's directory; nothing outside it is read.", show_default="."),
]
Params = Annotated[Path | None, typer.Option("--params", metavar="FILE", help="A YAML file with parameters.")]
Assigned = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one parameter; repeatable; wins over --params."),
]
Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Where runs are kept, as DIR/<service>/<run>/.",
        show_default="outputs",
    ),
]
ReviewFile = Annotated[
    str | None,
    typer.Option(
        "--review",
        metavar="FILE",
        help="Reviewers' verdicts and added findings; '' for none.",
        show_default="<service>.review.yaml beside the parameters file or in parameters/, if there is one",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a fault.")]


def chosen_parameters(
    target: str | None, params: Path | None, assigned: list[str], out: str | None, review: str | None = None
) -> Parameters:
    """The file, then `--set`, then the command's own arguments; the output folder never inside the target.

    A review file that nobody named is picked up where it is expected, and standard error says so.
    """
    from rda_nb.outputs import folder_for_runs
    from rda_nb.parameters import parameters, read_assignment, read_file

    given = read_file(params) if params is not None else {}
    given |= dict(read_assignment(text) for text in assigned)
    named = (("TARGET_SERVICE_PATH", target), ("OUTPUT_DIR", out), ("REVIEW", review))
    given |= {name: value for name, value in named if value is not None}
    chosen = parameters(given)
    kept_in = folder_for_runs(chosen.OUTPUT_DIR, chosen.TARGET_SERVICE_PATH, given="OUTPUT_DIR" in given)
    chosen = chosen.model_copy(update={"OUTPUT_DIR": str(kept_in)})
    return _with_review(chosen, params, given)


def _with_review(chosen: Parameters, params: Path | None, given: Mapping[str, Any]) -> Parameters:
    if "REVIEW" in given:
        return chosen
    found = next((path for path in review_places(chosen, params) if path.is_file()), None)
    if found is None:
        return chosen
    typer.echo(f"Review file: {found} (picked up by its name; --review '' leaves it out)", err=True)
    return chosen.model_copy(update={"REVIEW": str(found)})


def review_places(chosen: Parameters, params: Path | None) -> list[Path]:
    """Where a service's review file is expected, likeliest first; never inside the target."""
    root = Path(chosen.TARGET_SERVICE_PATH).resolve()
    names = [params.stem] if params is not None else []
    names += [name for name in (chosen.SERVICE_NAME, root.name) if name and name == Path(name).name]
    folders = [params.parent] if params is not None else []
    places = [folder / f"{name}.review.yaml" for folder in [*folders, Path("parameters")] for name in names]
    return [path for path in dict.fromkeys(places) if not path.resolve().is_relative_to(root)]
