"""How Go writes literals, types, parameters, tags, durations and package names, and how its expressions are read."""

from __future__ import annotations

import re
from functools import lru_cache

from rda_nb.languages.go import constraints, expressions

expression = expressions.expression
left_out = constraints.left_out
BUILTINS = frozenset(
    "append cap clear close complex copy delete imag len make max min new panic print println real recover".split()
)
BASIC_TYPES = frozenset(
    "bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 "
    "uint64 uintptr any comparable".split()
)
# Functions that hand back their one argument, whatever package they are in: pointers to values, and the like.
IDENTITIES = frozenset(
    "Int Int8 Int16 Int32 Int64 Uint Uint32 Uint64 Float32 Float64 Bool String Duration Ptr ToPtr To Pointer Of Limit".split()
)
DURATIONS = {
    "Nanosecond": 1,
    "Microsecond": 10**3,
    "Millisecond": 10**6,
    "Second": 10**9,
    "Minute": 60 * 10**9,
    "Hour": 3600 * 10**9,
}
DURATION_TYPE = "time.Duration"
ROOT_NAMES = ("main",)
TEST_PACKAGES = ("testing",)
# A struct that embeds or holds one of these types, or has a field of this name, plays a dependency in tests
TEST_DOUBLES = frozenset(
    (
        "github.com/stretchr/testify/mock.Mock",
        "github.com/golang/mock/gomock.Controller",
        "go.uber.org/mock/gomock.Controller",
        "invocationsMutex",
    )
)
# What stands in generated code that declares clients and servers: of protoc-gen-go-grpc, oapi-codegen and go-swagger.
GENERATED = (
    b"grpc.ClientConnInterface",
    b"grpc.ServiceRegistrar",
    b"type ServerInterface interface",
    b'.handlers["',
)

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}


def string_value(text: str) -> str:
    """The value of a string literal as written."""
    if text.startswith("`"):
        return text[1:-1].replace("\r", "")
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text[1:-1])


def number_value(text: str) -> float | int | None:
    """The value of a number literal, or None."""
    plain = text.replace("_", "")
    try:
        return int(plain, 0) if not re.fullmatch(r"0\d+", plain) else int(plain, 8)
    except ValueError:
        try:
            return float(plain)
        except ValueError:
            return None


def split_list(text: str) -> list[str]:
    """The members of a comma-separated list, brackets and strings respected; the outer brackets are not part of `text`."""
    if "," not in text:
        return [text.strip()] if text.strip() else []
    parts: list[str] = []
    depth, start, index, size = 0, 0, 0, len(text)
    while index < size:
        character = text[index]
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character in "\"`'":
            close = index + 1
            while close < size and text[close] != character:
                close += 2 if text[close] == "\\" and character != "`" else 1
            index = close
        elif character == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
        index += 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


_WORD = re.compile(r"[A-Za-z_]\w*$")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


@lru_cache(maxsize=20_000)
def parameters(text: str) -> tuple[tuple[str, str], ...]:
    """(name, type) of each parameter or result; name is '' when only types are written, a variadic type becomes a slice."""
    text = text.strip()
    if not text:
        return ()
    if not text.startswith("("):
        return (("", text),)
    if "//" in text or "/*" in text:
        text = _COMMENT.sub("", text)
    listed = split_list(text[1:-1])
    split = [_parameter(part) for part in listed]
    if not any(kind for _, kind in split):
        return tuple(("", name) for name, _ in split)
    found: list[tuple[str, str]] = []
    kind = ""
    for name, own in reversed(split):
        kind = own or kind
        found.append((name, kind))
    return tuple(reversed(found))


def _parameter(part: str) -> tuple[str, str]:
    """`name Type`, or a name alone (whose type follows later, or which is itself a type)."""
    head, space, rest = part.partition(" ")
    if space and _WORD.match(head) and head not in ("chan", "func", "map", "struct", "interface"):
        rest = rest.strip()
        return head, "[]" + rest[3:].strip() if rest.startswith("...") else rest
    if "..." in part and _WORD.match(part.partition("...")[0].strip() or "-"):
        name, _, rest = part.partition("...")
        return name.strip(), "[]" + rest.strip()
    return ("[]" + part[3:].strip() if part.startswith("...") else part), ""


def package_name(path: str) -> str:
    """The name that an import path most likely declares."""
    last = path.rsplit("/", 1)[-1]
    if re.fullmatch(r"v\d+", last) and "/" in path:
        last = path.rsplit("/", 2)[-2]
    last = re.sub(r"\.v\d+$", "", last)
    for prefix in ("go-", "go."):
        last = last.removeprefix(prefix)
    for suffix in ("-go", ".go", "_go"):
        last = last.removesuffix(suffix)
    return last.replace("-", "_")


_TAG = re.compile(r'(\w+):"((?:[^"\\]|\\.)*)"')


def tags(text: str) -> dict[str, str]:
    """The keys and values of a struct tag as written, with its quotes."""
    return dict(_TAG.findall(text)) if text else {}


def exported(name: str) -> bool:
    """True when other packages can name it."""
    return name[:1].isupper()


@lru_cache(maxsize=50_000)
def type_base(text: str) -> str:
    """The named type in a written type: pointers, parentheses and type arguments dropped; containers keep their form."""
    text = text.strip().lstrip("*&( ").strip()
    if text.startswith(("[]", "map[", "chan", "<-chan", "func", "struct", "interface")) or text[:1] == "[":
        return text
    return text.partition("[")[0].rstrip(") ")


@lru_cache(maxsize=50_000)
def type_parts(text: str) -> tuple[str, tuple[str, ...]]:
    """A written type as (form, parts): named (name), slice (element), map (key, value), channel (element), function (text),
    structure and interface (text). Arrays count as slices; pointers and type arguments are dropped."""
    text = text.strip().lstrip("*& ")
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip().lstrip("*& ")
    if text.startswith("map["):
        depth = 0
        for index in range(3, len(text)):
            depth += (text[index] == "[") - (text[index] == "]")
            if depth == 0:
                return "map", (text[4:index], text[index + 1 :].strip())
    if text.startswith("["):
        return "slice", (text.partition("]")[2].strip(),)
    for head in ("<-chan ", "chan<- ", "chan "):
        if text.startswith(head):
            return "channel", (text[len(head) :].strip(),)
    if text.startswith("func"):
        return "function", (text,)
    for form, head in (("structure", "struct"), ("interface", "interface")):
        if text.startswith(head) and text[len(head) :].lstrip()[:1] == "{":
            return form, (text,)
    return "named", (text.partition("[")[0].strip(),)


_LAST = re.compile(r"\.(?:\s|//[^\n]*\n|/\*.*?\*/)*(?=[A-Za-z_]\w*\Z)", re.S)


def called_name(callee: str) -> tuple[int, int]:
    """Where the last dot of a called expression stands and where its name begins, what lies between them left out.

    The dot is -1 when there is none before a name.
    """
    dot = callee.rfind(".")
    name = callee[dot + 1 :].lstrip()
    if dot < 0 or name.isidentifier():
        return dot, len(callee) - len(name)
    match = _LAST.search(callee) if "//" in callee or "/*" in callee else None
    return (match.start(), match.end()) if match else (-1, 0)


def alternative(text: str, start: int, header_end: int, end: int) -> int:
    """Offset of the `else` of the if statement at [start, end) with its condition before `header_end`; `end` without one.

    Formatted source is taken for granted: the `else` stands as deep as its `if`.
    """
    line = text[text.rfind("\n", 0, start) + 1 : start]
    indent = line[: len(line) - len(line.lstrip())]
    found = text.find(f"\n{indent}}} else", header_end, end)
    return found if found >= 0 else end


def without_comments(text: str) -> str:
    """Source text for a search by words: comments are left out (and what follows `//` in a string)."""
    return _COMMENT.sub("", text)


def module_of(text: str) -> str:
    """The module path that a go.mod declares, or ''."""
    match = re.search(r"^module\s+\"?([^\s\"]+)", text, re.M)
    return match[1] if match else ""


MODULE_FILE = "go.mod"
_REQUIRE = re.compile(r"^\s*(?:require\s+)?([\w.\-~/]+\.[\w.\-~/]+)\s+(v[\w.\-+]+)", re.M)


def module_versions(text: str) -> dict[str, str]:
    """Required module -> version, as a go.mod pins them."""
    return dict(_REQUIRE.findall(text))


def language_version(text: str) -> tuple[int, ...]:
    """The version of the `go` line of a go.mod, () when there is none."""
    match = re.search(r"(?m)^go (\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


LIMITS = {
    "MaxInt8": 2**7 - 1, "MaxInt16": 2**15 - 1, "MaxInt32": 2**31 - 1, "MaxInt64": 2**63 - 1, "MaxInt": 2**63 - 1,
    "MaxUint8": 2**8 - 1, "MaxUint16": 2**16 - 1, "MaxUint32": 2**32 - 1, "MaxUint64": 2**64 - 1,
}  # fmt: skip
PARSE_DURATION = "time.ParseDuration"
DURATION_TEXT = "String"
# A moment so far from now, as a deadline is written; and what tells the present, the clock of a test included.
MOMENT_AFTER = "time.Time.Add"
MOMENT_TYPE = "time.Time"
PRESENT = re.compile(r"\w*[nN]ow")
DURATION_UNITS = {
    "Seconds": 1e9,
    "Milliseconds": 1e6,
    "Microseconds": 1e3,
    "Nanoseconds": 1.0,
    "Minutes": 60e9,
    "Hours": 3600e9,
}
# Packages whose types are those of another by another name.
SAME_PACKAGES = {"golang.org/x/net/context": "context"}
NUMBER_PARSERS = frozenset("Atoi ParseInt ParseUint ParseFloat ParseBool".split())
# What reads a key of a configuration by its name; and how a row of a table of defaults names the key and its value.
CONFIG_READERS = frozenset(
    "GetInt GetInt32 GetInt64 GetUint GetUint64 GetFloat64 GetDuration GetBool GetString".split()
)
DEFAULT_ROWS = {"Key": "Value", "Name": "Default"}
ENVIRONMENT_TAGS = ("env", "envconfig", "mapstructure", "koanf", "yaml", "json", "toml")
# Those of them that name keys of files, which stand below the key of the struct's own field.
FILE_TAGS = ("mapstructure", "koanf", "yaml", "toml")
DEFAULT_TAGS = ("envDefault", "default", "env-default")
UNSET_SIGNS = ("== 0", "<= 0", "< 1", '== ""', "== nil", "!= nil", "IsZero", "< 0", "not set")
# A verb of a format string; a doubled percent sign is none.
FORMAT_VERB = re.compile(r"%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]")
NEGATED = re.compile(r"!\s*(\w+)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def duration_text(text: str | None) -> float | None:
    """Nanoseconds of a duration as Go writes it (`1m30s`), a bare number counting as nanoseconds; None when it is none."""
    if text is None:
        return None
    plain = text.strip()
    if re.fullmatch(r"\d+", plain):
        return float(plain)
    if not plain or not re.fullmatch(rf"(?:{_DURATION.pattern})+", plain):
        return None
    units = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9}
    return sum(float(number) * units[unit] for number, unit in _DURATION.findall(plain))


_EMBED = re.compile(
    r'^//go:embed[ \t]+"?([\w./*-]+)"?[^\n]*\n(?:[ \t]*//[^\n]*\n)*[ \t]*(?:var[ \t]+)?(\w+)[ \t]+(?:string|\[\]byte)\b',
    re.M,
)


def embedded(text: str) -> dict[str, str]:
    """Name of a package variable -> the file, relative to its own, whose content it holds."""
    return {match[2]: match[1] for match in _EMBED.finditer(text)} if "//go:embed" in text else {}
