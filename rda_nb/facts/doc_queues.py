"""Queues, streams and tables declared in infrastructure files, with the numbers that bound the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rda_nb.core import Evidence
from rda_nb.facts import doc_hcl, doc_tree
from rda_nb.facts.doc_containers import split
from rda_nb.facts.doc_files import LARGEST, Files, Tree, tables
from rda_nb.facts.doc_tree import Mapping, Scalar
from rda_nb.facts.doc_workloads import ROLES, Amount, deployment_trees
from rda_nb.source import SourceFile

_COMMAND = re.compile(
    r"\b(?:awslocal|aws)\b(?:\s+--\S+(?:[= ]\S+)?)*?\s+(sqs|dynamodb|kinesis|sns)\s+(create-\w+)\b(.*)"
)
_INSIDE = re.compile(r"\\*\"?\b(\w+)\\*\"?\s*[=:]\s*\\*\"?([\w.\-:/]+)")
_VARIABLE = re.compile(r"\$?\{?\bvar\.(\w+)\}?")


@dataclass(frozen=True, slots=True)
class Queue:
    """A declared queue, stream, topic or table. `settings` maps names such as visibility_timeout_s, max_receive_count,
    read_capacity to amounts, sorted by name; `dead_letter` is where failed messages go, as written, '' when nowhere."""

    path: str
    line: int
    system: str
    name: str
    role: str
    evidence: Evidence
    settings: tuple[tuple[str, Amount], ...] = ()
    dead_letter: str = ""
    billing: str = ""

    def get(self, name: str) -> Amount | None:
        """One setting."""
        return dict(self.settings).get(name)


def queues(files: Files) -> tuple[Queue, ...]:
    """Every declared queue, stream, topic and table."""
    found: list[Queue] = []
    for tree in deployment_trees(files, "cloudformation", "serverless"):
        found.extend(_resources(files, tree))
    terraform = list(files.of(ROLES, "hcl"))
    defaults = _variables(terraform)
    for file in terraform:
        found.extend(_terraform(files, file, defaults.get(file.path.rpartition("/")[0], {})))
    for file in files.target.files:
        if file.kind in ("shell", "makefile", "yaml") and file.size <= LARGEST and b"create-" in file.data:
            found.extend(_commands(files, file))
    return tuple(sorted(set(found), key=lambda q: (q.path, q.line, q.name)))


def _number(text: str) -> float | None:
    try:
        return float(text.strip("\"' "))
    except ValueError:
        return None


# CloudFormation


def _resources(files: Files, tree: Tree) -> Iterator[Queue]:
    root = doc_tree.mapping(tree.root)
    section = root.get("Resources") if tree.flavour == "cloudformation" else root.get("resources", "Resources")
    for key, node in doc_tree.mapping(section).members().values():
        rule = tables()["stores"]["cloudformation"].get(
            doc_tree.text(node.get("Type")) if isinstance(node, Mapping) else ""
        )
        if rule is None or not isinstance(node, Mapping):
            continue
        properties = doc_tree.mapping(node.get("Properties"))
        settings = []
        for path, ours in rule.items():
            value = properties.get(*path.split("."))
            number = _number(value.value) if isinstance(value, Scalar) else None
            if path not in ("system", "name") and isinstance(value, Scalar) and number is not None:
                settings.append((ours, Amount(number, value.value, files.target.cite(tree.file.path, value.line))))
        target = properties.get("RedrivePolicy", "deadLetterTargetArn")
        yield Queue(
            tree.file.path,
            key.line,
            rule["system"],
            doc_tree.text(properties.get(rule["name"])) or key.value,
            tree.file.role,
            files.target.cite(tree.file.path, key.line),
            tuple(sorted(settings)),
            _reference(target),
            doc_tree.text(properties.get("BillingMode")),
        )


def _reference(node: doc_tree.Node | None) -> str:
    """The name of a resource behind `!GetAtt Name.Arn`, `Fn::GetAtt: [Name, Arn]` or a plain ARN."""
    if isinstance(node, Mapping):
        inner = node.get("Fn::GetAtt") or node.get("Ref")
        items = doc_tree.items(inner)
        return doc_tree.text(items[0]) if items else doc_tree.text(inner).split(".")[0]
    return doc_tree.text(node).removesuffix(".Arn")


# Terraform


def _variables(files: list[SourceFile]) -> dict[str, dict[str, tuple[str, str, int]]]:
    """Defaults of variables by directory: (value, path, line)."""
    found: dict[str, dict[str, tuple[str, str, int]]] = {}
    for file in files:
        for block in doc_hcl.blocks(file.lines):
            default = block.get("default")
            if block.kind == "variable" and block.labels and default:
                below = found.setdefault(file.path.rpartition("/")[0], {})
                below[block.labels[0]] = (default[0], file.path, default[1])
    return found


def _terraform(files: Files, file: SourceFile, variables: dict[str, tuple[str, str, int]]) -> Iterator[Queue]:
    for block in doc_hcl.blocks(file.lines):
        rule: dict[str, Any] | None = tables()["stores"]["terraform"].get(block.labels[0] if block.labels else "")
        if block.kind != "resource" or rule is None or len(block.labels) < 2:
            continue
        settings = []
        for name, ours in rule.items():
            given = block.get(name) if name not in ("system", "name") else None
            if given is None:
                continue
            value, line = given
            path = file.path
            referred = _VARIABLE.fullmatch(value)
            if referred and referred[1] in variables:
                value, path, line = variables[referred[1]]
            number = _number(value)
            if number is not None:
                settings.append((ours, Amount(number, value.strip('"'), files.target.cite(path, line))))
        named = block.get(rule["name"])
        target = block.get("deadLetterTargetArn") or block.get("dead_letter_topic")
        billing = block.get("billing_mode")
        yield Queue(
            file.path,
            block.line,
            rule["system"],
            named[0].strip('"') if named else block.labels[1],
            file.role,
            files.target.cite(file.path, block.line),
            tuple(sorted(settings)),
            target[0].strip('"') if target else "",
            billing[0].strip('"') if billing else "",
        )


# Command lines


def _commands(files: Files, file: SourceFile) -> Iterator[Queue]:
    for number, end, line in _joined(file.lines):
        match = _COMMAND.search(line)
        rule = tables()["stores"]["command"].get(f"{match[1]} {match[2]}") if match else None
        if match is None or rule is None:
            continue
        words = split(match[3])
        name = next(
            (
                _option(words, n, option)
                for n, option in enumerate(words)
                if option.split("=")[0] == f"--{rule['name']}"
            ),
            "",
        )
        if not name or name.startswith("$"):
            continue
        evidence = files.target.cite(file.path, number, end)
        pairs = dict(_INSIDE.findall(line))
        pairs.update((w.removeprefix("--"), _option(words, n, w)) for n, w in enumerate(words) if w.startswith("--"))
        settings = [
            (ours, Amount(value, pairs[theirs], evidence))
            for theirs, ours in rule.items()
            if theirs not in ("system", "name") and theirs in pairs and (value := _number(pairs[theirs])) is not None
        ]
        target = pairs.get("deadLetterTargetArn", "").rpartition(":")[2]
        yield Queue(
            file.path,
            number,
            rule["system"],
            name,
            file.role,
            evidence,
            tuple(sorted(settings)),
            target,
            pairs.get("billing-mode", ""),
        )


def _option(words: list[str], n: int, word: str) -> str:
    _, separator, value = word.partition("=")
    return value if separator else words[n + 1] if n + 1 < len(words) else ""


def _joined(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Lines with their continuations joined: first line, last line, text."""
    start, text = 0, ""
    for number, line in enumerate(lines, 1):
        start = start or number
        if line.rstrip().endswith("\\") and number < len(lines):
            text += line.rstrip()[:-1] + " "
            continue
        yield start, number, text + line
        start, text = 0, ""
