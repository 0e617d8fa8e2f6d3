"""Containers as compose, Kubernetes, Helm, ECS and SAM files start them: image, environment and arguments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from rda_nb.facts import doc_tree
from rda_nb.facts.doc_files import Files, Tree, tables
from rda_nb.facts.doc_tree import MARK, TEMPLATED, Mapping, Node, Scalar, Sequence

POD_KINDS = {
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Pod": ("spec",),
    "Rollout": ("spec", "template", "spec"),
    "Service": ("spec", "template", "spec"),
}
ORIGIN = {
    "compose": "compose",
    "kubernetes": "kubernetes",
    "helm_template": "helm",
    "helm_values": "helm",
    "ecs": "ecs",
    "cloudformation": "cloudformation",
    "serverless": "cloudformation",
}
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|\$([A-Za-z_]\w*)")
_SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash", "ash"})
_SAM = ("AWS::Serverless::Function", "AWS::Lambda::Function")


class Place(NamedTuple):
    """A value as text with its place; `path` may be a chart's values.yaml when a template refers to it."""

    value: str
    path: str
    line: int
    end_line: int


@dataclass(slots=True)
class Container:
    """One container of a workload as written; `node` is its own mapping, `pod` the one that holds it."""

    tree: Tree
    kind: str
    workload: str
    name: str
    image: str
    line: int
    node: Mapping
    pod: Mapping
    top: Mapping
    built: bool = False

    @property
    def origin(self) -> str:
        """Of what kind the file is, in the words of overrides."""
        return ORIGIN[self.tree.flavour]


@cache
def _dependencies() -> dict[str, str]:
    return {name: dependency for dependency, names in tables()["images"].items() for name in names}


def dependency(image: str) -> str:
    """The real dependency that an image gives (clickhouse, postgres, aws ...); '' for any other image."""
    base = image.partition("@")[0].rpartition("/")[2]
    return _dependencies().get(base.partition(":")[0].lower(), "")


def documents(tree: Tree) -> Iterator[Mapping]:
    """The objects of a Kubernetes document, a List taken apart."""
    root = doc_tree.mapping(tree.root)
    if doc_tree.text(root.get("kind")) == "List":
        yield from (item for item in doc_tree.items(root.get("items")) if isinstance(item, Mapping))
    else:
        yield root


def containers(tree: Tree) -> Iterator[Container]:
    """Every container that a document describes."""
    if tree.flavour == "compose":
        for key, node in doc_tree.mapping(doc_tree.mapping(tree.root).get("services")).members().values():
            if isinstance(node, Mapping):
                image = doc_tree.text(node.get("image"))
                built = node.get("build") is not None
                name = key.value
                yield Container(tree, "compose", name, name, image, key.line, node, node, node, built)
    elif tree.flavour in ("kubernetes", "helm_template"):
        for top in documents(tree):
            yield from _pod(tree, top)
    elif tree.flavour == "ecs":
        top = doc_tree.mapping(tree.root)
        family = doc_tree.text(top.get("family"))
        for node in doc_tree.items(top.get("containerDefinitions")):
            if isinstance(node, Mapping):
                name = doc_tree.text(node.get("name"))
                yield Container(
                    tree, "ecs", family or name, name, doc_tree.text(node.get("image")), node.line, node, top, top
                )
    elif tree.flavour in ("cloudformation", "serverless"):
        yield from _functions(tree)


def _pod(tree: Tree, top: Mapping) -> Iterator[Container]:
    kind = doc_tree.text(top.get("kind"))
    path = POD_KINDS.get(kind)
    pod = top.get(*path) if path else None
    if not isinstance(pod, Mapping):
        return
    workload = doc_tree.text(top.get("metadata", "name"))
    for node in doc_tree.items(pod.get("containers")):
        if isinstance(node, Mapping):
            name = doc_tree.text(node.get("name"))
            yield Container(tree, kind, workload, name, doc_tree.text(node.get("image")), node.line, node, pod, top)


def _functions(tree: Tree) -> Iterator[Container]:
    root = doc_tree.mapping(tree.root)
    section = root.get("functions") if tree.flavour == "serverless" else root.get("Resources")
    for key, node in doc_tree.mapping(section).members().values():
        if not isinstance(node, Mapping):
            continue
        body: Node | None = node
        if tree.flavour == "cloudformation":
            if doc_tree.text(node.get("Type")) not in _SAM:
                continue
            body = node.get("Properties")
        if isinstance(body, Mapping):
            yield Container(tree, "lambda", key.value, key.value, "", key.line, body, body, body, True)


def environment(files: Files, container: Container) -> Iterator[tuple[str, Place]]:
    """Names and values of a container's environment; values from elsewhere (valueFrom, ${X}) are left out."""
    for key in ("environment", "env", "Environment"):
        node = container.node.get(key)
        if isinstance(node, Mapping) and isinstance(node.get("Variables"), Mapping):
            node = node.get("Variables")
        if node is not None:
            yield from variables(files, container.tree, node)


def variables(files: Files, tree: Tree, node: Node) -> Iterator[tuple[str, Place]]:
    """Names and values of a mapping, of a list of NAME=value, or of a list of name and value pairs."""
    if isinstance(node, Mapping):
        for key, value in node.members().values():
            if isinstance(value, Scalar) and not value.null:
                place = settled(files, tree, value)
                if place is not None:
                    yield key.value, place
        return
    for item in doc_tree.items(node):
        if isinstance(item, Scalar):
            name, separator, given = item.value.partition("=")
            place = settled(files, tree, Scalar(given, item.line)) if separator else None
            if place is not None:
                yield name.strip(), place
        elif isinstance(item, Mapping):
            name_node, value_node = item.get("name") or item.get("Name"), item.get("value") or item.get("Value")
            if isinstance(name_node, Scalar) and isinstance(value_node, Scalar):
                place = settled(files, tree, value_node)
                if place is not None:
                    near = place.path == tree.file.path and 0 < place.line - name_node.line <= 2
                    yield name_node.value, place._replace(line=name_node.line) if near else place


def settled(files: Files, tree: Tree, scalar: Scalar) -> Place | None:
    """A scalar's value: template references looked up in the chart's values, shell variables by their defaults."""
    value, path, line = scalar.value, tree.file.path, scalar.line
    if MARK in value:
        match = TEMPLATED.fullmatch(value.strip())
        found = chart_value(files, tree, match[1]) if match and match[1] else None
        if found is not None:
            return found
        if match is None or not match[2]:
            return None
        value = match[2]
    if "$" in value:
        if any(m[2] is None for m in _VARIABLE.finditer(value)):
            return None
        value = _VARIABLE.sub(lambda m: m[2] or "", value)
    return Place(value.strip(), path, line, line)


def chart_value(files: Files, tree: Tree, reference: str) -> Place | None:
    """The value that a chart's values.yaml has for a `.Values` reference."""
    chart = tree.file.path.rpartition("templates/")[0]
    file = files.target.file(chart + "values.yaml")
    if file is None:
        return None
    for values in files.trees(file):
        found = doc_tree.mapping(values.root).get(*reference.split("."))
        if isinstance(found, Scalar) and not found.null:
            return Place(found.value, file.path, found.line, found.line)
    return None


def arguments(container: Container) -> list[tuple[str, int]]:
    """The words of a container's command line with their lines."""
    words: list[tuple[str, int]] = []
    shell = False
    for key in ("entrypoint", "entryPoint", "command", "args"):
        node = container.node.get(key)
        if isinstance(node, Scalar) and not node.null:
            words.extend((word, node.line) for word in split(node.value))
        elif isinstance(node, Sequence):
            plain = [(item.value, item.line) for item in node.items if isinstance(item, Scalar)]
            # `sh -c "one long line"` hides the words that count in its last item.
            for word, line in plain:
                words.extend((part, line) for part in (split(word) if " -" in word else (word,)))
                shell = shell or word in _SHELLS
    return [(word, line) for word, line in words if word != "-c"] if shell else words


def split(line: str) -> list[str]:
    """A command line as words, as a shell would cut it."""
    try:
        return shlex.split(line, comments=False)
    except ValueError:
        return line.split()


_FLAG = re.compile(r"--?([A-Za-z][\w.\-]*)(?:=(.*))?", re.DOTALL)


def flags(words: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str, int, int]]:
    """Name, value and lines of each flag: `--name=value`, `-name value`, a bare `--name` as true."""
    line_of = list(words)
    for n, (word, line) in enumerate(line_of):
        match = _FLAG.fullmatch(word)
        if match is None:
            continue
        if match[2] is not None:
            yield match[1], match[2].strip("\"'"), line, line
        elif n + 1 < len(line_of) and not _FLAG.fullmatch(line_of[n + 1][0]):
            yield match[1], line_of[n + 1][0], line, line_of[n + 1][1]
        else:
            yield match[1], "true", line, line
