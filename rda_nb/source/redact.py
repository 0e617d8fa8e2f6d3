"""Secrets in excerpts: found by their form or by the name they are assigned to, and replaced by [REDACTED]."""

from __future__ import annotations

import re
from bisect import bisect_right

MARK = "[REDACTED]"
# Far beyond what an excerpt shows; what follows in a line (minified code, embedded data) is not looked at.
_LONGEST_LINE = 4000

# The value's name must end in one of these words: `tokenURL`, `secretName` and `passwordHeader` hold no secret.
_WORD = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?"
    r"|(?:api|secret|access|private|auth|signing|encryption)[_-]?key)"
)
# Anchored at the start of a word: without that, a long run of letters would be tried from each of its positions.
_NAME = rf"(?<![\w.\-])[\w.\-]*{_WORD}"
_CONFIG = frozenset({"yaml", "env", "properties", "toml", "dockerfile", "shell", "makefile", "text", "markdown", "hcl"})

# Each expression's group `s` is the secret itself; the rest of the match stays readable.
_FORMS = [
    re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<s>.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
    re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ANVA|AIPA)(?P<s>[A-Z0-9]{16})\b"),
    re.compile(
        r"\b(?:gh[pousr]_|github_pat_|glpat-|npm_|xox[abprs]-|sk-ant-|sk-proj-|sk_live_|rk_live_|AIza|SG\.|dop_v1_|hvs\.)"
        r"(?P<s>[\w\-.]{16,})"
    ),
    re.compile(r"\bhooks\.slack\.com/services/(?P<s>T[\w/]{20,})"),
    re.compile(r"\beyJ[\w-]{4,}\.(?P<s>eyJ[\w-]+\.[\w-]+)"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+(?P<s>(?=[\w.~+/\-]*\d)[\w.~+/\-]{16,}=*)"),
]
_URL = re.compile(r"(?<![\w+.\-])[a-zA-Z][\w+.\-]*://[^\s:/@\"'`]*:(?P<v>[^\s@/\"'`]+)@")
_MYSQL = re.compile(r"(?<![\w.\-])[\w.\-]+:(?P<v>[^\s@\"'`:/]+)@(?:tcp|unix|udp)\(")
_PARAMETER = re.compile(
    r"(?i)(?<![\w])(?:password|passwd|pwd|secret|token|api_?key|access_?key)=(?P<v>[^\s&;,\"'`)\]}]+)"
)
_QUOTED = re.compile(rf"(?i)(?P<k>{_NAME})[\"']?\]?\s*(?::=|=>|[:=](?!=))\s*(?P<q>[\"'`])(?P<v>[^\"'`\n]+)(?P=q)")
_DEFAULT = re.compile(rf"(?i)[\"'`](?P<k>{_NAME})[\"'`]\s*,\s*(?P<q>[\"'`])(?P<v>[^\"'`\n]+)(?P=q)(?!\s*:)")
_TAG = re.compile(rf"(?i)\benv(?:config)?:\"(?P<k>{_NAME})[^\"]*\"[^`\n]*?\b(?:default|envDefault):\"(?P<v>[^\"\n]+)\"")
_XML = re.compile(rf"(?i)<(?P<k>{_NAME})>(?P<v>[^<\s]+)</")
_SQL = re.compile(r"(?i)\b(?:identified\s+(?:with\s+\w+\s+)?by|password)\s+'(?P<v>[^'\n]+)'")
_PLAIN = re.compile(
    rf"(?im)^[ \t\-]*(?:export[ \t]+|ENV[ \t]+|ARG[ \t]+)?[\"']?(?P<k>{_NAME})[ \t]*[:=][ \t]*(?P<v>[^\s\"'#][^\s#]*)"
)
_FLAG = re.compile(rf"(?i)(?<![\w-])--(?P<k>[\w\-]*{_WORD})[= ](?P<v>[^\s\"'\-][^\s\"']*)")
_K8S = re.compile(
    rf"(?i)\bname:[ \t]*[\"']?(?P<k>{_NAME})[\"']?[ \t]*\n[ \t]*value:[ \t]*(?P<q>[\"']?)(?P<v>[^\s\"']+)(?P=q)"
)
_NAMED = (_QUOTED, _DEFAULT, _TAG, _XML, _SQL, _URL, _MYSQL, _PARAMETER)
_NAMED_IN_CONFIG = (*_NAMED, _PLAIN, _FLAG, _K8S)

# A sign that every match holds: looked for first, since that costs next to nothing.
_SIGNS = {
    _XML: "</",
    _SQL: "'",
    _URL: "://",
    _MYSQL: "(",
    _PARAMETER: "=",
    _TAG: '"',
    _DEFAULT: ",",
    _FLAG: "--",
    _K8S: "\n",
}

_PLACEHOLDER = re.compile(
    r"""(?ix) ^(?: .*(?:\$\{|\{\{|%[sdvq]|<%).* | \$[({].* | \$[a-z_]\w* | <[^>]*> | \*+ | x{3,} | \.{3}
    | (?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)
    | --.* | \\ | true | false | null | nil | none | yes | no | read | write | enabled | disabled | required | optional
    | string | password | passwd | token | secret | bearer | basic | \w*://.* | arn:.* | /[\w.\-]+(?:/[\w.\-]+)+
    | \[\]?.* | \{.* | \|[-+]? | >[-+]? | &\w+ | ! \w+ .* | [\w.]+\(.* | .*\[REDACTED\].* )$"""
)
_TELLS_NAME = re.compile(rf"(?i)^[a-z]+(?:[ _.\-/][a-z]+)*[ _.\-/]{_WORD}s?(?:[ _.\-/][a-z]+)*$|^x-[a-z-]+$")
_NUMBER = re.compile(r"^[\d._]+[a-z]{0,2}$", re.IGNORECASE)
# Cheap looks for these, in lower case, spare most excerpts all the others; one stands wherever any form could match.
_HINTS = (
    "pass", "pwd", "secret", "token", "key", "cred", "identified", "://", "@tcp(", "@unix(", "@udp(", "bearer", "basic",
    "eyj", "akia", "asia", "aroa", "aida", "agpa", "anpa", "anva", "aipa", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat", "glpat", "npm_", "xox", "sk-", "rk_live", "sk_live", "aiza", "sg.", "dop_v1", "hvs.", "hooks.slack",
)  # fmt: skip


def _hinted(text: str) -> bool:
    # Outside ASCII, letters such as the long s count as others when case is ignored.
    lower = text.lower()
    return not lower.isascii() or any(hint in lower for hint in _HINTS)


def spans(text: str, kind: str = "") -> list[tuple[int, int]]:
    """Half-open character ranges of the secrets in a text, sorted and disjoint; `kind` is that of its file."""
    if not _hinted(text):
        return []
    found = [match.span("s") for form in _FORMS for match in form.finditer(text)]
    for form in _NAMED_IN_CONFIG if kind in _CONFIG else _NAMED:
        if (sign := _SIGNS.get(form)) is not None and sign not in text:
            continue
        for match in form.finditer(text):
            if _is_secret(match):
                found.append(match.span("v"))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def redact(text: str, kind: str = "") -> str:
    """The text with every secret replaced by [REDACTED]."""
    for start, end in reversed(spans(text, kind)):
        text = text[:start] + MARK + text[end:]
    return text


KEY_MARK = b"PRIVATE KEY-----"


def redacted_lines(lines: list[str], first: int, last: int, kind: str = "", whole: bool = False) -> list[str]:
    """Lines `first` to `last` (1-based, inclusive) of a file, redacted with knowledge of the lines around them.

    `whole`: look at the whole file, as one that holds KEY_MARK needs, since a key's body does not look like one.
    """
    low, high = (1, len(lines)) if whole else (max(1, first - 2), min(len(lines), last + 1))
    window = [line[:_LONGEST_LINE] for line in lines[low - 1 : high]]
    starts = [0]
    for line in window:
        starts.append(starts[-1] + len(line) + 1)
    cuts: dict[int, list[tuple[int, int]]] = {}
    for start, end in spans("\n".join(window), kind):
        for n in range(bisect_right(starts, start) - 1, len(window)):
            if starts[n] >= end:
                break
            cut = (max(0, start - starts[n]), min(len(window[n]), end - starts[n]))
            if cut[0] < cut[1]:
                cuts.setdefault(n, []).append(cut)
    return [_without(window[n - low], cuts.get(n - low, [])) for n in range(first, last + 1)]


def _without(line: str, cuts: list[tuple[int, int]]) -> str:
    for start, end in reversed(cuts):
        # A line that is nothing but secret (the body of a key) keeps three characters, so that the citation can be found.
        keep = 3 if not line[:start].strip() and not line[end:].strip() and end - start > 16 else 0
        line = line[: start + keep] + MARK + line[end:]
    return line


def _is_secret(match: re.Match[str]) -> bool:
    value = match["v"].strip()
    name = match.groupdict().get("k") or ""
    if _PLACEHOLDER.match(value) or _TELLS_NAME.match(value) or value.lower() == name.lower():
        return False
    if _NUMBER.match(value) and not re.search(r"(?i)pass(?:word|wd|phrase)?$|pwd$|secret$", name):
        return False
    return value.count(" ") < 2
