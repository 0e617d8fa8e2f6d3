"""A reading position in the tokens of one statement: keywords, names, bracket groups, clauses and lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rda_nb.facts.sql_split import Token, words

_QUOTES = "`\"'"


def unquoted(piece: str) -> str:
    """A quoted name or string without its quotes."""
    return piece[1:-1] if len(piece) > 1 and piece[0] in _QUOTES and piece[-1] == piece[0] else piece


@dataclass(slots=True)
class Cursor:
    """Tokens of one statement and the offset reached in them; `source` is the text that all offsets refer to."""

    source: str
    tokens: Sequence[Token]
    at: int = 0
    clauses: dict[str, int] = field(default_factory=dict)

    def slice(self, tokens: Sequence[Token]) -> str:
        """The original text from the first to the last of `tokens`."""
        return self.source[tokens[0].start : tokens[-1].end] if tokens else ""

    def line(self, token: Token) -> int:
        """The 0-based line of a token in the source text."""
        return self.source.count("\n", 0, token.start)

    def peek(self, ahead: int = 0) -> str:
        """The keyword or operator there, '' at the end and for anything quoted."""
        index = self.at + ahead
        return self.tokens[index].upper if index < len(self.tokens) else ""

    def done(self) -> bool:
        """True when every token was read."""
        return self.at >= len(self.tokens)

    def accept(self, *words: str) -> bool:
        """Step over `words` when they stand here in this order."""
        if any(self.peek(index) != word for index, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def accept_any(self, words: Iterable[str]) -> str:
        """Step over one keyword of `words` and return it, or ''."""
        word = self.peek()
        if word and word in words:
            self.at += 1
            return word
        return ""

    def rest(self) -> Sequence[Token]:
        """Every token not read yet."""
        return self.tokens[self.at :]

    def name(self) -> str:
        """A dotted name here, quotes taken off its parts, holes as written; '' when none stands here."""
        pieces: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            previous = self.tokens[self.at - 1] if pieces else None
            if previous is not None and token.start != previous.end and "." not in (token.text, previous.text):
                break
            if token.kind in {"word", "name", "hole"} or (token.kind == "string" and not pieces):
                if token.kind == "word" and previous is not None and previous.kind == "word":
                    break
                pieces.append(unquoted(token.text))
            elif pieces and (
                token.text == "." or (token.kind == "number" and token.start == self.tokens[self.at - 1].end)
            ):
                pieces.append(token.text)
            elif pieces and token.text == "-" and self._hyphenated():
                pieces.append("-")
            else:
                break
            self.at += 1
        return "".join(pieces)

    def _hyphenated(self) -> bool:
        """True at a hyphen glued between two words or holes, as in `{cluster}-%s`."""
        if self.at + 1 >= len(self.tokens):
            return False
        before, here, after = self.tokens[self.at - 1 : self.at + 2]
        return before.end == here.start and here.end == after.start and "hole" in (before.kind, after.kind)

    def group(self) -> Sequence[Token]:
        """The tokens inside the bracket that opens here, stepping over it; empty when none opens."""
        if self.peek() not in {"(", "[", "{"}:
            return ()
        depth, start = self.tokens[self.at].depth, self.at + 1
        self.at = start
        while self.at < len(self.tokens) and self.tokens[self.at].depth > depth:
            self.at += 1
        inside = self.tokens[start : self.at]
        self.at += 1
        return inside

    def on_cluster(self) -> str:
        """The name after ON CLUSTER when it stands here, else ''."""
        return self.name() if self.accept("ON", "CLUSTER") else ""

    def mark(self, clause: str, token: Token) -> None:
        """Note the line of a clause; the first mention wins."""
        self.clauses.setdefault(clause, self.line(token))

    def items(self, tokens: Sequence[Token]) -> tuple[str, ...]:
        """The original text of each item of a comma-separated list."""
        return tuple(self.slice(part) for part in parts(tokens))

    def settings(self, tokens: Sequence[Token]) -> dict[str, str]:
        """`name = value` pairs, values without quotes."""
        found: dict[str, str] = {}
        for part in parts(tokens):
            if len(part) >= 3 and part[1].text == "=":
                found[unquoted(part[0].text)] = unquoted(self.slice(part[2:]))
        return found


def unwrapped(tokens: Sequence[Token]) -> Sequence[Token]:
    """`tokens` without round brackets that hold the whole of it."""
    while len(tokens) > 2 and tokens[0].text == "(" and tokens[-1].text == ")":
        if any(token.depth == tokens[0].depth for token in tokens[1:-1]):
            break
        tokens = tokens[1:-1]
    return () if [token.text for token in tokens] == ["(", ")"] else tokens


def parts(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The pieces of `tokens` between commas of the outermost level; empty pieces are left out."""
    if not tokens:
        return []
    level = min(token.depth for token in tokens)
    cuts = [-1, *(i for i, token in enumerate(tokens) if token.text == "," and token.depth == level), len(tokens)]
    return [tokens[left + 1 : right] for left, right in pairwise(cuts) if right > left + 1]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its name in upper case, its keyword token and the tokens of its body."""

    name: str
    token: Token
    body: Sequence[Token]


def clauses(tokens: Sequence[Token], phrases: Sequence[tuple[str, ...]]) -> list[Clause]:
    """Cut `tokens` at every phrase that stands at the outermost level; what comes before the first is dropped."""
    if not tokens:
        return []
    level = min(token.depth for token in tokens)
    heads: list[tuple[int, int, str]] = []
    index = 0
    by_word = {phrase[0]: [p for p in phrases if p[0] == phrase[0]] for phrase in phrases}
    while index < len(tokens):
        token = tokens[index]
        step = 1
        if token.kind == "word" and token.depth == level and not (index and tokens[index - 1].text == "."):
            for phrase in by_word.get(token.upper, ()):
                if _is_name(tokens, index + len(phrase), phrase):
                    continue
                if tuple(t.upper for t in tokens[index : index + len(phrase)]) == phrase:
                    heads.append((index, index + len(phrase), " ".join(phrase)))
                    step = len(phrase)
                    break
        index += step
    ends = [*(start for start, _, _ in heads[1:]), len(tokens)][: len(heads)]
    return [Clause(name, tokens[start], tokens[body:end]) for (start, body, name), end in zip(heads, ends, strict=True)]


_NEVER_BEFORE_BRACKET = frozenset({"FORMAT", "SETTINGS", "SAMPLE", "COMMENT", "WINDOW"})
_COMPLETE = words("NULL POPULATE EMPTY EPHEMERAL UNIQUE AUTO_INCREMENT FIRST REMOVE INJECTIVE HIERARCHICAL")


def _is_name(tokens: Sequence[Token], after: int, phrase: tuple[str, ...]) -> bool:
    """True when what follows a would-be keyword shows that it is a column, alias or function of that name."""
    if after >= len(tokens):
        return len(phrase) == 1 and phrase[0] not in _COMPLETE
    following = tokens[after].text
    if following == "(":
        return len(phrase) == 1 and phrase[0] in _NEVER_BEFORE_BRACKET
    return (
        tokens[after].kind == "op"
        and following in {",", "=", ".", ")", "<", ">", "<=", ">=", "!="}
        and (phrase != ("ENGINE",))
    )
