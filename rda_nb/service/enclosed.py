"""Work inside a limit that ends without it: what one part may take, what its parts take together, and the limit itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from rda_nb.capacity import stall
from rda_nb.capacity.budgets import Budget, Comparison, Verdict, compare
from rda_nb.capacity.wording import format_seconds
from rda_nb.core import Evidence, Formula, Quantity, State
from rda_nb.service import deadline as dl
from rda_nb.service.calls import Operation
from rda_nb.service.iterations import Turn

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_SHOWN = 4
_EXCEEDS = (Verdict.OVER, Verdict.UNBOUNDED)


@dataclass(frozen=True, slots=True)
class Work:
    """One call that must end within a limit, in seconds.

    `certain`: surely done, in order, by whoever holds. `always`: and on every way through. `items`: how many times it is
    done, in words. `covered` is the place of a deadline that this call may share with others, `within` that deadline.
    """

    operation: Operation
    certain: bool
    always: bool
    items: str
    worst: Formula
    covered: tuple[str, int] | None = None
    within: Quantity | None = None


class Limit(NamedTuple):
    """A limit in seconds with the place that gives it."""

    value: Quantity
    place: Evidence


class Judgement(NamedTuple):
    """Work that does not fit: the calls concerned, the comparison, and whether one call alone is too long.

    `needed` are the seconds that the longest way through may take, as far as it is known.
    """

    works: tuple[Work, ...]
    comparison: Comparison
    alone: bool
    claim: str
    needed: float | None

    @property
    def bounded(self) -> bool:
        """False when all that can be said is that nothing ends the work."""
        return self.comparison.verdict is Verdict.OVER


def limit_of(service: Service, operation: Operation, means: str) -> Limit | None:
    """A limit of an operation's client by meaning: as set, else the default of the library or server.

    None when it cannot be followed, when clients with different limits may make the call, or when there is no limit. A
    default counts only for a client whose creation is seen: another one may have been configured elsewhere.
    """
    clients = service.budgets.clients
    settings = clients.of(operation)
    made = service.budgets.creations(operation)
    entries = clients.entries(operation)
    for creation in made:
        if means not in entries and creation.operation is not None:
            entries = clients.entries(creation.operation) | entries
    given = settings.get(means, [])
    if len({service.settings.quantity(setting).upper for setting in given}) > 1:
        return None
    if not given and (means not in entries or not made):
        return None
    value, _ = service.budgets.limits.limit(means, settings, entries)
    if value.state not in (State.KNOWN, State.RANGE) or not value.upper:
        return None
    if value.state is State.RANGE:
        # Of a default and what it is clamped to, or of two deployments: what does not fit the longest fits none.
        value = replace(value, state=State.KNOWN, number=value.upper, low=None, high=None)
    return Limit(value, service.settings.cite(given[0]) if given else service.cite(operation, "default"))


def work(
    service: Service,
    operation: Operation,
    turn: Turn | None,
    batch: Quantity | None,
    *,
    certain: bool,
    always: bool,
) -> Work:
    """One call as work: done once, or for each item of a batch of known size, with the deadline that covers it."""
    budget = service.budget(operation)
    worst, items = budget.worst_case, ""
    limit = dl.bounded(budget.deadlines)
    place = next((way.places[0] for way in budget.deadlines if way.places), None)
    if limit is None or limit.upper is None or place is None:
        limit = place = None
    if turn is not None and turn.certain and batch is not None and batch.known:
        inside = place is None or _inside(turn, place)
        # A deadline that is set before the loop is over all of its turns.
        worst = stall.batch(batch, worst, deadline=None if inside else limit)
        items = f" for each of {batch.number:g} messages" if batch.number != 1 else ""
    covered = (place.path, place.line) if place is not None else None
    return Work(operation, certain, always, items, worst, covered, limit)


def _inside(turn: Turn, place: Evidence) -> bool:
    """True for a place in the loop, or in a function that it calls on the way."""
    file = turn.file
    spans = [(file, turn.loop.start, turn.loop.end)]
    spans += [(edge.target.file, edge.target.row.start, edge.target.row.end) for edge in turn.edges]
    return any(
        place.path == held.path and held.line(start) <= place.line <= held.line(end) for held, start, end in spans
    )


def judged(works: Iterable[Work], budget: Budget) -> Judgement | None:
    """What does not fit, told by the longest call that alone is too long, else by all that is always done; None if all fits."""
    certain = [one for one in works if one.certain]
    summed = list(_parts(certain))
    total = stall.in_sequence([(_name(one), worst) for one, worst in summed])
    over = [(one, compare(one.worst, budget)) for one in certain]
    over = [(one, found) for one, found in over if found.verdict in _EXCEEDS]
    if over:
        # A number says more than that there is none.
        over.sort(key=lambda pair: (not pair[0].worst.bounded, -(pair[0].worst.result or 0.0)))
        first, comparison = over[0]
        others = list(dict.fromkeys(said for one, _ in over[1:] if (said := _said(one)) != _said(first)))
        do = "does" if len(others) == 1 else "do"
        also = f" So {do} {', '.join(others[: _SHOWN - 1])}." if others else ""
        claim = f"{_told(first, comparison)}.{also}"
        needed = max(first.worst.result or 0.0, total.result or 0.0) if first.worst.bounded else None
        return Judgement(tuple(one for one, _ in over), comparison, True, claim, needed)
    if len(summed) < 2:
        return None
    comparison = compare(total, budget)
    if comparison.verdict is not Verdict.OVER:
        return None
    longest = sorted(summed, key=lambda part: -(part[1].result or 0.0))
    shown = " + ".join(f"{_name(one)} {format_seconds(worst.result or 0.0)}" for one, worst in longest[:_SHOWN])
    more_text = f" and {len(longest) - _SHOWN} more" if len(longest) > _SHOWN else ""
    told = f"{format_seconds(total.result or 0.0)} {comparison.relation}"
    claim = f"What is always done adds up: {shown}{more_text} = {told}."
    return Judgement(tuple(one for one, _ in longest), comparison, False, claim, total.result)


def _parts(works: list[Work]) -> Iterator[tuple[Work, Formula]]:
    """The calls that are always done and their times, those under one deadline as one part."""
    groups: dict[tuple[str, int], list[Work]] = {}
    for one in works:
        if not one.always or not one.worst.bounded or one.worst.result is None:
            continue
        if one.covered is None:
            yield one, one.worst
        else:
            groups.setdefault(one.covered, []).append(one)
    for shared in groups.values():
        longest = max(shared, key=lambda one: one.worst.result or 0.0)
        if len(shared) == 1 or any(one.items for one in shared):
            yield longest, longest.worst
        else:
            yield longest, stall.in_sequence([(_name(one), one.worst) for one in shared], deadline=longest.within)


def _name(one: Work) -> str:
    """`HTTP request (Client.Do) for each of 10 messages`; a call of a generated client is named by its method."""
    title, client = one.operation.title, one.operation.client.rpartition(".")[2]
    named = f"{title.removesuffix(' call')} {client}" if one.operation.role.endswith(".call") else title
    return f"{named}{one.items}"


def _said(one: Work) -> str:
    return f"{_name(one)} ({one.worst.text if one.worst.bounded else 'without a bound'})"


def _told(one: Work, comparison: Comparison) -> str:
    if not one.worst.bounded:
        return f"{_name(one)} has no bound: {comparison.sentence}"
    return f"The worst case of {_name(one)}, {one.worst.text}, {comparison.relation}"


def cited(*places: Evidence) -> tuple[Evidence, ...]:
    """Places in order, each line once."""
    found: dict[tuple[str, int], Evidence] = {}
    for place in places:
        found.setdefault((place.path, place.line), place)
    return tuple(found.values())
