"""The parameters of a run: those of the notebook's `parameters` cell, of `parameters/<service>.yaml` and of `--set`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rda_nb.core import BadInput


class Parameters(BaseModel):
    """What a person may set. Anything else is an error, and so is a value of the wrong type."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    TARGET_SERVICE_PATH: str = Field(".", description="the one directory that is read")
    SERVICE_NAME: str = Field("", description="the name in the report; empty: the directory's or module's name")
    OUTPUT_DIR: str = Field("outputs", description="where runs are kept: <OUTPUT_DIR>/<service>/<run>/")
    SHARED_RULES: str = Field("", description="a folder with the shared rules of the specification, or nothing")
    max_file_bytes: int = Field(2_000_000, ge=1_000, description="larger files are skipped and listed")
    arrival_rate_per_s: float = Field(0.0, ge=0, description="assumed arrivals per second, for the capacity figure")
    items_per_batch: int = Field(1, ge=1, description="assumed items per batch, for the capacity figure")

    def plain(self) -> dict[str, Any]:
        """The parameters as the report shows them: the output folder and the path say nothing about the service."""
        hidden = {"TARGET_SERVICE_PATH", "OUTPUT_DIR"}
        return {name: value for name, value in self.model_dump().items() if name not in hidden}


def parameters(given: Mapping[str, Any]) -> Parameters:
    """Checked parameters. BadInput in one line that names the key and what is allowed."""
    try:
        return Parameters(**given)
    except ValidationError as error:
        raise BadInput("; ".join(_plain(problem) for problem in error.errors())) from None


def _plain(problem: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    known = list(Parameters.model_fields)
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name.lower(), [key.lower() for key in known], n=1)
        meant = next((key for key in known if near and key.lower() == near[0]), "")
        hint = f"; did you mean {meant}?" if meant else ""
        return f"unknown parameter {name!r}{hint} Known are {', '.join(known)}"
    return f"parameter {name}: {problem['msg']} (got {problem['input']!r})"


def read_file(path: Path) -> dict[str, Any]:
    """The parameters in a YAML file. BadInput when it cannot be read or is no mapping."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: not YAML ({str(error).splitlines()[0]})") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadInput(f"{path}: a parameters file is a mapping of names to values")
    return {str(key): value for key, value in found.items()}


def read_assignment(text: str) -> tuple[str, Any]:
    """`key=value` as given to `--set`; the value is read as YAML, so `5` is a number. BadInput when there is no `=`."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise BadInput(f"--set {text!r}: expected key=value")
    try:
        return key.strip(), yaml.safe_load(value) if value.strip() else ""
    except yaml.YAMLError:
        return key.strip(), value
