"""Writes verdicts and added findings into a review file, whose comments and order stay as they are."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rda_nb.core import BadInput
from rda_nb.findings.review_file import Added, outside, parse
from rda_nb.findings.waivers import day

_HEAD = """\
# What reviewers say of the findings of an audit. `rda review` writes this file; edit it by hand as you like.
#
# verdicts: on a finding, by its id, or on all of a rule in the files that a path matches (patterns as in .gitignore).
#   verdict: confirmed | false alarm | accepted      expiry: the last day on which the verdict counts
# findings: what a reviewer adds; every excerpt has to stand at its line.
"""


def put_verdict(path: Path, target: Path, entry: Mapping[str, str], said: str = "") -> str:
    """Write one verdict, in place of the one on the same thing if there is one; returns `written` or `replaced`.

    `entry` has the keys of `review_file.Entry`; empty ones are left out. `said` is a comment for whoever reads the file.
    BadInput when the entry or the file is not right; the file is then left as it was.
    """
    given = {key: value for key, value in entry.items() if value}
    done = "written"

    def change(data: Any) -> None:
        nonlocal done
        entries = _list(data, "verdicts")
        same = [index for index, old in enumerate(entries) if _subject(old) == _subject(given)]
        made = _mapping(given)
        if said and given.get("finding"):
            made.yaml_add_eol_comment(said, "finding")
        if same:
            done = "replaced"
            for key in [key for key in entries[same[0]] if key not in made]:
                del entries[same[0]][key]
            entries[same[0]].update(made)
        else:
            entries.append(made)

    _rewrite(path, target, change)
    return done


def drop_verdict(path: Path, target: Path, entry: Mapping[str, str]) -> None:
    """Take the verdict on the same thing out of the file. BadInput when there is none."""

    def change(data: Any) -> None:
        entries = _list(data, "verdicts")
        same = [index for index, old in enumerate(entries) if _subject(old) == _subject(entry)]
        if not same:
            raise BadInput(f"{path}: holds no verdict on {' in '.join(part for part in _subject(entry) if part)}")
        del entries[same[0]]

    _rewrite(path, target, change)


def add_findings(path: Path, target: Path, added: tuple[Added, ...]) -> int:
    """Append findings that are not in the file yet; returns how many there were."""
    count = 0

    def change(data: Any) -> None:
        nonlocal count
        entries = _list(data, "findings")
        for one in added:
            made = one.model_dump(exclude_defaults=True)
            if not any(_plain(old) == _plain(made) for old in entries):
                entries.append(_mapping(made))
                count += 1

    _rewrite(path, target, change)
    return count


def checked_day(option: str, text: str, *, today: date | None = None) -> str:
    """A day as it is written into the file. BadInput when it cannot be read or, given `today`, is past."""
    try:
        found = day(text)
    except ValueError:
        raise BadInput(f"{option} {text!r}: expected a day such as 2027-01-31") from None
    if today is not None and found < today:
        raise BadInput(f"{option} {text}: that day is past, so the verdict would not count")
    return text


def _rewrite(path: Path, target: Path, change: Callable[[Any], None]) -> None:
    outside(path, target)
    try:
        data = path.read_bytes() if path.exists() else b""
        before = data.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: the review file cannot be read ({error})") from None
    parse(before, str(path))
    after = _changed(before, change, path)
    parse(after, str(path))
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(after, encoding="utf-8", newline="\r\n" if b"\r\n" in data else "\n")
        os.replace(draft, path)
    except OSError as error:
        raise BadInput(f"{path}: the review file cannot be written ({error.strerror})") from None


def _changed(before: str, change: Callable[[Any], None], path: Path) -> str:
    from ruamel.yaml.error import YAMLError

    out = io.StringIO()
    try:
        yaml, data = _loaded(before)
        change(data)
        yaml.dump(data, out)
    except YAMLError as error:
        raise BadInput(f"{path}: cannot be edited here, edit it by hand ({' '.join(str(error).split())})") from None
    return out.getvalue() if before.strip() else f"{_HEAD}\n{out.getvalue()}"


def _loaded(text: str) -> tuple[Any, Any]:
    """The file as ruamel.yaml keeps it: comments, order, quotes and indentation. Days stay text, readable or not."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.resolver import VersionedResolver

    class WithoutDays(VersionedResolver):
        @property
        def versioned_resolver(self) -> Any:
            known = super().versioned_resolver
            return {
                first: [rule for rule in rules if not str(rule[0]).endswith(":timestamp")]
                for first, rules in known.items()
            }

    yaml: Any = YAML()
    yaml.Resolver = WithoutDays
    yaml.preserve_quotes = True
    yaml.width = 4096
    dash = next((len(line) - len(line.lstrip()) for line in text.splitlines() if line.lstrip().startswith("- ")), 2)
    yaml.indent(mapping=2, sequence=dash + 2, offset=dash)
    data = yaml.load(text)
    return yaml, CommentedMap() if data is None else data


def _list(data: Any, key: str) -> Any:
    """The list under a key, made when the file has none."""
    from ruamel.yaml.comments import CommentedSeq

    if not data.get(key):
        data[key] = CommentedSeq()
    return data[key]


def _mapping(given: Mapping[str, Any]) -> Any:
    """A value as ruamel.yaml writes it: texts of several lines as they stand, tuples as lists."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import LiteralScalarString

    def made(value: Any) -> Any:
        if isinstance(value, Mapping):
            return CommentedMap((key, made(inner)) for key, inner in value.items())
        if isinstance(value, (list, tuple)):
            return CommentedSeq(map(made, value))
        return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value

    return made(given)


def _subject(entry: Mapping[str, Any]) -> tuple[str, str]:
    """What a verdict is on: a finding's id, or a rule and a path."""
    if entry.get("finding"):
        return str(entry["finding"]), ""
    return str(entry.get("rule", "")), str(entry.get("path", ""))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value).strip()
