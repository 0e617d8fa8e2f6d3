"""A place in a semaphore that one way out of the function keeps: each error makes the limit smaller, until nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.records import Control, Page
from rda_nb.service.pairs import kept_places

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A limit loses a place with every error",
    topics=("concurrency-bounds", "backpressure"),
    consequence="stuck pipeline",
    rows=Control,
    why="A place that is taken and not given back is gone: after as many errors as there are places, everything waits for ever.",
    remedy="Give the place back in a deferred call right after it is taken.",
    proof="More failing calls than the limit has places, then a good one: it is let through.",
    impact="overload",
    references=("https://pkg.go.dev/golang.org/x/sync/semaphore",),
)


def assess(service: Service) -> Iterator[Control]:
    """One row per place that a return keeps."""
    for kept in kept_places(service):
        file, function = kept.function.file, kept.function
        flows = service.item_flows(function, kept.take.start)
        yield Control(
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
