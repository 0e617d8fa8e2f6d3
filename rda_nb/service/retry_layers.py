"""One retry layer around a call: how often it tries, with which pauses, and by what it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rda_nb.capacity.backoff import Backoff
from rda_nb.core import Evidence, Quantity, State

Extent = tuple[str, int, int]


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """One retry layer. `max_elapsed`: no attempt starts after that time, and a running one is not cut short.

    `until_success`: an endless loop that waits after a failure, and counts nothing.
    `held` is the (type, field) by which a wrapper makes it, where its receiver may have been given none.
    `repeated` are the (path, first line, last line) of the code that each attempt runs anew, as far as the way was followed.
    """

    attempts: Quantity
    backoff: Backoff | Quantity | None
    source: str
    evidence: Evidence
    max_elapsed: Quantity | None = None
    repeated: tuple[Extent, ...] = ()
    until_success: bool = False
    held: tuple[str, str] | None = None

    def repeats(self, place: Evidence) -> bool:
        """True when what stands at a place is done again by every attempt."""
        return any(path == place.path and first <= place.line <= last for path, first, last in self.repeated)


def optional(layer: Layer) -> Layer:
    """The same layer where it may be left out: one attempt at least."""
    upper = layer.attempts.upper
    if upper is None or upper <= 1:
        return layer
    return replace(layer, attempts=replace(layer.attempts, state=State.RANGE, number=None, low=1.0, high=upper))


def weight(layers: list[Layer]) -> float:
    """How much layers multiply attempts; a layer without a limit outweighs any number, an unknown one counts a little."""
    product = 1.0
    for layer in layers:
        upper = layer.attempts.upper
        product *= float("inf") if layer.attempts.state is State.ABSENT else (upper if upper is not None else 1.5)
    return product if layers else 0.0
