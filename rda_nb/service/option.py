"""One bound that holds only where somebody sets it."""

from __future__ import annotations

from dataclasses import dataclass

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.program import Function
from rda_nb.service.value import Value


@dataclass(frozen=True, eq=False, slots=True)
class Option:
    """One bound that is off unless set. `form` is nil (tested for nil), taken (dereferenced without a test), gate (tested
    against zero) or replaced (an unset key takes the place of a default). `places` are the lines that say so.
    """

    form: str
    kind: str
    name: str
    timed: bool
    value: Value
    file: FileFacts
    start: int
    block: int
    function: Function | None
    symbol: str
    places: tuple[Evidence, ...] = ()
