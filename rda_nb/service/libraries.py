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

A call entry: `role` (see vocabulary.yaml), `context` (index of its context argument; absent: it takes none), `blocking`
(default: that of the role), `context_from` (call whose context governs this one), `batch` (name of the batch form),
`message` (index of the argument that holds the statement, metric name, route or pattern), `handler` (index of the
argument that is called back), `count` (index of the argument that gives a size), `paced` (a call that fails has waited
between its own tries), `background` (its role where its client has `async_produce` set), `lookup` (a definition that finds
the metric of its name when there is one), `waits` (it waits until there is work: the limits of its client are those of what
goes on behind it, and of the defaults those alone hold that name the call in `of`), `fills` (a channel that
the library sends into: {argument, when_full, since, source}, `when_full` in words that follow "an item that finds it full"),
`tag` (the struct tag by which it names the fields of the struct that it loads), `stopped` (the error that it returns at once
when its server is shut down), `forwards` (what it sends is the request that the server was given, with its context).
A setting entry: `means` (see vocabulary.yaml), `unit` (default: that of the meaning), `scale` (factor from the written number to
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
from dataclasses import replace
from functools import cache
from typing import Any

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


class Libraries:
    """The packages known for one language, found by import path; a package's file is read when it is first asked for."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._index = knowledge_files.index(language)
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
        where, library, body = knowledge_files.entry(self._language, self._index[path], path)
        like = body.get("like")
        if like and (like not in self._index or like in seen):
            raise knowledge_files.refuse(where, f"{path}: `like: {like}` names no described package")
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


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else (str(value),)


def _build(where: str, kind: type, row: Any) -> Any:
    try:
        given = {**row, "source": str(row["source"])} if "source" in row else dict(row)
        if "fills" in given:
            given["fills"] = Fill(**given["fills"])
        return kind(**given | ({"of": tuple(given["of"])} if "of" in given else {}))
    except TypeError as error:
        raise knowledge_files.refuse(where, f"{row!r}: {error}") from None


_SHORT = re.compile(
    r"^(?:github\.com|gopkg\.in|gitlab\.com|google\.golang\.org|golang\.org/x|go\.uber\.org)/|(?:/v\d+|\.v\d+|/\*|\*)+$"
)


def short(path: str) -> str:
    """The name of a library that a collection describes: its import path without host and version."""
    return _SHORT.sub("", path)


def _package(where: str, library: str, path: str, body: dict[str, Any], base: Package | None) -> Package:
    if odd := set(body) - _PACKAGE_KEYS:
        raise knowledge_files.refuse(where, f"{path}: unknown key {min(odd)!r}, allowed are {sorted(_PACKAGE_KEYS)}")
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


@cache
def load(language: str) -> Libraries:
    """The packages known for a language. RdaError names a file or entry that is wrong, when it is first read."""
    return Libraries(language)
