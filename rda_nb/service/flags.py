"""Flags of a command line: how each is named, its default, the variable that it sets and the environment that sets it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls, Operation
from rda_nb.service.packages import FlagEntry
from rda_nb.service.program import Span

_LONGEST = 12


class Flag(NamedTuple):
    """One flag: a call that defines it, the last call of a chain that does, or a literal. `start` is where its default stands.

    `holder` is the variable or field that it sets, `variables` are the names in the environment, `timed` a flag of a time.
    """

    file: FileFacts
    span: Span
    start: int
    block: int
    name: Expression | None
    default: Expression | None
    holder: Expression | None
    about: Expression | None
    variables: tuple[Expression, ...]
    timed: bool


class Flags:
    """Every flag of one program."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.names = calls.names
        self.conventions = calls.conventions
        self._time = calls.conventions.DURATION_TYPE.rpartition(".")[2]

    @cached_property
    def all(self) -> tuple[Flag, ...]:
        """In document order."""
        found = [*self._defined(), *self._chained(), *self._literals()]
        return tuple(sorted(found, key=lambda flag: (flag.file.path, flag.start)))

    @cached_property
    def _by_place(self) -> dict[tuple[str, Span], Flag]:
        return {(flag.file.path, flag.span): flag for flag in self.all}

    def at(self, file: FileFacts, span: Span) -> Flag | None:
        """The flag whose call or literal stands at a span."""
        return self._by_place.get((file.path, span))

    def _defined(self) -> Iterator[Flag]:
        """`DurationVar(&cfg.Interval, "interval", time.Second, "how often")`."""
        for operation in self.calls.role("flag.define"):
            if operation.entry.count is None or operation.entry.message is None:
                continue
            arguments = self.calls.arguments(operation)
            row = operation.row
            yield Flag(
                operation.file,
                (row.start, row.end),
                operation.name_start,
                operation.block,
                self.calls.argument(operation, operation.entry.message),
                self.calls.argument(operation, operation.entry.count),
                self.calls.argument(operation, 0) if operation.entry.message else None,
                arguments[-1] if arguments else None,
                (),
                self._time in operation.client,
            )

    def _chained(self) -> Iterator[Flag]:
        """`app.Flag("interval", "how often").Default("5s").DurationVar(&interval)`."""
        for operation in self.calls.role("flag.put", "flag.take"):
            name, default, about, variables = None, None, None, []
            for link in self._chain(operation):
                if link.role == "flag.name":
                    name, about = self.calls.argument(link, link.entry.message), self.calls.argument(link, 1)
                elif link.role == "flag.default":
                    default = self.calls.argument(link, link.entry.count)
                elif link.role == "env.bind" and (variable := self.calls.argument(link, link.entry.message)):
                    variables.append(variable)
            if name is not None:
                row = operation.row
                yield Flag(
                    operation.file,
                    (row.start, row.end),
                    default.start if default is not None else name.start,
                    operation.block,
                    name,
                    default,
                    self.calls.argument(operation, 0) if operation.role == "flag.put" else None,
                    about,
                    tuple(variables),
                    self._time in operation.client,
                )

    def _chain(self, operation: Operation) -> Iterator[Operation]:
        """The calls that a call is chained to, last first."""
        node: Expression | None = self.conventions.expression(operation.callee, operation.row.start)
        for _ in range(_LONGEST):
            node = node.parts[0] if node is not None and node.kind == "select" and node.parts else None
            index = operation.file.call_at.get((node.start, node.end)) if node is not None else None
            link = self.calls.operation(operation.file, index) if index is not None else None
            if link is not None:
                yield link
            node = node.parts[0] if node is not None and node.kind == "call" and node.parts else None

    def _literals(self) -> Iterator[Flag]:
        """`&cli.DurationFlag{Name: "interval", Value: 5 * time.Second}`."""
        for file in self.names.program.files:
            found = [self.names.libraries.package(row.path) for row in file.rows.imports]
            known = {f"{one.path}.{name}": entry for one in found if one for name, entry in one.flags.items()}
            for index, literal in enumerate(file.rows.literals) if known else ():
                kind = self.names.canonical(file.text[literal.start : literal.type_end], file)
                if kind in known:
                    flag = self._literal(file, index, known[kind], self._time in kind)
                    if flag is not None:
                        yield flag

    def _literal(self, file: FileFacts, index: int, entry: FlagEntry, timed: bool) -> Flag | None:
        literal = file.rows.literals[index]
        given = {
            file.text[slice(*row.key)]: self.conventions.expression(file.text[slice(*row.value)], row.value[0])
            for row in file.entries_of.get(index, ())
        }
        name, default = given.get(entry.name), given.get(entry.default)
        if name is None:
            return None
        variables = given.get(entry.environment)
        return Flag(
            file,
            (literal.start, literal.end),
            default.start if default is not None else name.start,
            literal.block,
            name,
            default,
            given.get(entry.holder),
            given.get(entry.about),
            tuple(_texts(variables, 0)) if variables is not None else (),
            timed,
        )


def _texts(node: Expression, depth: int) -> Iterator[Expression]:
    """The texts that a list or a call is written with."""
    if node.kind == "text":
        yield node
    elif depth < 3:
        for part in node.parts:
            yield from _texts(part, depth + 1)
