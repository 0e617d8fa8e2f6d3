"""What the calls of a library do behind the driver of one store, where that is not what they do behind the others."""

from __future__ import annotations

from collections.abc import Callable

from rda_nb.service.calls import Calls
from rda_nb.service.packages import BehindEntry
from rda_nb.service.systems import Systems


def mark(calls: Calls, systems: Callable[[], Systems]) -> None:
    """Give such calls the role that they have behind their driver, before anybody asks what they do."""
    behind = _behind(calls)
    roles = {role for entries in behind.values() for role in entries}
    found = []
    for operation in calls.role(*sorted(roles)):
        system = systems().of(operation)
        entry = behind.get(system, {}).get(operation.role)
        if entry is not None and entry.holds_for(operation.client):
            found.append((operation, entry.role))
    # What a handle is made by tells its store: every question is answered before the first answer changes a role.
    for operation, role in found:
        calls.change_role(operation, role)


def _behind(calls: Calls) -> dict[str, dict[str, BehindEntry]]:
    """System -> what its driver changes, of the drivers that product code imports."""
    files = (file for file in calls.names.program.files if file.role == "product")
    paths = dict.fromkeys(row.path for file in files for row in file.rows.imports)
    packages = (calls.names.libraries.package(path) for path in paths)
    return {one.system: one.behind for one in packages if one is not None and one.driver and one.behind}
