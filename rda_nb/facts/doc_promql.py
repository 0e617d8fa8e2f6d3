"""PromQL as far as an inventory needs it: which metrics an expression names, its quantile, and what it is compared with."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?P<comment>\#[^\n]*)
    |(?P<number>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w:])|0x[0-9a-fA-F]+)|(?P<duration>\d+[a-z]\w*)
    |(?P<name>[a-zA-Z_:][\w:]*)|(?P<comparison>==|!=|>=|<=|>|<)|(?P<sign>[^\s])""",
    re.VERBOSE,
)
_GROUPING = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_AGGREGATES = frozenset("sum avg min max count group stddev stdvar topk bottomk count_values quantile limitk".split())
_WORDS = _AGGREGATES | frozenset({"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", "start", "end"})
_NAMED = re.compile(r"__name__\s*=\s*[\"']([a-zA-Z_:][\w:]*)[\"']")
_VARIABLE = re.compile(r"\$\{?[\w:]+\}?|\[\[\w+\]\]")
_FOLDED = ("_bucket", "_count", "_sum")


class Query(NamedTuple):
    """Metric names in order of appearance, the quantile of histogram_quantile, and (comparison, number) at the end."""

    metrics: tuple[str, ...]
    quantile: float | None
    threshold: tuple[str, float] | None


def read(expression: str) -> Query:
    """Take an expression apart; Grafana's variables are put aside first."""
    text = _VARIABLE.sub("1m", expression) if "$" in expression or "[[" in expression else expression
    tokens = [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(text) if m.lastgroup != "comment"]
    metrics: dict[str, None] = dict.fromkeys(_NAMED.findall(text))
    quantile: float | None = None
    threshold: tuple[str, float] | None = None
    braces = brackets = 0
    grouping = -1
    depth = 0
    for n, (kind, token) in enumerate(tokens):
        following = tokens[n + 1][1] if n + 1 < len(tokens) else ""
        if token == "{":
            braces += 1
        elif token == "}":
            braces -= 1
        elif token == "[":
            brackets += 1
        elif token == "]":
            brackets -= 1
        elif token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            grouping = -1 if grouping > depth else grouping
        elif braces > 0 or brackets > 0:
            continue
        elif kind == "name":
            if token.lower() in _GROUPING and following == "(":
                grouping = depth + 1
            elif following == "(":
                if token == "histogram_quantile" and n + 2 < len(tokens) and tokens[n + 2][0] == "number":
                    quantile = float(tokens[n + 2][1])
            elif token.lower() not in _WORDS and token.lower() not in _GROUPING and not 0 < grouping <= depth:
                metrics[token] = None
        elif kind == "comparison":
            threshold = _threshold(token, tokens, n) or threshold
    return Query(tuple(metrics), quantile, threshold)


def _threshold(comparison: str, tokens: list[tuple[str, str]], n: int) -> tuple[str, float] | None:
    rest = [token for token in tokens[n + 1 : n + 6] if token[1] not in ("bool", "(")]
    sign = 1.0
    if rest and rest[0][1] in ("-", "+"):
        sign = -1.0 if rest[0][1] == "-" else 1.0
        rest = rest[1:]
    if not rest or rest[0][0] != "number":
        return None
    number = sign * float(rest[0][1].replace("_", ""))
    # Products such as `14.4 * 0.001` or `5 * 60` are worked out; anything longer is left alone.
    if len(rest) >= 3 and rest[1][1] in ("*", "/") and rest[2][0] == "number":
        other = float(rest[2][1])
        number = number * other if rest[1][1] == "*" else number / other if other else number
    return comparison, number


def base(metric: str) -> str:
    """The name under which code registers a histogram or summary: without _bucket, _count, _sum."""
    return next((metric.removesuffix(end) for end in _FOLDED if metric.endswith(end)), metric)
