"""Sentences about one external call: what it is called, what bound it lacks, what to change and how to see that it helped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rda_nb.capacity.wording import format_result, format_seconds
from rda_nb.checks.external_call_budget.causes import PROTOCOLS, SOME, Governed, family, place_made
from rda_nb.core import State
from rda_nb.service.budget import NO_LIMIT
from rda_nb.service.foreign import FOREIGN

if TYPE_CHECKING:
    from rda_nb.core import Formula
    from rda_nb.service import Service
    from rda_nb.service.budget import Budget
    from rda_nb.service.calls import Operation

# Nobody waits for an answer longer than this.
SLOW = 120.0
# What a remedy asks for: below the 30 s for which SQS hides a message by default, above its longest poll of 20 s.
_ASKED = 25.0
# The symbols of a worst case, for a sentence; each begins a part of what is missing.
_NAMES = {
    "D": "its deadline",
    "T": "the timeout of an attempt",
    "E": "how long it is tried",
    "n": "the number of attempts",
    "B": "the pause between attempts",
    "C": "the longest pause between attempts",
    "acquire": "the time to get a connection",
    "dial": "the time to connect",
    "read": "the time to read",
    "rows": "the time to read the rows",
    "write": "the time to write",
    "server": "the server's own limit",
}
_PARTS = re.compile(rf"; (?=(?:{'|'.join(_NAMES)})\d*: )")


def missing(budget: Budget) -> str:
    """What is missing that would end the call, and how often it is tried."""
    attempts = budget.attempts
    spans = [layer.max_elapsed for layer in budget.layers if layer.attempts.state is State.ABSENT]
    until = [span.upper for span in spans if span is not None and span.upper is not None]
    if attempts.state is State.ABSENT and spans and len(until) == len(spans):
        tried = f"and no attempt starts after {format_seconds(max(until))} of trying"
    elif attempts.state is State.ABSENT:
        tried = f"and nothing limits its attempts ({attempts.reason})"
    elif attempts.upper is not None and attempts.upper > 1:
        tried = f"and up to {attempts.upper:g} attempts are made"
    else:
        tried = ""
    if budget.timeout_scope == "block":
        return " ".join(part for part in ("the client's read timeout bounds a part of it", tried) if part)
    # The deadline of a request says nothing of the ways that come from elsewhere.
    if budget.elsewhere:
        each = "no timeout bounds an attempt" if budget.elsewhere == NO_LIMIT else ""
        return f"{each or f'each attempt ends after {budget.elsewhere}'} {tried}".rstrip()
    if budget.timeout.upper is not None:
        return f"each attempt ends after {budget.timeout.upper:g} s {tried}".rstrip()
    if budget.timeout.state is State.UNKNOWN:
        return f"how long an attempt takes is not known {tried}".rstrip()
    return f"no timeout bounds an attempt {tried}".rstrip()


def unknown(stall: Formula) -> str:
    """What is missing of a worst case, by its name instead of the formula's symbol; one reason for all that it keeps."""
    found: dict[str, list[str]] = {}
    for part in _PARTS.split(stall.missing) if stall.missing else ():
        symbol, colon, reason = part.partition(": ")
        name = _NAMES.get(symbol.rstrip("0123456789")) if colon else None
        kept = found.setdefault(reason if name else part, [])
        if name and name not in kept:
            kept.append(name)
    told = [
        f"{' and '.join(names)} {'are' if len(names) > 1 else 'is'} not known ({reason})" if names else reason
        for reason, names in found.items()
    ]
    return "; ".join(told) or stall.text


def longest(budget: Budget, seconds: float) -> str:
    """How long a call lasts at most, and the least value that is seen where several reach the deadline that decides."""
    at_most = format_result(seconds, "s")
    for way in budget.deadlines if budget.timeout_source == "context" else ():
        limit = way.limit
        if (
            limit is not None
            and limit.state is State.RANGE
            and limit.high == seconds
            and limit.low not in (None, seconds)
        ):
            place = f" ({way.places[0]})" if way.places else ""
            return f"at most {at_most}, and {format_seconds(limit.low or 0.0)} by another value of its deadline{place}"
    return f"at most {at_most}"


def headline(operation: Operation, budget: Budget) -> str:
    """What a finding of this row is called."""
    stall = budget.worst_case
    if not stall.bounded:
        return f"{title(operation)} has no deadline"
    return f"{title(operation)} can take {format_seconds(stall.result)}" if stall.result is not None else ""


def title(operation: Operation) -> str:
    """The operation for the reader: what the role says, or the called method where the role only names the system."""
    if not operation.role.endswith((".call", ".topology")) or operation.role.startswith(FOREIGN):
        return operation.title
    method = operation.client.rpartition(".")[2]
    return f"{operation.title.removesuffix(' call')} {method.removesuffix('WithContext')}"


def ways(budget: Budget) -> str:
    """Whether the ways to the call differ in that some set a deadline, and where the first one starts that sets none.

    Ways that cannot be followed are none that set one; and how many ways there are depends on where they are told apart.
    """
    open_ways = [
        way for way in budget.deadlines if way.limit is None and way.origin in ("background", "request", "detached")
    ]
    first = next((way for way in open_ways if way.origin != "request" and way.places), None)
    start = f" A context starts without one at {first.places[0]}." if first else ""
    if open_ways and any(way.limit is not None for way in budget.deadlines):
        return f" Some ways to it set one, others none.{start}"
    return start


def others(by: Governed, number: int, bounded: bool) -> str:
    """What holds for so many other calls too, with the lines that it can be checked by."""
    many = number > 1
    calls = f"{number} other calls" if many else "One other call"
    if not bounded:
        has = "have" if many else "has"
        none = f"{has} one on some ways alone too" if by.how == SOME else f"{has} none either"
        return f"{calls} of the client made at {by.places[0]} {none}."
    where = f" ({', '.join(by.places)})" if len(by.places) < 3 else ""
    return f"{calls} {'end' if many else 'ends'} by the same limit{'s' if len(by.places) > 1 else ''}{where}."


def remedy(service: Service, operation: Operation, budget: Budget) -> str:
    """What to change where, with the number to reach."""
    what, stall = title(operation), budget.worst_case
    made = place_made(service, operation)
    place = f" ({made})" if made else ""
    if stall.bounded and stall.result is not None:
        source = next((place for place in budget.evidence if place.role == "default"), None)
        where = f" at {source.path}:{source.line}" if source else f" at {made}" if made else ""
        return f"Lower the limits of {what}{where} until timeout, retries and backoff together stay below {SLOW:g} s."
    if budget.timeout_scope == "block":
        return f"Give {what} and its like a context with a deadline below {_ASKED:g} s: the read timeout cannot end it."
    if operation.role.startswith("process."):
        return (
            f"Start the {what} with a context whose deadline is below {_ASKED:g} s, so that it is killed when it hangs."
        )
    if not operation.role.startswith(PROTOCOLS):
        return (
            f"Give {what} and the other calls of {family(operation)} a deadline below {_ASKED:g} s: a timeout "
            f"where their clients are made{place}, or contexts with a deadline."
        )
    return (
        f"Give {what} a deadline below {_ASKED:g} s: a timeout on the client{place}, which covers all of its calls, "
        "or a context with a deadline here."
    )


def proof(operation: Operation, budget: Budget) -> str:
    """How to see that the remedy holds."""
    limit = SLOW if budget.worst_case.bounded else _ASKED
    where = operation.function.label if operation.function else operation.path
    peer = f"the {title(operation)}" if operation.role.startswith("process.") else f"the peer of {title(operation)}"
    return f"Pause {peer} in the load harness: {where} returns an error within {limit:g} s, and the intake goes on."
