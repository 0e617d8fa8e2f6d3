"""Services of compose files, and which real dependencies their images give."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.facts import doc_tree
from rda_nb.facts.doc_build import instructions
from rda_nb.facts.doc_containers import Container, containers, dependency, settled
from rda_nb.facts.doc_files import Files, Tree
from rda_nb.facts.doc_tree import Mapping, Node, Scalar
from rda_nb.facts.doc_workloads import deployment_trees


@dataclass(frozen=True, slots=True)
class ComposeService:
    """One service of a compose file; `dependency` is the real system its image gives, '' for any other image."""

    path: str
    line: int
    name: str
    image: str
    dependency: str
    built: bool
    role: str
    ports: tuple[str, ...]
    depends_on: tuple[str, ...]
    evidence: Evidence


def compose_services(files: Files) -> tuple[ComposeService, ...]:
    """Every service of every compose file."""
    found: list[ComposeService] = []
    for tree in deployment_trees(files, "compose"):
        for c in containers(tree):
            ports = tuple(_port(item) for item in doc_tree.items(c.node.get("ports")))
            after = c.node.get("depends_on")
            names = (
                tuple(key for key in after.members())
                if isinstance(after, Mapping)
                else tuple(doc_tree.text(item) for item in doc_tree.items(after))
            )
            cite = files.target.cite(tree.file.path, c.line, _image_line(c))
            found.append(
                ComposeService(
                    tree.file.path, c.line, c.name, c.image, _dependency(files, tree, c), c.built,
                    tree.file.role, ports, names, cite,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda s: (s.path, s.line, s.name)))


def _dependency(files: Files, tree: Tree, container: Container) -> str:
    """By the image, by the service that this one extends, or by the base image of its Dockerfile."""
    found = dependency(_default(files, tree, container))
    here = tree.file.path.rpartition("/")[0]
    extended = container.node.get("extends", "file")
    if not found and extended is not None:
        file = files.target.file(posixpath.normpath(posixpath.join(here, doc_tree.text(extended))))
        name = doc_tree.text(container.node.get("extends", "service"))
        for other in files.trees(file) if file is not None and file.kind == "yaml" else ():
            found = dependency(doc_tree.text(doc_tree.mapping(other.root).get("services", name, "image")))
    named = container.node.get("build", "dockerfile")
    if not found and named is not None:
        context = doc_tree.text(container.node.get("build", "context"))
        file = files.target.file(posixpath.normpath(posixpath.join(here, context, doc_tree.text(named))))
        bases = [body for name, body, _ in instructions(file) if name == "FROM"] if file is not None else []
        found = dependency(bases[-1].split()[0]) if bases else ""
    return found


def _default(files: Files, tree: Tree, container: Container) -> str:
    """The image, with the default of a shell variable in its tag put in."""
    place = settled(files, tree, Scalar(container.image, container.line))
    return place.value if place else container.image.partition("$")[0].rstrip(":")


def _port(node: Node) -> str:
    if isinstance(node, Mapping):
        published, inside = doc_tree.text(node.get("published")), doc_tree.text(node.get("target"))
        return f"{published}:{inside}" if published else inside
    return doc_tree.text(node)


def _image_line(container: Container) -> int:
    image = container.node.get("image")
    return (
        image.line
        if isinstance(image, Scalar) and container.line <= image.line <= container.line + 5
        else container.line
    )
