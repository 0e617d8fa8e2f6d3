"""Which request and message paths a load script or generator comes to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.service.driving import driving

if TYPE_CHECKING:
    from rda_nb.facts.doc_validation import Asset
    from rda_nb.service.model import Service

_PARAMETER = re.compile(r"^[:*{$<]|[}>]$|^\*")
_CONSUMES = ("queue_consumer", "poller")
# Commands of scripts and the system that they feed.
_FEEDS = tuple(
    (system, re.compile(form))
    for system, form in (
        ("kafka", r"kafka|\bkcat\b|\brpk\b"),
        ("sqs", r"\bsqs\b"),
        ("kinesis", r"\bkinesis\b"),
        ("nats", r"\bnats\b"),
        ("rabbitmq", r"rabbitmq"),
        ("redis", r"redis-cli"),
    )
)
_LARGEST = 400_000


def covered(service: Service, asset: Asset) -> tuple[str, ...]:
    """The titles of the paths that an asset drives: routes that its text names, consumers of the system that it feeds."""
    file = service.target.file(asset.path)
    text = file.text() if file is not None and file.size <= _LARGEST else ""
    systems = {name for name, form in _FEEDS if form.search(asset.detail) and file is not None and file.kind == "shell"}
    found = driving(service, asset.path.rpartition("/")[0])
    if found is not None:
        systems.add(found[1].role.partition(".")[0])
    return (*routes(service, text), *consumers(service, systems))


def routes(service: Service, text: str) -> tuple[str, ...]:
    """Routes whose path stands in a script, parameters by anything."""
    titles = []
    for flow in service.flows if text else ():
        path = flow.entrypoint.title.rpartition(" ")[2]
        parts = [part for part in path.strip("/").split("/") if part]
        fixed = [part for part in parts if not _PARAMETER.search(part)]
        if flow.entrypoint.kind != "api_route" or not fixed or not all(part in text for part in fixed):
            continue
        form = "/".join("[^/\\s'\"`?]+" if _PARAMETER.search(part) else re.escape(part) for part in parts)
        if re.search(rf"/{form}(?=[\s'\"`?)\\]|$)", text):
            titles.append(flow.entrypoint.title)
    return tuple(dict.fromkeys(titles))


def consumers(service: Service, systems: set[str]) -> tuple[str, ...]:
    """Consumers that take their work from one of these systems."""
    titles = []
    for flow in service.flows if systems else ():
        source = flow.entrypoint.source
        role = getattr(source, "role", "") if source is not None else ""
        if flow.entrypoint.kind in _CONSUMES and role.partition(".")[0] in systems:
            titles.append(flow.entrypoint.title)
    return tuple(dict.fromkeys(titles))
