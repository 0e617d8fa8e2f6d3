"""What a call can be bound to."""

from __future__ import annotations

from typing import NamedTuple

from rda_nb.service.packages import CallEntry
from rda_nb.service.program import Function


class Resolution(NamedTuple):
    """What a call is bound to. `kind`: resolved (one function of the target), candidate (several), external (another
    package), builtin, conversion (a type used as a function), dynamic (a function value not followed), unknown.

    External calls carry `package` (import path) and `name` (`Func` or `Type.Method`; the type is `?` when not known).
    """

    kind: str
    targets: tuple[Function, ...] = ()
    package: str = ""
    name: str = ""
    entry: CallEntry | None = None


UNKNOWN = Resolution("unknown")
BUILTIN = Resolution("builtin")
CONVERSION = Resolution("conversion")
DYNAMIC = Resolution("dynamic")
