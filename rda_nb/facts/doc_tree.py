"""YAML and JSON as trees with lines, read from parser events: nothing recurses, and size and depth are bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml._yaml import CParser

DEEPEST = 60
MOST_NODES = 60_000
MOST_VISITS = 40_000


class Unreadable(Exception):
    """A document that cannot be read; the message is the reason, without the path."""


class Scalar:
    """A value as text. `plain` is False when it was quoted or a block; `block` when it is a `|` or `>` block."""

    __slots__ = ("block", "line", "plain", "value")

    def __init__(self, value: str, line: int, plain: bool = True, block: bool = False) -> None:
        self.value = value
        self.line = line
        self.plain = plain
        self.block = block

    @property
    def null(self) -> bool:
        """True for an empty or null value."""
        return self.plain and self.value in ("", "~", "null", "Null", "NULL")


class Sequence:
    """A list; items in order."""

    __slots__ = ("items", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.items: list[Node] = []


class Mapping:
    """A mapping; pairs in order, repeated keys kept. A look-up gives the last of equal keys, then merged mappings."""

    __slots__ = ("_members", "line", "pairs")

    def __init__(self, line: int) -> None:
        self.line = line
        self.pairs: list[tuple[Scalar, Node]] = []
        self._members: dict[str, tuple[Scalar, Node]] | None = None

    def get(self, *path: str) -> Node | None:
        """The node below these keys; None when a key is missing."""
        node: Node | None = self
        for key in path:
            if not isinstance(node, Mapping):
                return None
            pair = node.members().get(key)
            node = pair[1] if pair else None
        return node

    def key(self, name: str) -> Scalar | None:
        """The key itself, for its line."""
        pair = self.members().get(name)
        return pair[0] if pair else None

    def members(self, depth: int = 0) -> dict[str, tuple[Scalar, Node]]:
        """Every pair by key, merged mappings included; worked out once, so that shared anchors cost nothing twice."""
        if self._members is None:
            found: dict[str, tuple[Scalar, Node]] = {}
            self._members = found
            for name, value in self.pairs:
                if name.value == "<<" and name.plain and depth < DEEPEST:
                    for source in value.items if isinstance(value, Sequence) else (value,):
                        if isinstance(source, Mapping):
                            for key, pair in source.members(depth + 1).items():
                                found.setdefault(key, pair)
            found.update((pair[0].value, pair) for pair in self.pairs if pair[0].value != "<<")
        return self._members


Node = Scalar | Sequence | Mapping


def text(node: Node | None) -> str:
    """A scalar's text; '' for anything else and for null."""
    return node.value if isinstance(node, Scalar) and not node.null else ""


def mapping(node: Node | None) -> Mapping:
    """The node if it is a mapping, else an empty one."""
    return node if isinstance(node, Mapping) else Mapping(node.line if node is not None else 0)


def items(node: Node | None) -> list[Node]:
    """The items of a list; none for anything else."""
    return node.items if isinstance(node, Sequence) else []


def parse(source: str) -> list[Node]:
    """The documents of a YAML stream (JSON is read the same way), without empty ones. Unreadable when it is neither."""
    builder = _Builder()
    try:
        parser = _Events(source)
        while parser.check_event():
            builder.event(parser.get_event())
    except yaml.YAMLError as error:
        raise Unreadable(_reason(error)) from None
    except (ValueError, UnicodeError) as error:
        raise Unreadable(str(error).split("\n", 1)[0][:100]) from None
    return builder.documents


class _Events(CParser):
    """libyaml's parser alone: no tag is resolved, so that `on` and `1e3` stay the text they are."""


class _Builder:
    """Puts nodes together from events, with a stack of its own."""

    def __init__(self) -> None:
        self.documents: list[Node] = []
        self._stack: list[Mapping | Sequence] = []
        self._keys: list[Scalar | None] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def event(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            style = event.style
            node: Node = Scalar(event.value, event.start_mark.line + 1, not style, style in ("|", ">"))
            self._place(node, event.anchor)
        elif kind is yaml.MappingStartEvent:
            self._open(Mapping(event.start_mark.line + 1), event.anchor)
        elif kind is yaml.SequenceStartEvent:
            self._open(Sequence(event.start_mark.line + 1), event.anchor)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._stack.pop()
            self._keys.pop()
        elif kind is yaml.AliasEvent:
            known = self._anchors.get(event.anchor)
            if known is None:
                raise Unreadable(f"alias *{event.anchor} has no anchor (line {event.start_mark.line + 1})")
            self._place(known, None)
        elif kind is yaml.DocumentStartEvent:
            self._anchors = {}

    def _open(self, node: Mapping | Sequence, anchor: str | None) -> None:
        if len(self._stack) >= DEEPEST:
            raise Unreadable(f"nested more than {DEEPEST} levels deep (line {node.line})")
        self._place(node, anchor)
        self._stack.append(node)
        self._keys.append(None)

    def _place(self, node: Node, anchor: str | None) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise Unreadable(f"more than {MOST_NODES} values")
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            if not (isinstance(node, Scalar) and node.null):
                self.documents.append(node)
            return
        parent = self._stack[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node if isinstance(node, Scalar) else Scalar("?", node.line)
        else:
            parent.pairs.append((key, node))
            self._keys[-1] = None


def _reason(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
    mark = getattr(error, "problem_mark", None)
    return f"{problem} (line {mark.line + 1})" if mark is not None else str(problem)[:100]


def scalars(root: Node) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every scalar value with its keys, list positions as numbers; aliases are followed, up to MOST_VISITS values."""
    stack: list[tuple[tuple[str, ...], Node]] = [((), root)]
    visits = 0
    while stack:
        keys, node = stack.pop()
        visits += 1
        if visits > MOST_VISITS:
            raise Unreadable(f"more than {MOST_VISITS} values once aliases are followed")
        if isinstance(node, Scalar):
            yield keys, node
        elif len(keys) >= DEEPEST:
            raise Unreadable(f"nested more than {DEEPEST} levels deep")
        elif isinstance(node, Mapping):
            stack.extend(((*keys, key.value), value) for key, value in reversed(node.members().values()))
        else:
            stack.extend(((*keys, str(n)), item) for n, item in reversed(list(enumerate(node.items))))


# Helm's actions. A line that holds nothing else goes; inside a line a value reference keeps its path for later.
_ACTION = re.compile(r"\{\{-?((?:[^}\"`]|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|\}(?!\}))*)-?\}\}")
_VALUE = re.compile(r"\s*(?:quote|int|int64|toString|tpl)?\s*\(?\s*\$?\.Values\.([\w.\-]+)([^}]*)")
_DEFAULT = re.compile(r"\bdefault\s+(\"[^\"]*\"|[\w.\-]+)")
MARK = "\u2063"
TEMPLATED = re.compile(MARK + r"([^" + MARK + r"|]*)\|?([^" + MARK + r"]*)" + MARK)


def neutralised(source: str) -> str:
    """A Helm template as YAML with the same lines: control lines are emptied, values become marks (see TEMPLATED)."""
    lines = []
    for line in source.split("\n"):
        if "{{" not in line:
            lines.append(line)
            continue
        bare = _ACTION.sub("", line).strip()
        if not bare or bare in ("-", "''", '""'):
            lines.append("")
            continue
        lines.append(_ACTION.sub(_mark, line))
    return "\n".join(lines)


def _mark(action: re.Match[str]) -> str:
    value = _VALUE.match(action[1])
    if value is None:
        return f"{MARK}{MARK}"
    default = _DEFAULT.search(action[1])
    return f"{MARK}{value[1]}|{default[1].strip(chr(34)) if default else ''}{MARK}"
