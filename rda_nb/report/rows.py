"""Records as the rows of audit.json: numbers as numbers, `null` with a reason, display texts apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rda_nb.core import Evidence, Formula, Quantity, State
from rda_nb.findings.identity import Identity
from rda_nb.records import (
    CapacitySignal,
    ClickHouseAspect,
    Control,
    CriticalPath,
    ExternalCall,
    Hotspot,
    Record,
    ValidationAsset,
)
from rda_nb.report import display

Row = dict[str, Any]


def evidence(items: Iterable[Evidence]) -> list[Row]:
    """Citations exactly as the contract has them."""
    return [
        {"path": e.path, "line": e.line, "end_line": e.end_line, "excerpt": e.excerpt, "role": e.role} for e in items
    ]


def row(record: Record, identity: Identity, finding: str | None) -> Row:
    """One record: its table's columns, the shared ones, and the id of the finding that it raised."""
    shared = {
        "id": identity.id,
        "rule": record.rule,
        "title": record.title or None,
        "claim": record.claim,
        "symbol": record.symbol,
        "subject": record.subject,
        "hot": record.hot,
        "consequence": record.consequence or None,
        "cause": record.cause or None,
        "label": record.label or None,
        "finding": finding,
        "assessment": record.assessment.value,
        "evidence": evidence(record.evidence),
    }
    own = columns(record)
    gap = own.get("gap") or (record.claim or "not known inside the target" if record.assessment == "GAP" else None)
    return own | {"gap": gap} | shared


def columns(record: Record) -> Row:
    """The columns that only the record's own table has."""
    return _COLUMNS[type(record)](record)


def _critical_path(r: CriticalPath) -> Row:
    return {
        "flow": r.flow,
        "kind": r.kind,
        "entrypoint": r.entrypoint,
        "steps": list(r.steps),
        "blocking_io": list(r.blocking_io),
        "goal": r.goal or None,
        "gap": None if r.goal else "no goal or budget is stated",
        "bottleneck": r.bottleneck or None,
        # The interval of scheduled work; its state and origins stand in the claim's evidence.
        "value": _plain(r.value) if r.value is not None else None,
        "unit": r.value.unit if r.value is not None else None,
    }


def _control(r: Control) -> Row:
    return {
        "control": r.control,
        "kind": r.kind,
        **_number("value", r.value),
        "unit": r.value.unit,
        "bounded": r.bounded,
        "configurable": r.configurable,
        "config_key": r.value.config_key or None,
        "default_source": display.origin(r.value.origins[0]) if r.value.origins else None,
        "origins": origins(r.value),
        "display": {"default": display.control(r.value, r.bounded), "configurable": _configurable(r)},
    }


def _configurable(r: Control) -> str:
    """Yes with its key, no, or GAP."""
    if r.configurable is None:
        return "GAP"
    if not r.configurable:
        return "no"
    return f"yes, `{r.value.config_key}`" if r.value.config_key else "yes"


def _external_call(r: ExternalCall) -> Row:
    backoff = _plain(r.backoff)
    return {
        "system": r.system,
        "operation": r.operation,
        "client": r.client,
        **_number("timeout_s", r.timeout),
        "timeout_source": r.timeout_source,
        "timeout_elsewhere": r.elsewhere or None,
        "attempts": _plain(r.attempts),
        "retry_source": r.retry_source,
        "backoff_s": backoff,
        "worst_case_s": r.worst_case.result if r.worst_case.bounded else None,
        "bounded": r.worst_case.bounded,
        "worst_case_gap": r.worst_case.missing or None,
        "formula": r.worst_case.text,
        "factors": _factors(r.worst_case),
        "paths": list(r.paths),
        "origins": {
            "timeout": origins(r.timeout),
            "attempts": origins(r.attempts),
            "backoff": origins(r.backoff),
        },
        "display": {
            "timeout": display.timeout(r.timeout, r.timeout_source, r.elsewhere),
            "retries": display.retries(r.attempts, r.backoff, r.retry_source),
            "worst_case": display.formula(r.worst_case),
        },
    }


def _clickhouse(r: ClickHouseAspect) -> Row:
    return {
        "aspect": r.aspect,
        "approach": r.approach,
        "risk": r.risk or None,
        "recommendation": r.recommendation or None,
        "statement": r.statement or None,
        "value": _plain(r.value) if r.value is not None else None,
        **_worked(r.formula),
        **({"unit": r.value.unit} if r.value is not None and r.formula is None else {}),
    }


def _hotspot(r: Hotspot) -> Row:
    return {
        "pattern": r.pattern,
        "function": r.function,
        "why": r.why,
        "recommendation": r.recommendation or None,
        "in_loop": r.in_loop,
        "on_path": r.on_path or None,
        "value": _plain(r.value) if r.value is not None else None,
        "unit": r.value.unit if r.value is not None else None,
    }


def _signal(r: CapacitySignal) -> Row:
    return {
        "signal": r.signal,
        "present": r.present,
        "metric": r.metric or None,
        "metric_type": r.metric_type or None,
        "labels": list(r.labels),
        "capacity_use": r.capacity_use or None,
        "gap": r.gaps or None,
        **_worked(r.formula),
    }


def _validation(r: ValidationAsset) -> Row:
    return {
        "item": r.item,
        "kind": r.kind,
        "present": r.present,
        "detail": r.detail or None,
        "covers": list(r.covers),
        "in_ci": r.in_ci,
        "value": _plain(r.value) if r.value is not None else None,
        "unit": r.value.unit if r.value is not None else None,
    }


_COLUMNS: Mapping[type[Record], Callable[[Any], Row]] = {
    CriticalPath: _critical_path,
    Control: _control,
    ExternalCall: _external_call,
    ClickHouseAspect: _clickhouse,
    Hotspot: _hotspot,
    CapacitySignal: _signal,
    ValidationAsset: _validation,
}


def _number(column: str, q: Quantity) -> Row:
    """A quantity as a column: the number, or null with the state and the reason beside it."""
    gap = (q.reason or "not known inside the target") if q.state in (State.UNKNOWN, State.RANGE) else None
    return {
        column: _plain(q),
        f"{column}_low": _tidy(q.low),
        f"{column}_high": _tidy(q.high),
        "state": q.state.value,
        "gap": gap,
    }


def _plain(q: Quantity) -> float | int | None:
    """The number when there is exactly one."""
    return _tidy(q.number) if q.known else None


def _tidy(value: float | None) -> float | int | None:
    """Whole numbers without a fraction, so that 32 stays 32."""
    return int(value) if value is not None and value == int(value) else value


def origins(q: Quantity) -> list[Row]:
    """The chain of places a value came through, weakest first."""
    return [
        {
            "kind": o.kind,
            "text": o.text,
            "source": o.source or None,
            "evidence": evidence([o.evidence] if o.evidence else []),
        }
        for o in q.origins
    ]


def _factors(f: Formula) -> list[Row]:
    """The symbols of a formula with their values and where these were read."""
    return [
        {
            "symbol": x.symbol,
            "value": _tidy(x.value),
            "unit": x.unit,
            "origin": x.origin,
            "source": x.source or None,
            "evidence": evidence([x.evidence] if x.evidence else []),
        }
        for x in f.factors
    ]


def _worked(f: Formula | None) -> Row:
    """The optional formula of a row."""
    if f is None:
        return {"formula": None, "result": None, "factors": []}
    return {
        "formula": f.text,
        "result": _tidy(f.result),
        "unit": f.unit,
        "bounded": f.bounded,
        "result_gap": f.missing or None,
        "factors": _factors(f),
        "display": {"formula": display.formula(f)},
    }
