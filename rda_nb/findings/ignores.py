"""Inline waivers: what an `rda:ignore` in a comment of the target says, and whether it speaks of a row's site."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rda_nb.core import Evidence
from rda_nb.languages import packs
from rda_nb.source import Remark, Target

# `rda:ignore rule, rule -- reason until 2027-01-31`
_SAID = re.compile(r"rda:ignore\b(?P<rules>.*?)(?:\s--+(?P<reason>\s.*|$)|$)", re.S)
_UNTIL = re.compile(r"(?:^|\s)until\b[:\s]*")
Statement = Callable[[int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Ignore:
    """A remark taken apart. `reason` is empty when none is given; `until` is the day as written, None without one."""

    remark: Remark
    rules: tuple[str, ...]
    reason: str
    until: str | None


def taken_apart(remark: Remark) -> Ignore:
    """The parts of a remark; what follows `until` is its day, whether it can be read or not."""
    match = _SAID.match(remark.text)
    said = (match["reason"] or "").strip() if match else ""
    rules = tuple(dict.fromkeys(rule for rule in re.split(r"[,\s]+", match["rules"] if match else "") if rule))
    ends = [*_UNTIL.finditer(said)]
    if not ends:
        return Ignore(remark, rules, said, None)
    return Ignore(remark, rules, said[: ends[-1].start()].strip(" ,;("), said[ends[-1].end() :].strip(" .;)"))


class Coverage:
    """Which sites a remark speaks of. Statements are looked up in the grammar of the file's language, when it has one."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._statements: dict[str, Statement] = {}

    def covers(self, remark: Remark, site: Evidence) -> bool:
        """True when the site lies on the remark's lines, or in a statement that begins or, for one behind code, lies there."""
        if site.path != remark.path:
            return False
        if site.line <= remark.last and remark.first <= max(site.line, site.end_line):
            return True
        first, last = self._statement(site.path)(site.line)
        return first <= remark.line <= last if remark.trailing else first == remark.first

    def _statement(self, path: str) -> Statement:
        if path not in self._statements:
            file = self._target.file(path)
            pack = next((pack for pack in packs() if file is not None and file.kind in pack.kinds), None)
            known = pack is not None and file is not None and pack.settings.get("statements")
            self._statements[path] = _statements(pack, file) if known else (lambda line: (line, line))
        return self._statements[path]


def _statements(pack: Any, file: Any) -> Statement:
    """Line -> first and last line of the innermost statement around its first character."""
    root = pack.parser().parse(file.data).root_node
    kinds, bodies = frozenset(pack.settings["statements"]), frozenset(pack.settings["bodies"])

    def around(line: int) -> tuple[int, int]:
        text = file.lines[line - 1]
        point = (line - 1, len(text[: len(text) - len(text.lstrip())].encode()))
        node = root.descendant_for_point_range(point, point)
        while node is not None and node.type not in bodies:
            if node.type in kinds:
                return node.start_point[0] + 1, node.end_point[0] + 1
            node = node.parent
        return line, line

    return around
