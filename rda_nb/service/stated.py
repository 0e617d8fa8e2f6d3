"""Under what condition a place runs, and who starts what runs it, in the words of a claim."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.facts.vocabulary import BRANCH, CASE, FUNCTION, LOOP

if TYPE_CHECKING:
    from rda_nb.facts.vocabulary import FileFacts
    from rda_nb.service.model import Service
    from rda_nb.service.paths import Flow
    from rda_nb.service.program import Function

_LONGEST = 60
# A status that is compared with what an answer should have.
_FAILED = re.compile(r"(?i)\bstatus(?:code)?(?:\(\))?\s*(?:!=|>=?)\s*[\w.]+|!\w*(?:ok|success)\w*\(\s*[\w.]*status")


def where(service: Service, file: FileFacts, block: int, offset: int) -> str:
    """`, where …` or `, in the case …` by the innermost condition of a place in its turn or function, '' where it always runs.

    A condition that a place is itself a part of holds it back by what stands before it there.
    """
    for _, row in file.chain(block):
        text = ""
        if row.kind in (LOOP, FUNCTION):
            return ""
        if row.kind == BRANCH and row.header[0] <= offset < row.header[1]:
            before, both, _ = file.text[row.header[0] : offset].rpartition("&&")
            text = before if both and "||" not in before else ""
        elif row.kind == BRANCH and row.header[1] <= offset:
            other = service.calls.conventions.alternative(file.text, row.start, row.header[1], row.end)
            text = file.text[slice(*row.header)] if offset < other else ""
        elif row.kind == CASE and row.header[1] <= offset:
            text = file.text[slice(*row.header)]
        written = " ".join(text.split()).rpartition("; ")[2].strip("{: ")
        if written and not written.endswith("err != nil") and written.count("(") == written.count(")"):
            shown = written if len(written) <= _LONGEST else f"{written[:_LONGEST]}…"
            return f", in the case `{shown}`" if row.kind == CASE else f", where `{shown}`"
    return ""


def failed_answer(conditions: list[str]) -> bool:
    """True below a test of a status for another than the one that is hoped for."""
    return any(_FAILED.search(text) for text in conditions)


def starter(flow: Flow, function: Function) -> str:
    """Where a function runs: on a way in, or in a goroutine that it starts and does not wait in."""
    started = any(edge.spawned for edge in flow.reach.edges_to(function))
    return f"in a goroutine that {flow.entrypoint.title} starts" if started else f"on {flow.entrypoint.title}"
