"""Quantities, formulas and origins as the short texts a reader sees; numbers keep their unit and their source."""

from __future__ import annotations

from rda_nb.core import Formula, Origin, Quantity, State
from rda_nb.findings.amounts import amount, number, seconds, worked

__all__ = ["amount", "brief", "control", "formula", "number", "origin", "quantity", "retries", "seconds", "timeout"]

_SOURCES = {
    "call": "call",
    "context": "context deadline",
    "client": "client",
    "library_default": "library default",
    "none": "none",
}


def quantity(q: Quantity) -> str:
    """The value, the range, `none`, or GAP with what is missing."""
    if q.state is State.KNOWN and q.number is not None:
        return amount(q.number, q.unit)
    if q.state is State.RANGE:
        low = amount(q.low, q.unit) if q.low is not None else "?"
        high = amount(q.high, q.unit) if q.high is not None else "unbounded"
        return f"{low} to {high}"
    if q.state is State.ABSENT:
        return f"none ({q.reason})" if q.reason else "none"
    return f"GAP: {q.reason}" if q.reason else "GAP"


def control(q: Quantity, bounded: bool | None) -> str:
    """A control's value; where the bound itself is missing, `unbounded` and why."""
    if bounded is False and q.state is State.ABSENT:
        return f"unbounded: {q.reason}" if q.reason else "unbounded"
    return quantity(q)


def origin(o: Origin) -> str:
    """Where a value was read: `path:line`, or the library and version that it is a default of."""
    if o.evidence is not None:
        return f"`{o.evidence}`"
    return brief(o.source) or o.kind.replace("_", " ")


def brief(source: str) -> str:
    """A library, file and version without the explanation between: the explanation stays in `origins`."""
    head, _, rest = source.partition(": ")
    version = rest[rest.rfind("(") :] if rest.endswith(")") else ""
    return f"{head} {version}".strip()


def timeout(q: Quantity, source: str, elsewhere: str = "") -> str:
    """A timeout with its source: `30 s (client, config.go:32)`, `none`, `library default 300 s (clickhouse-go v2)`.

    `elsewhere` follows as what bounds the ways that do not come from a request.
    """
    if elsewhere:
        return f"{timeout(q, source)} on requests, elsewhere {elsewhere}"
    place = origin(q.origins[-1]) if q.origins else ""
    if q.state is State.ABSENT:
        return quantity(q)
    if q.state is State.UNKNOWN:
        return quantity(q) + (f" ({place})" if place else "")
    word = _SOURCES.get(source, source)
    if source == "library_default":
        return f"{word} {quantity(q)}" + (f" ({place})" if place else "")
    return f"{quantity(q)} ({', '.join(part for part in (word, place) if part)})"


def retries(attempts: Quantity, backoff: Quantity, source: str) -> str:
    """Attempts in all (the first one counts), the pause between them, and where that comes from."""
    if attempts.state is State.ABSENT:
        return f"unlimited attempts: {attempts.reason}" if attempts.reason else "unlimited attempts"
    if attempts.state is State.UNKNOWN:
        return quantity(attempts)
    text = quantity(attempts) + (" attempt" if attempts.number == 1 else " attempts")
    if backoff.state in (State.KNOWN, State.RANGE) and attempts.number != 1:
        text += f", backoff {quantity(backoff)}"
    place = origin(attempts.origins[-1]) if attempts.origins else ""
    told = ", ".join(part for part in (source.replace("_", " "), place) if part and part != "none")
    return f"{text} ({told})" if told else text


def formula(f: Formula) -> str:
    """The formula with its numbers and its result; unbounded and missing factors are said, never replaced."""
    if not f.bounded:
        return f.text if "unbounded" in f.text else f"unbounded: {f.text}".rstrip(": ")
    if f.result is None:
        missing = f"GAP: {f.missing}" if f.missing else "GAP"
        return f"{f.text} ({missing})" if f.text else missing
    return worked(f)
