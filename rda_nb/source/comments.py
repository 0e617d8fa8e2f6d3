"""How comments are written, by kind of file, and source text without them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from rda_nb.source.classify import classifier


@dataclass(frozen=True, slots=True)
class Form:
    """How the comments of one kind of file are written; `whole` finds its strings and comments, longest first.

    `marked` finds a remark to the audit within a comment, `closers` end one.
    """

    whole: re.Pattern[str]
    marked: re.Pattern[str]
    closers: tuple[str, ...]
    statement_ends: str


def without_comments(text: str, path: str) -> str:
    """The text, as far as a few lines can be read without their file, less its comments.

    All of it where nothing else would be left, or no form is known.
    """
    form = forms().get(classifier().kind_by_name(path.rpartition("/")[2]))
    if form is None:
        return text
    left = form.whole.sub(lambda found: found[0] if found["comment"] is None else "", text)
    return left if left.strip() else text


@cache
def forms() -> dict[str, Form]:
    """The form of each kind's comments, compiled from comments.yaml."""
    text = resources.files("rda_nb.source").joinpath("comments.yaml").read_bytes()
    families: list[dict[str, Any]] = yaml.load(text, Loader=yaml.CSafeLoader)
    return {kind: form for family in families for form in [_form(family)] for kind in family["kinds"]}


def _form(family: dict[str, Any]) -> Form:
    guard = r"(?<!\S)" if family.get("word") else ""
    comments, openers = [], []
    for opener, closer in family["comments"]:
        # A comment that is never closed runs to the end: looked for once, not again from each of its openers.
        body = rf"[\s\S]*?(?:{re.escape(closer)}|\Z)" if closer else r"[^\n]*"
        comments.append(rf"{guard}{re.escape(opener)}{body}")
        openers.append(re.escape(opener))
    strings = [f"(?:{one})" for one in family["strings"]]
    whole = "|".join([*strings, f"(?P<comment>{'|'.join(comments)})"])
    # At the start of a comment, of a line of it, or of a second comment on its line (`//nolint // rda:ignore`).
    marked = rf"(?m)(?:^[ \t]*\**|{'|'.join(openers)})[ \t]*(?P<said>rda:ignore(?![\w:-])[^\n]*)"
    closers = tuple(closer for _, closer in family["comments"] if closer)
    return Form(re.compile(whole), re.compile(marked), closers, family.get("statement_ends", ""))
