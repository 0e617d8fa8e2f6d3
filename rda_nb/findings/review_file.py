"""`<service>.review.yaml`: verdicts of reviewers on findings, and findings that reviewers add. Bad input is one line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from rda_nb.core import BadInput, Impact
from rda_nb.records import CONSEQUENCES

VERDICTS = ("confirmed", "false alarm", "accepted")
ENDING = ".review.yaml"
_MOST_BYTES = 4_000_000
_ID = r"^[0-9a-f]{16}$"
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Entry(BaseModel):
    """One verdict: on the finding with an id, or on all of a rule whose site lies in files that a pattern matches.

    `date` and `expiry` stay text: a day that cannot be read makes a waiver count as expired, not the run fail.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    finding: str = Field("", pattern=_ID)
    rule: str = Field("", pattern=r"^[a-z][a-z0-9_]*$")
    path: _Line = ""
    verdict: Literal["confirmed", "false alarm", "accepted"]
    owner: _Line
    reason: _Text
    date: str | None = None
    expiry: str | None = None

    @model_validator(mode="after")
    def _names_one_thing(self) -> Entry:
        if bool(self.finding) == bool(self.rule or self.path) or bool(self.rule) != bool(self.path):
            raise ValueError("names either a finding by its id, or a rule and a path")
        return self


class Citation(BaseModel):
    """A place that an added finding rests on, as its reviewer gives it; it is checked before it becomes evidence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: _Line
    line: int = Field(ge=1)
    end_line: int = Field(0, ge=0)
    excerpt: _Text


class Added(BaseModel):
    """A finding of a reviewer, a person or a program. `claim` says more than the title, which it is by default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: _Line
    priority: Literal["P0", "P1", "P2"]
    question: int = Field(ge=1, le=10)
    reviewer: _Line
    evidence: tuple[Citation, ...] = Field(min_length=1)
    recommendation: _Text
    verification: _Text
    claim: _Text = ""
    impact: Impact | None = None
    consequence: Literal[CONSEQUENCES] | None = None  # type: ignore[valid-type]  # the vocabulary is one tuple
    date: str | None = None


class Content(BaseModel):
    """A whole review file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdicts: tuple[Entry, ...] = ()
    findings: tuple[Added, ...] = ()

    @field_validator("verdicts", "findings", mode="before")
    @classmethod
    def _begun(cls, value: Any) -> Any:
        """A list that was begun and left empty."""
        return () if value == "" else value


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """A review file as it was read; `name` is empty and `content` is too when the run was given none."""

    name: str = ""
    digest: str = ""
    content: Content = field(default_factory=Content)


def read(path: Path, target: Path) -> ReviewFile:
    """The review file at `path`, which lies outside the target. BadInput, one line with file and key, otherwise."""
    outside(path, target)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: the review file cannot be read ({error.strerror})") from None
    if len(data) > _MOST_BYTES:
        raise BadInput(f"{path}: {len(data)} bytes are too many for a review file; the most is {_MOST_BYTES}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8 text") from None
    return ReviewFile(path.name, hashlib.sha256(data).hexdigest(), parse(text, str(path)))


def outside(path: Path, target: Path) -> None:
    """BadInput when a review file would lie in the target: nothing there is written, and all there is evidence."""
    if path.resolve().is_relative_to(target.resolve()):
        raise BadInput(
            f"{path}: a review file lies outside the target, for instance as parameters/{target.resolve().name}{ENDING}"
        )


def parse(text: str, name: str) -> Content:
    """The content of a review file. Every scalar is read as text, so that an id or a day stays as it was written."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        data = yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"{name}: not YAML ({' '.join(str(error).split())})") from None
    if node is None:
        return Content()
    twice = _twice(node)
    if twice is not None:
        raise BadInput(f"{name}:{twice.start_mark.line + 1}: {twice.value!r} stands twice in one mapping")
    try:
        found = Content.model_validate(data)
    except ValidationError as error:
        problem: Any = error.errors()[0]
        raise BadInput(f"{name}:{_line(node, problem['loc'])}: {_said(problem)}") from None
    seen: dict[str, int] = {}
    for index, entry in enumerate(found.verdicts):
        if entry.finding and seen.setdefault(entry.finding, index) != index:
            where = _line(node, ("verdicts", index, "finding"))
            already = f"verdicts[{seen[entry.finding]}] is on this finding already"
            raise BadInput(f"{name}:{where}: verdicts[{index}].finding: {already}")
    return found


def _said(problem: Any) -> str:
    """`verdicts[0].verdict: …`, with what is allowed and what was given."""
    key = ""
    for part in problem["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    kind, given = problem["type"], problem["input"]
    if kind == "missing":
        return f"{key}: missing"
    if kind == "extra_forbidden":
        owner: Any = {"verdicts": Entry, "findings": Added}.get(problem["loc"][0], Content)
        model = Citation if "evidence" in problem["loc"][:-1] else owner
        return f"{key}: unknown key; known are {', '.join(model.model_fields)}"
    if kind == "literal_error":
        return f"{key}: expected {problem['ctx']['expected']}, got {given!r}"
    said = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if kind in ("model_type", "tuple_type"):
        said = "should be a mapping" if kind == "model_type" else "should be a list"
    return f"{key or 'a review file'}: {said}" + (f", got {given!r}" if isinstance(given, str) else "")


def _line(node: Any, loc: Sequence[str | int]) -> int:
    """The 1-based line of a key, or of the nearest thing around it that exists."""
    line: int = node.start_mark.line
    for part in loc:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        else:
            break
    return line + 1


def _twice(root: Any) -> Any:
    """The first key that stands twice in its mapping, without which the last one would win in silence."""
    waiting, visited = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if key.value in seen:
                    return key
                if isinstance(key, yaml.ScalarNode):
                    seen.add(key.value)
                waiting.append(value)
    return None
