"""Edits that let a parser take a query: template holes where no operand can stand, and forms that it does not know.

Each edit maps a token's index to a shorter text that `sql_split.mask` pads with spaces, so that offsets stay.
"""

from __future__ import annotations

from collections.abc import Sequence

from rda_nb.facts.sql_split import Token, words

_OPERATORS_AND_KEYWORDS = words("""SELECT FROM WHERE PREWHERE AND OR NOT IN LIKE ILIKE ON BY HAVING LIMIT
    OFFSET VALUES SET JOIN INTERVAL AS THEN ELSE
    WHEN CASE BETWEEN DISTINCT WITH USING UNION ALL INTO TABLE IS SAMPLE SETTINGS FORMAT""")
_CLAUSE_ENDS = words("LIMIT OFFSET SETTINGS FORMAT UNION INTO FETCH FOR SELECT FROM WHERE ORDER GROUP HAVING")


def limit_by_edits(tokens: Sequence[Token]) -> dict[int, str]:
    """Blanks over every `LIMIT n [OFFSET m] BY columns`, which sqlglot confuses with the row limit."""
    edits: dict[int, str] = {}
    for index, token in enumerate(tokens):
        if token.upper != "LIMIT":
            continue
        last, by = index + 1, False
        while last < len(tokens) and tokens[last].depth >= token.depth and tokens[last].text != ")":
            ends = tokens[last].depth == token.depth and tokens[last].upper in _CLAUSE_ENDS
            if ends and (by or tokens[last].upper != "OFFSET"):
                break
            by = by or (tokens[last].upper == "BY" and tokens[last].depth == token.depth)
            last += 1
        if by:
            edits |= dict.fromkeys(range(index, last), "")
    return edits


def hole_edits(tokens: Sequence[Token]) -> dict[int, str]:
    """Edits for holes that stand where no operand can: a blank for a whole clause, `=` between two operands."""
    edits: dict[int, str] = {}
    for index, token in enumerate(tokens):
        if token.kind != "hole" or index == 0 or tokens[index - 1].end == token.start:
            continue
        before = tokens[index - 1]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if before.upper == "WITH" and following is not None and following.text in {"SELECT", ","}:
            edits |= {index: "", index - 1 if following.upper == "SELECT" else index + 1: ""}
            continue
        if before.upper in {"SELECT", "BY", "DISTINCT"} and _operand(following, token.end):
            edits[index] = ""
            continue
        if before.upper in _OPERATORS_AND_KEYWORDS or (before.kind == "op" and before.text not in {")", "]", "*"}):
            continue
        operand = _operand(following, token.end)
        condition = any(t.upper in {"WHERE", "PREWHERE", "AND", "OR", "ON"} for t in tokens[max(0, index - 6) : index])
        edits[index] = "=" if operand and condition else ""
    return edits


def _operand(token: Token | None, after: int) -> bool:
    """True for a token that begins an operand and is not glued to what ends at `after`."""
    if token is None or token.start == after:
        return False
    if token.kind == "word":
        return token.upper not in _OPERATORS_AND_KEYWORDS | _CLAUSE_ENDS
    return token.kind in {"string", "number", "name", "hole"} or token.text == "("


def parametric_edits(tokens: Sequence[Token]) -> dict[int, str]:
    """Blanks over the parameters of `f(parameters)(arguments)` INTO OUTFILE, and a condition word at the very end."""
    edits: dict[int, str] = {}
    for index, token in enumerate(tokens[:-1]):
        if token.text != ")" or tokens[index + 1].text != "(" or tokens[index + 1].start != token.end:
            continue
        first = index - 1
        while first > 0 and tokens[first].depth > token.depth:
            first -= 1
        if first > 0 and tokens[first - 1].kind == "word" and tokens[first - 1].upper not in _OPERATORS_AND_KEYWORDS:
            edits |= dict.fromkeys(range(first, index + 1), "")
    for index, token in enumerate(tokens[:-1]):
        if token.upper == "INTO" and tokens[index + 1].upper == "OUTFILE":
            edits |= dict.fromkeys(range(index, len(tokens)), "")
    if tokens[-1].upper in {"AND", "OR", "WHERE"}:
        edits[len(tokens) - 1] = ""
    return edits
