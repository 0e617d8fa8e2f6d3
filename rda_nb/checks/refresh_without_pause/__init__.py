"""What is refreshed on demand when it is too old: a refresh that fails leaves it as old, and every request starts another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, absent
from rda_nb.facts.vocabulary import BRANCH, Binding, Block, FileFacts
from rda_nb.records import Control, Page

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.program import Function

PAGE = Page(
    title="A refresh that fails is started again by the next request",
    topics=("retries", "polling"),
    consequence="unpredictability",
    rows=Control,
    why="While the source is down, every request that finds the data too old asks it again: nothing spaces the tries.",
    remedy="Remember the time of a failed try too, and start the next only after a pause that grows.",
    proof="Let the refresh fail in a test: a second request within the pause starts none.",
    impact="overload",
)

_AGE = re.compile(r"\b(?:time\.)?Since\(\s*([\w.]+)\s*\)|\.Sub\(\s*([\w.]+)\s*\)")
_NOW = re.compile(r"\btime\.Now\(\)")
_GIVES_UP = re.compile(r"\b\w*[eE]rr\w*\s*!=\s*nil")


def assess(service: Service) -> Iterator[Control]:
    """One row per moment that only a refresh that ends well moves on, where requests start that refresh."""
    aged = _aged(service)
    for file in service.program.files:
        if file.role != "product":
            continue
        for row in file.assignments:
            name = row.names[0].rpartition(".")[2] if len(row.names) == 1 and "." in row.names[0] else ""
            if name not in aged or not row.values or not _NOW.fullmatch(file.text[slice(*row.values[0])]):
                continue
            function = service.program.enclosing(file, row.block)
            branch = _given_up(service, file, row, function) if function is not None else None
            if function is None or branch is None:
                continue
            same = [(at, one) for at, one in aged[name] if _same(service, file, row, at, one)]
            same = [(at, one) for at, one in same if not (at is file and _stamped(file, one, row))]
            asked = _asking(service, function, same, row)
            if asked is not None:
                yield _row(service, file, function, name, branch, row, asked)


def _aged(service: Service) -> dict[str, list[tuple[FileFacts, Block]]]:
    """Field -> the branches that ask how long ago the moment in it was."""
    found: dict[str, list[tuple[FileFacts, Block]]] = {}
    for file in service.program.files:
        if file.role != "product" or ("Since(" not in file.text and ".Sub(" not in file.text):
            continue
        for block in file.rows.blocks:
            match = _AGE.search(file.text, *block.header) if block.kind == BRANCH else None
            written = (match[1] or match[2]) if match else ""
            if "." in written:
                found.setdefault(written.rpartition(".")[2], []).append((file, block))
    return found


def _given_up(service: Service, file: FileFacts, row: Binding, function: Function) -> Block | None:
    """The branch of a failure that leaves the refresh before it sets the moment."""
    root = function.root
    name = row.names[0].rpartition(".")[2]
    for block in file.rows.blocks:
        if block.kind != BRANCH or not root.row.start <= block.start < row.start or block.function != root.row.block:
            continue
        body = file.text[block.header[1] : block.end]
        if _GIVES_UP.search(file.text, *block.header) and "return" in body and f".{name}" not in body:
            return block
    return None


def _stamped(file: FileFacts, branch: Block, row: Binding) -> bool:
    """True when the branch that asks for the age sets the moment before it does anything else: a cooldown, failed or not."""
    return branch.header[1] <= row.start < branch.end and not file.text[branch.header[1] : row.start].strip(" \t\r\n{")


def _same(service: Service, file: FileFacts, row: Binding, other: FileFacts, block: Block) -> bool:
    """True when a branch asks for the field of the same type of the target that an assignment sets."""
    base = row.names[0].rpartition(".")[0].split(".")
    match = _AGE.search(other.text, *block.header)
    asked = ((match[1] or match[2]) if match else "").rpartition(".")[0].split(".")
    owner = service.names.type_of_dotted(base, file, row.block, row.start)
    return owner in service.program.types and owner == service.names.type_of_dotted(
        asked, other, block.parent, block.start
    )


def _asking(
    service: Service, function: Function, found: list[tuple[FileFacts, Block]], row: Binding
) -> tuple[FileFacts, Block] | None:
    """The branch that a request passes on its way to the refresh; None when only the refresh's own schedule asks."""
    for file, block in found:
        asker = service.program.enclosing(file, block.parent)
        if asker is not None and service.item_flows(asker, block.start):
            if function.root in service.concurrency.reach_of(asker) and _starts(service, asker, function, block, row):
                return file, block
    return None


def _starts(service: Service, asker: Function, function: Function, block: Block, row: Binding) -> bool:
    """True when the branch decides whether the refresh is made: it stands in it, or behind it where it returns."""
    text = asker.file.text
    first, last = block.header[1], block.end
    if "return" in text[first:last]:
        last = asker.row.end
    if asker.root is function.root:
        return first <= row.start < last
    for edge in service.graph.of(asker):
        if first <= edge.offset < last:
            if edge.target.root is function.root or function.root in service.concurrency.reach_of(edge.target):
                return True
    return False


def _row(
    service: Service,
    file: FileFacts,
    function: Function,
    name: str,
    branch: Block,
    row: Binding,
    asked: tuple[FileFacts, Block],
) -> Control:
    asker = service.program.enclosing(asked[0], asked[1].parent)
    title = service.item_flows(asker, asked[1].start)[0].entrypoint.title
    label = function.root.label
    return Control(
        control=f"pause after a failed {label}",
        kind="backoff",
        value=absent("a failed refresh leaves no trace", "s"),
        bounded=False,
        configurable=False,
        evidence=(
            service.cite_at(file, branch.start),
            service.cite_at(file, row.start, role="caller"),
            service.cite_at(asked[0], asked[1].start, role="caller"),
        ),
        assessment=Assessment.CONCERN,
        claim=f"When {label} fails, {name} stays old: each further {title} starts it again at once.",
        symbol=label,
        subject=name,
        hot=True,
    )
