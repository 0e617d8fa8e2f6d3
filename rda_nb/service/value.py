"""What can reach an expression, and how several such values become one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from rda_nb.core import Origin
from rda_nb.service.calls import Call
from rda_nb.service.program import Function

MOST = 6
_OR = " or "
_KEYS = 3
_OTHERS = "others"
NO_DEFAULT = "without a default in the code"
SET_BY_NOTHING = "is set by nothing in the target"
OPEN = "another value may reach it"


class Value(NamedTuple):
    """What can reach an expression: numbers (a duration in ns when `duration`), a text, or nothing and the reason why.

    `moment` for a time so far from now, which is a limit only where a deadline is asked for.
    """

    numbers: tuple[float, ...] = ()
    duration: bool = False
    text: str | None = None
    reason: str = ""
    origins: tuple[Origin, ...] = ()
    key: str = ""
    absent: bool = False
    moment: bool = False


def unset(value: Value) -> bool:
    """True when a configuration key sets it and the code gives that key no default: unset, it is the type's zero value."""
    return bool(value.key) and NO_DEFAULT in value.reason


class Frame(NamedTuple):
    """A call being looked into: the parameters of `function` stand for the arguments of `call`."""

    function: Function
    call: Call
    outer: Frame | None


def few(numbers: Iterable[float]) -> tuple[float, ...]:
    """The distinct numbers in order, at most `MOST`; of more the lowest and the highest stay, for they are the bounds."""
    ordered = sorted(set(numbers))
    return tuple(ordered if len(ordered) <= MOST else [*ordered[: MOST - 1], ordered[-1]])


def chain(origins: tuple[Origin, ...], step: Origin) -> tuple[Origin, ...]:
    """The declaration alone when it holds the literal; else the declaration before what it refers to."""
    own = [
        origin
        for origin in origins
        if origin.evidence is None or step.evidence is None or origin.evidence.line != step.evidence.line
    ]
    return (step, *own)


def renamed(origins: tuple[Origin, ...], kind: str) -> tuple[Origin, ...]:
    """The same places under another kind."""
    return tuple(Origin(kind, origin.text, origin.evidence, origin.source) for origin in origins)


def join(values: list[Value]) -> Value:
    """Several values that may reach one place: one when they agree, else a range of all that are known."""
    useful = [value for value in values if value.numbers or value.text is not None]
    if not useful:
        return values[0] if values else Value(reason="nothing reaches it")
    numbers = few(number for value in useful for number in value.numbers)
    texts = {value.text for value in useful if value.text is not None}
    origins: dict[Origin, None] = {}
    for value in useful:
        origins.update(dict.fromkeys(value.origins))
    open_ends = [value.reason for value in values if not value.numbers and value.text is None and value.reason]
    return Value(
        numbers,
        any(value.duration for value in useful),
        texts.pop() if len(texts) == 1 else None,
        f"{OPEN}: {open_ends[0]}" if open_ends else "",
        tuple(origins),
        _keys(value.key for value in values),
        moment=any(value.moment for value in useful),
    )


def _keys(found: Iterable[str]) -> str:
    """The key of several values: each of several keys, for either may set them; of `size` and `worker.size` the longer."""
    keys = dict.fromkeys(key for value in found for key in value.split(_OR) if key)
    own = [key for key in keys if not any(other.lower().endswith(f".{key.lower()}") for other in keys)]
    return _OR.join(own) if len(own) <= _KEYS else f"{_OR.join(own[:_KEYS])}{_OR}{_OTHERS}"


def from_text(text: str, duration: bool, conventions: Any) -> Value:
    """A value as configuration writes it: `5s`, `100`, `64MiB`, `true` or plain text."""
    nanoseconds = conventions.duration_text(text)
    if nanoseconds is not None and (duration or not text.strip().lstrip("-").isdigit()):
        return Value((nanoseconds,), True, text)
    return number_text(Value(text=text))._replace(text=text)


def number_text(value: Value) -> Value:
    """A value whose text is a number, with that number."""
    if value.numbers or value.text is None:
        return value
    try:
        return value._replace(numbers=(float(value.text.replace("_", "")),))
    except ValueError:
        return value


def duration_text(value: Value, conventions: Any) -> Value:
    """A value whose text is a duration, as one."""
    nanoseconds = conventions.duration_text(value.text) if value.text is not None else None
    return (
        value._replace(numbers=(nanoseconds,), duration=True)
        if nanoseconds is not None
        else value._replace(duration=True)
    )
