"""Clients that a generator writes for a library's connection, such as gRPC stubs: every method of theirs is a call.

Their code mostly stands in another module, and says nothing that the name of the method does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.packages import CallEntry, Package, StubsEntry

if TYPE_CHECKING:
    from rda_nb.service.calls import Calls, Operation
    from rda_nb.service.dispatch import Dispatch
    from rda_nb.service.program import TypeDeclaration


def packages(names: Dispatch) -> dict[str, Package]:
    """Import path -> what is known of a package of such clients, of those that the target declares or makes."""
    found: dict[str, Package] = {}
    for library, stubs in _imported(names):
        for path, types in _made(names, library, stubs).items():
            found[path] = _package(names, path, types, library, stubs)
    return found


def _imported(names: Dispatch) -> Iterator[tuple[Package, StubsEntry]]:
    """The libraries that the target imports whose clients are made by a generator."""
    for path in sorted({row.path for file in names.program.files for row in file.rows.imports}):
        library = names.libraries.package(path) if path not in names.program.scopes else None
        if library is not None and library.stubs is not None:
            yield library, library.stubs


def _package(names: Dispatch, path: str, types: set[str], library: Package, stubs: StubsEntry) -> Package:
    calls: dict[str, CallEntry] = {}
    returns: dict[str, tuple[str, ...]] = {}
    for name in sorted(types):
        returns[f"New{name}"] = (name,)
        declared = names.program.types.get(f"{path}.{name}")
        for method, results in _results(names, declared) if declared is not None else ():
            returns[f"{name}.{method}"] = results
            streams = bool(results) and re.search(stubs.stream_type, results[0]) is not None
            calls[f"{name}.{method}"] = stubs.stream if streams else stubs.call
        calls[f"{name}.*"] = stubs.call
    return replace(library, path=path, calls=calls, returns=returns, fields={}, callbacks={}, handlers=(), stubs=None)


def _results(names: Dispatch, declared: TypeDeclaration) -> Iterator[tuple[str, tuple[str, ...]]]:
    for method, signature in declared.signatures.items():
        kinds = (kind for _, kind in names.conventions.parameters(signature[1]))
        yield method, tuple(names.canonical(kind, declared.file) or "_" for kind in kinds)


def _made(names: Dispatch, library: Package, stubs: StubsEntry) -> dict[str, set[str]]:
    """Import path -> the types of clients that are made, or that generated code of the target makes."""
    given = {f"{library.path}.{name}" for name in stubs.given}
    pattern = re.compile(stubs.made_by)
    found: dict[str, set[str]] = {}
    for path, scope in names.program.scopes.items():
        for name, function in scope.functions.items():
            match = pattern.fullmatch(name) if function.file.role == "generated" else None
            kinds = [names.canonical(kind, function.file) for _, kind in function.parameters] if match else []
            if match and len(kinds) == 1 and kinds[0] in given:
                found.setdefault(path, set()).add(match[1])
    for file in names.program.files:
        for callee, indexes in file.callees.items() if file.role != "generated" else ():
            alias, dot, name = callee.rpartition(".")
            match = pattern.fullmatch(name) if dot and "." not in alias else None
            imported = names.program.imports(file).get(alias) if match else None
            if match is None or imported is None or _is_known(names, imported, name):
                continue
            if any(_takes(names, file, index, given) for index in indexes):
                found.setdefault(imported, set()).add(match[1])
    return found


def _is_known(names: Dispatch, path: str, name: str) -> bool:
    """True for a function that the target or the knowledge has."""
    scope = names.program.scopes.get(path)
    return name in scope.functions if scope is not None else names.libraries.package(path) is not None


def _takes(names: Dispatch, file: FileFacts, index: int, given: set[str]) -> bool:
    """True for a call whose only argument is a connection."""
    row = file.rows.calls[index]
    arguments = names.conventions.expression(file.text[row.start : row.end], row.start).parts[1:]
    return len(arguments) == 1 and names.type_of(arguments[0], file, row.block).lstrip("*") in given


def mark_streams(calls: Calls, made: dict[str, Package]) -> None:
    """Give calls that open a stream the role of one: by their name, or by what is called on what they return.

    A call with nothing but a context sends its messages afterwards.
    """
    known = {stubs.call.role: stubs for _, stubs in _imported(calls.names)} if made else {}
    for role, stubs in known.items():
        for operation in calls.role(role):
            if operation.package in made and (len(calls.arguments(operation)) == 1 or _streams(operation, stubs)):
                calls.change_role(operation, stubs.stream.role)


def _streams(operation: Operation, stubs: StubsEntry) -> bool:
    if re.search(stubs.opens, operation.client.rpartition(".")[2]):
        return True
    bound = operation.file.given.get((operation.row.start, operation.row.end))
    function = operation.function
    if bound is None or function is None:
        return False
    name, blocks = bound[0].names[0], operation.file.rows.blocks
    calls = (index for method in stubs.stream_methods for index in operation.file.callees.get(f"{name}.{method}", ()))
    root = blocks[function.root.row.block] if function.root.row.block >= 0 else None
    rows = operation.file.rows.calls
    return root is not None and any(root.start <= rows[index].start < root.end for index in calls)
