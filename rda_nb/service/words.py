"""The lists of words in knowledge/words.yaml, as patterns: what the names in a program say of what they stand for.

A list is words with blanks between them, or such lists by the name of what they stand for. Each word is a part of a regular
expression. The form in which words are looked for (whole, at an end, before a bracket, in whatever case) is syntax, and
stands beside the code that looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from rda_nb.core import RdaError
from rda_nb.service.knowledge_files import read

_FILE = "words.yaml"
# A place in a form where any word of the list of that name stands; the braces of a repetition hold digits.
_PLACE = re.compile(r"\{([a-z_]+)\}")

_Search = Callable[..., "re.Match[str] | None"]


class Words:
    """A form with the name of a list in braces for each place where any of its words stands; compiled when first asked."""

    def __init__(self, form: str) -> None:
        self.form = form

    @property
    def lists(self) -> list[str]:
        """The names of the lists whose words it looks for."""
        return _PLACE.findall(self.form)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(_PLACE.sub(lambda place: _any(words(place[1])), self.form))

    @cached_property
    def search(self) -> _Search:
        """The compiled pattern's own `search`, with nothing between."""
        return self._pattern.search

    @cached_property
    def match(self) -> _Search:
        """The compiled pattern's own `match`, with nothing between."""
        return self._pattern.match


class Named:
    """Lists by the name of what their words stand for; `form` has `{}` where any of the words stands."""

    def __init__(self, name: str, form: str = "{}") -> None:
        self.name = name
        self.form = form

    @property
    def lists(self) -> list[str]:
        """The name of what holds the lists."""
        return [self.name]

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """What the words stand for, in the order of the file, and the words."""
        found = _found(self.name)
        if not isinstance(found, dict):
            raise _refused(self.name, "is one list, and lists by name are asked for")
        return {str(what): tuple(str(text).split()) for what, text in found.items()}

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(what, re.compile(self.form.replace("{}", _any(known)))) for what, known in self.words.items()]

    def first(self, text: str) -> str:
        """What the first list stands for of whose words one is found in a text; '' when none is."""
        return next((what for what, pattern in self._patterns if pattern.search(text)), "")


def words(name: str) -> tuple[str, ...]:
    """The words of one list."""
    found = _found(name)
    if not isinstance(found, str):
        raise _refused(name, "is no text of words with blanks between them")
    return tuple(found.split())


def problems(document: Any) -> Iterator[str]:
    """What is wrong with the lists of a file of this kind."""
    if not isinstance(document, dict) or not document:
        yield "no lists by name"
        return
    for name, found in document.items():
        if not isinstance(name, str) or _PLACE.fullmatch(f"{{{name}}}") is None:
            yield f"{name}: a name is small letters and underscores"
        for what, text in found.items() if isinstance(found, dict) else [("", found)]:
            at = f"{name} {what}".rstrip()
            if not isinstance(text, str) or not text.split():
                yield f"{at}: not words with blanks between them"
                continue
            yield from (f"{at}: {problem}" for problem in _wrong(text.split()))


def _wrong(known: list[str]) -> Iterator[str]:
    yield from (f"`{word}` stands there twice" for word in sorted({one for one in known if known.count(one) > 1}))
    for word in known:
        try:
            pattern = re.compile(word)
        except re.error as error:
            yield f"`{word}` is no regular expression: {error}"
            continue
        if pattern.match("") is not None:
            yield f"`{word}` is found in any text"
        if pattern.groups:
            yield f"`{word}` has a group that is kept"


def _any(known: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(known)})"


def _found(name: str) -> Any:
    lists = read(_FILE)
    if name not in lists:
        raise _refused(name, "is not there")
    return lists[name]


def _refused(name: str, why: str) -> RdaError:
    return RdaError(f"knowledge/{_FILE}: the list {name} {why}")


__all__ = ["Named", "Words", "problems", "words"]
