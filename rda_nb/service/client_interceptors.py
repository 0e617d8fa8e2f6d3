"""Interceptors of a gRPC client: what stands between a stub's call and the network, on the way out."""

from __future__ import annotations

from rda_nb.service.calls import Calls, Operation
from rda_nb.service.creations import Creation
from rda_nb.service.interceptors import Handed, Interceptors
from rda_nb.service.memo import Memo
from rda_nb.service.program import Function
from rda_nb.service.settings import Settings

_CALL = "grpc.call"
_INTERCEPTS = "grpc.client_interceptor"
_INVOKER = "UnaryInvoker"
_DIAL = "grpc.dial"
# So many values between a stub and its dial are looked at.
_MOST = 12


class ClientInterceptors:
    """The interceptors of one program's gRPC clients."""

    def __init__(self, calls: Calls, settings: Settings, interceptors: Interceptors) -> None:
        self.calls = calls
        self.settings = settings
        self.interceptors = interceptors
        self._found = [one for one in calls.role(_INTERCEPTS) if one.file.role == "product"]
        self._chains: Memo[tuple[tuple[str, int, int], ...], list[list[Handed]]] = Memo([])

    def of(self, operation: Operation) -> list[list[Handed]]:
        """For each interceptor of the target on the way of a call: the calls by which it goes on.

        Where it is not seen how the client was made, each of the program's may be one of its.
        """
        if not self._found or operation.role != _CALL:
            return []
        built = self._dialled(operation)
        key = tuple((one.file.path, one.start, one.end) for one in built)
        given = [
            one
            for one in self._found
            if not built or any(one.file.path == path and start <= one.row.start < end for path, start, end in key)
        ]
        return self._chains.get(key, lambda: self._chain(given))

    def _dialled(self, operation: Operation) -> tuple[Creation, ...]:
        """The dials of a stub's connection and what their options are made of; the address says nothing of the client."""
        waiting, found, seen = list(self.settings.client_of(operation)), [], 0
        while waiting and seen < _MOST:
            made, seen = waiting.pop(0), seen + 1
            node = self.calls.conventions.expression(made.file.text[made.start : made.end], made.start)
            dial = made.operation if made.operation is not None and made.operation.role == _DIAL else None
            if dial is not None:
                found.append(made)
            parts = node.parts[1:] if node.kind == "call" else [part.parts[0] for part in node.parts if part.parts]
            for at, part in enumerate(parts):
                if dial is not None and at in (dial.entry.message, dial.entry.context):
                    continue
                inner = self.settings.creations(made.file, (part.start, part.end), made.block)
                if dial is None:
                    waiting += inner
                else:
                    found += self.settings.built_from(inner)
        return tuple(found)

    def _chain(self, given: list[Operation]) -> list[list[Handed]]:
        found: dict[str, Function] = {}
        for operation in given:
            for function in self.interceptors.given(operation):
                found[function.key] = function
        return [self.interceptors.goes_on(function, _INVOKER) for function in found.values()]
