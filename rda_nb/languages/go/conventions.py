"""How Go writes expressions, types, parameters, tags and package names; the only Python that knows its grammar's nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rda_nb.facts.vocabulary import Expression

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

_HEAD = b"package p\nvar _ = "
_KINDS = {
    "identifier": "name",
    "int_literal": "number",
    "float_literal": "number",
    "imaginary_literal": "number",
    "rune_literal": "text",
    "interpreted_string_literal": "text",
    "raw_string_literal": "text",
    "nil": "nil",
    "true": "boolean",
    "false": "boolean",
    "iota": "name",
}
_TYPES = {
    "slice_type",
    "array_type",
    "map_type",
    "channel_type",
    "pointer_type",
    "function_type",
    "interface_type",
    "struct_type",
}
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


@lru_cache(maxsize=20_000)
def _tree(text: str) -> Any:
    from rda_nb.languages import pack

    root = pack("go").parser().parse(_HEAD + text.encode("latin-1")).root_node
    declaration = root.named_children[-1] if root.named_child_count else None
    if declaration is None or declaration.type != "var_declaration":
        return None
    value = declaration.named_children[0].child_by_field_name("value")
    return value.named_children[0] if value is not None and value.named_child_count else None


# Most expressions asked for are a name, a chain of names, a plain number or a plain string: no parser is needed for them.
_SIMPLE = re.compile(
    r"""[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z|(?P<number>0|[1-9][0-9]*)\Z|(?P<text>"[ !#-\[\]-~]*")\Z"""
)
_OTHER_WORDS = frozenset(
    "nil true false _ break case chan const continue default defer else fallthrough for func go goto if import interface "
    "map package range return select struct switch type var".split()
)


@lru_cache(maxsize=50_000)
def expression(text: str, offset: int) -> Expression:
    """The expression written in `text`, with offsets into the file where it starts at `offset`."""
    simple = _SIMPLE.match(text)
    if simple is not None and (found := _simple(simple, text, offset)) is not None:
        return found
    node = _tree(text)
    if node is None:
        return Expression("other", text, (), offset, offset + len(text))
    return _Builder(text, offset).build(node)


def _simple(match: re.Match[str], text: str, offset: int) -> Expression | None:
    """The expression that needs no parser; None for a word that is not a name everywhere."""
    if match.lastgroup is not None:
        return Expression(match.lastgroup, text, (), offset, offset + len(text))
    words = text.split(".")
    if not _OTHER_WORDS.isdisjoint(words):
        return None
    end = offset + len(words[0])
    found = Expression("name", words[0], (), offset, end)
    for word in words[1:]:
        end += len(word) + 1
        found = Expression("select", word, (found,), offset, end)
    return found


class _Builder:
    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.shift = offset - len(_HEAD)

    def written(self, node: Any) -> str:
        return self.text[node.start_byte - len(_HEAD) : node.end_byte - len(_HEAD)]

    def make(self, kind: str, text: str, parts: tuple[Expression, ...], node: Any) -> Expression:
        shift = self.shift
        return Expression(kind, text, parts, node.start_byte + shift, node.end_byte + shift)

    def field(self, node: Any, name: str) -> Expression:
        return self.build(node.child_by_field_name(name))

    def build(self, node: Any) -> Expression:
        kind = node.type
        leaf = _KINDS.get(kind)
        if leaf is not None:
            start, end, shift = node.start_byte, node.end_byte, self.shift
            return Expression(leaf, self.text[start - len(_HEAD) : end - len(_HEAD)], (), start + shift, end + shift)
        build = _BUILD.get(kind)
        if build is not None:
            return build(self, node)
        if kind in _TYPES or kind in ("qualified_type", "type_identifier", "generic_type"):
            return self.make("type", self.written(node), (), node)
        return self.make("other", self.written(node), (), node)

    def _parenthesized_expression(self, node: Any) -> Expression:
        return (
            self.build(node.named_children[0])
            if node.named_child_count
            else self.make("other", self.written(node), (), node)
        )

    def _selector_expression(self, node: Any) -> Expression:
        return self.make(
            "select", self.written(node.child_by_field_name("field")), (self.field(node, "operand"),), node
        )

    def _call_expression(self, node: Any) -> Expression:
        listed = node.child_by_field_name("arguments").named_children
        arguments = tuple(self.build(child) for child in listed if child.type != "comment")
        return self.make("call", "", (self.field(node, "function"), *arguments), node)

    def _variadic_argument(self, node: Any) -> Expression:
        return self.build(node.named_children[0])

    def _index_expression(self, node: Any) -> Expression:
        return self.make("index", "", (self.field(node, "operand"), self.field(node, "index")), node)

    def _slice_expression(self, node: Any) -> Expression:
        return self.make("slice", "", (self.field(node, "operand"),), node)

    def _binary_expression(self, node: Any) -> Expression:
        operator = self.written(node.child_by_field_name("operator"))
        return self.make("binary", operator, (self.field(node, "left"), self.field(node, "right")), node)

    def _unary_expression(self, node: Any) -> Expression:
        operator = self.written(node.child_by_field_name("operator"))
        operand = self.field(node, "operand")
        return (
            operand._replace(start=operand.start) if operator == "&" else self.make("unary", operator, (operand,), node)
        )

    def _type_assertion_expression(self, node: Any) -> Expression:
        return self.make("assert", self.written(node.child_by_field_name("type")), (self.field(node, "operand"),), node)

    def _type_conversion_expression(self, node: Any) -> Expression:
        return self.make(
            "convert", self.written(node.child_by_field_name("type")), (self.field(node, "operand"),), node
        )

    def _func_literal(self, node: Any) -> Expression:
        return self.make("function", "", (), node)

    def _composite_literal(self, node: Any) -> Expression:
        body = node.child_by_field_name("body")
        return self.make("literal", self.written(node.child_by_field_name("type")), self._entries(body), node)

    def _literal_value(self, node: Any) -> Expression:
        return self.make("literal", "", self._entries(node), node)

    def _literal_element(self, node: Any) -> Expression:
        return self.build(node.named_children[0])

    def _entries(self, body: Any) -> tuple[Expression, ...]:
        entries = []
        for child in body.named_children:
            if child.type == "keyed_element":
                key, value = self.written(child.child_by_field_name("key")), self.field(child, "value")
                entries.append(self.make("entry", key, (value,), child))
            elif child.type != "comment":
                entries.append(self.make("entry", "", (self.build(child),), child))
        return tuple(entries)


_BUILD: dict[str, Callable[[_Builder, Any], Expression]] = {
    name[1:]: build for name, build in vars(_Builder).items() if re.fullmatch(r"_[a-z]\w*", name) and name != "_entries"
}


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
DURATION_UNITS = {
    "Seconds": 1e9,
    "Milliseconds": 1e6,
    "Microseconds": 1e3,
    "Nanoseconds": 1.0,
    "Minutes": 60e9,
    "Hours": 3600e9,
}
NUMBER_PARSERS = frozenset("Atoi ParseInt ParseUint ParseFloat ParseBool".split())
ENVIRONMENT_TAGS = ("env", "envconfig", "mapstructure", "koanf", "yaml", "json", "toml")
DEFAULT_TAGS = ("envDefault", "default", "env-default")
UNSET_SIGNS = ("== 0", "<= 0", "< 1", '== ""', "== nil", "!= nil", "IsZero", "< 0", "not set")
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
