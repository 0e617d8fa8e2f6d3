"""Servers of remote calls over HTTP that generated code makes around a type of the target: twirp and connect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.calls import Call, Calls
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.program import Function, TypeDeclaration

_MAKES = re.compile(r"(?:^|\.)New(\w+?)(?:Server|Handler)$")
_WORDS = ("Server", "Handler")
# What a message comes in where the library hands over more than it: `connect.Request[T]`.
_OF_CALL = ".Request"


class RpcServers:
    """Finds the methods of one program that such servers call."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.names = calls.names
        self.program = calls.names.program

    def methods(self) -> Iterator[Entrypoint]:
        """The methods of every type that a maker of a server is given, once each."""
        told: set[str] = set()
        for service, package, declared in self._served():
            for name, method in sorted(declared.methods.items()):
                if method.key not in told and self.calls.conventions.exported(name) and self._answers(method, package):
                    told.add(method.key)
                    at = self.calls.cite_at(method.file, method.row.start)
                    yield Entrypoint("api_route", f"RPC {service}.{name}", method, at)

    def _served(self) -> Iterator[tuple[str, str, TypeDeclaration]]:
        """(service, package of its messages, type) of every such server."""
        for file in self.program.files:
            if file.role != "product" or not any(f"{word}(" in file.text for word in _WORDS):
                continue
            for index, row in enumerate(file.rows.calls):
                match = _MAKES.search(file.text, row.start, row.callee_end)
                if match is None or row.end - row.callee_end < 3:
                    continue
                call = Call(file, index, self.program.enclosing(file, row.block), self.names.resolve(file, index))
                declared = self._given(call, file) if self._generated(call) else None
                if declared is not None:
                    yield match[1], call.resolution.package, declared

    def _given(self, call: Call, file: FileFacts) -> TypeDeclaration | None:
        """The type of the target that the maker is given first."""
        node = next(iter(self.calls.arguments(call)), None)
        kind = self.names.type_of(node, file, call.block) if node is not None else ""
        return self.program.types.get(kind.lstrip("*"))

    def _generated(self, call: Call) -> bool:
        """True for a function of a package that nothing is known of, or of the target's generated code."""
        found = call.resolution
        if found.kind == "external":
            return self.names.libraries.package(found.package) is None
        return any(target.file.role == "generated" for target in found.targets)

    def _answers(self, method: Function, package: str) -> bool:
        """True for a method that takes a context and a message, and gives a message and an error."""
        results = [kind for _, kind in method.results]
        kinds = [self.names.canonical(kind, method.file).lstrip("*") for _, kind in method.parameters]
        if len(results) != 2 or results[1] != "error" or len(kinds) != 2 or not kinds[0].endswith("Context"):
            return False
        owner, written = kinds[1].partition("[")[0], method.parameters[-1][1]
        return ("[" in written and owner.endswith(_OF_CALL)) or owner.rpartition(".")[0] == package
