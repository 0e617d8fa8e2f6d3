"""Which files hold configuration, what each is for (its flavour), and their trees, parsed once and only when asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache
from importlib import resources
from typing import Any

import yaml

from rda_nb.core import Gap
from rda_nb.facts import doc_tree
from rda_nb.facts.doc_tree import Mapping, Node, Sequence
from rda_nb.source import SourceFile, Target

# Data, not settings: lock files, fixtures, recorded answers, exported dashboards.
LARGEST = 300_000

_COMPOSE = re.compile(r"(?:.*[.\-_])?(?:docker-)?compose(?:[.\-_].*)?\.ya?ml")
_VALUES = re.compile(r"(?:values(?:[.\-_].*)?|.*[.\-_]values)\.ya?ml")
_WORDS = re.compile(r"[.\-_/]")


@dataclass(frozen=True, slots=True)
class Tree:
    """One document of a file: `flavour` is compose, kubernetes, helm_template, helm_values, cloudformation, serverless,
    ecs, rules, other (some other program's settings) or config."""

    file: SourceFile
    document: int
    root: Node
    flavour: str


@cache
def tables() -> dict[str, Any]:
    """The shipped tables of documents.yaml."""
    text = resources.files("rda_nb.facts").joinpath("documents.yaml").read_bytes()
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


@cache
def _patterns() -> tuple[re.Pattern[str], frozenset[str], re.Pattern[str], frozenset[str], frozenset[str]]:
    rules = tables()
    names = re.compile("|".join(translate(glob) for glob in rules["not_config"]["names"]))
    directories = frozenset(rules["not_config"]["directories"])
    content = re.compile(rules["not_config"]["content"])
    return names, directories, content, frozenset(rules["json_config"]), frozenset(rules["copies"])


def is_copy(path: str) -> bool:
    """True for a file meant to be renamed, such as `.env.example`: what it sets is in force nowhere."""
    copies = _patterns()[4]
    first, *words = _WORDS.split(path.rpartition("/")[2].lower())
    # `template.yaml` is what SAM deploys; `app.template.yaml` is a copy.
    return not copies.isdisjoint(words) or first in ("example", "sample")


def foreign(file: SourceFile) -> bool:
    """True for a file whose name or place says that it holds no settings of the service."""
    names, directories, content, json_words, _ = _patterns()
    *above, name = file.path.split("/")
    if names.match(name) or not directories.isdisjoint(above):
        return True
    if file.kind == "json":
        words = {word for part in file.path.lower().removesuffix(".json").split("/") for word in _WORDS.split(part)}
        if json_words.isdisjoint(words):
            return True
    return file.kind in ("yaml", "json") and content.search(file.text()[:2000]) is not None


@dataclass(slots=True)
class Files:
    """The files of one target as trees; `gaps` fills while trees are asked for."""

    target: Target
    gaps: dict[str, Gap] = field(default_factory=dict)
    _trees: dict[str, tuple[Tree, ...]] = field(default_factory=dict)
    _charts: frozenset[str] | None = None

    def of(self, roles: Iterable[str], *kinds: str) -> Iterator[SourceFile]:
        """Files of these roles and kinds that are small enough to be written by hand."""
        wanted = frozenset(roles)
        for file in self.target.files:
            if file.kind in kinds and file.role in wanted and file.size <= LARGEST:
                yield file

    def trees(self, file: SourceFile) -> tuple[Tree, ...]:
        """The documents of a YAML or JSON file; none, and a gap, when it cannot be read."""
        known = self._trees.get(file.path)
        if known is None:
            known = self._trees[file.path] = self._parsed(file)
        return known

    def gap(self, path: str, reason: str) -> None:
        """Record that a file could not be read."""
        self.gaps.setdefault(path, Gap(f"{path}: {reason}", "open the file by hand; none of its settings were read"))

    def charts(self) -> frozenset[str]:
        """Directories that hold a Chart.yaml, with a trailing slash ('' for the root)."""
        if self._charts is None:
            paths = (file.path for file in self.target.files if file.path.endswith("Chart.yaml"))
            self._charts = frozenset(path.removesuffix("Chart.yaml") for path in paths)
        return self._charts

    def is_template(self, file: SourceFile) -> bool:
        """True for a Helm template: a file below `templates/` of a chart."""
        head, separator, _ = file.path.rpartition("templates/")
        return bool(separator) and head in self.charts()

    def _parsed(self, file: SourceFile) -> tuple[Tree, ...]:
        source = file.text()
        template = self.is_template(file)
        if template:
            source = doc_tree.neutralised(source)
        try:
            roots = doc_tree.parse(source)
        except doc_tree.Unreadable as error:
            if "{{" in source and not template:
                return ()
            self.gap(file.path, f"{'Helm template' if template else file.kind} cannot be read: {error}")
            return ()
        return tuple(Tree(file, n, root, self._flavour(file, root, template)) for n, root in enumerate(roots))

    def _flavour(self, file: SourceFile, root: Node, template: bool) -> str:
        name = file.path.rpartition("/")[2]
        if template:
            return "helm_template"
        if isinstance(root, Sequence):
            return "other" if foreign(file) else "config"
        members = doc_tree.mapping(root).members()
        if "apiVersion" in members and "kind" in members:
            return "kubernetes"
        if "services" in members and (_COMPOSE.fullmatch(name) or _has_images(members["services"][1])):
            return "compose"
        if _VALUES.fullmatch(name):
            return "helm_values"
        if "Resources" in members and any(
            key in members for key in ("AWSTemplateFormatVersion", "Transform", "Outputs")
        ):
            return "cloudformation"
        if "provider" in members and name.startswith("serverless"):
            return "serverless"
        if "containerDefinitions" in members:
            return "ecs"
        if "groups" in members and _has_rules(members["groups"][1]):
            return "rules"
        return "other" if foreign(file) else "config"


def _has_images(services: Node) -> bool:
    return any(
        isinstance(value, Mapping) and ("image" in value.members() or "build" in value.members())
        for _, value in doc_tree.mapping(services).pairs
    )


def _has_rules(groups: Node) -> bool:
    return any(isinstance(group, Mapping) and "rules" in group.members() for group in doc_tree.items(groups))
