"""Benchmark functions: whether they measure at all, and which hot paths they reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Page, ValidationAsset
from rda_nb.service.benchmarks import Benchmark, benchmarks

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A benchmark measures nothing",
    topics=("load-validation",),
    consequence="inefficiency",
    rows=ValidationAsset,
    why="A benchmark that does its work once whatever the harness asks gives a number without a meaning.",
    remedy="Repeat the measured work as often as the harness asks, and build its input before the timer starts.",
    proof="The benchmark's time per operation stays the same when the harness runs it for longer.",
    impact="latency",
    references=("https://pkg.go.dev/testing#hdr-Benchmarks",),
)

_SHOWN = 3
_APART = 4


def assess(service: Service) -> Iterator[ValidationAsset]:
    """One row per benchmark that does not repeat; the others by file where a file has many."""
    files: dict[str, list[Benchmark]] = {}
    for benchmark in benchmarks(service):
        if benchmark.repeats:
            files.setdefault(benchmark.evidence.path, []).append(benchmark)
        else:
            claim = f"{benchmark.name} never asks the harness how often to repeat: its result says nothing."
            yield _row(service, [benchmark], Assessment.CONCERN, claim)
    for path in sorted(files):
        found = files[path]
        for group in [found] if len(found) > _APART else [[one] for one in found]:
            yield _row(service, group, Assessment.GOOD, "")


def _row(service: Service, group: list[Benchmark], assessment: Assessment, claim: str) -> ValidationAsset:
    """One row for the benchmarks of a group."""
    covers = tuple(dict.fromkeys(path for benchmark in group for path in _paths(service, benchmark)))
    paths = covers[:_SHOWN]
    called = ", ".join(list(dict.fromkeys(f.label for benchmark in group for f in benchmark.calls))[:_SHOWN])
    first = group[0]
    item = first.name if len(group) == 1 else f"{first.name} and {len(group) - 1} more"
    where = f"on the path of {', '.join(paths)}" if paths else "on no request or message path that was found"
    return ValidationAsset(
        item=item,
        kind="benchmark",
        detail=f"covers {', '.join(paths)}" if paths else "covers no hot path",
        evidence=tuple(benchmark.evidence for benchmark in group[:6]),
        assessment=assessment,
        claim=claim or f"{item}: {called or 'code of its own'}, {where}.",
        symbol=first.name,
        # What never repeats measures nothing, whatever it calls.
        covers=covers if first.repeats else (),
        hot=False,
    )


def _paths(service: Service, benchmark: Benchmark) -> list[str]:
    """The request and message flows that the benchmark's functions lie on."""
    flows = {flow.entrypoint.title for function in benchmark.calls for flow in service.hot_flows(function)}
    return sorted(flows)
