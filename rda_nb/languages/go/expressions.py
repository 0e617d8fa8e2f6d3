"""How Go writes expressions; the only Python that knows its grammar's nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rda_nb.facts.vocabulary import Expression

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


_DOTTED = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
_PLAIN = rf'(?:{_DOTTED}|0|[1-9][0-9]*|"[ !#-\[\]-~]*")'
# A call of a name with nothing but names, plain numbers and plain strings.
_PLAIN_CALL = re.compile(rf"({_DOTTED})\(\s*({_PLAIN}(?:\s*,\s*{_PLAIN})*)?\s*,?\s*\)\Z")
_ARGUMENT = re.compile(_PLAIN)
_TAKES_TYPES = frozenset(("make", "new"))


# (text, offset) -> expression. A chain of calls is asked for link by link: each is built with the whole.
_known: dict[tuple[str, int], Expression] = {}
_MOST_KNOWN = 100_000


def expression(text: str, offset: int) -> Expression:
    """The expression written in `text`, with offsets into the file where it starts at `offset`."""
    key = (text, offset)
    found = _known.get(key)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[key] = _read(text, offset)
    return found


def _read(text: str, offset: int) -> Expression:
    simple = _SIMPLE.match(text)
    if simple is not None and (found := _simple(simple, text, offset)) is not None:
        return found
    if text.endswith(")") and (found := _plain_call(text, offset)) is not None:
        return found
    node = _tree(text)
    if node is None:
        return Expression("other", text, (), offset, offset + len(text))
    return _Builder(text, offset).build(node)


def _plain_call(text: str, offset: int) -> Expression | None:
    """A call that needs no parser; None for any other, and where a word may mean something else than a name."""
    match = _PLAIN_CALL.match(text)
    if match is None or match[1] in _TAKES_TYPES:
        return None
    parts = [expression(match[1], offset)]
    if match[2]:
        start = offset + match.start(2)
        parts += [expression(one[0], start + one.start()) for one in _ARGUMENT.finditer(match[2])]
    if any(part.kind == "other" for part in parts):
        return None
    return Expression("call", "", tuple(parts), offset, offset + len(text))


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

    def kept(self, kind: str, text: str, parts: tuple[Expression, ...], node: Any) -> Expression:
        """An expression that is likely to be asked for by itself too."""
        found = self.make(kind, text, parts, node)
        _known[self.written(node), found.start] = found
        return found

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
        return self.kept("call", "", (self.field(node, "function"), *arguments), node)

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
        return self.kept("literal", self.written(node.child_by_field_name("type")), self._entries(body), node)

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
