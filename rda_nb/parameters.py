"""The parameters of a run: those of the notebook's `parameters` cell, of `parameters/<service>.yaml` and of `--set`."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from rda_nb.core import BadInput

# What the specification names as its shared rules.
RULE_FILES = ("rda-common-rules.md", "REPORT_TEMPLATE.md", "RISK_RUBRIC.md", "PIPELINE.md")


def _text(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


PathText = Annotated[str, BeforeValidator(_text)]


class Parameters(BaseModel):
    """What a person may set. Anything else is an error, and so is a value of the wrong type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    TARGET_SERVICE_PATH: PathText = Field(".", description="the one directory that is read")
    SERVICE_NAME: str = Field("", description="the name in the report; empty: the directory's or module's name")
    OUTPUT_DIR: PathText = Field("outputs", description="where runs are kept: <OUTPUT_DIR>/<service>/<run>/")
    SHARED_RULES: PathText = Field("", description="a folder with the shared rules of the specification, or nothing")
    REVIEW: PathText = Field("", description="a file of reviewers' verdicts and added findings, or nothing")
    max_file_bytes: int = Field(2_000_000, ge=1_000, description="larger files are skipped and listed")
    arrival_rate_per_s: float = Field(0.0, ge=0, description="assumed arrivals per second; 0: not assumed")
    items_per_batch: int = Field(1, ge=1, description="assumed items per batch")

    def plain(self) -> dict[str, Any]:
        """The parameters as the report shows them: paths of this machine say nothing about the service."""
        hidden = {"TARGET_SERVICE_PATH", "OUTPUT_DIR", "SHARED_RULES", "REVIEW"}
        return {name: value for name, value in self.model_dump().items() if name not in hidden}

    def shared_rules(self) -> dict[str, Any]:
        """The shared rules as the run records them: which files there were, by digest, and what they change.

        BadInput when a folder is given that holds none of them.
        """
        own = "the rubric and structure of this kit's own specification were used"
        if not self.SHARED_RULES:
            return {"gap": f"not given; {own}"}
        folder = Path(self.SHARED_RULES)
        try:
            found = {name: folder.joinpath(name).read_bytes() for name in RULE_FILES if (folder / name).is_file()}
        except OSError as error:
            raise BadInput(f"parameter SHARED_RULES: {error.filename} cannot be read ({error.strerror})") from None
        if not found:
            raise BadInput(f"parameter SHARED_RULES: {folder} holds none of {', '.join(RULE_FILES)}")
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
        named = ", ".join(f"{name} ({digest[:12]})" for name, digest in digests.items())
        return {"files": digests, "gap": f"{named} given, recorded and not interpreted; {own}: compare them by hand"}


def parameters(given: Mapping[str, Any]) -> Parameters:
    """Checked parameters. BadInput in one line that names the key and what is allowed."""
    try:
        return Parameters(**given)
    except ValidationError as error:
        raise BadInput("; ".join(_plain(problem) for problem in error.errors())) from None


def _plain(problem: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] != "extra_forbidden":
        return f"parameter {name}: {problem['msg'].removeprefix('Input ')}, got {problem['input']!r}"
    known = list(Parameters.model_fields)
    near = difflib.get_close_matches(name.lower(), [key.lower() for key in known], n=1)
    meant = next((f"; did you mean {key}?" for key in known if near and key.lower() == near[0]), ".")
    return f"unknown parameter {name!r}{meant} Known are {', '.join(known)}"


def read_file(path: Path) -> dict[str, Any]:
    """The parameters in a YAML file. BadInput when it cannot be read or is no mapping."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8 text") from None
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: not YAML ({' '.join(str(error).split())})") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadInput(f"{path}: a parameters file is a mapping of names to values")
    return {str(key): value for key, value in found.items()}


def read_assignment(text: str) -> tuple[str, Any]:
    """`key=value` as given to `--set`; the value is YAML unless the parameter is a text. BadInput without `=`."""
    key, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not key:
        raise BadInput(f"--set {text!r}: expected key=value")
    field = Parameters.model_fields.get(key)
    if field is not None and field.annotation is str:
        return key, value
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError:
        return key, value
