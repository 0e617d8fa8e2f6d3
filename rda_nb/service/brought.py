"""Messages that a library of which nothing is known hands out over a channel of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rda_nb.facts.vocabulary import Block, FileFacts
from rda_nb.service.calls import Calls
from rda_nb.service.entrypoint import Entrypoint
from rda_nb.service.foreign import carries_values
from rda_nb.service.libraries import short
from rda_nb.service.program import Function
from rda_nb.service.tickers import Tickers
from rda_nb.service.types import split_type
from rda_nb.service.words import Words

# What a receive gives its item to.
_TAKEN = re.compile(r"(\w+)(?:\s*,\s*\w+)?\s*:?=\s*$")
# Channels on which no work comes.
_NO_WORK = Words(r"(?i){idle_channels}(?:\(\))?$")
_BROKER = Words("(?i){brokers}")


def brought(calls: Calls, file: FileFacts, block: Block, function: Function) -> Iterator[Entrypoint]:
    """A way in for each such channel that a loop receives from."""
    for row in file.rows.receives:
        if not block.start <= row.start < block.end or file.rows.blocks[row.block].function != block.function:
            continue
        name = _TAKEN.search(file.text, max(0, row.start - 80), row.start)
        kind = calls.names.type_of_span(file, row.channel, row.block)
        if name is None or not (kind == "" or kind.endswith((".?", ".!"))):
            continue
        module = _holder(calls, file, row.channel, row.block)
        if not module or _NO_WORK.search(file.text, *row.channel):
            continue
        kind = "queue_consumer" if _BROKER.search(module) else "stream_processor"
        title = f"{name[1]} of {short(module)}: {function.label}"
        inside = Tickers.case(file, block, row.start)
        at = calls.cite_at(file, row.start)
        yield Entrypoint(kind, title, function, at, loop=block, inside=inside, module=module)


def _holder(calls: Calls, file: FileFacts, channel: tuple[int, int], block: int) -> str:
    """The module that made what a channel is a part of, where nothing is known of it: `consumer.Channels().Upstream`."""
    node = calls.conventions.expression(file.text[slice(*channel)], channel[0])
    while node.kind in ("select", "call") and node.parts:
        node = node.parts[0]
        path, _ = split_type(calls.names.type_of(node, file, block).lstrip("*"))
        if path and path not in calls.names.program.scopes and not carries_values(path):
            return path if calls.names.libraries.package(path) is None else ""
    return ""
