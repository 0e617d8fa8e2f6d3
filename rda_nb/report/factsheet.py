"""The facts of one service without judgement: what a reviewer, a person or a program, starts from (schema `rda.facts/1`).

Every fact carries the places it was read at with their text, in the form in which an added finding cites them. The same
tree gives the same bytes: there is no time in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rda_nb.core import Evidence, Quantity
from rda_nb.findings.criteria import checklist
from rda_nb.records import Record
from rda_nb.report import display
from rda_nb.report.rows import Row, columns, evidence, origins

if TYPE_CHECKING:
    from rda_nb.service import Service
    from rda_nb.service.model import Flow
    from rda_nb.service.statements import Sql

SCHEMA = "rda.facts/1"
# Tests and foreign code say nothing of the service at work.
_OWN = frozenset({"product", "tooling", "example"})


def sheet(service: Service, rows: Mapping[str, Sequence[Record]]) -> dict[str, Any]:
    """All facts of a resolved service. `rows` are those of the checks, of which only what was read is kept."""
    target = service.target
    return {
        "schema": SCHEMA,
        "service": target.name,
        "commit": target.git.commit or None,
        "questions": {str(q.n): q.question for q in checklist().questions},
        "files": [{"path": f.path, "kind": f.kind, "role": f.role, "lines": len(f.lines)} for f in target.files],
        "skipped": [{"path": s.path, "reason": s.reason} for s in target.skipped],
        "flows": [_flow(service, flow) for flow in service.flows],
        "external_calls": _read(rows["external_calls"]),
        "controls": _read(rows["controls"]),
        "settings": _settings(service),
        "goroutines": _goroutines(service),
        "channels": _channels(service),
        "locks": _locks(service),
        "growing": _growing(service),
        "statements": [_statement(service, one) for one in service.statements if one.role in _OWN],
        "metrics": _metrics(service),
        "external_deps": [
            {"import": d.name, "kind": d.kind, "evidence": evidence(d.evidence)} for d in service.external_deps
        ],
        "gaps": [{"what": g.what, "where_to_look": g.where_to_look} for g in (*service.gaps, *target.gaps)],
    }


def summary(facts: Mapping[str, Any]) -> str:
    """A screen of text: how much of each there is, and the flows with what they wait for."""
    counted = (key for key, value in facts.items() if isinstance(value, list))
    lines = [f"{facts['service']}: facts to review"]
    lines += [f"{len(facts[key]):6d}  {key.replace('_', ' ')}" for key in counted]
    for flow in facts["flows"]:
        waits = list(dict.fromkeys(f"{op['system']} {op['title']}" for op in flow["operations"]))
        more = f" and {len(waits) - 4} more" if len(waits) > 4 else ""
        told = f": {', '.join(waits[:4])}{more}" if waits else ""
        lines.append(f"{flow['kind'].replace('_', ' ')}  {flow['title']}  {_place(flow['evidence'])}{told}")
    return "\n".join(lines) + "\n"


def _flow(service: Service, flow: Flow) -> Row:
    entry = flow.entrypoint
    return {
        "kind": entry.kind,
        "title": entry.title,
        "function": entry.function.label,
        "per_item": entry.per_item,
        "interval": _quantity(entry.interval),
        "evidence": evidence([entry.evidence, *entry.places]),
        "operations": [
            {
                "title": reached.operation.title or reached.operation.callee,
                "system": service.systems.of(reached.operation),
                "role": reached.operation.role,
                "client": reached.operation.client,
                "steps": list(flow.steps(reached)),
                "loops": reached.loops,
                "spawned": reached.spawned,
                "deferred": reached.deferred,
                "certain": reached.certain,
                "evidence": evidence([service.cite(reached.operation)]),
            }
            for reached in flow.operations
        ],
    }


def _read(rows: Iterable[Record]) -> list[Row]:
    """What the checks read, without what they think of it; one of several rows that say the same."""
    told: dict[str, Row] = {}
    for record in rows:
        row = columns(record) | {"symbol": record.symbol, "hot": record.hot, "evidence": evidence(record.evidence)}
        del row["display"]
        told.setdefault(repr(row), row)
    return list(told.values())


def _settings(service: Service) -> list[Row]:
    return [
        {
            "setting": setting.title,
            "means": setting.means,
            "key": setting.key,
            "library": setting.library,
            "value": setting.file.slice(setting.span),
            "function": setting.function.label if setting.function else None,
            "evidence": evidence([service.cite_at(setting.file, setting.start)]),
        }
        for setting in service.settings.all
        if setting.file.role in _OWN
    ]


def _goroutines(service: Service) -> list[Row]:
    return [
        {
            "starts": list(dict.fromkeys(function.label for function in spawn.targets)),
            "function": spawn.function.label,
            "bound": spawn.bound,
            "count": _quantity(spawn.count),
            "loops": len(spawn.loops),
            "joined": spawn.joined,
            "evidence": evidence([spawn.evidence]),
        }
        for spawn in service.spawns
        if spawn.file.role in _OWN
    ]


def _channels(service: Service) -> list[Row]:
    return [
        {
            "name": channel.name,
            "element": channel.element,
            "capacity": _quantity(channel.capacity),
            "signal": channel.signal,
            "function": channel.function.label if channel.function else None,
            "evidence": evidence([channel.evidence]),
        }
        for channel in service.channels
        if channel.file.role in _OWN
    ]


def _locks(service: Service) -> list[Row]:
    return [
        {
            "lock": region.operation.callee,
            "function": region.operation.function.label if region.operation.function else None,
            "held_to_line": region.operation.file.line(region.end),
            "deferred": region.deferred,
            "released": region.released,
            "evidence": evidence([service.cite(region.operation)]),
        }
        for region in service.lock_regions
        if region.operation.file.role in _OWN
    ]


def _growing(service: Service) -> list[Row]:
    return [
        {
            "holder": growth.holder,
            "form": growth.form,
            "shrinks": growth.shrinks,
            "function": growth.function.label if growth.function else None,
            "evidence": evidence([growth.evidence]),
        }
        for growth in service.growths
        if growth.file.role in _OWN
    ]


def _statement(service: Service, one: Sql) -> Row:
    said = one.statement
    return {
        "kind": said.kind,
        "tables": list(said.tables),
        "target": said.target or None,
        "clickhouse": one.clickhouse,
        "migration": one.migration,
        "whole": not one.piece,
        "functions": sorted({f.label for f in (one.function, *one.users) if f is not None}),
        "sent_by": evidence(_unique(service.cite(operation) for operation in one.operations)),
        "evidence": evidence([one.place(service.target)]),
    }


def _metrics(service: Service) -> list[Row]:
    return [
        {
            "name": metric.name or None,
            "symbol": metric.symbol,
            "type": metric.type,
            "labels": list(metric.labels),
            "buckets": list(metric.buckets),
            "updates": evidence(_unique(service.cite(update.at) for update in metric.updates)),
            "updates_itself": metric.self_updating,
            "evidence": evidence([metric.evidence]),
        }
        for metric in service.metrics
        if metric.operation.file.role in _OWN
    ]


def _quantity(q: Quantity | None) -> Row | None:
    """A quantity with the chain of places that gave it, weakest first; `text` says what is known of it in words."""
    if q is None:
        return None
    return {
        "state": q.state.value,
        "value": q.number if q.known else None,
        "unit": q.unit,
        "text": display.quantity(q),
        "config_key": q.config_key or None,
        "origins": origins(q),
    }


def _unique(items: Iterable[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys(items))


def _place(cited: Sequence[Row]) -> str:
    return f"{cited[0]['path']}:{cited[0]['line']}" if cited else ""
