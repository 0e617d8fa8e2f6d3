"""What is known of client libraries: which call does what, which setting means what, and the defaults with their source.

One YAML file per library lies in `rda_nb/knowledge/<language>/`. Its shape (every key not named here is an error):

    library: name shown to the reader; that of a collection begins with the language ("Go SQL clients"), and each package is
             then shown by its import path
    language: go
    packages:
      <import path, or a prefix ending in *>:
        system: sqs                   # column of table 3.3; '' for libraries that never leave the process
        like: <import path>           # take over that package's entries first
        returns:                      # result types of functions and methods, relative to the package or with a full path
          NewFromConfig: Client       # a list for several results; `error` and `_` hold a place
        fields: {Type.Field: type}    # types of struct fields that are followed
        callbacks: {Type.Field: kind} # a function given to this field is an entrypoint of this kind; for Interface.Name/2 a
                                      # method of that name and number of parameters, for Type.* each exported method of
                                      # the target's type of that name
        handlers: ["Req, Resp"]       # shapes of functions that serve requests: parameters, and after `->` results, of this
                                      # package's types; one that is handed to anything is an entrypoint
        calls:                        # what a call does
          Client.ReceiveMessage: {role: sqs.receive, context: 0}
          "Client.*": {role: sqs.call, context: 0}            # any other method
        settings:                     # what a setting means; key forms:
          Options.RetryMaxAttempts: {means: max_attempts}     #   a struct field (literal or assignment)
          WithMaxRetries(0): {means: max_retries}             #   argument 0 of a function or method (Type.Method(0))
          "dsn:dial_timeout": {means: connect_timeout}        #   a key of a connection string
        through: github.com/redis/go-redis/v9   # the library that it does its work with, and that one's defaults
        behind:                       # roles of another library's calls, and the roles that they have behind this driver
          sql.exec: {role: clickhouse.append, of: [Stmt]}
        flags:                        # types whose literals are flags of a command line, and the fields that say what each is
          DurationFlag: {name: Name, default: Value, holder: Destination, environment: EnvVars, about: Usage}
        stubs: {made_by, given, call, stream, opens, stream_type, stream_methods}   # clients generated for its connection
        budget:                       # defaults that hold when nothing is set, each with version and source
          - {means: max_attempts, default: 3, since: ..., source: ...}

A call entry: `role` (see roles.yaml), `context` (index of its context argument; absent: it takes none), `blocking`
(default: that of the role), `context_from` (call whose context governs this one), `batch` (name of the batch form),
`message` (index of the argument that holds the statement, metric name, route or pattern), `handler` (index of the
argument that is called back), `count` (index of the argument that gives a size), `paced` (a call that fails has waited
between its own tries), `background` (its role where its client has `async_produce` set), `lookup` (a definition that finds
the metric of its name when there is one), `waits` (it waits until there is work: the limits of its client are those of what
goes on behind it, and of the defaults those alone hold that name the call in `of`), `fills` (a channel that
the library sends into: {argument, when_full, since, source}, `when_full` in words that follow "an item that finds it full"),
`tag` (the struct tag by which it names the fields of the struct that it loads), `stopped` (the error that it returns at once
when its server is shut down), `forwards` (what it sends is the request that the server was given, with its context).
A setting entry: `means` (see means.yaml), `unit` (default: that of the meaning), `scale` (factor from the written number to
the unit), `title`, `zero` (what 0 means: unlimited, default, none), `negative` (what a number below 0 means: none, zero), `of`
(the calls that it governs, as below), and `default`, `since`, `source` when known.
A budget entry: `default` is a number in the meaning's unit, `none` (no bound), or a law for `backoff`
({law, base, cap, multiplier}), or another meaning that it follows (`connect_timeout`, `read_timeout + 1`,
`heartbeat_interval * 1.5`), or what is `uncounted`, in words that follow "without"; `scope` is attempt, call, connection,
block, acquire or beside (what an attempt may take beside its own timeout); `yields` when a deadline of the call's context
takes its place; `of` lists the types, functions or `Type.Method`s that it holds for, and goes before a row of the same
meaning without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from rda_nb.core import RdaError
from rda_nb.service import knowledge_files
from rda_nb.service.packages import (
    BehindEntry,
    BudgetEntry,
    CallEntry,
    Fill,
    FlagEntry,
    Package,
    SettingEntry,
    StubsEntry,
)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ROOT = resources.files("rda_nb") / "knowledge"


class Libraries:
    """The packages known for one language, found by import path; a package's file is read when it is first asked for."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._index = _index(language)
        self._prefixes = sorted((path for path in self._index if path.endswith("*")), key=lambda path: -len(path))
        self._found: dict[str, Package | None] = {}

    def package(self, path: str) -> Package | None:
        """The package at an import path; the longest prefix entry wins when there is no exact one."""
        try:
            return self._found[path]
        except KeyError:
            found = self._found[path] = self._find(path)
            return found

    def _find(self, path: str) -> Package | None:
        if path in self._index:
            return self._described(path, ())
        for prefix in self._prefixes:
            if path.startswith(prefix[:-1]):
                return replace(self._described(prefix, ()), path=path)
        return None

    def _described(self, path: str, seen: tuple[str, ...]) -> Package:
        where, library, body = _entry(self._language, self._index[path], path)
        like = body.get("like")
        if like and (like not in self._index or like in seen):
            raise _refuse(where, f"{path}: `like: {like}` names no described package")
        return _package(where, library, path, body, self._described(like, (*seen, path)) if like else None)

    def joined(self, packages: dict[str, Package]) -> Libraries:
        """These packages, and those of one program."""
        made = Libraries(self._language)
        made._found = {**self._found, **packages}
        return made

    def paths(self) -> tuple[str, ...]:
        """Every described import path or prefix."""
        return tuple(sorted(self._index))


_PACKAGE_KEYS = {
    "system",
    "like",
    "returns",
    "fields",
    "calls",
    "settings",
    "budget",
    "callbacks",
    "handlers",
    "driver",
    "through",
    "behind",
    "stubs",
    "flags",
}


def _refuse(where: str, what: str) -> RdaError:
    return RdaError(f"knowledge/{where}: {what}")


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else (str(value),)


def _build(where: str, kind: type, row: Any) -> Any:
    try:
        given = {**row, "source": str(row["source"])} if "source" in row else dict(row)
        if "fills" in given:
            given["fills"] = Fill(**given["fills"])
        return kind(**given | ({"of": tuple(given["of"])} if "of" in given else {}))
    except TypeError as error:
        raise _refuse(where, f"{row!r}: {error}") from None


_SHORT = re.compile(
    r"^(?:github\.com|gopkg\.in|gitlab\.com|google\.golang\.org|golang\.org/x|go\.uber\.org)/|(?:/v\d+|\.v\d+|/\*|\*)+$"
)


def short(path: str) -> str:
    """The name of a library that a collection describes: its import path without host and version."""
    return _SHORT.sub("", path)


def _package(where: str, library: str, path: str, body: dict[str, Any], base: Package | None) -> Package:
    if odd := set(body) - _PACKAGE_KEYS:
        raise _refuse(where, f"{path}: unknown key {min(odd)!r}, allowed are {sorted(_PACKAGE_KEYS)}")
    start = base or Package(path, library)
    budget = tuple(_build(f"{where} {path} budget", BudgetEntry, row) for row in body.get("budget") or ())
    means = {entry.means for entry in budget}
    return Package(
        path=path,
        library=short(path) if library.startswith("Go ") else library,
        system=str(body.get("system", start.system) or ""),
        returns=start.returns | {name: _names(value) for name, value in (body.get("returns") or {}).items()},
        fields=start.fields | (body.get("fields") or {}),
        calls=start.calls
        | {name: _build(f"{where} {name}", CallEntry, row) for name, row in (body.get("calls") or {}).items()},
        settings=start.settings
        | {name: _build(f"{where} {name}", SettingEntry, row) for name, row in (body.get("settings") or {}).items()},
        budget=budget + tuple(entry for entry in start.budget if entry.means not in means),
        callbacks=start.callbacks | (body.get("callbacks") or {}),
        handlers=start.handlers + tuple(str(shape) for shape in body.get("handlers") or ()),
        file=where,
        driver=bool(body.get("driver", start.driver)),
        through=str(body.get("through", start.through)),
        behind=start.behind
        | {role: _build(f"{where} {role}", BehindEntry, row) for role, row in (body.get("behind") or {}).items()},
        stubs=_stubs(f"{where} {path} stubs", body["stubs"]) if "stubs" in body else None,
        flags=start.flags
        | {name: _build(f"{where} {name}", FlagEntry, row) for name, row in (body.get("flags") or {}).items()},
    )


def _stubs(where: str, row: dict[str, Any]) -> StubsEntry:
    calls = {name: _build(where, CallEntry, row.get(name, {})) for name in ("call", "stream")}
    lists = {name: _names(row.get(name, [])) for name in ("given", "stream_methods")}
    made: StubsEntry = _build(where, StubsEntry, {**row, **calls, **lists})
    return made


_HEAD = re.compile(r"""^  (["']?)([^\s"'#:]+)\1:(?:\s|$)""", re.M)


@cache
def _index(language: str) -> dict[str, str]:
    """Import path -> name of the file that describes it, from the files' lines: YAML takes long, and few files are needed."""
    found: dict[str, str] = {}
    for file in sorted((_ROOT / language).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        _, _, packages = file.read_text(encoding="utf-8").partition("\npackages:")
        for match in _HEAD.finditer(packages):
            if match[2] in found:
                raise _refuse(f"{language}/{file.name}", f"{match[2]} is described in {found[match[2]]} too")
            found[match[2]] = file.name
    return found


@cache
def _document(language: str, name: str) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Import path -> (file, library, body) of one knowledge file."""
    where = f"{language}/{name}"
    try:
        document = yaml.load((_ROOT / language / name).read_text(encoding="utf-8"), _LOADER)
        library, packages = str(document["library"]), dict(document["packages"])
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise _refuse(where, f"not a knowledge file: {error}") from None
    return {path: (where, library, body or {}) for path, body in packages.items()}


# A file whose packages share entries by anchors can only be read whole.
_SHARED = re.compile(r"""[\s\[{,:-][&*][\w-]""")


@cache
def _sections(language: str, name: str) -> tuple[str, dict[str, str]]:
    """A knowledge file's library, and import path -> lines; no lines for a file that must be read whole.

    Empty lines stand for all that comes before, so that an error names the file's line.
    """
    text = (_ROOT / language / name).read_text(encoding="utf-8")
    head, _, packages = text.partition("\npackages:")
    found = list(_HEAD.finditer(packages))
    if not found or packages[: found[0].start()].strip() or _SHARED.search(text):
        return "", {}
    try:
        library = str(yaml.load(head, _LOADER)["library"])
    except (yaml.YAMLError, KeyError, TypeError):
        return "", {}
    before = head.count("\n") + 1
    ends = [match.start() for match in found[1:]] + [len(packages)]
    return library, {
        match[2]: "\n" * (before + packages.count("\n", 0, match.start())) + packages[match.start() : end]
        for match, end in zip(found, ends, strict=True)
    }


def _entry(language: str, name: str, path: str) -> tuple[str, str, dict[str, Any]]:
    """(file, library, body) of one package: its own lines are read where they suffice, since most of a file is not asked for."""
    library, sections = _sections(language, name)
    if path not in sections:
        return _document(language, name)[path]
    where = f"{language}/{name}"
    try:
        return where, library, yaml.load(sections[path], _LOADER)[path] or {}
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise _refuse(where, f"not a knowledge file: {error}") from None


@cache
def load(language: str) -> Libraries:
    """The packages known for a language. RdaError names a file or entry that is wrong, when it is first read."""
    return Libraries(language)


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """What a role is: its system for table 3.3 ('' = the package's), whether it waits for another process, its title.

    `ending` for what a process does once, when it ends; `waiting` for what waits for work by design, without a limit;
    `serving` for what a process does from its start to its end, as long as it is a server.
    """

    blocking: bool
    title: str
    system: str = ""
    ending: bool = False
    waiting: bool = False
    serving: bool = False


@dataclass(frozen=True, slots=True)
class MeaningEntry:
    """What a setting's meaning is: its unit and the kind of control it is in table 3.2 ('' = none)."""

    unit: str
    title: str
    control: str = ""


@cache
def _vocabulary() -> tuple[dict[str, RoleEntry], dict[str, MeaningEntry]]:
    document = knowledge_files.read("vocabulary.yaml")
    roles = {name: _build(f"vocabulary.yaml {name}", RoleEntry, row) for name, row in document["roles"].items()}
    means = {name: _build(f"vocabulary.yaml {name}", MeaningEntry, row) for name, row in document["means"].items()}
    return roles, means


def role(name: str) -> RoleEntry:
    """The entry of a role. Raises RdaError for a role that vocabulary.yaml does not have."""
    try:
        return _vocabulary()[0][name]
    except KeyError:
        raise _refuse("vocabulary.yaml", f"no role {name!r}") from None


def meaning(name: str) -> MeaningEntry:
    """The entry of a meaning. Raises RdaError for one that vocabulary.yaml does not have."""
    try:
        return _vocabulary()[1][name]
    except KeyError:
        raise _refuse("vocabulary.yaml", f"no meaning {name!r}") from None


_SETTING_KEY = re.compile(r"^(dsn:[\w.\- ]+|[\w.*\-]+(\(\d+\))?)$")


def problems(language: str) -> list[str]:
    """Everything wrong with the knowledge of a language: unknown roles and meanings, defaults without version and source."""
    roles, means = _vocabulary()
    wrong: list[str] = []
    known = load(language)
    documents = {
        path: row for name in set(_index(language).values()) for path, row in _document(language, name).items()
    }
    wrong += [f"{language}: {path} is not found by its line" for path in documents if path not in _index(language)]
    for path, (where, _, body) in sorted(documents.items()):
        known.package(path)
        at = f"{where}: {path}:"
        for name, row in (body.get("calls") or {}).items():
            if row.get("role") not in roles:
                wrong.append(f"{at} {name} has the unknown role {row.get('role')!r}")
        for name, row in (body.get("behind") or {}).items():
            if odd := {name, row.get("role")} - set(roles):
                wrong.append(f"{at} behind its driver stands the unknown role {min(odd, key=str)!r}")
        for name, row in (body.get("settings") or {}).items():
            if not _SETTING_KEY.match(name):
                wrong.append(f"{at} setting {name} is neither a field, an argument nor a dsn key")
            if row.get("means") not in means:
                wrong.append(f"{at} {name} has the unknown meaning {row.get('means')!r}")
            if "default" in row and not (row.get("since") and row.get("source")):
                wrong.append(f"{at} the default of {name} has no version and source")
        for row in body.get("budget") or ():
            if row.get("means") not in means:
                wrong.append(f"{at} the budget has the unknown meaning {row.get('means')!r}")
            if not (row.get("since") and row.get("source")):
                wrong.append(f"{at} the default of {row.get('means')} has no version and source")
    return wrong
