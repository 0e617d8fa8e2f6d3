"""A place in a semaphore that one way out of the function keeps: each error makes the limit smaller, until nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.records import Control, Page
from rda_nb.service.pairs import Kept, kept_entries, kept_places

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A limit loses a place with every error",
    topics=("concurrency-bounds", "backpressure"),
    consequence="stuck pipeline",
    rows=Control,
    why="A place that is taken and not given back is gone: after as many errors as there are places, everything waits for ever.",
    remedy="Give the place back in a deferred call right after it is taken.",
    proof="With as many failing calls as the limit has places behind it, a good one is let through within 1 s.",
    impact="overload",
    references=("https://pkg.go.dev/golang.org/x/sync/semaphore",),
)


def assess(service: Service) -> Iterator[Control]:
    """One row per place that a return keeps."""
    for kept in kept_places(service):
        yield _row(service, kept)
    for kept in kept_entries(service):
        yield _entry(service, kept)


def _entry(service: Service, kept: Kept) -> Control:
    """An entry of a map: it is memory that stays, not a place."""
    row, file = _row(service, kept), kept.function.file
    return replace(
        row,
        control=f"entry {kept.name}",
        kind="cache_bound",
        value=absent("every error leaves an entry behind", "items"),
        assessment=Assessment.CONCERN,
        claim=(
            f"{kept.function.label} puts in {kept.name}, and the return at line {file.line(kept.leaves.start)} leaves it there:"
            f" it is deleted only at line {file.line(kept.give.start)}."
        ),
        title="An entry stays in memory after an error",
        consequence="unbounded growth",
        remedy=f"Delete {kept.name} in a deferred call right after it is put in.",
        proof="After 1,000 failing calls with 1,000 keys in the load harness the map is empty.",
    )


def _row(service: Service, kept: Kept) -> Control:
    file, function = kept.function.file, kept.function
    flows = service.item_flows(function, kept.take.start)
    return Control(
        control=f"place in {kept.name}",
        kind="concurrency",
        value=absent("every error takes a place away for good", "count"),
        bounded=False,
        configurable=None,
        evidence=(
            service.cite_at(file, kept.take.start),
            service.cite_at(file, kept.leaves.start, role="caller"),
            service.cite_at(file, kept.give.start, role="override"),
        ),
        assessment=Assessment.RISK,
        claim=(
            f"{function.label} takes a place of {kept.name}, and the return at line {file.line(kept.leaves.start)} keeps it:"
            f" it is given back only at line {file.line(kept.give.start)}."
        ),
        symbol=function.label,
        subject=kept.name,
        hot=bool(flows) or None,
    )
