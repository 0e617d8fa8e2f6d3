"""Build constraints: whether a file is part of the program that runs on a Linux server."""

from __future__ import annotations

import re

_LINE = re.compile(rb"^//go:build[ \t]+([^\r\n]+)", re.M)
_HEAD = 4_000
_TOKEN = re.compile(r"\s*(\|\||&&|[!()]|[\w.]+)")
_TRUE = re.compile(r"linux|unix|amd64|gc|cgo|go1(?:\.\d+)?")
# Other systems and machines, and what builds tests and tools alone. What a generator reads stands for what it writes.
_FALSE = re.compile(
    r"windows|darwin|ios|android|(?:free|net|open|dragonfly)(?:bsd)?|solaris|illumos|aix|plan9|js|wasm|wasip1|hurd|nacl|zos|"
    r"386|arm|arm64|loong64|mips\w*|ppc64\w*|riscv64|s390x|gccgo|appengine|"
    r"ignore|race|msan|asan|tools?|mage|\w*integration\w*|e2e\w*|\w*tests?|test_\w+|bench\w*|fuzz\w*|examples?"
)


def left_out(data: bytes) -> bool:
    """True for a file whose constraint does not hold for a server's build; tags of the target's own may be set."""
    found = _LINE.search(data, 0, _HEAD)
    return found is not None and _Expression(found[1].decode("utf-8", "replace")).value() is False


class _Expression:
    """One constraint, evaluated to True, False or None where it depends on a tag that may be set."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._at = 0

    def value(self) -> bool | None:
        """The whole expression's value."""
        found = self._all()
        while self._take("||"):
            other = self._all()
            found = True if True in (found, other) else None if None in (found, other) else False
        return found

    def _all(self) -> bool | None:
        found = self._one()
        while self._take("&&"):
            other = self._one()
            found = False if False in (found, other) else None if None in (found, other) else True
        return found

    def _one(self) -> bool | None:
        if self._take("!"):
            inner = self._one()
            return None if inner is None else not inner
        if self._take("("):
            found = self.value()
            self._take(")")
            return found
        tag = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        return True if _TRUE.fullmatch(tag) else False if _FALSE.fullmatch(tag) else None

    def _take(self, token: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += taken
        return taken
