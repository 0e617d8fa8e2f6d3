"""Repeated rows: what a retried insert leaves behind, and what counts it twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rda_nb.core import Assessment, Evidence
from rda_nb.records import ClickHouseAspect, Page
from rda_nb.service.clickhouse_knowledge import advice
from rda_nb.service.resending import again

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.calls import Call, Operation
    from rda_nb.service.program import Function

PAGE = Page(
    title="A retried insert stores its rows twice",
    topics=("clickhouse-writes", "clickhouse-schema"),
    consequence="inefficiency",
    rows=ClickHouseAspect,
    why="An insert that timed out may have been stored; without a key or block that recognises it, it is stored again.",
    remedy="Insert into a ReplacingMergeTree, or send the same insert_deduplication_token with each attempt.",
    proof="Kill the connection after the insert in the load harness: count() equals the rows sent.",
    impact="cost",
    references=("https://clickhouse.com/docs/guides/developer/deduplicating-inserts-on-retries",),
)

_STEPS = 3
_READS = re.compile(r"\b(?:os|ioutil)\.(?:ReadFile|Open)\(")
_REMOVES = re.compile(r"\bos\.(?:Remove|Rename)\(")
_SENDING = (
    "clickhouse.insert",
    "clickhouse.prepare_batch",
    "clickhouse.exec",
    "clickhouse.do",
    "sql.commit",
    "sql.exec",
)


def assess(service: Service) -> Iterator[ClickHouseAspect]:
    """Rows per retried insert, per table that adds repeated rows up, and per setting that lets them in."""
    yield from _retried(service)
    yield from _elsewhere(service)
    yield from _replayed(service)
    yield from _summed(service)
    for setting in service.clickhouse.setting("async_insert_deduplicate"):
        if setting.value.known and setting.value.number == 0:
            fixed = "=0" if setting.always(0) else " is 0 unless it is configured"
            claim = f"async_insert_deduplicate{fixed}: a repeated asynchronous insert is stored again."
            origins = tuple(origin.evidence for origin in setting.value.origins[:2] if origin.evidence is not None)
            row = _row(
                "dedup",
                setting.name,
                Assessment.CONCERN,
                claim,
                (setting.evidence, *origins),
                setting.evidence.path,
                quiet=True,
            )
            yield replace(row, value=setting.value)


def _retried(service: Service) -> Iterator[ClickHouseAspect]:
    """An insert below a retry, by what its table does with a row that comes twice."""
    view = service.clickhouse
    token = view.setting("insert_deduplication_token")
    told: set[tuple[str, int, str]] = set()
    for one in view.of_kind("insert"):
        found = [(operation, service.budget(operation)) for operation in one.operations if operation.role in _SENDING]
        found = [(operation, budget) for operation, budget in found if budget.layers]
        if one.migration or not found:
            continue
        operation, budget = found[0]
        layer = budget.layers[0]
        places = (layer.evidence, service.cite(operation, "caller"), one.place(service.target))
        times = f"up to {budget.attempts.upper:g} times" if budget.attempts.upper else "again and again"
        table, name = view.table(one), one.statement.target
        name = "a table that is made elsewhere" if "%" in name else name
        if (layer.evidence.path, layer.evidence.line, name) in told:
            continue
        told.add((layer.evidence.path, layer.evidence.line, name))
        if token:
            assessment, claim = Assessment.GOOD, f"The insert into {name} is tried {times} with a deduplication token."
        elif table is not None and "Replacing" in table.engine:
            assessment, claim = (
                Assessment.GOOD,
                f"The insert is tried {times}; {table.engine} folds rows that come twice.",
            )
        elif table is not None and table.engine.startswith("Replicated"):
            claim = f"The insert into {name} is tried {times}; {table.engine} drops a block that is exactly the same."
            assessment = Assessment.GOOD
        elif table is not None:
            why = advice("dedup_window_plain").text
            claim = f"The insert into {name} is tried {times} without a token, and {table.engine} keeps repeated rows: {why}."
            assessment = Assessment.CONCERN
        else:
            claim = f"The insert into {name} is tried {times} without a deduplication token; its engine is not in the target."
            assessment = Assessment.CONCERN
        symbol = operation.function.label if operation.function else operation.path
        yield _row("dedup", "retry", assessment, claim, places, symbol, name, view.hot(one))


def _elsewhere(service: Service) -> Iterator[ClickHouseAspect]:
    """Inserts that code sends again, to the next server, when the first does not answer."""
    if service.clickhouse.setting("insert_deduplication_token"):
        return
    told: set[tuple[str, int]] = set()
    for operation in service.operations("http.request", "clickhouse.insert"):
        if service.systems.of(operation) != "clickhouse":
            continue
        for place in again(service, operation):
            if (place.path, place.line) not in told:
                told.add((place.path, place.line))
                claim = (
                    "After an error the insert is sent again without a deduplication token: one that timed out but was"
                )
                symbol = operation.function.label if operation.function else operation.path
                evidence = (place, service.cite(operation, "caller"))
                claim += " stored is stored twice."
                yield _row(
                    "dedup", "sent again", Assessment.CONCERN, claim, evidence, symbol, hot=service.is_hot(operation)
                )


def _replayed(service: Service) -> Iterator[ClickHouseAspect]:
    """Inserts that were set aside in files and are sent again from there: the first try may have been stored."""
    if service.clickhouse.setting("insert_deduplication_token"):
        return
    told: set[str] = set()
    for operation in service.operations("http.request", "clickhouse.insert", "clickhouse.exec"):
        if service.systems.of(operation) != "clickhouse" or operation.function is None:
            continue
        for function, call in _replaying(service, operation):
            if function.key in told:
                continue
            told.add(function.key)
            claim = f"{function.label} sends again what was set aside in a file, without a deduplication token: what was stored"
            claim += " before its answer was lost is stored twice."
            evidence = (service.cite(call), service.cite(operation, "caller"))
            yield _row("dedup", "replayed from files", Assessment.CONCERN, claim, evidence, function.label, quiet=True)


def _replaying(service: Service, operation: Operation) -> Iterator[tuple[Function, Call]]:
    """The nearest functions that lead to an operation and handle files, up to three steps out, with the call that leads there."""
    level = [operation.function] if operation.function is not None else []
    seen = {function.key for function in level}
    for _ in range(_STEPS):
        outer = []
        for function in level:
            for edge in service.graph.into.get(function.key, ()):
                if edge.source.key in seen or edge.via is None or edge.source.file.role != "product":
                    continue
                seen.add(edge.source.key)
                if _from_files(service, edge.source, operation):
                    yield edge.source, edge.via
                else:
                    outer.append(edge.source)
        level = outer


def _from_files(service: Service, function: Function, operation: Operation) -> bool:
    """True when a function, or what it calls beside the insert, reads files and takes them away."""
    called = [edge.target for edge in service.graph.of(function) if edge.kind == "call"]
    called = [one for one in called if operation.function not in service.concurrency.reach_of(one)]
    texts = [one.file.text[one.row.start : one.row.end] for one in (function, *called)]
    return any(_READS.search(text) for text in texts) and any(_REMOVES.search(text) for text in texts)


def _summed(service: Service) -> Iterator[ClickHouseAspect]:
    """A sum kept by a view counts a repeated insert twice, whatever the source table folds later."""
    tables = service.schema.tables
    for view in tables.values():
        if view.kind != "materialized view" or not view.to_table or not view.source_tables:
            continue
        target, source = service.schema.table(view.to_table), service.schema.table(view.source_tables[0])
        if (
            target is None
            or source is None
            or not target.engine.replace("Replicated", "").startswith(("Summing", "Aggr"))
        ):
            continue
        if "Replacing" not in source.engine:
            continue
        claim = f"{target.engine} of {target.name} is fed by a view on {source.name}, whose repeated rows fold later: the sums"
        claim += " have counted them by then."
        places = (service.clickhouse.cite(target, "engine"), service.clickhouse.cite(view, "create"))
        yield _row("dedup", "sums over repeated rows", Assessment.CONCERN, claim, places, target.name)


def _row(
    aspect: str,
    approach: str,
    assessment: Assessment,
    claim: str,
    evidence: tuple[Evidence, ...],
    symbol: str,
    subject: str = "",
    hot: bool | None = None,
    quiet: bool = False,
) -> ClickHouseAspect:
    return ClickHouseAspect(
        aspect=aspect,
        approach=approach,
        evidence=evidence,
        assessment=assessment,
        claim=claim,
        symbol=symbol,
        subject=subject,
        hot=hot,
        quiet=quiet,
        recommendation=PAGE.remedy if assessment is Assessment.CONCERN else "",
    )
