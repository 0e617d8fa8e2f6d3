"""Terraform blocks and their attributes: a reader for what declarations of queues and tables need, not for HCL at large."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCK = re.compile(r"^\s*([\w\-]+)((?:\s+(?:\"[^\"]*\"|[\w\-]+))*)\s*\{\s*(\}?)\s*$")
_ATTRIBUTE = re.compile(r"^\s*\"?([\w\-]+)\"?\s*[=:]\s*(.*?)\s*,?\s*$")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_HEREDOC = re.compile(r"<<[-~]?\s*([A-Za-z_]\w*)\s*$")


@dataclass(slots=True)
class Block:
    """A top-level block: its type, labels, lines, and every attribute inside as (name, value as written, line)."""

    kind: str
    labels: tuple[str, ...]
    line: int
    attributes: list[tuple[str, str, int]] = field(default_factory=list)

    def get(self, name: str) -> tuple[str, int] | None:
        """Value and line of the first attribute of this name, at any depth of the block."""
        return next(((value, line) for key, value, line in self.attributes if key == name), None)


def blocks(lines: list[str]) -> Iterator[Block]:
    """The top-level blocks of a file. Braces are balanced outside strings; heredocs are read line by line."""
    current: Block | None = None
    depth = 0
    heredoc = ""
    for number, raw in enumerate(lines, 1):
        if heredoc and raw.strip() == heredoc:
            heredoc = ""
            continue
        line = _uncommented(raw)
        if not line.strip():
            continue
        if current is None:
            header = _BLOCK.match(line)
            if header:
                labels = tuple(label.strip('"') for label in header[2].split())
                current = Block(header[1], labels, number)
                depth = 0 if header[3] else 1
                if depth == 0:
                    yield current
                    current = None
            continue
        attribute = _ATTRIBUTE.match(line)
        if attribute:
            current.attributes.append((attribute[1], attribute[2], number))
            current.attributes.extend((key, value, number) for key, value in _inline(attribute[2]))
        opened = _HEREDOC.search(line)
        if opened:
            heredoc = opened[1]
        bare = _STRING.sub("", line)
        depth += bare.count("{") - bare.count("}")
        if depth <= 0:
            yield current
            current = None


def _inline(value: str) -> Iterator[tuple[str, str]]:
    """Attributes of an object that stands on the same line: `jsonencode({ maxReceiveCount = 4 })`."""
    if "{" in value:
        for match in re.finditer(r"[{,]\s*\\?\"?([\w\-]+)\\?\"?\s*[=:]\s*(\\?\"[^\"]*\"|[^,{}\s]+)", value):
            yield match[1], match[2].strip('\\"')


def _uncommented(line: str) -> str:
    bare = _STRING.sub(lambda m: "_" * len(m[0]), line)
    cut = min((at for at in (bare.find("#"), bare.find("//")) if at >= 0), default=len(line))
    return line[:cut]
