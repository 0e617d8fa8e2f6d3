"""SQL text into tokens and statements: offsets kept, template holes marked, migration sections told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class Token(NamedTuple):
    """One token: `kind` is word, name (quoted), string, number, hole (parameter or template) or op.

    `depth` counts open brackets around it; a bracket itself has the depth outside. `upper` is the text in upper case
    for words and operators and '' for anything quoted, so that no keyword is ever read inside quotes.
    """

    kind: str
    text: str
    start: int
    end: int
    depth: int
    upper: str


def words(text: str) -> frozenset[str]:
    """The words of `text`, for lists of keywords that read as prose."""
    return frozenset(text.split())


def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """The `;`-separated phrases of `text`, each as its words."""
    return tuple(tuple(phrase.split()) for phrase in text.split(";"))


_HOLE = r"""
      \{\{.*?\}\} | \$\{[^{}\n]*\} | \{%.*?%\} | \#\{[^{}\n]*\} | \#[A-Za-z_]\w*
    | \{[A-Za-z_]\w*\s*:\s*[A-Za-z]\w*(?:\([^{}]*\))?\} | \{\w*\}
    | %\(\w+\)[sdf] | %(?:\[\d+\])?[-+\#0]?\d*(?:\.\d+)?[sdvqxXfgTUtc](?![A-Za-z0-9])
    | (?<=[\s.(,=])%s(?=\w)
    | \$\d+ | (?<![\w:\])'\"]):[A-Za-z_]\w* | (?<![\w@])@[A-Za-z_]\w* | \?(?![?|&])
"""
_STRING = {True: r"'(?:[^'\\]|\\.|'')*+'", False: r"'(?:[^']|'')*+'"}
_LEXER = {
    backslash: re.compile(
        rf"""
        (?P<space>\s+)
      | (?P<comment>--[^\n]*|(?<![^\n])\\[a-z!][^\n]*|\#(?=[ !])[^\n]*)
      | (?P<block>/\*)
      | (?P<heredoc>(?<!\w)\$(?P<tag>[A-Za-z_]?\w*)\$.*?\$(?P=tag)\$)
      | (?P<string>(?:\b[eEnNbBxX])?{string})
      | (?P<name>`(?:[^`\\]|\\.|``)*+`|"(?:[^"\\]|\\.|"")*+")
      | (?P<hole>{_HOLE})
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$])|0[xX][0-9a-fA-F]+)
      | (?P<word>\w[\w$]*)
      | (?P<op>::|->|<=|>=|!=|<>|\|\||%%|.)
        """,
        re.VERBOSE | re.DOTALL,
    )
    for backslash, string in _STRING.items()
}
_NOT_NEWLINE = re.compile(r"[^\n]")
_BLOCK_EDGE = re.compile(r"/\*|\*/")
_CONTROL = re.compile(r"\{\{-?\s*(?:if|else|end|range|with|block|define|/\*|\w+\s*:=)|\{%")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


def _block_end(text: str, start: int) -> int:
    """The offset after a block comment: nested when its pairs match (PostgreSQL), else up to the first end mark."""
    depth, first = 0, -1
    for edge in _BLOCK_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if edge.group() == "*/" and first < 0:
            first = edge.end()
        if depth == 0:
            return edge.end()
    return first if first >= 0 else len(text)


_ONLY_HOLES = re.compile(rf"(?:{_HOLE})+", re.VERBOSE | re.DOTALL)


def only_holes(name: str) -> bool:
    """True for a name that is nothing but template: it does not say which table it is."""
    return _ONLY_HOLES.fullmatch(name) is not None


def lex(text: str, backslash: bool = True) -> tuple[Token, ...]:
    """The tokens of `text` without space, comments and template control blocks; every character is accounted for.

    `backslash` says whether a backslash escapes inside single quotes (ClickHouse, MySQL) or not (PostgreSQL).
    """
    match = _LEXER[backslash].match
    tokens: list[Token] = []
    position, depth = 0, 0
    while position < len(text):
        found = match(text, position)
        assert found is not None  # the last alternative takes any character
        kind, start = found.lastgroup or "op", position
        position = found.end()
        if kind == "space" or kind == "comment":
            continue
        if kind == "block":
            position = _block_end(text, start)
            continue
        piece = found.group()
        if kind == "hole" and _CONTROL.match(piece):
            continue
        if kind == "heredoc" or kind == "tag":
            kind = "string"
        upper = piece.upper() if kind == "word" else piece if kind == "op" else ""
        if kind == "op" and piece in _CLOSE and depth:
            depth -= 1
        tokens.append(Token(kind, piece, start, position, depth, upper))
        if kind == "op" and piece in _OPEN:
            depth += 1
    return tuple(tokens)


def tokens_of(text: str, dialect_hint: str = "") -> tuple[Token, ...]:
    """Tokens under the quoting rule that fits: the dialect's own, else whichever leaves no quote open."""
    if dialect_hint in {"postgres", "postgresql", "sqlite"}:
        return lex(text, backslash=False)
    tokens = lex(text)
    if "\\" in text and any(token.text == "'" for token in tokens):
        plain = lex(text, backslash=False)
        if not any(token.text == "'" for token in plain):
            return plain
    return tokens


_ROUTINE = frozenset({"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT"})


def split(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """One run of tokens per statement: cut at `;` outside brackets and outside the BEGIN ... END of a routine."""
    current: list[Token] = []
    blocks, routine = 0, False
    for token in tokens:
        if token.text == ";" and token.kind == "op" and blocks == 0:
            if current:
                yield _rebased(current)
            current, routine = [], False
            continue
        if len(current) < 8 and token.upper in _ROUTINE and current and current[0].upper == "CREATE":
            routine = True
        if routine and token.upper in {"BEGIN", "CASE"}:
            blocks += 1
        elif routine and token.upper == "END" and blocks:
            blocks -= 1
        current.append(token)
    if current:
        yield _rebased(current)


def _rebased(tokens: list[Token]) -> tuple[Token, ...]:
    """The same tokens with bracket depth counted from zero, whatever a broken statement before them left open."""
    if tokens[0].depth == 0:
        return tuple(tokens)
    depth, result = 0, []
    for token in tokens:
        if token.kind == "op" and token.text in _CLOSE and depth:
            depth -= 1
        result.append(token._replace(depth=depth))
        if token.kind == "op" and token.text in _OPEN:
            depth += 1
    return tuple(result)


def mask(text: str, tokens: Sequence[Token], edits: Mapping[int, str]) -> str:
    """The slice of `text` under `tokens`, same length and line breaks: comments as spaces, holes as identifiers.

    `edits` replaces the token at an index by a shorter text, padded with spaces. A bare `?` stays: parsers know it.
    """
    pieces: list[str] = []
    position = tokens[0].start
    for index, token in enumerate(tokens):
        pieces.append(_NOT_NEWLINE.sub(" ", text[position : token.start]))
        position = token.end
        if index in edits:
            pieces.append(edits[index] + _NOT_NEWLINE.sub(" ", token.text[len(edits[index]) :]))
        elif token.kind == "hole" and token.text != "?":
            pieces.append("_" * len(token.text))
        elif token.kind == "word":
            pieces.append(token.text.replace("$", "_"))
        else:
            pieces.append("% " if token.text == "%%" else token.text)
    return "".join(pieces)


_MARKER = re.compile(
    r"^[ \t]*--[ \t]*(?:\+goose[ \t]+|migrate:[ \t]*|\+migrate[ \t]+)(up|down)\b", re.IGNORECASE | re.MULTILINE
)
_DOWN_PATH = re.compile(r"(?:[._-]down\.\w+|(?:^|/)U\d[\w.]*__[^/]*|(?:^|/)down(?:\.sql|/[^/]+))$", re.IGNORECASE)
_UP_PATH = re.compile(r"(?:[._-]up\.\w+|(?:^|/)[VR](?:\d[\w.]*)?__[^/]*|(?:^|/)up(?:\.sql|/[^/]+))$")


def migration_direction(path: str, text: str = "") -> str:
    """`up`, `down`, `both` (sections marked in the text) or '' when neither name nor text says so.

    Knows golang-migrate (`.up.sql`), Flyway (`V1__`, `U1__`, `R__`), goose, dbmate and sql-migrate markers.
    """
    marks = {found.group(1).lower() for found in _MARKER.finditer(text)}
    if "down" in marks:
        return "both" if "up" in marks else "down"
    if "up" in marks:
        return "up"
    if _DOWN_PATH.search(path):
        return "down"
    return "up" if _UP_PATH.search(path) else ""


def up_part(text: str) -> str:
    """`text` with every *down* section of goose, dbmate or sql-migrate blanked; lines keep their numbers."""
    marks = list(_MARKER.finditer(text))
    if not marks:
        return text
    pieces, position = [text[: marks[0].start()]], marks[0].start()
    for index, found in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        section = text[found.start() : end]
        pieces.append(section if found.group(1).lower() == "up" else _NOT_NEWLINE.sub(" ", section))
        position = end
    return "".join(pieces) + text[position:]
