"""The lists of words.yaml: each is well formed and asked for, and each that is asked for is there."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from importlib import resources
from typing import Any

import pytest

import rda_nb.checks
import rda_nb.service
from rda_nb.core import RdaError
from rda_nb.service import knowledge_files, libraries
from rda_nb.service.words import Named, Words, problems, words


@cache
def _asked() -> tuple[Words | Named, ...]:
    """Every pattern of the services' model and of the checks."""
    packages = (rda_nb.service, rda_nb.checks)
    names = [
        module.name for package in packages for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    values = (value for name in names for value in vars(importlib.import_module(name)).values())
    return tuple(value for value in values if isinstance(value, Words | Named))


def _shipped() -> dict[str, Any]:
    return knowledge_files.read("words.yaml")


def test_no_problem_is_left_in_the_lists() -> None:
    """Each is words with blanks between them, none twice, each a part of a regular expression."""
    assert list(problems(_shipped())) == []


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (None, "no lists by name"),
        (["kafka"], "no lists by name"),
        ({"Brokers": "kafka"}, "Brokers: a name is small letters and underscores"),
        ({"brokers": ["kafka", "amqp"]}, "brokers: not words with blanks between them"),
        ({"brokers": None}, "brokers: not words with blanks between them"),
        ({"brokers": " "}, "brokers: not words with blanks between them"),
        ({"drivers": {"mysql": 3}}, "drivers mysql: not words with blanks between them"),
        ({"brokers": "kafka amqp kafka"}, "brokers: `kafka` stands there twice"),
        ({"brokers": "kafka (amqp"}, "brokers: `(amqp` is no regular expression: "),
        ({"brokers": "kafka (?:amqp)?"}, "brokers: `(?:amqp)?` is found in any text"),
        ({"brokers": "kafka (amqp)"}, "brokers: `(amqp)` has a group that is kept"),
    ],
)
def test_a_broken_list_is_refused(document: Any, problem: str) -> None:
    """What YAML reads and no pattern can be made from is told with the name of the list."""
    assert [problem] == [found[: len(problem)] for found in problems(document)]


def test_each_list_is_asked_for_and_each_that_is_asked_for_is_there() -> None:
    """A name that is written wrongly would only be met in the audit that needs it, and a list without a use decides nothing."""
    assert set(_shipped()) == {name for pattern in _asked() for name in pattern.lists}


def test_each_pattern_can_be_made() -> None:
    """Forms and lists go together: none finds something in an empty text."""
    for pattern in _asked():
        found = pattern.search("") if isinstance(pattern, Words) else pattern.first("")
        assert not found, pattern.lists


def test_each_list_has_a_comment_that_says_what_it_decides() -> None:
    """A comment stands before each list, or before the one right before it that it belongs to."""
    text = (resources.files("rda_nb") / "knowledge" / "words.yaml").read_text(encoding="utf-8")
    parts = re.split(r"^#", text, flags=re.M)
    named = [re.findall(r"^(\w+):", part, flags=re.M) for part in parts]
    assert named[0] == []
    assert max(len(names) for names in named) <= 2


@pytest.mark.parametrize("name", ["no_such_list", "systems"])
def test_a_list_that_is_not_there_is_refused(name: str) -> None:
    """Neither an unknown name nor that of lists by name can stand in a form."""
    pattern = Words(f"^{{{name}}}$")
    with pytest.raises(RdaError, match=rf"^knowledge/words\.yaml: the list {name} "):
        pattern.search("kafka")


@pytest.mark.parametrize("name", ["no_such_list", "brokers"])
def test_lists_by_name_that_are_not_there_are_refused(name: str) -> None:
    """Neither an unknown name nor that of one list stands for lists by name."""
    with pytest.raises(RdaError, match=rf"^knowledge/words\.yaml: the list {name} "):
        Named(name).first("kafka")


def test_a_form_says_where_its_words_stand() -> None:
    """Each word is taken as one of several, and the braces of a repetition stay what they are."""
    pattern = Words(r"^{cursors}x{2}$")
    assert ["cursors"] == pattern.lists
    assert [True, True, False, False] == [
        pattern.search(text) is not None for text in ("Nextxx", "Scanxx", "Nextx", "xx")
    ]


def test_the_first_list_that_fits_decides() -> None:
    """A client of RabbitMQ that is reached over HTTP stands for RabbitMQ; a name that none fits for nothing."""
    systems = Named("systems", "(?i){}")
    assert ["rabbitmq", "http", "nats", ""] == [
        systems.first(text) for text in ("example/RabbitHTTP Client", "example/rest", "a/nats", "a/signatures")
    ]


def test_systems_are_those_that_libraries_have() -> None:
    """What words lead to is a system that the rest of the audit knows."""
    known = {package.system for path in libraries.load("go").paths() if (package := libraries.load("go").package(path))}
    lead = {what for name in ("systems", "drivers", "driver_imports") for what in Named(name).words}
    assert lead - known <= {"embedded", "other"}


def test_words_are_read_once() -> None:
    """The same file is not parsed again for another list."""
    assert knowledge_files.read("words.yaml") is knowledge_files.read("words.yaml")
    assert words("cursors") == ("Next", "Scan", "NextRow")
