"""Libraries that product code may measure with and of which nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rda_nb.service.words import Words

if TYPE_CHECKING:
    from rda_nb.service.model import Service

# What an import path says of a library that measures.
_METERS = Words(r"(?i)(?:^|[/\-_.])(?:go)?{meters}(?:[/\-_.]|$)")


def other_meter(service: Service) -> str:
    """The import path of a library that product code may measure with and of which nothing is known; '' for none."""
    paths = {
        row.path
        for file in service.program.files
        if file.role == "product"
        for row in file.rows.imports
        if row.path not in service.program.scopes and "." in row.path.partition("/")[0] and _METERS.search(row.path)
    }
    for path in sorted(paths):
        package = service.names.libraries.package(path)
        if package is None or not any(entry.role.startswith("metric.") for entry in package.calls.values()):
            if any(call.resolution.package == path for call in service.calls.unknown_external.get(path, ())) or package:
                return path
    return ""


__all__ = ["other_meter"]
