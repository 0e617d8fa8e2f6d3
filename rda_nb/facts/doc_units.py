"""Units as configuration writes them: Kubernetes quantities, durations of several notations, byte sizes."""

from __future__ import annotations

import re

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_SUFFIXES = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "K": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
    "Ei": 2.0**60,
}
_QUANTITY = re.compile(r"([+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18}))(?:[eE]([+-]?\d{1,2})|([numkKMGTPE]i?|))")

# Docker's units are powers of 1024 with and without the i: https://docs.docker.com/reference/compose-file/extension/
_BYTES = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*([kmgtp]?)(?:i?b)?", re.IGNORECASE)

_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
_PART = re.compile(r"(\d{1,18}(?:\.\d{1,9})?|\.\d{1,9})(ns|us|µs|μs|ms|s|m|h|d|w)")
_WORDS = {
    "ns": ("nanosecond", "nanoseconds", "nanos"),
    "us": ("microsecond", "microseconds", "micros", "usec"),
    "ms": ("millisecond", "milliseconds", "millis", "msec", "msecs"),
    "s": ("second", "seconds", "sec", "secs"),
    "m": ("minute", "minutes", "min", "mins"),
    "h": ("hour", "hours", "hr", "hrs"),
    "d": ("day", "days"),
    "w": ("week", "weeks"),
}
_WORD_UNIT = {word: unit for unit, words in _WORDS.items() for word in words}
_SPOKEN = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*([a-zµμ]+)", re.IGNORECASE)
_ISO = re.compile(
    r"P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?", re.IGNORECASE
)


def quantity(text: str) -> float | None:
    """A Kubernetes quantity as a plain number (`500m` is 0.5, `2Gi` is 2147483648.0); None when it is none."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    scale = 10.0 ** int(exponent) if exponent else _SUFFIXES.get(suffix or "")
    return None if scale is None else float(number) * scale


def size(text: str) -> float | None:
    """Bytes of a size as Docker and most programs write it (`512m`, `64 KiB`; powers of 1024); None otherwise."""
    match = _SIZE.fullmatch(text.strip())
    return None if match is None else float(match[1]) * 1024.0 ** _BYTES[match[2].lower()]


def duration(text: str) -> float | None:
    """Seconds of a duration with its unit: `1m30s`, `500ms`, `PT5S`, `2 minutes`; None for a bare number but 0."""
    text = text.strip()
    if not text or len(text) > 64:
        return None
    if text == "0":
        return 0.0
    sign = -1.0 if text[0] == "-" else 1.0
    text = text[1:] if text[0] in "+-" else text
    if not text:
        return None
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sign * sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if text[0] in "Pp":
        return _iso(text, sign)
    spoken = _SPOKEN.fullmatch(text)
    if spoken is None:
        return None
    unit = spoken[2].lower()
    unit = _WORD_UNIT.get(unit, unit)
    return sign * float(spoken[1]) * _SECONDS[unit] if unit in _SECONDS else None


def _iso(text: str, sign: float) -> float | None:
    match = _ISO.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (float(group) if group else 0.0 for group in match.groups())
    return sign * (weeks * 604800 + days * 86400 + hours * 3600 + minutes * 60 + seconds)


_SCALES = {"k": 1e3, "K": 1e3, "M": 1e6}
_FIGURE = re.compile(r"(\d[\d,_]*(?:\.\d+)?)\s?([kKM])?(?:\b|\s|$)")


def figure(text: str) -> tuple[float, str] | None:
    """A stated figure such as `4,200 req/s`, `20 seconds` or `12 ms`: the number, and its unit (`s` for any time)."""
    text = text.strip()
    seconds = duration(text.replace(",", ""))
    if seconds is not None:
        return seconds, "s"
    match = _FIGURE.match(text)
    if match is None:
        return None
    number = float(match[1].replace(",", "").replace("_", "").rstrip(".") or 0) * _SCALES.get(match[2] or "", 1.0)
    return number, text[match.end() :].strip()
