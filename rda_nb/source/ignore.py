"""`.gitignore` rules of the target, nested files included; those above the target are outside the boundary and not read."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pathspec


@dataclass(frozen=True, slots=True)
class _Rules:
    """One `.gitignore`: the directory it governs ('' or ending in '/') and its patterns."""

    base: str
    spec: pathspec.GitIgnoreSpec
    any_pattern: re.Pattern[str] | None
    lines: tuple[str, ...] = ()

    def verdict(self, path: str) -> bool | None:
        below = path[len(self.base) :]
        if self.any_pattern is not None and self.any_pattern.match(below) is None:
            return None
        return self.spec.check_file(below).include


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The `.gitignore` files that govern a directory, outermost first."""

    stack: tuple[_Rules, ...] = ()

    def with_file(self, base: str, text: str) -> IgnoreRules:
        """The rules below `base` once its own `.gitignore` is added."""
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        if not lines:
            return self
        spec = pathspec.GitIgnoreSpec.from_lines(lines)
        return IgnoreRules((*self.stack, _Rules(base, spec, _one_expression(spec), tuple(lines))))

    def without_name(self, name: str) -> IgnoreRules | None:
        """The rules less the lines that are just this name, which most likely mean a built program; None if there are none.

        `service` in a `.gitignore` is meant for the binary of that name and matches `cmd/service/` too; where git cannot
        say what is tracked, a directory of source code is not hidden by it.
        """
        if not any(name in rules.lines for rules in self.stack):
            return None
        kept = IgnoreRules()
        for rules in self.stack:
            kept = kept.with_file(rules.base, "\n".join(line for line in rules.lines if line != name))
        return kept

    def ignored(self, path: str) -> bool:
        """True when git would ignore the path; a directory is given with a trailing '/'. The deepest file decides."""
        for rules in reversed(self.stack):
            verdict = rules.verdict(path)
            if verdict is not None:
                return verdict
        return False


def _one_expression(spec: pathspec.GitIgnoreSpec) -> re.Pattern[str] | None:
    """All patterns as one alternation: most paths match none, and one search is far cheaper than one per pattern."""
    sources = [regex.pattern for pattern in spec.patterns if (regex := getattr(pattern, "regex", None)) is not None]
    unnamed = [re.sub(r"\(\?P<\w+>", "(", str(source)) for source in sources]
    try:
        return re.compile("|".join(f"(?:{source})" for source in unnamed)) if unnamed else None
    except re.error:
        return None
