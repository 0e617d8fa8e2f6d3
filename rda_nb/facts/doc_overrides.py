"""What files of the target set for a configuration key: environment variables, config paths, command line flags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from rda_nb.core import Evidence
from rda_nb.facts import doc_tree
from rda_nb.facts.doc_build import instructions
from rda_nb.facts.doc_config import KINDS, of_file
from rda_nb.facts.doc_containers import Place, arguments, containers, dependency, documents, environment, flags, split
from rda_nb.facts.doc_containers import variables as listed
from rda_nb.facts.doc_files import LARGEST, Files, Tree, foreign, is_copy, tables
from rda_nb.facts.doc_tree import MARK, Mapping, Scalar, Sequence
from rda_nb.source import SourceFile

# Weakest first: what a process reads from a file gives way to what its container is started with.
ORIGINS = (
    "config file",
    "dockerfile",
    "env file",
    "systemd",
    "procfile",
    "compose",
    "cloudformation",
    "ecs",
    "helm",
    "kubernetes",
)
_RANK = {origin: rank for rank, origin in enumerate(ORIGINS)}
# Where a process gets its settings, weakest first; which of several starts of one process is meant, files do not tell.
_LEVELS = {"config file": 0, "dockerfile": 1}
_STARTED = 2

_SHOUTED = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_COMPOUND = re.compile(r"[A-Za-z0-9]+[_\-][A-Za-z0-9]|[a-z0-9][A-Z]")
_COMMAND = re.compile(r"^(?:[\w\-]+:|Exec\w+=)[ \t]*(.+)$")
_NESTED = frozenset({"config", "configuration", "settings", "appConfig", "configFile"})


class Setting(NamedTuple):
    """A value in force and its place. `own` is True when it surely belongs to the audited service's own process."""

    rank: int
    path: str
    line: int
    end_line: int
    value: str
    origin: str
    own: bool


def level(origin: str) -> int:
    """How strong an origin is: a config file, then the image, then any way the container is started (all alike)."""
    return _LEVELS.get(origin, _STARTED)


def fold(key: str) -> str:
    """A key as all its spellings have it: lower case, without - and _ (batch-size, batch_size, batchSize)."""
    return key.lower().replace("-", "").replace("_", "")


@cache
def _common() -> frozenset[str]:
    return frozenset(fold(word) for word in tables()["common_words"])


@dataclass(slots=True)
class Overrides:
    """Three indexes, built once: environment variables by name, config paths and flags by their folded name."""

    files: Files
    environment: dict[str, list[Setting]] = field(default_factory=dict)
    paths: dict[str, list[Setting]] = field(default_factory=dict)
    flags: dict[str, list[Setting]] = field(default_factory=dict)
    _found: dict[str, list[tuple[str, Evidence, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.files.target.files:
            if file.role == "product":
                self._read(file)

    def of(self, key: str) -> list[tuple[str, Evidence, str]]:
        """Value, evidence and origin of each setting for a key, weakest first; the same list for the same key."""
        known = self._found.get(key)
        if known is None:
            cite = self.files.target.cite
            # One place for each distinct value: a service with a file per network sets the same number fifty times.
            first: dict[tuple[str, str], Setting] = {}
            for setting in sorted(self._settings(key)):
                first.setdefault((setting.origin, setting.value), setting)
            known = [(s.value, cite(s.path, s.line, s.end_line, "override"), s.origin) for s in first.values()]
            self._found[key] = known
        return known

    def _settings(self, key: str) -> Iterator[Setting]:
        bare = key.lstrip("-")
        folded = fold(bare)
        if not folded:
            return
        common = folded in _common()
        if "." not in key:
            yield from (s for s in self.flags.get(folded, ()) if s.own or not common)
        if bare != key:
            return
        yield from self.environment.get(key, ())
        # A single word is a path of its own only when it says more than any program's setting would.
        if "." in key or (_COMPOUND.search(key) and not common and not _SHOUTED.fullmatch(key)):
            yield from self.paths.get(folded, ())

    def _read(self, file: SourceFile) -> None:
        kind = file.kind
        if kind == "dockerfile":
            self._dockerfile(file)
        elif kind == "text":
            self._unit(file)
        elif kind not in KINDS or file.size > LARGEST or is_copy(file.path):
            return
        elif kind == "env":
            for entry in of_file(self.files, file):
                self._variable(entry.keys[0], Place(entry.value, file.path, entry.line, entry.line), "env file")
        elif not foreign(file):
            if kind in ("yaml", "json"):
                for tree in self.files.trees(file):
                    self._tree(tree)
            else:
                for entry in of_file(self.files, file):
                    self._path(entry.keys, Place(entry.value, file.path, entry.line, entry.line), "config file")

    def _tree(self, tree: Tree) -> None:
        try:
            if tree.flavour == "config":
                self._scalars(tree, tree.root, 0, "config file")
            elif tree.flavour == "helm_values":
                self._values(tree)
            elif tree.flavour == "kubernetes" or tree.flavour == "helm_template":
                self._config_maps(tree)
            for container in containers(tree):
                if dependency(container.image) and not container.built:
                    continue
                for name, place in environment(self.files, container):
                    self._variable(name, place, container.origin)
                own = container.built or self._names_target(container.image, container.name, container.workload)
                self._flags(arguments(container), tree.file.path, container.origin, own)
        except doc_tree.Unreadable as error:
            self.files.gap(tree.file.path, str(error))

    def _scalars(self, tree: Tree, root: doc_tree.Node, offset: int, origin: str) -> None:
        for keys, scalar in doc_tree.scalars(root):
            if not scalar.null and MARK not in scalar.value:
                line = scalar.line + offset
                self._path(keys, Place(scalar.value, tree.file.path, line, line), origin)

    def _values(self, tree: Tree) -> None:
        """A chart's values: shouted names are environment variables, what lies below `config` is a config file."""
        stack: list[doc_tree.Node] = [tree.root]
        visits = 0
        while stack and visits < doc_tree.MOST_VISITS:
            node = stack.pop()
            visits += 1
            if isinstance(node, Sequence):
                for name, place in listed(self.files, tree, node):
                    self._shouted(name, place)
                stack.extend(item for item in node.items if not isinstance(item, Scalar))
            elif isinstance(node, Mapping):
                for key, value in node.members().values():
                    if isinstance(value, Scalar):
                        if not value.null:
                            self._shouted(key.value, Place(value.value, tree.file.path, value.line, value.line))
                    else:
                        stack.append(value)
                        if key.value in _NESTED and isinstance(value, Mapping):
                            self._scalars(tree, value, 0, "helm")

    def _shouted(self, name: str, place: Place) -> None:
        if _SHOUTED.fullmatch(name):
            self._variable(name, place, "helm")

    def _config_maps(self, tree: Tree) -> None:
        for top in documents(tree):
            kind = doc_tree.text(top.get("kind"))
            origin = "helm" if tree.flavour == "helm_template" else "kubernetes"
            if kind == "ConfigMap":
                for key, value in doc_tree.mapping(top.get("data")).members().values():
                    if isinstance(value, Scalar) and value.block and key.value.endswith((".yaml", ".yml", ".json")):
                        self._embedded(tree, value, origin)
                for name, place in listed(self.files, tree, doc_tree.mapping(top.get("data"))):
                    self._variable(name, place, origin)

    def _embedded(self, tree: Tree, block: Scalar, origin: str) -> None:
        if MARK in block.value:
            return
        try:
            for root in doc_tree.parse(block.value):
                self._scalars(tree, root, block.line, origin)
        except doc_tree.Unreadable as error:
            self.files.gap(tree.file.path, f"file within a ConfigMap: {error}")

    def _dockerfile(self, file: SourceFile) -> None:
        """The last stage of a Dockerfile: what earlier stages set does not reach the image."""
        base = ""
        commands: dict[str, list[tuple[str, int]]] = {}
        variables: list[tuple[str, Place]] = []
        for name, body, line in instructions(file):
            if name == "FROM":
                base, commands, variables = next((w for w in body.split() if w[:2] != "--"), ""), {}, []
            elif name == "ENV":
                variables.extend((k, Place(v, file.path, line, line)) for k, v in _pairs(body) if "$" not in v)
            elif name in ("CMD", "ENTRYPOINT"):
                words = [word.strip(",[]\"'") for word in split(body.replace('","', '" "'))]
                commands[name] = [(word, line) for word in words if word != "-c"]
        if dependency(base):
            return
        for variable, place in variables:
            self._variable(variable, place, "dockerfile")
        self._flags([word for part in commands.values() for word in part], file.path, "dockerfile", True)

    def _unit(self, file: SourceFile) -> None:
        """A Procfile or a systemd unit."""
        name = file.path.rpartition("/")[2]
        origin = "procfile" if name == "Procfile" else "systemd" if name.endswith(".service") else ""
        if not origin or file.size > LARGEST:
            return
        for number, line in enumerate(file.lines, 1):
            if origin == "systemd" and line.startswith("Environment="):
                for key, value in _pairs(line.partition("=")[2]):
                    self._variable(key, Place(value, file.path, number, number), origin)
            command = _COMMAND.match(line)
            if command:
                self._flags([(word, number) for word in split(command[1])], file.path, origin, True)

    def _names_target(self, *texts: str) -> bool:
        own = fold(self.files.target.name)
        return bool(own) and any(own in fold(text) for text in texts if text)

    def _variable(self, name: str, place: Place, origin: str) -> None:
        setting = Setting(_RANK[origin], place.path, place.line, place.end_line, place.value, origin, False)
        self.environment.setdefault(name, []).append(setting)

    def _path(self, keys: tuple[str, ...], place: Place, origin: str) -> None:
        setting = Setting(_RANK[origin], place.path, place.line, place.end_line, place.value, origin, False)
        if any(key.isdigit() for key in keys):
            return
        parts = [fold(key) for key in keys]
        self.paths.setdefault(".".join(parts), []).append(setting)
        for start in range(1, len(parts) - 1):
            self.paths.setdefault(".".join(parts[start:]), []).append(setting)

    def _flags(self, words: Iterable[tuple[str, int]], path: str, origin: str, own: bool) -> None:
        for name, value, line, end in flags(words):
            setting = Setting(_RANK[origin], path, line, end, value, origin, own)
            self.flags.setdefault(fold(name), []).append(setting)


def _pairs(body: str) -> Iterator[tuple[str, str]]:
    """The variables of a Dockerfile's ENV (both forms) or of systemd's Environment=."""
    words = split(body)
    if words and "=" not in words[0]:
        yield words[0], " ".join(words[1:])
        return
    for word in words:
        name, separator, value = word.partition("=")
        if separator:
            yield name, value
