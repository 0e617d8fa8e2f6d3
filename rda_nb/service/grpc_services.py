"""gRPC services of the target: which methods of the types that are registered are called, and under which name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rda_nb.service.calls import Call, Calls
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.program import Function, TypeDeclaration

_REGISTERS = re.compile(r"Register(\w+)Server$")


class _Registration(NamedTuple):
    """A type that is registered for a service; `listed` are the methods of the generated interface, None without it."""

    service: str
    declared: TypeDeclaration
    listed: frozenset[str] | None


class GrpcServices:
    """Finds the gRPC methods of one program."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.program = calls.names.program

    def methods(self) -> Iterator[Entrypoint]:
        """The methods of every type that is registered as a gRPC server."""
        registrations = list(self._registrations())
        services: dict[int, set[str]] = {}
        for one in registrations:
            if one.listed is None:
                services.setdefault(id(one.declared), set()).add(one.service)
        told: set[str] = set()
        for one in registrations:
            for name, method in sorted(one.declared.methods.items()):
                if not self.calls.conventions.exported(name) or not serves(method):
                    continue
                title = f"gRPC {one.service}.{name}"
                if one.listed is None and len(services[id(one.declared)]) > 1:
                    # Which of the services a method belongs to stands in code outside the target: it is told once.
                    if method.key in told:
                        continue
                    told.add(method.key)
                    own = _named_for(method, services[id(one.declared)])
                    title = f"gRPC {own}.{name}" if own else f"gRPC {method.label}"
                elif one.listed is not None and name not in one.listed:
                    continue
                evidence = self.calls.cite_at(method.file, method.row.start)
                yield Entrypoint("grpc_method", title, method, evidence)

    def _registrations(self) -> Iterator[_Registration]:
        for file in self.program.files:
            if file.role == "generated" or "Server" not in file.text:
                continue
            for index, row in enumerate(file.rows.calls):
                callee = file.text[row.start : row.callee_end]
                match = _REGISTERS.search(callee) if callee.endswith("Server") else None
                if match is None:
                    continue
                names = self.calls.names
                call = Call(file, index, self.program.enclosing(file, row.block), names.resolve(file, index))
                arguments = self.calls.arguments(call)
                if len(arguments) < 2:
                    continue
                declared = self.program.types.get(names.type_of(arguments[1], file, row.block))
                # Where the generated interface is in the target, its methods are the service's; the type may have more.
                interface = f"{callee.rpartition('.')[0]}.{match[1]}Server"
                served = self.program.types.get(names.canonical(interface, file))
                listed = frozenset(served.signatures) if served is not None and served.signatures else None
                if declared is not None:
                    yield _Registration(match[1], declared, listed)


def _named_for(method: Function, services: set[str]) -> str:
    """The one service that the type of a method's request is named for; '' for none or several."""
    kind = method.parameters[-1][1].rpartition(".")[2]
    found = [service for service in sorted(services) if kind.startswith(service)]
    return found[0] if len(found) == 1 else ""


def serves(method: Function) -> bool:
    """A unary or streaming gRPC method by its shape: a context first or a stream last, and an error as last result."""
    results, kinds = [kind for _, kind in method.results], [kind for _, kind in method.parameters]
    if not results or results[-1] != "error" or not 1 <= len(kinds) <= 2:
        return False
    streams = kinds[-1].rstrip("]").endswith("Server") or "Stream" in kinds[-1]
    return streams or (len(kinds) == 2 and kinds[0].endswith("Context"))
