"""One deadline of a context, and what several ways to the same call have in common."""

from __future__ import annotations

from typing import NamedTuple

from rda_nb.core import Evidence, Quantity, State, unknown

OPEN = frozenset({"background", "request", "detached"})


class Deadline(NamedTuple):
    """The tightest deadline on one way to a call. `origin`: context (set in the target), background (made without one),
    request (given by the server, none of its own), caller (given from outside the target), detached, unknown.

    `limit` is None when there is no deadline on this way. `places` are the lines that set or break it, nearest first.
    `request` when the context is that of a request or comes from it.
    """

    limit: Quantity | None
    origin: str
    places: tuple[Evidence, ...] = ()
    request: bool = False


def tighter_of(own: Deadline, parent: Deadline) -> Deadline:
    """The smaller of a deadline and its parent's; an unknown own limit stays, since it is the one that was set."""
    request = own.request or parent.request
    if parent.limit is None or own.limit is None:
        return (own if own.limit is not None else parent)._replace(request=request)
    ours, theirs = own.limit.upper, parent.limit.upper
    if ours is None or (theirs is not None and theirs < ours):
        tighter = Deadline(parent.limit, parent.origin, (*parent.places, *own.places)) if theirs is not None else own
        return tighter._replace(request=request)
    return own._replace(places=(*own.places, *parent.places), request=request)


def distinct(found: list[Deadline]) -> tuple[Deadline, ...]:
    """One deadline of each limit and origin, in the order found."""
    kept: dict[tuple[float | None, str, str, bool], Deadline] = {}
    for deadline in found:
        upper = deadline.limit.upper if deadline.limit else None
        reason = deadline.limit.reason if deadline.limit and upper is None else ""
        origin = deadline.origin if deadline.limit is None else ""
        kept.setdefault((upper, origin, reason, deadline.request), deadline)
    return tuple(kept.values())


def open_ways(deadlines: tuple[Deadline, ...]) -> list[Deadline]:
    """The ways that are seen to have no deadline: made without one, detached, or a request that brings none."""
    return [way for way in deadlines if way.limit is None and way.origin in OPEN]


def bounded(deadlines: tuple[Deadline, ...]) -> Quantity | None:
    """The loosest deadline when every way has one; unknown when it is given from outside; None when a way has none."""
    if not deadlines or open_ways(deadlines):
        return None
    limits = [way.limit for way in deadlines if way.limit is not None]
    if len(limits) < len(deadlines):
        return unknown("the context comes from outside what can be followed", "s")
    blank = next((limit for limit in limits if limit.upper is None), None)
    if blank is not None:
        return blank
    numbers = sorted({limit.upper for limit in limits if limit.upper is not None})
    if len(numbers) == 1:
        return max(limits, key=lambda limit: len(limit.origins))
    origins = tuple(dict.fromkeys(origin for limit in limits for origin in limit.origins))
    return Quantity(State.RANGE, "s", None, numbers[0], numbers[-1], origins=origins)
