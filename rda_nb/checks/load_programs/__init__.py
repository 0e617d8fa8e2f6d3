"""Programs beside the service that put load on it, told by what they do and not by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment
from rda_nb.records import Page, ValidationAsset
from rda_nb.service.coverage import consumers
from rda_nb.service.driving import drivers

if TYPE_CHECKING:
    from rda_nb.service import Service

PAGE = Page(
    title="A load generator is not run by CI",
    topics=("load-validation",),
    consequence="inefficiency",
    rows=ValidationAsset,
    why="A generator that only its author runs finds no regression.",
    remedy="Run it in CI at a stated rate, with a threshold on what the service reports.",
    proof="CI fails when the service is slowed down.",
    impact="throughput",
)


def assess(service: Service) -> Iterator[ValidationAsset]:
    """One row per program that sends, in a loop, to what the service takes its work from."""
    assets = service.documents.validation if service.documents is not None else ()
    named = {asset.path.rpartition("/")[0] for asset in assets if asset.kind in ("load_test", "replay_tool")}
    for found in drivers(service):
        if found.folder in named:
            continue
        name = found.folder or found.main.file.path
        what = f"sends what it reads to {found.system}" if found.reads else f"sends made-up items to {found.system}"
        evidence = (
            service.cite_at(found.function.file, found.function.row.start),
            service.cite(found.operation),
            service.cite_at(found.main.file, found.main.row.start),
        )
        yield ValidationAsset(
            item=name,
            kind="replay_tool" if found.reads else "load_test",
            detail=f"{what} in a loop, in {found.function.label}; not run by CI",
            evidence=tuple(dict.fromkeys(evidence)),
            assessment=Assessment.GOOD,
            claim=f"{name}: {what} in a loop, in {found.function.label}; the service takes its work from there.",
            symbol=name,
            covers=consumers(service, {found.system}),
            hot=False,
            quiet=True,
        )
