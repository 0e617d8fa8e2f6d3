"""Kind and role of a file, decided by the tables in `classify.yaml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import yaml


class Classifier:
    """The rules of `classify.yaml`, compiled once; every method is a table look-up or one regular expression."""

    def __init__(self, rules: dict[str, Any]) -> None:
        kinds = rules["kinds"]
        self.code: frozenset[str] = frozenset(kinds["code"])
        self.not_entered = frozenset(rules["not_entered"])
        self._binary = frozenset(rules["binary_suffixes"])
        self._suffix: dict[str, str] = {
            suffix: kind for kind, suffixes in kinds["suffixes"].items() for suffix in suffixes
        }
        self._names: list[tuple[Callable[[str], bool], str]] = [
            (_globs(globs), kind) for kind, globs in kinds["names"].items()
        ]
        self._interpreter: dict[str, str] = {
            name: kind for kind, names in kinds["interpreters"].items() for name in names
        }
        self._variants = frozenset(kinds["variant_endings"])
        self._roles = [_Role(rule) for rule in rules["roles"]]
        self._header = re.compile("|".join(rules["headers"]).encode(), re.MULTILINE)
        self._header_lines = int(rules["header_lines"])
        self._header_ends = {kind: re.compile(end.encode(), re.MULTILINE) for kind, end in rules["header_ends"].items()}
        self._directory_roles: dict[str, str] = {}

    def is_binary(self, name: str) -> bool:
        """True when the name alone says that the content is not text."""
        return _suffix(name).lower() in self._binary

    def kind(self, name: str, data: bytes) -> str:
        """Language or format; `text` when no table knows the name and no interpreter line names a program."""
        found = self.kind_by_name(name)
        if found:
            return found
        if data.startswith(b"#!"):
            words = data.split(b"\n", 1)[0][2:].decode("ascii", "replace").replace("/", " ").split()
            return next((self._interpreter[word] for word in reversed(words) if word in self._interpreter), "text")
        return "text"

    def kind_by_name(self, name: str) -> str:
        """The kind that a file's name alone tells; '' when it tells none."""
        for matches, kind in self._names:
            if matches(name):
                return kind
        suffix = _suffix(name).lower()
        if suffix in self._variants:
            return self.kind_by_name(name[: -len(suffix)])
        return self._suffix.get(suffix, "")

    def role(self, path: str, kind: str, data: bytes) -> str:
        """What the file is for; the order of the roles in the table decides between several."""
        directory, _, name = path.rpartition("/")
        by_directory = self._directory_roles.get(directory)
        if by_directory is None:
            by_directory = self._directory_roles[directory] = self._role_of_directory(directory)
        generated_by_header: bool | None = None
        for role in self._roles:
            if role.name == by_directory or role.matches_file(path, name, kind):
                return role.name
            if role.name == "generated" and kind in self.code:
                generated_by_header = self._says_generated(kind, data)
                if generated_by_header:
                    return role.name
        return "product"

    def _role_of_directory(self, directory: str) -> str:
        components = directory.split("/") if directory else []
        return next((role.name for role in self._roles if role.matches_directory(components)), "")

    def _says_generated(self, kind: str, data: bytes) -> bool:
        end = 0
        for _ in range(self._header_lines):
            end = data.find(b"\n", end) + 1
            if end == 0:
                end = len(data)
                break
        if kind in self._header_ends:
            code = self._header_ends[kind].search(data, 0, end)
            end = code.start() if code else end
        return self._header.search(data, 0, end) is not None


class _Role:
    """One entry of `roles`."""

    def __init__(self, rule: dict[str, Any]) -> None:
        self.name: str = rule["role"]
        self._directories = frozenset(rule.get("directories", ()))
        self._top = frozenset(rule.get("top", ()))
        self._paths = [f"/{path}/" for path in rule.get("paths", ())]
        self._cmd_words = frozenset(rule.get("cmd_words", ()))
        suffixed = rule.get("suffixed", {})
        self._ending: str = suffixed.get("ending", "")
        self._not_suffixed = frozenset(suffixed.get("except", ()))
        self._kinds = frozenset(rule.get("kinds", ()))
        self._name_matches = _globs(rule.get("names", ()))

    def matches_directory(self, components: list[str]) -> bool:
        if not components:
            return False
        if components[0] in self._top or not self._directories.isdisjoint(components):
            return True
        if self._ending and any(c.endswith(self._ending) and c not in self._not_suffixed for c in components):
            return True
        joined = f"/{'/'.join(components)}/"
        if any(path in joined for path in self._paths):
            return True
        return bool(self._cmd_words) and any(
            above == "cmd" and not self._cmd_words.isdisjoint(re.split(r"[-_.]", below))
            for above, below in pairwise(components)
        )

    def matches_file(self, path: str, name: str, kind: str) -> bool:
        return kind in self._kinds or self._name_matches(name) or any(f"/{path}/".endswith(p) for p in self._paths)


def _suffix(name: str) -> str:
    """The last dot and what follows it; a name that is all suffix (`.env`) counts."""
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 else ""


def _globs(globs: Iterable[str]) -> Callable[[str], bool]:
    """A function that tells whether a name matches one of the globs: a set for plain names, else one expression."""
    globs = list(globs)
    plain = frozenset(glob for glob in globs if not any(c in glob for c in "*?["))
    wild = [translate(glob) for glob in globs if glob not in plain]
    if not wild:
        return plain.__contains__
    match = re.compile("|".join(wild)).match
    return lambda name: name in plain or match(name) is not None


@cache
def classifier() -> Classifier:
    """The shipped rules."""
    text = resources.files("rda_nb.source").joinpath("classify.yaml").read_bytes()
    return Classifier(yaml.load(text, Loader=yaml.CSafeLoader))
